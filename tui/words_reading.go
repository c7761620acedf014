package tui

// readingWords are the texts of pages being read: search, terms, links.
type readingWords struct {
	Keys          readingKeyWords
	NoMatch       string
	Matches       string // which one, of how many
	Elsewhere     string // number on other pages
	Searching     string
	OnPage        string // title
	Around        string
	Terms, TermOf string // number, of how many
	Explained     string // title of the page
	NoTerm        string
	Links, Note   string
	Picture       string
	NotOpened     string // address, why
	Opened        string // address
	LinkInert     string
	Code          string
	Lines         string // number
	Copied        string // what
	LayingOut     string
	Notes         string
}

// readingKeyWords say what the keys do.
type readingKeyWords struct {
	Find, EndFind, Turn                          string
	Terms, NextTerm, PrevTerm, ToPage            string
	Links, Copy, Left, Right, CopyLink, OpenLink string
	PickOne, Dismiss                             string
}

func readingEN() readingWords {
	return readingWords{
		Keys: readingKeyWords{Find: "find", EndFind: "end the search", Turn: "next page",
			Terms: "explain terms", NextTerm: "next term", PrevTerm: "previous term", ToPage: "to that page",
			Links: "links", Copy: "copy code", Left: "diagram to the left", Right: "diagram to the right", CopyLink: "copy", OpenLink: "open in the browser",
			PickOne: "choose", Dismiss: "close"},
		NoMatch: "not found", Matches: "%d/%d", Elsewhere: "%d on other pages", Searching: "other pages …",
		OnPage: "On the page: %s", Around: "Once around: from the start of the page",
		Terms: "Terms", TermOf: "%d/%d", Explained: "Explained in: ", NoTerm: "No term of this page is in the glossary.",
		Links: "Links of this page", Note: "Footnote", Picture: "picture: ",
		NotOpened: "%s could not be opened: %v", Opened: "Opened %s", LinkInert: "An address of this kind is not opened, only copied.",
		Code: "Copy which block?", Lines: "%d lines", Copied: "Copied: ", LayingOut: "laying out …", Notes: "notes",
	}
}

func readingZH() readingWords {
	return readingWords{
		Keys: readingKeyWords{Find: "查找", EndFind: "结束查找", Turn: "下一页",
			Terms: "解释术语", NextTerm: "下一个术语", PrevTerm: "上一个术语", ToPage: "去那一页",
			Links: "链接", Copy: "复制代码", Left: "图往左看", Right: "图往右看", CopyLink: "复制", OpenLink: "用浏览器打开",
			PickOne: "选择", Dismiss: "关闭"},
		NoMatch: "没有找到", Matches: "%d/%d", Elsewhere: "别的页还有 %d 处", Searching: "正在找别的页……",
		OnPage: "在这一页：%s", Around: "已到末尾，从本页开头继续",
		Terms: "术语", TermOf: "%d/%d", Explained: "详见：", NoTerm: "这一页没有术语表里的词。",
		Links: "本页的链接", Note: "脚注", Picture: "图片：",
		NotOpened: "打不开 %s：%v", Opened: "已打开 %s", LinkInert: "这种地址不能打开，只能复制。",
		Code: "复制哪一段？", Lines: "%d 行", Copied: "已复制：", LayingOut: "正在排版……", Notes: "笔记",
	}
}
