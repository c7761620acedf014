package tui

// lookWords are about how the screen looks.
type lookWords struct {
	Theme                       string
	Auto, Dark, Light, Contrast string
	NoColours                   string
	Language                    string // the command that changes to the other
	ResetDone, WaitDone         string // in a notification
}

func lookWordsEN() lookWords {
	return lookWords{
		Theme: "Theme", Auto: "as the terminal", Dark: "dark", Light: "light", Contrast: "high contrast",
		NoColours: "This terminal shows no colours, so that all themes look the same.",
		Language:  "language: change to Chinese (中文)",
		ResetDone: "the exercise can begin anew", WaitDone: "the wait is over",
	}
}

func lookWordsZH() lookWords {
	return lookWords{
		Theme: "主题", Auto: "跟随终端", Dark: "深色", Light: "浅色", Contrast: "高对比度",
		NoColours: "这个终端不显示颜色，换主题没有区别。",
		Language:  "语言：换成英文（English）",
		ResetDone: "可以重新开始练习了", WaitDone: "等待结束",
	}
}

func (w lookWords) themeName(t Theme) string {
	switch t {
	case ThemeDark:
		return w.Dark
	case ThemeLight:
		return w.Light
	case ThemeContrast:
		return w.Contrast
	}
	return w.Auto
}
