package tui

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/terminal"
)

// How long what is done for one key may take before it counts as failed.
const (
	answerTimeout = 20 * time.Second
	resetTimeout  = 90 * time.Second // a namespace with its Pods is deleted
	findTimeout   = 5 * time.Second
)

func loadCourse(c *crew, load func(context.Context) (*lessons.Course, error)) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		course, err := load(ctx)
		return courseMsg{course, err}
	})
}

func findClusters(c *crew, find func(context.Context) []Candidate) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, findTimeout)
		defer cancel()
		return candidatesMsg{find(ctx)}
	})
}

// openSession opens a cluster, after the session that was open has been closed:
// two at a time could be two users of one sandbox state.
func openSession(c *crew, o *opening, old Session, open func(context.Context, string, StageFunc) (Session, error)) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		if old != nil {
			c.release(old)
		}
		session, err := open(ctx, o.choice, o.stage)
		if err != nil {
			return openedMsg{opening: o.id, err: err}
		}
		c.own(session, session.Close)
		return openedMsg{opening: o.id, session: session, info: session.Info()}
	})
}

// closeSession ends a session whose opening is no longer wanted.
func closeSession(c *crew, s Session) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		c.release(s)
		return nil
	})
}

func restartSession(c *crew, o *opening, s Session) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		if err := s.Restart(ctx, o.stage); err != nil {
			return restartedMsg{opening: o.id, err: err}
		}
		return restartedMsg{opening: o.id, info: s.Info()}
	})
}

func watchStages(c *crew, o *opening) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		stages, ok := o.news.take(o.ctx)
		if !ok {
			return nil
		}
		return stagesMsg{o.id, stages}
	})
}

// runExercise runs an exercise's engine until its own context ends.
func runExercise(c *crew, r *run) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		return runEndedMsg{r.id, r.exercise.Run(r.ctx, r.reports.put)}
	})
}

func watchReports(c *crew, r *run) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		report, ok := r.reports.take(r.ctx)
		if !ok {
			return nil
		}
		return reportMsg{r.id, report}
	})
}

func sendAnswer(c *crew, r *run, step, answer string) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(r.ctx, answerTimeout)
		defer cancel()
		report, err := r.exercise.Answer(ctx, step, answer)
		return answeredMsg{r.id, step, report, err}
	})
}

func resetExercise(c *crew, r *run, step string) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(r.ctx, resetTimeout)
		defer cancel()
		return resetMsg{r.id, step, r.exercise.Reset(ctx, step)}
	})
}

func startShell(c *crew, id uint64, start shellStarter, env func() []string, w, h int) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		pane, err := start(env(), w, h)
		if err != nil {
			return shellMsg{shell: id, err: err}
		}
		c.own(pane, func() { pane.Close() })
		return shellMsg{shell: id, pane: pane}
	})
}

func closeShell(c *crew, pane Shell) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		c.release(pane)
		return nil
	})
}

// watchShell waits for the shell to draw or to end. Its wait ends with the shell,
// which the crew closes; it is therefore no work of the crew's.
func watchShell(id uint64, pane Shell) tea.Cmd {
	return func() tea.Msg {
		switch pane.Listen().(type) {
		case terminal.OutputMsg:
			return shellDrawnMsg{id}
		case terminal.ExitMsg:
			return shellEndedMsg{id}
		}
		return nil
	}
}

// startTerminal starts the learner's own shell. The first folder of the PATH it
// is given stays the first, whatever the learner's start-up files do.
func startTerminal(env []string, w, h int) (Shell, error) {
	cfg := terminal.Config{Width: w, Height: h}
	for _, v := range env {
		if path, ok := strings.CutPrefix(v, "PATH="); ok {
			cfg.Path = filepath.SplitList(path)[:1]
			continue
		}
		cfg.Env = append(cfg.Env, v)
	}
	pane, err := terminal.Start(cfg)
	if err != nil {
		return nil, err // and not a Shell that holds a nil pane
	}
	return pane, nil
}

func tick(id uint64, every time.Duration) tea.Cmd {
	return tea.Tick(every, func(t time.Time) tea.Msg { return tickMsg{id, t} })
}

// clusterError returns the obstacle in an error, or nil if it is of another kind.
func clusterError(err error) *lessons.ClusterError {
	var ce *lessons.ClusterError
	if errors.As(err, &ce) {
		return ce
	}
	return nil
}
