package tui

import (
	"context"
	"io"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/terminal"
)

// fakeStore keeps progress in memory and counts what is done to it.
type fakeStore struct {
	mu      sync.Mutex
	p       lessons.Progress
	err     error
	reads   int
	updates int
}

func (s *fakeStore) Progress() lessons.Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return cloneProgress(s.p)
}

func (s *fakeStore) Update(fn func(*lessons.Progress)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updates++
	fn(&s.p)
	return s.err
}

func cloneProgress(p lessons.Progress) lessons.Progress {
	out := p
	out.Lessons = nil
	for id, lp := range p.Lessons {
		c := out.Lesson(id)
		c.Place, c.Page = lp.Place, lp.Page
		for k, v := range lp.Read {
			c.Read[k] = v
		}
		for k, v := range lp.Passed {
			c.Passed[k] = v
		}
		for k, v := range lp.Hints {
			c.Hints[k] = v
		}
		for k, v := range lp.Quiz {
			q := *v
			c.Quiz[k] = &q
		}
	}
	return out
}

// fakeSession is an open cluster; what it is asked is counted.
type fakeSession struct {
	lessons.Cluster
	lessons.Applier
	mu       sync.Mutex
	restarts int
	closed   int
	envs     int
	logs     LogReader
}

func (s *fakeSession) ReadLogs(ctx context.Context, r lessons.LogRequest) (io.ReadCloser, error) {
	if s.logs == nil {
		return io.NopCloser(strings.NewReader("")), nil
	}
	return s.logs.ReadLogs(ctx, r)
}

func (s *fakeSession) EventsOf(context.Context, string, string) ([]lessons.Object, error) {
	return nil, nil
}

func (s *fakeSession) Info() Info {
	return Info{Name: "sandbox", Provider: "sandbox", Server: "https://127.0.0.1:6443", Version: "v1.37.2",
		Kubeconfig: "/home/you/.local/state/k8stutor/kubeconfig", Why: both("no minikube is running", "没有正在运行的 minikube")}
}
func (s *fakeSession) ShellEnv(lessons.Workspace) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envs++
	return []string{"KUBECONFIG=/tmp/k"}
}

// Follow sends nothing: what tests show comes with the report.
func (s *fakeSession) Follow(ctx context.Context, _ lessons.Workspace, _ []lessons.Kind) <-chan lessons.Snapshot {
	none := make(chan lessons.Snapshot)
	context.AfterFunc(ctx, func() { close(none) })
	return none
}
func (s *fakeSession) Restart(context.Context, StageFunc) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restarts++
	return nil
}
func (s *fakeSession) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed++
}

// fakeExercise reports what a test sends it.
type fakeExercise struct {
	reports chan lessons.Report
	answers chan string
	resets  chan string
}

func newFakeExercise() *fakeExercise {
	return &fakeExercise{reports: make(chan lessons.Report, 8), answers: make(chan string, 8), resets: make(chan string, 8)}
}

func (e *fakeExercise) Run(ctx context.Context, report func(lessons.Report)) error {
	for {
		select {
		case r := <-e.reports:
			report(r)
		case <-ctx.Done():
			return nil
		}
	}
}

func (e *fakeExercise) Answer(_ context.Context, step, answer string) (lessons.Report, error) {
	e.answers <- step + "=" + answer
	r := testReport()
	r.Seq = 100
	r.Steps[1].Verdict = lessons.NotYet
	if answer == "3" {
		r.Steps[1].Verdict, r.Verdict, r.Current = lessons.Pass, lessons.Pass, ""
	} else {
		r.Steps[1].Diagnosis = both("That is the number of slices, not of addresses.", "那是切片的个数，不是地址的个数。")
	}
	r.Steps[1].Begun = true
	r.Steps[1].Checks = []lessons.CheckResult{{ID: "answer", Verdict: r.Steps[1].Verdict, Found: answer}}
	return r, nil
}

func (e *fakeExercise) Reset(_ context.Context, step string) error {
	e.resets <- step
	return nil
}

// fakeShell shows what is typed into it.
type fakeShell struct {
	mu     sync.Mutex
	w, h   int
	typed  []string
	dirty  chan struct{}
	closed chan struct{}
	once   sync.Once

	past     []string // lines above the screen
	scrolled int
	mouse    bool // the program wants the mouse
	refuses  terminal.Refusal
}

func newFakeShell(w, h int) *fakeShell {
	return &fakeShell{w: w, h: h, dirty: make(chan struct{}, 1), closed: make(chan struct{})}
}

func (s *fakeShell) note() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}
func (s *fakeShell) Key(k tea.KeyPressMsg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.typed = append(s.typed, k.String())
	s.note()
}
func (s *fakeShell) Paste(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.typed = append(s.typed, "paste:"+text)
}
func (s *fakeShell) Ready() bool { return true }
func (s *fakeShell) Insert(text string) terminal.Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuses == terminal.NotRefused {
		s.typed = append(s.typed, "insert:"+text)
	}
	return s.refuses
}
func (s *fakeShell) Mouse(tea.MouseMsg, int, int) {}
func (s *fakeShell) Resize(w, h int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w, s.h = w, h
}
func (s *fakeShell) View() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := []string{newPen(s.w).put(noStyle(), "$ "+strings.Join(s.typed, "")).line()}
	return sized(lines, s.w, s.h)
}
func (s *fakeShell) Cursor() *tea.Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return tea.NewCursor(2+len(strings.Join(s.typed, "")), 0)
}
func (s *fakeShell) Listen() tea.Msg {
	<-s.closed
	return nil
}
func (s *fakeShell) Exited() (int, bool) { return 0, false }
func (s *fakeShell) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}
