package shot

import (
	"image/color"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// Theme is the colours of a terminal: its defaults, and the first sixteen of
// its palette.
type Theme struct {
	Foreground, Background, Cursor color.RGBA
	Palette                        [16]color.RGBA
}

// Dark is the theme Catppuccin Mocha, as many terminals offer it.
func Dark() Theme {
	return Theme{
		Foreground: hex(0xcdd6f4), Background: hex(0x1e1e2e), Cursor: hex(0xf5e0dc),
		Palette: palette(
			0x45475a, 0xf38ba8, 0xa6e3a1, 0xf9e2af, 0x89b4fa, 0xf5c2e7, 0x94e2d5, 0xbac2de,
			0x585b70, 0xf38ba8, 0xa6e3a1, 0xf9e2af, 0x89b4fa, 0xf5c2e7, 0x94e2d5, 0xa6adc8),
	}
}

// Light is the theme Catppuccin Latte.
func Light() Theme {
	return Theme{
		Foreground: hex(0x4c4f69), Background: hex(0xeff1f5), Cursor: hex(0xdc8a78),
		Palette: palette(
			0x5c5f77, 0xd20f39, 0x40a02b, 0xdf8e1d, 0x1e66f5, 0xea76cb, 0x179299, 0xacb0be,
			0x6c6f85, 0xd20f39, 0x40a02b, 0xdf8e1d, 0x1e66f5, 0xea76cb, 0x179299, 0xbcc0cc),
	}
}

// rgba is the colour c, or def where c is the default.
func (t *Theme) rgba(c vt.Color, def color.RGBA) color.RGBA {
	if r, g, b, ok := c.RGB(); ok {
		return color.RGBA{R: r, G: g, B: b, A: 255}
	}
	n, ok := c.Index()
	switch {
	case !ok:
		return def
	case n < 16:
		return t.Palette[n]
	case n < 232: // a cube of 6x6x6
		level := [6]uint8{0, 95, 135, 175, 215, 255}
		n -= 16
		return color.RGBA{R: level[n/36], G: level[n/6%6], B: level[n%6], A: 255}
	default: // greys
		v := 8 + (n-232)*10
		return color.RGBA{R: v, G: v, B: v, A: 255}
	}
}

func hex(v uint32) color.RGBA {
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

func palette(values ...uint32) (p [16]color.RGBA) {
	for i, v := range values {
		p[i] = hex(v)
	}
	return p
}

// mix is a, with share of b in it.
func mix(a, b color.RGBA, share float64) color.RGBA {
	part := func(x, y uint8) uint8 { return uint8(float64(x)*(1-share) + float64(y)*share + 0.5) }
	return color.RGBA{R: part(a.R, b.R), G: part(a.G, b.G), B: part(a.B, b.B), A: 255}
}
