package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
)

func (p *Program) sandboxCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: p.t("The built-in Kubernetes: up, down, status, logs, kubeconfig", "内置的 Kubernetes：up、down、status、logs、kubeconfig"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.sandboxStatus(cmd.Context())
		},
	}
	cmd.AddCommand(p.sandboxUpCmd(), p.sandboxDownCmd(), p.sandboxStatusCmd(), p.sandboxLogsCmd(), p.sandboxKubeconfigCmd())
	return cmd
}

func (p *Program) sandboxUpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: p.t("Start the sandbox, or join the one that runs; it stays until `sandbox down`", "启动沙箱，或加入已在运行的沙箱；直到 `sandbox down` 才停止"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			lease, err := p.sandbox().Up(cmd.Context(), cluster.LeaseOptions{Keep: true}, p.startProgress())
			if err != nil {
				return err
			}
			defer lease.Close()
			if p.json() {
				return p.printJSON(public(lease.Status()))
			}
			p.printSandbox(lease.Status())
			return nil
		},
	}
}

func (p *Program) sandboxDownCmd() *cobra.Command {
	purge := false
	cmd := &cobra.Command{
		Use:   "down",
		Short: p.t("Stop the sandbox; --purge forgets everything in it", "停止沙箱；--purge 同时清空所有数据"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if purge {
				ok, err := p.confirm(p.t("Delete everything in the sandbox?", "删除沙箱里的所有数据？"))
				if err != nil || !ok {
					return err
				}
			}
			if err := p.sandbox().Down(cmd.Context(), purge); err != nil {
				return err
			}
			if !p.json() {
				p.printf("%s\n", p.t("The sandbox is stopped.", "沙箱已停止。"))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&purge, "purge", false, p.t("delete its data too", "同时删除数据"))
	return cmd
}

func (p *Program) sandboxStatusCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: p.t("Say whether the sandbox runs, and how", "查看沙箱是否在运行、状态如何"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.sandboxStatus(cmd.Context())
		},
	}
}

func (p *Program) sandboxStatus(ctx context.Context) error {
	status, err := p.sandbox().Status(ctx)
	if err != nil {
		return err
	}
	if p.json() {
		return p.printJSON(public(status))
	}
	p.printSandbox(status)
	return nil
}

// public is a status without what opens the control endpoint.
func public(s cluster.Status) cluster.Status {
	s.Token = ""
	return s
}

func (p *Program) printSandbox(s cluster.Status) {
	states := map[string]string{
		cluster.StageStarting: p.t("starting", "启动中"),
		cluster.StageReady:    p.t("ready", "就绪"),
		cluster.StageStopping: p.t("stopping", "停止中"),
		cluster.StageFailed:   p.t("failed", "失败"),
		cluster.StageStopped:  p.t("stopped", "已停止"),
	}
	row := func(name, value string) {
		if value != "" {
			p.printf("%s %s\n", pad(name, 12), value)
		}
	}
	row(p.t("sandbox", "沙箱"), states[s.Stage])
	row(p.t("error", "错误"), s.Error)
	if s.Stage == cluster.StageStopped {
		row(p.t("data", "数据"), p.sandbox().Dir)
		return
	}
	row("Kubernetes", s.Version)
	row(p.t("server", "地址"), s.Server)
	row("kubeconfig", p.sandbox().Kubeconfig())
	row(p.t("process", "进程"), fmt.Sprint(s.PID))
	if !s.ReadyAt.IsZero() {
		row(p.t("started in", "启动用时"), s.ReadyAt.Sub(s.StartedAt).Round(10*time.Millisecond).String())
		row(p.t("uptime", "已运行"), p.Now().Sub(s.StartedAt).Round(time.Second).String())
	}
	row(p.t("memory", "内存"), fmt.Sprintf("%d MiB", s.MemoryBytes>>20))
	row(p.t("users", "使用者"), fmt.Sprint(s.Leases))
	for _, n := range s.Nodes {
		ready := p.t("not ready", "未就绪")
		if n.Ready {
			ready = "Ready"
		}
		row(p.t("node", "节点"), n.Name+" "+ready)
	}
}

func (p *Program) sandboxLogsCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "logs [COMPONENT]",
		Short: p.t("Print the sandbox's logs, of one component or all", "打印沙箱日志（某个组件或全部）"),
		Args:  p.maxArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			component := ""
			if len(args) == 1 {
				component = args[0]
			}
			paths, err := p.sandbox().Logs(component)
			if err != nil {
				return err
			}
			for _, path := range paths {
				if err := p.printFile(path, len(paths) > 1); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (p *Program) printFile(path string, titled bool) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer f.Close()
	if titled {
		p.printf("==> %s <==\n", path)
	}
	_, err = io.Copy(p.Out, f)
	return err
}

func (p *Program) sandboxKubeconfigCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "kubeconfig",
		Short: p.t("Print the path of the sandbox's kubeconfig", "打印沙箱 kubeconfig 的路径"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			path := p.sandbox().Kubeconfig()
			if _, err := os.Stat(path); err != nil {
				return usage(p.t("`k8stutor sandbox up` makes it.", "`k8stutor sandbox up` 会创建它。"),
					"%s", p.t("the sandbox has never run, so there is no kubeconfig yet", "沙箱还没有运行过，所以没有 kubeconfig"))
			}
			if p.json() {
				return p.printJSON(map[string]string{"kubeconfig": path})
			}
			p.printf("%s\n", path)
			return nil
		},
	}
}
