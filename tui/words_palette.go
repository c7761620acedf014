package tui

import "github.com/k8stutor/k8stutor/tui/search"

// paletteWords are those of the palette.
type paletteWords struct {
	Title, Ask, Loading, Nothing       string
	InText                             string
	Lesson, Page, Step, Question, Term string
	Command                            string
	OpenCluster                        string // name
	GoHome, Welcome, ASCII, NotASCII   string
	NotYet                             string
}

func paletteWordsEN() paletteWords {
	return paletteWords{
		Title: "Go to", Ask: "lesson, page, step, term, command …", Loading: "Reading the course …",
		Nothing: "Nothing is called that, and no page has it in its text.",
		InText:  "in the text of pages",
		Lesson:  "lesson", Page: "page", Step: "step", Question: "question", Term: "term", Command: "command",
		OpenCluster: "open cluster %s", GoHome: "course map", Welcome: "show the welcome again",
		ASCII: "draw with ASCII only", NotASCII: "draw with lines and symbols",
		NotYet: "The course is still being read.",
	}
}

func paletteWordsZH() paletteWords {
	return paletteWords{
		Title: "查找", Ask: "课程、讲解、步骤、术语、命令，也可以输入拼音", Loading: "正在读取课程……",
		Nothing: "没有这个名称，讲解正文里也没有。",
		InText:  "讲解正文",
		Lesson:  "课程", Page: "讲解", Step: "步骤", Question: "题目", Term: "术语", Command: "命令",
		OpenCluster: "打开集群 %s", GoHome: "课程目录", Welcome: "再看一遍欢迎页",
		ASCII: "只用 ASCII 字符绘制", NotASCII: "用制表符和图标绘制",
		NotYet: "课程还没有读完。",
	}
}

func (w paletteWords) kind(k search.Kind) string {
	switch k {
	case search.Lesson:
		return w.Lesson
	case search.Page, search.Text:
		return w.Page
	case search.Step:
		return w.Step
	case search.Question:
		return w.Question
	case search.Term:
		return w.Term
	}
	return w.Command
}
