package vt

// history is the scrollback: a ring of rows, each trimmed to its text.
type history struct {
	rows  []row
	head  int // index of the oldest row once the ring is full
	limit int
	total uint64 // rows ever added
}

func (h *history) len() int { return len(h.rows) }

// at returns row i; 0 is the oldest.
func (h *history) at(i int) *row { return &h.rows[(h.head+i)%len(h.rows)] }

// push copies r in as the newest row; the memory of the oldest is used again.
func (h *history) push(r *row) {
	if h.limit == 0 {
		return
	}
	h.total++
	n := len(r.cells)
	if !r.wrapped {
		for n > 0 && r.cells[n-1].blank() && r.cells[n-1].style == 0 {
			n--
		}
	}
	if len(h.rows) < h.limit {
		h.rows = append(h.rows, row{cells: append([]cell(nil), r.cells[:n]...), wrapped: r.wrapped})
		return
	}
	old := &h.rows[h.head]
	old.cells, old.wrapped = append(old.cells[:0], r.cells[:n]...), r.wrapped
	h.head = (h.head + 1) % h.limit
}

// replace makes rows, as wrapped to a new width, the whole history.
func (h *history) replace(rows []row) {
	rows = rows[max(len(rows)-h.limit, 0):]
	h.total += uint64(len(rows)) - uint64(len(h.rows)) // wraps around as it should
	h.rows, h.head = append([]row(nil), rows...), 0
}

// clear forgets all rows.
func (h *history) clear() { h.rows, h.head = nil, 0 }
