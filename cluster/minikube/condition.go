package minikube

import (
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// listedCondition is what a list tells of a profile. Older versions call a
// running one Running, newer ones OK.
func listedCondition(profile, status string) Condition {
	switch status {
	case "OK", "Running", "HAppy", "Warning":
		return Condition{State: Running}
	case "Degraded":
		return nodeDown(profile, "")
	case "Stopped":
		return stopped(profile)
	case "Paused":
		return paused(profile)
	case "Starting", "Stopping", "Pausing", "Unpausing", "Deleting":
		return moving(profile, status)
	case "InsufficientStorage":
		return fullDisk(profile)
	case "Skipped", "":
		return unsaid(profile)
	case "Unknown", "NotFound", "Nonexistent":
		return halfDeleted(profile)
	}
	return halfRunning(profile, "kube-apiserver", status)
}

func of(verb, profile string) string { return command([]string{verb, "-p", profile}) }

func stopped(profile string) Condition {
	mend := of("start", profile)
	return Condition{State: Stopped, Mend: mend, Startable: true,
		Trouble: say("it is stopped", "已停止"),
		Hint:    say("Start it with `k8stutor cluster start %[2]s` or `%[1]s`; what was in it is kept.", "用 `k8stutor cluster start %[2]s` 或 `%[1]s` 启动它，里面的内容都还在。", mend, profile)}
}

func paused(profile string) Condition {
	mend := of("unpause", profile)
	return Condition{State: Paused, Mend: mend, Startable: true,
		Trouble: say("it is paused: its API server does not run", "已暂停：API 服务器没有运行"),
		Hint:    say("Let it go on with `k8stutor cluster start %[2]s` or `%[1]s`.", "用 `k8stutor cluster start %[2]s` 或 `%[1]s` 让它继续运行。", mend, profile)}
}

func moving(profile, what string) Condition {
	words := map[string][2]string{
		"Starting": {"it is starting", "正在启动"}, "Stopping": {"it is stopping", "正在停止"},
		"Pausing": {"it is being paused", "正在暂停"}, "Unpausing": {"it is being unpaused", "正在恢复运行"}, "Deleting": {"it is being deleted", "正在删除"},
	}[what]
	return Condition{State: Moving, Trouble: lessons.Text{lessons.English: words[0], lessons.Chinese: words[1]},
		Hint: say("Wait until it is done; `%s` shows how far it is.", "请等它完成，`%s` 会显示进展。", of("status", profile))}
}

func halfRunning(profile, part, status string) Condition {
	mend := of("start", profile)
	status = strings.ToLower(status)
	return Condition{State: Broken, Mend: mend, Startable: true,
		Trouble: say("only half of it runs: %s is %s", "只有一部分在运行：%s 的状态是 %s", part, status),
		Hint: say("`%[1]s` (or `k8stutor cluster start %[3]s`) starts what is missing; `%[2]s` says why it ended.",
			"`%[1]s`（或 `k8stutor cluster start %[3]s`）会启动缺少的部分；`%[2]s` 会说明它为什么退出。", mend, of("logs", profile), profile)}
}

func halfDeleted(profile string) Condition {
	mend := of("start", profile)
	return Condition{State: Broken, Mend: mend, Startable: true,
		Trouble: say("it is half deleted: minikube knows it, and its machine or container is gone", "它只删除了一半：minikube 还有记录，但它的虚拟机或容器已经不在了"),
		Hint: say("`%[1]s` makes the machine anew, empty. If that fails, `%[2]s` clears the remains away, which k8stutor never does, and `%[1]s` begins again.",
			"`%[1]s` 会重新创建一台空的机器。如果失败，请用 `%[2]s` 清理残留（k8stutor 绝不会替你删除），然后再执行 `%[1]s`。", mend, of("delete", profile))}
}

// Misconfigured is a profile that runs and that the kubeconfig does not lead to.
func Misconfigured(profile string) Condition {
	mend := of("update-context", profile)
	return Condition{State: Broken, Mend: mend,
		Trouble: say("it runs, and the kubeconfig has an old address of it or none", "它在运行，但 kubeconfig 里没有它的地址，或者地址已过时"),
		Hint: say("`%[1]s` mends the kubeconfig. It also makes this the current context of your kubectl.",
			"`%[1]s` 会修正 kubeconfig，同时会把它设为 kubectl 的当前上下文。", mend)}
}

func fullDisk(profile string) Condition {
	return Condition{State: Broken, Mend: command([]string{"ssh", "-p", profile, "--", "df", "-h", "/var"}),
		Trouble: say("its disk is full: /var has less than one percent left", "它的磁盘满了：/var 剩余空间不足百分之一"),
		Hint: say("`%[1]s` shows it. Remove images that are not needed (`%[2]s`, then `minikube image rm`), or make room on this machine if its disk is full.",
			"可以用 `%[1]s` 查看。请删除不需要的镜像（先 `%[2]s`，再 `minikube image rm`）；如果是本机磁盘满了，请清理本机磁盘。",
			command([]string{"ssh", "-p", profile, "--", "df", "-h", "/var"}), command([]string{"image", "ls", "-p", profile}))}
}

// nodeDown is a profile that runs without one of its further nodes; "" is one
// that is not known.
func nodeDown(profile, node string) Condition {
	if node == "" {
		return Condition{State: Running, Mend: of("start", profile),
			Trouble: say("not all of its nodes run", "有节点没有运行"),
			Hint:    say("`%s` starts the others.", "`%s` 会启动其余节点。", of("start", profile))}
	}
	// A node of the profile p is called p-m02 as a machine and m02 for minikube.
	short := strings.TrimPrefix(node, profile+"-")
	mend := command([]string{"node", "start", short, "-p", profile})
	return Condition{State: Running, Mend: mend,
		Trouble: say("its node %s does not run", "它的节点 %s 没有运行", node),
		Hint:    say("`%s` starts that node.", "`%s` 会启动这个节点。", mend)}
}

// NeverStarted is a profile that minikube does not know.
func NeverStarted(profile string) Condition {
	mend := of("start", profile)
	return Condition{State: Absent, Mend: mend, Startable: true,
		Trouble: say("it was never started, or was deleted", "从未启动过，或者已被删除"),
		Hint: say("`k8stutor cluster start %[2]s` or `%[1]s` makes it; the first time minikube downloads about a gigabyte.",
			"用 `k8stutor cluster start %[2]s` 或 `%[1]s` 创建它；第一次启动时 minikube 要下载约 1 GB 的内容。", mend, profile)}
}

func invalid(profile string) Condition {
	mend := of("delete", profile)
	return Condition{State: Broken, Mend: mend,
		Trouble: say("its record is damaged or left over from a start that failed", "它的记录已损坏，或者是某次启动失败留下的"),
		Hint: say("`%[1]s` clears it away (k8stutor never does that), then `%[2]s` makes it anew.",
			"用 `%[1]s` 清理它（k8stutor 绝不会替你删除），再用 `%[2]s` 重新创建。", mend, of("start", profile))}
}

func twiceListed(profile string) Condition {
	return Condition{State: Broken, Mend: "minikube profile list",
		Trouble: say("minikube lists two profiles with this name", "minikube 列出了两个同名的 profile"),
		Hint: say("Look at both with `%s` and delete the one that is left over. Another profile will do as well: `minikube start -p NAME`.",
			"请用 `%s` 查看这两个，删除多余的那个；也可以换一个名字：`minikube start -p NAME`。", "minikube profile list")}
}

func noKubernetes(profile string) Condition {
	return Condition{State: Broken, Mend: "minikube start -p k8stutor",
		Trouble: say("it was made without Kubernetes (--no-kubernetes)", "它创建时没有安装 Kubernetes（--no-kubernetes）"),
		Hint: say("Make another one: `%[1]s`. %[2]s stays as it is.", "请另建一个：`%[1]s`。%[2]s 会保持原样。",
			"minikube start -p k8stutor", profile)}
}

// unsaid is a profile of which minikube did not say in time how it is.
func unsaid(profile string) Condition {
	return Condition{State: Unknown, Mend: of("status", profile),
		Trouble: say("minikube knows it and did not say in time how it is", "minikube 有这个 profile，但没有及时说明它的状态"),
		Hint: say("Often the container engine or virtual machine below it hangs. `%s` shows whether it answers.",
			"通常是它下面的容器引擎或虚拟机没有响应。可以用 `%s` 看看它是否有回应。", of("status", profile))}
}
