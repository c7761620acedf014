package notes

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// outline is the titles of pages, indented by their level.
func outline(pages []Page) (out []string) {
	for _, p := range pages {
		out = append(out, fmt.Sprintf("%d %s", p.Level, p.Title))
	}
	return out
}

func mustRead(t *testing.T, data string) *Document {
	t.Helper()
	doc, err := Read([]byte(data), "folder/my notes.md", Options{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestNotesAreCutAtTheirHeadings(t *testing.T) {
	t.Parallel()
	long := "### a\n\n" + strings.Repeat("word ", longSection/5) + "\n\n### b\n\ntext\n"
	for name, tc := range map[string]struct {
		text  string
		title string
		want  []string
	}{
		"no heading":                {"just text", "my notes", []string{"0 my notes"}},
		"nothing":                   {"", "my notes", []string{"0 my notes"}},
		"a title and sections":      {"# T\n\nintro\n\n## A\n\na\n\n### deep\n\nd\n\n## B\n\nb\n", "T", []string{"1 T", "2 A", "2 B"}},
		"text before the first":     {"hello\n\n## A\n\na", "my notes", []string{"0 my notes", "2 A"}},
		"a chapter without text":    {"# T\n\n## A\n\na\n\n## B\n\nb\n", "T › A", []string{"1 T › A", "2 B"}},
		"headings in code":          {"# T\n\n```sh\n# no heading\n```\n\n~~~\n## no\n```\n~~~\n\ntext\n", "T", []string{"1 T"}},
		"an indented #":             {"# T\n\n    # code\n", "T", []string{"1 T"}},
		"a hash tag":                {"# T\n\n#tag is none\n", "T", []string{"1 T"}},
		"closed, styled, with id":   {"## **Bold** `code` [link](http://x) ## {#x}\n\na\n", "my notes", []string{"2 Bold code link ##"}},
		"closed":                    {"## Closed ##\n\na\n", "my notes", []string{"2 Closed"}},
		"underlined":                {"Title\n=====\n\na\n\nSection\n---\n\nb\n", "Title", []string{"1 Title", "2 Section"}},
		"a list and a rule":         {"# T\n\n- a\n---\nb\n", "T", []string{"1 T"}},
		"a table":                   {"# T\n\n| a |\n---\nb\n", "T", []string{"1 T"}},
		"a long section":            {"## S\n\n" + long, "my notes", []string{"2 S › a", "3 b"}},
		"a short one keeps its ###": {"## S\n\ntext\n\n### a\n\nx\n", "my notes", []string{"2 S"}},
		"front matter":              {"---\ntitle: \"From above\"\ntags: [a]\n---\n# T\n\na\n", "From above", []string{"1 T"}},
		"TOML":                      {"+++\ntitle = 'Toml'\n+++\na\n", "Toml", []string{"0 Toml"}},
		"a rule at the start":       {"---\n\nprose here, no key\n\n---\n\nmore\n", "my notes", []string{"0 my notes"}},
		"Windows line ends":         {"# T\r\n\r\na\r\n\r\n## B\r\n\r\nb", "T", []string{"1 T", "2 B"}},
	} {
		doc := mustRead(t, tc.text)
		if diff := cmp.Diff(tc.want, outline(doc.Pages)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if doc.Title != tc.title {
			t.Errorf("%s: the title is %q, want %q", name, doc.Title, tc.title)
		}
	}
}

func TestAVeryLongSectionIsCutAtBlankLinesOutsideOfCode(t *testing.T) {
	t.Parallel()
	text := "## S\n\n" + strings.Repeat("A paragraph of some words.\n\n", 4000) + "```\n" + strings.Repeat("code\n\n", 20000) + "```\n"
	pages := mustRead(t, text).Pages
	if len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
	var whole int
	for _, p := range pages {
		if strings.Count(p.Body, "```")%2 != 0 {
			t.Errorf("a page of %d bytes tears a block of code", len(p.Body))
		}
		whole += strings.Count(p.Body, "paragraph") + strings.Count(p.Body, "code")
	}
	if whole != 24000 {
		t.Errorf("%d of 24000 lines are left", whole)
	}
}

func TestAPageHasTheDefinitionsThatItUses(t *testing.T) {
	t.Parallel()
	doc := mustRead(t, "# A\n\nsee [docs] and[^1]\n\n## B\n\nno link\n\n[docs]: https://example.com\n[^1]: A note\n    that goes on.\n")
	want := "see [docs] and[^1]\n\n[docs]: https://example.com\n[^1]: A note\n    that goes on.\n"
	if diff := cmp.Diff(want, doc.Pages[0].Body); diff != "" {
		t.Error(diff)
	}
}

func TestEncodingsAreTold(t *testing.T) {
	t.Parallel()
	const text = "# 标题\n\n这是一个 Pod 的笔记，里面有中文。\n"
	units := func(order binary.AppendByteOrder, mark bool) []byte {
		var b []byte
		s := text
		if mark {
			s = "\ufeff" + text
		}
		for _, u := range utf16.Encode([]rune(s)) {
			b = order.AppendUint16(b, u)
		}
		return b
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	gb18030, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		data     []byte
		encoding string
		invalid  int
		want     string
	}{
		"UTF-8":             {[]byte(text), UTF8, 0, text},
		"UTF-8 with a mark": {[]byte("\ufeff" + text), UTF8, 0, text},
		"UTF-16 LE":         {units(binary.LittleEndian, true), UTF16, 0, text},
		"UTF-16 BE":         {units(binary.BigEndian, true), UTF16, 0, text},
		"GBK":               {gbk, GB18030, 0, text},
		"GB18030":           {gb18030, GB18030, 0, text},
		"Latin-1":           {[]byte("Caf\xe9 cr\xe8me, M\xfcnchen \x80 5\n"), Windows1252, 0, "Café crème, München € 5\n"},
		"a torn character":  {[]byte(text + "\xe4\xb8"), UTF8, 1, text + "\uFFFD"},
		"ASCII in UTF-16":   {utf16Of("plain English text, unmarked"), UTF16, 0, "plain English text, unmarked"},
	} {
		got, r, err := decode(tc.data, false)
		if err != nil || got != tc.want || r.Encoding != tc.encoding || r.Invalid != tc.invalid {
			t.Errorf("%s: %q, %+v, %v", name, got, r, err)
		}
	}
	if got, _, err := decode([]byte(text+"\xe4\xb8"), true); err != nil || got != text {
		t.Errorf("a file that was cut ends in %q, %v", got[len(got)-5:], err)
	}
}

func utf16Of(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func TestWhatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip("this test binary cannot be read: ", err)
	}
	for name, data := range map[string][]byte{
		"a program":      program[:min(len(program), 1<<20)],
		"a PNG":          []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
		"controls":       bytes.Repeat([]byte{1, 2, 3, 'a'}, 100),
		"UTF-16 garbage": append([]byte{0xff, 0xfe}, bytes.Repeat([]byte{1, 0}, 100)...),
	} {
		if _, err := Read(data, "x", Options{}); !errors.Is(err, ErrBinary) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read([]byte{0xff, 0xfe, 0, 0, 'a', 0, 0, 0}, "x", Options{}); !errors.Is(err, errUTF32) {
		t.Errorf("UTF-32: %v", err)
	}
	if doc, err := Read([]byte("\x1b[31mred\x1b[0m text\n"), "x", Options{}); err != nil || !strings.Contains(doc.Text, "red") {
		t.Errorf("coloured text: %v", err)
	}
}

// FuzzRead wants valid text of every input that is not refused, in at least one
// page, and nothing lost by cutting.
func FuzzRead(f *testing.F) {
	f.Add([]byte("# T\n\n## A\n\n```\n# x\n```\n"), false)
	f.Add([]byte("---\ntitle: x\n---\n[^1]\n\n[^1]: y"), true)
	f.Add([]byte("\xff\xfea\x00"), false)
	f.Add([]byte("ä½ å¥½ â€œ"), false)
	f.Fuzz(func(t *testing.T, data []byte, raw bool) {
		doc, err := Read(data, "n.md", Options{Raw: raw})
		if err != nil {
			return
		}
		if len(doc.Pages) == 0 || !utf8.ValidString(doc.Text) {
			t.Fatalf("%d pages, valid: %v", len(doc.Pages), utf8.ValidString(doc.Text))
		}
		bodies := 0
		for _, p := range doc.Pages {
			if !utf8.ValidString(p.Body) || !utf8.ValidString(p.Title) {
				t.Fatal("a page is not UTF-8")
			}
			bodies += len(strings.Fields(p.Body)) + len(strings.Fields(p.Title))
		}
		if bodies == 0 && len(strings.Fields(strings.Trim(doc.Text, "#=-\n \t"))) > 0 && !strings.ContainsAny(doc.Text, "#[*_`=-") {
			t.Fatalf("nothing is left of %q", doc.Text)
		}
	})
}
