package cli

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
)

func (p *Program) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: p.t("Print the versions", "打印版本"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			kubernetes := p.kubernetesVersion(cmd.Context())
			if p.json() {
				return p.printJSON(map[string]string{"k8stutor": p.Version, "kubernetes": kubernetes, "go": runtime.Version(),
					"platform": runtime.GOOS + "/" + runtime.GOARCH})
			}
			p.printf("k8stutor %s (%s %s/%s)\n", p.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			if kubernetes == "" {
				kubernetes = p.t("not installed", "未安装")
			}
			p.printf("%s %s\n", p.t("sandbox: Kubernetes", "沙箱：Kubernetes"), kubernetes)
			return nil
		},
	}
}

// kubernetesVersion asks the companion program; empty where there is none.
func (p *Program) kubernetesVersion(ctx context.Context) string {
	companion, err := cluster.FindCompanion(p.Getenv)
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, companion, "version").Output()
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(out))
	for _, f := range fields {
		if strings.HasPrefix(f, "v") {
			return f
		}
	}
	return ""
}
