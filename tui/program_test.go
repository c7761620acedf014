package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/paint"
	"github.com/k8stutor/k8stutor/tui/terminal"
	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// world is what a whole program runs on.
type world struct {
	deps     Deps
	store    *fakeStore
	session  *fakeSession
	exercise *fakeExercise
}

func newWorld(lang lessons.Lang) *world {
	w := &world{store: &fakeStore{}, session: &fakeSession{}, exercise: newFakeExercise()}
	w.deps = Deps{
		Load:  func(context.Context) (*lessons.Course, error) { return testCourse(), nil },
		Store: w.store, Lang: lang, Now: time.Now, Dark: true, Version: "v0.1.0",
		Open: func(_ context.Context, _ string, progress StageFunc) (Session, error) {
			progress("etcd", stageRunning, "")
			progress("etcd", stageDone, "120ms")
			return w.session, nil
		},
		Exercise: func(*lessons.Lesson, lessons.Cluster) Exercise { return w.exercise },
		Shell: func(_ []string, width, height int) (Shell, error) {
			return terminal.Start(terminal.Config{Width: width, Height: height, Shell: "sh"})
		},
	}
	return w
}

// start runs the program in a terminal; at the end of the test all it has
// started has ended.
func (w *world) start(t testing.TB, width, height int) *tuitest.T {
	crew := newCrew(context.Background())
	tt := tuitest.Model(t, newApp(w.deps, crew), width, height)
	t.Cleanup(func() {
		tt.Stop()
		crew.end()
		if w.session.closed > 1 {
			t.Errorf("the session was closed %d times", w.session.closed)
		}
	})
	return tt
}

func TestALearnerGoesThroughALesson(t *testing.T) {
	t.Parallel()
	w := newWorld(lessons.Chinese)
	tt := w.start(t, 120, 40)
	tt.Wait("动手学 Kubernetes")
	tt.Keys("down", "enter")
	tt.Wait("为什么需要 Service")
	tt.Keys("n", "e")
	tt.Wait("sandbox v1.37.2")
	tt.Wait("创建名为 web 的 Deployment")

	w.exercise.reports <- testReport()
	tt.Wait("Deployment 只要 1 个 Pod")
	tt.Wait("web-7d4b9c6f5-k2x8p")
	tt.Keys("f6")
	tt.Type("echo 你好$((40+2))\r")
	tt.Wait("你好42")
	tt.Keys("f6")

	w.exercise.reports <- passedReport()
	tt.Wait("刚才发生了什么")
	tt.Keys("enter", "a")
	tt.Type("3\r")
	tt.Wait("所有步骤都通过了")

	tt.Keys("enter") // on to the questions
	for i := range testQuestions() {
		tt.Wait(fmt.Sprintf("第 %d 题，共 5 题", i+1))
		if i == 4 {
			tt.Type("kubectl get endpointslices\r")
			tt.Wait("答对了")
		} else {
			tt.Keys("s") // give up
			tt.Wait("没答对")
		}
		tt.Keys("n")
	}
	tt.Wait("答对 1 题，共 5 题")
	tt.Keys("enter")
	tt.Wait("第 1 题，共 4 题")
	tt.Keys("l")
	tt.Wait("question 1 of 4")
	tt.Keys("q")
	tt.Exit(0)
	if qp := w.store.Progress().Lessons["services"].Quiz["list"]; qp == nil || qp.Right != 1 || !qp.LastRight {
		t.Errorf("the answer was not saved: %+v", qp)
	}
}

func TestTheScreenFollowsTheTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(lessons.English)
	tt := w.start(t, 120, 40)
	tt.Wait("Kubernetes, by doing")
	tt.Keys("down", "enter", "e")
	w.exercise.reports <- testReport()
	tt.Wait("Terminal")
	tt.Resize(80, 24)
	tt.Wait("1 Steps  2 Objects  3 Terminal")
	tt.Keys("f3")
	tt.Wait("web-7d4b9c6f5-k2x8p")
	tt.ClickText("3 Terminal")
	tt.Type("stty size\r")
	tt.Wait("20 80")
	tt.Keys("ctrl+c") // belongs to the shell
	tt.Keys("f6")
	tt.Wait("What is checked")
	tt.Resize(40, 10)
	tt.Wait("60 x 20")
	tt.Keys("ctrl+c")
	tt.Exit(0)
}

// TestRunLeavesNothingBehind runs the program as the command does.
func TestRunLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(lessons.English)
	w.deps.Start = "services"
	enter(&w.store.p, "services", lessons.PlaceExercise, "create")
	running := make(chan struct{})
	w.deps.Shell = func(_ []string, width, height int) (Shell, error) {
		defer close(running)
		return newFakeShell(width, height), nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	in, keys := io.Pipe()
	defer keys.Close()
	done := make(chan error, 1)
	go func() { done <- runSized(ctx, w.deps, in) }()
	w.exercise.reports <- testReport()
	<-running
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v, want the context's error", err)
	}
	if w.session.closed != 1 {
		t.Errorf("the session was closed %d times, want once", w.session.closed)
	}
}

func runSized(ctx context.Context, deps Deps, in io.Reader) error {
	return runWith(ctx, deps, in, io.Discard, tea.WithWindowSize(80, 24))
}

// TestAPanicRestoresAndReports has Update fail once the first frame is there.
func TestAPanicRestoresAndReports(t *testing.T) {
	w := newWorld(lessons.English)
	var out lockedBuffer
	w.deps.Now = func() time.Time {
		if strings.Contains(out.String(), "Kubernetes, by doing") {
			panic("a bug")
		}
		return fixedTime()
	}
	in, keys := io.Pipe()
	defer keys.Close()
	go func() {
		for { // until the program has ended and its input is closed
			if _, err := keys.Write([]byte("j")); err != nil {
				return
			}
		}
	}()
	err := runWith(t.Context(), w.deps, in, &out, tea.WithWindowSize(80, 24))
	in.Close()
	if err == nil || !strings.Contains(err.Error(), "your progress is kept") {
		t.Errorf("Run ended with %v", err)
	}
	if !strings.Contains(out.String(), "\x1b[?1049l") {
		t.Error("the alternate screen was not left")
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// BenchmarkReportToScreen measures from the engine's report to the verdict on the
// screen; the 99th percentile must stay well under 50 ms.
func BenchmarkReportToScreen(b *testing.B) {
	w := newWorld(lessons.Chinese)
	tt := w.start(b, 120, 40)
	tt.Wait("动手学 Kubernetes")
	tt.Keys("down", "enter", "e")
	w.exercise.reports <- testReport()
	tt.Wait("Deployment 只要 1 个 Pod")
	var took []time.Duration
	n := 0
	for b.Loop() {
		n++
		r := testReport()
		r.Seq = uint64(n + 1)
		r.Steps[0].Checks[1].Found = fmt.Sprintf("found-%d.", n)
		began := time.Now()
		w.exercise.reports <- r
		tt.Wait(r.Steps[0].Checks[1].Found)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

// BenchmarkFrame measures one View of the fullest screen.
func BenchmarkFrame(b *testing.B) {
	a := newApp(newWorld(lessons.Chinese).deps, newCrew(b.Context()))
	a.Update(courseMsg{course: testCourse()})
	a.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	a.act(goExercise{lesson: "services"}, nil)
	a.Update(openedMsg{opening: a.openings, session: &fakeSession{}})
	a.Update(reportMsg{run: a.exercise.run.id, report: testReport()})
	b.ReportAllocs()
	for b.Loop() {
		a.View()
	}
}

// recorder keeps the text of the frame that was drawn last, and how many keys
// and sizes it has taken in.
type recorder struct {
	*App
	mu            sync.Mutex
	handled, seen int
	drawn         string
	terminal      io.Writer      // woken after each frame, also when nothing is written
	painter       *paint.Painter // paints the frames, if not nil
}

func (r *recorder) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var model tea.Model = r.App
	if r.painter != nil {
		model = painted{App: r.App, painter: r.painter}
	}
	_, cmd := model.Update(msg)
	switch msg.(type) {
	case tea.KeyPressMsg, tea.WindowSizeMsg:
		r.handled++
	}
	return r, cmd
}

func (r *recorder) View() tea.View {
	v := r.App.View()
	r.mu.Lock()
	r.drawn, r.seen = plainFrame(v.Content), r.handled
	terminal := r.terminal
	r.mu.Unlock()
	if terminal != nil {
		terminal.Write(nil)
	}
	if r.painter != nil {
		return painted{App: r.App, painter: r.painter}.View()
	}
	return v
}

// later is a terminal that is not there yet: what is written to it waits.
type later struct {
	there chan struct{}
	io.Writer
}

func (l *later) Write(p []byte) (int, error) {
	<-l.there
	return l.Writer.Write(p)
}

// last returns the frame, and how many keys and sizes it shows the effect of.
func (r *recorder) last() (frame string, seen int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.drawn, r.seen
}

func plainFrame(content string) string {
	lines := strings.Split(ansi.Strip(content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// TestTheTerminalShowsTheFrame compares what a terminal shows with the frame, key
// by key, painted by the painter and by Bubble Tea's renderer: both send
// differences, and the renderer has had trouble with wide characters before.
func TestTheTerminalShowsTheFrame(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"painter", "renderer"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			w := newWorld(lessons.Chinese)
			w.deps.Now = fixedTime
			w.deps.Shell = func(_ []string, width, height int) (Shell, error) { return newFakeShell(width, height), nil }
			crew := newCrew(context.Background())
			model := &recorder{App: newApp(w.deps, crew)}
			var options []tea.ProgramOption
			screen := &later{there: make(chan struct{})}
			if by == "painter" {
				model.painter = paint.New(screen)
				options = append(options, tea.WithOutput(model.painter.Output()), tea.WithFPS(beatsPerSecond))
			}
			tt := tuitest.Model(t, model, 100, 30, options...)
			screen.Writer = tt
			close(screen.there)
			t.Cleanup(func() {
				tt.Stop()
				crew.end()
				if model.painter != nil {
					model.painter.Close()
				}
			})
			model.mu.Lock()
			model.terminal = tt
			model.mu.Unlock()
			showsItsFrames(t, tt, model, w)
		})
	}
}

func showsItsFrames(t *testing.T, tt *tuitest.T, model *recorder, w *world) {
	tt.Wait("动手学 Kubernetes")
	_, before := model.last()
	settled := func(after string) {
		t.Helper()
		before++
		tt.Until("the terminal shows the frame after "+after, func(screen string) bool {
			frame, seen := model.last()
			return seen >= before && strings.TrimRight(screen, "\n") == frame
		})
	}
	random := rand.New(rand.NewPCG(7, 7))
	keys := []string{"j", "j", "k", "enter", "enter", "n", "p", "t", "e", "tab", "1", "2", "3", "f6", "h", "z", "s", "l", "?", "esc", "space", "G", "g", "J", "K", "v", "c"}
	for range 150 {
		if random.IntN(12) == 0 {
			width, height := 60+random.IntN(70), 20+random.IntN(20)
			tt.Resize(width, height)
			settled(fmt.Sprintf("a resize to %dx%d", width, height))
			continue
		}
		if random.IntN(6) == 0 {
			select {
			case w.exercise.reports <- []lessons.Report{testReport(), passedReport(), awayReport()}[random.IntN(3)]:
			default:
			}
		}
		key := keys[random.IntN(len(keys))]
		tt.Keys(key)
		settled(key)
	}
}
