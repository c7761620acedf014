package pictures

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
	"github.com/k8stutor/k8stutor/tui/tuitest"
	"github.com/k8stutor/k8stutor/tui/tuitest/shot"
)

const (
	exposure  = 90 * time.Millisecond // between two looks at the screen
	longest   = 2 * time.Second       // that one picture is shown, however long it stood
	lastOne   = 4 * time.Second       // that the last one is
	keystroke = 45 * time.Millisecond // between two letters of somebody who types
	shades    = 95                    // colours of the film, without the one that changes nothing
)

// still is a screen of a film and when it was seen.
type still struct {
	screen vt.Snapshot
	at     time.Time
}

// recorder looks at a terminal until it is stopped.
type recorder struct {
	tt         *tuitest.T
	stop, done chan struct{}
	stills     []still
}

func record(tt *tuitest.T) *recorder {
	r := &recorder{tt: tt, stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(r.done)
		tick := time.NewTicker(exposure)
		defer tick.Stop()
		seen := ^uint64(0)
		for {
			if version := tt.Terminal().Version(); version != seen {
				seen = version
				r.stills = append(r.stills, still{tt.Terminal().Snapshot(), time.Now()})
			}
			select {
			case <-tick.C:
			case <-r.stop:
				return
			}
		}
	}()
	return r
}

// cut ends the recording.
func (r *recorder) cut() []still {
	close(r.stop)
	<-r.done
	return r.stills
}

// typed types as somebody does, after looking at the screen for a while.
func typed(tt *tuitest.T, look time.Duration, line string) {
	<-time.After(look)
	for _, r := range line {
		tt.Type(string(r))
		<-time.After(keystroke)
	}
	<-time.After(4 * keystroke)
	tt.Type("\r")
}

// film does the first step of the first exercise: a mistake, what the tutor says
// to it, and the way out.
func (c *camera) film(t *testing.T) {
	tt := c.open(t, 100, 30, "--lang", "en", "pods")
	tt.Wait("page 1 of")
	atRest(tt)
	r := record(tt)
	<-time.After(longest)
	tt.Keys("e")
	tt.Wait("Run a Pod")
	tt.Until("the shell waits", func(screen string) bool { return prompt.MatchString(screen) })
	<-time.After(longest)
	tt.Keys("f6")
	typed(tt, time.Second/2, "kubectl run web --image=nginx")
	tt.WaitRE(`expected +nginx:1\.27`)
	<-time.After(2 * longest)
	typed(tt, 0, "kubectl set image pod/web web=nginx:1.27")
	tt.WaitRE(`Run a Pod +pass`)
	<-time.After(longest)
	typed(tt, 0, "kubectl get pod web -o wide")
	tt.WaitRE(`web +1/1 +Running`)
	<-time.After(longest / 2)
	tt.Keys("f6", "n")
	tt.Wait("Find its address")
	<-time.After(longest)
	stills := r.cut()
	tt.Keys("q")
	tt.Exit(0)

	file := c.develop(t, stills)
	if len(file) > maxFilm {
		t.Errorf("the film has %d bytes, at most %d are wanted", len(file), maxFilm)
	}
	write(t, "exercise.gif", file)
}

// develop makes an animation: each picture holds what differs from the one before.
func (c *camera) develop(t *testing.T, stills []still) []byte {
	t.Helper()
	options := c.look(18)
	options.HideCursor = false
	var drawn []*image.RGBA
	for _, s := range stills {
		one, err := shot.Draw(s.screen, options)
		if err != nil {
			t.Fatal(err)
		}
		drawn = append(drawn, one)
	}
	same := uint8(shades) // the colour that changes nothing
	colors := frequent(shades, drawn[0], drawn[len(drawn)/2], drawn[len(drawn)-1])
	for len(colors) < shades {
		colors = append(colors, color.RGBA{A: 0xff})
	}
	film := gif.GIF{LoopCount: 0}
	var before *image.Paletted
	length := time.Duration(0)
	for i, full := range drawn {
		picture := paletted(full, colors)
		shown := lastOne
		if i+1 < len(stills) {
			shown = min(stills[i+1].at.Sub(stills[i].at), longest)
		}
		part, changed := picture, image.Rectangle{}
		if before != nil {
			part, changed = difference(before, picture, append(colors[:shades:shades], color.RGBA{}), same)
			if changed.Empty() { // what has changed cannot be seen
				film.Delay[len(film.Delay)-1] += int(shown / (10 * time.Millisecond))
				continue
			}
		} else {
			part.Palette = append(colors[:shades:shades], color.RGBA{})
		}
		before = picture
		film.Image = append(film.Image, part)
		film.Delay = append(film.Delay, int(shown/(10*time.Millisecond)))
		film.Disposal = append(film.Disposal, gif.DisposalNone)
	}
	for _, d := range film.Delay {
		length += time.Duration(d) * 10 * time.Millisecond
	}
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, &film); err != nil {
		t.Fatal(err)
	}
	t.Logf("the film has %d pictures of %v, takes %v and %d KB", len(film.Image), drawn[0].Bounds().Size(), length, file.Len()/1000)
	return file.Bytes()
}

// difference is the smallest part of next that differs from before, with the
// colour same where it does not.
func difference(before, next *image.Paletted, colors color.Palette, same uint8) (*image.Paletted, image.Rectangle) {
	var changed image.Rectangle
	b := next.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if before.ColorIndexAt(x, y) != next.ColorIndexAt(x, y) {
				changed = changed.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	part := image.NewPaletted(changed, colors)
	for y := changed.Min.Y; y < changed.Max.Y; y++ {
		for x := changed.Min.X; x < changed.Max.X; x++ {
			i := next.ColorIndexAt(x, y)
			if before.ColorIndexAt(x, y) == i {
				i = same
			}
			part.SetColorIndex(x, y, i)
		}
	}
	return part, changed
}
