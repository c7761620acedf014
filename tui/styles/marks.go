package styles

import "github.com/k8stutor/k8stutor/tui/markdown"

// marks are the looks of what stands out in a page for the moment. Terms keep
// the look of their text and get a line below.
type marks struct {
	text, quote           [variants]Style // terms
	focus, match, current Style
}

func marksOf(p palette, roles [markdown.RoleCount]look) (m marks) {
	for n := range variants {
		for role, to := range map[markdown.Role]*[variants]Style{markdown.RoleText: &m.text, markdown.RoleQuote: &m.quote} {
			l := roles[role]
			l.underline = true
			to[n] = l.varied(n).style()
		}
	}
	m.focus = p.bar().strong().style()
	m.match = look{fg: p.barText, bg: p.barBack, reverse: p.barBack == nil && !p.none(), underline: p.none(), bold: p.none()}.style()
	m.current = p.alert().strong().style()
	return m
}

// of returns the look of a marked span; ok is false when there is no mark.
func (m *marks) of(st markdown.Style) (s Style, ok bool) {
	switch st.Mark {
	case markdown.MarkTerm:
		n := variant(st.Strong, st.Emphasis, st.Strike)
		if st.Role == markdown.RoleQuote {
			return m.quote[n], true
		}
		return m.text[n], true
	case markdown.MarkFocus:
		return m.focus, true
	case markdown.MarkMatch:
		return m.match, true
	case markdown.MarkCurrent:
		return m.current, true
	}
	return Style{}, false
}
