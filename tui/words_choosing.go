package tui

import "github.com/k8stutor/k8stutor/lessons"

// choosingWords are those about which cluster to use, and on which terms.
type choosingWords struct {
	States                            stateWords
	HangsMeans, UnaskedMeans          string
	SandboxKind, ExistingKind         string
	Looking, Chosen                   string
	Safe, SafeShared, Shared, Local   string
	Driver, Nodes, User, Context      string
	Namespace, Whose, State, Problem  string
	Details, ReadOnly, ROBadge        string
	ReadOnlyMeans, InUse              string
	NeedNodes                         string // number
	Needs                             needWords
	NeedsTitle, NeedsUnknown          string
	NeedsAsking                       string
	Supplies                          supplyWords
	NeededBy                          string // lessons
	NeededByNone                      string
	ScopedHere, ScopedShared          string
	AddAsk, LackAsk                   string // name of the cluster
	AddTakes, WithoutMeans            string
	Waits                             string // what is missing
	WaitsWhy, PressAsk                string
	Starting, Adding                  string // name
	Stopping, Done, Stopped, Failed   string // what was done
	StartAsk                          string // name
	StartTakes                        string
	FromNowOn                         string // name
	TermsTitle, TermsIntro            string // context
	TermsNobody, TermsMakes           string
	TermsLacks, TermsLacksMean        string
	TermsKept, TermsYes               string
	NotAgreed, NotAgreedWhy           string
	Accept, Start, Use, UseAuto, Look string
	Add, Stop, ToSandbox, Without     string
	AddOne                            string // need, name of the cluster
}

func choosingWordsIn(lang lessons.Lang) choosingWords {
	if lang == lessons.Chinese {
		return choosingWordsZH()
	}
	return choosingWordsEN()
}

func choosingWordsEN() choosingWords {
	return choosingWords{
		States: stateWords{Running: "running", Stopped: "stopped", Paused: "paused", Moving: "on its way", Broken: "broken",
			Absent: "never started", Hangs: "no answer", Unasked: "not asked"},
		HangsMeans:   "What knows about it did not answer in time. r looks again.",
		UnaskedMeans: "Nothing is sent to it before you open it.",
		SandboxKind:  "the tutor's own sandbox", ExistingKind: "a context of your kubeconfig",
		Looking: "Looking which clusters there are …", Chosen: "chosen",
		Safe:       "It is yours alone and you can break everything in it: 127.0.0.1 only, no root, no container engine.",
		SafeShared: "Each lesson works in a namespace of its own, k8stutor-…; what lies outside is never changed.",
		Shared:     "not known to be yours alone: you are asked before anything is made", Local: "yours, on this machine",
		Driver: "driver", Nodes: "nodes", User: "user", Context: "context", Namespace: "namespace", Whose: "where", State: "state", Problem: "problem",
		Details: "About %s", ReadOnly: "read-only", ROBadge: "read-only",
		ReadOnlyMeans: "Nothing is made, changed or deleted here: you asked for --read-only. An exercise can only be looked at where it has begun.",
		InUse:         "in use",
		NeedNodes:     "%s nodes or more",
		Needs:         needWords{Traffic: "traffic to Services", Metrics: "metrics (kubectl top, HPA)", Ingress: "ingress", LoadBalancer: "load balancers", Scoped: "objects outside of namespaces"},
		NeedsTitle:    "What lessons need, and whether %s has it", NeedsUnknown: "What it has is known when a cluster is open.", NeedsAsking: "Asking the cluster what it has …",
		Supplies: supplyWords{Supplied: "has it", Addable: "can be added", Lacking: "lacks it", Unsure: "cannot tell"},
		NeededBy: "for: %s", NeededByNone: "no lesson of yours needs it",
		ScopedHere: "Lessons may make such objects here.", ScopedShared: "Others use this cluster, so lessons make none here. The sandbox takes them.",
		AddAsk:   "This lesson needs something that %s does not have yet. It can be added now:",
		LackAsk:  "This lesson needs something that %s does not have, and the tutor cannot add it:",
		AddTakes: "It may take some minutes the first time: images are pulled.", WithoutMeans: "Without it you can still begin; steps that need it cannot be passed then.",
		Waits:    "The exercise has not begun: %s is missing.",
		WaitsWhy: "Nothing was changed.", PressAsk: "Press r to be asked again, c for other clusters.",
		Starting: "Starting %s", Adding: "Adding %s", Stopping: "%s: being stopped", Done: "%s: done.", Stopped: "%s: stopped by you.", Failed: "%s: it did not work.",
		StartAsk:   "Start the minikube profile %s?",
		StartTakes: "This runs `minikube start` with what the profile has already, in the background. It takes one to some minutes and can be stopped. Your current kubectl context stays as it is.",
		FromNowOn:  "From now on: %s.",
		TermsTitle: "May this be made there?", TermsIntro: "The cluster of context %s is not known to be yours alone. Before the first thing is made there, please look:",
		TermsNobody: "(the cluster does not tell)", TermsMakes: "What would be made",
		TermsLacks: "What you may not do there", TermsLacksMean: "Steps that need it cannot be done there.",
		TermsKept: "Nothing outside of that namespace is changed. Your answer is remembered for this cluster; `k8stutor cleanup` removes everything again.",
		TermsYes:  "yes, make it there",
		NotAgreed: "Nothing was made: you have not agreed to use this cluster.", NotAgreedWhy: "The pages can be read all the same.",
		Accept: "yes, add it", Start: "start it", Use: "use from now on", UseAuto: "let the tutor choose", Look: "look again",
		Add: "add what lessons need", Stop: "stop it", ToSandbox: "use the sandbox instead", Without: "go on without it", AddOne: "add to %[2]s: %[1]s",
	}
}

func choosingWordsZH() choosingWords {
	return choosingWords{
		States: stateWords{Running: "运行中", Stopped: "已停止", Paused: "已暂停", Moving: "变化中", Broken: "有问题",
			Absent: "从未启动", Hangs: "没有回应", Unasked: "未询问"},
		HangsMeans:   "负责它的程序没有及时回应。按 r 再看一次。",
		UnaskedMeans: "打开之前不会向它发送任何请求。",
		SandboxKind:  "教程自带的沙箱", ExistingKind: "kubeconfig 里的上下文",
		Looking: "正在查找可用的集群……", Chosen: "已选",
		Safe:       "它只属于你，可以随意折腾：只监听 127.0.0.1，不需要 root，也不需要容器引擎。",
		SafeShared: "每一课都在自己的命名空间 k8stutor-… 里进行，绝不会改动其他任何东西。",
		Shared:     "可能不只你一个人在用：创建任何东西之前都会先问你", Local: "在本机，属于你",
		Driver: "驱动", Nodes: "节点数", User: "用户", Context: "上下文", Namespace: "命名空间", Whose: "位置", State: "状态", Problem: "问题",
		Details: "关于 %s", ReadOnly: "只读", ROBadge: "只读",
		ReadOnlyMeans: "这里不会创建、改动或删除任何东西，因为你用了 --read-only。已经开始的练习只能查看。",
		InUse:         "正在使用",
		NeedNodes:     "至少 %s 个节点",
		Needs:         needWords{Traffic: "Service 的流量", Metrics: "指标（kubectl top、HPA）", Ingress: "Ingress", LoadBalancer: "负载均衡器", Scoped: "命名空间以外的对象"},
		NeedsTitle:    "课程需要什么，%s 有没有", NeedsUnknown: "打开集群后才知道它有什么。", NeedsAsking: "正在询问集群有什么……",
		Supplies: supplyWords{Supplied: "有", Addable: "可以添加", Lacking: "没有", Unsure: "无法确定"},
		NeededBy: "用于：%s", NeededByNone: "目前没有课程需要",
		ScopedHere: "课程可以在这里创建这类对象。", ScopedShared: "其他人也在用这个集群，课程不会在这里创建这类对象；沙箱可以。",
		AddAsk:   "这一课需要 %s 上还没有的东西，现在就可以添加：",
		LackAsk:  "这一课需要 %s 上没有的东西，教程也无法添加：",
		AddTakes: "第一次可能要几分钟，因为要拉取镜像。", WithoutMeans: "没有它也可以开始，但需要它的步骤无法通过。",
		Waits:    "练习还没有开始：缺少%s。",
		WaitsWhy: "没有做任何改动。", PressAsk: "按 r 重新询问，按 c 选择其他集群。",
		Starting: "正在启动 %s", Adding: "正在添加%s", Stopping: "%s：正在中止", Done: "%s：完成。", Stopped: "%s：已被你中止。", Failed: "%s：没有成功。",
		StartAsk:   "启动 minikube 的 profile %s？",
		StartTakes: "会在后台用这个 profile 已有的设置运行 `minikube start`，需要一到几分钟，随时可以中止。kubectl 当前的 context 保持不变。",
		FromNowOn:  "以后使用：%s。",
		TermsTitle: "可以在那里创建这些吗？", TermsIntro: "上下文 %s 的集群可能不只你一个人在用。在那里创建任何东西之前，请先看一下：",
		TermsNobody: "（集群没有告知）", TermsMakes: "会创建什么",
		TermsLacks: "你在那里没有的权限", TermsLacksMean: "需要这些权限的步骤在那里无法完成。",
		TermsKept: "不会改动这个命名空间以外的任何东西。教程会记住你对这个集群的回答；`k8stutor cleanup` 可以把一切清理干净。",
		TermsYes:  "同意，在那里创建",
		NotAgreed: "没有创建任何东西：你还没有同意使用这个集群。", NotAgreedWhy: "课文照样可以阅读。",
		Accept: "好，添加", Start: "启动它", Use: "以后都用它", UseAuto: "由教程自动选择", Look: "再看一次",
		Add: "添加课程需要的", Stop: "中止", ToSandbox: "改用沙箱", Without: "没有它也继续", AddOne: "在 %[2]s 上添加：%[1]s",
	}
}

// stateWords are the words of ClusterState.
type stateWords struct{ Running, Stopped, Paused, Moving, Broken, Absent, Hangs, Unasked string }

// Of returns the word of a state.
func (w stateWords) Of(s ClusterState) string {
	switch s {
	case ClusterRunning:
		return w.Running
	case ClusterStopped:
		return w.Stopped
	case ClusterPaused:
		return w.Paused
	case ClusterMoving:
		return w.Moving
	case ClusterAbsent:
		return w.Absent
	case ClusterHangs:
		return w.Hangs
	case ClusterUnasked:
		return w.Unasked
	}
	return w.Broken
}

// supplyWords are the words of lessons.SupplyState.
type supplyWords struct{ Supplied, Addable, Lacking, Unsure string }

// Of returns the word of a state.
func (w supplyWords) Of(s lessons.SupplyState) string {
	switch s {
	case lessons.Supplied:
		return w.Supplied
	case lessons.Addable:
		return w.Addable
	case lessons.Lacking:
		return w.Lacking
	}
	return w.Unsure
}

// needWords are what lessons may need, in words.
type needWords struct{ Traffic, Metrics, Ingress, LoadBalancer, Scoped string }

// of returns the words of a need; "" for one without.
func (w needWords) of(need string) string {
	switch need {
	case "traffic":
		return w.Traffic
	case "metrics":
		return w.Metrics
	case "ingress":
		return w.Ingress
	case "loadbalancer":
		return w.LoadBalancer
	case lessons.NeedClusterScoped:
		return w.Scoped
	}
	return ""
}

// StateName is the state of a cluster in a word.
func StateName(s ClusterState, lang lessons.Lang) string { return choosingWordsIn(lang).States.Of(s) }

// SupplyName is the state of a supply in a few words.
func SupplyName(s lessons.SupplyState, lang lessons.Lang) string {
	return choosingWordsIn(lang).Supplies.Of(s)
}
