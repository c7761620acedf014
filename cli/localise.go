package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// localise writes the help of all commands in the learner's language.
func (p *Program) localise(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.CompletionOptions.HiddenDefaultCmd = false
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Short = p.t("Print a completion script for your shell", "打印 shell 补全脚本")
		case "help":
			c.Short = p.t("Help about any command", "查看命令的帮助")
		}
	}
	p.helpFlags(root)
	root.SetUsageFunc(p.usage)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		text := cmd.Long
		if text == "" {
			text = cmd.Short
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n\n", text)
		_ = p.usage(cmd)
	})
}

// usage writes how a command is used. It is written by hand, not by cobra's
// template: text/template keeps the linker from dropping unused methods, which
// costs 10 MB.
func (p *Program) usage(cmd *cobra.Command) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", p.t("Usage:", "用法："))
	if cmd.Runnable() {
		fmt.Fprintf(&b, "  %s\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s [command]\n\n%s\n", cmd.CommandPath(), p.t("Commands:", "命令："))
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				fmt.Fprintf(&b, "  %s %s\n", pad(c.Name(), cmd.NamePadding()), c.Short)
			}
		}
	}
	if cmd.HasAvailableLocalFlags() {
		fmt.Fprintf(&b, "\n%s\n%s", p.t("Flags:", "选项："), cmd.LocalFlags().FlagUsages())
	}
	if cmd.HasAvailableInheritedFlags() {
		fmt.Fprintf(&b, "\n%s\n%s", p.t("Global flags:", "全局选项："), cmd.InheritedFlags().FlagUsages())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n"+p.t("%q says more about a command.", "%q 查看某个命令的说明。")+"\n", cmd.CommandPath()+" [command] --help")
	}
	_, err := fmt.Fprint(cmd.OutOrStdout(), b.String())
	return err
}

// helpFlags words the --help flag of every command.
func (p *Program) helpFlags(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	if f := cmd.Flags().Lookup("help"); f != nil {
		f.Usage = p.t("help for ", "查看帮助：") + cmd.Name()
	}
	for _, c := range cmd.Commands() {
		p.helpFlags(c)
	}
}
