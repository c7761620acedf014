package picture

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// oddNames are names that no API server lets through, and some that it does.
var oddNames = []string{"web", "api", "数据库", "家族👨‍👩‍👧‍👦", "שלום", "\x1b[31mred\x1b[0m", "a\x00b", "\u202eevil", "e\u0301", strings.Repeat("long-", 40), "", "x\ny", "web-1", "web-2"}

// anything is a random value of decoded JSON.
func anything(r *rand.Rand, depth int) any {
	switch n := r.IntN(9); {
	case n == 0:
		return nil
	case n == 1:
		return r.IntN(2) == 0
	case n == 2:
		return float64(r.IntN(1000)) - 10
	case n < 6 || depth == 0:
		return oddNames[r.IntN(len(oddNames))]
	case n == 6:
		list := make([]any, r.IntN(3))
		for i := range list {
			list[i] = anything(r, depth-1)
		}
		return list
	default:
		m := object{}
		for range r.IntN(4) {
			m[oddNames[r.IntN(len(oddNames))]] = anything(r, depth-1)
		}
		return m
	}
}

// randomWorld is a snapshot of objects that are partly sound, partly broken and
// partly of no shape at all.
func randomWorld(r *rand.Rand) lessons.Snapshot {
	kinds := lessons.KindNames()
	var objects []lessons.Object
	for _, scene := range [][]lessons.Object{healthy(), rollingOut(), database(), fanOut(), crowd(r.IntN(40))} {
		for _, o := range scene {
			if r.IntN(3) > 0 {
				continue
			}
			if r.IntN(4) == 0 {
				o["metadata"].(object)["name"] = oddNames[r.IntN(len(oddNames))]
			}
			for _, field := range []string{"spec", "status", "endpoints", "data"} {
				if r.IntN(12) == 0 {
					o[field] = anything(r, 3)
				}
			}
			objects = append(objects, o)
		}
	}
	for range r.IntN(12) {
		name := oddNames[r.IntN(len(oddNames))]
		objects = append(objects, lessons.Object{"kind": kinds[r.IntN(len(kinds))], "metadata": meta(name, nil, kinds[r.IntN(len(kinds))], oddNames[r.IntN(len(oddNames))]),
			"spec": anything(r, 3), "status": anything(r, 3)})
	}
	snap := snapshot(objects...)
	if r.IntN(5) == 0 {
		k, _ := lessons.KindNamed("Secret")
		snap.Kinds[k] = lessons.Listing{Err: &lessons.ClusterError{Trouble: lessons.Forbidden}}
	}
	return snap
}

// TestAnyObjectsMakeASoundPicture draws random objects at random widths.
func TestAnyObjectsMakeASoundPicture(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 5))
		g := Build(Source{Snapshot: randomWorld(r), Namespace: "shop", Words: WordsIn(lessons.Languages()[seed%2])})
		o := Options{Width: 1 + r.IntN(200), ASCII: r.IntN(2) == 0, Away: r.IntN(2) == 0}
		if r.IntN(3) == 0 {
			o.Width = 20 + r.IntN(100)
		}
		d := g.Draw(o)
		sound(t, fmt.Sprintf("seed %d, width %d", seed, o.Width), d, o)
		if o.Width >= least {
			complete(t, fmt.Sprintf("seed %d, width %d", seed, o.Width), g, o)
		}
		if text := g.Text(); strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }) {
			t.Errorf("seed %d: the text holds control characters: %q", seed, text)
		}
	}
}

// sound looks at each line: its width, and that nothing in it is obeyed by a
// terminal.
func sound(t *testing.T, name string, d Drawing, o Options) {
	t.Helper()
	for y, line := range d.Lines {
		width := 0
		for _, s := range line {
			if w := markdown.Width(s.Text); w != s.Width {
				t.Errorf("%s: line %d: %q is %d cells wide and not %d", name, y, s.Text, w, s.Width)
			}
			width += s.Width
			for _, c := range s.Text {
				if c < ' ' || c == 0x7f || c == '\u202e' {
					t.Errorf("%s: line %d holds %q", name, y, s.Text)
				}
			}
		}
		if width != o.Width {
			t.Errorf("%s: line %d is %d cells wide: %v", name, y, width, line)
		}
	}
	for _, s := range d.Stops {
		if s.Line < 0 || s.Line >= len(d.Lines) || s.X < 0 || s.X+s.W > o.Width {
			t.Errorf("%s: the stop %+v is not in the picture", name, s)
		}
	}
}

// complete opens all folds and looks for every object.
func complete(t *testing.T, name string, g *Graph, o Options) {
	t.Helper()
	o.Open = map[string]bool{}
	for range 3 { // a fold may lie in another
		for _, s := range g.Draw(o).Stops {
			if s.Fold() {
				o.Open[s.Key] = true
			}
		}
	}
	d := g.Draw(o)
	sound(t, name+", open", d, o)
	found := map[string]bool{}
	for _, s := range d.Stops {
		found[s.Key] = true
	}
	for _, n := range g.Nodes {
		if !found[n.Key] {
			t.Errorf("%s: %q is not in the picture:\n%s", name, n.Key, d.Plain())
		}
	}
}

// TestTheSamePictureTwice has maps iterate in other orders.
func TestTheSamePictureTwice(t *testing.T) {
	t.Parallel()
	for name, objects := range scenes() {
		first := built(lessons.English, objects).Draw(Options{Width: 90}).Plain()
		for range 5 {
			if again := built(lessons.English, objects).Draw(Options{Width: 90}).Plain(); again != first {
				t.Errorf("%s is drawn in two ways:\n%s\n%s", name, first, again)
			}
		}
	}
}

// TestAPhaseMovesNothing changes the state of each Pod and compares where the
// others stand.
func TestAPhaseMovesNothing(t *testing.T) {
	t.Parallel()
	for _, width := range []int{30, 48, 80, 120} {
		for _, state := range []string{"Pending", "ContainerCreating", "CrashLoopBackOff", "ImagePullBackOff"} {
			before := places(built(lessons.English, healthy()).Draw(Options{Width: width}))
			objects := healthy()
			name := lessons.TextAt(objects[3], "metadata", "name")
			objects[3] = pod(name, "ReplicaSet", "web-69c6f74b8b", "web", "nginx:1.27", state, 3)
			after := places(built(lessons.English, objects).Draw(Options{Width: width}))
			for key, at := range before {
				if after[key] != at {
					t.Errorf("at width %d, a Pod that is %s moves %s from %v to %v", width, state, key, at, after[key])
				}
			}
		}
	}
}

func TestWithoutBoxDrawingAllIsASCII(t *testing.T) {
	t.Parallel()
	for name, objects := range scenes() {
		for _, width := range []int{30, 80, 120} {
			text := built(lessons.English, objects).Draw(Options{Width: width, ASCII: true}).Plain()
			if i := strings.IndexFunc(text, func(r rune) bool { return r > '~' }); i >= 0 {
				t.Errorf("%s at width %d holds %q:\n%s", name, width, text[i:min(len(text), i+4)], text)
			}
		}
	}
}

func places(d Drawing) map[string][2]int {
	all := map[string][2]int{}
	for _, s := range d.Stops {
		all[s.Key] = [2]int{s.Line, s.X}
	}
	return all
}

func BenchmarkDraw(b *testing.B) {
	for _, size := range []int{200, 2000} {
		for _, open := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dPods/open=%v", size, open), func(b *testing.B) {
				g := built(lessons.Chinese, crowd(size))
				o := Options{Width: 120, Open: map[string]bool{}}
				for _, s := range g.Draw(o).Stops {
					o.Open[s.Key] = open && s.Fold()
				}
				for b.Loop() {
					g.Draw(o)
				}
			})
		}
	}
	b.Run("2000Objects", func(b *testing.B) {
		g := built(lessons.English, village(2000))
		for b.Loop() {
			g.Draw(Options{Width: 120})
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	for _, size := range []int{200, 2000} {
		b.Run(fmt.Sprintf("%dPods", size), func(b *testing.B) {
			snap := snapshot(crowd(size)...)
			for b.Loop() {
				Build(Source{Snapshot: snap, Namespace: "shop", Words: WordsIn(lessons.English)})
			}
		})
	}
	b.Run("2000Objects", func(b *testing.B) {
		snap := snapshot(village(2000)...)
		for b.Loop() {
			Build(Source{Snapshot: snap, Namespace: "shop", Words: WordsIn(lessons.English)})
		}
	})
}

// village is many small applications: a Deployment, ReplicaSet, Pod, Service and
// EndpointSlice each.
func village(n int) []lessons.Object {
	var objects []lessons.Object
	for i := range n / 5 {
		name := fmt.Sprintf("app-%03d", i)
		rs := name + "-69c6f74b8b"
		objects = append(objects, deployment(name, 1, 1, 1, "nginx:1.27"), replicaSet(rs, name, "nginx:1.27", 1, 1, 1),
			pod(rs+"-4qs48", "ReplicaSet", rs, name, "nginx:1.27", "Running", i%250), service(name, name, i%250), slice(name, rs+"-4qs48"))
	}
	return objects
}
