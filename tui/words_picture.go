package tui

// pictureWords are the texts of the cluster pane and of what it opens. The words in
// the picture itself are in package picture.
type pictureWords struct {
	Select, Column, YAML, Describe, Events, Logs, Owner, Filter string // keys
	Noise, Copy, Find, NextMatch, PrevMatch, Wrap, Container    string
	Previous, Follow, Fold                                      string
	Filtered                                                    string // what was typed
	NoneMatch                                                   string // what was typed
	Copied                                                      string // number of lines
	Matches                                                     string // which, of how many
	NoMatch                                                     string
	Gone                                                        string // name
	NoEvents, EventsUnread, Loading                             string
	NoLogs, LogsEnded, LogsFollow, LogsUnread                   string
	LogsCut                                                     string // number of lines
	OfContainer, OfPrevious                                     string // name
}

func pictureEN() pictureWords {
	return pictureWords{
		Select: "select", Column: "column", YAML: "YAML", Describe: "describe", Events: "events", Logs: "logs", Owner: "owner", Filter: "filter",
		Noise: "show or hide noise", Copy: "copy", Find: "find", NextMatch: "next match", PrevMatch: "previous match", Wrap: "wrap lines",
		Container: "next container", Previous: "previous run", Follow: "follow", Fold: "open or close",
		Filtered: "filter: %s", NoneMatch: "Nothing matches “%s”.", Copied: "%d lines copied", Matches: "%d of %d", NoMatch: "not found",
		Gone: "%s was deleted. This is what was last seen.", NoEvents: "No events. The API server forgets them after an hour.",
		EventsUnread: "The events cannot be read", Loading: "Reading…",
		NoLogs: "Nothing has been printed yet.", LogsEnded: "The log has ended.", LogsFollow: "following", LogsUnread: "The log cannot be read",
		LogsCut: "Older lines are left out: %d are kept.", OfContainer: "container %s", OfPrevious: "container %s, previous run",
	}
}

func pictureZH() pictureWords {
	return pictureWords{
		Select: "选择", Column: "换列", YAML: "YAML", Describe: "详情", Events: "事件", Logs: "日志", Owner: "所有者", Filter: "筛选",
		Noise: "显示或隐藏次要字段", Copy: "复制", Find: "查找", NextMatch: "下一处", PrevMatch: "上一处", Wrap: "自动换行",
		Container: "下一个容器", Previous: "上一次运行", Follow: "跟随", Fold: "展开或折叠",
		Filtered: "筛选：%s", NoneMatch: "没有匹配“%s”的对象。", Copied: "已复制 %d 行", Matches: "第 %d 处，共 %d 处", NoMatch: "没有找到",
		Gone: "%s 已被删除，以下是最后一次看到的内容。", NoEvents: "没有事件。API server 只保留一小时内的事件。",
		EventsUnread: "无法读取事件", Loading: "正在读取……",
		NoLogs: "还没有任何输出。", LogsEnded: "日志到此结束。", LogsFollow: "跟随中", LogsUnread: "无法读取日志",
		LogsCut: "更早的内容已略去，只保留 %d 行。", OfContainer: "容器 %s", OfPrevious: "容器 %s，上一次运行",
	}
}
