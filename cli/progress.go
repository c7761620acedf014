package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/review"
)

func (p *Program) progressCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "progress",
		Short: p.t("Show how far you are; export, import, reset", "查看进度；export、import、reset"),
		Args:  p.maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			course, progress, err := p.courseProgress()
			if err != nil {
				return err
			}
			if p.json() {
				return p.printJSON(map[string]any{"course": course.ID, "last": progress.LastLesson, "lessons": p.lessonsJSON(course, progress),
					"review": forecast(review.Outlook(course, progress, p.Now()))})
			}
			p.printList(course, progress)
			p.printDue(review.Outlook(course, progress, p.Now()))
			return nil
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "export [FILE]",
		Short: p.t("Write the progress to FILE, or to stdout", "把进度写到 FILE 或标准输出"),
		Args:  p.maxArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return p.exportProgress(args) },
	}, &cobra.Command{
		Use:   "import FILE",
		Short: p.t("Merge the progress of another machine into yours", "把另一台机器的进度合并进来"),
		Args:  p.rangeArgs(1, 1),
		RunE:  func(_ *cobra.Command, args []string) error { return p.importProgress(args[0]) },
	}, &cobra.Command{
		Use:   "reset",
		Short: p.t("Forget all progress", "清空全部进度"),
		Args:  p.maxArgs(0),
		RunE:  func(*cobra.Command, []string) error { return p.resetProgress() },
	})
	return cmd
}

// printDue says how many questions are to be reviewed, once any was answered.
func (p *Program) printDue(f review.Forecast) {
	switch coming := f.Coming().In(p.lang); {
	case f.Due > 0:
		p.printf(p.t("\nTo review today: %d (k8stutor review)\n", "\n今天要复习：%d 道（k8stutor review）\n"), f.Due)
	case coming != "":
		p.printf(p.t("\nNext review: %s\n", "\n下次复习：%s\n"), coming)
	}
}

func (p *Program) exportProgress(args []string) error {
	store, err := p.progressStore()
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(store.Progress(), "", "  ")
	if err != nil {
		return fmt.Errorf("encode progress: %w", err)
	}
	data = append(data, '\n')
	if len(args) == 0 || args[0] == "-" {
		_, err = p.Out.Write(data)
		return err
	}
	if err := os.WriteFile(args[0], data, 0o600); err != nil {
		return fmt.Errorf("export progress: %w", err)
	}
	return nil
}

func (p *Program) importProgress(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return usage("", "%w", err)
	}
	var other lessons.Progress
	if err := json.Unmarshal(data, &other); err != nil || other.Version == 0 {
		return usage(p.t("It has to be a file that `k8stutor progress export` wrote.", "需要是 `k8stutor progress export` 导出的文件。"),
			p.t("%s does not hold progress", "%s 不是进度文件"), path)
	}
	if other.Version > lessons.ProgressVersion {
		return usage(p.t("Update k8stutor first.", "请先升级 k8stutor。"), p.t("%s was written by a newer k8stutor", "%s 由更新版本的 k8stutor 写成"), path)
	}
	store, err := p.progressStore()
	if err != nil {
		return err
	}
	if err := store.Update(func(pr *lessons.Progress) { pr.Merge(other) }); err != nil {
		return err
	}
	p.notef("%s\n", p.t("Merged.", "已合并。"))
	return nil
}

func (p *Program) resetProgress() error {
	ok, err := p.confirm(p.t("Forget all progress? The clusters are not touched.", "清空全部进度？集群不受影响。"))
	if err != nil || !ok {
		return err
	}
	store, err := p.progressStore()
	if err != nil {
		return err
	}
	return store.Update(func(pr *lessons.Progress) { pr.Lessons, pr.LastLesson = nil, "" })
}
