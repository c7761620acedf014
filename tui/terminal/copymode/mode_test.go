package copymode

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// page is a Text of lines; one that ends in \ goes on in the next.
type page struct {
	first uint64
	lines []string
}

func text(lines ...string) *page { return &page{lines: lines} }

func (p *page) Bounds() (uint64, uint64) { return p.first, p.first + uint64(len(p.lines)) }

func (p *page) Plain(n uint64) (string, bool) {
	if n < p.first || n >= p.first+uint64(len(p.lines)) {
		return "", false
	}
	return strings.CutSuffix(p.lines[n-p.first], `\`)
}

func (p *page) Line(n uint64) Line {
	s, wrapped := p.Plain(n)
	l := Line{Wrapped: wrapped}
	column := 0
	for _, r := range s {
		w := 1
		if r > 0x2000 {
			w = 2
		}
		l.Cells = append(l.Cells, Cell{Text: string(r), Column: column, Width: w})
		column += w
	}
	return l
}

func TestMotions(t *testing.T) {
	t.Parallel()
	lines := []string{"kubectl get pods", "", "web-7d9c 正在 运行", "  ready: 3/3", "last"}
	for _, tc := range []struct {
		name string
		from Point
		how  []Motion
		want Point
	}{
		{"up keeps the column it aims for", Point{2, 4}, []Motion{Up, Up}, Point{0, 4}},
		{"down too", Point{0, 9}, []Motion{Down, Down, Down}, Point{3, 9}},
		{"right over a wide character", Point{2, 9}, []Motion{Right}, Point{2, 11}},
		{"left stops at the edge", Point{0, 1}, []Motion{Left, Left, Left}, Point{0, 0}},
		{"right stops at the end", Point{4, 3}, []Motion{Right}, Point{4, 3}},
		{"the end of a line", Point{2, 0}, []Motion{LineEnd}, Point{2, 16}},
		{"the first character", Point{3, 5}, []Motion{LineText}, Point{3, 2}},
		{"the start", Point{3, 5}, []Motion{LineStart}, Point{3, 0}},
		{"the next word", Point{0, 0}, []Motion{WordNext, WordNext}, Point{0, 12}},
		{"the next word is in another line", Point{0, 12}, []Motion{WordNext}, Point{2, 0}},
		{"a name is one word", Point{2, 0}, []Motion{WordNext}, Point{2, 9}},
		{"the end of a word", Point{0, 0}, []Motion{WordEnd, WordEnd}, Point{0, 10}},
		{"the word before", Point{0, 10}, []Motion{WordBack, WordBack}, Point{0, 0}},
		{"the word before is in another line", Point{2, 0}, []Motion{WordBack}, Point{0, 12}},
		{"no word after the last", Point{4, 0}, []Motion{WordNext, WordEnd}, Point{4, 3}},
		{"top and bottom", Point{2, 2}, []Motion{Top, Bottom}, Point{4, 0}},
		{"a page up and down", Point{4, 0}, []Motion{PageUp, PageUp, PageUp, PageDown}, Point{2, 0}},
		{"half a page", Point{4, 0}, []Motion{HalfUp}, Point{3, 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := New(text(lines...), 20, 3, 0)
			m.to(tc.from)
			for _, how := range tc.how {
				m.Move(how)
			}
			if got := m.At(); got != tc.want {
				t.Errorf("at %v, want %v", got, tc.want)
			}
		})
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	lines := []string{"NAME  STATUS", `a long command that was wra\`, "pped here", "网站 运行中", "end"}
	for _, tc := range []struct {
		name     string
		from, to Point
		how      Selecting
		want     string
	}{
		{"within a line", Point{0, 6}, Point{0, 11}, Characters, "STATUS"},
		{"backwards", Point{0, 11}, Point{0, 6}, Characters, "STATUS"},
		{"lines that were wrapped are one", Point{1, 2}, Point{2, 3}, Characters, "long command that was wrapped"},
		{"over lines", Point{2, 5}, Point{3, 2}, Characters, "here\n网站"},
		{"whole lines", Point{2, 3}, Point{3, 5}, Lines, "pped here\n网站 运行中\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := New(text(lines...), 30, 5, 0)
			m.to(tc.from)
			m.Select(tc.how)
			m.to(tc.to)
			if diff := cmp.Diff(tc.want, m.Selected()); diff != "" {
				t.Errorf("selected (-want +got):\n%s", diff)
			}
			if !m.Clear() || m.Selected() != "" || m.Clear() {
				t.Error("the selection is not taken back")
			}
		})
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	lines := []string{"Error: pod web", "error: 没有找到 Pod", `a line that is wrapped in the mid\`, "dle of a word", "POD pod"}
	places := func(query string) []Match {
		m := New(text(lines...), 40, 3, 0)
		m.Search(query, true)
		return m.matches
	}
	for _, tc := range []struct {
		query string
		want  []Match
	}{
		{"error", []Match{{Point{0, 0}, Point{0, 5}}, {Point{1, 0}, Point{1, 5}}}},
		{"Error", []Match{{Point{0, 0}, Point{0, 5}}}},
		{"pod", []Match{{Point{0, 7}, Point{0, 10}}, {Point{1, 16}, Point{1, 19}}, {Point{4, 0}, Point{4, 3}}, {Point{4, 4}, Point{4, 7}}}},
		{"没有", []Match{{Point{1, 7}, Point{1, 11}}}},
		{"middle", []Match{{Point{2, 30}, Point{3, 3}}}},
		{"[.*", nil},
		{"", nil},
	} {
		if diff := cmp.Diff(tc.want, places(tc.query)); diff != "" && len(tc.want)+len(places(tc.query)) > 0 {
			t.Errorf("%q (-want +got):\n%s", tc.query, diff)
		}
	}
	m := New(text(lines...), 40, 3, 0)
	if !m.Search("pod", true) {
		t.Fatal("no match")
	}
	var went []Point
	went = append(went, m.At())
	for range 4 {
		m.Again(false)
		went = append(went, m.At())
	}
	m.Again(true)
	went = append(went, m.At())
	if diff := cmp.Diff([]Point{{1, 16}, {0, 7}, {4, 4}, {4, 0}, {1, 16}, {4, 0}}, went); diff != "" {
		t.Errorf("n n n n N went (-want +got):\n%s", diff)
	}
	if q, at, of := m.Found(); q != "pod" || at != 3 || of != 4 {
		t.Errorf("found %q %d/%d", q, at, of)
	}
	if m.Search("nothing like it", false) {
		t.Error("found what is not there")
	}
}

func TestViewMarksWhatIsOnTheScreen(t *testing.T) {
	t.Parallel()
	m := New(text("one pod", "two", "three pod pod", "four"), 20, 2, 0)
	m.to(Point{3, 0})
	m.Search("pod", true)
	m.Select(Characters)
	m.Move(Down)
	top, marks := m.View()
	want := []Mark{{2, 6, 9, Matched}, {2, 10, 13, Current}, {2, 10, 20, Chosen}, {3, 0, 4, Chosen}}
	if diff := cmp.Diff(want, marks); diff != "" || top != 2 {
		t.Errorf("top %d, marks (-want +got):\n%s", top, diff)
	}
	if back, of := m.Position(); back != 0 || of != 2 {
		t.Errorf("position %d/%d, want 0/2", back, of)
	}
}

func TestTheReaderStaysOnTheirLines(t *testing.T) {
	t.Parallel()
	p := text("a", "b", "c", "d", "e", "f")
	m := New(p, 10, 2, 3)
	m.Move(Up)
	at := m.At()
	p.lines = append(p.lines, "g", "h", "i")
	if top, _ := m.View(); m.At() != at || top != 1 {
		t.Errorf("after more lines at %v, top %d; want %v, 1", m.At(), top, at)
	}
	p.first, p.lines = 4, p.lines[4:] // the oldest lines are gone
	if top, _ := m.View(); top != 4 || m.At().Line != 4 {
		t.Errorf("after the lines are gone at %v, top %d", m.At(), top)
	}
}

// TestNothingLeavesTheText does things at random on a text that changes.
func TestNothingLeavesTheText(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 7))
		p := text("first 行")
		m := New(p, 10, 3, 0)
		for step := range 2000 {
			switch n := random.IntN(12); n {
			case 0:
				p.lines = append(p.lines, strings.Repeat("字 ab-c ", random.IntN(4))+[]string{"", `\`}[random.IntN(2)])
			case 1:
				if len(p.lines) > 5 {
					p.first, p.lines = p.first+2, p.lines[2:]
				}
			case 2:
				m.Resize(random.IntN(30), random.IntN(8))
			case 3:
				m.Select(Selecting(random.IntN(3)))
			case 4:
				m.Search([]string{"ab", "字", "zzz", ""}[random.IntN(4)], random.IntN(2) == 0)
			case 5:
				m.Again(random.IntN(2) == 0)
			case 6:
				m.Go(random.IntN(20)-5, random.IntN(12)-3)
			case 7:
				m.Scroll(random.IntN(9) - 4)
			case 8:
				m.Clear()
			default:
				m.Move(Motion(random.IntN(int(ScreenEnd) + 1)))
			}
			_ = m.Selected()
			top, marks := m.View()
			first, end := p.Bounds()
			at := fmt.Sprintf("seed %d step %d: at %v, top %d of %d-%d, %d high", seed, step, m.At(), top, first, end, m.height)
			if x, y := m.Cursor(); m.At().Line < first || m.At().Line >= end || y < 0 || y >= m.height || x < 0 || top < first {
				t.Fatal(at)
			}
			for _, mark := range marks {
				if mark.Line < top || mark.Line >= top+uint64(m.height) || mark.From < 0 || mark.From > mark.To {
					t.Fatalf("%s: mark %v", at, mark)
				}
			}
		}
	}
}
