package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

// lesson finds a lesson of the course, or says which names are near.
func (p *Program) lesson(id string) (*lessons.Lesson, error) {
	l, several, err := p.findLesson(id)
	if err != nil {
		return nil, err
	}
	if l != nil {
		return p.whole(l)
	}
	course, err := p.loadCourse()
	if err != nil {
		return nil, err
	}
	if len(several) > 0 {
		return nil, usage(p.t("It is one of: ", "是其中之一：")+strings.Join(several, ", "), p.t("several courses have a lesson %q", "有几门课程都有叫 %q 的课"), id)
	}
	ids := lessonIDs(course)
	return nil, usage(p.offer(id, ids, p.t("`k8stutor list` shows all lessons.", "`k8stutor list` 列出所有课程。")),
		p.t("there is no lesson %q", "没有叫 %q 的课"), id)
}

func lessonIDs(course *lessons.Course) []string {
	var ids []string
	for _, l := range course.Lessons() {
		ids = append(ids, l.ID)
	}
	return ids
}

// lessonAlone allows one argument, a lesson. What is none may be a command that
// was misspelt: commands are offered too.
func (p *Program) lessonAlone(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	l, several, err := p.findLesson(args[0])
	if err != nil {
		return err
	}
	if l != nil || several != nil {
		return p.maxArgs(1)(cmd, args) // p.lesson asks which, if need be
	}
	course, err := p.loadCourse()
	if err != nil {
		return err
	}
	names := lessonIDs(course)
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return usage(p.offer(args[0], names, p.t("`k8stutor list` shows all lessons, `k8stutor --help` all commands.",
		"`k8stutor list` 列出所有课程，`k8stutor --help` 列出所有命令。")),
		p.t("there is no lesson %[1]q, and no command either", "没有叫 %[1]q 的课，也没有这个命令"), args[0])
}

// step finds a step of a lesson, or says which names are near.
func (p *Program) step(l *lessons.Lesson, id string) (*lessons.Step, error) {
	if s, ok := l.Step(id); ok {
		return s, nil
	}
	var ids []string
	for _, s := range l.Steps {
		ids = append(ids, s.ID)
	}
	return nil, usage(p.offer(id, ids, p.t("Its steps: ", "它的步骤：")+strings.Join(ids, ", ")),
		p.t("lesson %s has no step %q", "%s 这一课没有步骤 %q"), l.ID, id)
}

// offer suggests the nearest names, or otherwise what else to do.
func (p *Program) offer(word string, names []string, otherwise string) string {
	near := lessons.Nearest(word, names)
	if len(near) == 0 {
		return otherwise
	}
	return p.t("Did you mean: ", "是不是想找：") + strings.Join(near, ", ") + "\n" + otherwise
}

// lessonOrCurrent finds the lesson named by the first argument, or the one the
// learner was at last.
func (p *Program) lessonOrCurrent(args []string) (*lessons.Lesson, error) {
	if len(args) > 0 {
		return p.lesson(args[0])
	}
	store, err := p.progressStore()
	if err != nil {
		return nil, err
	}
	if last := store.Progress().LastLesson; last != "" {
		return p.lesson(last)
	}
	return nil, usage(p.t("`k8stutor list` shows all lessons.", "`k8stutor list` 列出所有课程。"),
		"%s", p.t("name a lesson: none was started yet", "请指明是哪一课：还没有开始过任何一课"))
}

// remember notes which lesson the learner is at.
func (p *Program) remember(store *lessons.Store, l *lessons.Lesson) {
	if store.Progress().LastLesson == l.ID {
		return
	}
	if err := store.Update(func(pr *lessons.Progress) { pr.LastLesson = l.ID }); err != nil {
		p.notef("%s: %v\n", p.t("Progress could not be saved", "进度无法保存"), err)
	}
}

// current returns the first step that was never passed, or the last.
func (p *Program) current(l *lessons.Lesson, store *lessons.Store) *lessons.Step {
	for _, s := range l.Steps {
		if !p.passed(l, s, store) {
			return s
		}
	}
	return l.Steps[len(l.Steps)-1]
}

// passed reports whether a step was passed in the present attempt.
func (p *Program) passed(l *lessons.Lesson, s *lessons.Step, store *lessons.Store) bool {
	lp := store.Progress().Lessons[l.ID]
	return lp != nil && lp.Attempt != nil && lp.Attempt.Steps[s.ID] != nil && lp.Attempt.Steps[s.ID].PassedAt != nil
}

// completeLesson offers lesson ids, then step ids, to the shell.
func (p *Program) completeLesson(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	course, err := p.loadCourse()
	if err != nil || len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	if len(args) == 1 {
		if l, _ := course.Find(args[0]); l != nil {
			for _, s := range l.Steps {
				out = append(out, s.ID+"\t"+s.Title.In(p.lang))
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
	for _, l := range course.Lessons() {
		out = append(out, l.ID+"\t"+l.Title.In(p.lang))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// noArgs, maxArgs and rangeArgs are cobra's, saying what is wrong in the
// learner's language.
func (p *Program) maxArgs(max int) cobra.PositionalArgs { return p.rangeArgs(0, max) }

func (p *Program) rangeArgs(min, max int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= min && len(args) <= max {
			return nil
		}
		hint := p.t("Usage: ", "用法：") + cmd.UseLine()
		if len(args) > max && cmd.HasSubCommands() && cmd.HasParent() {
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			return usage(p.offer(args[0], names, p.t("Its sub-commands: ", "它的子命令：")+strings.Join(names, ", ")),
				p.t("%s has no sub-command %q", "%s 没有子命令 %q"), cmd.CommandPath(), args[0])
		}
		if len(args) < min {
			return usage(hint, "%s", p.t("an argument is missing", "缺少参数"))
		}
		return usage(hint, p.t("one argument too many: %q", "多余的参数：%q"), args[max])
	}
}
