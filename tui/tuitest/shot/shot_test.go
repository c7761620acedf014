package shot

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

const cellW, cellH = 18, 40 // at the default font size

// drawn draws what a terminal shows after s, without padding.
func drawn(t *testing.T, width, height int, s string, opts Options) *image.RGBA {
	t.Helper()
	term := vt.New(width, height, vt.Options{})
	term.Write([]byte(s))
	opts.Padding = -1
	img, err := Draw(term.Snapshot(), opts)
	if errors.Is(err, ErrNoFonts) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// ink counts the pixels of r that are not of the background.
func ink(img *image.RGBA, r image.Rectangle, background color.RGBA) (n int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if img.RGBAAt(x, y) != background {
				n++
			}
		}
	}
	return n
}

func cellAt(x, y int) image.Rectangle {
	return image.Rect(x*cellW, y*cellH, (x+1)*cellW, (y+1)*cellH)
}

func TestPictureHasTheSizeOfTheScreen(t *testing.T) {
	t.Parallel()
	term := vt.New(80, 24, vt.Options{})
	var b bytes.Buffer
	if err := PNG(&b, term.Snapshot(), Options{Padding: 10}); errors.Is(err, ErrNoFonts) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := img.Bounds().Size(), image.Pt(80*cellW+20, 24*cellH+20); got != want {
		t.Errorf("picture of %v, want %v", got, want)
	}
}

func TestTextIsDrawnInItsCells(t *testing.T) {
	t.Parallel()
	bg := Dark().Background
	img := drawn(t, 12, 2, "a 课程\r\n \x1b[8mx\x1b[m", Options{HideCursor: true})
	for x, want := range []bool{true, false, true, true, true, true, false} {
		if got := ink(img, cellAt(x, 0), bg) > 0; got != want {
			t.Errorf("ink in column %d: %v, want %v", x, got, want)
		}
	}
	if ink(img, cellAt(1, 1), bg) > 0 {
		t.Error("concealed text is drawn")
	}
}

func TestColors(t *testing.T) {
	t.Parallel()
	theme := Light()
	img := drawn(t, 8, 1, "\x1b[44m \x1b[48;5;208m \x1b[48;2;1;2;3m \x1b[m\x1b[7m \x1b[m\x1b[31;7m ", Options{Theme: theme})
	for x, want := range []color.RGBA{
		theme.Palette[4], hex(0xff8700), hex(0x010203), theme.Foreground, theme.Palette[1], theme.Cursor, theme.Background,
	} {
		if got := img.RGBAAt(x*cellW+cellW/2, cellH/2); got != want {
			t.Errorf("cell %d is %v, want %v", x, got, want)
		}
	}
}

func TestLinesMeet(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, box string }{
		{"light", "┌─┬─┐\r\n├─┼─┤\r\n└─┴─┘"},
		{"heavy", "┏━┳━┓\r\n┣━╋━┫\r\n┗━┻━┛"},
		{"double", "╔═╦═╗\r\n╠═╬═╣\r\n╚═╩═╝"},
		{"rounded", "╭─┬─╮\r\n├─┼─┤\r\n╰─┴─╯"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			bg := Dark().Background
			img := drawn(t, 5, 3, tc.box, Options{HideCursor: true})
			// On both sides of each edge between cells the same pixels are drawn.
			for x := 1; x < 5; x++ {
				a := ink(img, image.Rect(x*cellW-1, 0, x*cellW, 3*cellH), bg)
				b := ink(img, image.Rect(x*cellW, 0, x*cellW+1, 3*cellH), bg)
				if a == 0 || a != b {
					t.Errorf("left of column %d are %d pixels, right of it %d", x, a, b)
				}
			}
			for y := 1; y < 3; y++ {
				a := ink(img, image.Rect(0, y*cellH-1, 5*cellW, y*cellH), bg)
				b := ink(img, image.Rect(0, y*cellH, 5*cellW, y*cellH+1), bg)
				if a == 0 || a != b {
					t.Errorf("above row %d are %d pixels, below it %d", y, a, b)
				}
			}
			// The outside stays empty.
			if n := ink(img, image.Rect(0, 0, 5*cellW, cellH/2-4), bg); n != 0 {
				t.Errorf("%d pixels above the box", n)
			}
			if n := ink(img, image.Rect(0, 0, cellW/2-4, 3*cellH), bg); n != 0 {
				t.Errorf("%d pixels left of the box", n)
			}
		})
	}
}

func TestBlocksFillTheirShare(t *testing.T) {
	t.Parallel()
	bg := Dark().Background
	img := drawn(t, 10, 1, "█▀▄▌▐▁▏▚▟", Options{HideCursor: true})
	for x, want := range []int{8, 4, 4, 4, 4, 1, 1, 4, 6} {
		got := float64(ink(img, cellAt(x, 0), bg)) / (cellW * cellH) * 8
		if diff := got - float64(want); diff < -0.2 || diff > 0.2 {
			t.Errorf("block %d fills %.1f eighths, want %d", x, got, want)
		}
	}
}

func TestEveryLineAndBlockHasAShapeOrAGlyph(t *testing.T) {
	t.Parallel()
	bg := Dark().Background
	var all strings.Builder
	for r := rune(0x2500); r <= 0x259f; r++ {
		all.WriteString(string(r) + " ")
	}
	img := drawn(t, 2*0xa0, 1, all.String(), Options{HideCursor: true})
	for i := range 0xa0 {
		r := rune(0x2500 + i)
		if ink(img, cellAt(2*i, 0), bg) == 0 {
			t.Errorf("%c (%U) is not drawn", r, r)
		}
		if ink(img, cellAt(2*i+1, 0), bg) > 40 { // diagonals of the font reach over a little
			t.Errorf("%c (%U) is drawn over its neighbour", r, r)
		}
	}
}

func TestBrailleHasADotForEachBit(t *testing.T) {
	t.Parallel()
	bg := Dark().Background
	img := drawn(t, 8, 1, "⠀⠁⠃⠇⠏⠟⠿⣿", Options{HideCursor: true})
	for x, dots := range []int{0, 1, 2, 3, 4, 5, 6, 8} {
		if got := ink(img, cellAt(x, 0), bg); got != dots*3*3 {
			t.Errorf("pattern %d has %d pixels, want %d dots of 9", x, got, dots)
		}
	}
}

func TestUnderlinesAndStrikes(t *testing.T) {
	t.Parallel()
	bg := Dark().Background
	for _, sgr := range []string{"4", "4:2", "4:3", "4:4", "4:5", "9"} {
		img := drawn(t, 2, 1, "\x1b["+sgr+";58;2;255;0;0m \x1b[m", Options{HideCursor: true})
		if ink(img, cellAt(0, 0), bg) == 0 {
			t.Errorf("SGR %s draws nothing", sgr)
		}
		if ink(img, cellAt(1, 0), bg) != 0 {
			t.Errorf("SGR %s reaches over its cell", sgr)
		}
	}
}

func TestTheSameScreenGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	term := vt.New(40, 5, vt.Options{})
	term.Write([]byte("\x1b[1m第 3 课\x1b[m Service \x1b[3;4mendpoints\x1b[m e\u0301"))
	var pictures [2]bytes.Buffer
	for i := range pictures {
		if err := PNG(&pictures[i], term.Snapshot(), Options{}); errors.Is(err, ErrNoFonts) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(pictures[0].Bytes(), pictures[1].Bytes()) {
		t.Error("the pictures differ")
	}
}

func TestMissingFontsSayWhatToInstall(t *testing.T) {
	t.Parallel()
	_, err := loadFonts([]string{t.TempDir()})
	if !errors.Is(err, ErrNoFonts) {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"JetBrainsMono-Regular.ttf", "fonts-jetbrains-mono", "fonts-dejavu", "fonts-noto-cjk"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}

func TestFontSizeOutOfRange(t *testing.T) {
	t.Parallel()
	for _, size := range []float64{1, 1000} {
		if _, err := Draw(vt.New(2, 1, vt.Options{}).Snapshot(), Options{FontSize: size}); err == nil {
			t.Errorf("no error at %g pixels", size)
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	fonts, err := LoadFonts()
	if err != nil {
		b.Skip(err)
	}
	term := vt.New(120, 36, vt.Options{})
	term.Write([]byte(strings.Repeat("│ \x1b[32m就绪的 Pod\x1b[m ─ Running ", 120)))
	for b.Loop() {
		if err := PNG(new(bytes.Buffer), term.Snapshot(), Options{Fonts: fonts}); err != nil {
			b.Fatal(err)
		}
	}
}
