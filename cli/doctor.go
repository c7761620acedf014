package cli

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

func (p *Program) doctorCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: p.t("Look for what could keep the tutor from working, and say what to do", "检查可能妨碍运行的问题，并给出办法"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.doctor(cmd.Context())
		},
	}
}

// finding is the outcome of one look.
type finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
}

func (p *Program) doctor(ctx context.Context) error {
	findings := []finding{p.lookAtTerminal(), p.lookAtState(), p.lookAtCourse(), p.lookAtCompanion(ctx), p.lookAtUserNamespaces(),
		p.lookAtSandbox(ctx), p.lookAtMinikube(ctx)}
	findings = append(findings, p.lookAtCluster(ctx))
	ok := true
	for _, f := range findings {
		ok = ok && f.OK
	}
	if p.json() {
		if err := p.printJSON(map[string]any{"ok": ok, "findings": findings}); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			sign := "✓"
			if !f.OK {
				sign = "✗"
			}
			p.printf("%s %s %s\n", sign, pad(f.Name, 18), f.Detail)
			if f.Hint != "" {
				p.printf("%s", p.indented(f.Hint, 4))
			}
		}
	}
	if !ok {
		return errCannotTell
	}
	return nil
}

func (p *Program) lookAtTerminal() finding {
	f := finding{Name: p.t("terminal", "终端"), OK: true, Detail: "TERM=" + p.Getenv("TERM")}
	if p.Width > 0 {
		f.Detail += fmt.Sprintf(p.t(", %d columns", "，%d 列"), p.Width)
	}
	locale := p.Getenv("LC_ALL") + p.Getenv("LC_CTYPE") + p.Getenv("LANG")
	if locale != "" && !strings.Contains(strings.ToLower(strings.ReplaceAll(locale, "-", "")), "utf8") {
		f.Hint = p.t("The locale is not UTF-8; Chinese text and box lines may look broken. Try LANG=C.UTF-8.",
			"当前 locale 不是 UTF-8，中文和线条可能显示不正常。可以试试 LANG=C.UTF-8。")
	}
	return f
}

func (p *Program) lookAtState() finding {
	f := finding{Name: p.t("state folder", "状态目录"), Detail: p.StateDir}
	if _, notice := p.openStore(); notice != nil {
		f.Hint = notice.In(p.lang)
		return f
	}
	probe, err := os.CreateTemp(p.StateDir, ".doctor-")
	if err != nil {
		f.Hint = fmt.Sprintf(p.t("It cannot be written: %v. Progress is then kept in memory only.", "无法写入：%v。进度只能保留在内存里。"), err)
		return f
	}
	probe.Close()
	f.OK = os.Remove(probe.Name()) == nil
	return f
}

func (p *Program) lookAtCourse() finding {
	f := finding{Name: p.t("course", "课程")}
	course, err := p.loadCourse()
	if err != nil {
		f.Detail = err.Error()
		return f
	}
	f.OK, f.Detail = true, fmt.Sprintf(p.t("%d lessons", "%d 课"), len(course.Lessons()))
	return f
}

func (p *Program) lookAtCompanion(ctx context.Context) finding {
	f := finding{Name: "k8stutor-sandbox"}
	path, err := cluster.FindCompanion(p.Getenv)
	if err != nil {
		f.Detail = p.t("not found", "未找到")
		if t := troubleOf(err); t != nil {
			f.Hint = t.Hint.In(p.lang)
		}
		return f
	}
	version := p.kubernetesVersion(ctx)
	f.OK, f.Detail = version != "", path+" "+version
	if !f.OK {
		f.Hint = p.t("It does not run. Build it again with `make build`.", "它无法运行。请用 `make build` 重新构建。")
	}
	return f
}

// lookAtUserNamespaces tells an ordinary user on Linux whether the sandbox can
// have what the kubelet wants; without it the sandbox runs with less.
func (p *Program) lookAtUserNamespaces() finding {
	f := finding{Name: p.t("user namespaces", "用户命名空间"), OK: true}
	if runtime.GOOS != "linux" || os.Getuid() == 0 {
		f.Detail = p.t("not needed", "不需要")
		return f
	}
	f.Detail = p.t("available", "可用")
	for _, path := range []string{"/proc/sys/kernel/unprivileged_userns_clone", "/proc/sys/user/max_user_namespaces"} {
		if data, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(data)) == "0" {
			f.Detail = p.t("switched off on this machine; the sandbox does without", "本机已关闭，沙箱会绕过它")
		}
	}
	return f
}

func (p *Program) lookAtSandbox(ctx context.Context) finding {
	f := finding{Name: p.t("sandbox", "沙箱")}
	status, err := p.sandbox().Status(ctx)
	if err != nil {
		f.Detail = err.Error()
		if t := troubleOf(err); t != nil {
			f.Hint = t.Hint.In(p.lang)
		}
		return f
	}
	f.OK, f.Detail = status.Stage != cluster.StageFailed, status.Stage
	if status.Error != "" {
		f.Detail += ": " + status.Error
	}
	if !f.OK {
		f.Hint = p.t("`k8stutor sandbox logs` says more; `k8stutor sandbox down --purge` starts from nothing.",
			"`k8stutor sandbox logs` 有详细信息；`k8stutor sandbox down --purge` 可以从头再来。")
	}
	return f
}

func (p *Program) lookAtCluster(ctx context.Context) finding {
	f := finding{Name: p.t("cluster", "集群"), Detail: p.t("none was chosen", "没有选定的集群")}
	for _, c := range p.found(ctx) {
		if !c.Chosen {
			continue
		}
		f.OK, f.Detail = c.Problem == nil, c.Name+": "+c.Why.In(p.lang)
		problem := c.Problem
		if problem == nil && c.Provider != cluster.ProviderSandbox {
			// A sandbox is not started for this; any other cluster has to answer.
			problem = p.ask(ctx)
		}
		if problem != nil {
			f.OK, f.Detail, f.Hint = false, problem.Error(), problem.Hint.In(p.lang)
		}
	}
	return f
}

// ask opens the chosen cluster, which makes nothing on it, and says what stands
// in the way.
func (p *Program) ask(ctx context.Context) *lessons.ClusterError {
	c, err := cluster.Open(ctx, p.clusterOptions(), nil)
	if err != nil {
		return troubleOf(err)
	}
	c.Close()
	return nil
}
