package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// screen opens the full-screen tutor.
func (p *Program) screen(ctx context.Context, args []string) error {
	start := ""
	if len(args) == 1 {
		l, err := p.lesson(args[0])
		if err != nil {
			return err
		}
		start = l.ID
	}
	inLines := p.flags.plain || p.InTerminal && p.OutTerminal && p.Getenv("TERM") == "dumb"
	if !inLines && (!p.InTerminal || !p.OutTerminal) {
		return usage(p.t("Without one, use: k8stutor --plain, which speaks in lines · or list · show LESSON · start LESSON · check LESSON · quiz LESSON",
			"没有终端时可以用：k8stutor --plain（逐行对话），或 list · show LESSON · start LESSON · check LESSON · quiz LESSON"),
			"%s", p.t("the full-screen tutor needs a terminal that can move its cursor", "全屏界面需要能移动光标的终端"))
	}
	store, notice := p.openStore()
	if store == nil {
		return fmt.Errorf("%s", notice.In(p.lang))
	}
	log, err := p.openLog()
	if err != nil && notice == nil {
		notice = lessons.Same(err.Error())
	}
	if log != nil {
		defer log.Close()
		cluster.LogTo(log)
		// Credential plugins of a kubeconfig write there, which would spoil the
		// screen; the client library has no setting for it.
		defer func(stderr *os.File) { os.Stderr = stderr }(os.Stderr)
		os.Stderr = log
	}
	deps := tui.Deps{
		Course: p.course,
		Load: func(context.Context) (*lessons.Course, error) {
			return p.readCourses(lessons.Outline)
		},
		LoadAll: func(context.Context) (*lessons.Course, error) {
			return p.readAll()
		},
		Store:  store,
		Notice: notice,
		Lang:   p.lang,
		Open: func(ctx context.Context, choice string, progress tui.StageFunc) (tui.Session, error) {
			return p.openSession(ctx, choice, progress, log)
		},
		Candidates:   p.candidates,
		StartCluster: p.startCluster,
		StageTitle:   stageTitle,
		Exercise: func(l *lessons.Lesson, c lessons.Cluster) tui.Exercise {
			return lessons.NewExercise(l, c, store, p.Now)
		},
		Files:    p.files(),
		Editor:   p.chosenEditor,
		Now:      p.Now,
		NoColor:  p.colourless(),
		Plain:    p.asciiOnly(),
		Dark:     true,
		Theme:    p.theme(),
		Welcome:  p.firstTime(store),
		NoNotify: p.flags.look.noNotify,
		Term:     p.Getenv("TERM"),
		NoMotion: p.flags.look.noMotion,
		Start:    start,
		Version:  p.Version,
	}
	if inLines {
		return p.converse(ctx, deps)
	}
	if p.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(screenMemory)
	}
	return tui.Run(ctx, deps, p.In, p.Out)
}

// screenMemory is from where on the full-screen tutor collects its garbage more
// often, in bytes. A flood in the terminal pane and ten thousand lines of
// scrollback then leave it at less than 60 MB, with the 25 of its program file; an
// exercise alone takes 20. See docs/PERFORMANCE.md.
const screenMemory = 28 << 20

// openLog opens the file for what must never reach the screen.
func (p *Program) openLog() (*os.File, error) {
	if err := os.MkdirAll(p.StateDir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(p.StateDir, "k8stutor.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
}

// session is an open cluster as the screens see it.
type session struct{ *cluster.Cluster }

func (s session) Info() tui.Info {
	i := s.Cluster.Info()
	return tui.Info{Name: i.Name, Provider: string(i.Provider), Server: i.Server, Version: i.Version, Kubeconfig: i.Kubeconfig, Why: i.Why,
		ReadOnly: i.ReadOnly, Shared: i.Provider == cluster.ProviderExisting && i.Engine == ""}
}

func (s session) Restart(ctx context.Context, progress tui.StageFunc) error {
	return s.Cluster.Restart(ctx, stages(progress))
}

func stages(progress tui.StageFunc) func(cluster.Progress) {
	return func(p cluster.Progress) { progress(p.Stage, p.State, p.Detail) }
}

func (p *Program) openSession(ctx context.Context, choice string, progress tui.StageFunc, log *os.File) (tui.Session, error) {
	o := p.clusterOptions()
	o.Linger = 0 // the screen is the user: the sandbox ends with it
	if log != nil {
		o.Log = log
	}
	if choice != "" {
		o.Choice = choice
	}
	c, err := cluster.Open(ctx, o, stages(progress))
	if err != nil {
		return nil, err
	}
	return session{c}, nil
}
