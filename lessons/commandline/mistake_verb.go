package commandline

import (
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons/spelling"
)

// closest returns the one name that a misspelt word stands for; "" when there is
// none, or more than one.
func closest(word string, of []string) string {
	lower := strings.ToLower(word)
	limit := min(2, max(1, len(lower)/3))
	if len(lower) < 3 {
		return ""
	}
	best, second, name := limit+1, limit+1, ""
	for _, n := range of {
		switch d := spelling.Distance(lower, strings.ToLower(n)); {
		case d < best:
			best, second, name = d, best, n
		case d < second:
			second = d
		}
	}
	if best > limit || second == best {
		return ""
	}
	return name
}

// unknownVerb finds a verb that kubectl does not have.
func unknownVerb(f *failure, c *command) *Sentence {
	if len(c.positional) == 0 || c.path != "" || !f.failed("unknown command") {
		return nil
	}
	v := c.positional[0]
	if _, n := kubectl().path([]string{strings.ToLower(v)}); n > 0 {
		return told("kubectl's verbs are written in lower case: %s, not %s.", "kubectl 的动词要小写：是 %s，而不是 %s。", strings.ToLower(v), v)
	}
	if v == "kubectl" || v == "k" {
		return told("%s stands there twice.", "%s 写了两遍。", "kubectl")
	}
	if name := closest(v, kubectl().verbs()); name != "" {
		return told("kubectl has no verb %s. It is spelled %s.", "kubectl 没有 %s 这个动词，正确的写法是 %s。", v, name)
	}
	if kind, _, _ := strings.Cut(v, "/"); isKind(kind) {
		return told("The verb is missing: what is to be done with %s? To see it: %s.", "缺少动词：要对 %s 做什么？查看它可以用 %s。",
			v, c.spelt(v, "get "+v))
	}
	return nil
}

// subcommand finds a second word that does not follow the verb.
func subcommand(f *failure, c *command) *Sentence {
	words := strings.Fields(c.path)
	under := kubectl().under[c.path]
	if len(under) == 0 || len(words) >= len(c.positional) {
		return nil
	}
	next := c.positional[len(words)]
	if !f.failed("unknown command", "Unexpected args", "unknown flag", "unknown shorthand", "must specify one of") {
		return nil
	}
	name := "NAME"
	if len(c.positional) > len(words)+1 {
		name = c.positional[len(words)+1]
	}
	switch {
	case isFile(next) || len(c.flags["filename"]) > 0:
		return nil
	case slices.Contains(under, strings.ToLower(next)):
		return told("Written in lower case: %s, not %s.", "要小写：是 %s，而不是 %s。", strings.ToLower(next), next)
	case c.path == "create service":
		return told("A Service is created by its type: %s.", "创建 Service 要写明类型：%s。", "kubectl create service clusterip "+next+" --tcp=80")
	case c.path == "create secret":
		return told("A Secret is created by its type: %s.", "创建 Secret 要写明类型：%s。", "kubectl create secret generic "+next)
	case c.path == "create" && pluralOf(next) == "pods":
		return told("There is no %s; one Pod is started by %s.", "没有 %s；启动单个 Pod 用 %s。", "kubectl create "+next, "kubectl run "+name+" --image=IMAGE")
	case c.path == "create" && isKind(next) && closest(next, under) == "":
		return told("%s makes no %s by name: write it into a file, and %s.", "%s 不能直接创建 %s：请写成文件，再执行 %s。",
			"kubectl create", pluralOf(next), "kubectl apply -f FILE")
	case c.path == "rollout" && slices.Contains(under, name):
		return told("What is to be done stands first: %s.", "要做的动作写在前面：%s。", "kubectl rollout "+name+" "+next)
	}
	if right := closest(next, under); right != "" {
		return told("There is no %s. It is spelled %s.", "没有 %s，正确的写法是 %s。", "kubectl "+c.path+" "+next, "kubectl "+c.path+" "+right)
	}
	return nil
}

// isFile reports whether a word looks like a file of manifests.
func isFile(w string) bool {
	for _, end := range []string{".yaml", ".yml", ".json"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}
