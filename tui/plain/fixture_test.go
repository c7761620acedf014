package plain

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

func both(en, zh string) lessons.Text { return lessons.Text{lessons.English: en, lessons.Chinese: zh} }

func fixedTime() time.Time { return time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC) }

// hostile is text that a terminal would obey, ring at, or show in another order.
const hostile = "\x1b[31mred\x1b[0m\a\u202eback\u2066\u200b\ue0b0┌─┐█✓\x9b2J\r\nend"

const page = "Text with `code`, a [link](https://kubernetes.io/docs/) and → an arrow.\n\n## A part\n\n```yaml\nkind: Pod # 你好\n```\n\n" +
	"```\n┌───┐\n│web│\n└───┘\n```\n\n| field | meaning |\n|---|---|\n| `port` | where it listens |\n| `name` | |\n\n> [!TIP]\n> A tip.\n\n- one\n  1. inner\n- [x] two\n\n![A picture](p.png)\n"

// course is a small course with every kind of page, step and question.
func course() *lessons.Course {
	services := &lessons.Lesson{
		ID: "services", Title: both("Services", "服务"), Minutes: 20, Summary: both("One **address**.", "一个**地址**。"),
		Pages: []lessons.Page{
			{ID: "why", Title: both("Why a Service", "为什么需要 Service"), Body: both(page, strings.ReplaceAll(page, "Text with", "文字，带有"))},
			{ID: "anatomy", Title: both("Anatomy", "组成"), Body: both("A selector.", "选择算符。")},
		},
		Steps: []*lessons.Step{
			{ID: "create", Kind: lessons.Do, Title: both("Create it", "创建它"), Goal: both("Create `web`.", "创建 `web`。"), Done: both("It was made.", "它被创建了。"),
				Hints:    []lessons.Text{both("Think.", "想一想。"), both("Think of `kubectl create`.", "想想 `kubectl create`。")},
				Solution: []string{"kubectl create deployment web --image=nginx:1.27"},
				Checks:   []*lessons.Check{{ID: "exists", Title: both("web exists", "web 存在")}}},
			{ID: "count", Kind: lessons.Ask, Title: both("Count", "数一数"), Goal: both("How many?", "有几个？"), Done: both("Three.", "三个。"), Answer: &lessons.Answer{},
				Solution: []string{"kubectl get pods"}},
			{ID: "guess", Kind: lessons.Predict, Title: both("Guess", "猜一猜"), Goal: both("What comes?", "会发生什么？"), Done: both("It came.", "发生了。"), Answer: &lessons.Answer{}},
			{ID: "file", Kind: lessons.Manifest, Title: both("Write it", "写出来"), Goal: both("Write YAML.", "写 YAML。"), Done: both("Taken.", "接受了。"),
				Draft: lessons.Draft{Name: "web.yaml", Text: []byte("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n")}},
		},
	}
	option := func(en, zh string, right bool) lessons.Option {
		return lessons.Option{Text: both(en, zh), Right: right, Reason: both("Because of "+en+".", "因为"+zh+"。")}
	}
	services.Questions = []*lessons.Question{
		{ID: "which", Kind: lessons.Single, Title: both("Which?", "哪些？"), Options: []lessons.Option{option("ready", "就绪的", true), option("all", "全部", false)}},
		{ID: "ports", Kind: lessons.Multiple, Title: both("What?", "什么？"), Options: []lessons.Option{option("selector", "选择算符", true), option("address", "地址", true), option("containers", "容器", false)}},
		{ID: "stays", Kind: lessons.TrueFalse, Title: both("It stays", "它不变"), Options: []lessons.Option{option("true", "对", false), option("false", "错", true)}},
		{ID: "path", Kind: lessons.Order, Title: both("The way", "路径"), Why: both("Names first.", "先查名字。"),
			Options: []lessons.Option{option("DNS", "DNS", true), option("address", "地址", true), option("Pod", "Pod", true)}},
		{ID: "list", Kind: lessons.Command, Title: both("List them", "列出"), Accept: []string{"kubectl get endpointslices"}, Why: both("So it is called.", "就叫这个名字。")},
	}
	return &lessons.Course{ID: "test", Title: both("Kubernetes, by doing", "动手学 Kubernetes"), Summary: both("A course.", "一门课程。"),
		Modules:  []lessons.Module{{ID: "net", Title: both("Networking", "网络"), Lessons: []*lessons.Lesson{services}}},
		Glossary: []lessons.Term{{Name: both("selector", "选择算符"), Means: both("Picks by labels.", "按标签挑选。"), Lesson: "services", Page: "anatomy"}},
	}
}

var podKind = lessons.Kind{Version: "v1", Kind: "Pod", Resource: "pods", Namespaced: true}

// report is an exercise in which the given steps are passed.
func report(seq uint64, passed ...string) lessons.Report {
	r := lessons.Report{Seq: seq, Time: fixedTime(), Lesson: "services", Verdict: lessons.NotYet,
		Workspace: lessons.Workspace{Lesson: "services", Namespace: "k8stutor-services", UID: "ws", Cluster: "sandbox"}}
	for _, s := range course().Modules[0].Lessons[0].Steps {
		res := lessons.StepResult{ID: s.ID, Verdict: lessons.NotYet, Begun: r.Current == ""}
		for _, id := range passed {
			if id == s.ID {
				res.Verdict, res.Begun = lessons.Pass, true
			}
		}
		if res.Verdict != lessons.Pass {
			if r.Current == "" {
				r.Current = s.ID
			}
			res.Checks = []lessons.CheckResult{{ID: "exists", Title: both("web exists", "web 存在"), Verdict: lessons.NotYet, Expected: "3", Found: "1 " + hostile,
				Why: both("There is one.", "只有一个。")}}
		}
		r.Steps = append(r.Steps, res)
	}
	if r.Current == "" {
		r.Verdict = lessons.Pass
	}
	r.Snapshot = lessons.Snapshot{Seq: seq, Kinds: map[lessons.Kind]lessons.Listing{podKind: {Objects: []lessons.Object{{"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": "web", "namespace": "k8stutor-services", "uid": "u", "annotations": map[string]any{"evil": hostile}},
		"status":   map[string]any{"phase": "Running"}}}}}}
	return r
}

// fakeStore keeps progress in memory.
type fakeStore struct {
	mu  sync.Mutex
	p   lessons.Progress
	err error
}

func (s *fakeStore) Progress() lessons.Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.p
	out.Lessons = nil
	for id, lp := range s.p.Lessons {
		c := *lp
		if out.Lessons == nil {
			out.Lessons = map[string]*lessons.LessonProgress{}
		}
		out.Lessons[id] = &c
	}
	return out
}

func (s *fakeStore) Update(fn func(*lessons.Progress)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn(&s.p)
	return s.err
}

// fakeSession is an open cluster; what it is asked is counted.
type fakeSession struct {
	lessons.Cluster
	mu               sync.Mutex
	restarts, closed int
	refuse           []lessons.Refusal
	applied          int
	env              []string
}

func (s *fakeSession) Info() tui.Info {
	return tui.Info{Name: "sandbox", Provider: "sandbox", Server: "https://127.0.0.1:6443", Version: "v1.37", Why: both("nothing else", "没有别的")}
}
func (s *fakeSession) ShellEnv(lessons.Workspace) []string { return s.env }
func (s *fakeSession) Restart(_ context.Context, stage tui.StageFunc) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restarts++
	stage("etcd", "running", "")
	return nil
}
func (s *fakeSession) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed++
}
func (s *fakeSession) DryRun(context.Context, lessons.Workspace, []lessons.Document) ([]lessons.Refusal, error) {
	return s.refuse, nil
}
func (s *fakeSession) Apply(context.Context, lessons.Workspace, []lessons.Document) ([]lessons.Refusal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applied++
	return nil, nil
}
func (s *fakeSession) Fields(context.Context, lessons.Document, []string) map[string][]string {
	return nil
}

// fakeExercise reports what a test sends it, and passes the step that is
// answered with 3.
type fakeExercise struct {
	reports chan lessons.Report
	resets  chan string
	err     error
}

func (e *fakeExercise) Run(ctx context.Context, report func(lessons.Report)) error {
	if e.err != nil {
		return e.err
	}
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
	switch {
	case answer == "lost":
		return lessons.Report{}, &lessons.ClusterError{Trouble: lessons.Unreachable, Op: "list pods", Err: errors.New("gone " + hostile), Hint: both("Wait.", "等一等。")}
	case step == "count" && answer == "3":
		return report(100, "create", "count"), nil
	case step == "guess":
		r := report(100, "create", "count")
		r.Steps[2].Prediction = &lessons.Prediction{Said: answer}
		return r, nil
	}
	return report(100, "create"), nil
}

func (e *fakeExercise) Reset(_ context.Context, step string) error {
	select {
	case e.resets <- step:
	default:
	}
	return nil
}

// bench is a conversation with everything around it.
type bench struct {
	t          *testing.T
	store      *fakeStore
	session    *fakeSession
	exercise   *fakeExercise
	interrupts chan os.Signal
	o          Options
	out        *transcript
}

// transcript is what was said so far.
type transcript struct {
	mu   sync.Mutex
	b    strings.Builder
	news chan struct{}
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Write(p)
	select {
	case s.news <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newBench(t *testing.T, lang lessons.Lang) *bench {
	b := &bench{t: t, store: &fakeStore{p: lessons.Progress{Lang: lang}}, session: &fakeSession{}, interrupts: make(chan os.Signal),
		exercise: &fakeExercise{reports: make(chan lessons.Report, 8), resets: make(chan string, 8)}, out: &transcript{news: make(chan struct{}, 1)}}
	b.exercise.reports <- report(1)
	b.o = Options{Out: b.out, Page: 0, Interrupts: b.interrupts, Getenv: func(string) string { return "" },
		Doctor: func(context.Context, lessons.Lang) string { return "+ fine " + hostile },
		Deps: tui.Deps{Course: course(), Store: b.store, Lang: lang, Now: fixedTime, Files: lessons.Files{Dir: filepath.Join(t.TempDir(), "files")},
			Open: func(_ context.Context, _ string, stage tui.StageFunc) (tui.Session, error) {
				stage("etcd", "waiting", "")
				stage("etcd", "running", "")
				stage("etcd", "running", "again")
				stage("etcd", "done", "1s")
				return b.session, nil
			},
			Candidates: func(context.Context) []tui.Candidate {
				return []tui.Candidate{{Choice: "sandbox", Name: "sandbox", Chosen: true, Running: true, Why: both("small", "小")},
					{Choice: "prod", Name: "prod " + hostile, Problem: errors.New("no " + hostile)}}
			},
			Exercise: func(*lessons.Lesson, lessons.Cluster) tui.Exercise { return b.exercise },
		}}
	return b
}

// run gives lines to a conversation and returns what was said until they end.
func (b *bench) run(lines ...string) string {
	b.t.Helper()
	text := ""
	if len(lines) > 0 {
		text = strings.Join(lines, "\n") + "\n"
	}
	b.o.In = strings.NewReader(text)
	if err := Run(b.t.Context(), b.o); err != nil {
		b.t.Errorf("the conversation ended with: %v", err)
	}
	return b.out.String()
}

// person types when they have heard what they wait for.
type person struct {
	*bench
	w     *io.PipeWriter
	heard int
	ended chan error
}

// talkTo begins a conversation in which lines are typed one by one.
func (b *bench) talkTo() *person {
	r, w := io.Pipe()
	b.o.In = r
	p := &person{bench: b, w: w, ended: make(chan error, 1)}
	go func() { p.ended <- Run(b.t.Context(), b.o) }()
	return p
}

// hears waits until something was said after what was heard before.
func (p *person) hears(want string) {
	p.t.Helper()
	for {
		said := p.out.String()
		if at := strings.Index(said[p.heard:], want); at >= 0 {
			p.heard += at + len(want)
			return
		}
		select {
		case <-p.out.news:
		case err := <-p.ended:
			p.ended <- err
			if said := p.out.String(); !strings.Contains(said[p.heard:], want) {
				p.t.Fatalf("the conversation ended (%v) before %q was said:\n%s", err, want, said[p.heard:])
			}
		case <-p.t.Context().Done():
			p.t.Fatalf("%q was not said:\n%s", want, p.out.String()[p.heard:])
		}
	}
}

func (p *person) types(line string) {
	if _, err := io.WriteString(p.w, line+"\n"); err != nil {
		p.t.Fatalf("type %q: %v", line, err)
	}
}

// leaves ends the input and waits for the end.
func (p *person) leaves() {
	p.t.Helper()
	p.w.Close()
	if err := <-p.ended; err != nil {
		p.t.Errorf("the conversation ended with: %v", err)
	}
}
