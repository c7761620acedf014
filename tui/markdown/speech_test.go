package markdown

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testSpeech() SpeechWords {
	return SpeechWords{Heading: "Heading: %s", Code: "Code:", CodeIn: "Code, %s:", CodeEnd: "End of code.", Drawing: "Drawing:", DrawingEnd: "End of drawing.",
		Quote: "Quote:", QuoteEnd: "End of quote.", Row: "Row %d of %d. ", Cell: "%s: %s", CellEnd: "; ", Image: "Picture: %s", Link: "Link %d: %s, %s", LinkMark: " [%d]",
		TaskDone: "done: ", TaskOpen: "to do: ", Rule: "---", Callout: func(kind string) string { return "callout " + kind }, CalloutBegin: "%s:", CalloutEnd: "End of %s."}
}

// TestSpeak says each part of a page.
func TestSpeak(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ source, want string }{
		"a heading is announced":                 {"## What `x` *is*\n\ntext", "Heading: What `x` is\n\ntext"},
		"lines of a paragraph flow":              {"one\ntwo  \nthree", "one two\nthree"},
		"ideographs are not parted by line ends": {"一个\n地址", "一个地址"},
		"code is announced with its language":    {"```YAML\na:\n\tb: 1\n```", "Code, yaml:\n  a:\n      b: 1\nEnd of code."},
		"code without a language":                {"    indented", "Code:\n  indented\nEnd of code."},
		"a drawing is called one":                {"```\n┌─┐\n└─┘\n```", "Drawing:\n  ┌─┐\n  └─┘\nEnd of drawing."},
		"long code is broken and marked": {"```\nkubectl create deployment web --image=nginx:1.27 --replicas=3 --port=80\n```",
			"Code:\n  kubectl create deployment web\n    ... --image=nginx:1.27\n    ... --replicas=3 --port=80\nEnd of code."},
		"a table is read by rows":    {"| a | b |\n|---|---|\n| 1 | `2` |\n| | 3 |", "Row 1 of 2. a: 1; b: `2`\nRow 2 of 2. b: 3"},
		"a table of nothing":         {"| a | b |\n|---|---|", "a; b"},
		"a callout has ends":         {"> [!WARNING]\n> Hot.\n>\n> - a", "callout warning:\nHot.\n- a\nEnd of callout warning."},
		"a callout of its own title": {"> [!NOTE] Why?\n> So.", "Why?:\nSo.\nEnd of Why?."},
		"a quote has ends":           {"> said", "Quote:\nsaid\nEnd of quote."},
		"lists within lists":         {"1. one\n   - a\n   - b\n2. two\n- [x] yes\n- [ ] no", "1. one\n  - a\n  - b\n2. two\n\n- done: yes\n- to do: no"},
		"an empty item":              {"-\n- b", "-\n- b"},
		"links are numbered":         {"[a](https://x/1) and <https://x/2> and [here](#there)", "a [1] and https://x/2 [2] and\nhere\n\nLink 1: a, https://x/1\nLink 2: https://x/2, https://x/2"},
		"a picture is its caption":   {"![The way](way.png)\n\n![](b.png)", "Picture: The way [1]\n\nPicture: b.png [2]\n\nLink 1: The way, way.png\nLink 2: b.png, b.png"},
		"escapes are text":           {"a\x1b[31mb `\x1b]0;x\a`", "a\ufffd[31mb `\ufffd]0;x\ufffd`"},
		"HTML is left out":           {"<div>x</div>\n\ny<br>z", "y\nz"},
		"a rule":                     {"a\n\n---\n\nb", "a\n\n---\n\nb"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, spoken(Speak([]byte(test.source), 32, testSpeech()))); diff != "" {
				t.Errorf("something else is said (-want +got):\n%s", diff)
			}
		})
	}
}

func spoken(s Speech) string {
	var blocks []string
	for _, b := range s.Blocks {
		blocks = append(blocks, strings.Join(b, "\n"))
	}
	return strings.Join(blocks, "\n\n")
}

// TestSpeakKeepsToTheWidth says pieces of Markdown put together at random.
func TestSpeakKeepsToTheWidth(t *testing.T) {
	t.Parallel()
	pieces := []string{"# h", "文字很长很长很长很长很长很长", "`code span`", "\n\n", "> q\n", "> [!TIP]\n", "- ", "1. ", "| a | b |\n|---|---|\n| 1 | 2 |\n", "```\nx y z 长长长长长长长长\n```\n",
		"[l](http://example.com/a/very/long/address/indeed)", "word ", "averyveryveryverylongwordindeed", "\x1b[1m", "👩‍👩‍👧", "\n", "    code\n", "<b>", "&amp;", "*e*", "e\u0301", "│┌"}
	random := rand.New(rand.NewPCG(7, 7))
	for range 3000 {
		var b strings.Builder
		for range random.IntN(20) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		width := 20 + random.IntN(60)
		for _, block := range Speak([]byte(b.String()), width, testSpeech()).Blocks {
			if len(block) == 0 {
				t.Fatalf("an empty block of %q", b.String())
			}
			for _, line := range block {
				if strings.ContainsAny(line, "\x1b\n\r\a") || Width(line) > width && strings.TrimLeft(line, " -0123456789.") != "" && lead(line) < width-8 {
					t.Fatalf("line %q of %d cells at width %d, of %q", line, Width(line), width, b.String())
				}
			}
		}
	}
}

func lead(line string) int {
	return len(line) - len(strings.TrimLeft(line, " -0123456789.)"))
}
