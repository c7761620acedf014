package tui

import (
	"context"
	"errors"
	"os/exec"
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
	reviewTimeout = time.Minute // a file may hold 50 objects
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

func resetExercise(c *crew, files lessons.Files, r *run, l *lessons.Lesson, step string) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(r.ctx, resetTimeout)
		defer cancel()
		if err := r.exercise.Reset(ctx, step); err != nil {
			return resetMsg{run: r.id, step: step, err: err}
		}
		kept, err := files.Reset(l, step)
		return resetMsg{r.id, step, kept, err}
	})
}

// layFiles lays out the drafts of a lesson's manifest steps.
func layFiles(c *crew, files lessons.Files, l *lessons.Lesson) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		paths := map[string]string{}
		for _, s := range l.Steps {
			if s.Kind == lessons.Manifest {
				paths[s.ID] = files.Path(l.ID, s)
			}
		}
		if len(paths) == 0 {
			return nil
		}
		_, err := files.LayAll(l)
		return laidMsg{l.ID, paths, err}
	})
}

// openEditor finds out how a file is to be edited.
func openEditor(c *crew, d desk, lesson string, step *lessons.Step) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		msg := editorMsg{lesson: lesson, step: step.ID}
		msg.path, msg.err = d.files.Lay(lesson, step)
		var words []string
		if msg.err == nil && d.editor != nil {
			words, msg.err = d.editor()
		}
		switch {
		case msg.err != nil:
		case len(words) > 0:
			msg.program = exec.CommandContext(ctx, words[0], append(words[1:], msg.path)...)
			msg.program.Dir = filepath.Dir(msg.path)
		default:
			msg.text, msg.err = d.files.Text(lesson, step)
		}
		return msg
	})
}

// saveFile writes what was typed into the built-in editor.
func saveFile(c *crew, files lessons.Files, lesson string, step *lessons.Step, text string) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		return editedMsg{lesson, step.ID, files.Write(lesson, step, text)}
	})
}

// reviewFile asks the API server about a file, or has it applied.
func reviewFile(c *crew, d desk, r *run, ws lessons.Workspace, lesson string, step *lessons.Step, apply bool) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(r.ctx, reviewTimeout)
		defer cancel()
		msg := reviewedMsg{run: r.id, step: step.ID, apply: apply}
		m, err := d.files.Read(lesson, step)
		switch {
		case err != nil:
			msg.err = err
		case apply:
			msg.faults, msg.err = m.Apply(ctx, r.session, ws)
		default:
			msg.faults, msg.err = m.Review(ctx, r.session, ws)
		}
		return msg
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

// watchShell waits for the shell to draw, for a command in it to end, or for its
// own end. Its wait ends with the shell,
// which the crew closes; it is therefore no work of the crew's.
func watchShell(id uint64, pane Shell) tea.Cmd {
	return func() tea.Msg {
		switch msg := pane.Listen().(type) {
		case terminal.OutputMsg:
			return shellDrawnMsg{id}
		case terminal.BrokenMsg:
			return shellBrokenMsg{id, msg}
		case terminal.CommandMsg:
			c := msg.Command
			return commandRanMsg{shell: id, number: c.Number, line: c.Line, exit: c.Exit, output: c.Output}
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
		if path, ok := strings.CutPrefix(v, "KUBECONFIG="); ok {
			cfg.Cache = filepath.Join(filepath.Dir(path), "completion") // the state folder
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
