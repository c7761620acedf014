package tui

// sendingWords are about commands of the text that are put on the shell's line.
type sendingWords struct {
	Key   string
	Which string
	Sent  string
	Busy  string
	Lines string
}

func sendingEN() sendingWords {
	return sendingWords{
		Key:   "command to the terminal",
		Which: "Which command to the terminal?",
		Sent:  "The command is on the terminal's line. Enter runs it.",
		Busy:  "A program is running in the terminal: end it first, then send the command.",
		Lines: "This shell would run several lines at once: copy them (y) and paste them one by one.",
	}
}

func sendingZH() sendingWords {
	return sendingWords{
		Key:   "命令填入终端",
		Which: "把哪条命令填入终端？",
		Sent:  "命令已填入终端，按 Enter 才会执行。",
		Busy:  "终端里有程序正在运行：先结束它，再填入命令。",
		Lines: "这个 shell 会立即执行多行命令：请按 y 复制，再逐行粘贴。",
	}
}
