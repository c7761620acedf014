package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// View draws the frame.
func (a *App) View() tea.View {
	content, cursor := a.frame()
	v := tea.NewView(content)
	v.Cursor = cursor
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.ForegroundColor, v.BackgroundColor = a.terminal.page()
	v.ReportFocus = !a.deps.NoNotify
	v.ProgressBar = a.progressBar()
	v.WindowTitle = "k8stutor"
	if title := a.top().title(); len(title) > 0 {
		v.WindowTitle += ": " + markdown.Clean(title[0])
	}
	return v
}

func (a *App) frame() (string, *tea.Cursor) {
	if a.w < 1 || a.h < 1 {
		return " ", nil
	}
	if a.tooSmall() {
		return a.smallFrame(), nil
	}
	content, cursor := a.top().View()
	lines := strings.Split(content, "\n")
	if a.over != nil {
		cursor = nil
		block, bw := a.over.block(a.w, len(lines))
		x, y := (a.w-bw)/2, max(0, (len(lines)-len(block))/2)
		if p, ok := a.over.(placed); ok {
			x, y = p.place(a.w, len(lines), bw, len(block))
		}
		lines = overlaid(lines, a.w, block, bw, x, y)
		if o, typing := a.over.(interface{ cursor() *tea.Cursor }); typing {
			if cursor = o.cursor(); cursor != nil {
				cursor.X, cursor.Y = cursor.X+x, cursor.Y+y
			}
		}
	}
	all := make([]string, 0, a.h)
	all = append(all, a.titleLine(a.w, a.top().title()))
	all = append(all, lines...)
	if a.over != nil {
		all = append(all, a.hintLine(a.w, a.over.bindings(), nil))
	} else {
		all = append(all, a.hintLine(a.w, a.top().bindings(), a.program()))
	}
	all = append(all, a.statusLine(a.w, a.notice))
	if cursor != nil {
		cursor.Y += linesAbove
	}
	return join(all), cursor
}

// smallFrame says what size is needed.
func (a *App) smallFrame() string {
	var lines []string
	text := fmt.Sprintf(a.words.TooSmall, minWidth, minHeight, a.w, a.h)
	for _, l := range markdown.Wrap(text, a.w) {
		lines = append(lines, newPen(a.w).put(styles.Style{}, l).line())
	}
	return join(sized(lines, a.w, a.h))
}
