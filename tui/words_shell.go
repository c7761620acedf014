package tui

// shellWords are about a shell that its start-up files broke.
type shellWords struct {
	FilesEnded string // exit code, shell
	FilesHang  string // for how long, shell
	Clean      string // shell
}

func shellWordsEN() shellWords {
	return shellWords{
		FilesEnded: "Your start-up files ended the shell with exit code %d before its first prompt (%s).",
		FilesHang:  "For %s no prompt came: your start-up files keep the shell busy (%s).",
		Clean:      "This is a %s without them; kubectl and k work as always.",
	}
}

func shellWordsZH() shellWords {
	return shellWords{
		FilesEnded: "你的启动文件在第一个提示符出现之前就结束了 shell，退出码 %d（%s）。",
		FilesHang:  "等了 %s 还没有提示符：你的启动文件一直占着 shell（%s）。",
		Clean:      "现在是不读启动文件的 %s；kubectl 和 k 照常可用。",
	}
}
