// Package cli is what scripts and people without a full screen call: one cobra
// command a file, each of which parses its flags, calls the packages that do
// the work, and prints text or JSON.
//
// It promises the exit codes of ExitCode and that whatever a command prints on
// stdout is the answer; progress and errors go to stderr. It must not draw
// screens (package tui does) nor speak to the API server (package cluster does).
package cli

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// InTerminal and OutTerminal say whether a person sits at the other end.
	InTerminal, OutTerminal bool
	Width                   int // columns of the output
	Height                  int // lines of it
}

// Program is everything the commands depend on.
type Program struct {
	Streams
	Getenv   func(string) string
	Now      func() time.Time
	Version  string
	StateDir string // progress, kubeconfig, logs, the sandbox's data
	Courses  fs.FS
	// CoursesDir is the folder whose folders are other people's courses; "" for
	// none. It need not exist.
	CoursesDir string
	// UTF8 says that the terminal is one of a system where all are UTF-8
	// whatever the locale says.
	UTF8  bool
	args  []string // the command line
	flags globalFlags
	lang  lessons.Lang
	// course, library and store are opened by the first command that needs them.
	course, library *lessons.Course
	store           *lessons.Store
	notice          lessons.Text // about the store, until it is said
}

type globalFlags struct {
	cluster string
	course  string
	lang    string
	noColor bool
	plain   bool
	page    int // lines before a pause; negative: as fits the terminal
	output  string
	yes     bool
	// readOnly refuses every change of the cluster.
	readOnly bool
	look     lookFlags
}

// Run carries out one command line, without the program's name.
func (p *Program) Run(ctx context.Context, args []string) error {
	p.args, p.lang = args, p.language(args)
	root := p.root()
	root.SetArgs(args)
	root.SetIn(p.In)
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	cluster.LogTo(io.Discard) // the client library must not write to the terminal
	err := root.ExecuteContext(ctx)
	if err != nil && isCobraUsage(err) {
		return usage(p.t("See `k8stutor --help`.", "用法见 `k8stutor --help`。"), "%w", err)
	}
	return err
}

func (p *Program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "k8stutor [LESSON]",
		Short: p.t("Learn Kubernetes in your terminal, on a real cluster", "在终端里、在真实的集群上学 Kubernetes"),
		Long: p.t(`Read a lesson, do its exercise on a real cluster, see every step tick, answer questions.

Without a command the tutor opens full-screen: at home, or at LESSON where you left it. With --plain it is a conversation of lines instead, for screen readers and simple terminals.`,
			`读一课，在真实的集群上做练习，看着每一步打勾，再答几道题。

不带命令时全屏打开：回到首页，或打开 LESSON 上次停下的地方。加 --plain 则逐行对话，适合读屏软件和简单的终端。`),
		Args:          p.lessonAlone,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.screen(cmd.Context(), args)
		},
		ValidArgsFunction: p.completeLesson,
	}
	f := root.PersistentFlags()
	f.StringVar(&p.flags.cluster, "cluster", "", p.t("cluster to use: auto, sandbox, minikube, or a kubeconfig context", "使用哪个集群：auto、sandbox、minikube 或 kubeconfig 里的 context"))
	f.StringVar(&p.flags.course, "course", "", p.t("folder of a course to use instead of those that are installed (or K8STUTOR_COURSE)", "使用这个文件夹里的课程，代替已安装的课程（也可设 K8STUTOR_COURSE）"))
	f.StringVar(&p.flags.lang, "lang", "", p.t("language: zh or en", "语言：zh 或 en"))
	f.BoolVar(&p.flags.noColor, "no-color", false, p.t("no colour", "不用颜色"))
	f.BoolVar(&p.flags.plain, "plain", false, p.t("plain lines: no colour, no box drawing; without a command, the tutor as a conversation of lines, for screen readers", "纯文本：不用颜色和制表符；不带命令时逐行对话，适合读屏软件"))
	f.StringVarP(&p.flags.output, "output", "o", "", p.t("output format: json", "输出格式：json"))
	f.BoolVarP(&p.flags.yes, "yes", "y", false, p.t("answer yes where a command would ask", "需要确认时一律回答 yes"))
	f.BoolVar(&p.flags.readOnly, "read-only", false, p.t("change nothing on the cluster: only look at what is there", "不对集群做任何改动，只查看已有内容"))
	p.addLookFlags(root.Flags())
	root.Flags().IntVar(&p.flags.page, "page", -1, p.t("with --plain: how many lines to read before a pause; 0: no pauses (default: as fits the terminal)", "配合 --plain：读多少行停一次，0 表示不停（默认按终端高度）"))
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return p.checkFlags() }
	root.AddCommand(
		p.listCmd(), p.showCmd(), p.glossaryCmd(), p.readCmd(), p.startCmd(), p.checkCmd(), p.answerCmd(), p.editCmd(), p.hintCmd(), p.solveCmd(), p.resetCmd(),
		p.quizCmd(), p.reviewCmd(), p.progressCmd(), p.clusterCmd(), p.sandboxCmd(), p.kubectlCmd(), p.envCmd(), p.doctorCmd(),
		p.cleanupCmd(), p.courseCmd(), p.versionCmd(),
	)
	p.localise(root)
	return root
}

func (p *Program) checkFlags() error {
	if err := p.checkTheme(); err != nil {
		return err
	}
	if o := p.flags.output; o != "" && o != "json" {
		return usage(p.t("Use -o json.", "请用 -o json。"), p.t("unknown output format %q", "不认识的输出格式 %q"), o)
	}
	if l := p.flags.lang; l != "" && l != string(lessons.English) && l != string(lessons.Chinese) {
		return usage(p.t("Use --lang zh or --lang en.", "请用 --lang zh 或 --lang en。"), p.t("unknown language %q", "不支持的语言 %q"), l)
	}
	return nil
}

// language is decided before the commands are made, because their help is
// written in it: --lang, then the language chosen in the tutor, then the locale.
func (p *Program) language(args []string) lessons.Lang {
	for i, a := range args {
		v, found := strings.CutPrefix(a, "--lang=")
		if a == "--lang" && i+1 < len(args) {
			v, found = args[i+1], true
		}
		if a == "--" || a == "kubectl" {
			break
		}
		if l := lessons.Lang(v); found && slices.Contains(lessons.Languages(), l) {
			return l
		}
	}
	if store, _ := p.openStore(); store != nil {
		if l := store.Progress().Lang; l != "" {
			return l
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := p.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return lessons.Chinese
			}
			return lessons.English
		}
	}
	return lessons.English
}

// t chooses between the two languages.
func (p *Program) t(en, zh string) string {
	if p.lang == lessons.Chinese {
		return zh
	}
	return en
}

func (p *Program) json() bool { return p.flags.output == "json" }

// openStore opens the progress, once. What there is to say about the file is
// returned each time until it was said.
func (p *Program) openStore() (*lessons.Store, lessons.Text) {
	if p.store == nil {
		store, notice, err := lessons.OpenStore(filepath.Join(p.StateDir, "progress.json"), p.Now)
		if err != nil {
			return nil, lessons.Same(err.Error())
		}
		p.store, p.notice = store, notice
	}
	return p.store, p.notice
}

// progressStore opens the store for a command and says what is wrong with it.
func (p *Program) progressStore() (*lessons.Store, error) {
	store, notice := p.openStore()
	if store == nil {
		return nil, fmt.Errorf("%s", notice.In(p.lang))
	}
	if notice != nil {
		p.notef("%s\n", notice.In(p.lang))
		p.notice = nil
	}
	return store, nil
}

// colourless reports whether to do without colour.
func (p *Program) colourless() bool {
	return p.flags.noColor || p.flags.plain || p.Getenv("NO_COLOR") != "" || p.Getenv("TERM") == "dumb"
}
