package terminal

import (
	"bytes"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// wheelLines is how far one step of the wheel goes.
const wheelLines = 3

// Mouse handles a mouse message over the pane, whose upper left cell is at
// column left and row top of the screen. A program that asked for the mouse
// gets it; otherwise the wheel scrolls back on the main screen, and presses
// arrow keys on the alternate one.
func (p *Pane) Mouse(msg tea.MouseMsg, left, top int) {
	m := msg.Mouse()
	m.X, m.Y = m.X-left, m.Y-top
	width, height := p.term.Size()
	if m.X < 0 || m.X >= width || m.Y < 0 || m.Y >= height {
		return
	}
	if b, wanted := p.encodeMouse(msg, m); wanted {
		p.Write(b)
		return
	}
	lines := 0
	if _, ok := msg.(tea.MouseWheelMsg); ok {
		switch m.Button {
		case tea.MouseWheelUp:
			lines = wheelLines
		case tea.MouseWheelDown:
			lines = -wheelLines
		}
	}
	switch {
	case lines == 0:
	case !p.term.Alternate():
		p.Scroll(lines)
	case p.term.Mode(vt.ModeAlternateScroll):
		arrow := tea.Key{Code: tea.KeyUp}
		if lines < 0 {
			arrow.Code = tea.KeyDown
		}
		p.Write(bytes.Repeat(EncodeKey(arrow, p.term.Mode(vt.ModeApplicationCursor)), wheelLines))
	}
}

// encodeMouse returns what the program is sent for a mouse message; wanted
// says whether it asked for the mouse at all.
func (p *Pane) encodeMouse(msg tea.MouseMsg, m tea.Mouse) (b []byte, wanted bool) {
	drag, all := p.term.Mode(vt.ModeMouseDrag), p.term.Mode(vt.ModeMouseMotion)
	if !drag && !all && !p.term.Mode(vt.ModeMouseClick) {
		return nil, false
	}
	_, motion := msg.(tea.MouseMotionMsg)
	_, release := msg.(tea.MouseReleaseMsg)
	if motion && !all && (!drag || m.Button == tea.MouseNone) {
		return nil, true
	}
	button := ansi.EncodeMouseButton(m.Button, motion, m.Mod.Contains(tea.ModShift), m.Mod.Contains(tea.ModAlt), m.Mod.Contains(tea.ModCtrl))
	if p.term.Mode(vt.ModeMouseSGR) {
		return []byte(ansi.MouseSgr(button, m.X, m.Y, release)), true
	}
	if m.X > 222 || m.Y > 222 { // beyond what the old protocol can say
		return nil, true
	}
	if release {
		button = button&^3 | 3 // it does not say which button
	}
	return []byte(ansi.MouseX10(button, m.X, m.Y)), true
}
