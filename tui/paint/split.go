package paint

import "bytes"

// maxHeld bounds a sequence that is not complete yet. A clipboard is the longest.
const maxHeld = 1 << 20

// splitter cuts a stream into sequences and what lies between them. It keeps the
// beginning of a sequence whose end has not come yet.
type splitter struct{ held []byte }

// next returns the first sequence, or the text up to one, and what follows it.
func next(b []byte) (piece, rest []byte, complete bool) {
	if b[0] != 0x1b {
		if i := bytes.IndexByte(b, 0x1b); i > 0 {
			return b[:i], b[i:], true
		}
		return b, nil, true
	}
	if len(b) == 1 {
		return nil, b, false
	}
	switch b[1] {
	case '[':
		for i := 2; i < len(b); i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				return b[:i+1], b[i+1:], true
			}
		}
	case ']', 'P', '_', '^', 'X':
		for i := 2; i < len(b); i++ {
			if b[i] == 0x07 && b[1] == ']' {
				return b[:i+1], b[i+1:], true
			}
			if b[i] == 0x1b && i+1 < len(b) {
				if b[i+1] == '\\' {
					return b[:i+2], b[i+2:], true
				}
				return b[:i], b[i:], true // broken off by the next sequence
			}
		}
	default:
		for i := 1; i < len(b); i++ {
			if b[i] >= 0x30 {
				return b[:i+1], b[i+1:], true
			}
		}
	}
	return nil, b, false
}

// Write takes what Bubble Tea writes to the terminal.
func (p *Painter) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := b
	if len(p.split.held) > 0 {
		all = append(p.split.held, b...)
		p.split.held = nil
	}
	out := make([]byte, 0, 256)
	for len(all) > 0 {
		piece, rest, complete := next(all)
		if !complete {
			if len(rest) < maxHeld {
				p.split.held = append([]byte(nil), rest...)
			} else {
				out = append(out, rest...)
			}
			break
		}
		all = rest
		out = p.pass(out, piece)
	}
	p.write(out)
	return len(b), p.err
}

const (
	enterScreen = "\x1b[?1049h"
	leaveScreen = "\x1b[?1049l"
)

// pass appends what a piece of Bubble Tea's output is worth to the terminal.
func (p *Painter) pass(out, piece []byte) []byte {
	switch s := string(piece); {
	case s == enterScreen && p.phase == inside:
		return out // it is shown already, and would be erased
	case s == enterScreen:
		out = p.enter(append(out, piece...))
		if p.profiled && p.painted.Width > 0 {
			out = p.appendFrame(out)
		}
		return out
	case s == leaveScreen:
		if p.phase == inside {
			out = append(out, "\x1b[m\x1b[?25h"...)
		}
		p.phase, p.fresh = outside, false
	case p.phase == inside && cells(s):
		return out
	}
	return append(out, piece...)
}

// cells reports whether a piece of output paints, or moves the cursor: all that
// the frames say themselves.
func cells(s string) bool {
	if s[0] != 0x1b {
		return s != "\x07"
	}
	final := s[len(s)-1]
	switch s[1] {
	case ']':
		return len(s) > 3 && s[2] == '8' && s[3] == ';' // a hyperlink
	case 'P', '_', '^', 'X', '=', '>', 'c':
		return false
	case '[':
	default:
		return true // saving the cursor, line feeds, character sets
	}
	switch params := s[2 : len(s)-1]; {
	case params == "?25" || params == "?2026" || params == "?7":
		return final == 'h' || final == 'l'
	case params != "" && (params[0] >= '<' && params[0] <= '?' || params[len(params)-1] < '0'):
		return false // private, or with an intermediate: modes, questions, the cursor's shape
	}
	switch final {
	case 'n', 'c', 't', 'q', 'x':
		return false
	}
	return true
}
