package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/search"
	"github.com/k8stutor/k8stutor/tui/search/pinyin"
)

// finding is what the palette finds in. The index of a course is made when it is
// first asked for, in a command, and kept as long as course and language stay.
type finding struct {
	table  *pinyin.Table // nil until the first index has been made
	course *lessons.Course
	lang   lessons.Lang
	index  *search.Index
	making bool
}

// indexMsg: a course can be searched. From makeIndex; handled by App.
type indexMsg struct {
	table  *pinyin.Table
	course *lessons.Course
	lang   lessons.Lang
	index  *search.Index
}

// target is where something that was found leads to.
type target struct {
	where  action
	lesson *lessons.Lesson // what it is a part of
	about  lessons.Text    // said of it while it is selected, as Markdown
	key    string          // of a command
	bound  bound
}

// makeIndex makes a course ready to be searched.
func makeIndex(c *crew, table *pinyin.Table, course *lessons.Course, lang lessons.Lang) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		if table == nil {
			table = pinyin.New()
		}
		return indexMsg{table, course, lang, search.New(table, courseEntries(course, lang))}
	})
}

// courseEntries lists what can be gone to in a course. The names in lang come
// first.
func courseEntries(course *lessons.Course, lang lessons.Lang) []search.Entry {
	var es []search.Entry
	for _, m := range course.Modules {
		for _, l := range m.Lessons {
			es = append(es, lessonEntries(l, lang)...)
		}
	}
	for i := range course.Glossary {
		t := &course.Glossary[i]
		if t.Means == nil {
			continue
		}
		names := bothNames(t.Name, lang)
		if names[1] == names[0] {
			names[1] = ""
		}
		var where action
		if t.Page != "" {
			where = goLesson{lesson: t.Lesson, page: t.Page}
		}
		es = append(es, search.Entry{Kind: search.Term, ID: "term:" + t.Course + "/" + t.Name[lessons.English],
			Names: append(names, t.Also...), Value: target{where: where, about: t.Means}})
	}
	return es
}

func lessonEntries(l *lessons.Lesson, lang lessons.Lang) []search.Entry {
	within := bothNames(l.Title, lang)
	es := []search.Entry{{Kind: search.Lesson, ID: "lesson:" + l.ID, Names: within,
		Value: target{where: goOn{l.ID}, about: l.Summary}}}
	add := func(kind search.Kind, id string, title lessons.Text, text, about lessons.Text, where action) {
		e := search.Entry{Kind: kind, ID: id, Names: bothNames(title, lang), Within: within,
			Value: target{where: where, lesson: l, about: about}}
		if text != nil {
			e.Texts = bothNames(text, lang)
		}
		es = append(es, e)
	}
	for _, p := range l.Pages {
		add(search.Page, "page:"+l.ID+"/"+p.ID, p.Title, p.Body, nil, goLesson{lesson: l.ID, page: p.ID})
	}
	for _, s := range l.Steps {
		add(search.Step, "step:"+l.ID+"/"+s.ID, s.Title, nil, s.Goal, goExercise{lesson: l.ID, step: s.ID})
	}
	for _, q := range l.Questions {
		add(search.Question, "question:"+l.ID+"/"+q.ID, q.Title, nil, q.Prompt, goQuestion{l.ID, q.ID})
	}
	return es
}

// bothNames returns a text in both languages, that of lang first.
func bothNames(t lessons.Text, lang lessons.Lang) []string {
	names := []string{t.In(lang)}
	for _, other := range lessons.Languages() {
		if other != lang {
			names = append(names, t.In(other))
		}
	}
	return names
}
