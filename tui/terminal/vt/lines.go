package vt

// Lines of scrollback and screen together have numbers that stay theirs while
// more are printed: the first line that ever left the screen is 0. A resize
// numbers them anew. While the alternate screen is shown there are only its
// lines.

// SetNonce changes the word by which the shell's marks are known: another shell
// runs now. A command that was running is forgotten.
func (t *Terminal) SetNonce(nonce string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opts.Nonce, t.marks = nonce, marks{}
}

// Bounds returns the number of the oldest line that is kept, and the one after
// the last line of the screen.
func (t *Terminal) Bounds() (first, end uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bounds()
}

func (t *Terminal) bounds() (first, end uint64) {
	first = t.history.total
	if t.screen == &t.main {
		first -= uint64(t.history.len())
	}
	return first, t.history.total + uint64(len(t.screen.rows))
}

// numbered finds a line by its number; nil when there is none.
func (t *Terminal) numbered(n uint64) *row {
	first, end := t.bounds()
	if n < first || n >= end {
		return nil
	}
	return t.line(int(int64(n - t.history.total)))
}

// Row returns the cells of line n without the right halves of wide characters
// and without trailing blanks, and whether its text goes on in the next line; a
// line that does keeps its trailing blanks. The column of a cell is the sum of
// the widths before it.
func (t *Terminal) Row(n uint64) (cells []Cell, wrapped bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.numbered(n)
	if r == nil {
		return nil, false
	}
	for i := range t.textOf(r) {
		if c := &r.cells[i]; c.width > 0 {
			cells = append(cells, t.public(c))
		}
	}
	return cells, r.wrapped
}

// Text returns the text of line n, as Row has it.
func (t *Terminal) Text(n uint64) (text string, wrapped bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.numbered(n)
	if r == nil {
		return "", false
	}
	b := make([]byte, 0, len(r.cells))
	for i := range t.textOf(r) {
		if c := &r.cells[i]; c.width > 0 {
			b = append(b, t.cellText(c)...)
		}
	}
	return string(b), r.wrapped
}

// textOf is how many cells of a row hold its text.
func (t *Terminal) textOf(r *row) int {
	n := len(r.cells)
	if r.wrapped {
		if n > 0 && r.cells[n-1].pad {
			n--
		}
		return n
	}
	for n > 0 && r.cells[n-1].blank() {
		n--
	}
	return n
}

// Span is a part of a line that is drawn in a style of its own.
type Span struct {
	Line     uint64
	From, To int // columns; To is after the last one
	Style    Style
}

// RenderLines returns as many rows as the screen has, from line top on, as
// [Terminal.Render] does, with spans drawn in their styles. Of two spans on one
// cell the later counts.
func (t *Terminal) RenderLines(top uint64, spans []Span) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows := make([]string, t.height)
	for y := range rows {
		r := t.numbered(top + uint64(y))
		if r == nil {
			r = &row{}
		}
		rows[y] = t.renderMarked(r, top+uint64(y), spans)
	}
	return rows
}
