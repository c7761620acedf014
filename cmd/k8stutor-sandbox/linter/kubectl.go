package linter

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/kubectl/pkg/cmd"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// kubectl is kubectl's tree of commands.
type kubectl struct{ root *cobra.Command }

func newKubectl() kubectl {
	root := cmd.NewKubectlCommand(cmd.KubectlOptions{
		IOStreams:   genericiooptions.NewTestIOStreamsDiscard(),
		ConfigFlags: genericclioptions.NewConfigFlags(true),
	})
	root.InitDefaultHelpCmd()
	return kubectl{root}
}

func (k kubectl) lint(c lint.Command) []lint.Finding {
	found := func(rule string, said, expected map[string]string) []lint.Finding {
		return []lint.Finding{{At: c.At, Rule: rule, Said: said, Expected: expected}}
	}
	if len(c.Argv) < 2 {
		return nil // kubectl alone prints its help
	}
	command, rest, err := k.root.Find(c.Argv[1:])
	if err != nil {
		typed := unknownCommand(err)
		if strings.Contains(typed, lint.Unknown) {
			return nil // whatever the shell fills in there
		}
		return found(lint.RuleCommand, words("kubectl has no command %q", "kubectl 没有 %q 这个命令", typed), k.commandsNear(k.root, typed))
	}
	path := command.CommandPath()
	command.InitDefaultHelpFlag()
	// A set of its own, because a set remembers where "--" stood the last time.
	flags := pflag.NewFlagSet(path, pflag.ContinueOnError)
	flags.AddFlagSet(command.Flags())
	flags.AddFlagSet(command.InheritedFlags()) // --namespace and its like

	group := command.HasAvailableSubCommands()
	if group && len(rest) > 0 && strings.Contains(rest[0], lint.Unknown) {
		return nil // whatever the shell fills in there
	}
	given := map[string]bool{}
	err = flags.ParseAll(rest, func(f *pflag.Flag, value string) error {
		given[f.Name] = true
		if strings.Contains(value, lint.Unknown) {
			return nil
		}
		if err := f.Value.Set(value); err != nil {
			return &valueError{f.Name, value, err}
		}
		return nil
	})
	var value *valueError
	switch {
	case errors.As(err, &value):
		return found(lint.RuleFlag, words("`%[1]s` does not take %[3]q for --%[2]s: %[4]v", "`%[1]s` 的 --%[2]s 不接受 %[3]q：%[4]v", path, value.flag, value.value, value.err),
			words("a value of type %s", "类型为 %s 的值", flags.Lookup(value.flag).Value.Type()))
	case errors.Is(err, pflag.ErrHelp):
		return nil
	case err != nil && group && len(rest) > 0 && !strings.HasPrefix(rest[0], "-"):
		return found(lint.RuleCommand, words("`%s` has no command %q", "`%s` 没有子命令 %q", path, rest[0]), k.commandsNear(command, rest[0]))
	case err != nil:
		return found(lint.RuleFlag, words("`%s`: %v", "`%s`：%v", path, err), k.flagsNear(flags, err))
	case given["help"]:
		return nil
	}
	args := flags.Args()
	if group && len(args) > 0 && !plugin(command) {
		return found(lint.RuleCommand, words("`%s` has no command %q", "`%s` 没有子命令 %q", path, args[0]), k.commandsNear(command, args[0]))
	}
	if c.Named {
		return nil
	}
	if missing := requiredFlags(flags, given); len(missing) > 0 {
		return found(lint.RuleArgs, words("`%s` is given no %s", "`%s` 缺少 %s", path, strings.Join(missing, ", ")), words("it cannot do without", "这是必需的"))
	}
	return k.args(c, command, given, args, flags.ArgsLenAtDash())
}

// valueError is a flag's value that the flag does not take.
type valueError struct {
	flag, value string
	err         error
}

func (e *valueError) Error() string { return e.err.Error() }

// unknownCommand takes the word that cobra does not know out of its error, which
// has no type.
func unknownCommand(err error) string {
	_, rest, _ := strings.Cut(err.Error(), "unknown command ")
	quoted, _, _ := strings.Cut(rest, " for ")
	word, err := strconv.Unquote(quoted)
	if err != nil {
		return quoted
	}
	return word
}

// plugin reports whether what follows is no command of kubectl's own.
func plugin(c *cobra.Command) bool { return c.Name() == "help" || c.Name() == "plugin" }

func requiredFlags(flags *pflag.FlagSet, given map[string]bool) (missing []string) {
	flags.VisitAll(func(f *pflag.Flag) {
		if required := f.Annotations[cobra.BashCompOneRequiredFlag]; len(required) > 0 && required[0] == "true" && !given[f.Name] {
			missing = append(missing, "--"+f.Name)
		}
	})
	return missing
}

// commandsNear says which commands there are, the most similar ones when any is.
func (k kubectl) commandsNear(c *cobra.Command, typed string) map[string]string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			names = append(names, sub.Name())
		}
	}
	return oneOf(names, typed)
}

// flagsNear says which flag may have been meant by the one that an error of
// pflag names.
func (k kubectl) flagsNear(flags *pflag.FlagSet, err error) map[string]string {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) || missing.GetSpecifiedShortnames() != "" {
		return words("see its --help", "参见它的 --help")
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	return oneOf(names, "--"+missing.GetSpecifiedName())
}

func oneOf(names []string, typed string) map[string]string {
	if near := lessons.Nearest(typed, names); len(near) > 0 {
		return words("%s, perhaps", "可能是 %s", near[0])
	}
	slices.Sort(names)
	if len(names) > 12 {
		return words("see its --help", "参见它的 --help")
	}
	return words("one of %s", "以下之一：%s", strings.Join(names, ", "))
}
