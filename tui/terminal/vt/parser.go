package vt

import "unicode/utf8"

type parserState uint8

const (
	ground parserState = iota
	escape
	escapeIntermediate
	control // CSI
	text    // the payload of OSC, DCS, SOS, PM and APC
	textEnd // ESC seen in a payload: the string terminator, if \ follows
)

const (
	maxParams = 32
	maxParam  = 1 << 20 // larger numbers are cut to about this
	maxText   = 1 << 20 // bytes of a payload that are kept
	keepText  = 4 << 10 // larger payload buffers are given back
)

// parser is the state between bytes, after Paul Williams' diagram
// (https://vt100.net/emu/dec_ansi_parser). The 8-bit C1 controls are not
// honoured: in UTF-8 those bytes are parts of characters.
type parser struct {
	state        parserState
	kind         byte // what began the payload: one of ] P X ^ _
	private      byte // one of < = > ? in a control sequence, or 0
	intermediate byte
	params       []int32 // -1 stands for a parameter left out
	sub          []bool  // the parameter was introduced by ':'
	param        int32
	colon        bool
	payload      []byte
	char         [utf8.UTFMax]byte // a character whose bytes have not all come
	charLen      int
}

func (p *parser) begin() {
	p.private, p.intermediate, p.param, p.colon = 0, 0, -1, false
	p.params, p.sub = p.params[:0], p.sub[:0]
}

func (p *parser) push() {
	if len(p.params) < maxParams {
		p.params = append(p.params, p.param)
		p.sub = append(p.sub, p.colon)
	}
	p.param = -1
}

// arg returns parameter i, or def where it is absent or 0.
func (p *parser) arg(i, def int) int {
	if i < len(p.params) && p.params[i] > 0 {
		return int(p.params[i])
	}
	return def
}

// feed interprets b.
func (t *Terminal) feed(b []byte) {
	for len(b) > 0 {
		if t.parser.state == ground {
			b = b[t.feedGround(b):]
			continue
		}
		t.step(b[0])
		b = b[1:]
	}
}

// feedGround takes printable text or one control character from the front of
// b and returns how many bytes that was.
func (t *Terminal) feedGround(b []byte) int {
	p := &t.parser
	if p.charLen > 0 {
		return t.finishChar(b)
	}
	c := b[0]
	switch {
	case c >= 0x20 && c < 0x7f:
		n := 1
		for n < len(b) && b[n] >= 0x20 && b[n] < 0x7f {
			n++
		}
		t.printASCII(b[:n])
		return n
	case c >= utf8.RuneSelf:
		if !utf8.FullRune(b) {
			p.charLen = copy(p.char[:], b)
			return len(b)
		}
		r, n := utf8.DecodeRune(b)
		t.print(r)
		return n
	case c == 0x1b:
		p.state = escape
		p.begin()
	default:
		t.controlChar(c)
	}
	return 1
}

// finishChar adds the first byte of b to a character cut by the end of a write.
func (t *Terminal) finishChar(b []byte) int {
	p := &t.parser
	p.char[p.charLen] = b[0]
	p.charLen++
	if !utf8.FullRune(p.char[:p.charLen]) {
		return 1
	}
	r, n := utf8.DecodeRune(p.char[:p.charLen])
	rest := p.char
	end := p.charLen
	p.charLen = 0
	t.print(r)
	// An invalid start leaves bytes that must be looked at again; each round
	// takes at least one away.
	t.feed(rest[n:end])
	return 1
}

// step takes one byte of an escape sequence.
func (t *Terminal) step(c byte) {
	p := &t.parser
	if p.state == text {
		t.textByte(c)
		return
	}
	if p.state == textEnd {
		if c == '\\' {
			t.endText()
			return
		}
		p.state = escape
		p.begin()
	}
	switch {
	case c == 0x1b:
		p.state = escape
		p.begin()
	case c == 0x18 || c == 0x1a: // CAN, SUB
		p.state = ground
	case c < 0x20:
		t.controlChar(c)
	case p.state == control:
		t.controlByte(c)
	case c < 0x30:
		p.intermediate = c
		p.state = escapeIntermediate
	case p.state == escape && c == '[':
		p.state = control
	case p.state == escape && (c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_'):
		p.kind, p.payload = c, p.payload[:0]
		p.state = text
	case c < 0x7f:
		p.state = ground
		t.escape(p.intermediate, c)
	}
}

func (t *Terminal) controlByte(c byte) {
	p := &t.parser
	switch {
	case c >= '0' && c <= '9':
		p.param = min(max(p.param, 0)*10+int32(c-'0'), maxParam)
	case c == ';' || c == ':':
		p.push()
		p.colon = c == ':'
	case c >= '<' && c <= '?':
		p.private = c
	case c < 0x30:
		p.intermediate = c
	case c < 0x7f:
		if p.param >= 0 || len(p.params) > 0 {
			p.push()
		}
		p.state = ground
		t.control(c)
	}
}

func (t *Terminal) textByte(c byte) {
	p := &t.parser
	switch {
	case c == 0x07 && p.kind == ']':
		t.endText()
	case c == 0x1b:
		p.state = textEnd
	case c == 0x18 || c == 0x1a:
		p.state = ground
	case len(p.payload) < maxText:
		p.payload = append(p.payload, c)
	}
}

func (t *Terminal) endText() {
	p := &t.parser
	p.state = ground
	if p.kind == ']' {
		t.command(p.payload)
	}
	if cap(p.payload) > keepText {
		p.payload = nil
	}
}
