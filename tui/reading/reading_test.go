package reading

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

func page(source string, width int) *Page {
	return New(markdown.Render([]byte(source), width, markdown.Options{}))
}

// sources are the pages that package markdown is tested with.
func sources(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../markdown/testdata/*.md")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d pages: %v", len(files), err)
	}
	all := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = string(data)
	}
	return all
}

func TestTextIsFoundWhateverBreaksIt(t *testing.T) {
	t.Parallel()
	const source = "The **quick** `brown` fox,\njumps over. 这是一个很长的中文句子，**服务**（Service）换行也要找到。\n\n> quoted text that goes on and on\n\n```bash\nkubectl get pods --all-namespaces\n```\n"
	for query, want := range map[string]int{
		"quick brown fox": 1, "fox, jumps": 1, "QUICK": 0, "Quick": 0, "service": 1, "Service": 1,
		"很长的中文句子，服务（Service）换行": 1, "text that goes on and on": 1, "on": 2 + 0, "kubectl get pods --all-namespaces": 1,
		"": 0, "nowhere": 0, "fox,\njumps": 0,
	} {
		for width := 9; width < 70; width += 6 {
			p := page(source, width)
			if got := p.Find(query); len(got) != want || p.Count(query) != want {
				t.Errorf("%d wide: %q is found %d times, want %d in\n%s", width, query, len(got), want, p.String())
			}
		}
	}
}

// TestSearchAgreesWithTheText looks for random pieces of pages: they are found
// where they are, their marked cells spell them, and marking changes no line.
func TestSearchAgreesWithTheText(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for name, source := range sources(t) {
		for _, width := range []int{20, 37, 80} {
			p := page(source, width)
			runes := []rune(p.String())
			for range 40 {
				from := random.IntN(len(runes))
				query := string(runes[from:min(len(runes), from+1+random.IntN(12))])
				if strings.ContainsAny(query, "\n") {
					continue
				}
				if random.IntN(2) == 0 {
					query = strings.Map(unicode.ToLower, query)
				}
				found := p.Find(query)
				if len(found) == 0 && query == fold(query) {
					t.Fatalf("%s, %d wide: %q is not found", name, width, query)
				}
				var marks []Mark
				for _, m := range found {
					if got := p.String()[m.Start:m.End]; got != query && fold(got) != query {
						t.Fatalf("%s: %q is found as %q", name, query, got)
					}
					marks = append(marks, Mark{m, markdown.MarkMatch})
				}
				var spelled strings.Builder
				for i, before := range p.Doc.Lines {
					after := p.Marked(i, marks)
					if after.Plain() != before.Plain() || after.Width() != before.Width() {
						t.Fatalf("%s: marking %q changes line %d from %q to %q", name, query, i, before.Plain(), after.Plain())
					}
					for _, s := range after.Spans {
						if s.Mark == markdown.MarkMatch {
							spelled.WriteString(strings.ReplaceAll(s.Text, " ", ""))
						}
						if s.Width != markdown.Width(s.Text) {
							t.Fatalf("%s: a span %q is said to have %d cells", name, s.Text, s.Width)
						}
					}
				}
				want := strings.ReplaceAll(strings.Repeat(query, len(found)), " ", "")
				if got := fold(spelled.String()); len(got) < len(want) || !strings.Contains(got, fold(strings.ReplaceAll(query, " ", ""))) && len(found) > 0 {
					t.Fatalf("%s, %d wide: %q, found %d times, is marked as %q", name, width, query, len(found), got)
				}
			}
		}
	}
}

func TestAPlaceIsKeptAtAnyWidth(t *testing.T) {
	t.Parallel()
	for name, source := range sources(t) {
		narrow, wide := page(source, 40), page(source, 100)
		for i := range narrow.Doc.Lines {
			at := narrow.Place(i)
			back := narrow.Line(at, true)
			if narrow.Place(back).Letters != at.Letters {
				t.Errorf("%s: line %d comes back as %d", name, i, back)
			}
			there := wide.Line(at, true)
			if got := wide.Place(there).Letters; got > at.Letters {
				t.Errorf("%s: line %d is at letter %d, on the wide page at %d", name, i, at.Letters, got)
			}
		}
		if narrow.Line(wide.Place(0), true) != 0 {
			t.Errorf("%s: the start is not the start", name)
		}
	}
}

func TestAPlaceIsKeptInTheOtherLanguage(t *testing.T) {
	t.Parallel()
	en, zh := page("# One\n\nfirst words here\n\n## Two\n\nsecond words\n\nthird\n", 20), page("# 一\n\n开头\n\n## 二\n\n第二段\n\n第三\n", 20)
	for i, want := range []string{"一", "开头", "开头", "二", "二", "第二段", "第二段", "第三", "第三"} {
		line := zh.Line(en.Place(i), false)
		if got := zh.Doc.Lines[line].Plain(); want != "" && got != want {
			t.Errorf("line %d (%s) is %q in Chinese, want %q", i, en.Doc.Lines[i].Plain(), got, want)
		}
	}
}

func TestWhatIsUnderTheMouse(t *testing.T) {
	t.Parallel()
	p := page("- 看[文档](https://x.y/) here\n", 30)
	for cell, want := range map[int]string{0: "", 1: "", 2: "看", 3: "看", 4: "文", 7: "档", 9: "h", 25: ""} {
		s, offset, ok := p.At(0, cell)
		got := ""
		if ok {
			got = string([]rune(p.String()[offset:])[:1])
		}
		if got != want {
			t.Errorf("cell %d holds %q, want %q", cell, got, want)
		}
		if link := s.Link != ""; ok && link != (cell >= 4 && cell < 8) {
			t.Errorf("cell %d: the link is %q", cell, s.Link)
		}
	}
	for offset := range p.String() {
		line, cell := p.Cell(offset)
		if _, at, ok := p.At(line, cell); !ok || at != offset {
			t.Errorf("offset %d is drawn in line %d, cell %d, where %d is", offset, line, cell, at)
		}
	}
}

func TestProseLeavesOutCodeHeadingsAndLinks(t *testing.T) {
	t.Parallel()
	p := page("# Pod\n\nA *Pod*, `Pod`, [Pod](x) and **Pod**.\n\n```text\nPod\n```\n\n- Pod\n", 60)
	if got := strings.Count(p.Prose(), "Pod"); got != 3 {
		t.Errorf("%d Pods in %q, want 3", got, p.Prose())
	}
	if diff := cmp.Diff(len(p.String()), len(p.Prose())); diff != "" {
		t.Error(diff)
	}
}

func TestAnEmptyPage(t *testing.T) {
	t.Parallel()
	p := page("", 20)
	if p.Find("x") != nil || p.Line(Place{3, 4, 1, 2}, true) != 0 || p.Place(7) != (Place{}) {
		t.Error("an empty page holds something")
	}
	if _, _, ok := p.At(0, 0); ok {
		t.Error("there is something under the mouse")
	}
}

// BenchmarkPage200KB is what is done after the layout of a long page.
func BenchmarkPage200KB(b *testing.B) {
	source := strings.Repeat(sources(b)["lesson.md"]+"\n", 60)
	doc := markdown.Render([]byte(source), 80, markdown.Options{})
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		New(doc)
	}
}

// BenchmarkFind200KB searches it.
func BenchmarkFind200KB(b *testing.B) {
	p := page(strings.Repeat(sources(b)["lesson.md"]+"\n", 60), 80)
	for b.Loop() {
		p.Find("pod")
	}
}
