package tui

// ranWords are about the command that has just run in the terminal pane.
type ranWords struct {
	Title string // of the hint
	Brief string // the hint without its marks, where only one line is shown
}

func ranWordsEN() ranWords {
	return ranWords{Title: "About the command you have just run", Brief: "Your command: %s"}
}

func ranWordsZH() ranWords {
	return ranWords{Title: "关于刚才的命令", Brief: "刚才的命令：%s"}
}
