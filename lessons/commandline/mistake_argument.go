package commandline

import (
	"slices"
	"strings"
)

// keyed reports whether key=value is what the command takes as an argument.
func (c *command) keyed() bool {
	verb, _, _ := strings.Cut(c.path, " ")
	return slices.Contains([]string{"label", "annotate", "set", "taint", "config", "help", ""}, verb)
}

// dashless finds port=80 for --port=80.
func dashless(f *failure, c *command) *Sentence {
	if f.exit == 0 || c.keyed() {
		return nil
	}
	for _, w := range c.positional {
		name, value, ok := strings.Cut(w, "=")
		if o, known := kubectl().flag(c.path, name); ok && known && o.value && len(name) > 1 && value != "" {
			return told("The dashes are missing: %s, not %s.", "少了短横线：是 %s，而不是 %s。", "--"+w, w)
		}
	}
	return nil
}

// behindDashes finds "-- image=nginx": the space makes two words of a flag.
func behindDashes(f *failure, c *command) *Sentence {
	if f.exit == 0 || len(c.remainder) == 0 {
		return nil
	}
	name, _, ok := strings.Cut(c.remainder[0], "=")
	if o, known := kubectl().flag(c.path, name); !ok || !known || !o.value || len(name) < 2 || len(c.flags[name]) > 0 {
		return nil
	}
	return told("No space behind the dashes: %s.", "短横线后面不能有空格：%s。", "--"+c.remainder[0])
}

// withoutFile finds a file that is not given as one.
func withoutFile(f *failure, c *command) *Sentence {
	if f.exit == 0 || !slices.Contains([]string{"apply", "create", "delete", "replace", "diff"}, c.path) || len(c.flags["filename"]) > 0 {
		return nil
	}
	for _, w := range c.positional[1:] {
		if isFile(w) {
			return told("A file is given by %s: %s.", "文件要用 %s 指定：%s。", "-f", "kubectl "+c.path+" -f "+w)
		}
	}
	return nil
}

// noSuchFile finds the name of a file that does not exist.
func noSuchFile(f *failure, c *command) *Sentence {
	path, ok := f.between(`the path "`, `" does not exist`)
	if !ok || !slices.Contains(c.flags["filename"], path) {
		return nil
	}
	return told("There is no file %s where the shell stands. %s lists those that are there.", "shell 当前的目录里没有文件 %s。用 %s 看看有哪些文件。", path, "ls")
}

// podNamedLikeKind finds `kubectl run deployment web`, which makes a Pod of that
// name and succeeds.
func podNamedLikeKind(_ *failure, c *command) *Sentence {
	if c.path != "run" || len(c.positional) < 3 {
		return nil
	}
	word, name := c.positional[1], c.positional[2]
	switch kind := kinds()[strings.ToLower(word)]; kind {
	case "pods":
		return told("%s always makes a Pod, so %s became its name. Without that word: %s.", "%s 创建的总是 Pod，%s 被当成了它的名字。去掉这个词：%s。",
			"kubectl run", word, "kubectl run "+name+" --image=IMAGE")
	case "deployments", "jobs", "cronjobs", "services":
		return told("%s always makes a Pod, and %s became its name. What was meant is perhaps %s.", "%s 创建的总是 Pod，%s 被当成了它的名字。你要的可能是 %s。",
			"kubectl run", word, "kubectl create "+word+" "+name)
	}
	return nil
}

// kindApart finds `kubectl logs deployment web`, where a Pod's name is expected.
func kindApart(f *failure, c *command) *Sentence {
	if len(c.positional) < 3 || !podArgs(c.path) || !isKind(c.positional[1]) || strings.Contains(c.positional[1], "/") ||
		!f.failed(`pods "`+c.positional[1]+`" not found`) {
		return nil
	}
	right := c.positional[1] + "/" + c.positional[2]
	return told("%s takes %s for the name of a Pod. Kind and name are one word here: %s.", "%s 会把 %s 当成 Pod 的名字。这里种类和名字写成一个词：%s。",
		"kubectl "+c.path, c.positional[1], "kubectl "+c.path+" "+right)
}

// execWithoutDashes finds a command for a container that does not stand behind
// dashes.
func execWithoutDashes(f *failure, c *command) *Sentence {
	if c.path != "exec" || c.dashes || len(c.positional) < 3 || !f.failed("is not supported anymore. Use exec [POD] -- [COMMAND]") {
		return nil
	}
	return told("Before the command for the container stands %s: %s.", "要在容器里运行的命令前面要有 %s：%s。",
		"--", "kubectl exec "+c.positional[1]+" -- "+strings.Join(c.positional[2:], " "))
}

// containerMissing finds `kubectl set image deployment/web nginx:1.27`.
func containerMissing(f *failure, c *command) *Sentence {
	if c.path != "set image" || f.exit == 0 || len(c.positional) < 4 {
		return nil
	}
	last := c.positional[len(c.positional)-1]
	if strings.Contains(last, "=") || !strings.Contains(last, ":") {
		return nil
	}
	return told("Before the image stands the name of the container: %s.", "镜像前面要写容器的名字：%s。", "CONTAINER="+last)
}

// typeTwice finds `kubectl get deploy/web pods`.
func typeTwice(f *failure, c *command) *Sentence {
	failed := f.failed("there is no need to specify a resource type as a separate argument")
	slashed, alone := "", ""
	for _, w := range c.positional[min(len(c.positional), len(strings.Fields(c.path))):] {
		if strings.Contains(w, "/") && slashed == "" {
			slashed = w
		} else if !strings.Contains(w, "/") && !strings.Contains(w, "=") && alone == "" {
			alone = w
		}
	}
	kind, name, _ := strings.Cut(slashed, "/")
	if !failed || alone == "" || c.keyed() || !isKind(kind) || !isKind(alone) {
		return nil
	}
	return told("%s says kind and name already, so %s cannot stand beside it. Several objects are all written so: %s.",
		"%s 已经包含种类和名字，旁边不能再写 %s。要写多个对象，每个都用这种形式：%s。", slashed, alone, kind+"/"+name+" "+kind+"/NAME")
}

// howMany finds `kubectl scale deployment web 3`.
func howMany(f *failure, c *command) *Sentence {
	if c.path != "scale" || len(c.positional) < 3 || len(c.flags["replicas"]) > 0 || !f.failed("required flag(s)") {
		return nil
	}
	last := c.positional[len(c.positional)-1]
	if strings.Trim(last, "0123456789") != "" {
		return nil
	}
	return told("How many stands in a flag: %s.", "副本数要写在参数里：%s。", "--replicas="+last)
}

// asImage finds `kubectl create deployment web nginx`.
func asImage(f *failure, c *command) *Sentence {
	words := len(strings.Fields(c.path))
	if c.path != "create deployment" && c.path != "run" || len(c.positional) != words+2 || len(c.flags["image"]) > 0 ||
		!f.failed("required flag(s)") {
		return nil
	}
	return told("The image stands in a flag: %s.", "镜像要写在参数里：%s。", "--image="+c.positional[words+1])
}

// labelInTwo finds `kubectl label pod web app web`.
func labelInTwo(f *failure, c *command) *Sentence {
	n := len(c.positional)
	if c.path != "label" && c.path != "annotate" || n < 5 || !f.failed("at least one label update is required", "at least one annotation update is required") {
		return nil
	}
	for _, w := range c.positional[n-2:] {
		if strings.ContainsAny(w, "=/") || strings.HasSuffix(w, "-") {
			return nil
		}
	}
	return told("Key and value are one word: %s.", "键和值写成一个词：%s。", c.positional[n-2]+"="+c.positional[n-1])
}
