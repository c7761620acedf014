package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
)

func (p *Program) envCmd() *cobra.Command {
	shell := ""
	cmd := &cobra.Command{
		Use:   "env",
		Short: p.t("Print what another terminal needs: eval \"$(k8stutor env)\"", "打印另一个终端需要的环境变量：eval \"$(k8stutor env)\""),
		Args:  p.maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			bin, err := cluster.LinkKubectl(p.clusterOptions())
			if err != nil {
				// KUBECONFIG alone still serves somebody with a kubectl of their own.
				p.notef("%v\n", err)
			}
			if p.json() {
				return p.printJSON(map[string]string{"KUBECONFIG": p.kubeconfig(), "bin": bin})
			}
			switch shell {
			case "":
				shell = filepath.Base(p.Getenv("SHELL"))
			case "sh", "bash", "zsh", "dash", "ksh", "fish", "powershell", "pwsh":
			default:
				return usage(p.t("Use sh (bash and zsh as well), fish or powershell.", "请用 sh（bash、zsh 也一样）、fish 或 powershell。"),
					p.t("unknown shell %q", "不支持的 shell %q"), shell)
			}
			p.printf("%s", painted(exports(shell, p.kubeconfig(), bin))) // a shell reads it
			return nil
		},
	}
	cmd.Flags().StringVar(&shell, "shell", "", p.t("sh, fish or powershell (default: yours)", "sh、fish 或 powershell（默认按当前 shell）"))
	return cmd
}

// exports writes the settings in the language of a shell.
func exports(shell, kubeconfig, bin string) string {
	var b strings.Builder
	switch shell {
	case "fish":
		fmt.Fprintf(&b, "set -gx KUBECONFIG %s;\n", quote(kubeconfig))
		if bin != "" {
			fmt.Fprintf(&b, "set -gx PATH %s $PATH;\n", quote(bin))
		}
	case "powershell", "pwsh":
		fmt.Fprintf(&b, "$Env:KUBECONFIG = '%s'\n", strings.ReplaceAll(kubeconfig, "'", "''"))
		if bin != "" {
			fmt.Fprintf(&b, "$Env:PATH = '%s' + [IO.Path]::PathSeparator + $Env:PATH\n", strings.ReplaceAll(bin, "'", "''"))
		}
	default:
		fmt.Fprintf(&b, "export KUBECONFIG=%s\n", quote(kubeconfig))
		if bin != "" {
			fmt.Fprintf(&b, "export PATH=%s:\"$PATH\"\n", quote(bin))
		}
	}
	return b.String()
}

// quote writes a word so that a shell reads it as it is.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
