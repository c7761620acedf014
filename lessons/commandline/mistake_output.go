package commandline

import (
	"slices"
	"strings"
)

// clusterAway finds that nobody answered.
func clusterAway(f *failure, _ *command) *Sentence {
	server, ok := f.between("The connection to the server ", " was refused")
	switch {
	case !ok:
		return nil
	case server == "localhost:8080":
		return told("kubectl knows no cluster here: it tried %s because %s names no file. Leave this shell, or set the variable again.",
			"kubectl 在这里不知道集群在哪：%[2]s 没有指向任何文件，所以它去连 %[1]s。退出这个 shell，或重新设置这个变量。", server, "KUBECONFIG")
	}
	return told("The cluster does not answer; the command has not reached it. Run it again when the cluster is back.",
		"集群没有应答，命令没有送到。等集群恢复后再运行一次。")
}

// unknownKind finds a kind that the cluster does not have.
func unknownKind(f *failure, c *command) *Sentence {
	typed, ok := f.between(`the server doesn't have a resource type "`, `"`)
	args := c.positional[min(len(c.positional), len(strings.Fields(c.path))):]
	if len(args) > 1 && strings.HasSuffix(args[0], ",") && f.failed("must have a single resource and name", "the server doesn't have a resource type") {
		return told("No space behind the comma: %s.", "逗号后面不能有空格：%s。", args[0]+args[1])
	}
	if !ok || typed == "" {
		return nil
	}
	if !slices.ContainsFunc(args, func(a string) bool { return strings.Contains(strings.ToLower(a), strings.ToLower(typed)) }) {
		return nil
	}
	if name := closest(typed, kindNames()); name != "" {
		return told("There is no kind %s. It is spelled %s.", "没有 %s 这种对象，正确的写法是 %s。", typed, name)
	}
	if plural := closest(typed+"s", kindNames()); plural != "" {
		return told("There is no kind %s. It is spelled %s.", "没有 %s 这种对象，正确的写法是 %s。", typed, plural)
	}
	if len(args) == 1 && args[0] == typed && namesOne(c.path) {
		return told("The first word is read as a kind, and %s is none. Kind and name stand there, as in %s.", "第一个词会被当成对象种类，而 %s 不是。要写明种类和名字，例如 %s。",
			typed, "kubectl "+c.path+" deployment/"+typed)
	}
	return nil
}

// noNamespace finds a namespace that does not exist.
func noNamespace(f *failure, c *command) *Sentence {
	name, ok := f.between(`namespaces "`, `" not found`)
	if !ok || !slices.Contains(c.flags["namespace"], name) {
		return nil
	}
	return told("There is no namespace %s. %s lists them; without %s a command goes to the namespace of this exercise.",
		"没有命名空间 %s。用 %s 列出有哪些；不写 %s 时，命令作用于本练习的命名空间。", name, "kubectl get namespaces", "-n")
}

// notALowerName finds a name that may not be one.
func notALowerName(f *failure, c *command) *Sentence {
	if !strings.Contains(f.output, "a lowercase RFC 1123") && !strings.Contains(f.output, "a DNS-1035 label") {
		return nil
	}
	name, ok := f.between(`metadata.name: Invalid value: "`, `"`)
	if !ok || !slices.Contains(c.positional, name) {
		return nil
	}
	right := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if right == name {
		return nil
	}
	return told("Names consist of lower case letters, digits and %s: %s, not %s.", "名字只能由小写字母、数字和 %s 组成：是 %s，而不是 %s。", "-", right, name)
}

// outputFormat finds a way to print that kubectl does not have.
func outputFormat(f *failure, c *command) *Sentence {
	typed, ok := f.between(`unable to match a printer suitable for the output format "`, `"`)
	if !ok || !slices.Contains(c.flags["output"], typed) {
		return nil
	}
	right := closest(typed, []string{"wide", "yaml", "json", "name", "jsonpath", "custom-columns"})
	if typed == "yml" {
		right = "yaml"
	}
	if right == "" {
		return nil
	}
	return told("There is no output format %s. It is spelled %s.", "没有 %s 这种输出格式，正确的写法是 %s。", typed, right)
}

// namesOne reports whether a command acts on objects by their names.
func namesOne(path string) bool {
	verb, _, _ := strings.Cut(path, " ")
	return slices.Contains([]string{"rollout", "delete", "scale", "expose", "edit"}, verb)
}
