package markdown

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWidth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       int
	}{
		{"empty", "", 0},
		{"ASCII", "kubectl get pods", 16},
		{"ideographs take two cells", "容器", 4},
		{"full-width marks take two cells", "（，。）", 8},
		{"quotes and dashes of ambiguous width take one", "“中”…—", 6},
		{"Hangul and kana", "포드ポ", 6},
		{"half-width kana", "ｶﾅ", 2},
		{"a combining mark takes none", "e\u0301中\u0301", 3},
		{"a family is one emoji", "👨‍👩‍👧", 2},
		{"a tab counts as the space that replaces it", "a\tb", 3},
		{"control characters count as their replacement", "\x1b[m", 3},
		{"dropped characters count nothing", "a\u202eb\u200bc\u00ad", 3},
		{"an invalid byte counts as its replacement", "a\xffb", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Width(tt.text); got != tt.want {
				t.Errorf("Width(%q) = %d, want %d", tt.text, got, tt.want)
			}
			if got := Width(Clean(tt.text)); got != tt.want {
				t.Errorf("Width(Clean(%q)) = %d, want %d", tt.text, got, tt.want)
			}
		})
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		width      int
		tail, want string
	}{
		{"what fits is left alone", "nginx", 5, "…", "nginx"},
		{"the tail counts", "nginx:1.27", 6, "…", "nginx…"},
		{"an ideograph is not halved", "一个容器", 4, "…", "一…"},
		{"a tail of several cells", "deployment", 6, "...", "dep..."},
		{"no room for the tail", "deployment", 2, "...", "de"},
		{"no room at all", "deployment", 0, "…", ""},
		{"a negative width", "deployment", -3, "…", ""},
		{"an accent stays with its letter", "re\u0301sume\u0301", 4, "…", "re\u0301s…"},
		{"escape sequences are disarmed", "\x1b[31mred", 20, "…", "\uFFFD[31mred"},
		{"line ends become spaces", "one\r\ntwo\nthree", 20, "…", "one two three"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Truncate(tt.text, tt.width, tt.tail); got != tt.want {
				t.Errorf("Truncate(%q, %d, %q) = %q, want %q", tt.text, tt.width, tt.tail, got, tt.want)
			}
		})
	}
}

func TestPad(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		width int
		want  string
	}{
		{"web", 5, "web  "},
		{"容器", 5, "容器 "},
		{"一个容器", 6, "一个… "},
		{"一个容器", 0, ""},
	} {
		if got := Pad(tt.text, tt.width); got != tt.want {
			t.Errorf("Pad(%q, %d) = %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		width      int
		want       []string
	}{
		{"empty text is one empty line", "", 10, []string{""}},
		{"words", "scale the web", 9, []string{"scale the", "web"}},
		{"a closing mark takes its ideograph along", "一二三四，五", 8, []string{"一二三", "四，五"}},
		{"an opening mark goes with what it opens", "一二三（四）", 8, []string{"一二三", "（四）"}},
		{"an opening mark keeps its spaces", "one ( two", 7, []string{"one", "( two"}},
		{"curly quotes", "他说“好”吗", 5, []string{"他说", "“好”", "吗"}},
		{"a path is torn at a slash", "/etc/kubernetes/pki", 12, []string{"/etc/", "kubernetes/", "pki"}},
		{"a camelCase name is torn between its words", "terminationGracePeriodSeconds", 18, []string{"terminationGrace", "PeriodSeconds"}},
		{"a word without any joint is torn anywhere", "aaaaaaaaaa", 4, []string{"aaaa", "aaaa", "aa"}},
		{"a torn word keeps its closing mark", "aaaa。", 4, []string{"aaa", "a。"}},
		{"line ends are kept", "one\n\n  two", 10, []string{"one", "", "  two"}},
		{"a no-break space does not break", "a 10\u00a0MB", 5, []string{"a", "10\u00a0MB"}},
		{"a character wider than the line has one of its own", "一二", 1, []string{"一", "二"}},
		{"width zero", "ab", 0, []string{"a", "b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, Wrap(tt.text, tt.width)); diff != "" {
				t.Errorf("Wrap(%q, %d) (-want +got):\n%s", tt.text, tt.width, diff)
			}
		})
	}
}

func TestWrapIndent(t *testing.T) {
	t.Parallel()
	got := WrapIndent("期望：三个副本就绪，找到：一个。", 16, "✗ ", "    ")
	want := []string{"✗ 期望：三个副本", "    就绪，找到：", "    一个。"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWrapSpansKeepsStyles(t *testing.T) {
	t.Parallel()
	got := WrapSpans([]Span{
		{Text: "run "},
		{Text: "kubectl get", Style: Style{Role: RoleCode}},
		{Text: "，看看"},
	}, 11)
	want := []Line{
		{Block: -1, Spans: []Span{{Text: "run ", Width: 4}, {Text: "kubectl", Width: 7, Style: Style{Role: RoleCode}}}},
		{Block: -1, Spans: []Span{{Text: "get", Width: 3, Style: Style{Role: RoleCode}}, {Text: "，看看", Width: 6}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
