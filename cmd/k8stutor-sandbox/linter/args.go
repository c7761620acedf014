package linter

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// args looks at how many arguments a command has. kubectl counts them only when
// a command runs, so the rules stand here once more, as far as they need no
// cluster. dash is how many stand before a "--", -1 when there is none.
func (k kubectl) args(c lint.Command, command *cobra.Command, given map[string]bool, args []string, dash int) []lint.Finding {
	if strings.Contains(strings.Join(args, ""), lint.Unknown) {
		return nil // a shell may make several words of it, or none
	}
	if dash >= 0 {
		args = args[:dash]
	}
	path := strings.TrimPrefix(command.CommandPath(), "kubectl ")
	found := func(expected map[string]string) []lint.Finding {
		return []lint.Finding{{At: c.At, Rule: lint.RuleArgs,
			Said:     words("`kubectl %s` has %d arguments here", "`kubectl %s` 在这里有 %d 个参数", path, len(args)),
			Expected: expected}}
	}
	if command.Args != nil && dash < 0 {
		if err := command.ValidateArgs(args); err != nil {
			return found(words("%v", "%v", err))
		}
	}
	verb, file := strings.Fields(path), given["filename"] || given["kustomize"] || given["raw"]
	switch {
	case path == "run":
		if len(args) == 0 {
			return found(words("a name", "一个名字"))
		}
	case len(verb) > 1 && verb[0] == "create" && !command.HasAvailableSubCommands():
		if len(args) != 1 { // `create service clusterip NAME` as well
			return found(words("one name", "一个名字"))
		}
	case slices.Contains([]string{"create", "apply", "replace", "diff"}, path):
		if !file {
			return found(words("-f FILE", "-f 文件"))
		}
	case needsType(verb) && !file:
		if len(args) == 0 {
			return found(words("TYPE NAME or TYPE/NAME", "TYPE NAME 或 TYPE/NAME"))
		}
		if len(args) == 1 && needsName(verb[0]) && !strings.Contains(args[0], "/") && !given["selector"] && !given["all"] && !given["field-selector"] {
			return found(words("TYPE NAME or TYPE/NAME", "TYPE NAME 或 TYPE/NAME"))
		}
	case needsPod(verb[0]) && !given["filename"] && !given["selector"]:
		switch {
		case len(args) == 0:
			return found(words("a Pod or TYPE/NAME", "一个 Pod 或 TYPE/NAME"))
		case verb[0] == "exec" && dash < 0 && len(args) == 1:
			return found(words("a command behind --", "-- 之后的命令"))
		case verb[0] == "port-forward" && len(args) == 1:
			return found(words("a port: [LOCAL:]REMOTE", "端口：[本地端口:]远端端口"))
		}
	}
	return nil
}

// needsType reports whether a command acts on what its arguments name.
func needsType(verb []string) bool {
	switch verb[0] {
	case "get", "describe", "delete", "edit", "scale", "expose", "label", "annotate", "patch", "autoscale", "explain", "wait":
		return true
	case "rollout", "set":
		return len(verb) > 1
	}
	return false
}

// needsName reports whether a type alone is not enough.
func needsName(verb string) bool {
	switch verb {
	case "delete", "scale", "expose", "patch", "autoscale":
		return true
	}
	return false
}

func needsPod(verb string) bool {
	switch verb {
	case "logs", "exec", "attach", "debug", "port-forward":
		return true
	}
	return false
}
