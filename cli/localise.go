package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

// localise writes the help of all commands in the learner's language.
func (p *Program) localise(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.CompletionOptions.HiddenDefaultCmd = false
	if p.lang == lessons.Chinese {
		template := root.UsageTemplate()
		for _, words := range [][2]string{
			{"Usage:", "用法："}, {"Aliases:", "别名："}, {"Examples:", "示例："}, {"Available Commands:", "命令："},
			{"Additional Commands:", "其他命令："}, {"Global Flags:", "全局选项："}, {"Flags:", "选项："},
			{"Additional help topics:", "其他帮助："},
			{`Use "{{.CommandPath}} [command] --help" for more information about a command.`, `"{{.CommandPath}} [command] --help" 查看某个命令的说明。`},
		} {
			template = strings.ReplaceAll(template, words[0], words[1])
		}
		root.SetUsageTemplate(template)
	}
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Short = p.t("Print a completion script for your shell", "打印 shell 补全脚本")
		case "help":
			c.Short = p.t("Help about any command", "查看命令的帮助")
		}
	}
	p.helpFlags(root)
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
