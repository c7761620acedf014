package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/search"
	"github.com/k8stutor/k8stutor/tui/search/pinyin"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// paletteOverlay is one line to type in and what is found by it: everything that
// can be gone to, and everything that can be done now.
type paletteOverlay struct {
	*scene
	entries  []search.Entry // commands
	commands *search.Index
	course   *search.Index // nil until it has been made
	input    input
	found    []search.Result
	at       int
	view     scroll

	// Where it was drawn last, for the mouse and the cursor.
	x, y, w int
	rows    []int // what each line of the list shows, by number; -1 for a heading
}

// The largest palette.
const (
	paletteWidth  = 84
	paletteHeight = 24
	aboutLines    = 3 // what is said of the selected row
)

func newPaletteOverlay(s *scene, commands []search.Entry) *paletteOverlay {
	return &paletteOverlay{scene: s, entries: commands}
}

// search takes what can be searched now.
func (o *paletteOverlay) search(table *pinyin.Table, course *search.Index) {
	o.course = course
	o.commands = search.New(table, o.entries)
	o.find()
}

// find looks for what has been typed.
func (o *paletteOverlay) find() {
	o.at, o.view.top = 0, 0
	if o.course == nil {
		return
	}
	o.found = search.Find(o.input.text, o.progress.Screen.Chosen, o.commands, o.course)
}

func (o *paletteOverlay) bindings() []bound {
	k := o.keys
	bs := []bound{asks(k.ClosePalette, closeOverlay{})}
	if len(o.found) > 0 {
		choose := k.Open
		bs = append([]bound{on(choose, o.choose)}, bs...)
	}
	if len(o.found) > 1 {
		bs = append(bs,
			does(k.PaletteDown, func() { o.move(1) }),
			does(k.PaletteUp, func() { o.move(-1) }),
		)
		page := max(1, o.view.height-1)
		bs = append(bs, hidden(
			does(k.PalettePageDown, func() { o.move(page) }),
			does(k.PalettePageUp, func() { o.move(-page) }))...)
	}
	return bs
}

func (o *paletteOverlay) move(n int) { o.at = max(0, min(o.at+n, len(o.found)-1)) }

// choose goes to what is selected, or does it.
func (o *paletteOverlay) choose() (action, tea.Cmd) {
	if o.at >= len(o.found) {
		return nil, nil
	}
	r := o.found[o.at]
	t := r.Value.(target)
	switch {
	case t.bound.run != nil:
		return closeOverlay{then: func() (action, tea.Cmd) {
			what, cmd := t.bound.run()
			return all{chosen(r.ID), what}, cmd
		}}, nil
	case t.where != nil:
		return closeOverlay{then: func() (action, tea.Cmd) { return all{chosen(r.ID), t.where}, nil }}, nil
	}
	return nil, nil // a term that no page explains: what it means is shown already
}

func (o *paletteOverlay) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if a, cmd, ok := press(msg, o.bindings()); ok {
			return a, cmd
		}
		before := o.input.text
		if o.input.key(msg); o.input.text != before {
			o.find()
		}
	case tea.PasteMsg:
		o.input.insert(strings.Join(strings.Fields(msg.Content), " "))
		o.find()
	case tea.MouseWheelMsg:
		o.move(wheel(msg) / 3)
	case tea.MouseClickMsg:
		return o.click(msg.X, msg.Y)
	}
	return nil, nil
}

// click chooses the row at x, y; beside the palette it closes it.
func (o *paletteOverlay) click(x, y int) (action, tea.Cmd) {
	row := y - o.y - 3 // border, input, line
	switch {
	case x < o.x || x >= o.x+o.w || y < o.y || y >= o.y+len(o.rows)+aboutLines+5:
		return closeOverlay{}, nil
	case row < 0 || row >= len(o.rows) || o.rows[row] < 0:
		return nil, nil
	}
	o.at = o.rows[row]
	return o.choose()
}

// cursor is where the learner types, in cells of the block.
func (o *paletteOverlay) cursor() *tea.Cursor {
	return tea.NewCursor(4+o.input.column(max(1, o.w-6)), 1)
}

func (o *paletteOverlay) block(w, h int) ([]string, int) {
	width := min(w-4, paletteWidth)
	height := min(h, paletteHeight)
	inner := width - 2
	listed := max(1, height-aboutLines-5)
	o.x, o.y, o.w = (w-width)/2, linesAbove+max(0, (h-height)/2), width
	st := o.styles

	field := newPen(inner).put(st.InputPrompt, " > ")
	if o.input.text == "" {
		field.put(st.Dim, o.words.Palette.Ask)
	} else {
		field.put(styles.Style{}, o.input.visible(max(1, o.w-6)))
	}
	rule := st.Border.Paint(strings.Repeat(st.Glyphs.Box.Across, inner))
	lines := append([]string{field.line(), rule}, o.list(inner, listed)...)
	lines = append(append(lines, rule), o.about(inner)...)
	return box(st, o.words.Palette.Title, o.keys.ClosePalette.Help().Key, lines, width, height, true), width
}

// list are the rows in the window of what was found.
func (o *paletteOverlay) list(w, h int) []string {
	var lines []string
	var shows []int
	selected := 0
	for i, r := range o.found {
		if r.Kind == search.Text && (i == 0 || o.found[i-1].Kind != search.Text) {
			lines = append(lines, newPen(w-1).put(o.styles.Label, " "+o.words.Palette.InText).line())
			shows = append(shows, -1)
		}
		if i == o.at {
			selected = len(lines)
		}
		lines = append(lines, "")
		shows = append(shows, i)
	}
	o.view.fit(h, len(lines))
	if o.at == 0 {
		o.view.top = 0 // with the heading above it
	}
	o.view.show(selected)
	o.rows = shows[o.view.top:min(len(shows), o.view.top+h)]
	for n, i := range o.rows {
		if i >= 0 { // only what is seen is drawn
			lines[o.view.top+n] = o.row(i, w-1)
		}
	}
	if len(lines) == 0 {
		text := o.words.Palette.Nothing
		if o.course == nil {
			text = o.words.Palette.Loading
		}
		o.rows = nil
		for _, l := range markdown.Wrap(text, w-4) {
			lines = append(lines, newPen(w-1).put(o.styles.Dim, "  "+l).line())
		}
	}
	out := o.view.window(o.styles, lines, w)
	for len(o.rows) < len(out) {
		o.rows = append(o.rows, -1)
	}
	return out
}

// row is one thing that was found: what it is, its name with what matched, and
// at the right where it belongs, or its key.
func (o *paletteOverlay) row(i, w int) string {
	r, st := o.found[i], o.styles
	text, dim, found, cursor := styles.Style{}, st.Dim, st.Found, " "
	if i == o.at {
		text, dim, found, cursor = st.Selected, st.SelectedDim, st.FoundSelected, st.Glyphs.Cursor
	}
	t := r.Value.(target)
	right := t.key
	if r.Kind == search.Text {
		right = r.Names[0]
	} else if t.lesson != nil {
		right = o.in(t.lesson.Title)
	}
	p := newPen(w).put(text, " "+cursor+" ")
	p.column(dim, o.words.Palette.kind(r.Kind), o.kindWidth()).put(text, " ")
	room := p.left - 1
	right = markdown.Truncate(markdown.Clean(right), room/3, "…")
	name := newPen(max(0, room-markdown.Width(right)-2))
	switch {
	case r.Kind == search.Text:
		name.found(text, found, r.Snippet, r.Marks, name.left)
	case r.Name > 0 && r.Names[r.Name] != r.Names[0]:
		// It was found by another name than the one that is shown.
		name.put(text, r.Names[0]+"  ")
		name.found(dim, found, r.Names[r.Name], r.Marks, name.left)
	case r.Name == 0:
		name.found(text, found, r.Names[0], r.Marks, name.left)
	default:
		name.put(text, r.Names[0])
	}
	wide := max(0, room-markdown.Width(right)-2)
	p.raw(name.filled(text), wide).space(text, 2).put(dim, right)
	return p.filled(text)
}

func (o *paletteOverlay) kindWidth() int {
	w := o.words.Palette
	width := 0
	for _, word := range []string{w.Lesson, w.Page, w.Step, w.Question, w.Term, w.Command} {
		width = max(width, markdown.Width(word))
	}
	return width
}

// about says more of what is selected.
func (o *paletteOverlay) about(w int) []string {
	var lines []string
	if o.at < len(o.found) {
		r := o.found[o.at]
		t := r.Value.(target)
		text := o.in(t.about)
		if r.Kind == search.Text && t.lesson != nil {
			text = o.in(t.lesson.Title) + " " + o.styles.Glyphs.Separator + " " + r.Names[0]
		} else if text == "" && t.lesson != nil {
			text = o.in(t.lesson.Title)
		}
		for _, l := range o.prose.lines(text, max(1, w-4)) {
			if strings.TrimSpace(l) != "" || len(lines) > 0 {
				lines = append(lines, newPen(w).space(styles.Style{}, 2).raw(l, max(1, w-4)).line())
			}
		}
	}
	return sized(lines, w, aboutLines)
}
