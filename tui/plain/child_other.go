//go:build !unix

package plain

import (
	"os"
	"os/exec"

	"golang.org/x/term"
)

func prepareChild(*exec.Cmd, bool) {}

func interruptChild(cmd *exec.Cmd) { _ = cmd.Process.Signal(os.Interrupt) }

func endChild(cmd *exec.Cmd, _ bool) { _ = cmd.Process.Kill() }

func killChild(cmd *exec.Cmd, _ bool) { _ = cmd.Process.Kill() }

// keepTerminal returns what puts the terminal back into the state in which it is
// now.
func keepTerminal(f *os.File) func() {
	state, err := term.GetState(int(f.Fd()))
	if err != nil {
		return func() {}
	}
	return func() { _ = term.Restore(int(f.Fd()), state) }
}
