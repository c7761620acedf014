package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// action is what a screen or an overlay asks the App to do. Nil asks nothing.
type action interface{ action() }

type (
	// goHome shows the course map.
	goHome struct{}
	// goBack leaves the screen for the one before.
	goBack struct{}
	// goOn opens a lesson where the learner was.
	goOn struct{ lesson string }
	// goLesson opens a lesson's pages; an empty page is the first.
	goLesson struct{ lesson, page string }
	// goExercise opens a lesson's exercise; an empty step is the current one.
	goExercise struct{ lesson, step string }
	// goQuiz opens a lesson's questions.
	goQuiz struct{ lesson string }
	// goQuestion opens them at one of them.
	goQuestion struct{ lesson, question string }
	// goEdit opens a file in the built-in editor.
	goEdit struct {
		lesson, step, path, text string
		faults                   []lessons.Fault
	}
	// goCluster shows which cluster there is, or how its start goes.
	goCluster struct{}

	// openCluster opens a cluster, in place of the one that is open.
	openCluster struct{ choice string }
	// restartCluster brings a cluster back that has gone away.
	restartCluster struct{}
	// runAgain starts the exercise's engine again after it could not start.
	runAgain struct{}

	// save changes the learner's progress. The function runs twice, on the copy
	// that screens read and in the store.
	save struct{ change func(*lessons.Progress) }
	// refresh reads the progress that the exercise's engine has saved.
	refresh struct{}
	// ask shows a question before something is done that cannot be undone.
	ask struct{ question *confirm }
	// say puts a message on the line of state.
	say struct{ notice notice }

	// closeOverlay takes away what lies over the screen, then does then.
	closeOverlay struct{ then func() (action, tea.Cmd) }

	// all are several actions, done in order.
	all []action

	showHelp       struct{}
	switchLanguage struct{}
	showPalette    struct{}
	showWelcome    struct{}
	// lookForClusters has the clusters listed that there are.
	lookForClusters struct{}
	switchASCII     struct{}
	// switchTheme goes on to the next theme, setTheme takes one.
	switchTheme struct{}
	setTheme    struct{ theme Theme }
	quit        struct{}
)

func (goHome) action()          {}
func (goBack) action()          {}
func (goOn) action()            {}
func (goLesson) action()        {}
func (goExercise) action()      {}
func (goQuiz) action()          {}
func (goEdit) action()          {}
func (goCluster) action()       {}
func (openCluster) action()     {}
func (restartCluster) action()  {}
func (runAgain) action()        {}
func (save) action()            {}
func (refresh) action()         {}
func (ask) action()             {}
func (say) action()             {}
func (closeOverlay) action()    {}
func (all) action()             {}
func (showHelp) action()        {}
func (switchLanguage) action()  {}
func (switchTheme) action()     {}
func (showPalette) action()     {}
func (showWelcome) action()     {}
func (lookForClusters) action() {}
func (switchASCII) action()     {}
func (goQuestion) action()      {}
func (setTheme) action()        {}
func (quit) action()            {}
