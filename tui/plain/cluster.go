package plain

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// findTime bounds the looking for clusters.
const findTime = 5 * time.Second

// stageNews is what a cluster tells of its start.
type stageNews struct{ name, state, detail string }

// stages collects what a cluster tells of its start until it has been said. It
// never makes the cluster wait.
type stages struct {
	mu     sync.Mutex
	queue  []stageNews
	bell   chan struct{} // holds one when there may be something in the queue
	states map[string]string
}

func newStages() *stages { return &stages{bell: make(chan struct{}, 1), states: map[string]string{}} }

// told is a tui.StageFunc. A stage that is only waiting, or tells the same
// state again, is no news.
func (s *stages) told(name, state, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == "waiting" || s.states[name] == state {
		return
	}
	s.states[name] = state
	s.queue = append(s.queue, stageNews{name, state, detail})
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

func (s *stages) take() []stageNews {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queue
	s.queue = nil
	return q
}

// attend does something that takes a while and says each stage of it, until it
// ends or the learner presses Ctrl-C, which ends it.
func (t *talk) attend(ctx context.Context, do func(context.Context, tui.StageFunc) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	news := newStages()
	done := make(chan error, 1)
	go func() { done <- do(ctx, news.told) }()
	stopped := false
	for {
		select {
		case err := <-done:
			t.sayStages(news.take())
			if stopped && err != nil {
				return errStopped
			}
			return err
		case <-news.bell:
			t.sayStages(news.take())
		case <-t.o.Interrupts:
			stopped = true
			cancel()
		}
	}
}

func (t *talk) sayStages(news []stageNews) {
	w := t.words
	for _, n := range news {
		switch n.state {
		case "running":
			t.sayf(w.StageRunning, n.name)
		case "done":
			t.sayf(w.StageDone, n.name)
		case "failed":
			t.sayf(w.StageFailed, n.name, n.detail)
		}
	}
}

// openCluster opens a cluster in place of the one that is open, and reports
// whether there is one then. What went wrong has been said.
func (t *talk) openCluster(ctx context.Context, choice string) (bool, error) {
	t.stopWork()
	t.closeCluster()
	t.say(t.words.Opening)
	var session tui.Session
	err := t.attend(ctx, func(ctx context.Context, stage tui.StageFunc) (err error) {
		session, err = t.o.Open(ctx, choice, stage)
		return err
	})
	t.choice = choice
	if err != nil {
		return false, t.notOpened(ctx, err)
	}
	t.session, t.info = session, session.Info()
	t.sayf(t.words.Opened, t.info.Name)
	if warning := lessons.VersionWarning(t.info.Version); t.info.Version != "" && warning != nil {
		t.say(t.text(warning))
	}
	return true, nil
}

// notOpened says why there is no cluster.
func (t *talk) notOpened(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, errStopped):
		t.say(t.words.OpeningStopped)
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		t.say(t.words.NotOpened)
		t.say(t.explain(err))
		t.say(t.words.RetryHow)
	}
	return nil
}

func (t *talk) closeCluster() {
	if t.session != nil {
		t.session.Close()
		t.session = nil
	}
}

// restart brings a cluster back that went away. The exercise on it goes on.
func (t *talk) restart(ctx context.Context) error {
	if t.session == nil {
		_, err := t.reopen(ctx)
		return err
	}
	t.say(t.words.Restarting)
	err := t.attend(ctx, t.session.Restart)
	switch {
	case errors.Is(err, errStopped):
		t.say(t.words.OpeningStopped)
		return nil
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		t.say(t.words.NotRestarted + t.explain(err))
		return nil
	}
	t.info = t.session.Info()
	t.sayf(t.words.Opened, t.info.Name)
	if e, ok := t.here().(*exercise); ok {
		return e.resume(ctx, t)
	}
	return nil
}

// reopen tries again to open the cluster, and goes on with the exercise.
func (t *talk) reopen(ctx context.Context) (bool, error) {
	if e, ok := t.here().(*exercise); ok {
		return true, e.arrive(ctx, t)
	}
	return t.openCluster(ctx, t.choice)
}

// clusterPlace says which cluster there is, and offers others.
type clusterPlace struct{}

func (*clusterPlace) where(t *talk) string { return t.words.Cluster }

func (c *clusterPlace) arrive(ctx context.Context, t *talk) error {
	var blocks [][]string
	if t.session == nil {
		blocks = append(blocks, t.paragraph(t.words.ClusterClosed))
	} else {
		lines := t.paragraph(fmt.Sprintf(t.words.ClusterOpen, t.info.Name))
		for _, fact := range [][2]string{
			{t.words.Provider, t.info.Provider}, {t.words.WhyThis, t.text(t.info.Why)}, {t.words.Version, t.info.Version},
			{t.words.Server, t.info.Server}, {"kubeconfig", t.info.Kubeconfig},
		} {
			if fact[1] != "" {
				lines = append(lines, t.out.wrap("  ", "    ", fact[0]+t.words.Colon+fact[1])...)
			}
		}
		blocks = append(blocks, lines)
		if w := t.work; w != nil && w.report.Snapshot.Away != nil {
			blocks = append(blocks, t.paragraph(t.words.Away+" "+t.explain(w.report.Snapshot.Away)))
		}
	}
	t.found = nil
	if t.o.Candidates != nil {
		find, cancel := context.WithTimeout(ctx, findTime)
		t.found = t.o.Candidates(find)
		cancel()
	}
	if len(t.found) > 0 {
		blocks = append(blocks, c.candidates(t))
	}
	blocks = append(blocks, t.paragraph(t.words.ClusterHow))
	_, err := t.recite(ctx, blocks)
	return err
}

func (c *clusterPlace) candidates(t *talk) []string {
	lines := t.paragraph(t.words.Candidates)
	for i, one := range t.found {
		state, why := t.words.NotRunning, t.text(one.Why)
		if one.Running {
			state = t.words.Running
		}
		if one.Problem != nil {
			state, why = t.words.Unusable, one.Problem.Error()
		}
		line := fmt.Sprintf("%d. %s%s%s", i+1, one.Name, t.words.Comma, state)
		if one.Chosen {
			line += t.words.Comma + t.words.ChosenOne
		}
		if why != "" {
			line += t.words.Colon + why
		}
		lines = append(lines, t.out.wrap("", "   ", line)...)
	}
	return lines
}

func (c *clusterPlace) commands(t *talk) []command {
	commands := []command{
		{"open", func(ctx context.Context, arg string) error { return c.open(ctx, t, arg) }},
		{"retry", func(ctx context.Context, _ string) error {
			_, err := t.openCluster(ctx, t.choice)
			return err
		}},
	}
	if t.session != nil {
		commands = append(commands, command{"restart", func(ctx context.Context, _ string) error { return t.restart(ctx) }})
	}
	return commands
}

func (c *clusterPlace) other(ctx context.Context, t *talk, line string) (bool, error) {
	if line == "" {
		return true, nil
	}
	if _, ok := number(line, len(t.found)); ok {
		return true, c.open(ctx, t, line)
	}
	return false, nil
}

func (c *clusterPlace) open(ctx context.Context, t *talk, arg string) error {
	choice := t.choice
	if arg != "" {
		i, ok := number(arg, len(t.found))
		for n, one := range t.found {
			if one.Name == arg {
				i, ok = n, true
			}
		}
		if !ok {
			t.sayf(t.words.NotUnderstood, arg)
			return nil
		}
		choice = t.found[i].Choice
	}
	_, err := t.openCluster(ctx, choice)
	return err
}

// workspace is the one of the exercise that is under way; false while there is
// none.
func (t *talk) workspace() (lessons.Workspace, bool) {
	if t.session == nil || t.work == nil || t.work.report.Workspace.Namespace == "" {
		return lessons.Workspace{}, false
	}
	return t.work.report.Workspace, true
}
