package styles

import (
	"image/color"

	"github.com/charmbracelet/x/ansi"
)

// palette is the set of colours that a look is made of. A nil colour is the
// terminal's own. Colours of text have a contrast of at least 4.5:1, those of
// high contrast 7:1, against what they stand on: the text colour of a
// background that is ours is therefore ours too. See contrast_test.go.
type palette struct {
	accent, green, yellow, red, magenta, cyan color.Color
	muted                                     color.Color // text of second rank
	faint                                     color.Color // lines and borders; never text
	text                                      color.Color // on panelBack and selBack
	barText, barBack                          color.Color // the line at the top
	panelBack                                 color.Color // the line of state, blocks of code
	selBack                                   color.Color // the selected row
	alertText, alertBack                      color.Color
	foundText, foundBack                      color.Color // what a search has found
}

// paletteFor chooses by colours first: with 16 of them, which the terminal's
// owner has chosen, high contrast means the bright half of them or the dark one.
func paletteFor(o Options) palette {
	switch {
	case o.Colors == NoColors:
		return palette{}
	case o.Colors == SixteenColors && o.Contrast:
		return sixteenContrast(o.Dark)
	case o.Colors == SixteenColors:
		return sixteen(o.Dark)
	case o.Contrast && o.Dark:
		return palette{
			accent: hex(0xa8d4ff), green: hex(0x9ff5a8), yellow: hex(0xffe066), red: hex(0xffb8b0),
			magenta: hex(0xe8ccff), cyan: hex(0xa0f0f5), muted: hex(0xe0e0e0), faint: hex(0xb0b0b0), text: hex(0xffffff),
			barText: hex(0x000000), barBack: hex(0xffffff), panelBack: hex(0x000000), selBack: hex(0x003a8c),
			alertText: hex(0x000000), alertBack: hex(0xffd700), foundText: hex(0x000000), foundBack: hex(0xffe066),
		}
	case o.Contrast:
		return palette{
			accent: hex(0x0000af), green: hex(0x00490f), yellow: hex(0x4a2a00), red: hex(0x7d0014),
			magenta: hex(0x4b1f8f), cyan: hex(0x102a30), muted: hex(0x333333), faint: hex(0x555555), text: hex(0x000000),
			barText: hex(0xffffff), barBack: hex(0x000000), panelBack: hex(0xffffff), selBack: hex(0xcfe3ff),
			alertText: hex(0xffffff), alertBack: hex(0x7d0014), foundText: hex(0x000000), foundBack: hex(0xffd84d),
		}
	case o.Dark:
		return palette{
			accent: hex(0x79b8ff), green: hex(0x7ee787), yellow: hex(0xe3b341), red: hex(0xff7b72),
			magenta: hex(0xd2a8ff), cyan: hex(0x76e3ea), muted: hex(0x9fa3ab), faint: hex(0x4b5563), text: hex(0xe6e6e6),
			barText: hex(0xffffff), barBack: hex(0x2453b3), panelBack: hex(0x2b2b2f), selBack: hex(0x223a5e),
			alertText: hex(0x1c1400), alertBack: hex(0xe3b341), foundText: hex(0x1c1400), foundBack: hex(0xe3b341),
		}
	default:
		return palette{
			accent: hex(0x0550ae), green: hex(0x116329), yellow: hex(0x7d4e00), red: hex(0xa40e26),
			magenta: hex(0x6639ba), cyan: hex(0x0b5c66), muted: hex(0x57606a), faint: hex(0xa8b1bb), text: hex(0x1f2328),
			barText: hex(0xffffff), barBack: hex(0x326ce5), panelBack: hex(0xebebee), selBack: hex(0xd6e9ff),
			alertText: hex(0xffffff), alertBack: hex(0x9a3412), foundText: hex(0x1f2328), foundBack: hex(0xffdf5d),
		}
	}
}

// sixteen uses the colours of a terminal that has no more, or whose owner wants
// no others. Green, yellow and cyan cannot be read on white, so the light look
// does without them.
func sixteen(dark bool) palette {
	if dark {
		return palette{
			accent: ansi.BrightBlue, green: ansi.BrightGreen, yellow: ansi.BrightYellow, red: ansi.BrightRed,
			magenta: ansi.BrightMagenta, cyan: ansi.BrightCyan, muted: ansi.White, faint: ansi.BrightBlack,
			alertText: ansi.Black, alertBack: ansi.Yellow, foundText: ansi.Black, foundBack: ansi.Yellow,
		}
	}
	return palette{
		accent: ansi.Blue, green: ansi.Blue, yellow: ansi.Magenta, red: ansi.Red,
		magenta: ansi.Magenta, cyan: ansi.Blue, muted: ansi.BrightBlack, faint: ansi.BrightBlack,
		alertText: ansi.Black, alertBack: ansi.Yellow, foundText: ansi.Black, foundBack: ansi.Yellow,
	}
}

// sixteenContrast keeps to the colours that can be read on any terminal's black
// or white: state is told by glyph and word.
func sixteenContrast(dark bool) palette {
	if dark {
		return palette{
			accent: ansi.BrightCyan, green: ansi.BrightGreen, yellow: ansi.BrightYellow, red: ansi.BrightYellow,
			magenta: ansi.BrightCyan, cyan: ansi.BrightCyan, muted: ansi.BrightWhite, faint: ansi.White,
			alertText: ansi.Black, alertBack: ansi.BrightYellow, foundText: ansi.Black, foundBack: ansi.BrightYellow,
		}
	}
	return palette{
		accent: ansi.Blue, green: ansi.Black, yellow: ansi.Black, red: ansi.Black,
		magenta: ansi.Blue, cyan: ansi.Blue, muted: ansi.Black, faint: ansi.Black,
		alertText: ansi.BrightWhite, alertBack: ansi.Black, foundText: ansi.BrightWhite, foundBack: ansi.Black,
	}
}

func hex(rgb uint32) color.Color {
	return color.RGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xff}
}

// none reports whether the palette has no colours, so that attributes must tell
// things apart.
func (p palette) none() bool { return p.accent == nil }

func (p palette) dim() look { return look{fg: p.muted, faint: p.none()} }

func (p palette) bar() look {
	return look{fg: p.barText, bg: p.barBack, reverse: p.barBack == nil}
}

// panel is text on the line of state or in a block of code.
func (p palette) panel(fg color.Color) look {
	if fg == nil {
		fg = p.text
	}
	return look{fg: fg, bg: p.panelBack}
}

func (p palette) alert() look {
	return look{fg: p.alertText, bg: p.alertBack, reverse: p.none()}
}

func (p palette) selection() look {
	return look{fg: p.text, bg: p.selBack, bold: true, reverse: p.selBack == nil}
}

// found is a match of a search. Where reverse means selected, it is underlined
// as well.
func (p palette) found() look {
	return look{fg: p.foundText, bg: p.foundBack, bold: true, reverse: p.none(), underline: p.none()}
}

// Page returns the colours of text and background of a page of this look, for
// a terminal whose own are of the other kind.
func Page(o Options) (text, back color.Color) {
	switch {
	case o.Contrast && o.Dark:
		return hex(0xffffff), hex(0x000000)
	case o.Contrast:
		return hex(0x000000), hex(0xffffff)
	case o.Dark:
		return hex(0xd4d4d4), hex(0x1e1e1e)
	}
	return hex(0x24292f), hex(0xffffff)
}
