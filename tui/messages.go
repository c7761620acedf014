package tui

import (
	"os/exec"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/terminal"
)

// Every message of the program that is not Bubble Tea's own. Each comes from one
// command of commands.go, and answers of the outside world carry the number of
// what they belong to: an answer to a question that is no longer asked is
// dropped.

// courseMsg: the course has been read. From loadCourse; handled by App.
type courseMsg struct {
	course *lessons.Course
	err    error
}

// savedMsg: progress has been written or read. From keeper; handled by App,
// which drops it when a newer change is under way.
type savedMsg struct {
	seq      uint64
	progress lessons.Progress
	err      error
}

// candidatesMsg: the clusters there are. From findClusters; handled by App.
type candidatesMsg struct{ list []Candidate }

// stagesMsg: how far the start of a cluster is. From watchStages; handled by App.
type stagesMsg struct {
	opening uint64
	stages  []stage
}

// openedMsg: a cluster is open, or could not be. From openSession; handled by App.
type openedMsg struct {
	opening uint64
	session Session
	info    Info
	err     error
}

// restartedMsg: a cluster was brought back, or could not be. From
// restartSession; handled by App.
type restartedMsg struct {
	opening uint64
	info    Info
	err     error
}

// reportMsg: the state of the exercise has changed. From watchReports; handled
// by exerciseScreen.
type reportMsg struct {
	run    uint64
	report lessons.Report
}

// runEndedMsg: the engine of an exercise has ended. From runExercise; handled by
// exerciseScreen.
type runEndedMsg struct {
	run uint64
	err error
}

// answeredMsg: an answer was judged. From sendAnswer; handled by exerciseScreen.
type answeredMsg struct {
	run    uint64
	step   string
	report lessons.Report
	err    error
}

// resetMsg: a step, or with an empty step the lesson, was set back. From
// resetExercise; handled by exerciseScreen.
type resetMsg struct {
	run  uint64
	step string
	kept []string // where files of the learner's were kept
	err  error
}

// laidMsg: the files of a lesson's manifest steps are there. From layFiles;
// handled by exerciseScreen.
type laidMsg struct {
	lesson string
	paths  map[string]string // by step
	err    error
}

// editorMsg: a file can be edited: by a program, or by the built-in editor. From
// openEditor; handled by exerciseScreen.
type editorMsg struct {
	lesson, step string
	path         string
	program      *exec.Cmd // the learner's editor; nil when there is none
	text         string    // of the file, for the built-in one
	err          error
}

// editedMsg: an editor has ended, or the built-in one has saved. From the
// learner's editor or saveFile; handled by exerciseScreen.
type editedMsg struct {
	lesson, step string
	err          error
}

// reviewedMsg: what the API server says to a file. From reviewFile; handled by
// exerciseScreen.
type reviewedMsg struct {
	run    uint64
	step   string
	apply  bool // it was to be applied
	faults []lessons.Fault
	err    error
}

// shellMsg: the learner's shell has started. From startShell; handled by
// terminalPane.
type shellMsg struct {
	shell uint64
	pane  Shell
	err   error
}

// shellDrawnMsg: the shell's screen has changed. From watchShell; handled by
// terminalPane.
type shellDrawnMsg struct{ shell uint64 }

// commandRanMsg: a command that the learner has typed in the shell has ended. It
// is what the shell has told; a line is "" when that is not known. From
// watchShell; handled by exerciseScreen.
type commandRanMsg struct {
	shell  uint64
	number int    // counts the commands of this shell, from 1
	line   string // as typed, without spaces around it, at most 4 KB
	exit   int    // exit status
	output string // what it printed, as text: at most 16 KB, without the middle
}

// shellBrokenMsg: the learner's own start-up files kept the shell from its first
// prompt; a clean one is waited for. From watchShell; handled by terminalPane.
type shellBrokenMsg struct {
	shell  uint64
	broken terminal.BrokenMsg
}

// shellEndedMsg: the shell has ended. From watchShell; handled by terminalPane.
type shellEndedMsg struct{ shell uint64 }

// tickMsg: time has passed that is shown on the screen. From tick; handled by
// App and passed on to the screen.
type tickMsg struct {
	tick uint64
	time time.Time
}
