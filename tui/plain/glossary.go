package plain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// glossary explains a term, or lists all of them.
func (t *talk) glossary(ctx context.Context, word string) error {
	if len(t.course.Glossary) == 0 {
		t.say(t.words.NoGlossary)
		return nil
	}
	if word == "" {
		return t.allTerms(ctx)
	}
	term, ok := t.course.Term(word)
	if !ok {
		text := fmt.Sprintf(t.words.NoTerm, word)
		if near := lessons.Nearest(word, t.course.Words()); len(near) > 0 {
			text += " " + t.words.DidYouMean + strings.Join(near, t.words.Comma) + t.words.Stop
		}
		t.say(text)
		return nil
	}
	blocks := [][]string{t.paragraph(t.termTitle(term) + t.words.Colon)}
	blocks = append(blocks, t.markdown(t.text(term.Means))...)
	if len(term.Also) > 0 {
		blocks = append(blocks, t.paragraph(t.words.AlsoCalled+strings.Join(term.Also, t.words.Comma)+t.words.Stop))
	}
	if l := t.lesson(term.Lesson); l != nil {
		for i, p := range l.Pages {
			if p.ID == term.Page {
				blocks = append(blocks, t.paragraph(fmt.Sprintf(t.words.ExplainedIn, t.text(l.Title), i+1, t.text(p.Title))))
			}
		}
	}
	_, err := t.recite(ctx, blocks)
	return err
}

func (t *talk) allTerms(ctx context.Context) error {
	terms := slices.Clone(t.course.Glossary)
	slices.SortStableFunc(terms, func(a, b lessons.Term) int {
		return cmp.Compare(strings.ToLower(a.Name[lessons.English]), strings.ToLower(b.Name[lessons.English]))
	})
	lines := t.paragraph(t.words.Terms)
	for _, term := range terms {
		lines = append(lines, t.out.wrap("- ", "  ", t.termTitle(term))...)
	}
	_, err := t.recite(ctx, [][]string{lines})
	return err
}

// termTitle is a term in both languages, the learner's first.
func (t *talk) termTitle(term lessons.Term) string {
	en, zh := term.Name[lessons.English], term.Name[lessons.Chinese]
	switch {
	case en == zh:
		return en
	case t.lang == lessons.Chinese:
		return fmt.Sprintf(t.words.TermTitle, zh, en)
	}
	return fmt.Sprintf(t.words.TermTitle, en, zh)
}
