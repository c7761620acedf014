package tui

// copyWords are about reading back and copying in the terminal pane.
type copyWords struct {
	Position string // lines below, of how many
	Match    string // number, of how many
	Missed   string // what was searched for
	Copied   string // lines

	On, Off, Back, Forth                         string
	Find, FindBack, FindNext, FindPrev           string
	Select, SelectLines, Yank                    string
	Left, Right, PageUp, PageDown                string
	Start, Text, End, WordNext, WordBack         string
	WordEnd, ScreenTop, ScreenMiddle, ScreenLast string
}

func copyWordsEN() copyWords {
	return copyWords{
		Position: "[%d/%d]", Match: "%d/%d", Missed: "not found: %s", Copied: "Lines copied to the clipboard: %d.",
		On: "read back, copy", Off: "stop reading back", Back: "scroll back", Forth: "scroll on",
		Find: "find", FindBack: "find backwards", FindNext: "next match", FindPrev: "match before",
		Select: "select", SelectLines: "select lines", Yank: "copy",
		Left: "left", Right: "right", PageUp: "page up", PageDown: "page down",
		Start: "start of the line", Text: "first character of the line", End: "end of the line",
		WordNext: "next word", WordBack: "word before", WordEnd: "end of the word",
		ScreenTop: "top of the screen", ScreenMiddle: "middle of the screen", ScreenLast: "bottom of the screen",
	}
}

func copyWordsZH() copyWords {
	return copyWords{
		Position: "[%d/%d]", Match: "%d/%d", Missed: "没有找到：%s", Copied: "已复制到剪贴板，行数：%d。",
		On: "回看与复制", Off: "结束回看", Back: "向上翻屏", Forth: "向下翻屏",
		Find: "查找", FindBack: "向前查找", FindNext: "下一处", FindPrev: "上一处",
		Select: "选择", SelectLines: "按行选择", Yank: "复制",
		Left: "左移", Right: "右移", PageUp: "上一屏", PageDown: "下一屏",
		Start: "行首", Text: "行内第一个字符", End: "行尾",
		WordNext: "下一个词", WordBack: "上一个词", WordEnd: "词尾",
		ScreenTop: "屏幕顶行", ScreenMiddle: "屏幕中间", ScreenLast: "屏幕底行",
	}
}
