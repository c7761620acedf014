//go:build unix

package terminal_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/terminal"
	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// host is a program with a pane on its right half, as the tutor has one.
type host struct {
	pane          *terminal.Pane
	width, height int
	ended         string
}

const paneLeft, paneTop = 20, 1

func (h *host) Init() tea.Cmd { return h.pane.Listen }

func (h *host) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		h.width, h.height = msg.Width, msg.Height
		h.pane.Resize(h.width-paneLeft, h.height-paneTop)
	case terminal.BrokenMsg:
		h.pane.StartClean("without your own start-up files")
		return h, h.pane.Listen
	case terminal.OutputMsg, terminal.CommandMsg:
		return h, h.pane.Listen
	case terminal.ExitMsg:
		h.ended = fmt.Sprintf("ended: %d", msg.Code)
	case tea.KeyPressMsg:
		h.pane.Key(msg)
	case tea.PasteMsg:
		h.pane.Paste(msg.Content)
	case tea.MouseMsg:
		h.pane.Mouse(msg, paneLeft, paneTop)
	}
	return h, nil
}

func (h *host) View() tea.View {
	rows := []string{fmt.Sprintf("课程 %dx%d %s", h.width, h.height, h.ended)}
	for _, row := range h.pane.View() {
		rows = append(rows, "第 3 课          ┃┃ "+row)
	}
	v := tea.NewView(strings.Join(rows, "\n"))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	if c := h.pane.Cursor(); c != nil {
		c.X, c.Y = c.X+paneLeft, c.Y+paneTop
		v.Cursor = c
	}
	return v
}

// startHost runs a host of 80x20, so that the pane is 60x19.
func startHost(t *testing.T) *tuitest.T {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".bashrc"), []byte("PS1='$ '\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	pane, err := terminal.Start(terminal.Config{
		Width: 60, Height: 19, Shell: "bash", Dir: home,
		Environ: []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pane.Close() })
	tt := tuitest.Model(t, &host{pane: pane}, 80, 20)
	tt.Wait("┃┃ $")
	return tt
}

func TestPaneInAProgram(t *testing.T) {
	t.Parallel()
	tt := startHost(t)
	tt.Type("echo 你好$((40+2))世界\r")
	tt.Wait("┃┃ 你好42世界")

	// A command that goes over the edge of the pane, typed through readline.
	tt.Type("clear; echo 一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十|wc -m\r")
	tt.Wait("┃┃ 31\n")
	tt.Wait("┃┃ $")

	tt.Type("clear; for i in {1..200}; do echo 第 $i 行; done\r")
	tt.Wait("┃┃ 第 200 行")
	tt.Wheel(30, 5, 20)
	tt.Wait("┃┃ 第 125 行")
	tt.Wheel(30, 5, -20)
	tt.Wait("┃┃ 第 200 行")

	tt.Resize(70, 15)
	tt.Wait("课程 70x15")
	tt.Type("clear; stty size\r")
	tt.Wait("┃┃ 14 50")

	tt.Keys("ctrl+d")
	tt.Wait("ended: 0")
}

func TestCursorIsWhereTheShellHasIt(t *testing.T) {
	t.Parallel()
	tt := startHost(t)
	tt.Type("echo 你好")
	tt.Wait("┃┃ $ echo 你好")
	tt.Until("the cursor follows the Chinese text", func(string) bool {
		c := tt.Terminal().Cursor()
		return c.Visible && c.X == paneLeft+len("$ echo ")+4
	})
	tt.Keys("left")
	tt.Until("the cursor moves over a wide character", func(string) bool {
		return tt.Terminal().Cursor().X == paneLeft+len("$ echo ")+2
	})
}

func TestVimInThePane(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("vim"); err != nil {
		t.Skip("vim is not installed")
	}
	tt := startHost(t)
	tt.Type("vim -n -u NONE -N -c 'set mouse=a ttymouse=sgr' pod.yaml\r")
	tt.Wait("┃┃ ~")
	tt.Type("ikind: Pod # 最小的单元\r  name: web")
	tt.Wait("┃┃   name: web")
	tt.Keys("esc")
	tt.Click(paneLeft+6, paneTop)
	tt.Type("iMOUSE ")
	tt.Wait("┃┃ kind: MOUSE Pod # 最小的单元")
	tt.Keys("esc")
	tt.Type(":q!\r")
	tt.Gone("MOUSE")
	tt.Wait("┃┃ $ vim")
}
