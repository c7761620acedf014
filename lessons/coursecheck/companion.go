package coursecheck

import (
	"context"
	"path"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// lint asks the companion program about what was taken down.
func (c *checker) lint(ctx context.Context, o Options) {
	c.report.Commands, c.report.Manifests = len(c.ask.Commands), len(c.ask.Manifests)
	manifest := lessons.Position{File: path.Join(c.dir, "course.yaml")}
	if c.report.Commands+c.report.Manifests == 0 {
		return
	}
	if o.Lint == nil {
		c.add(manifest, Warning, "not-checked", say("%d commands and %d manifests were not checked: the program k8stutor-sandbox was not found", "%d 条命令和 %d 份 manifest 没有检查：找不到程序 k8stutor-sandbox", c.report.Commands, c.report.Manifests),
			say("k8stutor-sandbox beside k8stutor, or K8STUTOR_SANDBOX set to its path", "k8stutor-sandbox 和 k8stutor 放在同一个目录，或者把 K8STUTOR_SANDBOX 设为它的路径"))
		return
	}
	answer, err := o.Lint(ctx, c.ask)
	if err != nil {
		c.add(manifest, Warning, "not-checked", say("%d commands and %d manifests were not checked: %v", "%d 条命令和 %d 份 manifest 没有检查：%v", c.report.Commands, c.report.Manifests, err),
			say("a k8stutor-sandbox of the same version", "版本相同的 k8stutor-sandbox"))
		return
	}
	c.report.Kubernetes = answer.Kubernetes
	for _, f := range answer.Findings {
		c.add(position(f.At, f.Line), Error, f.Rule, texts(f.Said), texts(f.Expected))
	}
}

// position reads "file:line" back; line counts within what begins there.
func position(at string, line int) lessons.Position {
	i := strings.LastIndexByte(at, ':')
	if i < 0 {
		return lessons.Position{File: at, Line: line}
	}
	first, err := strconv.Atoi(at[i+1:])
	if err != nil {
		return lessons.Position{File: at, Line: line}
	}
	return lessons.Position{File: at[:i], Line: first + max(line-1, 0)}
}

func texts(words map[string]string) lessons.Text {
	if len(words) == 0 {
		return nil
	}
	t := lessons.Text{}
	for lang, s := range words {
		t[lessons.Lang(lang)] = s
	}
	return t
}
