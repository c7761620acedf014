package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// act does what a screen or an overlay has asked for.
func (a *App) act(what action, cmd tea.Cmd) tea.Cmd {
	switch what := what.(type) {
	case nil:
		return cmd
	case all:
		cmds := []tea.Cmd{cmd}
		for _, one := range what {
			cmds = append(cmds, a.act(one, nil))
		}
		return tea.Batch(cmds...)
	case closeOverlay:
		a.over = nil
		if what.then != nil {
			then, more := what.then()
			a.top().Resize(a.w, a.h-linesAbove-linesBelow)
			return tea.Batch(cmd, a.act(then, more))
		}
		return cmd
	case showHelp:
		a.over = newHelpOverlay(a.scene, a.top().bindings(), a.program())
	case ask:
		a.over = what.question
	case overlaying:
		a.over = what.what
	case sendCommand:
		return tea.Batch(cmd, a.sendCommand(what))
	case openLink:
		return tea.Batch(cmd, openInBrowser(a.crew, a.deps.OpenURL, what.url))
	case copyText:
		return tea.Batch(cmd, a.copied(what))
	case layOutPages:
		return tea.Batch(cmd, layOutAll(a.crew, a.prose, what))
	case say:
		a.say(what.notice)
	case save:
		return tea.Batch(cmd, a.save(what.change))
	case refresh:
		return tea.Batch(cmd, a.keeper.load())
	case switchLanguage:
		return tea.Batch(cmd, a.switchLanguage())
	case showPalette:
		return tea.Batch(cmd, a.showPalette())
	case showWelcome:
		a.over = newWelcomeOverlay(a.scene)
	case lookForClusters:
		if a.deps.Candidates != nil {
			a.cluster.looking = true
			return tea.Batch(cmd, findClusters(a.crew, a.deps.Candidates))
		}
	case switchASCII:
		a.switchASCII()
	case switchTheme:
		return tea.Batch(cmd, a.nextTheme())
	case setTheme:
		return tea.Batch(cmd, a.setTheme(what.theme))
	case quit:
		return tea.Batch(cmd, tea.Quit)
	case startCluster, addNeeds, stopChore, useCluster:
		return tea.Batch(cmd, a.choreAct(what))
	case lookAtSupplies:
		return tea.Batch(cmd, a.askSupplies())
	case addForExercise, goWithout, agree:
		return tea.Batch(cmd, a.gateAct(what))
	case openCluster:
		return tea.Batch(cmd, a.open(what.choice))
	case restartCluster:
		return tea.Batch(cmd, a.restart())
	case runAgain:
		return tea.Batch(cmd, a.attach())
	default:
		return tea.Batch(cmd, a.goTo(what))
	}
	return cmd
}

// goTo shows another screen.
func (a *App) goTo(where action) tea.Cmd {
	defer a.sweep()
	switch where := where.(type) {
	case goHome:
		a.screens = a.screens[:1]
	case goBack:
		if len(a.screens) > 1 {
			a.screens = a.screens[:len(a.screens)-1]
		}
	case goCluster:
		return a.showCluster(false)
	case goOn:
		return a.goOn(where.lesson)
	case goLesson:
		return a.showLesson(where.lesson, where.page)
	case goExercise:
		return a.showExercise(where.lesson, where.step)
	case goQuiz:
		return a.showQuiz(where.lesson)
	case goQuestion:
		return a.showQuestion(where)
	case goEdit:
		return a.showEditor(where)
	case goReview:
		return a.showReview(where)
	case goKnown:
		return a.showKnown()
	case goReading:
		return a.showReading(where)
	case goView:
		return a.showView(where)
	}

	a.resize()
	return a.keeper.load() // the exercise may have passed steps meanwhile
}

// goOn opens a lesson where the learner was.
func (a *App) goOn(id string) tea.Cmd {
	l := a.lesson(id)
	if l == nil {
		a.say(notice{text: fmt.Sprintf(a.words.NoLesson, id), bad: true})
		return nil
	}
	if l.Outlined {
		a.deps.Start = id // as soon as it has been read
		return nil
	}
	lp := a.lessonProgress(id)
	place, page := lp.Place, lp.Page
	a.screens = a.screens[:1]
	switch {
	case place == lessons.PlaceExercise && len(l.Steps) > 0:
		a.pushLesson(l, "")
		return a.showExercise(id, page)
	case place == lessons.PlaceQuiz && len(l.Questions) > 0:
		a.pushLesson(l, "")
		return a.showQuiz(id)
	}
	return a.showLesson(id, page)
}

// push puts a screen on top. One of the same kind that is there already is
// replaced, with all above it, so that esc never goes in circles.
func (a *App) push(s screen, same func(screen) bool) {
	for i, old := range a.screens {
		if same(old) {
			a.screens = a.screens[:i]
			break
		}
	}
	a.screens = append(a.screens, s)
	s.Resize(a.w, a.h-linesAbove-linesBelow)
}

func (a *App) showLesson(id, page string) tea.Cmd {
	l := a.lesson(id)
	if l == nil {
		return nil
	}
	if page == "" {
		// Back from the exercise: the page that was being read.
		for _, s := range a.screens {
			if ls, ok := s.(*lessonScreen); ok && ls.lesson == l {
				page = l.Pages[ls.page].ID
			}
		}
	}
	return a.act(a.pushLesson(l, page).shown(), nil)
}

func (a *App) pushLesson(l *lessons.Lesson, page string) *lessonScreen {
	s := newLessonScreen(a.scene, l, page)
	a.push(s, func(old screen) bool { _, ok := old.(*lessonScreen); return ok })
	return s
}

func (a *App) showQuiz(id string) tea.Cmd {
	l := a.lesson(id)
	if l == nil || len(l.Questions) == 0 {
		return nil
	}
	s := newQuizScreen(a.scene, l)
	a.push(s, func(old screen) bool { _, ok := old.(*quizScreen); return ok })
	question := l.Questions[0].ID
	return a.save(func(p *lessons.Progress) { enter(p, id, lessons.PlaceQuiz, question) })
}

func (a *App) showExercise(id, step string) tea.Cmd {
	l := a.lesson(id)
	if l == nil || len(l.Steps) == 0 {
		return nil
	}
	var cmds []tea.Cmd
	if a.exercise == nil || a.exercise.lesson != l {
		if a.exercise != nil {
			cmds = append(cmds, a.exercise.close())
		}
		a.exercise = newExerciseScreen(a.scene, a.crew, a.deps.Shell, desk{a.deps.Files, a.deps.Editor}, l, step)
		cmds = append(cmds, layFiles(a.crew, a.deps.Files, l))
	} else if step != "" {
		a.exercise.steps.open(step)
	}
	a.push(a.exercise, func(old screen) bool { _, ok := old.(*exerciseScreen); return ok })
	cmds = append(cmds, a.act(a.exercise.remember(), nil))
	switch {
	case a.cluster.phase == clusterOpen && a.exercise.run == nil:
		cmds = append(cmds, a.attach())
	case a.cluster.phase == clusterClosed:
		cmds = append(cmds, a.open(""), a.showCluster(true))
	case a.cluster.phase == clusterOpening:
		cmds = append(cmds, a.showCluster(true))
	}
	return tea.Batch(cmds...)
}

// showEditor opens the built-in editor over the exercise that asked for it.
func (a *App) showEditor(what goEdit) tea.Cmd {
	e := a.exercise
	if e == nil || e.lesson.ID != what.lesson || a.top() != screen(e) {
		return nil
	}
	step, ok := e.lesson.Step(what.step)
	if !ok {
		return nil
	}
	save := func(text string) tea.Cmd { return saveFile(a.crew, a.deps.Files, what.lesson, step, text) }
	a.push(newEditorScreen(a.scene, what, step, save), func(old screen) bool { _, ok := old.(*editorScreen); return ok })
	return nil
}

func (a *App) showCluster(waited bool) tea.Cmd {
	a.push(newClusterScreen(a.scene, waited), func(old screen) bool { _, ok := old.(*clusterScreen); return ok })
	return tea.Batch(a.act(lookForClusters{}, nil), a.askSupplies())
}

// save changes the progress that is on the screen, and has it written.
func (a *App) save(change func(*lessons.Progress)) tea.Cmd {
	change(&a.progress)
	a.top().Resize(a.w, a.h-linesAbove-linesBelow)
	return a.keeper.save(change)
}

func (a *App) switchLanguage() tea.Cmd {
	next := lessons.English
	if a.lang == lessons.English {
		next = lessons.Chinese
	}
	a.speak(next)
	a.resize()
	return a.save(func(p *lessons.Progress) { p.Lang = next })
}
