package tui

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// termsMsg: on which terms a lesson is done on the open cluster. From findTerms;
// handled by App.
type termsMsg struct {
	opening uint64
	lesson  string
	terms   lessons.Terms
	err     error
}

// approvedMsg: that the learner has agreed was noted, or could not be. From
// approveTerms; handled by App.
type approvedMsg struct {
	opening uint64
	err     error
}

func findTerms(c *crew, opening uint64, of Approver, l *lessons.Lesson) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, termsTimeout)
		defer cancel()
		terms, err := of.Terms(ctx, l)
		return termsMsg{opening, l.ID, terms, err}
	})
}

func approveTerms(c *crew, opening uint64, of Approver) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg { return approvedMsg{opening, of.Approve()} })
}

// askTerms has the terms found when the exercise could not begin because the
// learner has not agreed to them.
func (a *App) askTerms() tea.Cmd {
	e := a.exercise
	if e == nil || e.runErr == nil || a.cluster.opening == nil {
		return nil
	}
	if ce := clusterError(e.runErr); ce == nil || ce.Trouble != lessons.Unapproved {
		return nil
	}
	approver, ok := a.cluster.session.(Approver)
	if !ok {
		return nil
	}
	return findTerms(a.crew, a.cluster.opening.id, approver, e.lesson)
}

func (a *App) termsFound(msg termsMsg) {
	e := a.exercise
	if a.cluster.opening == nil || msg.opening != a.cluster.opening.id || e == nil || e.lesson.ID != msg.lesson {
		return
	}
	if msg.err != nil {
		e.runErr = msg.err
		a.resize()
		return
	}
	e.asking = func() *proposal { return a.termsProposal(msg.terms) }
}

func (a *App) approved(msg approvedMsg) tea.Cmd {
	if a.cluster.opening == nil || msg.opening != a.cluster.opening.id {
		return nil
	}
	if msg.err != nil { // it holds for now all the same
		a.say(notice{text: a.explain(msg.err), bad: true})
	}
	return a.attach()
}

// termsProposal says what would be made on a cluster that is not the learner's
// alone, and asks. Only the letter of yes agrees: what pops up by itself must not
// be answered by an enter that was meant for something else.
func (a *App) termsProposal(t lessons.Terms) *proposal {
	w := a.words.Choosing
	p := &proposal{scene: a.scene, title: w.TermsTitle}
	p.say = func(s *leaf) { a.sayTerms(s, t) }
	if t.Refused == nil {
		yes := a.keys.Yes
		yes.SetHelp(yes.Help().Key, w.TermsYes)
		p.choices = append(p.choices, asks(yes, agree{}))
	}
	p.choices = append(p.choices, asks(a.keys.ToSandbox, openCluster{"sandbox"}))
	return p
}

// sayTerms lays out the terms.
func (a *App) sayTerms(s *leaf, t lessons.Terms) {
	w, st, plain := a.words.Choosing, a.styles, styles.Style{}
	if t.Refused != nil {
		s.lines = append(s.lines, a.prose.lines(a.in(t.Refused), s.w)...)
	} else {
		s.para(plain, fmt.Sprintf(w.TermsIntro, t.Context))
	}
	s.gap()
	user := t.User
	if user == "" {
		user = w.TermsNobody
	}
	s.rows(st.Dim, row{w.Context, t.Context, st.Strong}, row{a.words.Cluster.Server, t.Server, st.Strong}, row{w.User, user, st.Strong},
		row{w.Namespace, t.Namespace, st.Strong})
	if len(t.Makes) > 0 && t.Refused == nil {
		s.gap()
		s.para(st.Label, w.TermsMakes)
		for _, m := range t.Makes {
			s.lines = append(s.lines, a.prose.lines("- "+a.in(m), s.w)...)
		}
	}
	if len(t.Lacks) > 0 {
		s.gap()
		s.para(st.Label, w.TermsLacks)
		for _, l := range t.Lacks {
			s.hang(st.Bad, 2, st.Glyphs.Broken+" "+l)
		}
		s.para(st.Dim, w.TermsLacksMean)
	}
	if t.Refused == nil {
		s.gap()
		s.para(st.Dim, w.TermsKept)
	}
}

// showAsking shows what is to be asked before the exercise can begin, as soon as
// the exercise is what the learner looks at.
func (a *App) showAsking() {
	e := a.exercise
	if e == nil || e.asking == nil || a.over != nil || a.top() != screen(e) || e.capturing() != captureNone {
		return
	}
	a.over, e.asking = e.asking(), nil
}
