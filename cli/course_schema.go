package cli

import (
	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

func (p *Program) courseSchemaCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [lesson|course|glossary]",
		Short: p.t("Print the JSON Schema of lesson.yaml, course.yaml or glossary.yaml", "打印 lesson.yaml、course.yaml 或 glossary.yaml 的 JSON Schema"),
		Long: p.t(`Print the JSON Schema of lesson.yaml, course.yaml or glossary.yaml. An editor with yaml-language-server
completes and checks a file that begins with the line

  # yaml-language-server: $schema=lesson.schema.json`,
			`打印 lesson.yaml（或 course.yaml、glossary.yaml）的 JSON Schema。装有 yaml-language-server 的编辑器会为以下面这一行
开头的文件提供补全和检查：

  # yaml-language-server: $schema=lesson.schema.json`),
		Args:      p.maxArgs(1),
		ValidArgs: []string{"lesson", "course", "glossary"},
		RunE: func(_ *cobra.Command, args []string) error {
			file := append(args, "lesson")[0]
			schema, err := lessons.Schema(file)
			if err != nil {
				return usage(p.t("Use lesson, course or glossary.", "请用 lesson、course 或 glossary。"), p.t("there is no schema of %q", "没有 %q 的 schema"), file)
			}
			_, err = p.Out.Write(schema)
			return err
		},
	}
}
