package pictures

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/tui/tuitest"
	"github.com/k8stutor/k8stutor/tui/tuitest/shot"
)

// camera runs the tutor for a learner with an empty home folder, and draws.
type camera struct {
	tutor, sandbox, home string
	fonts                *shot.Fonts
	light                bool // the terminal is
}

func newCamera(t *testing.T) *camera {
	fonts, err := shot.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	c := &camera{tutor: os.Getenv("K8STUTOR_BIN"), sandbox: os.Getenv("K8STUTOR_SANDBOX"), home: t.TempDir(), fonts: fonts}
	if c.tutor == "" || c.sandbox == "" {
		t.Fatal("K8STUTOR_BIN and K8STUTOR_SANDBOX must name the two programs; make pictures sets them")
	}
	// The prompt is nobody's name and machine.
	if err := os.WriteFile(filepath.Join(c.home, ".bashrc"), []byte("PS1='$ '\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd := c.command("sandbox", "down", "--purge", "--yes")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("stop the sandbox: %v\n%s", err, out)
		}
	})
	return c
}

func (c *camera) command(args ...string) *exec.Cmd {
	cmd := exec.Command(c.tutor, args...)
	cmd.Env = []string{
		"HOME=" + c.home,
		"XDG_STATE_HOME=" + filepath.Join(c.home, ".local", "state"),
		"K8STUTOR_SANDBOX=" + c.sandbox,
		"PATH=/usr/local/bin:/usr/bin:/bin",
		"SHELL=/bin/bash",
		"USER=learner",
		"LANG=C.UTF-8",
	}
	return cmd
}

func (c *camera) open(t *testing.T, width, height int, args ...string) *tuitest.T {
	cmd := c.command(append([]string{"--cluster", "sandbox"}, args...)...)
	cmd.Dir = c.home
	return tuitest.Setup{Timeout: 2 * time.Minute, Light: c.light}.Command(t, cmd, width, height)
}

// look is how screens are drawn.
func (c *camera) look(fontSize float64) shot.Options {
	o := shot.Options{Theme: shot.Dark(), FontSize: fontSize, HideCursor: true, Fonts: c.fonts}
	if c.light {
		o.Theme = shot.Light()
	}
	return o
}

// shoot draws the screen as it is now.
func (c *camera) shoot(t *testing.T, tt *tuitest.T, name string) {
	t.Helper()
	drawn, err := shot.Draw(tt.Terminal().Snapshot(), c.look(24))
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&file, paletted(drawn, frequent(256, drawn))); err != nil {
		t.Fatal(err)
	}
	if file.Len() > maxSize {
		t.Errorf("%s has %d bytes, at most %d are wanted", name, file.Len(), maxSize)
	}
	write(t, name+".png", file.Bytes())
	t.Logf("%s.png: %d KB\n%s", name, file.Len()/1000, onScreen(tt))
}

func write(t *testing.T, name string, file []byte) {
	t.Helper()
	if err := os.MkdirAll(*folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*folder, name), file, 0o644); err != nil {
		t.Fatal(err)
	}
}

// frequent are the n colours that pictures have most of. A screen has few colours
// and many shades between them at the edges of letters.
func frequent(n int, pictures ...*image.RGBA) color.Palette {
	pixels := map[color.RGBA]int{}
	for _, p := range pictures {
		for i := 0; i < len(p.Pix); i += 4 {
			pixels[color.RGBA{p.Pix[i], p.Pix[i+1], p.Pix[i+2], p.Pix[i+3]}]++
		}
	}
	byCount := slices.SortedFunc(maps.Keys(pixels), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(pixels[b], pixels[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var most color.Palette
	for _, c := range byCount[:min(n, len(byCount))] {
		most = append(most, c)
	}
	return most
}

// paletted is a picture in the colours of a palette: one that it lacks becomes
// the nearest.
func paletted(full *image.RGBA, colors color.Palette) *image.Paletted {
	index := map[color.RGBA]uint8{}
	bounds := full.Bounds()
	small := image.NewPaletted(bounds, colors)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := full.RGBAAt(x, y)
			i, known := index[c]
			if !known {
				i = uint8(colors.Index(c))
				index[c] = i
			}
			small.SetColorIndex(x, y, i)
		}
	}
	return small
}
