package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// desk is what the learner's files are edited with.
type desk struct {
	files  lessons.Files
	editor func() ([]string, error)
}

// editorScreen is the built-in editor, for learners who have named none: a few
// lines of YAML, the keys everybody tries, and the faults beside their lines.
type editorScreen struct {
	*scene
	step   *lessons.Step
	path   string
	faults map[int]string // by line, from 1
	save   func(text string) tea.Cmd

	lines   []string
	row, at int // the cursor: line, and byte in it
	top     int // first line on the screen
	left    int // first cell of the lines on the screen
	changed bool
	w, h    int
}

func newEditorScreen(s *scene, what goEdit, step *lessons.Step, save func(string) tea.Cmd) *editorScreen {
	text := strings.ReplaceAll(strings.TrimPrefix(what.text, "\ufeff"), "\r\n", "\n")
	e := &editorScreen{scene: s, step: step, path: what.path, save: save, faults: map[int]string{}}
	e.lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := len(what.faults) - 1; i >= 0; i-- {
		f := what.faults[i]
		if f.Line < 1 || f.Line > len(e.lines) {
			continue
		}
		say := f.Said
		if s.in(f.Advice) != "" {
			say = s.in(f.Advice)
		}
		e.faults[f.Line] = strings.NewReplacer("`", "", "\n", " ").Replace(say)
		e.row = f.Line - 1 // the first of them is where to begin
	}
	return e
}

func (e *editorScreen) title() []string { return []string{e.in(e.step.Title), e.step.Draft.Name} }

// capturing: every key is the file's.
func (e *editorScreen) capturing() capture { return captureAll }

func (e *editorScreen) bindings() []bound {
	return []bound{
		on(e.keys.Save, func() (action, tea.Cmd) {
			return goBack{}, e.save(strings.Join(e.lines, "\n") + "\n")
		}),
		on(e.keys.Leave, func() (action, tea.Cmd) {
			if !e.changed {
				return goBack{}, nil
			}
			leave := func() (action, tea.Cmd) { return goBack{}, nil }
			return ask{newConfirm(e.scene, e.words.Exercise.AskDiscard, bound{Binding: e.keys.Yes, run: leave})}, nil
		}),
	}
}

func (e *editorScreen) Resize(w, h int) {
	e.w, e.h = w, h
	e.follow()
}

func (e *editorScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	defer e.follow()
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if a, cmd, ok := press(msg, e.bindings()); ok {
			return a, cmd
		}
		e.key(msg)
	case tea.PasteMsg:
		e.paste(msg.Content)
	case tea.MouseWheelMsg:
		e.move(wheel(msg))
	case tea.MouseClickMsg:
		if row := e.top + msg.Y; msg.Y < e.rows() && row < len(e.lines) {
			e.row, e.at = row, offset(e.lines[row], msg.X-e.gutter()+e.left)
		}
	}
	return nil, nil
}

func (e *editorScreen) key(msg tea.KeyPressMsg) {
	line := e.lines[e.row]
	switch name := msg.String(); {
	case name == "up" || name == "ctrl+p":
		e.move(-1)
	case name == "down" || name == "ctrl+n":
		e.move(1)
	case name == "pgup":
		e.move(-e.rows())
	case name == "pgdown":
		e.move(e.rows())
	case name == "enter":
		e.split()
	case name == "tab":
		e.change(input{line[:e.at] + "  " + line[e.at:], e.at + 2})
	case name == "left" && e.at == 0 && e.row > 0:
		e.row--
		e.at = len(e.lines[e.row])
	case name == "right" && e.at == len(line) && e.row+1 < len(e.lines):
		e.row, e.at = e.row+1, 0
	case name == "backspace" && e.at == 0 && e.row > 0:
		e.row--
		e.at = len(e.lines[e.row])
		e.join()
	case name == "backspace" && e.at >= 2 && e.at%2 == 0 && strings.Trim(line[:e.at], " ") == "":
		e.change(input{line[:e.at-2] + line[e.at:], e.at - 2})
	case name == "delete" && e.at == len(line):
		e.join()
	default:
		in := input{line, e.at}
		if in.key(msg) {
			e.change(in)
		}
	}
}

// change puts an edited line in place of the one at the cursor.
func (e *editorScreen) change(in input) {
	e.changed = e.changed || in.text != e.lines[e.row]
	e.lines[e.row], e.at = in.text, in.at
}

// split begins a new line, indented as the one before; below a key whose value
// is still to come by two more.
func (e *editorScreen) split() {
	line := e.lines[e.row]
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	indent = indent[:min(len(indent), e.at)]
	if strings.HasSuffix(strings.TrimRight(line[:e.at], " "), ":") {
		indent += "  "
	}
	rest := append([]string{line[:e.at], indent + line[e.at:]}, e.lines[e.row+1:]...)
	e.lines = append(e.lines[:e.row:e.row], rest...)
	e.row, e.at, e.changed = e.row+1, len(indent), true
}

// join appends the next line to the one at the cursor.
func (e *editorScreen) join() {
	if e.row+1 >= len(e.lines) {
		return
	}
	e.lines[e.row] += e.lines[e.row+1]
	e.lines = append(e.lines[:e.row+1], e.lines[e.row+2:]...)
	e.changed = true
}

func (e *editorScreen) paste(text string) {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", "  ").Replace(text)
	parts := strings.Split(text, "\n")
	line := e.lines[e.row]
	tail := line[e.at:]
	fresh := []string{line[:e.at] + markdown.Clean(parts[0])}
	for _, p := range parts[1:] {
		fresh = append(fresh, markdown.Clean(p))
	}
	last := len(fresh) - 1
	at := len(fresh[last])
	fresh[last] += tail
	e.lines = append(e.lines[:e.row:e.row], append(fresh, e.lines[e.row+1:]...)...)
	e.row, e.at, e.changed = e.row+last, at, true
}

// move goes n lines on, in the same column as far as there is one.
func (e *editorScreen) move(n int) {
	column := markdown.Width(shown(e.lines[e.row][:e.at]))
	e.row = max(0, min(e.row+n, len(e.lines)-1))
	e.at = offset(e.lines[e.row], column)
}

// follow moves the window so that the cursor is in it.
func (e *editorScreen) follow() {
	e.row = min(e.row, len(e.lines)-1)
	e.at = min(e.at, len(e.lines[e.row]))
	rows, room := max(1, e.rows()), max(1, e.w-e.gutter()-1)
	e.top = max(0, min(max(e.top, e.row-rows+1), e.row))
	column := markdown.Width(shown(e.lines[e.row][:e.at]))
	if column < e.left || column >= e.left+room {
		e.left = max(0, column-room*2/3)
	}
	if column < room {
		e.left = 0
	}
}

// rows is how many lines of the file are on the screen; two are for what is said
// of it.
func (e *editorScreen) rows() int { return max(1, e.h-3) }

func (e *editorScreen) gutter() int { return len(fmt.Sprint(len(e.lines))) + 2 }

func (e *editorScreen) View() (string, *tea.Cursor) {
	st := e.styles
	var out []string
	for i := e.top; i < min(e.top+e.rows(), len(e.lines)); i++ {
		look, text := st.Dim, styles.Style{}
		if e.faults[i+1] != "" {
			look = st.Wait
		}
		p := newPen(e.w).column(look, fmt.Sprintf("%*d ", e.gutter()-1, i+1), e.gutter())
		out = append(out, p.put(text, clip(e.lines[i], e.left, e.w-e.gutter())).line())
	}
	out = sized(out, e.w, e.rows())
	out = append(out, e.about()...)
	column := markdown.Width(shown(e.lines[e.row][:e.at])) - e.left
	return join(sized(out, e.w, e.h)), tea.NewCursor(min(e.gutter()+column, e.w-1), e.row-e.top)
}

// about are the lines below the text: where the cursor is, and what is wrong
// there.
func (e *editorScreen) about() []string {
	st, words := e.styles, e.words.Exercise
	where := fmt.Sprintf(words.EditorAt, e.row+1, len(e.lines))
	if e.changed {
		where += " · " + words.EditorChanged
	}
	lines := []string{newPen(e.w).put(st.Label, " "+where+"  ").put(st.Dim, e.path).line()}
	fault := e.faults[e.row+1]
	if fault == "" {
		return lines
	}
	for _, part := range markdown.Wrap(fmt.Sprintf(words.EditorFault, e.row+1)+e.words.Colon+fault, e.w-2) {
		lines = append(lines, newPen(e.w).put(st.Wait, " "+part).line())
	}
	return lines[:min(len(lines), 3)]
}

// shown is a part of a line as it is drawn: a tab, which YAML forbids, as a sign
// of one cell.
func shown(text string) string { return strings.ReplaceAll(text, "\t", "»") }

// clip returns the cells of a line from column left on, at most w of them.
func clip(line string, left, w int) string {
	line = shown(line)
	at, from := 0, 0
	for it := graphemes.FromString(line); at < left && it.Next(); {
		at += markdown.Width(it.Value())
		from = it.End()
	}
	line = line[from:]
	if at < left {
		return "" // it ends before
	}
	return strings.Repeat(" ", max(0, at-left)) + markdown.Truncate(line, max(0, w-max(0, at-left)), "")
}

// offset is the byte of a line at a column of cells, or its end.
func offset(line string, column int) int {
	at, cells := 0, 0
	for it := graphemes.FromString(line); it.Next(); {
		w := markdown.Width(shown(it.Value()))
		if cells+w > max(0, column) {
			return at
		}
		cells += w
		at = it.End()
	}
	return at
}
