package styles

import (
	"image/color"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// luminance is the relative luminance of WCAG 2.2, "relative luminance",
// https://www.w3.org/TR/WCAG22/#dfn-relative-luminance.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// contrast is the contrast ratio of WCAG 2.2, 1 to 21,
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

func TestContrastIsMeasuredAsWCAGDoes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b uint32
		want float64
	}{
		{0x000000, 0xffffff, 21}, {0xffffff, 0xffffff, 1},
		{0x777777, 0xffffff, 4.48}, // the well-known grey that just fails
		{0x767676, 0xffffff, 4.54}, // and the one that just passes
	} {
		if got := contrast(hex(tc.a), hex(tc.b)); math.Abs(got-tc.want) > 0.005 {
			t.Errorf("contrast of %06x and %06x is %.3f, want %.2f", tc.a, tc.b, got, tc.want)
		}
	}
}

// colours returns the colours that a style sets; nil is the terminal's own.
func colours(t *testing.T, open string) (fg, bg color.Color) {
	t.Helper()
	codes := strings.Split(strings.TrimSuffix(strings.TrimPrefix(open, "\x1b["), "m"), ";")
	for i := 0; i < len(codes); i++ {
		n, _ := strconv.Atoi(codes[i])
		switch {
		case n == 38 || n == 48:
			if i+4 >= len(codes) || codes[i+1] != "2" {
				t.Fatalf("%q is no colour of 24 bits", open)
			}
			var rgb [3]uint8
			for j := range rgb {
				v, err := strconv.ParseUint(codes[i+2+j], 10, 8)
				if err != nil {
					t.Fatal(err)
				}
				rgb[j] = uint8(v)
			}
			c := color.RGBA{rgb[0], rgb[1], rgb[2], 0xff}
			if n == 38 {
				fg = c
			} else {
				bg = c
			}
			i += 4
		case n >= 30 && n <= 37:
			fg = ansi.BasicColor(n - 30)
		case n >= 90 && n <= 97:
			fg = ansi.BasicColor(n - 90 + 8)
		case n >= 40 && n <= 47:
			bg = ansi.BasicColor(n - 40)
		case n >= 100 && n <= 107:
			bg = ansi.BasicColor(n - 100 + 8)
		}
	}
	return fg, bg
}

// backgrounds are those of terminals that are much used.
func backgrounds(dark bool) []uint32 {
	if dark {
		return []uint32{
			0x000000, // xterm, Linux
			0x1e1e1e, // VS Code, macOS
			0x1e1e2e, // Catppuccin Mocha
			0x282a36, // Dracula
			0x282c34, // One Dark
			0x002b36, // Solarized
			0x300a24, // Ubuntu
		}
	}
	return []uint32{
		0xffffff, // xterm -rv, macOS
		0xfafafa, // One Light
		0xeff1f5, // Catppuccin Latte
		0xfdf6e3, // Solarized
	}
}

// lines are the tokens that draw lines and never text.
var lines = []string{"Border", "ScrollTrack", "QuoteBar", "Rule", "TableBorder"}

func TestTextCanBeRead(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{Dark: true}, {}, {Dark: true, Contrast: true}, {Contrast: true}} {
		want := 4.5
		if o.Contrast {
			want = 7
		}
		drawn := map[string]bool{}
		for _, name := range lines {
			drawn[name] = true
		}
		for name, open := range every(New(o)) {
			fg, own := colours(t, open)
			if own != nil && fg == nil {
				t.Errorf("%+v: %s has a background of ours under a colour of the terminal's", o, name)
				continue
			}
			if fg == nil || drawn[name] && !o.Contrast {
				continue
			}
			least := want
			if drawn[name] {
				least = 3 // WCAG 1.4.11, of what is not text
			}
			on := []color.Color{own}
			if own == nil {
				on = nil
				for _, rgb := range backgrounds(o.Dark) {
					on = append(on, hex(rgb))
				}
			}
			for _, bg := range on {
				if got := contrast(fg, bg); got < least {
					t.Errorf("%+v: %s, %v on %v, has a contrast of %.2f, want %.1f", o, name, fg, bg, got, least)
				}
				// What a terminal of 256 colours makes of it.
				fg256, bg256 := ansi.Convert256(fg), ansi.Convert256(bg)
				if own == nil {
					bg256 = 0
				}
				if own != nil {
					if got := contrast(fg256, bg256); got < least {
						t.Errorf("%+v: %s with 256 colours has a contrast of %.2f, want %.1f", o, name, got, least)
					}
				} else if got := contrast(fg256, bg); got < least {
					t.Errorf("%+v: %s with 256 colours has a contrast of %.2f on %v, want %.1f", o, name, got, bg, least)
				}
			}
		}
	}
}

// TestTheSelectedRowIsSeen wants the selection's background to differ from the
// terminal's, or the row to be marked otherwise.
func TestTheSelectedRowIsSeen(t *testing.T) {
	t.Parallel()
	for _, colors := range []Colors{TrueColor, SixteenColors, NoColors} {
		for _, o := range []Options{{Dark: true}, {}, {Dark: true, Contrast: true}, {Contrast: true}} {
			o.Colors = colors
			s := New(o)
			selected, _ := s.Selected.Sequences()
			found, _ := s.FoundSelected.Sequences()
			if _, bg := colours(t, selected); bg == nil && !strings.Contains(selected, ";7") && !strings.Contains(selected, "[7") {
				t.Errorf("%+v: the selected row looks like any other: %q", o, selected)
			}
			if found == selected {
				t.Errorf("%+v: what is found looks like the row it is in", o)
			}
		}
	}
}

// TestSixteenColoursCanBeRead takes the colours that xterm comes with, which
// few terminals are worse than; the owner of a terminal may have chosen any
// others. Text is bold or beside a glyph where it says a state, so WCAG's 3:1
// for large text is asked of them, and 7:1 of high contrast.
func TestSixteenColoursCanBeRead(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{Dark: true}, {}, {Dark: true, Contrast: true}, {Contrast: true}} {
		o.Colors = SixteenColors
		page, least := hex(0xffffff), 3.0
		if o.Dark {
			page = hex(0x000000)
		}
		if o.Contrast {
			least = 7
		}
		for name, open := range every(New(o)) {
			fg, bg := colours(t, open)
			if fg == nil {
				continue
			}
			if bg == nil {
				bg = page
			}
			if got := contrast(xterm(fg), xterm(bg)); got < least && name != "Border" {
				t.Errorf("%+v: %s has a contrast of %.2f, want %.1f", o, name, got, least)
			}
		}
	}
}

// xterm returns the colour of xterm's for one of the 16.
func xterm(c color.Color) color.Color {
	basic, ok := c.(ansi.BasicColor)
	if !ok {
		return c
	}
	return hex([16]uint32{
		0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
		0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
	}[basic])
}
