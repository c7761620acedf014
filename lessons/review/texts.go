package review

import (
	"fmt"
	"math"

	"github.com/k8stutor/k8stutor/lessons"
)

// say formats one sentence in both languages.
func say(en, zh string, args ...any) lessons.Text {
	return lessons.Text{lessons.English: fmt.Sprintf(en, args...), lessons.Chinese: fmt.Sprintf(zh, args...)}
}

// Text names a state in a word.
func (s State) Text() lessons.Text {
	switch s {
	case Remembered:
		return say("remembered", "记得")
	case Fading:
		return say("fading", "快忘了")
	case Forgotten:
		return say("forgotten", "忘了")
	}
	return say("not asked yet", "没答过")
}

// Likely says how likely the answer is remembered, as a person would.
func (i Item) Likely() lessons.Text {
	times := int(math.Round(i.Chance * 10))
	switch {
	case i.State == Unasked:
		return say("Not asked yet.", "还没答过。")
	case !i.LastRight:
		return say("Answered wrong last time.", "上次答错了。")
	case i.Missed:
		return say("Answered wrong at first, right at the second try.", "先答错，后来答对了。")
	case times >= 10:
		return say("Almost certainly remembered.", "几乎肯定还记得。")
	case times <= 0:
		return say("Hardly remembered any more.", "差不多忘光了。")
	}
	return say("You would get it right about %d times in 10.", "大约 10 次能答对 %d 次。", times)
}

// When names a day by how many days it is away.
func When(days int) lessons.Text {
	switch {
	case days <= 0:
		return say("today", "今天")
	case days == 1:
		return say("tomorrow", "明天")
	case days == 2:
		return say("in 2 days", "后天")
	}
	return say("in %d days", "%d 天后", days)
}

// shownDays is on how many days a text says what is due.
const shownDays = 3

// Coming says how many questions are due on which of the next days; "" when there
// are none.
func (f Forecast) Coming() lessons.Text {
	out := lessons.Text{lessons.English: "", lessons.Chinese: ""}
	if len(f.Later) == 0 {
		return out
	}
	part := func(en, zh string) {
		if out[lessons.English] != "" {
			en, zh = ", "+en, "，"+zh
		}
		out[lessons.English] += en
		out[lessons.Chinese] += zh
	}
	for _, l := range f.Later[:min(shownDays, len(f.Later))] {
		when := When(l.Days)
		part(fmt.Sprintf("%s %d", when[lessons.English], l.Questions), fmt.Sprintf("%s %d 道", when[lessons.Chinese], l.Questions))
	}
	rest := 0
	for _, l := range f.Later[min(shownDays, len(f.Later)):] {
		rest += l.Questions
	}
	if rest > 0 {
		part(fmt.Sprintf("later %d", rest), fmt.Sprintf("以后还有 %d 道", rest))
	}
	return out
}
