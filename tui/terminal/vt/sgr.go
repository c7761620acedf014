package vt

// selectGraphics is SGR: it changes the style of what is printed next.
func (t *Terminal) selectGraphics() {
	p := &t.parser
	c := &t.screen.cursor
	s := c.style
	if len(p.params) == 0 {
		s = style{link: s.link}
	}
	for i := 0; i < len(p.params); {
		code := int(p.params[i])
		end := i + 1 // of the sub-parameters, which ':' introduces
		for end < len(p.params) && p.sub[end] {
			end++
		}
		sub := p.params[i+1 : end]
		i = end
		switch code {
		case 38, 48, 58:
			color, used, ok := extendedColor(sub, p.params[end:])
			i += used
			if !ok {
				continue
			}
			switch code {
			case 38:
				s.fg = color
			case 48:
				s.bg = color
			default:
				s.ul = color
			}
		case 4:
			s.underline = UnderlineSingle
			if len(sub) > 0 && sub[0] >= 0 && sub[0] <= int32(UnderlineDashed) {
				s.underline = Underline(sub[0])
			}
		default:
			s.apply(code)
		}
	}
	c.style = s
	t.pen = t.styles.intern(s)
}

// apply does one SGR code that takes no further parameters.
func (s *style) apply(code int) {
	switch {
	case code <= 0:
		*s = style{link: s.link}
	case code >= 30 && code <= 37:
		s.fg = Indexed(uint8(code - 30))
	case code >= 40 && code <= 47:
		s.bg = Indexed(uint8(code - 40))
	case code >= 90 && code <= 97:
		s.fg = Indexed(uint8(code - 90 + 8))
	case code >= 100 && code <= 107:
		s.bg = Indexed(uint8(code - 100 + 8))
	}
	switch code {
	case 1:
		s.attr |= Bold
	case 2:
		s.attr |= Faint
	case 3:
		s.attr |= Italic
	case 5, 6:
		s.attr |= Blink
	case 7:
		s.attr |= Reverse
	case 8:
		s.attr |= Conceal
	case 9:
		s.attr |= Strike
	case 21:
		s.underline = UnderlineDouble
	case 22:
		s.attr &^= Bold | Faint
	case 23:
		s.attr &^= Italic
	case 24:
		s.underline = UnderlineNone
	case 25:
		s.attr &^= Blink
	case 27:
		s.attr &^= Reverse
	case 28:
		s.attr &^= Conceal
	case 29:
		s.attr &^= Strike
	case 39:
		s.fg = 0
	case 49:
		s.bg = 0
	case 59:
		s.ul = 0
	}
}

// extendedColor reads the colour after SGR 38, 48 or 58, from the
// sub-parameters (38:2::r:g:b, 38:5:n) or else from the parameters that
// follow (38;2;r;g;b, 38;5;n), and says how many of the latter it took.
func extendedColor(sub, follow []int32) (c Color, used int, ok bool) {
	if len(sub) > 0 {
		switch {
		case sub[0] == 5 && len(sub) >= 2:
			return Indexed(part(sub[1])), 0, true
		case sub[0] == 2 && len(sub) >= 5: // with a colour space, often empty
			return RGB(part(sub[2]), part(sub[3]), part(sub[4])), 0, true
		case sub[0] == 2 && len(sub) == 4:
			return RGB(part(sub[1]), part(sub[2]), part(sub[3])), 0, true
		}
		return 0, 0, false
	}
	switch {
	case len(follow) >= 2 && follow[0] == 5:
		return Indexed(part(follow[1])), 2, true
	case len(follow) >= 4 && follow[0] == 2:
		return RGB(part(follow[1]), part(follow[2]), part(follow[3])), 4, true
	}
	return 0, len(follow), false // what follows cannot be told apart
}

func part(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
