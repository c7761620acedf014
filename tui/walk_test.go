package tui

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/lessons"
)

// walkSteps is how many steps TestARandomWalk takes, together: what takes some
// seconds. The environment variable K8STUTOR_WALK sets another number (`make
// fuzz` 100,000), and K8STUTOR_WALK_SEED another first seed.
const walkSteps = 25_000

// walk drives an App at random: keys, mouse, pastes, sizes, reports, failures of
// what is outside, and time. Commands run as in the real program, each in a
// goroutine, and their messages come back at random moments. All of it runs in
// a bubble of testing/synctest, so that a seed always walks the same way.
type walk struct {
	*bench
	random *rand.Rand
	back   chan tea.Msg
	late   []tea.Msg // came back, not delivered yet
	seq    uint64
	trail  []string // the newest steps, for a failure
}

// keys that the program knows nothing of matter too.
func walkKeys() []string {
	names := []string{"你", "é", "👩‍👩‍👧", "ctrl+x", "alt+a", "shift+tab", "ctrl+up", "delete", "insert", "f12", "ctrl+z", "-", "=", "0", "9", "/", "\\", "~"}
	all := map[string]bool{}
	for _, b := range newKeysOf(lessons.English) {
		for _, k := range b.Keys() {
			all[k] = true
		}
	}
	for k := range all {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

// start runs a command as Bubble Tea does.
func (w *walk) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if v := reflect.ValueOf(msg); msg != nil && v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			for i := range v.Len() { // a batch or a sequence
				w.start(v.Index(i).Interface().(tea.Cmd))
			}
			return
		}
		select {
		case w.back <- msg:
		case <-w.app.crew.ctx.Done():
		}
	}()
}

// tell gives the App a message, starts what it asks for, takes in what came back
// meanwhile, and looks at the frame.
func (w *walk) tell(what string, msg tea.Msg) {
	w.trail = append(w.trail, what)
	if len(w.trail) > 40 {
		w.trail = w.trail[1:]
	}
	w.start(w.send(msg))
	synctest.Wait()
	for more := true; more; {
		select {
		case m := <-w.back:
			if _, quit := m.(tea.QuitMsg); m != nil && !quit {
				w.late = append(w.late, m)
			}
		default:
			more = false
		}
	}
	w.look()
}

// look wants a frame of exactly the terminal's size.
func (w *walk) look() {
	w.t.Helper()
	if err := exact(w.app.View().Content, w.app.w, w.app.h); err != nil {
		w.t.Fatalf("%v\nafter %s", err, strings.Join(w.trail, ", "))
	}
}

// exact reports how a frame's size differs from w x h.
func exact(content string, w, h int) error {
	if w < 1 || h < 1 {
		return nil
	}
	if n := strings.Count(content, "\n") + 1; n != h {
		return fmt.Errorf("the frame has %d lines in a terminal of %dx%d", n, w, h)
	}
	y := 0
	for line := range strings.SplitSeq(content, "\n") {
		if n := drawnWidth(line); n != w {
			return fmt.Errorf("line %d is %d cells wide in a terminal of %dx%d: %q", y, n, w, h, ansi.Strip(line))
		}
		y++
	}
	return nil
}

// deliver gives the App one of the messages that came back.
func (w *walk) deliver() {
	if len(w.late) == 0 {
		return
	}
	i := w.random.IntN(len(w.late))
	if w.random.IntN(4) > 0 {
		i = 0 // mostly in order
	}
	msg := w.late[i]
	w.late = slices.Delete(w.late, i, i+1)
	w.tell(fmt.Sprintf("%T", msg), msg)
}

func (w *walk) size() (width, height int) {
	switch r := w.random; r.IntN(8) {
	case 0:
		return 1 + r.IntN(59), 1 + r.IntN(200)
	case 1:
		return 1 + r.IntN(500), 1 + r.IntN(19)
	case 2:
		return []int{1, 2, 60, 61, 99, 100, 499, 500}[r.IntN(8)], []int{1, 2, 19, 20, 21, 200}[r.IntN(6)]
	}
	return 60 + w.random.IntN(70), 20 + w.random.IntN(25)
}

func (w *walk) mouse() tea.Msg {
	r := w.random
	m := tea.Mouse{X: r.IntN(w.app.w + 2), Y: r.IntN(w.app.h + 2), Button: tea.MouseButton(r.IntN(6))}
	switch r.IntN(6) {
	case 0:
		m.Button = tea.MouseWheelUp
		return tea.MouseWheelMsg(m)
	case 1:
		m.Button = tea.MouseWheelDown
		return tea.MouseWheelMsg(m)
	case 2:
		return tea.MouseReleaseMsg(m)
	case 3:
		return tea.MouseMotionMsg(m)
	}
	m.Button = tea.MouseLeft
	return tea.MouseClickMsg(m)
}

// step does one thing.
func (w *walk) step(keys []string) {
	r := w.random
	switch n := r.IntN(100); {
	case n < 3:
		width, height := w.size()
		w.tell(fmt.Sprintf("%dx%d", width, height), tea.WindowSizeMsg{Width: width, Height: height})
	case n == 3: // a storm
		for range 3 + r.IntN(8) {
			width, height := w.size()
			w.tell(fmt.Sprintf("%dx%d", width, height), tea.WindowSizeMsg{Width: width, Height: height})
		}
	case n < 6:
		w.tell("usual size", tea.WindowSizeMsg{Width: []int{80, 100, 120}[r.IntN(3)], Height: []int{24, 30, 36}[r.IntN(3)]})
	case n < 14:
		w.tell("mouse", w.mouse())
	case n < 16:
		w.tell("paste", tea.PasteMsg{Content: []string{"粘贴\npasted", nasty, "", strings.Repeat("长", 300)}[r.IntN(4)]})
	case n < 22:
		w.report()
	case n < 24:
		w.tell("wrong", w.wrong())
	case n == 24:
		w.tell("look", []tea.Msg{tea.BackgroundColorMsg{}, tea.FocusMsg{}, tea.BlurMsg{}, tea.ResumeMsg{}}[r.IntN(4)])
	case n == 25:
		time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond) // of the bubble
		w.tell("time", tickMsg{})
	case n < 45:
		w.deliver()
	default:
		k := keys[r.IntN(len(keys))]
		if shown := w.showing(); len(shown) > 0 && r.IntN(3) > 0 { // to get somewhere
			k = shown[r.IntN(len(shown))].Keys()[0]
		}
		w.tell(k, keyPress(k))
	}
}

// report has the exercise's engine say something, if it runs.
func (w *walk) report() {
	e := w.app.exercise
	if e == nil || e.run == nil {
		return
	}
	makers := []func() lessons.Report{testReport, passedReport, awayReport, waitingReport, stuckReport, brokenReport}
	r := makers[w.random.IntN(len(makers))]()
	if e.lesson.ID == "drill" {
		r = drillReport(0, []lessons.Verdict{lessons.NotYet, lessons.Pass}[w.random.IntN(2)], nil)
	}
	if w.random.IntN(4) == 0 {
		r = poisoned(r)
	}
	w.seq++
	r.Seq = w.seq
	w.tell("report", reportMsg{run: e.run.id, report: r})
}

// wrong is bad news from outside.
func (w *walk) wrong() tea.Msg {
	a := w.app
	failed := errors.New("无法连接: connection refused" + nasty)
	msgs := []tea.Msg{
		openedMsg{opening: a.openings, err: failed},
		restartedMsg{opening: a.openings, err: failed},
		courseMsg{err: failed},
		courseMsg{course: a.course},
		savedMsg{seq: a.keeper.seq, progress: w.store.Progress(), err: failed},
		stagesMsg{opening: a.openings, stages: []stage{{name: "etcd" + nasty, state: stageFailed}}},
	}
	if e := a.exercise; e != nil {
		msgs = append(msgs, shellMsg{shell: e.terminal.id, err: failed}, shellEndedMsg{shell: e.terminal.id}, editorMsg{lesson: e.lesson.ID, err: failed})
		if e.run != nil {
			msgs = append(msgs, runEndedMsg{run: e.run.id, err: failed}, resetMsg{run: e.run.id, err: failed})
		}
	}
	return msgs[w.random.IntN(len(msgs))]
}

// goHome presses esc until nothing is left to leave; the shell is left by F6, and
// what is not saved is given up.
func (w *walk) goHome() {
	w.t.Helper()
	w.tell("usual size", tea.WindowSizeMsg{Width: 100, Height: 30})
	for n := range 60 {
		if _, home := w.app.top().(*homeScreen); home && w.app.over == nil && w.app.top().capturing() == captureNone {
			return
		}
		key := "esc"
		if _, asked := w.app.over.(*confirm); asked && w.random.IntN(2) == 0 {
			key = "y"
		} else if w.app.over == nil && w.app.top().capturing() == captureAll && n%2 == 0 {
			key = "f6"
		}
		w.tell(key, keyPress(key))
		for len(w.late) > 0 {
			w.deliver()
		}
	}
	w.t.Fatalf("esc does not lead home any more: %T, over it %T\nafter %s\n%s", w.app.top(), w.app.over, strings.Join(w.trail, ", "), ansi.Strip(w.app.View().Content))
}

func TestARandomWalk(t *testing.T) {
	t.Parallel()
	total, first := walkSteps, uint64(1)
	for name, set := range map[string]func(n uint64){
		"K8STUTOR_WALK": func(n uint64) { total = int(n) }, "K8STUTOR_WALK_SEED": func(n uint64) { first = n },
	} {
		if s := os.Getenv(name); s != "" {
			n, err := strconv.ParseUint(s, 10, 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			set(n)
		}
	}
	const walks = 20
	for i := range uint64(walks) {
		t.Run(fmt.Sprint("seed ", first+i), func(t *testing.T) {
			t.Parallel()
			files := t.TempDir()
			synctest.Test(t, func(t *testing.T) { randomWalk(t, first+i, total/walks, files) })
		})
	}
}

// randomWalk goes from scene to scene, so that it gets everywhere, and some steps
// from each. From wherever it has come, esc leads home.
func randomWalk(t *testing.T, seed uint64, steps int, files string) {
	const stay = 125 // steps from one scene
	random := rand.New(rand.NewPCG(seed, 2))
	all := scenes()
	names := slices.Sorted(maps.Keys(all))
	keys := walkKeys()
	visited := map[string]int{}
	for left := steps; left > 0; left -= stay {
		name := names[random.IntN(len(names))]
		w := beginWalk(t, random, name, all[name], files)
		for range min(left, stay) {
			w.step(keys)
			visited[fmt.Sprintf("%T", w.app.top())]++
			if w.app.over != nil {
				visited[fmt.Sprintf("%T", w.app.over)]++
			}
		}
		w.goHome()
		w.end()
	}
	t.Log(visited)
	// A walk that never leaves a screen proves nothing of the others.
	if steps >= 1000 && len(visited) < 6 {
		t.Errorf("only %v were seen", visited)
	}
}

func beginWalk(t *testing.T, random *rand.Rand, name string, set func(*bench), files string) *walk {
	w := &walk{random: random, back: make(chan tea.Msg, 1024), trail: []string{"scene " + name}}
	w.bench = newBench(t, lessons.Languages()[random.IntN(2)], []int{80, 120}[random.IntN(2)], []int{24, 40}[random.IntN(2)])
	w.app.deps.Files = lessons.Files{Dir: files}
	w.app.deps.Now = time.Now
	w.app.deps.Candidates = func(context.Context) []Candidate {
		return []Candidate{{Choice: "sandbox", Name: "sandbox", Chosen: true}, {Choice: "kind", Name: "kind" + nasty, Problem: errors.New("not running")}}
	}
	w.session.Applier = &fakeApplier{}
	course := testCourse()
	if random.IntN(3) == 0 {
		course, w.nasty = hostileCourse(course), true
	}
	w.send(courseMsg{course: course})
	set(w.bench)
	w.look()
	return w
}

// end ends what the program has begun, as its crew does.
func (w *walk) end() {
	w.app.crew.end()
	for _, s := range w.shells {
		s.Close()
	}
	time.Sleep(time.Hour) // of the bubble: ticks that are under way end
	synctest.Wait()
}
