package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/tui/paint"
)

// beatsPerSecond is how often Bubble Tea looks for something to write. It writes
// no frames here, only what is rare: modes, the title, the clipboard. Each look
// wakes the processor for 0.12 ms; 120 a second took 1.5 % of a processor.
const beatsPerSecond = 30

// painted is the App with its frames painted by a painter, as soon as they are
// there, instead of by Bubble Tea's renderer.
type painted struct {
	*App
	painter *paint.Painter
	asked   bool // the frame answers what the learner has just done
}

// Update tells the painter what the terminal has told.
func (p painted) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.ColorProfileMsg:
		p.painter.SetProfile(msg.Profile)
	case tea.ModeReportMsg:
		if msg.Mode == ansi.ModeSynchronizedOutput && msg.Value == ansi.ModeReset {
			p.painter.SetSync()
		}
	case tea.WindowSizeMsg:
		p.painter.Forget()
	}
	switch msg.(type) {
	case tea.KeyPressMsg, tea.MouseClickMsg, tea.MouseReleaseMsg, tea.PasteMsg:
		p.asked = true
	default:
		p.asked = false
	}
	_, cmd := p.App.Update(msg)
	return p, cmd
}

// View has the frame painted, and returns what is Bubble Tea's part of it: modes,
// title, the cursor's shape.
func (p painted) View() tea.View {
	v := p.App.View()
	f := paint.Frame{Content: v.Content, Width: p.w, Height: p.h}
	if c := v.Cursor; c != nil {
		f.Cursor, f.CursorX, f.CursorY = true, c.X, c.Y
		shape := *c
		shape.X, shape.Y = 0, 0
		v.Cursor = &shape
	}
	show := p.painter.Show
	if p.asked { // who pressed a key does not wait for the beat
		show = p.painter.Answer
	}
	show(f)
	v.Content = " " // an empty one would be erased at every beat
	return v
}
