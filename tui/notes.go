package tui

import (
	"fmt"
	"sync"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/notes"
)

// Notes are somebody's own notes, to be read like a lesson: pages and contents,
// and nothing else.
type Notes struct {
	Title string
	Pages []notes.Page
	// Said is what was done to read them; it stands on top of the first page.
	Said []lessons.Text
}

// notesView is what a lessonScreen needs to know of notes. Nil is a lesson.
type notesView struct{ depths []int }

// depth is how far the title of a page is indented in the contents.
func (n *notesView) depth(page int) int {
	if n == nil || page >= len(n.depths) {
		return 0
	}
	return n.depths[page]
}

// notesScreen shows notes.
func notesScreen(s *scene, n *Notes) *lessonScreen {
	l := &lessons.Lesson{ID: "notes", Title: lessons.Same(n.Title)}
	view := &notesView{}
	least := 6
	for _, p := range n.Pages {
		if p.Level > 0 {
			least = min(least, p.Level)
		}
	}
	for i, p := range n.Pages {
		body := lessons.Same(p.Body)
		if i == 0 {
			for lang, text := range body {
				body[lang] = saidAbove(n.Said, lang) + text
			}
		}
		l.Pages = append(l.Pages, lessons.Page{ID: fmt.Sprint(i + 1), Title: lessons.Same(p.Title), Body: body})
		view.depths = append(view.depths, 2*max(0, p.Level-least))
	}
	ls := newLessonScreen(s, l, "")
	ls.notes = view
	return ls
}

// saidAbove is a callout with what was done to read notes.
func saidAbove(said []lessons.Text, lang lessons.Lang) (out string) {
	if len(said) == 0 {
		return ""
	}
	out = "> [!NOTE]\n"
	for _, t := range said {
		out += "> " + t.In(lang) + "\n"
	}
	return out + "\n"
}

// memory is the store of a program that remembers nothing but its language.
type memory struct {
	mu sync.Mutex
	p  lessons.Progress
}

func (m *memory) Progress() lessons.Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.p // of notes no lesson is remembered, so that it holds no map
}

func (m *memory) Update(change func(*lessons.Progress)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.p)
	return nil
}
