// Package styles says what the tutor looks like: every colour and attribute has
// a name here (a token), and nothing else in the program names a colour.
//
// It promises that a Styles value is immutable and depends only on the Options
// it was made from: whether the terminal is dark, how many colours it has, and
// whether much contrast is wanted.
// State is never told by colour alone; the glyphs that go with it are in Glyphs.
//
// It must not import Bubble Tea or any screen.
package styles

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// Colors says how many colours a terminal shows.
type Colors int

// The kinds of terminal. NoColors still uses bold, faint, underline and reverse.
const (
	TrueColor Colors = iota
	SixteenColors
	NoColors
)

// Options is what a look depends on.
type Options struct {
	Dark bool // the terminal's background is dark
	// Contrast is for who sees little: text at 7:1 instead of 4.5:1.
	Contrast bool
	Colors   Colors
	// Plain draws with ASCII only: for terminals and fonts without box drawing,
	// and for screen readers.
	Plain bool
}

// Style is the look of a piece of text. The zero Style changes nothing.
type Style struct{ open string }

// Paint returns text in this look, and the terminal's own look after it. Text
// must be a single line without control characters.
func (s Style) Paint(text string) string {
	if s.open == "" || text == "" {
		return text
	}
	return s.open + text + ansi.ResetStyle
}

// Sequences returns what Paint writes before and after its text.
func (s Style) Sequences() (open, end string) {
	if s.open == "" {
		return "", ""
	}
	return s.open, ansi.ResetStyle
}

// Styles are the tokens of one look.
type Styles struct {
	Options Options
	Glyphs  Glyphs

	// Text.
	Text, Strong, Dim, Title, Label Style
	// Verdicts and states.
	Good, Bad, Wait, Unknown, Active Style
	// Changed marks a row of the object list that has just changed.
	Changed Style
	// The line at the top, the line of keys, the line of state.
	Bar, BarName              Style
	HintKey, HintText         Style
	Status, StatusGood        Style
	StatusBad, StatusWait     Style
	Notice, NoticeBad         Style
	Banner, BannerStrong      Style
	Selected, Cursor          Style
	Border, BorderFocus       Style
	PaneTitle, PaneTitleFocus Style
	ScrollTrack, ScrollThumb  Style
	// Found marks what a search has found, FoundSelected on the selected row.
	Found, FoundSelected Style
	// SelectedDim is text of second rank on the selected row.
	SelectedDim        Style
	Input, InputPrompt Style

	spans [markdown.RoleCount][variants]Style
	marks marks
}

// New returns the tokens for a terminal.
func New(o Options) *Styles {
	p := paletteFor(o)
	s := &Styles{Options: o, Glyphs: glyphsFor(o.Plain)}

	s.Strong = look{bold: true}.style()
	s.Dim = p.dim().style()
	s.Title = look{fg: p.accent, bold: true}.style()
	s.Label = look{fg: p.accent}.style()

	s.Good = look{fg: p.green}.style()
	s.Bad = look{fg: p.red, bold: true}.style()
	s.Wait = look{fg: p.yellow}.style()
	s.Unknown = look{fg: p.magenta, bold: true}.style()
	s.Active = look{fg: p.accent, bold: true}.style()
	s.Changed = look{fg: p.yellow, bold: true}.style()

	s.Bar = p.bar().style()
	s.BarName = p.bar().strong().style()
	s.HintKey = look{fg: p.accent, bold: true}.style()
	s.HintText = p.dim().style()
	s.Status = p.panel(p.muted).style()
	s.StatusGood = p.panel(p.green).style()
	s.StatusBad = p.panel(p.red).strong().style()
	s.StatusWait = p.panel(p.yellow).style()
	s.Notice = p.panel(p.accent).style()
	s.NoticeBad = p.panel(p.red).strong().style()
	s.Banner = p.alert().style()
	s.BannerStrong = p.alert().strong().style()

	s.Selected = p.selection().style()
	s.Cursor = look{fg: p.accent, bold: true}.style()
	s.Border = look{fg: p.faint}.style()
	s.BorderFocus = look{fg: p.accent}.style()
	s.PaneTitle = p.dim().style()
	s.PaneTitleFocus = look{fg: p.accent, bold: true}.style()
	s.ScrollTrack = look{fg: p.faint}.style()
	s.ScrollThumb = look{fg: p.muted}.style()
	s.Found = p.found().style()
	s.FoundSelected = p.found().style()
	if p.selBack == nil { // the row is in reverse: what is not stands out
		s.FoundSelected = look{bold: true, underline: true}.style()
	}
	s.SelectedDim = p.selection().thin().style()
	s.Input = look{underline: true}.style()
	s.InputPrompt = look{fg: p.accent, bold: true}.style()

	roles := rolesOf(p)
	s.spans = spansOf(roles)
	s.marks = marksOf(p, roles)
	return s
}

// Span returns the look of one span of a page.
func (s *Styles) Span(st markdown.Style) Style {
	if st.Mark != markdown.MarkNone {
		if marked, ok := s.marks.of(st); ok {
			return marked
		}
	}
	if int(st.Role) >= len(s.spans) {
		return Style{}
	}
	return s.spans[st.Role][variant(st.Strong, st.Emphasis, st.Strike)]
}

// variants is how many ways a role can be emphasised.
const variants = 8

func variant(strong, emphasis, strike bool) (n int) {
	for i, on := range [...]bool{strong, emphasis, strike} {
		if on {
			n |= 1 << i
		}
	}
	return n
}

// spansOf writes every role in every emphasis, once: pages are painted span by
// span, many times a second.
func spansOf(roles [markdown.RoleCount]look) (spans [markdown.RoleCount][variants]Style) {
	for role, l := range roles {
		for n := range variants {
			spans[role][n] = l.varied(n).style()
		}
	}
	return spans
}

// varied returns the look emphasised in one of the ways that variant numbers.
func (l look) varied(n int) look {
	l.bold = l.bold || n&variant(true, false, false) != 0
	l.italic = l.italic || n&variant(false, true, false) != 0
	l.strike = n&variant(false, false, true) != 0
	return l
}

// look is a Style before it is written as an escape sequence.
type look struct {
	fg, bg                                          color.Color
	bold, faint, italic, underline, reverse, strike bool
}

func (l look) strong() look { l.bold = true; return l }
func (l look) thin() look   { l.bold = false; return l }

// style has Lip Gloss write the look: what it puts before a text is what opens
// the style.
func (l look) style() Style {
	s := lipgloss.NewStyle().Bold(l.bold).Faint(l.faint).Italic(l.italic).Underline(l.underline).Reverse(l.reverse).Strikethrough(l.strike)
	if l.fg != nil {
		s = s.Foreground(l.fg)
	}
	if l.bg != nil {
		s = s.Background(l.bg)
	}
	const text = "x"
	open, _, _ := strings.Cut(s.Render(text), text)
	return Style{open: open}
}
