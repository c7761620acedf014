package styles

import (
	"image/color"

	"github.com/charmbracelet/x/ansi"
)

// palette is the set of colours that a look is made of. A nil colour is the
// terminal's own.
type palette struct {
	accent, green, yellow, red, magenta, cyan color.Color
	muted                                     color.Color // text of second rank
	faint                                     color.Color // lines and borders
	barText, barBack                          color.Color // the line at the top
	panelBack                                 color.Color // the line of state, blocks of code
	selBack                                   color.Color // the selected row
	alertText, alertBack                      color.Color
}

func paletteFor(o Options) palette {
	switch {
	case o.Colors == NoColors:
		return palette{}
	case o.Colors == SixteenColors && o.Dark:
		return palette{
			accent: ansi.BrightBlue, green: ansi.BrightGreen, yellow: ansi.BrightYellow, red: ansi.BrightRed,
			magenta: ansi.BrightMagenta, cyan: ansi.BrightCyan, muted: ansi.White, faint: ansi.BrightBlack,
			alertText: ansi.Black, alertBack: ansi.Yellow,
		}
	case o.Colors == SixteenColors:
		return palette{
			accent: ansi.Blue, green: ansi.Green, yellow: ansi.Magenta, red: ansi.Red,
			magenta: ansi.Magenta, cyan: ansi.Blue, muted: ansi.BrightBlack, faint: ansi.BrightBlack,
			alertText: ansi.Black, alertBack: ansi.Yellow,
		}
	case o.Dark:
		return palette{
			accent: hex(0x79b8ff), green: hex(0x7ee787), yellow: hex(0xe3b341), red: hex(0xff7b72),
			magenta: hex(0xd2a8ff), cyan: hex(0x76e3ea), muted: hex(0x9fa3ab), faint: hex(0x4b5563),
			barText: hex(0xffffff), barBack: hex(0x2453b3), panelBack: hex(0x2b2b2f), selBack: hex(0x223a5e),
			alertText: hex(0x1c1400), alertBack: hex(0xe3b341),
		}
	default:
		return palette{
			accent: hex(0x0550ae), green: hex(0x116329), yellow: hex(0x7d4e00), red: hex(0xa40e26),
			magenta: hex(0x6639ba), cyan: hex(0x0b5c66), muted: hex(0x57606a), faint: hex(0xa8b1bb),
			barText: hex(0xffffff), barBack: hex(0x326ce5), panelBack: hex(0xebebee), selBack: hex(0xd6e9ff),
			alertText: hex(0xffffff), alertBack: hex(0x9a3412),
		}
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

func (p palette) panel(fg color.Color) look { return look{fg: fg, bg: p.panelBack} }

func (p palette) alert() look {
	return look{fg: p.alertText, bg: p.alertBack, reverse: p.none()}
}

func (p palette) selection() look {
	return look{bg: p.selBack, bold: true, reverse: p.selBack == nil}
}
