package markdown

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Marks that must not begin or end a line. Narrow ones are left out: a lone "-"
// or "." may begin a word.
const (
	neverFirst = "。，、；：？！…）］｝〉》」』】〕〗’”％"
	neverLast  = "（［｛〈《「『【〔〖‘“"
)

// TestEveryWidth lays every page of testdata out at all widths a terminal may
// have, and checks what the package promises.
func TestEveryWidth(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("testdata/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages in testdata: %v", err)
	}
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			source := read(t, page)
			for width := 1; width <= 120; width++ {
				for _, plain := range []bool{false, true} {
					doc := Render(source, width, Options{Plain: plain})
					checkLines(t, doc, width)
					if width >= 20 {
						checkKinsoku(t, doc, width)
					}
				}
			}
		})
	}
}

// checkLines fails if a line is too wide, measures itself wrongly or holds a
// control character.
func checkLines(t *testing.T, doc Doc, width int) {
	t.Helper()
	for i, l := range doc.Lines {
		measured := 0
		for _, s := range l.Spans {
			w := Width(s.Text)
			if w != s.Width {
				t.Errorf("width %d, line %d: span %q says it is %d cells wide, it is %d", width, i, s.Text, s.Width, w)
			}
			measured += w
			for _, r := range s.Text + s.Link {
				if isControl(r) {
					t.Errorf("width %d, line %d: control character %U in %q", width, i, r, s.Text)
				}
			}
			if !utf8.ValidString(s.Text) {
				t.Errorf("width %d, line %d: invalid UTF-8 in %q", width, i, s.Text)
			}
		}
		if measured > width {
			t.Errorf("width %d, line %d is %d cells wide: %q", width, i, measured, l.Plain())
		}
		if l.Block >= len(doc.Code) || l.Block < -1 {
			t.Errorf("width %d, line %d: block %d of %d", width, i, l.Block, len(doc.Code))
		}
	}
	for _, h := range doc.Headings {
		if h.Line < 0 || h.Line >= len(doc.Lines) {
			t.Errorf("width %d: heading %q on line %d of %d", width, h.Text, h.Line, len(doc.Lines))
		}
	}
}

// checkKinsoku fails if a line of flowing text begins or ends with a mark that
// may not stand there.
func checkKinsoku(t *testing.T, doc Doc, width int) {
	t.Helper()
	for i, l := range doc.Lines {
		if l.Block >= 0 {
			continue
		}
		text := l.Plain()
		cells := []string{text}
		if strings.HasPrefix(text, "│") || strings.HasPrefix(text, "|") {
			cells = strings.FieldsFunc(text, func(r rune) bool { return r == '│' || r == '|' })
		}
		for _, cell := range cells {
			cell = strings.Trim(cell, " ▌•◦>-")
			if cell == "" {
				continue
			}
			first, _ := utf8.DecodeRuneInString(cell)
			last, _ := utf8.DecodeLastRuneInString(cell)
			if strings.ContainsRune(neverFirst, first) {
				t.Errorf("width %d, line %d begins with %c: %q", width, i, first, text)
			}
			if strings.ContainsRune(neverLast, last) {
				t.Errorf("width %d, line %d ends with %c: %q", width, i, last, text)
			}
		}
	}
}

// FuzzRender checks that no source breaks the package's promises.
func FuzzRender(f *testing.F) {
	pages, err := filepath.Glob("testdata/*.md")
	if err != nil || len(pages) == 0 {
		f.Fatalf("no pages in testdata: %v", err)
	}
	for i, page := range pages {
		f.Add(read(f, page), 13*i%120, i%2 == 0)
	}
	f.Add([]byte("|a|\n|-|\n|\u0301|"), 1, true)
	f.Add([]byte("\u0600\x00 \u0600[a\u0600**\xff** 🇨[]🇳 🇨\n🇳 ☺\u200b\ufe0f *\ufe0f e&#x301; \\*\ufe0f"), 21, false)
	f.Add([]byte("0. a\n```go\n\t\xff\x1b\n"), 9, false)
	f.Add([]byte("\u0600\xff ＡＢ\u302a\u200d👩‍👩‍👧‍👦🇨🇳e\u0301\u00ad"), 3, false)
	f.Fuzz(func(t *testing.T, source []byte, width int, plain bool) {
		if width < 1 || width > 120 || len(source) > 1<<14 {
			return
		}
		doc := Render(source, width, Options{Plain: plain})
		checkLines(t, doc, width)
		for _, c := range doc.Code {
			if strings.ContainsFunc(c.Source, func(r rune) bool { return isControl(r) && r != '\n' && r != '\t' }) {
				t.Errorf("control character in the code to copy: %q", c.Source)
			}
		}
		if strings.ContainsRune(doc.Plain(), 0x1b) {
			t.Error("ESC in plain text")
		}
	})
}

// FuzzWrap checks that wrapping loses nothing but spaces.
func FuzzWrap(f *testing.F) {
	for _, page := range []string{"kinsoku.md", "inlinecode.md", "control.md"} {
		f.Add(string(read(f, "testdata/"+page)), 17)
	}
	f.Add("ends with an accented space \u05bb and more", 29)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if width < 2 || width > 120 || len(text) > 1<<12 {
			return
		}
		lines := Wrap(text, width)
		for _, l := range lines {
			if Width(l) > width {
				t.Errorf("%q is %d cells wide, not %d", l, Width(l), width)
			}
		}
		squeeze := func(s string) string {
			return strings.Map(func(r rune) rune {
				if classify(r, 1) == classSpace {
					return -1
				}
				return r
			}, s)
		}
		if got, want := squeeze(strings.Join(lines, "")), squeeze(Clean(text)); got != want {
			t.Errorf("wrapped to %d:\ngot  %q\nwant %q", width, got, want)
		}
	})
}
