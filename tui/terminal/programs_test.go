//go:build unix

package terminal_test

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// needs skips a test on a machine without a program.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}

func TestLessInThePane(t *testing.T) {
	t.Parallel()
	needs(t, "less")
	tt := startHost(t)
	tt.Type("for i in {1..300}; do echo 第 $i 行 of a log; done | less -N\r")
	tt.Wait("┃┃      18 第 18 行 of a log")
	tt.Type("/第 222\r")
	tt.Wait("222 第 222 行")
	tt.Wheel(30, 5, 2)
	tt.Wait("┃┃     216 第 216 行")
	tt.Type("q")
	tt.Wait("┃┃ $")
	tt.Gone("216 第") // the main screen is back
}

// TestAnEditorThatAProgramStarts is what `kubectl edit` does: it writes a file,
// starts $EDITOR on it and reads it again.
func TestAnEditorThatAProgramStarts(t *testing.T) {
	t.Parallel()
	needs(t, "vim")
	tt := startHost(t)
	tt.Type("export EDITOR='vim -n -u NONE -N'\r")
	tt.Type(`clear; printf 'spec:\n  replicas: 1\n' >d.yaml; sh -c '$EDITOR d.yaml'; grep -c 'replicas: 3 # 三个' d.yaml` + "\r")
	tt.Wait("┃┃   replicas: 1")
	tt.Type("/1\rr3A # 三个")
	tt.Wait("┃┃   replicas: 3 # 三个")
	tt.Keys("esc")
	tt.Type(":wq\r")
	tt.Wait("┃┃ 1\n")
	tt.Wait("┃┃ $")
}

func TestNanoInThePane(t *testing.T) {
	t.Parallel()
	needs(t, "nano")
	tt := startHost(t)
	tt.Type("nano -I pod.yaml\r")
	tt.Wait("GNU nano")
	tt.Type("kind: Pod # 最小的单元")
	tt.Wait("┃┃ kind: Pod # 最小的单元")
	tt.Keys("ctrl+s", "ctrl+x")
	tt.Gone("GNU nano")
	tt.Type("clear; cat pod.yaml\r")
	tt.Wait("┃┃ kind: Pod # 最小的单元\n")
}

func TestJobControl(t *testing.T) {
	t.Parallel()
	tt := startHost(t)
	tt.Type("echo ready; cat\r")
	tt.Wait("┃┃ ready") // before that the shell would get what is typed
	tt.Type("one 一\r")
	tt.Until("cat repeats the line", func(s string) bool { return strings.Count(s, "┃┃ one 一") == 2 })
	tt.Keys("ctrl+z")
	tt.Wait("Stopped")
	tt.Type("clear; jobs; echo $((40+2))\r")
	tt.Wait("┃┃ 42")
	tt.Wait("┃┃ $")
	tt.Type("clear; fg\r")
	tt.Wait("cat\n")
	tt.Gone("42")
	tt.Type("two 二\r")
	tt.Until("cat goes on", func(s string) bool { return strings.Count(s, "┃┃ two 二") == 2 })
	tt.Keys("ctrl+d")
	tt.Wait("┃┃ $")
	tt.Type("clear; echo sleeps; sleep 300\r")
	tt.Wait("┃┃ sleeps")
	tt.Keys("ctrl+c")
	tt.Wait("┃┃ $")
	tt.Type("echo status $?\r")
	tt.Wait("status 130")
}

func TestPasteInThePane(t *testing.T) {
	t.Parallel()
	tt := startHost(t)
	tt.Type("bind 'set enable-bracketed-paste on'; clear\r")
	tt.Gone("bracketed-paste")
	tt.Paste("echo 粘$((1))贴\necho zwei\n")
	tt.Wait("echo zwei")
	if s := tt.Screen(); strings.Contains(s, "粘1贴") {
		t.Errorf("the paste was run:\n%s", s)
	}
	tt.Type("\r")
	tt.Wait("┃┃ 粘1贴\n")
	tt.Wait("┃┃ zwei\n")
}

func TestColoursReachTheScreen(t *testing.T) {
	t.Parallel()
	tt := startHost(t)
	tt.Type(`clear; printf '\033[38;2;12;34;56m\033[48;5;200mRGB\033[m\033[1;3;4:3;9;31mALL\033[m\033[7m反\033[m\n'` + "\r")
	tt.Wait("┃┃ RGBALL反")
	want := map[string]vt.Style{
		"R": {Foreground: vt.RGB(12, 34, 56), Background: vt.Indexed(200)},
		"A": {Foreground: vt.Indexed(1), Attr: vt.Bold | vt.Italic | vt.Strike, Underline: vt.UnderlineCurly},
		"反": {Attr: vt.Reverse},
	}
	snap := tt.Terminal().Snapshot()
	for y, row := range snap.Cells {
		if !strings.Contains(tt.Terminal().Line(y), "┃┃ RGBALL反") {
			continue
		}
		for _, c := range row {
			if style, ok := want[c.Text]; ok && c.Style == style {
				delete(want, c.Text)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not shown so: %+v", want)
	}
}

func TestResizeWrapsAnew(t *testing.T) {
	t.Parallel()
	tt := startHost(t)
	tt.Type("clear; for i in {1..30}; do echo $i 一二三四五六七八九十一二三四五六七八九十 end $i; done\r")
	tt.Wait("end 30")
	tt.Resize(50, 16) // the pane is 30 columns wide
	tt.Wait("课程 50x16")
	tt.Wait("┃┃ 30 一二三四五六七八九十一二三\n")
	tt.Wait("┃┃ 四五六七八九十 end 30\n")
	tt.Resize(120, 24)
	tt.Wait("课程 120x24")
	tt.Wait("┃┃ 30 一二三四五六七八九十一二三四五六七八九十 end 30\n")
	for i := range 12 { // a storm
		tt.Resize(30+i*13%90, 4+i*7%30)
	}
	tt.Resize(80, 20)
	tt.Wait("课程 80x20")
	tt.Type("clear; stty size\r")
	tt.Wait("┃┃ 19 60")
}

func TestChineseInput(t *testing.T) {
	t.Parallel()
	tt := startHost(t)
	tt.Type("echo ready; cat >笔记.txt\r")
	tt.Wait("┃┃ ready")
	tt.Type("输入法一次送来几个字，，。“引号”\r")
	tt.Wait("号”")
	tt.Keys("ctrl+d")
	tt.Wait("┃┃ $")
	tt.Type("clear; wc -m 笔记.txt; rev 笔记.txt\r")
	tt.Wait("┃┃ 18 笔记.txt")
	tt.Wait("┃┃ ”号引“。，，字个几来送次一法入输")
	tt.Type("clear; echo 删掉三个字")
	tt.Keys("backspace", "backspace", "backspace", "enter")
	tt.Wait("┃┃ 删掉\n")
}

func TestWatchInThePane(t *testing.T) {
	t.Parallel()
	needs(t, "watch")
	tt := startHost(t)
	tt.Type("echo 0 >n; watch -t -n 0.1 'echo $(($(cat n)+1)) >n; echo 第 $(cat n) 次'\r")
	tt.Wait("┃┃ 第 5 次")
	tt.Keys("ctrl+c")
	tt.Wait("┃┃ $")
	tt.Type("clear; echo $((40+2))\r")
	tt.Wait("┃┃ 42\n")
}

func TestMouseInHtop(t *testing.T) {
	t.Parallel()
	needs(t, "htop")
	tt := startHost(t)
	tt.Type("htop\r")
	tt.Wait("F1Help")
	for y, line := range strings.Split(tt.Screen(), "\n") {
		if i := strings.Index(line, "F1Help"); i >= 0 {
			tt.Click(paneLeft+2, y)
		}
	}
	tt.Wait("Released under the GNU")
	tt.Type("q")
	tt.Gone("Released under the GNU")
	tt.Type("q")
	tt.Wait("┃┃ $ htop")
}

// TestOddModes has a program leave the terminal in modes that a learner could not
// work in, and wants the shell's next command to be readable, as `reset` makes it.
func TestOddModes(t *testing.T) {
	t.Parallel()
	tt := startHost(t)
	tt.Type(`printf '\033(0\033[?7l\033[4h\033[3;5r\033[?6h\033[?1049h\033[?1000;1003;1006h\033[?25l\033[20h\033[31;1m'` + "\r")
	tt.Type("reset\r")
	tt.Type("clear; echo $((40+2)) lqk\r")
	tt.Wait("┃┃ 42 lqk\n")
	tt.Wait("┃┃ $")
	tt.Until("the cursor is shown", func(string) bool { return tt.Terminal().Cursor().Visible })
	tt.Wheel(30, 5, 3) // no longer the program's
	tt.Type("x")
	tt.Wait("┃┃ $ x")
}

// TestAProgramThatFloodsIsInterrupted prints random bytes without end, and wants
// the key that interrupts it to be heard.
func TestAProgramThatFloodsIsInterrupted(t *testing.T) {
	t.Parallel()
	tt := startHost(t)
	tt.Type("cat /dev/urandom | tr -d '\\033\\005' & cat=$!; yes 洪水 flood; kill $cat\r")
	tt.Wait("洪水 flood")
	tt.Keys("ctrl+c")
	tt.Type("kill $cat %1; clear; reset; echo $((40+2))\r")
	tt.Wait("42\n")
}

// TestAFloodOfRandomBytesIsBounded prints 20 MB of random bytes, and wants a key
// to be heard meanwhile and little memory to be kept.
func TestAFloodOfRandomBytesIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("20 MB of random bytes")
	}
	tt := startHost(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tt.Type("head -c 20000000 /dev/urandom; reset; clear; echo $((40+2))\r")
	tt.Wait("42\n")
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 40<<20 {
		t.Errorf("%d KB are kept", kept>>10)
	} else {
		t.Logf("%d KB are kept", kept>>10)
	}
}
