// Package shot draws the screen of a terminal as a picture, for the documents
// of the project: the real program, without a window system or a browser.
//
// Lines and blocks are drawn as shapes, so that they meet between cells; all
// else comes from fonts of the system, and wide characters from one whose
// glyphs are exactly two cells wide. The same screen, theme and fonts give the
// same bytes.
//
// The package is for tests and tools, not for the program itself.
package shot

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

const (
	defaultFontSize = 30 // two pixels for each point of a common terminal
	minFontSize     = 8
	maxFontSize     = 200
)

// Options are the choices of a picture; the zero value is usable.
type Options struct {
	// Theme gives the colours; the zero value is [Dark].
	Theme Theme
	// FontSize is in pixels; 0 is 30, which makes cells of 18x40 pixels.
	FontSize float64
	// Padding is the empty border in pixels; 0 is the width of a cell, and a
	// negative number none.
	Padding int
	// HideCursor leaves out the cursor even where the program shows it.
	HideCursor bool
	// Fonts to draw with; nil loads those of the system.
	Fonts *Fonts
}

// PNG draws a screen and writes it to w.
func PNG(w io.Writer, s vt.Snapshot, opts Options) error {
	img, err := Draw(s, opts)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(w, img); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// Draw draws a screen.
func Draw(s vt.Snapshot, opts Options) (*image.RGBA, error) {
	if opts.FontSize == 0 {
		opts.FontSize = defaultFontSize
	}
	if opts.FontSize < minFontSize || opts.FontSize > maxFontSize {
		return nil, fmt.Errorf("font size %g: want %d to %d pixels", opts.FontSize, minFontSize, maxFontSize)
	}
	if opts.Theme == (Theme{}) {
		opts.Theme = Dark()
	}
	if opts.Fonts == nil {
		fonts, err := LoadFonts()
		if err != nil {
			return nil, err
		}
		opts.Fonts = fonts
	}
	faces, err := opts.Fonts.faces(opts.FontSize)
	if err != nil {
		return nil, err
	}
	p := &painter{
		theme: opts.Theme, faces: faces,
		// The proportions of the main font: its characters are 0.6 em wide.
		cell:      image.Pt(int(math.Round(opts.FontSize*0.6)), int(math.Round(opts.FontSize*4/3))),
		baseline:  int(math.Round(opts.FontSize * 0.97)),
		thickness: max(1, int(math.Round(opts.FontSize/15))),
	}
	switch {
	case opts.Padding == 0:
		opts.Padding = p.cell.X
	case opts.Padding < 0:
		opts.Padding = 0
	}
	p.origin = image.Pt(opts.Padding, opts.Padding)
	p.img = image.NewRGBA(image.Rect(0, 0, s.Width*p.cell.X+2*opts.Padding, s.Height*p.cell.Y+2*opts.Padding))
	p.fill(p.img.Bounds(), p.theme.Background)

	cursor := s.Cursor
	cursor.Visible = cursor.Visible && !opts.HideCursor
	// Backgrounds first: glyphs may reach a little over the edge of their cell.
	p.eachCell(s, cursor, func(at image.Rectangle, _ vt.Cell, look look) { p.fill(at, look.bg) })
	p.eachCell(s, cursor, p.cellText)
	if cursor.Visible {
		p.cursor(cursor)
	}
	return p.img, nil
}

// painter draws cells onto an image.
type painter struct {
	img       *image.RGBA
	theme     Theme
	faces     *faces
	cell      image.Point // size of a cell in pixels
	origin    image.Point // of the first cell
	baseline  int         // from the top of a cell
	thickness int         // of a light line
}

// look is a cell's colours, after all that changes them.
type look struct{ fg, bg color.RGBA }

func (p *painter) eachCell(s vt.Snapshot, cursor vt.Cursor, f func(at image.Rectangle, c vt.Cell, look look)) {
	for y, row := range s.Cells {
		for x, c := range row {
			if c.Width == 0 {
				continue
			}
			l := p.look(c.Style)
			if cursor.Visible && cursor.Shape == vt.CursorBlock && x == cursor.X && y == cursor.Y {
				l.fg, l.bg = l.bg, p.theme.Cursor
			}
			f(p.rect(x, y, c.Width), c, l)
		}
	}
}

func (p *painter) rect(x, y, width int) image.Rectangle {
	at := p.origin.Add(image.Pt(x*p.cell.X, y*p.cell.Y))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(width*p.cell.X, p.cell.Y))}
}

func (p *painter) look(s vt.Style) look {
	l := look{fg: p.theme.rgba(s.Foreground, p.theme.Foreground), bg: p.theme.rgba(s.Background, p.theme.Background)}
	if s.Attr&vt.Reverse != 0 {
		l.fg, l.bg = l.bg, l.fg
	}
	if s.Attr&vt.Faint != 0 {
		l.fg = mix(l.fg, l.bg, 0.5)
	}
	return l
}

// cellText draws what is in a cell, over its background.
func (p *painter) cellText(at image.Rectangle, c vt.Cell, l look) {
	if c.Style.Attr&vt.Conceal == 0 && c.Text != " " {
		if r := []rune(c.Text)[0]; !p.shape(r, at, l.fg) {
			p.glyphs(c, at, l.fg)
		}
	}
	if c.Style.Underline != vt.UnderlineNone {
		p.underline(at, c.Style.Underline, p.theme.rgba(c.Style.UnderlineColor, l.fg))
	}
	if c.Style.Attr&vt.Strike != 0 {
		y := at.Min.Y + p.baseline*2/3
		p.fill(image.Rect(at.Min.X, y, at.Max.X, y+p.thickness), l.fg)
	}
}

func (p *painter) underline(at image.Rectangle, kind vt.Underline, c color.RGBA) {
	t := p.thickness
	y := at.Min.Y + p.baseline + 2*t
	line := func(x0, x1, y int) { p.fill(image.Rect(x0, y, x1, y+t), c) }
	switch kind {
	case vt.UnderlineDouble:
		line(at.Min.X, at.Max.X, y)
		line(at.Min.X, at.Max.X, y+2*t)
	case vt.UnderlineDotted, vt.UnderlineDashed:
		step := 2 * t
		if kind == vt.UnderlineDashed {
			step = p.cell.X / 2
		}
		for x := at.Min.X; x < at.Max.X; x += 2 * step {
			line(x, min(x+step, at.Max.X), y)
		}
	case vt.UnderlineCurly:
		for x := at.Min.X; x < at.Max.X; x++ {
			phase := 2 * math.Pi * float64(x-p.origin.X) / float64(p.cell.X)
			dy := int(math.Round(math.Sin(phase) * 1.5 * float64(t)))
			line(x, x+1, y+t+dy)
		}
	default:
		line(at.Min.X, at.Max.X, y)
	}
}

// cursor draws the cursors that are lines; a block changes its cell's colours.
func (p *painter) cursor(c vt.Cursor) {
	at := p.rect(c.X, c.Y, 1)
	switch c.Shape {
	case vt.CursorBar:
		at.Max.X = at.Min.X + p.thickness
	case vt.CursorUnderline:
		at.Min.Y = at.Max.Y - 2*p.thickness
	default:
		return
	}
	p.fill(at, p.theme.Cursor)
}

func (p *painter) fill(r image.Rectangle, c color.RGBA) {
	draw.Draw(p.img, r, image.NewUniform(c), image.Point{}, draw.Src)
}
