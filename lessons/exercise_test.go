package lessons

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memoryCluster serves objects from memory. It validates nothing: what a lesson
// relies on is tested on a real API server in package coursetest.
type memoryCluster struct {
	mu      sync.Mutex
	uid     string
	objects map[Kind][]Object
	away    *ClusterError
	follow  []chan Snapshot
	seq     uint64
	planted int
}

func newMemoryCluster() *memoryCluster {
	return &memoryCluster{uid: "ns-1", objects: map[Kind][]Object{}}
}

func (c *memoryCluster) Prepare(_ context.Context, lesson string) (Workspace, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away != nil {
		return Workspace{}, c.away
	}
	return Workspace{Lesson: lesson, Namespace: "w", UID: c.uid, ClusterUID: "cluster"}, nil
}

func (c *memoryCluster) Plant(_ context.Context, _ Workspace, objects []Object) error {
	for _, o := range objects {
		c.put(o)
	}
	c.planted++
	return nil
}

func (c *memoryCluster) Remove(_ context.Context, _ Workspace, refs []Ref) error {
	for _, r := range refs {
		c.drop(r.Kind, r.Name)
	}
	return nil
}

func (c *memoryCluster) Clear(context.Context, Workspace) error {
	c.mu.Lock()
	c.objects = map[Kind][]Object{}
	c.uid += "x"
	c.mu.Unlock()
	return nil
}

func (c *memoryCluster) Follow(ctx context.Context, _ Workspace, _ []Kind) <-chan Snapshot {
	ch := make(chan Snapshot, 1)
	c.mu.Lock()
	c.follow = append(c.follow, ch)
	c.mu.Unlock()
	c.send()
	go func() {
		<-ctx.Done()
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, have := range c.follow {
			if have == ch {
				c.follow = append(c.follow[:i], c.follow[i+1:]...)
			}
		}
		close(ch)
	}()
	return ch
}

// send gives every follower the present state.
func (c *memoryCluster) send() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	snap := Snapshot{Seq: c.seq, Kinds: map[Kind]Listing{}, Away: c.away}
	for _, name := range KindNames() {
		k, _ := KindNamed(name)
		snap.Kinds[k] = Listing{Synced: true, Objects: append([]Object(nil), c.objects[k]...)}
	}
	for _, ch := range c.follow {
		select {
		case <-ch:
		default:
		}
		ch <- snap
	}
}

func (c *memoryCluster) put(o Object) {
	k, _ := KindNamed(text(o, "kind"))
	c.drop(k, text(o, "metadata", "name"))
	c.mu.Lock()
	c.objects[k] = append(c.objects[k], o)
	c.mu.Unlock()
	c.send()
}

func (c *memoryCluster) drop(k Kind, name string) {
	c.mu.Lock()
	var kept []Object
	for _, o := range c.objects[k] {
		if text(o, "metadata", "name") != name {
			kept = append(kept, o)
		}
	}
	c.objects[k] = kept
	c.mu.Unlock()
	c.send()
}

func (c *memoryCluster) setAway(e *ClusterError) {
	c.mu.Lock()
	c.away = e
	c.mu.Unlock()
	c.send()
}

func configMap(t *testing.T, name, value, uid string) Object {
	return object(t, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"`+name+`","namespace":"w","uid":"`+uid+`"},"data":{"v":"`+value+`"}}`)
}

// threeSteps is a lesson of each kind of step: make `a`, say what it holds,
// mend the planted `b` without replacing it.
func threeSteps(t *testing.T) *Lesson {
	a := Query{Name: "a", Kind: kind("ConfigMap"), Object: "a"}
	b := Query{Name: "b", Kind: kind("ConfigMap"), Object: "b"}
	check := func(about, expr string) *Check {
		return &Check{ID: "c", Title: Same("t"), Why: Same("why"), About: about, Expr: Expr{Source: expr}}
	}
	return &Lesson{ID: "l", Steps: []*Step{
		{ID: "make", Kind: Do, Queries: []Query{a}, Checks: []*Check{check("a", "a.data.v == '1'")}},
		{ID: "say", Kind: Ask, Queries: []Query{a}, Answer: &Answer{Expect: Expr{Source: "a.data.v"}}},
		{ID: "mend", Kind: Repair, Queries: []Query{b}, Setup: []Object{configMap(t, "b", "broken", "planted")},
			Baseline: []NamedExpr{{"uid", Expr{Source: "b.metadata.uid"}}},
			Checks:   []*Check{check("b", "b.data.v == 'whole' && b.metadata.uid == before.uid")}},
	}}
}

func verdicts(r Report) string {
	s := ""
	for _, step := range r.Steps {
		s += string(step.Verdict) + " "
	}
	return s + "current=" + r.Current
}

func TestExerciseFromStartToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), newMemoryCluster()
	path := filepath.Join(t.TempDir(), "progress.json")
	open := func() *Exercise {
		store, _, err := OpenStore(path, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return NewExercise(threeSteps(t), c, store, time.Now)
	}
	expect := func(want string) {
		t.Helper()
		// Each check is a new process as far as the engine can tell.
		r, err := open().Check(ctx)
		if err != nil || verdicts(r) != want {
			t.Fatalf("got %q, %v; want %q", verdicts(r), err, want)
		}
	}
	expect("not-yet not-yet not-yet current=make")
	c.put(configMap(t, "a", "1", "ua"))
	expect("pass not-yet not-yet current=say")
	if c.planted != 0 {
		t.Error("the last step was planted before its turn")
	}
	r, err := open().Answer(ctx, "say", "2")
	if res, _ := r.Step("say"); err != nil || res.Verdict != NotYet {
		t.Fatalf("a wrong answer: %s, %v", res.Verdict, err)
	}
	r, err = open().Answer(ctx, "say", " 1")
	if res, _ := r.Step("say"); err != nil || res.Verdict != Pass {
		t.Fatalf("the right answer: %s, %v", res.Verdict, err)
	}
	r, err = open().Answer(ctx, "say", "2")
	if res, _ := r.Step("say"); err != nil || res.Verdict != NotYet {
		t.Fatalf("a wrong answer to a step that is passed: %s, %v", res.Verdict, err)
	}
	expect("pass pass not-yet current=mend")
	expect("pass pass not-yet current=mend")
	if c.planted != 1 {
		t.Errorf("planted %d times, want once", c.planted)
	}
	c.put(configMap(t, "b", "whole", "another"))
	expect("pass pass not-yet current=mend")
	c.put(configMap(t, "b", "whole", "planted"))
	expect("pass pass pass current=")
	c.put(configMap(t, "a", "0", "ua"))
	expect("not-yet pass pass current=make")
}

func TestExerciseStepsThatEndAnother(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	store, _, _ := OpenStore(filepath.Join(t.TempDir(), "p"), time.Now)
	l := threeSteps(t)
	l.Steps = []*Step{l.Steps[0], {ID: "change", Kind: Do, Queries: l.Steps[0].Queries,
		Checks: []*Check{{ID: "c", About: "a", Expr: Expr{Source: "a.data.v == '2'"}}}}}
	l.Steps[0].Until = "change"
	ex := NewExercise(l, c, store, time.Now)
	c.put(configMap(t, "a", "1", "u"))
	if _, err := ex.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.put(configMap(t, "a", "2", "u"))
	if r, _ := ex.Check(t.Context()); verdicts(r) != "pass pass current=" {
		t.Errorf("got %q", verdicts(r))
	}
}

func TestExerciseWithoutCluster(t *testing.T) {
	t.Parallel()
	gone := &ClusterError{Trouble: Unreachable, Op: "list", Err: errors.New("connection refused")}
	c := newMemoryCluster()
	store, _, _ := OpenStore(filepath.Join(t.TempDir(), "p"), time.Now)
	ex := NewExercise(threeSteps(t), c, store, time.Now)
	c.put(configMap(t, "a", "1", "u"))
	if _, err := ex.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.setAway(gone)
	r, err := ex.Check(t.Context())
	if !errors.As(err, new(*ClusterError)) || verdicts(r) != "cannot-tell cannot-tell cannot-tell current=make" {
		t.Errorf("a cluster that cannot be reached: %q, %v", verdicts(r), err)
	}
	// It goes away while it is followed, and comes back.
	c.setAway(nil)
	ctx, stop := context.WithCancel(t.Context())
	reports, ended := make(chan Report), make(chan error, 1)
	go func() {
		ended <- ex.Run(ctx, func(r Report) {
			select {
			case reports <- r:
			case <-ctx.Done():
			}
		})
	}()
	until := func(want string) {
		t.Helper()
		for r := range reports {
			if verdicts(r) == want {
				return
			}
		}
	}
	until("pass not-yet not-yet current=say")
	c.setAway(gone)
	until("cannot-tell cannot-tell cannot-tell current=make")
	c.setAway(nil)
	until("pass not-yet not-yet current=say")
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestExerciseReset(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	store, _, _ := OpenStore(filepath.Join(t.TempDir(), "p"), time.Now)
	ex := NewExercise(threeSteps(t), c, store, time.Now)
	c.put(configMap(t, "a", "1", "u"))
	if _, err := ex.Answer(t.Context(), "say", "1"); err != nil {
		t.Fatal(err)
	}
	c.put(configMap(t, "b", "whole", "planted"))
	if r, _ := ex.Check(t.Context()); verdicts(r) != "pass pass pass current=" {
		t.Fatalf("got %q", verdicts(r))
	}
	if err := ex.Reset(t.Context(), "mend"); err != nil {
		t.Fatal(err)
	}
	if r, _ := ex.Check(t.Context()); verdicts(r) != "pass pass not-yet current=mend" {
		t.Errorf("after the reset of a step: %q", verdicts(r))
	}
	if err := ex.Reset(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if r, _ := ex.Check(t.Context()); verdicts(r) != "not-yet not-yet not-yet current=make" {
		t.Errorf("after the reset of the lesson: %q", verdicts(r))
	}
}

// A screen drops a report that is older than the one it shows: those after a
// reset must not look older.
func TestExerciseReportsGoOnAfterAReset(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	store, _, _ := OpenStore(filepath.Join(t.TempDir(), "p"), time.Now)
	ex := NewExercise(threeSteps(t), c, store, time.Now)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reports := make(chan Report)
	ended := make(chan error, 1)
	go func() {
		ended <- ex.Run(ctx, func(r Report) {
			select {
			case reports <- r:
			case <-ctx.Done():
			}
		})
	}()
	var last uint64
	until := func(want string) {
		t.Helper()
		for {
			select {
			case r := <-reports:
				if r.Seq <= last {
					t.Fatalf("report %d comes after report %d", r.Seq, last)
				}
				last = r.Seq
				if verdicts(r) == want {
					return
				}
			case <-t.Context().Done():
				t.Fatalf("never %q", want)
			}
		}
	}
	until("not-yet not-yet not-yet current=make")
	go c.put(configMap(t, "a", "1", "u"))
	until("pass not-yet not-yet current=say")
	reset := make(chan error, 1)
	go func() { reset <- ex.Reset(t.Context(), "make") }()
	until("not-yet not-yet not-yet current=make")
	if err := <-reset; err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestExerciseJudgesAgainWhenAHoldIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryCluster()
		store, _, _ := OpenStore(filepath.Join(t.TempDir(), "p"), time.Now)
		l := threeSteps(t)
		l.Steps = l.Steps[:1]
		l.Steps[0].Checks[0].Hold = 5 * time.Second
		c.put(configMap(t, "a", "1", "u"))
		began := time.Now()
		r, err := NewExercise(l, c, store, time.Now).Check(t.Context())
		if err != nil || r.Verdict != Pass {
			t.Fatalf("%s, %v", r.Verdict, err)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("judged after %s, want 5s", took)
		}
	})
}
