package tui

// questionWords are about questions that show a manifest.
type questionWords struct {
	Field, Spot   string // kinds
	Here, NotHere string // of a line: whether the mistake is in it
	NoneChosen    string // no line can be chosen
	Line          string // number
	PressToFill   string
}

func questionWordsEN() questionWords {
	return questionWords{
		Field: "fill the field", Spot: "the manifest has a mistake: choose its line",
		Here: "the mistake is here", NotHere: "not the mistake", NoneChosen: "Choose a line that says something.",
		Line: "line %d", PressToFill: "press a",
	}
}

func questionWordsZH() questionWords {
	return questionWords{
		Field: "填空题：补全字段", Spot: "找错题：清单里有一处错误，选出那一行",
		Here: "错误在这里", NotHere: "不是错误", NoneChosen: "请选一个有内容的行。",
		Line: "第 %d 行", PressToFill: "按 a 输入",
	}
}
