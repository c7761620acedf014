package tuitest

import (
	"errors"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Model runs a Bubble Tea model in a terminal as [Setup.Model] does.
func Model(tb testing.TB, m tea.Model, width, height int, opts ...tea.ProgramOption) *T {
	tb.Helper()
	return Setup{}.Model(tb, m, width, height, opts...)
}

// Model runs a Bubble Tea model in this process, in a terminal of the given
// size. Options are those of [tea.NewProgram] and come after the harness's own.
func (s Setup) Model(tb testing.TB, m tea.Model, width, height int, opts ...tea.ProgramOption) *T {
	tb.Helper()
	t := s.newT(tb, width, height)
	// Without a terminal driver between, a line feed must also return the carriage.
	t.term.Write([]byte("\x1b[20h"))
	prog := tea.NewProgram(m, append([]tea.ProgramOption{
		tea.WithInput(t.in),
		tea.WithOutput(t),
		tea.WithWindowSize(width, height),
		tea.WithoutSignals(),
		tea.WithColorProfile(colorprofile.TrueColor),
		tea.WithEnvironment([]string{"TERM=xterm-256color", "COLORTERM=truecolor"}),
		tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
			switch msg.(type) {
			case tea.QuitMsg, tea.InterruptMsg:
				t.in.Close() // else the program waits half a second for its input to end
			}
			return msg
		}),
	}, opts...)...)
	var runErr error
	go func() {
		_, runErr = prog.Run()
		close(t.done)
		t.wake()
	}()
	t.resize = func(width, height int) { prog.Send(tea.WindowSizeMsg{Width: width, Height: height}) }
	t.outcome = func() (int, error) {
		if runErr != nil {
			return 1, runErr
		}
		return 0, nil
	}
	var once sync.Once
	t.stop = func() {
		once.Do(func() {
			running := !t.isDone()
			t.in.Close()
			prog.Kill()
			<-t.done
			if runErr != nil && !(running && errors.Is(runErr, tea.ErrProgramKilled)) {
				tb.Logf("the program ended with: %v", runErr)
			}
		})
	}
	return t
}
