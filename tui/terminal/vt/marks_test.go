package vt

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// marked returns the marks that a terminal of 40x6 tells for s, in which NONCE
// stands for the word it knows.
func marked(s string) []Mark {
	var got []Mark
	term := New(40, 6, Options{Nonce: "n0nce", Scrollback: 100, Mark: func(m Mark) { got = append(got, m) }})
	write(term, []byte(strings.ReplaceAll(s, "NONCE", "n0nce")))
	return got
}

const begin, end = "\x1b]133;C;aid=NONCE\a", "\x1b]133;D;1;aid=NONCE\a"

func TestMarks(t *testing.T) {
	t.Parallel()
	ran := func(line string, exit int, output string) []Mark {
		return []Mark{{Kind: MarkBegin, Line: line}, {Kind: MarkEnd, Line: line, Exit: exit, Output: output}}
	}
	for _, tc := range []struct {
		name, in string
		want     []Mark
	}{
		{"a command with its line, status and output",
			"\x1b]633;E;kubectl get po;NONCE\a" + begin + "\x1b[31mError\x1b[m: 没有\r\n" + end,
			ran("kubectl get po", 1, "Error: 没有")},
		{"escapes in the line", `` + "\x1b]633;E;" + `echo \x3b \\n a\x0ab \x1b[31mred` + ";NONCE\a" + begin + end,
			ran("echo ; \\n a\nb [31mred", 1, "")},
		{"the line is read from the screen when the shell does not tell it",
			"$ \x1b]133;B;aid=NONCE\a  kubectl get pods -o wide --namespace default 末\r\n" + begin + end,
			ran("kubectl get pods -o wide --namespace default 末", 1, "")},
		{"a prompt is told", "\x1b]133;A;aid=NONCE\a", []Mark{{Kind: MarkPrompt}}},
		{"marks without the nonce, or with another, are nothing",
			"\x1b]133;A\a\x1b]133;C\a\x1b]133;D;0\a\x1b]133;C;aid=other\a\x1b]633;E;rm -rf /;other\a\x1b]133;C;aid=\a", nil},
		{"fake marks of the program that runs end nothing",
			"\x1b]633;E;true;NONCE\a" + begin + "\x1b]133;D;0\a\x1b]633;E;fake;x\afakeo\x1b]133;D;0;aid=x\a" + end,
			ran("true", 1, "fakeo")},
		{"an end before a beginning, and a second beginning", end + begin + begin + end + end, ran("", 1, "")},
		{"a status that is none", begin + "\x1b]133;D;256;aid=NONCE\a\x1b]133;D;-1;aid=NONCE\a\x1b]133;D;x;aid=NONCE\a\x1b]133;D;255;aid=NONCE\a",
			ran("", 255, "")},
		{"a progress bar is its last state", begin + " 10%\r 20%\r100%\r\ndone" + end, ran("", 1, "100%\ndone")},
		{"what is on the alternate screen is not output", begin + "a\r\n\x1b[?1049hvim\x1b[?1049lb" + end, ran("", 1, "a\nb")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, marked(tc.in)); diff != "" {
				t.Errorf("marks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutANonceThereAreNoMarks(t *testing.T) {
	t.Parallel()
	told := 0
	term := New(40, 6, Options{Mark: func(Mark) { told++ }})
	write(term, []byte("\x1b]133;C;aid=\a\x1b]133;D;0;aid=\a\x1b]633;E;x;\a"))
	if told != 0 {
		t.Errorf("%d marks were told", told)
	}
}

func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(begin)
	for i := range 100_000 {
		fmt.Fprintf(&b, "line %d 行\r\n", i)
	}
	b.WriteString(strings.Repeat("x", 100_000) + "\r\nlast\r\n" + end)
	marks := marked(b.String())
	if len(marks) != 2 {
		t.Fatalf("%d marks", len(marks))
	}
	out := marks[1].Output
	if len(out) > maxHead+maxTail+16 {
		t.Errorf("%d bytes of output", len(out))
	}
	if !strings.HasPrefix(out, "line 0 行\nline 1 行\n") || !strings.Contains(out, "\n…\n") || !strings.HasSuffix(out, "\nlast") {
		t.Errorf("the output begins with %.40q and ends with %q", out, out[len(out)-40:])
	}
}
