package cli

import (
	"errors"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/scaffold"
)

func (p *Program) courseNewCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "new DIR",
		Short: p.t("Begin a course: a small one that is right as it is, every key explained", "新建一门课程：一个可以直接运行的小例子，每个键都有注释"),
		Args:  p.rangeArgs(1, 1),
		RunE:  func(_ *cobra.Command, args []string) error { return p.courseNew(args[0]) },
	}
}

// shellWord writes a path as it can be typed in a shell.
func shellWord(path string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-", r)
	}
	if strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 && !strings.HasPrefix(path, "-") {
		return path
	}
	return quote(lessons.Printable(path))
}

func (p *Program) courseNew(dir string) error {
	id, err := scaffold.Write(dir)
	switch {
	case errors.Is(err, scaffold.ErrNotEmpty):
		return usage(p.t("Name a folder that is empty or does not exist.", "请指定一个空目录，或者还不存在的目录。"), p.t("%s is not empty; nothing was written", "%s 不是空目录；没有写入任何文件"), dir)
	case errors.Is(err, scaffold.ErrNoFolder):
		return usage(p.t("Name a folder that is empty or does not exist.", "请指定一个空目录，或者还不存在的目录。"), p.t("%s is not a folder", "%s 不是目录"), dir)
	case err != nil:
		return usage(p.t("Name a folder that you may write to.", "请指定一个有写权限的目录。"), p.t("the course could not be made: %w", "无法新建课程：%w"), err)
	}
	if p.json() {
		return p.printJSON(map[string]string{"id": id, "dir": dir})
	}
	p.printf(p.t(`The course %[1]s is in %[2]s.

  %[3]s
      steps, checks, answers, questions; a comment at each key
  %[4]s
      what learners read, in both languages

Next:
  k8stutor course check %[2]s     after every change, without a cluster
  k8stutor course test %[2]s      plays every way through it on a real API server
  k8stutor --course %[2]s         as a learner sees it
`, `课程 %[1]s 已写入 %[2]s。

  %[3]s
      步骤、检查、答案、题目；每个键都有注释
  %[4]s
      学习者读到的文字，两种语言

接下来：
  k8stutor course check %[2]s     每次修改之后，不需要集群
  k8stutor course test %[2]s      在真实的 API server 上走一遍每条路
  k8stutor --course %[2]s         以学习者的身份打开
`), id, shellWord(dir), filepath.Join(dir, "hello", "lesson.yaml"), filepath.Join(dir, "hello", "en.md")+", zh.md")
	return nil
}
