package shot

import (
	"image"
	"image/color"
	"math"
)

// shape draws r if it is a line, a block or a braille pattern, and reports whether it is.
func (p *painter) shape(r rune, at image.Rectangle, c color.RGBA) bool {
	switch {
	case r >= 0x2500 && r <= 0x257f:
		return p.boxDrawing(r, at, c)
	case r >= 0x2580 && r <= 0x259f:
		p.block(r, at, c)
		return true
	case r >= 0x2800 && r <= 0x28ff:
		p.braille(r, at, c)
		return true
	}
	return false
}

// boxArms says for each of U+2500 to U+257F how the lines go from the middle
// of the cell to the left, right, up and down: 0 none, 1 light, 2 heavy,
// 3 double. Dashes, arcs and diagonals have 0000.
const boxArms = "" +
	"1100 2200 0011 0022 0000 0000 0000 0000 " + // ─━│┃┄┅┆┇
	"0000 0000 0000 0000 0101 0201 0102 0202 " + // ┈┉┊┋┌┍┎┏
	"1001 2001 1002 2002 0110 0210 0120 0220 " + // ┐┑┒┓└┕┖┗
	"1010 2010 1020 2020 0111 0211 0121 0112 " + // ┘┙┚┛├┝┞┟
	"0122 0221 0212 0222 1011 2011 1021 1012 " + // ┠┡┢┣┤┥┦┧
	"1022 2021 2012 2022 1101 2101 1201 2201 " + // ┨┩┪┫┬┭┮┯
	"1102 2102 1202 2202 1110 2110 1210 2210 " + // ┰┱┲┳┴┵┶┷
	"1120 2120 1220 2220 1111 2111 1211 2211 " + // ┸┹┺┻┼┽┾┿
	"1121 1112 1122 2121 1221 2112 1212 2221 " + // ╀╁╂╃╄╅╆╇
	"2212 2122 1222 2222 0000 0000 0000 0000 " + // ╈╉╊╋╌╍╎╏
	"3300 0033 0301 0103 0303 3001 1003 3003 " + // ═║╒╓╔╕╖╗
	"0310 0130 0330 3010 1030 3030 0311 0133 " + // ╘╙╚╛╜╝╞╟
	"0333 3011 1033 3033 3301 1103 3303 3310 " + // ╠╡╢╣╤╥╦╧
	"1130 3330 3311 1133 3333 0000 0000 0000 " + // ╨╩╪╫╬╭╮╯
	"0000 0000 0000 0000 1000 0010 0100 0001 " + // ╰╱╲╳╴╵╶╷
	"2000 0020 0200 0002 1200 0012 2100 0021 " //  ╸╹╺╻╼╽╾╿

func (p *painter) boxDrawing(r rune, at image.Rectangle, c color.RGBA) bool {
	switch r {
	case '╭', '╮', '╯', '╰':
		p.arc(r, at, c)
		return true
	case '┄', '┅', '╌', '╍', '┈', '┉':
		p.dashes(r, at, false, c)
		return true
	case '┆', '┇', '╎', '╏', '┊', '┋':
		p.dashes(r, at, true, c)
		return true
	}
	i := int(r-0x2500) * len("0000 ")
	arms := boxArms[i : i+4]
	if arms == "0000" {
		return false // a diagonal: the font has it
	}
	for dir, weight := range []byte(arms) {
		for _, bar := range p.bars(at, dir, weight, arms) {
			p.fill(bar, c)
		}
	}
	return true
}

// bars returns the rectangles of one arm, dir being its place in boxArms. An
// arm reaches past the middle by half the width of the lines it meets there.
func (p *painter) bars(at image.Rectangle, dir int, weight byte, arms string) []image.Rectangle {
	if weight == '0' {
		return nil
	}
	across := [2]byte{arms[2], arms[3]}
	if dir >= 2 {
		across = [2]byte{arms[0], arms[1]}
	}
	reach := p.spread(max(across[0], across[1]))
	if reach == 0 {
		reach = p.spread(weight)
	}
	t := p.lineWidth(weight)
	offsets := []int{0}
	if weight == '3' {
		offsets = []int{-p.thickness * 3 / 2, p.thickness * 3 / 2}
	}
	mid := middle(at)
	var bars []image.Rectangle
	for _, o := range offsets {
		x, y := mid.X+o-t/2, mid.Y+o-t/2
		bars = append(bars, [4]image.Rectangle{
			image.Rect(at.Min.X, y, mid.X+reach, y+t),
			image.Rect(mid.X-reach, y, at.Max.X, y+t),
			image.Rect(x, at.Min.Y, x+t, mid.Y+reach),
			image.Rect(x, mid.Y-reach, x+t, at.Max.Y),
		}[dir].Intersect(at))
	}
	return bars
}

func middle(at image.Rectangle) image.Point { return at.Min.Add(at.Size().Div(2)) }

func (p *painter) lineWidth(weight byte) int {
	if weight == '2' {
		return 2 * p.thickness
	}
	return p.thickness
}

// spread is how far from the middle the lines of a weight reach sideways.
func (p *painter) spread(weight byte) int {
	switch weight {
	case '0':
		return 0
	case '3':
		return 2 * p.thickness
	}
	return (p.lineWidth(weight) + 1) / 2
}

// dashes draws a broken line of two, three or four pieces.
func (p *painter) dashes(r rune, at image.Rectangle, vertical bool, c color.RGBA) {
	pieces := 3
	switch r {
	case '┈', '┉', '┊', '┋':
		pieces = 4
	case '╌', '╍', '╎', '╏':
		pieces = 2
	}
	t := p.lineWidth('1')
	if r%2 == 1 { // the odd ones are heavy
		t = p.lineWidth('2')
	}
	mid := middle(at)
	for i := range pieces {
		if vertical {
			y0, y1 := at.Min.Y+i*at.Dy()/pieces, at.Min.Y+(i+1)*at.Dy()/pieces
			p.fill(image.Rect(mid.X-t/2, y0+t/2, mid.X-t/2+t, y1-t/2), c)
		} else {
			x0, x1 := at.Min.X+i*at.Dx()/pieces, at.Min.X+(i+1)*at.Dx()/pieces
			p.fill(image.Rect(x0+t/2, mid.Y-t/2, x1-t/2, mid.Y-t/2+t), c)
		}
	}
}

// arc draws a rounded corner: a quarter of a circle, and from its ends straight
// lines to the edges of the cell.
func (p *painter) arc(r rune, at image.Rectangle, c color.RGBA) {
	right, down := r == '╭' || r == '╰', r == '╭' || r == '╮'
	mid := middle(at)
	t := p.lineWidth('1')
	// The middle of a line that is t wide, where straight lines have it.
	lineX, lineY := float64(mid.X-t/2)+float64(t)/2, float64(mid.Y-t/2)+float64(t)/2
	radius := float64(at.Dx()) * 3 / 8
	// Distances from the circle's centre count towards the corner.
	towardsX, towardsY := -1.0, -1.0
	if !right {
		towardsX = 1
	}
	if !down {
		towardsY = 1
	}
	centerX, centerY := lineX-towardsX*radius, lineY-towardsY*radius
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			dx := (float64(x) + 0.5 - centerX) * towardsX
			dy := (float64(y) + 0.5 - centerY) * towardsY
			var distance float64
			switch {
			case dx > 0 && dy > 0:
				distance = math.Abs(math.Hypot(dx, dy) - radius)
			case dx > 0:
				distance = math.Abs(dx - radius)
			case dy > 0:
				distance = math.Abs(dy - radius)
			default:
				continue
			}
			if cover := float64(t)/2 + 0.5 - distance; cover > 0 {
				under := p.img.RGBAAt(x, y)
				p.img.SetRGBA(x, y, mix(under, c, min(cover, 1)))
			}
		}
	}
}

// block draws one of the block elements.
func (p *painter) block(r rune, at image.Rectangle, c color.RGBA) {
	mid := middle(at)
	rect := at
	switch {
	case r == '▀':
		rect.Max.Y = mid.Y
	case r >= '▁' && r <= '█':
		rect.Min.Y = at.Max.Y - at.Dy()*int(r-'▁'+1)/8
	case r >= '▉' && r <= '▏':
		rect.Max.X = at.Min.X + at.Dx()*(7-int(r-'▉'))/8
	case r == '▐':
		rect.Min.X = mid.X
	case r >= '░' && r <= '▓':
		under := p.img.RGBAAt(at.Min.X, at.Min.Y)
		c = mix(under, c, float64(r-'░'+1)/4)
	case r == '▔':
		rect.Max.Y = at.Min.Y + at.Dy()/8
	case r == '▕':
		rect.Min.X = at.Max.X - at.Dx()/8
	default:
		p.quadrants(r, at, c)
		return
	}
	p.fill(rect, c)
}

// quadrants draws U+2596 to U+259F: bit 1 is the upper left quarter, 2 the
// upper right, 4 the lower left, 8 the lower right.
func (p *painter) quadrants(r rune, at image.Rectangle, c color.RGBA) {
	quarters := [...]int{4, 8, 1, 1 | 4 | 8, 1 | 8, 1 | 2 | 4, 1 | 2 | 8, 2, 2 | 4, 2 | 4 | 8}[r-0x2596]
	mid := middle(at)
	for i, quarter := range []image.Rectangle{
		{Min: at.Min, Max: mid},
		image.Rect(mid.X, at.Min.Y, at.Max.X, mid.Y),
		image.Rect(at.Min.X, mid.Y, mid.X, at.Max.Y),
		{Min: mid, Max: at.Max},
	} {
		if quarters&(1<<i) != 0 {
			p.fill(quarter, c)
		}
	}
}

// braille draws a pattern of dots, which programs use for small plots and for
// spinners. The low bits are the dots 1 to 8.
func (p *painter) braille(r rune, at image.Rectangle, c color.RGBA) {
	size := max(at.Dx()/5, 2)
	for dot, place := range [8]image.Point{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}} {
		if int(r)&(1<<dot) == 0 {
			continue
		}
		x := at.Min.X + (2*place.X+1)*at.Dx()/4 - size/2
		y := at.Min.Y + (2*place.Y+1)*at.Dy()/8 - size/2
		p.fill(image.Rect(x, y, x+size, y+size), c)
	}
}
