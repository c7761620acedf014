package vt

// history is the scrollback: a ring of rows, each packed and trimmed to its text.
type history struct {
	rows    []packed
	head    int // index of the oldest row once the ring is full
	limit   int
	total   uint64 // rows ever added
	read    row    // what at returned last
	scratch []byte
}

func (h *history) len() int { return len(h.rows) }

// at returns row i; 0 is the oldest. It is good until the next call, and no part
// of the history.
func (h *history) at(i int) *row {
	p := &h.rows[(h.head+i)%len(h.rows)]
	h.read.cells, h.read.wrapped = p.unpack(h.read.cells[:0]), p.wrapped
	return &h.read
}

// set changes row i.
func (h *history) set(i int, r *row) { h.put(&h.rows[(h.head+i)%len(h.rows)], r.cells, r.wrapped) }

// put packs cells into p, whose memory is used again when it fits well.
func (h *history) put(p *packed, cells []cell, wrapped bool) {
	h.scratch = pack(h.scratch[:0], cells)
	if n := len(h.scratch); cap(p.data) < n || cap(p.data) > 2*n+16 {
		p.data = make([]byte, 0, n)
	}
	p.data, p.wrapped = append(p.data[:0], h.scratch...), wrapped
}

// push copies r in as the newest row.
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
		h.rows = append(h.rows, packed{})
		h.put(&h.rows[len(h.rows)-1], r.cells[:n], r.wrapped)
		return
	}
	h.put(&h.rows[h.head], r.cells[:n], r.wrapped)
	h.head = (h.head + 1) % h.limit
}

// replace makes rows, as wrapped to a new width, the whole history.
func (h *history) replace(rows []packed) {
	rows = rows[max(len(rows)-h.limit, 0):]
	h.total += uint64(len(rows)) - uint64(len(h.rows)) // wraps around as it should
	h.rows, h.head = append([]packed(nil), rows...), 0
}

// clear forgets all rows.
func (h *history) clear() { h.rows, h.head = nil, 0 }
