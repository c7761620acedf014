package vt

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScreen(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in, want string
	}{
		{"wide characters that fill a row exactly stay together", "一二三四五六七八", "一二三四五\n六七八"},
		{"a wide character that does not fit wraps whole", "a一二三四五六", "a一二三四\n五六"},
		{"writing over the right half of a wide character clears its left half", "一二\x1b[2GX", " X二"},
		{"writing over the left half clears the right half", "一二\x1b[GX", "X 二"},
		{"a combining mark joins the character before it", "cafe\u0301!", "cafe\u0301!"},
		{"a combining mark joins the last character of a full row", "0123456789\u0301", "0123456789\u0301"},
		{"a combining mark with nothing before it is dropped", "a\r\n\u0301b", "a\nb"},
		{"the members of a family are one character", "👨\u200d👩\u200d👧|", "👨\u200d👩\u200d👧|"},
		{"two flags are two characters", "🇨🇳🇺🇸|", "🇨🇳🇺🇸|"},
		{"characters that turn the direction of text are dropped", "a\u202eb\u2066c", "abc"},
		{"a count larger than the screen is the size of the screen", "ab\x1b[1000000@c\x1b[1000000D\x1b[1000000Bd", "abc\n\n\nd"},
		{"a repeated character stops at a screenful", "x\x1b[1000000bé", "xxxxxxxxxx\nxxxxxxxxxx\nxxxxxxxxxx\nxé"},
		{"a title is not printed, whatever bytes it has", "\x1b]0;末日 “quoted” ✳\x07ok", "ok"},
		{"a device control string is not printed", "\x1bP+q544e\x1b\\ok", "ok"},
		{"a broken sequence does not swallow the next one", "\x1b[12\x18ab\x1b]0;title\x1b[31mcd", "abcd"},
		{"the scroll region scrolls alone", "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\nX\x1b[r", "1\n3\nX\n4"},
		{"lines are inserted and deleted within the region", "1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[L\x1b[H\x1b[M", "\n2\n3"},
		{"insert mode pushes the line", "bcd\r\x1b[4ha\x1b[4l", "abcd"},
		{"tab stops are every eight columns, and can be set", "a\tb\r\n\x1b[3g\x1b[5G\x1bH\ra\tb", "a       b\na   b"},
		{"a backward tab returns to the stop before", "0123456789\x1b[9G\x1b[ZX", "X123456789"},
		{"the alternate screen leaves the main one as it was", "main\x1b[?1049h\x1b[HALT\x1b[?1049l!", "main!"},
		{"the cursor is saved with its style", "\x1b7abc\x1b8X", "Xbc"},
		{"line drawing characters are translated", "\x1b(0lqk\x1b(Bq", "┌─┐q"},
		{"invalid UTF-8 shows as the replacement character", "a\xe4\xb8b\xff", "a\ufffd\ufffdb\ufffd"},
		{"without wrapping the last column is overwritten", "\x1b[?7l0123456789ab", "012345678b"},
		{"a full reset blanks the screen", "abc\x1bcx", "x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, screenAfter(10, 4, tc.in)); diff != "" {
				t.Errorf("screen (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRepliesComeInOrderAndMayUseTheTerminal(t *testing.T) {
	t.Parallel()
	var got []string
	var term *Terminal
	term = New(20, 5, Options{
		Foreground: RGB(0xdd, 0xee, 0xff),
		Background: RGB(0x10, 0x20, 0x30),
		Reply: func(b []byte) {
			term.Cursor() // would deadlock if the lock were held
			got = append(got, string(b))
		},
	})
	write(term, []byte("ab\x1b[c\x1b[>c\x1b[5n\x1b[6n\x1b[?u\x1b[18t\x1b[?2004h\x1b[?2004$p\x1b[?9999$p\x1b]11;?\x07\x1b[>q"))
	want := []string{
		"\x1b[?62;22c", "\x1b[>1;10;0c", "\x1b[0n", "\x1b[1;3R", "\x1b[?0u", "\x1b[8;5;20t",
		"\x1b[?2004;1$y", "\x1b[?9999;0$y", "\x1b]11;rgb:1010/2020/3030\x1b\\", "\x1bP>|k8stutor\x1b\\",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
}

func TestCommandsAreReported(t *testing.T) {
	t.Parallel()
	var got []string
	bells := 0
	term := New(40, 5, Options{
		Command: func(n int, text string) { got = append(got, fmt.Sprintf("%d %s", n, text)) },
		Bell:    func() { bells++ },
	})
	write(term, []byte("\x1b]133;A\x07$ ls 末\x07\x1b]133;C\x1b\\\r\nno\r\n\x1b]133;D;2\x07\x1b]2;标题 \x9c\x07"))
	if diff := cmp.Diff([]string{"133 A", "133 C", "133 D;2", "2 标题 \x9c"}, got); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if bells != 1 {
		t.Errorf("%d bells, want 1", bells)
	}
	if got := term.Title(); got != "标题 " {
		t.Errorf("title %q", got)
	}
}

func TestStyles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		sgr  string
		want Style
	}{
		{"1;31;44", Style{Attr: Bold, Foreground: Indexed(1), Background: Indexed(4)}},
		{"93;100", Style{Foreground: Indexed(11), Background: Indexed(8)}},
		{"38;5;208", Style{Foreground: Indexed(208)}},
		{"38;2;1;2;3;1", Style{Foreground: RGB(1, 2, 3), Attr: Bold}},
		{"48:2::10:20:30", Style{Background: RGB(10, 20, 30)}},
		{"48:2:10:20:30", Style{Background: RGB(10, 20, 30)}},
		{"4:3;58:5:9", Style{Underline: UnderlineCurly, UnderlineColor: Indexed(9)}},
		{"1;2;3;7;9;22;27", Style{Attr: Italic | Strike}},
		{"31;0", Style{}},
		{"38;2;1", Style{}},
	} {
		term := New(10, 2, Options{})
		write(term, []byte("\x1b["+tc.sgr+"mX"))
		if diff := cmp.Diff(Cell{Text: "X", Width: 1, Style: tc.want}, term.Cell(0, 0)); diff != "" {
			t.Errorf("SGR %s (-want +got):\n%s", tc.sgr, diff)
		}
		again := New(10, 2, Options{})
		write(again, []byte(term.Render(0)[0]))
		if diff := cmp.Diff(term.Cell(0, 0), again.Cell(0, 0)); diff != "" {
			t.Errorf("SGR %s rendered and read again (-want +got):\n%s", tc.sgr, diff)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	term := New(20, 2, Options{})
	write(term, []byte("a\x1b]8;id=1;https://kubernetes.io/zh-cn/\x1b\\b\x1b]8;;\x1b\\c\x1b]8;;bad\nlink\x07d"))
	var got []string
	for x := range 4 {
		got = append(got, term.Cell(x, 0).Style.Link)
	}
	if diff := cmp.Diff([]string{"", "https://kubernetes.io/zh-cn/", "", ""}, got); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	want := "a\x1b]8;;https://kubernetes.io/zh-cn/\x1b\\\x1b[0mb\x1b]8;;\x1b\\\x1b[0mcd" + strings.Repeat(" ", 16)
	if diff := cmp.Diff(want, term.Render(0)[0]); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
}

func TestScrollback(t *testing.T) {
	t.Parallel()
	term := New(10, 3, Options{Scrollback: 4})
	for i := range 20 {
		write(term, fmt.Appendf(nil, "line %d\r\n", i))
	}
	if n, total := term.Scrollback(), term.Scrolled(); n != 4 || total != 18 {
		t.Fatalf("%d lines kept of %d, want 4 of 18", n, total)
	}
	var got []string
	for y := -5; y < 3; y++ {
		got = append(got, term.Line(y))
	}
	want := []string{"", "line 14", "line 15", "line 16", "line 17", "line 18", "line 19", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines from -5 on (-want +got):\n%s", diff)
	}
	want = []string{"line 14   ", "line 15   ", "line 16   "}
	if diff := cmp.Diff(want, term.Render(100)); diff != "" {
		t.Errorf("scrolled back as far as it goes (-want +got):\n%s", diff)
	}
	write(term, []byte("\x1b[?1049h\n\n\n\n\x1b[?1049l"))
	if got := term.Scrolled(); got != 18 {
		t.Errorf("the alternate screen scrolled into the history: %d lines", got)
	}
	write(term, []byte("\x1b[3J"))
	if n := term.Scrollback(); n != 0 {
		t.Errorf("%d lines after ED 3, want 0", n)
	}
}

func TestResize(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name          string
		in            string
		width, height int
		want          string
		cursor        string
		history       int
	}{
		{"narrower wraps", "0123456789\r\n$ ", 6, 4, "012345\n6789\n$", "2,2", 0},
		{"wider joins what was wrapped", "0123456789abc\r\n$ ", 20, 4, "0123456789abc\n$", "2,1", 0},
		{"wide characters stay whole", "一二三四五\r\n$ ", 5, 5, "一二\n三四\n五\n$", "2,3", 0},
		{"a column left empty by a wide character is not text", "a一二三四五", 12, 4, "a一二三四五", "11,0", 0},
		{"less height keeps the cursor in sight", "1\r\n2\r\n3\r\n4", 10, 2, "3\n4", "1,1", 2},
		{"less height of a screen not full loses nothing", "1\r\n2", 10, 2, "1\n2", "1,1", 0},
		{"more height brings history back", "1\r\n2\r\n3\r\n4\r\n5\r\n6", 10, 6, "1\n2\n3\n4\n5\n6", "1,5", 0},
		{"a cleared screen stays clear", "1\r\n2\r\n3\r\n4\r\n5\x1b[2J\x1b[H$ ", 10, 6, "$", "2,0", 1},
		{"a coloured bar is cut, not wrapped", "\x1b[44mbar\x1b[K\x1b[m\r\n$", 6, 4, "bar\n$", "1,1", 0},
		{"text after the cursor is kept", "1\r\n2\r\n3\x1b[H", 10, 3, "1\n2\n3", "0,0", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			term := New(10, 4, Options{Scrollback: 100})
			write(term, []byte(tc.in))
			term.Resize(tc.width, tc.height)
			if diff := cmp.Diff(tc.want, strings.TrimRight(term.Screen(), "\n")); diff != "" {
				t.Errorf("screen (-want +got):\n%s", diff)
			}
			c := term.Cursor()
			if got := fmt.Sprintf("%d,%d", c.X, c.Y); got != tc.cursor {
				t.Errorf("cursor at %s, want %s", got, tc.cursor)
			}
			if n := term.Scrollback(); n != tc.history {
				t.Errorf("%d lines of history, want %d", n, tc.history)
			}
			check(t, term)
		})
	}
}

func TestResizeAndBackLosesNoText(t *testing.T) {
	t.Parallel()
	term := New(40, 8, Options{Scrollback: 2000})
	for i := range 30 {
		write(term, fmt.Appendf(nil, "第 %d 行：Service 把请求转发给就绪的 Pod，一个也不漏。\r\n", i))
	}
	want := term.Screen()
	for _, w := range []int{13, 80, 7, 2, 55, 40} {
		term.Resize(w, 8)
		check(t, term)
	}
	if diff := cmp.Diff(want, term.Screen()); diff != "" {
		t.Errorf("screen (-before +after):\n%s", diff)
	}
}

func TestTablesForgetWhatIsNoLongerShown(t *testing.T) {
	t.Parallel()
	term := New(10, 3, Options{Scrollback: 5})
	for i := range 50_000 {
		write(term, fmt.Appendf(nil, "\x1b[38;2;%d;%d;%dm\x1b]8;;https://k8s.io/%d\x07e%c%c\r\n",
			i>>16, i>>8&255, i&255, i, 0x300+i%0x30, 0x300+i/0x30%0x30))
	}
	if n := len(term.styles.items); n > 3*tableSize {
		t.Errorf("%d styles are kept", n)
	}
	if n := len(term.links.items); n > 3*tableSize {
		t.Errorf("%d links are kept", n)
	}
	c := term.Cell(0, 1)
	want := Cell{
		Text: string([]rune{'e', rune(0x300 + 49_999%0x30), rune(0x300 + 49_999/0x30%0x30)}), Width: 1,
		Style: Style{Foreground: RGB(0, 49_999>>8, 49_999&255), Link: "https://k8s.io/49999"},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("newest cell (-want +got):\n%s", diff)
	}
}

func TestCursorShape(t *testing.T) {
	t.Parallel()
	term := New(10, 3, Options{})
	for n, want := range []Cursor{
		{Visible: true, Shape: CursorBlock, Blink: true}, {Visible: true, Shape: CursorBlock, Blink: true},
		{Visible: true, Shape: CursorBlock}, {Visible: true, Shape: CursorUnderline, Blink: true},
		{Visible: true, Shape: CursorUnderline}, {Visible: true, Shape: CursorBar, Blink: true}, {Visible: true, Shape: CursorBar},
	} {
		write(term, fmt.Appendf(nil, "\x1b[%d q", n))
		if got := term.Cursor(); got != want {
			t.Errorf("shape %d: %+v, want %+v", n, got, want)
		}
	}
	write(term, []byte("\x1b[?25l"))
	if term.Cursor().Visible {
		t.Error("hidden cursor is visible")
	}
}

func TestVersionChangesWithTheScreen(t *testing.T) {
	t.Parallel()
	term := New(10, 3, Options{})
	v := term.Version()
	write(term, []byte("a"))
	if term.Version() == v {
		t.Error("version is the same after a write")
	}
	v = term.Version()
	term.Resize(11, 3)
	if term.Version() == v {
		t.Error("version is the same after a resize")
	}
	v = term.Version()
	term.Screen()
	if term.Version() != v {
		t.Error("version changed by reading")
	}
}

func BenchmarkWrite(b *testing.B) {
	var numbers, table, chinese strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&numbers, "%d\r\n", i)
		fmt.Fprintf(&table, "\x1b[1mweb-%05d\x1b[m   \x1b[32mRunning\x1b[m   %d   10.244.0.%d   \x1b[2m%dd\x1b[m\r\n", i, i%3, i%255, i%90)
		chinese.WriteString("Service 把请求转发给标签匹配且就绪的 Pod；没有就绪的 Pod 时，它的端点为空。\r\n")
	}
	for _, bm := range []struct{ name, data string }{
		{"numbers", numbers.String()}, {"table", table.String()}, {"chinese", chinese.String()},
	} {
		b.Run(bm.name, func(b *testing.B) {
			term := New(80, 24, Options{Scrollback: 10_000})
			data := []byte(bm.data)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				write(term, data)
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	term := New(120, 36, Options{})
	write(term, []byte(strings.Repeat("\x1b[32mRunning\x1b[m 就绪的 Pod ", 150)))
	b.ReportAllocs()
	for b.Loop() {
		term.Render(0)
	}
}

func BenchmarkResize(b *testing.B) {
	term := New(120, 36, Options{Scrollback: 10_000})
	for i := range 12_000 {
		write(term, fmt.Appendf(nil, "web-%05d   1/1   Running   0   %ds   10.244.0.%d   k8stutor\r\n", i, i, i%250))
	}
	w := 120
	for b.Loop() {
		w = 180 - w
		term.Resize(w, 36)
	}
}
