package cli

import "github.com/spf13/cobra"

// courseCmd is for the people who write courses. Its subcommands work on a
// course's folder, whatever course the tutor itself shows.
func (p *Program) courseCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "course",
		Short: p.t("Write courses: new, check, test, schema", "编写课程：new、check、test、schema"),
		Args:  p.maxArgs(0),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.courseNewCmd(), p.courseCheckCmd(), p.courseTestCmd(), p.courseSchemaCmd())
	return cmd
}
