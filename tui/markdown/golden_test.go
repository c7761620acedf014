package markdown

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden compares each page of testdata, laid out at several widths, with
// its .golden file.
func TestGolden(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("testdata/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages in testdata: %v", err)
	}
	for _, page := range pages {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
			t.Parallel()
			got := golden(read(t, page))
			file := strings.TrimSuffix(page, ".md") + ".golden"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(read(t, file)), got); diff != "" {
				t.Errorf("layout changed (-want +got); go test -update if it is meant:\n%s", diff)
			}
		})
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// golden describes a page as plain text at three widths, in plain mode, and
// with the role of each span.
func golden(source []byte) string {
	var b strings.Builder
	for _, width := range []int{30, 60, 80} {
		fmt.Fprintf(&b, "== width %d\n%s", width, Render(source, width, Options{}).Plain())
	}
	fmt.Fprintf(&b, "== plain, width 60\n%s", Render(source, 60, Options{Plain: true}).Plain())
	doc := Render(source, 60, Options{CalloutTitle: func(kind string) string { return "title of " + kind }})
	b.WriteString("== spans, width 60\n")
	for _, l := range doc.Lines {
		b.WriteString(describe(l))
	}
	b.WriteString("== index\n")
	for _, h := range doc.Headings {
		fmt.Fprintf(&b, "heading %d %q id=%q line=%d\n", h.Level, h.Text, h.ID, h.Line)
	}
	for _, l := range doc.Links {
		fmt.Fprintf(&b, "link %q %s\n", l.Text, l.URL)
	}
	for _, c := range doc.Code {
		fmt.Fprintf(&b, "code %s %q\n", c.Language, c.Source)
	}
	return b.String()
}

// describe writes a line as its spans: <Role flags|text>.
func describe(l Line) string {
	var b strings.Builder
	if l.Block >= 0 {
		fmt.Fprintf(&b, "%d:", l.Block)
	}
	for _, s := range l.Spans {
		if s.Style == (Style{}) {
			b.WriteString(s.Text)
			continue
		}
		b.WriteString("<" + s.Role.String())
		for _, f := range []struct {
			set  bool
			name string
		}{{s.Strong, " strong"}, {s.Emphasis, " emphasis"}, {s.Strike, " strike"}} {
			if f.set {
				b.WriteString(f.name)
			}
		}
		if s.Link != "" {
			b.WriteString(" ->" + s.Link)
			if s.Hyperlink() == "" {
				b.WriteString(" (inert)")
			}
		}
		b.WriteString("|" + s.Text + ">")
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}
