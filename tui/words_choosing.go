package tui

import "github.com/k8stutor/k8stutor/lessons"

// choosingWords are those about which cluster to use, and on which terms.
type choosingWords struct {
	States                            map[ClusterState]string
	StateMeans                        map[ClusterState]string
	Providers                         map[string]string
	Looking, NothingElse, Chosen      string
	Safe, SafeShared, Shared, Local   string
	Driver, Nodes, User, Context      string
	Namespace, Whose, State, Problem  string
	Mend, Details, ReadOnly, ROBadge  string
	ReadOnlyMeans, InUse, Auto        string
	NeedNodes                         string // number
	Needs                             map[string]string
	NeedsTitle, NeedsUnknown          string
	NeedsAsking                       string
	Supplies                          map[lessons.SupplyState]string
	NeededBy                          string // lessons
	NeededByNone                      string
	ScopedHere, ScopedShared          string
	AddAsk, LackAsk                   string // name of the cluster
	AddTakes, WithoutMeans            string
	Waits                             string // what is missing
	WaitsWhy, PressAsk                string
	Starting, Adding                  string // name
	Done, Stopped, Failed             string // what was done
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
		States: map[ClusterState]string{ClusterRunning: "running", ClusterStopped: "stopped", ClusterPaused: "paused",
			ClusterBroken: "broken", ClusterHangs: "no answer", ClusterUnasked: "not asked"},
		StateMeans: map[ClusterState]string{
			ClusterHangs:   "What knows about it did not answer in time. r looks again.",
			ClusterUnasked: "Nothing is sent to it before you open it.",
		},
		Providers: map[string]string{"sandbox": "the tutor's own sandbox", "minikube": "minikube", "existing": "a context of your kubeconfig"},
		Looking:   "Looking which clusters there are …", NothingElse: "No other cluster was found.", Chosen: "chosen",
		Safe:       "It is yours alone and you can break everything in it: 127.0.0.1 only, no root, no container engine.",
		SafeShared: "Each lesson works in a namespace of its own, k8stutor-…; what lies outside is never changed.",
		Shared:     "not on this machine: you are asked before anything is made", Local: "on this machine",
		Driver: "driver", Nodes: "nodes", User: "user", Context: "context", Namespace: "namespace", Whose: "where", State: "state", Problem: "problem",
		Mend: "what to do", Details: "About %s", ReadOnly: "read-only", ROBadge: "read-only",
		ReadOnlyMeans: "Nothing is made, changed or deleted here: you asked for --read-only. An exercise can only be looked at where it has begun.",
		InUse:         "in use", Auto: "auto",
		NeedNodes:  "%s nodes or more",
		Needs:      map[string]string{"traffic": "traffic to Services", "metrics": "metrics (kubectl top, HPA)", "ingress": "ingress", "loadbalancer": "load balancers", lessons.NeedClusterScoped: "objects outside of namespaces"},
		NeedsTitle: "What lessons need, and whether %s has it", NeedsUnknown: "What it has is known when a cluster is open.", NeedsAsking: "Asking the cluster what it has …",
		Supplies: map[lessons.SupplyState]string{lessons.Supplied: "has it", lessons.Addable: "can be added", lessons.Lacking: "lacks it", lessons.Unsure: "cannot tell"},
		NeededBy: "for: %s", NeededByNone: "no lesson of yours needs it",
		ScopedHere: "Lessons may make such objects here.", ScopedShared: "Others use this cluster, so lessons make none here. The sandbox takes them.",
		AddAsk:   "This lesson needs something that %s does not have yet. It can be added now:",
		LackAsk:  "This lesson needs something that %s does not have, and the tutor cannot add it:",
		AddTakes: "It may take some minutes the first time: images are pulled.", WithoutMeans: "Without it you can still begin; steps that need it cannot be passed then.",
		Waits:    "The exercise has not begun: %s is missing.",
		WaitsWhy: "Nothing was changed.", PressAsk: "Press r to be asked again, c for other clusters.",
		Starting: "Starting %s", Adding: "Adding %s", Done: "%s: done.", Stopped: "%s: stopped by you.", Failed: "%s: it did not work.",
		StartAsk:   "Start the minikube profile %s?",
		StartTakes: "This runs `minikube start` with what the profile has already, in the background. It takes one to some minutes and can be stopped. Your current kubectl context stays as it is.",
		FromNowOn:  "From now on: %s.",
		TermsTitle: "Not your cluster alone?", TermsIntro: "The cluster of context %s is not on this machine. Before the first thing is made there, please look:",
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
		States: map[ClusterState]string{ClusterRunning: "运行中", ClusterStopped: "已停止", ClusterPaused: "已暂停",
			ClusterBroken: "有问题", ClusterHangs: "没有回应", ClusterUnasked: "未询问"},
		StateMeans: map[ClusterState]string{
			ClusterHangs:   "负责它的程序没有及时回应。按 r 再看一次。",
			ClusterUnasked: "打开之前不会向它发送任何请求。",
		},
		Providers: map[string]string{"sandbox": "教程自带的沙箱", "minikube": "minikube", "existing": "kubeconfig 里的 context"},
		Looking:   "正在查找可用的集群……", NothingElse: "没有找到其他集群。", Chosen: "已选",
		Safe:       "它只属于你，可以随意折腾：只监听 127.0.0.1，不需要 root，也不需要容器引擎。",
		SafeShared: "每一课都在自己的命名空间 k8stutor-… 里进行，绝不会改动其他任何东西。",
		Shared:     "不在本机：创建任何东西之前都会先问你", Local: "在本机",
		Driver: "驱动", Nodes: "节点数", User: "用户", Context: "context", Namespace: "命名空间", Whose: "位置", State: "状态", Problem: "问题",
		Mend: "解决办法", Details: "关于 %s", ReadOnly: "只读", ROBadge: "只读",
		ReadOnlyMeans: "这里不会创建、改动或删除任何东西，因为你用了 --read-only。已经开始的练习只能查看。",
		InUse:         "正在使用", Auto: "auto",
		NeedNodes:  "至少 %s 个节点",
		Needs:      map[string]string{"traffic": "Service 的流量", "metrics": "指标（kubectl top、HPA）", "ingress": "Ingress", "loadbalancer": "负载均衡器", lessons.NeedClusterScoped: "命名空间以外的对象"},
		NeedsTitle: "课程需要什么，%s 有没有", NeedsUnknown: "打开集群后才知道它有什么。", NeedsAsking: "正在询问集群有什么……",
		Supplies: map[lessons.SupplyState]string{lessons.Supplied: "有", lessons.Addable: "可以添加", lessons.Lacking: "没有", lessons.Unsure: "无法确定"},
		NeededBy: "用于：%s", NeededByNone: "目前没有课程需要",
		ScopedHere: "课程可以在这里创建这类对象。", ScopedShared: "其他人也在用这个集群，课程不会在这里创建这类对象；沙箱可以。",
		AddAsk:   "这一课需要 %s 上还没有的东西，现在就可以添加：",
		LackAsk:  "这一课需要 %s 上没有的东西，教程也无法添加：",
		AddTakes: "第一次可能要几分钟，因为要拉取镜像。", WithoutMeans: "没有它也可以开始，但需要它的步骤无法通过。",
		Waits:    "练习还没有开始：缺少%s。",
		WaitsWhy: "没有做任何改动。", PressAsk: "按 r 重新询问，按 c 选择其他集群。",
		Starting: "正在启动 %s", Adding: "正在添加%s", Done: "%s：完成。", Stopped: "%s：已被你中止。", Failed: "%s：没有成功。",
		StartAsk:   "启动 minikube 的 profile %s？",
		StartTakes: "会在后台用这个 profile 已有的设置运行 `minikube start`，需要一到几分钟，随时可以中止。kubectl 当前的 context 保持不变。",
		FromNowOn:  "以后使用：%s。",
		TermsTitle: "这个集群不只属于你？", TermsIntro: "context %s 的集群不在本机。在那里创建任何东西之前，请先看一下：",
		TermsNobody: "（集群没有告知）", TermsMakes: "会创建什么",
		TermsLacks: "你在那里没有的权限", TermsLacksMean: "需要这些权限的步骤在那里无法完成。",
		TermsKept: "不会改动这个命名空间以外的任何东西。教程会记住你对这个集群的回答；`k8stutor cleanup` 可以把一切清理干净。",
		TermsYes:  "同意，在那里创建",
		NotAgreed: "没有创建任何东西：你还没有同意使用这个集群。", NotAgreedWhy: "课文照样可以阅读。",
		Accept: "好，添加", Start: "启动它", Use: "以后都用它", UseAuto: "由教程自动选择", Look: "再看一次",
		Add: "添加课程需要的", Stop: "中止", ToSandbox: "改用沙箱", Without: "没有它也继续", AddOne: "在 %[2]s 上添加：%[1]s",
	}
}
