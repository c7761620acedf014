package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"mvdan.cc/sh/v3/shell"

	"github.com/k8stutor/k8stutor/lessons"
)

// editTime bounds the opening of the cluster and one question to it, not the
// time in the editor.
const editTime = time.Minute

func (p *Program) editCmd() *cobra.Command {
	var validate, apply bool
	cmd := &cobra.Command{
		Use:   "edit LESSON [STEP]",
		Short: p.t("Edit the file of a manifest step, have it checked, apply it", "编辑清单步骤的文件，校验并应用"),
		Long: p.t(`Open the file of a manifest step in $VISUAL or $EDITOR. When the editor ends, the API server is asked what it says to it, without changing anything; what is wrong is shown with its line. Accepted, it is applied after asking.
Exit code 0: accepted or applied, 1: refused, 3: the cluster cannot tell.`,
			`用 $VISUAL 或 $EDITOR 打开清单步骤的文件。编辑器退出后，交给 API 服务器试运行（不会改动任何东西），有错误就连同所在的行一起显示；没有错误则在确认后应用。
退出码 0 已接受或已应用，1 被拒绝，3 无法判定。`),
		Args:              p.rangeArgs(1, 2),
		ValidArgsFunction: p.completeLesson,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, step, err := p.manifestStep(args)
			if err != nil {
				return err
			}
			e := &editing{Program: p, lesson: l, step: step, files: p.files()}
			switch {
			case apply && validate:
				return usage(p.t("--apply checks the file too.", "--apply 也会先校验文件。"), "%s", p.t("--validate and --apply exclude each other", "--validate 和 --apply 不能同时使用"))
			case apply || validate:
				return e.once(cmd.Context(), apply)
			case p.json() || !p.InTerminal || !p.OutTerminal:
				return usage(p.t("Without one, edit ", "没有终端时，请直接编辑 ")+e.files.Path(l.ID, step)+p.t(" and use --validate or --apply.", "，然后用 --validate 或 --apply。"),
					"%s", p.t("an editor needs a terminal, and no file is read from a pipe", "编辑器需要终端，也不会从管道读取文件"))
			}
			return e.loop(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&validate, "validate", false, p.t("have the file checked as it is, without an editor", "不打开编辑器，只校验文件"))
	cmd.Flags().BoolVar(&apply, "apply", false, p.t("apply the file as it is, without an editor", "不打开编辑器，校验后直接应用文件"))
	return cmd
}

// files is where learners edit files.
func (p *Program) files() lessons.Files {
	return lessons.Files{Dir: filepath.Join(p.StateDir, "files")}
}

// manifestStep finds the manifest step that the arguments name, or the first of
// the lesson that is not passed.
func (p *Program) manifestStep(args []string) (*lessons.Lesson, *lessons.Step, error) {
	l, err := p.lesson(args[0])
	if err != nil {
		return nil, nil, err
	}
	var steps []*lessons.Step
	var ids []string
	for _, s := range l.Steps {
		if s.Kind == lessons.Manifest {
			steps, ids = append(steps, s), append(ids, s.ID)
		}
	}
	if len(steps) == 0 {
		return nil, nil, usage(p.t("`k8stutor list` shows all lessons.", "`k8stutor list` 列出所有课程。"),
			p.t("lesson %s has no step with a file to edit", "%s 这一课没有需要编辑文件的步骤"), l.ID)
	}
	if len(args) == 2 {
		s, err := p.step(l, args[1])
		if err == nil && s.Kind != lessons.Manifest {
			err = usage(p.t("With a file: ", "有文件的步骤：")+strings.Join(ids, ", "), p.t("step %s has no file to edit", "步骤 %s 没有需要编辑的文件"), s.ID)
		}
		return l, s, err
	}
	store, err := p.progressStore()
	if err != nil {
		return nil, nil, err
	}
	for _, s := range steps {
		if !p.passed(l, s, store) {
			return l, s, nil
		}
	}
	return l, steps[len(steps)-1], nil
}

// editing is the work on one file.
type editing struct {
	*Program
	lesson *lessons.Lesson
	step   *lessons.Step
	files  lessons.Files
}

// once checks the file as it is, and applies it if that is wanted.
func (e *editing) once(ctx context.Context, apply bool) error {
	faults, err := e.send(ctx, false)
	applied := false
	if err == nil && len(faults) == 0 && apply {
		faults, err = e.send(ctx, true)
		applied = err == nil && len(faults) == 0
	}
	if err != nil {
		return err
	}
	if e.json() {
		if err := e.printJSON(e.faultsJSON(faults, applied)); err != nil {
			return err
		}
	} else {
		e.printFaults(faults)
		if len(faults) == 0 {
			e.said(applied)
		}
	}
	if len(faults) > 0 {
		return errNotYet
	}
	return nil
}

// loop goes from editor to verdict until the file is applied or the learner has
// enough.
func (e *editing) loop(ctx context.Context) error {
	in := e.In // asking puts a buffer before it, which no editor can use
	for {
		if err := e.edit(ctx, in); err != nil {
			return err
		}
		faults, err := e.send(ctx, false)
		if err != nil {
			e.notef("%s%s\n", e.t("Your file is kept: ", "文件已保留："), e.files.Path(e.lesson.ID, e.step))
			return err
		}
		if len(faults) == 0 {
			break
		}
		e.printFaults(faults)
		if e.flags.yes {
			return errNotYet
		}
		again, err := e.confirm(e.t("Edit again?", "继续编辑？"))
		if err != nil {
			return err
		}
		if !again {
			return errNotYet
		}
	}
	e.said(false)
	ok, err := e.confirm(e.t("Apply it in the workspace of lesson "+e.lesson.ID+"?", "应用到 "+e.lesson.ID+" 的工作区？"))
	if err != nil || !ok {
		return err
	}
	faults, err := e.send(ctx, true)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		e.printFaults(faults)
		return errNotYet
	}
	e.said(true)
	return nil
}

// said tells of a file without faults.
func (e *editing) said(applied bool) {
	if !applied {
		e.printf("✓ %s %s\n", e.step.Draft.Name, e.t("is accepted; nothing was changed yet", "校验通过，尚未改动任何东西"))
		return
	}
	e.printf("✓ %s %s\n", e.step.Draft.Name, e.t("is applied", "已应用"))
	e.printf("%sk8stutor check %s %s --wait 30s\n", e.t("Then: ", "接下来："), e.lesson.ID, e.step.ID)
}

// edit runs the learner's editor on the file until it ends.
func (e *editing) edit(ctx context.Context, in io.Reader) error {
	path, err := e.files.Lay(e.lesson.ID, e.step)
	if err != nil {
		return err
	}
	words, err := e.editor()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], path)...)
	cmd.Dir = filepath.Dir(path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, e.Out, e.Err
	// The terminal sends Ctrl-C to the editor as well; it decides what it means.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", fmt.Sprintf(e.t("run the editor %s; nothing was sent, your file is %s", "运行编辑器 %s 失败，没有发送任何东西，文件在 %s"),
			strings.Join(words, " "), path), err)
	}
	return nil
}

// editor is the command line of the learner's editor: $VISUAL, $EDITOR, or one
// that is there.
func (p *Program) editor() ([]string, error) {
	words, err := p.chosenEditor()
	if err != nil || words != nil {
		return words, err
	}
	for _, name := range []string{"nano", "vim", "vi"} {
		if path, err := exec.LookPath(name); err == nil {
			return []string{path}, nil
		}
	}
	return nil, usage(p.t("Set it: export EDITOR=nano", "请设置：export EDITOR=nano"),
		"%s", p.t("there is no editor: EDITOR is not set, and neither nano nor vi is installed", "没有可用的编辑器：没有设置 EDITOR，也没有安装 nano 或 vi"))
}

// chosenEditor is what $VISUAL or $EDITOR names, nil when they do not. It is
// split into words as a shell does, and no shell runs it.
func (p *Program) chosenEditor() ([]string, error) {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		line := p.Getenv(name)
		if strings.TrimSpace(line) == "" {
			continue
		}
		words, err := shell.Fields(line, p.Getenv)
		if err == nil && len(words) == 0 {
			err = errors.New(p.t("it is empty", "内容为空"))
		}
		if err == nil {
			_, err = exec.LookPath(words[0])
		}
		if err != nil {
			return nil, usage(p.t("Set it to a program that is installed: export EDITOR=nano", "请改成已安装的程序：export EDITOR=nano"),
				p.t("the editor that $%s names cannot be run: %w", "$%s 指定的编辑器无法运行：%w"), name, err)
		}
		return words, nil
	}
	return nil, nil
}

// send has the API server look at the file, or apply it.
func (e *editing) send(ctx context.Context, apply bool) ([]lessons.Fault, error) {
	m, err := e.files.Read(e.lesson.ID, e.step)
	if err != nil {
		return nil, err
	}
	if len(m.Faults) > 0 {
		return m.Faults, nil // it needs no cluster to see them
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	c, err := e.openFor(ctx, e.lesson)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	ctx, cancelSend := context.WithTimeout(ctx, editTime)
	defer cancelSend()
	ws, err := c.Prepare(ctx, e.lesson.ID)
	if err != nil {
		return nil, err
	}
	if apply {
		return m.Apply(ctx, c, ws)
	}
	return m.Review(ctx, c, ws)
}
