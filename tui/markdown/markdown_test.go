package markdown

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/alecthomas/chroma/v2"
	"github.com/google/go-cmp/cmp"
)

func TestANSI(t *testing.T) {
	t.Parallel()
	theme := func(s Span) (open, end string) {
		if s.Role == RoleText && !s.Strong {
			return "", ""
		}
		return "[" + s.Role.String() + ">", "<]"
	}
	for _, tt := range []struct {
		name, source string
		width        int
		want         string
	}{
		{
			"spans get the theme's sequences and trailing spaces go",
			"> # T\n>\n> **b** c", 20,
			"[QuoteBar>▌ <][Heading1>T<]\n[QuoteBar>▌ <]\n[QuoteBar>▌ <][Quote>b<][Quote> c<]\n",
		},
		{
			"the pieces of a broken link share an id",
			"[one two](https://a.b/c)", 5,
			"\x1b]8;id=ID;https://a.b/c\x1b\\[Link>one<]\x1b]8;;\x1b\\\n\x1b]8;id=ID;https://a.b/c\x1b\\[Link>two<]\x1b]8;;\x1b\\\n",
		},
		{
			"only the web and mail are hyperlinks",
			"[a](file:///etc/passwd) [b](../c) <d@e.f>", 40,
			"[Link>a<] [Link>b<] \x1b]8;id=ID;mailto:d@e.f\x1b\\[Link>d@e.f<]\x1b]8;;\x1b\\\n",
		},
		{
			"an address cannot end the sequence it is in",
			"[a](<http://x/\x1b\\y\x07z>)", 40,
			"\x1b]8;id=ID;http://x/%1B%5Cy%07z\x1b\\[Link>a<]\x1b]8;;\x1b\\\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc := Render([]byte(tt.source), tt.width, Options{})
			want := tt.want
			if len(doc.Links) > 0 {
				want = strings.ReplaceAll(want, "ID", linkID(doc.Links[len(doc.Links)-1].URL))
			}
			if diff := cmp.Diff(want, ANSI(doc, theme)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBaseHeadingShiftsLevels(t *testing.T) {
	t.Parallel()
	doc := Render([]byte("# One\n\n##### Five"), 40, Options{BaseHeading: 1, Plain: true})
	if diff := cmp.Diff("## One\n\n###### Five\n", doc.Plain()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Render([]byte("# One"), 40, Options{BaseHeading: 1}).Lines[0].Spans[0].Role; got != RoleHeading2 {
		t.Errorf("role %v, want Heading2", got)
	}
}

func TestLineEndsOfOtherSystems(t *testing.T) {
	t.Parallel()
	unix := "# T\n\none\ntwo `a\nb`\n\n```yaml\na: 1\nb: 2\n```\n"
	want := Render([]byte(unix), 40, Options{})
	for _, end := range []string{"\r\n", "\r"} {
		got := Render([]byte(strings.ReplaceAll(unix, "\n", end)), 40, Options{})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with %q (-unix +got):\n%s", end, diff)
		}
	}
}

// A lexer with a faulty rule is not used at all, which nothing else would tell.
func TestEveryLexerWorks(t *testing.T) {
	t.Parallel()
	for language, sample := range map[string]string{
		"yaml": "a: 1", "sh": "ls", "console": "$ ls\nx", "json": "{}", "go": "package a",
		"dockerfile": "FROM a", "ini": "a=b", "diff": "+a",
	} {
		lexer := lexers().Get(lexerName(language))
		if lexer == nil {
			t.Errorf("%s: no lexer", language)
			continue
		}
		tokens, err := chroma.Tokenise(lexer, nil, sample)
		if err != nil || len(tokens) == 0 || tokens[0].Type == chroma.Error {
			t.Errorf("%s: tokens %v, error %v", language, tokens, err)
		}
	}
}

// The clock behind chroma's time limits would be a goroutine that nobody owns.
func TestHighlightStartsNoGoroutine(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"yaml", "sh", "console", "json", "go", "dockerfile", "ini", "diff"} {
		highlight(language, "FROM a\n$ kubectl get pods # x\n", func(string, Role) {})
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	if strings.Contains(string(stacks), "regexp2/v2.runClock") {
		t.Errorf("the clock of regexp2 is running:\n%s", stacks)
	}
}

func TestHighlightKeepsEveryCharacter(t *testing.T) {
	t.Parallel()
	source := codeSource(read(t, "testdata/code.md"))
	for _, language := range []string{"", "yaml", "sh", "console", "json", "go", "dockerfile", "ini", "diff", "klingon"} {
		var b strings.Builder
		highlight(language, source, func(s string, _ Role) { b.WriteString(s) })
		if b.String() != source {
			t.Errorf("%s: %s", language, cmp.Diff(source, b.String()))
		}
	}
}

func TestRenderIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	source := read(t, "testdata/lesson.md")
	want := Render(source, 60, Options{}).Plain()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := Render(source, 60, Options{}).Plain(); got != want {
				t.Error("two layouts of one page differ")
			}
		})
	}
	wg.Wait()
}

func TestCommandsOfASession(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, language, source, want string
	}{
		{"prompts and output go", "console", "$ kubectl get pods\nNAME  READY\n> not typed\n$ ls", "kubectl get pods\nls"},
		{"continued lines stay", "console", "$ kubectl run web \\\n    --image=nginx\npod/web created", "kubectl run web \\\n    --image=nginx"},
		{"so does a here-document", "console", "$ cat <<EOF\n> a\n> EOF\na", "cat <<EOF\na\nEOF"},
		{"a script is taken whole", "sh", "ls\n$ x", "ls\n$ x"},
		{"a session without a prompt", "console", "output", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, CodeBlock{Language: tt.language, Source: tt.source}.Commands()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
