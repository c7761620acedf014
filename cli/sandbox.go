package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
)

func (p *Program) sandboxCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: p.t("The built-in Kubernetes: up, down, status, logs, node, kubeconfig", "内置的 Kubernetes：up、down、status、logs、node、kubeconfig"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.sandboxStatus(cmd.Context())
		},
	}
	cmd.AddCommand(p.sandboxUpCmd(), p.sandboxDownCmd(), p.sandboxStatusCmd(), p.sandboxLogsCmd(), p.sandboxNodeCmd(), p.sandboxKubeconfigCmd())
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
