package review

import (
	"math"
	"strings"
	"unicode"

	"github.com/k8stutor/k8stutor/lessons"
)

// Page returns the id of the page of a lesson that a question is most likely
// about: the one that shares the most telling words with it. It is the first page
// when none does, and "" for a lesson without pages.
func Page(l *lessons.Lesson, q *lessons.Question) string {
	if len(l.Pages) == 0 {
		return ""
	}
	asked := wordsOf(questionText(q))
	pages := make([]map[string]bool, len(l.Pages))
	on := map[string]int{} // by word: on how many pages it stands
	for i, p := range l.Pages {
		pages[i] = wordsOf(p.Title.In(lessons.English) + "\n" + p.Body.In(lessons.English))
		for w := range pages[i] {
			on[w]++
		}
	}
	best, most := 0, 0.0
	for i, words := range pages {
		sum := 0.0
		for w := range asked {
			if words[w] {
				sum += math.Log(1 + float64(len(pages)-on[w])/float64(on[w])) // 0 for what is on every page
			}
		}
		if sum > most+1e-9 { // the order of a map must not decide
			best, most = i, sum
		}
	}
	return l.Pages[best].ID
}

// questionText is all that a question says.
func questionText(q *lessons.Question) string {
	var b strings.Builder
	add := func(t lessons.Text) { b.WriteString(t.In(lessons.English) + "\n") }
	add(q.Title)
	add(q.Prompt)
	add(q.Why)
	for _, o := range q.Options {
		add(o.Text)
		add(o.Reason)
	}
	b.WriteString(strings.Join(q.Accept, "\n"))
	return b.String()
}

// wordsOf are the words of three letters and more.
func wordsOf(text string) map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) >= 3 {
			words[w] = true
		}
	}
	return words
}
