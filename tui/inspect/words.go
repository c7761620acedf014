package inspect

import "github.com/k8stutor/k8stutor/lessons"

// Words are the labels of a description in one language. Names of fields stay
// Kubernetes' own where a learner will type them.
type Words struct {
	Name, Namespace, Labels, Owner, Age, State, Missing, Relations       string
	Replicas, Strategy, Selector, Images, Schedule, Completions          string
	Node, Address, QOS, Account, Containers, InitContainers              string
	Image, Ports, Command, Requests, Limits, Ready, Restarts, LastState  string
	Env, Mounts, Volumes, Probes                                         string
	Type, Rules, Access, Size, Class, Volume, Data                       string
	Capacity, Taints, Spec                                               string
	Conditions, Events, NoEvents, Unknown                                string
	Entries, Times                                                       string // number
	Restarted                                                            string // reason, exit code
	Folded                                                               string // fields, lines
	Between                                                              string
	Owns, Selects, Reaches, Routes, Claims, Binds, Uses, Scales, RunsOn  string // names
	OwnedBy, SelectedBy, ReachedBy, RoutedBy, ClaimedBy, BoundBy, UsedBy string // names
	ScaledBy, Runs                                                       string // names
	More                                                                 string // number
}

// WordsIn returns the texts in a language; English where there are none.
func WordsIn(lang lessons.Lang) *Words {
	if lang == lessons.Chinese {
		return &Words{
			Name: "名称", Namespace: "命名空间", Labels: "标签", Owner: "所有者", Age: "创建于", State: "状态", Missing: "缺少", Relations: "关系",
			Replicas: "副本", Strategy: "更新策略", Selector: "Selector", Images: "镜像", Schedule: "时间表", Completions: "完成数",
			Node: "节点", Address: "地址", QOS: "QoS", Account: "ServiceAccount", Containers: "容器", InitContainers: "初始化容器",
			Image: "镜像", Ports: "端口", Command: "命令", Requests: "requests", Limits: "limits", Ready: "就绪", Restarts: "重启次数", LastState: "上一次",
			Env: "环境变量", Mounts: "挂载", Volumes: "卷", Probes: "探针",
			Type: "类型", Rules: "规则", Access: "访问模式", Size: "大小", Class: "StorageClass", Volume: "卷", Data: "数据",
			Capacity: "容量", Taints: "污点", Spec: "规格",
			Conditions: "Conditions", Events: "事件", NoEvents: "没有事件", Unknown: "未知",
			Entries: "%d 字节", Times: "%d 次", Restarted: "%s，退出码 %d", Folded: "已折叠 %s，共 %d 行（按 enter 展开）", Between: "、",
			Owns: "拥有 %s", Selects: "选中 %s", Reaches: "到达 %s", Routes: "转到 %s", Claims: "申请 %s", Binds: "绑定到 %s", Uses: "使用 %s", Scales: "扩缩 %s", RunsOn: "运行在 %s 上",
			OwnedBy: "属于 %s", SelectedBy: "被 %s 选中", ReachedBy: "流量来自 %s", RoutedBy: "由 %s 转来", ClaimedBy: "由 %s 申请", BoundBy: "绑定给 %s", UsedBy: "由 %s 使用", ScaledBy: "由 %s 扩缩",
			Runs: "运行 %s", More: "等 %d 个",
		}
	}
	return &Words{
		Name: "Name", Namespace: "Namespace", Labels: "Labels", Owner: "Owner", Age: "Made", State: "State", Missing: "Missing", Relations: "Relations",
		Replicas: "Replicas", Strategy: "Strategy", Selector: "Selector", Images: "Images", Schedule: "Schedule", Completions: "Completions",
		Node: "Node", Address: "Address", QOS: "QoS", Account: "ServiceAccount", Containers: "Containers", InitContainers: "Init containers",
		Image: "image", Ports: "ports", Command: "command", Requests: "requests", Limits: "limits", Ready: "ready", Restarts: "restarts", LastState: "before",
		Env: "environment", Mounts: "mounts", Volumes: "Volumes", Probes: "probes",
		Type: "Type", Rules: "Rules", Access: "Access", Size: "Size", Class: "StorageClass", Volume: "Volume", Data: "Data",
		Capacity: "Capacity", Taints: "Taints", Spec: "Spec",
		Conditions: "Conditions", Events: "Events", NoEvents: "no events", Unknown: "unknown",
		Entries: "%d bytes", Times: "%d times", Restarted: "%s, exit code %d", Folded: "%s: %d lines folded (enter opens)", Between: ", ",
		Owns: "owns %s", Selects: "selects %s", Reaches: "reaches %s", Routes: "sends to %s", Claims: "claims %s", Binds: "is bound to %s", Uses: "uses %s", Scales: "scales %s", RunsOn: "runs on %s",
		OwnedBy: "belongs to %s", SelectedBy: "is selected by %s", ReachedBy: "gets traffic from %s", RoutedBy: "is sent to by %s", ClaimedBy: "is claimed by %s", BoundBy: "is bound to %s", UsedBy: "is used by %s", ScaledBy: "is scaled by %s",
		Runs: "runs %s", More: "and %d more",
	}
}
