package markdown

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFootnotesStandAtTheEnd(t *testing.T) {
	t.Parallel()
	doc := Render([]byte("One[^a], two[^b], one again[^a].\n\n[^a]: First note\n    goes on.\n[^b]: 第二条。\n"), 40, Options{})
	want := "One[1], two[2], one again[1].\n\n────────\n[1] First note goes on.\n[2] 第二条。\n"
	if diff := cmp.Diff(want, doc.Plain()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Note{{1, 3, "First note goes on."}, {2, 4, "第二条。"}}, doc.Notes); diff != "" {
		t.Error(diff)
	}
	var numbers []int
	for _, s := range doc.Lines[0].Spans {
		if n, ok := NoteOf(s.Link); ok {
			numbers = append(numbers, n)
		}
		if s.Hyperlink() != "" {
			t.Errorf("a footnote is a link of the terminal: %q", s.Link)
		}
	}
	if diff := cmp.Diff([]int{1, 2, 1}, numbers); diff != "" {
		t.Error(diff)
	}
	if got := Render([]byte("No[^x] such note."), 40, Options{}).Plain(); got != "No[^x] such note.\n" {
		t.Errorf("a footnote that is not there: %q", got)
	}
}

func TestHTMLIsShownAsTextWhereItIsWanted(t *testing.T) {
	t.Parallel()
	source := []byte("<div class=\"x\">\nblock\x1b[2J\n</div>\n\nin <b>line</b> a<br>b\n")
	if got := Render(source, 40, Options{}).Plain(); got != "in line a\nb\n" {
		t.Errorf("left out: %q", got)
	}
	want := "<div class=\"x\">\nblock\uFFFD[2J\n</div>\n\nin <b>line</b> a\nb\n"
	if diff := cmp.Diff(want, Render(source, 40, Options{HTML: true}).Plain()); diff != "" {
		t.Error(diff)
	}
}

const wideDiagram = "```text\n┌──────────┐\n│ 一二三四五 │ ─▶ here\n└──────────┘\n```\n"

func TestADiagramIsNotBrokenButSeenThroughAWindow(t *testing.T) {
	t.Parallel()
	for shift, want := range map[int]string{
		0:  "  ┌──────────┐\n  │ 一二三四五›\n  └──────────┘\n",
		3:  "  ‹───────┐\n  ‹二三四五 │ ›\n  ‹───────┘\n",
		10: "  ‹┐\n  ‹  │ ─▶ here\n  ‹┘\n",
	} {
		doc := Render([]byte(wideDiagram), 15, Options{Sideways: true, Shift: shift})
		if diff := cmp.Diff(want, doc.Plain()); diff != "" {
			t.Errorf("shifted by %d: %s", shift, diff)
		}
		if doc.Wide != 22-13 {
			t.Errorf("shifted by %d: Wide is %d, want 9", shift, doc.Wide)
		}
		for i, l := range doc.Lines {
			if l.Width() != 15 {
				t.Errorf("shifted by %d: line %d has %d cells", shift, i, l.Width())
			}
		}
	}
	for width := 1; width < 40; width++ {
		for shift := range 30 {
			for i, l := range Render([]byte(wideDiagram), width, Options{Sideways: true, Shift: shift}).Lines {
				if l.Width() > width {
					t.Fatalf("%d wide, shifted by %d: line %d has %d cells", width, shift, i, l.Width())
				}
			}
		}
	}
	shell := "```bash\nkubectl get pods | grep x --> y\n```\n"
	if doc := Render([]byte(shell), 20, Options{Sideways: true}); doc.Wide > 0 || !strings.Contains(doc.Plain(), "↪") {
		t.Errorf("a command is a diagram: %q", doc.Plain())
	}
}

func TestLinesSayHowTheyGoOn(t *testing.T) {
	t.Parallel()
	doc := Render([]byte("> one two three\n\n一二三四五六七八\n\nhard  \nbreak\n\n```\nlonglonglongline\n```\n"), 11, Options{})
	var got []string
	for _, l := range doc.Lines {
		text := ""
		for _, s := range l.Spans[l.Lead:] {
			text += s.Text
		}
		got = append(got, string("|_~"[l.Join])+strings.TrimRight(text, " "))
	}
	want := []string{"|one two", "_three", "|", "|一二三四五", "~六七八", "|", "|hard", "|break", "|", "|longlongl", "~ongline"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
