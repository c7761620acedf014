// Package pictures makes the pictures of the documents from the real programs:
// it does the exercise on Services in a terminal emulator, on a sandbox that it
// starts, and draws the screen at the moments that are worth showing.
//
// It is a test, so that it can drive the program as other tests do, and runs
// only when it is told where to write: `make pictures`.
package pictures

import (
	"bytes"
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/tui/tuitest"
	"github.com/k8stutor/k8stutor/tui/tuitest/shot"
)

var folder = flag.String("pictures", "", "write the pictures to this folder")

// maxSize is what a picture may have, so that a page with some of them loads
// fast and the repository stays small.
const maxSize = 300_000

func TestPictures(t *testing.T) {
	if *folder == "" {
		t.Skip("make pictures writes them")
	}
	c := newCamera(t)
	tt := c.open(t, 80, 24)

	tt.Wait("Services")
	tt.Keys("G", "enter")
	tt.Wait("page 1 of")
	tt.Keys("c")
	tt.Wait("no cluster yet")
	tt.Keys("enter")
	// For a second at least, so that the screen has been drawn completely: it
	// is never at rest while a cluster starts.
	tt.WaitRE(`kube-apiserver +starting +[1-9]`)
	c.shoot(t, tt, "cluster-start")
	tt.Wait("is open.")
	tt.Keys("esc")
	tt.Wait("page 1 of")

	tt.Resize(120, 36)
	tt.Keys("e")
	tt.WaitRE(`Create the Deployment +not yet`)
	prompt := regexp.MustCompile(`│\$ +│\n`) // and nothing typed behind it
	command := func(line, shows string) {
		tt.Until("the shell waits", func(screen string) bool { return prompt.MatchString(screen) })
		tt.Keys("f6")
		tt.Type(line + "\r")
		tt.WaitRE(shows)
		tt.Keys("f6")
	}
	command("kubectl create deployment web --image=nginx:1.27 --replicas=3", `Create the Deployment +pass`)
	tt.Keys("n")
	tt.Wait("Put a Service in front")
	command("kubectl expose deployment web --port=80 --target-port=8080", `found +80→8080`)
	command("kubectl get service web", `<none> +80/TCP`)
	tt.WaitRE(`EndpointSlice.*3 ready`)
	tt.Gone("◆") // the mark of what has just changed
	atRest(tt)
	c.shoot(t, tt, "exercise-en")
	tt.Keys("l")
	tt.WaitRE(`实际 +80→8080`)
	atRest(tt)
	c.shoot(t, tt, "exercise-zh")
	tt.Keys("H")
	tt.Wait("继续：")
	atRest(tt)
	c.shoot(t, tt, "home-zh")

	tt.Keys("l")
	tt.Wait("Continue:")
	tt.Resize(80, 24)
	tt.Keys("G", "enter")
	tt.Wait("not yet")
	tt.Keys("z")
	choice := tt.WaitRE(`([1-9])\. All Pods that its selector matches`)[1]
	tt.Keys(choice, "enter")
	tt.Wait("Not right")
	atRest(tt)
	c.shoot(t, tt, "quiz-en")
	tt.Keys("q")
	tt.Exit(0)
}

// atRest waits until nothing has been drawn for a while, so that what is on the
// screen is a whole frame and not the beginning of one. It is less than a second,
// in which the exercise's ages change.
func atRest(tt *tuitest.T) {
	const quiet = 400 * time.Millisecond
	for before := ^uint64(0); before != tt.Terminal().Version(); {
		before = tt.Terminal().Version()
		<-time.After(quiet)
	}
}

// camera runs the tutor for a learner with an empty home folder, and draws.
type camera struct {
	tutor, sandbox, home string
	fonts                *shot.Fonts
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

func (c *camera) open(t *testing.T, width, height int) *tuitest.T {
	cmd := c.command("--cluster", "sandbox")
	cmd.Dir = c.home
	return tuitest.Setup{Timeout: 2 * time.Minute}.Command(t, cmd, width, height)
}

// shoot draws the screen as it is now.
func (c *camera) shoot(t *testing.T, tt *tuitest.T, name string) {
	t.Helper()
	drawn, err := shot.Draw(tt.Terminal().Snapshot(), shot.Options{FontSize: 24, HideCursor: true, Fonts: c.fonts})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&file, paletted(drawn)); err != nil {
		t.Fatal(err)
	}
	if file.Len() > maxSize {
		t.Errorf("%s has %d bytes, at most %d are wanted", name, file.Len(), maxSize)
	}
	if err := os.MkdirAll(*folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*folder, name+".png"), file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s.png: %d KB\n%s", name, file.Len()/1000, strings.TrimRight(tt.Screen(), "\n"))
}

// paletted is a picture with the 256 colours that it has most of. A screen has
// few colours and many shades between them at the edges of letters; a shade
// that is rare becomes the nearest of the others.
func paletted(full *image.RGBA) *image.Paletted {
	pixels := map[color.RGBA]int{}
	bounds := full.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			pixels[full.RGBAAt(x, y)]++
		}
	}
	byCount := slices.SortedFunc(maps.Keys(pixels), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(pixels[b], pixels[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var most color.Palette
	for _, c := range byCount[:min(256, len(byCount))] {
		most = append(most, c)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range byCount {
		index[c] = uint8(most.Index(c))
	}
	small := image.NewPaletted(bounds, most)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			small.SetColorIndex(x, y, index[full.RGBAAt(x, y)])
		}
	}
	return small
}
