package paint

import (
	"image/color"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// color is the colour nearest to c that the terminal has.
func (p *Painter) color(c vt.Color) vt.Color {
	if p.profile == colorprofile.TrueColor {
		return c
	}
	near, known := p.colors[c]
	if !known {
		near = nearest(p.profile, c)
		p.colors[c] = near
	}
	return near
}

func nearest(profile colorprofile.Profile, c vt.Color) vt.Color {
	var full color.Color
	if n, ok := c.Index(); ok && n < 16 {
		full = ansi.BasicColor(n)
	} else if ok {
		full = ansi.IndexedColor(n)
	} else if r, g, b, ok := c.RGB(); ok {
		full = color.RGBA{r, g, b, 0xff}
	}
	switch near := profile.Convert(full).(type) {
	case ansi.BasicColor:
		return vt.Indexed(uint8(near))
	case ansi.IndexedColor:
		return vt.Indexed(uint8(near))
	case color.RGBA:
		return vt.RGB(near.R, near.G, near.B)
	}
	return 0 // no colours at all
}
