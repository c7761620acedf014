package styles

import (
	"testing"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// TestMarksAreToldApart wants each mark to look unlike the others and unlike plain
// text, on every kind of terminal.
func TestMarksAreToldApart(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{Dark: true}, {}, {Dark: true, Contrast: true}, {Dark: true, Colors: SixteenColors}, {Colors: SixteenColors}, {Colors: NoColors}} {
		s, seen := New(o), map[string]markdown.Mark{}
		for _, mark := range []markdown.Mark{markdown.MarkNone, markdown.MarkTerm, markdown.MarkMatch, markdown.MarkCurrent} {
			open, _ := s.Span(markdown.Style{Mark: mark}).Sequences()
			if other, taken := seen[open]; taken {
				t.Errorf("%+v: marks %d and %d look the same: %q", o, other, mark, open)
			}
			seen[open] = mark
		}
		focus, _ := s.Span(markdown.Style{Mark: markdown.MarkFocus}).Sequences()
		if term, _ := s.Span(markdown.Style{Mark: markdown.MarkTerm}).Sequences(); focus == term {
			t.Errorf("%+v: the term that is explained looks like the others: %q", o, focus)
		}
	}
}
