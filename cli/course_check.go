package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

func (p *Program) courseCheckCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "check DIR",
		Short: p.t("Check a course without a cluster: ids, both languages, links, commands, manifests", "不用集群检查课程：id、两种语言、链接、命令、manifest"),
		Args:  p.rangeArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.courseCheck(cmd.Context(), args[0])
		},
	}
}

// courseCheck prints what is wrong with the course in a folder. The outcome is
// errNotYet when there is an error among it.
func (p *Program) courseCheck(ctx context.Context, dir string) error {
	root, err := p.courseFolder(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	o := coursecheck.Options{}
	if _, err := cluster.FindCompanion(p.Getenv); err == nil {
		o.Lint = func(ctx context.Context, req lint.Request) (lint.Response, error) {
			return cluster.Lint(ctx, p.Getenv, req)
		}
	}
	rep := coursecheck.Check(ctx, root.FS(), ".", o)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if p.json() {
		err = p.printJSON(checkReportJSON(rep))
	} else {
		p.printFindings(dir, rep)
	}
	if err == nil && rep.Count(coursecheck.Error) > 0 {
		return errNotYet
	}
	return err
}

// courseFolder opens the folder of a course. Nothing is read outside of it,
// wherever links in it lead. The caller closes it.
func (p *Program) courseFolder(dir string) (*os.Root, error) {
	hint := p.t("Name the folder that holds course.yaml; `k8stutor course new DIR` makes one.", "请指明 course.yaml 所在的目录；`k8stutor course new DIR` 可以新建。")
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(hint, p.t("there is no folder %s", "没有目录 %s"), dir)
	case err == nil && !info.IsDir():
		return nil, usage(hint, p.t("%s is not a folder", "%s 不是目录"), dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, usage(hint, p.t("the folder cannot be read: %w", "无法读取这个目录：%w"), err)
	}
	return root, nil
}

func (p *Program) printFindings(dir string, rep coursecheck.Report) {
	for _, f := range rep.Findings {
		severity := p.t("error", "错误")
		if f.Severity == coursecheck.Warning {
			severity = p.t("warning", "警告")
		}
		line := fmt.Sprintf("%s:%d: %s: %s", filepath.Join(dir, filepath.FromSlash(f.Pos.File)), f.Pos.Line, severity, f.Said.In(p.lang))
		if expected := f.Expected.In(p.lang); expected != "" {
			line += p.t("; expected: ", "；应为：") + expected
		}
		p.printf("%s [%s]\n", line, f.Rule)
	}
	against := ""
	if rep.Kubernetes != "" {
		against = fmt.Sprintf(p.t(", against Kubernetes %s", "，对照 Kubernetes %s"), rep.Kubernetes)
	}
	if p.lang == lessons.Chinese {
		p.printf("%d 个错误，%d 个警告。检查了 %d 课、%d 个文件、%d 条命令、%d 份 manifest%s。\n",
			rep.Count(coursecheck.Error), rep.Count(coursecheck.Warning), rep.Lessons, rep.Files, rep.Commands, rep.Manifests, against)
		return
	}
	p.printf("%s, %s. Looked at: %s, %s, %s, %s%s.\n", plural(rep.Count(coursecheck.Error), "error"), plural(rep.Count(coursecheck.Warning), "warning"),
		plural(rep.Lessons, "lesson"), plural(rep.Files, "file"), plural(rep.Commands, "command"), plural(rep.Manifests, "manifest"), against)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

type findingJSON struct {
	File     string               `json:"file"` // from the course's folder
	Line     int                  `json:"line"`
	Severity coursecheck.Severity `json:"severity"`
	Rule     string               `json:"rule"`
	Said     lessons.Text         `json:"said"`
	Expected lessons.Text         `json:"expected,omitempty"`
}

type courseCheckJSON struct {
	Findings   []findingJSON `json:"findings"`
	Errors     int           `json:"errors"`
	Warnings   int           `json:"warnings"`
	Lessons    int           `json:"lessons"`
	Files      int           `json:"files"`
	Commands   int           `json:"commands"`
	Manifests  int           `json:"manifests"`
	Kubernetes string        `json:"kubernetes,omitempty"`
}

func checkReportJSON(rep coursecheck.Report) courseCheckJSON {
	out := courseCheckJSON{
		Findings: []findingJSON{}, Errors: rep.Count(coursecheck.Error), Warnings: rep.Count(coursecheck.Warning),
		Lessons: rep.Lessons, Files: rep.Files, Commands: rep.Commands, Manifests: rep.Manifests, Kubernetes: rep.Kubernetes,
	}
	for _, f := range rep.Findings {
		out.Findings = append(out.Findings, findingJSON{f.Pos.File, f.Pos.Line, f.Severity, f.Rule, f.Said, f.Expected})
	}
	return out
}
