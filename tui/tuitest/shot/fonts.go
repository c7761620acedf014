package shot

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// ErrNoFonts says what to install where fonts are missing.
var ErrNoFonts = errors.New("install the fonts JetBrains Mono, DejaVu Sans Mono and Noto Sans CJK; on Debian and Ubuntu: apt-get install fonts-jetbrains-mono fonts-dejavu fonts-noto-cjk")

// cjkFamily is the member of the Noto CJK collections that is taken: its
// glyphs are all one em wide.
const cjkFamily = "Noto Sans Mono CJK SC"

// Fonts are the fonts a picture is drawn with. They can be used for any number
// of pictures, by one goroutine at a time.
type Fonts struct{ styles [4]family } // by style: bold 1, italic 2

// family is the fonts for one style, in the order they are asked for a glyph.
type family struct{ main, symbols, cjk *sfnt.Font }

// LoadFonts finds the fonts on this system.
func LoadFonts() (*Fonts, error) {
	dirs := []string{"/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts"}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".local/share/fonts"), filepath.Join(home, ".fonts"), filepath.Join(home, "Library/Fonts"))
	}
	return loadFonts(dirs)
}

func loadFonts(dirs []string) (*Fonts, error) {
	loader := fontLoader{dirs: dirs, loaded: map[string]*sfnt.Font{}}
	var f Fonts
	for i, names := range [4][3]string{
		{"JetBrainsMono-Regular.ttf", "DejaVuSansMono.ttf", "NotoSansCJK-Regular.ttc"},
		{"JetBrainsMono-Bold.ttf", "DejaVuSansMono-Bold.ttf", "NotoSansCJK-Bold.ttc"},
		{"JetBrainsMono-Italic.ttf", "DejaVuSansMono.ttf", "NotoSansCJK-Regular.ttc"},
		{"JetBrainsMono-BoldItalic.ttf", "DejaVuSansMono-Bold.ttf", "NotoSansCJK-Bold.ttc"},
	} {
		f.styles[i] = family{main: loader.load(names[0]), symbols: loader.load(names[1]), cjk: loader.load(names[2])}
	}
	if loader.err != nil {
		return nil, loader.err
	}
	return &f, nil
}

// fontLoader loads each file once and remembers the first thing that failed.
type fontLoader struct {
	dirs   []string
	loaded map[string]*sfnt.Font
	err    error
}

func (l *fontLoader) load(name string) *sfnt.Font {
	if f := l.loaded[name]; f != nil || l.err != nil {
		return f
	}
	f, err := l.read(name)
	if err != nil {
		l.err = err
		return nil
	}
	l.loaded[name] = f
	return f
}

func (l *fontLoader) read(name string) (*sfnt.Font, error) {
	path := l.find(name)
	if path == "" {
		return nil, fmt.Errorf("the font file %s is nowhere below %s: %w", name, strings.Join(l.dirs, ", "), ErrNoFonts)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if filepath.Ext(name) != ".ttc" {
		f, err := opentype.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", path, err)
		}
		return f, nil
	}
	c, err := opentype.ParseCollection(data)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", path, err)
	}
	for i := range c.NumFonts() {
		f, err := c.Font(i)
		if err != nil {
			return nil, fmt.Errorf("font %s, member %d: %w", path, i, err)
		}
		full, err := f.Name(nil, sfnt.NameIDFull)
		if err == nil && strings.HasPrefix(full, cjkFamily) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("font %s: it has no %s: %w", path, cjkFamily, ErrNoFonts)
}

// find returns the path of the file called name, or "".
func (l *fontLoader) find(name string) string {
	found := ""
	for _, dir := range l.dirs {
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && d.Name() == name {
				found = path
				return fs.SkipAll
			}
			return nil // directories that are not there or not ours hold no font
		})
		if found != "" {
			break
		}
	}
	return found
}

// faces are fonts at a size.
type faces struct {
	fonts  *Fonts
	buffer sfnt.Buffer
	byFont map[*sfnt.Font]font.Face
}

func (f *Fonts) faces(size float64) (*faces, error) {
	fs := &faces{fonts: f, byFont: map[*sfnt.Font]font.Face{}}
	for _, fam := range f.styles {
		for _, ft := range []*sfnt.Font{fam.main, fam.symbols, fam.cjk} {
			if fs.byFont[ft] != nil {
				continue
			}
			face, err := opentype.NewFace(ft, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
			if err != nil {
				return nil, fmt.Errorf("scale a font to %g pixels: %w", size, err)
			}
			fs.byFont[ft] = face
		}
	}
	return fs, nil
}

// face returns the face that has a glyph for r, or nil.
func (f *faces) face(r rune, wide bool, attr vt.Attr) font.Face {
	style := 0
	if attr&vt.Bold != 0 {
		style |= 1
	}
	if attr&vt.Italic != 0 {
		style |= 2
	}
	fam := f.fonts.styles[style]
	order := []*sfnt.Font{fam.main, fam.symbols, fam.cjk}
	if wide {
		order = []*sfnt.Font{fam.cjk, fam.main, fam.symbols}
	}
	for _, ft := range order {
		if i, err := ft.GlyphIndex(&f.buffer, r); err == nil && i != 0 {
			return f.byFont[ft]
		}
	}
	return nil
}

// glyphs draws the text of a cell, centred in it. A character that no font has
// shows as a frame.
func (p *painter) glyphs(c vt.Cell, at image.Rectangle, fg color.RGBA) {
	src := image.NewUniform(fg)
	for i, r := range c.Text {
		if invisible(r) {
			continue
		}
		face := p.faces.face(r, c.Width == 2, c.Style.Attr)
		if face == nil {
			if i == 0 {
				p.frame(at.Inset(2*p.thickness), fg)
			}
			continue
		}
		advance, _ := face.GlyphAdvance(r)
		x := fixed.I(at.Min.X) + (fixed.I(at.Dx())-advance)/2
		dot := fixed.Point26_6{X: x, Y: fixed.I(at.Min.Y + p.baseline)}
		if i > 0 && advance == 0 { // a mark is set back over what it follows
			dot.X = fixed.I(at.Min.X) + fixed.I(at.Dx())
		}
		if dr, mask, maskp, _, ok := face.Glyph(dot, r); ok {
			draw.DrawMask(p.img, dr, src, image.Point{}, mask, maskp, draw.Over)
		}
	}
}

// invisible reports whether r only joins or selects others.
func invisible(r rune) bool {
	return r == 0x200b || r == 0x200c || r == 0x200d || r >= 0xfe00 && r <= 0xfe0f
}

func (p *painter) frame(r image.Rectangle, c color.RGBA) {
	t := p.thickness
	p.fill(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+t), c)
	p.fill(image.Rect(r.Min.X, r.Max.Y-t, r.Max.X, r.Max.Y), c)
	p.fill(image.Rect(r.Min.X, r.Min.Y, r.Min.X+t, r.Max.Y), c)
	p.fill(image.Rect(r.Max.X-t, r.Min.Y, r.Max.X, r.Max.Y), c)
}
