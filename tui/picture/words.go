package picture

import "github.com/k8stutor/k8stutor/lessons"

// Words are the texts of a picture in one language. What Kubernetes itself says
// (Running, Bound, CrashLoopBackOff) stays as it says it.
type Words struct {
	Ready, Completed                            string // number, of how many
	Entries                                     string // number
	Suspended, Terminating, Deleted             string
	RollingOut, Stuck, Failed, Cordoned         string
	Old, New                                    string // ReplicaSets of a rollout
	Older                                       string // number of ReplicaSets at 0
	Select                                      string // selector
	NoSelector                                  string
	NoMatch                                     string // selector
	PodsHave                                    string // labels
	NoPods, NoLabels                            string
	NotThere                                    string // kind, name
	NoPort                                      string // port, Service
	NoTarget                                    string // kind, name
	NoneReady                                   string // number
	UsedBy                                      string // names
	Unused                                      string
	Configuration, Storage, Others, Pods, Nodes string // titles
	More                                        string // number
	Unseen                                      string // kinds
	PodCount                                    string // number
	Unplaced                                    string
	Default                                     string // backend of an Ingress
	Reading                                     readingWords
	Nothing                                     string
	Away                                        string // what is known may be old
	Between                                     string // in a list of names
	Stop                                        string // ends a sentence
	Semicolon, Or                               string
	Colon                                       string
}

// readingWords are the sentences of the picture as text.
type readingWords struct {
	Images      string // images
	Reaches     string // number of Pods, names
	ReachesNone string
	Waits       string // number of Pods, names
	Gap         string // why
	Selects     string // selector
	RoutesTo    string // host and path, Service
	Pods        string // number, counts by state
	On          string // node
	ReachedBy   string // Services
	Uses        string // names
	Claims      string // names
	BoundTo     string // PersistentVolume
	ScaledBy    string // name
	Rollout     string // old ReplicaSet, its images, new one, its images
	Runs        string // number of Pods, names
}

// WordsIn returns the texts in a language; English where there are none.
func WordsIn(lang lessons.Lang) *Words {
	if lang == lessons.Chinese {
		return &Words{
			Ready: "%d/%d 就绪", Completed: "%d/%d 完成", Entries: "%d 项",
			Suspended: "已暂停", Terminating: "Terminating", Deleted: "已删除",
			RollingOut: "滚动更新中", Stuck: "更新卡住", Failed: "已失败", Cordoned: "已封锁",
			Old: "旧", New: "新", Older: "%d 个旧 ReplicaSet，副本数 0",
			Select: "选择 %s", NoSelector: "没有 selector", NoMatch: "selector %s 没有选中任何 Pod",
			PodsHave: "Pod 的标签是 %s", NoPods: "现在还没有 Pod", NoLabels: "Pod 没有标签",
			NotThere: "%s %s 不存在", NoPort: "Service %[2]s 没有端口 %[1]s", NoTarget: "%s %s 不存在", NoneReady: "选中 %d 个 Pod，没有一个就绪",
			UsedBy: "由 %s 使用", Unused: "没有被使用",
			Configuration: "配置", Storage: "存储", Others: "其他对象", Pods: "独立的 Pod", Nodes: "节点",
			More: "还有 %d 个", Unseen: "无法读取：%s", PodCount: "%d 个 Pod", Unplaced: "尚未调度", Default: "默认",
			Nothing: "这个工作区里还没有对象。", Away: "集群没有应答，以下是最后一次看到的状态。",
			Between: "、", Stop: "。", Colon: "：", Semicolon: "；", Or: " 或 ",
			Reading: readingWords{Images: "镜像 %s", Reaches: "到达 %d 个 Pod：%s", ReachesNone: "没有到达任何 Pod", Waits: "另有 %d 个 Pod 未就绪，收不到流量：%s",
				Gap: "缺少连线：%s", Selects: "选择 %s", RoutesTo: "%s 转到 Service %s", Pods: "%d 个 Pod：%s", On: "在节点 %s 上", ReachedBy: "流量来自 Service %s",
				Uses: "使用 %s", Claims: "申请存储 %s", BoundTo: "绑定到 %s", ScaledBy: "由 HorizontalPodAutoscaler %s 扩缩容",
				Rollout: "滚动更新：旧的 ReplicaSet %s（%s），新的 ReplicaSet %s（%s）", Runs: "运行 %d 个 Pod：%s"},
		}
	}
	return &Words{
		Ready: "%d/%d ready", Completed: "%d/%d completed", Entries: "%d entries",
		Suspended: "suspended", Terminating: "Terminating", Deleted: "deleted",
		RollingOut: "rolling out", Stuck: "rollout stuck", Failed: "failed", Cordoned: "cordoned",
		Old: "old", New: "new", Older: "older ReplicaSets at 0: %d",
		Select: "selects %s", NoSelector: "has no selector", NoMatch: "selector %s matches no Pod",
		PodsHave: "Pods have %s", NoPods: "there is no Pod yet", NoLabels: "the Pods have no labels",
		NotThere: "there is no %s %s", NoPort: "Service %[2]s has no port %[1]s", NoTarget: "there is no %s %s", NoneReady: "%d Pods are selected, none is ready",
		UsedBy: "used by %s", Unused: "used by nobody",
		Configuration: "Configuration", Storage: "Storage", Others: "Other objects", Pods: "Pods of their own", Nodes: "Nodes",
		More: "%d more", Unseen: "cannot be read: %s", PodCount: "%d Pods", Unplaced: "not placed yet", Default: "default",
		Nothing: "There are no objects in this workspace yet.", Away: "The cluster does not answer. This is what was last seen.",
		Between: ", ", Stop: ".", Colon: ": ", Semicolon: "; ", Or: " or ",
		Reading: readingWords{Images: "image %s", Reaches: "reaches %d Pods: %s", ReachesNone: "reaches no Pod", Waits: "%d further Pods are not ready and get no traffic: %s",
			Gap: "the line is missing: %s", Selects: "selects %s", RoutesTo: "%s goes to Service %s", Pods: "%d Pods: %s", On: "on node %s", ReachedBy: "gets traffic of Service %s",
			Uses: "uses %s", Claims: "claims %s", BoundTo: "bound to %s", ScaledBy: "scaled by HorizontalPodAutoscaler %s",
			Rollout: "a rollout is under way: old ReplicaSet %s (%s), new ReplicaSet %s (%s)", Runs: "runs %d Pods: %s"},
	}
}
