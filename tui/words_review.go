package tui

// reviewWords are about the review and the map of what is known.
type reviewWords struct {
	Title     string
	Left      string // number
	Again     string
	ComesBack string // when
	AtTheEnd  string
	Score     string // right ones, of how many
	AtOnce    string
	AtTry     string // number of the try
	Nothing   string
	NoneYet   string
	Next      string // when how many
	ToKnown   string
	ToAnyway  string // number
	DueToday  string // number
	NextDue   string // when how many
	Returns   string

	Known       string
	LastLine    string // how likely, when due
	DueIn       string // when
	DueLesson   string // number due today
	NotBegun    string
	Shaky, Gone string // columns
	Sure, Fresh string
}

func reviewWordsEN() reviewWords {
	return reviewWords{
		Title: "review", Left: "%d left", Again: "once more: it was answered wrong", ComesBack: "comes back %s", AtTheEnd: "comes again at the end",
		Score: "%d of %d right at once", AtOnce: "right at once", AtTry: "right at try %d",
		Nothing: "Nothing is due.",
		NoneYet: "No question has been answered yet. Answer the quiz of a lesson; what you have answered comes back here, before you forget it.",
		Next:    "Next: %s.", ToKnown: "what you know, question by question", ToAnyway: "everything that you have answered (%d), due or not",
		DueToday: "to review today: %d", NextDue: "next review: %s",
		Returns: "What was wrong comes back tomorrow, or when you have worked in two more lessons.",
		Known:   "What you know", LastLine: "%s Asked again %s.", DueIn: "due %s", DueLesson: "To review today: %d.",
		NotBegun: "None of its questions has been answered.",
		Sure:     "known", Shaky: "fading", Gone: "forgotten", Fresh: "new",
	}
}

func reviewWordsZH() reviewWords {
	return reviewWords{
		Title: "复习", Left: "还剩 %d 道", Again: "再答一次：刚才答错了", ComesBack: "%s再问", AtTheEnd: "最后再问一次",
		Score: "一次答对 %d 题，共 %d 题", AtOnce: "一次答对", AtTry: "第 %d 次答对",
		Nothing: "现在没有要复习的题。",
		NoneYet: "还没有答过题。做一课的测验，答过的题会在快忘记之前回到这里。",
		Next:    "接下来：%s。", ToKnown: "逐题查看掌握情况", ToAnyway: "不管到没到期，把答过的 %d 道全部再答一遍",
		DueToday: "今天要复习：%d 道", NextDue: "下次复习：%s",
		Returns: "答错的题明天再问；如果在那之前又学了两课，就提前问。",
		Known:   "掌握情况", LastLine: "%s%s再问。", DueIn: "%s到期", DueLesson: "今天要复习：%d 道。",
		NotBegun: "这一课的题还没答过。",
		Sure:     "记得", Shaky: "快忘了", Gone: "忘了", Fresh: "没答过",
	}
}
