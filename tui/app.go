package tui

import (
	"cmp"
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// capture says which keys a screen wants for itself.
type capture int

const (
	captureNone capture = iota // the program's keys work
	captureText                // a line is being typed: letters belong to it
	captureAll                 // the shell has the keys, ctrl-c too
)

// screen is one of the program's screens.
type screen interface {
	Update(tea.Msg) (action, tea.Cmd)
	// Resize gives the screen its size. It is called again when words, look or
	// course have changed.
	Resize(w, h int)
	// View draws exactly the size given. The cursor is nil when there is none.
	View() (string, *tea.Cursor)
	// bindings lists the keys that work now.
	bindings() []bound
	capturing() capture
	// title says where one is, from the outside in.
	title() []string
}

// The lines of the frame that are not the screen's: title above, keys and state
// below.
const (
	linesAbove = 1
	linesBelow = 2
)

// App is the program: the one tea.Model. It owns the screens and what they
// share, and acts on what they ask for.
type App struct {
	*scene
	deps   Deps
	crew   *crew
	keeper *keeper

	w, h     int
	screens  []screen // the last one is on top
	over     overlay  // nil when there is none
	notice   notice
	exercise *exerciseScreen // of the lesson that was exercised last
	seeing   *viewerScreen   // the last that was opened, until what it reads has ended
	openings uint64
	// reviewing is the review that was begun last; wanted one that waits for the
	// questions to be read.
	reviewing *reviewScreen
	wanted    *goReview
	known     bool // progress has been read
	ticking   bool
	ticks     uint64
	terminal  terminalLook
	finding   finding
	waits     waits
}

func newApp(deps Deps, c *crew) *App {
	if deps.Shell == nil {
		deps.Shell = startTerminal
	}
	if deps.Store == nil {
		deps.Store = &memory{}
	}
	if deps.OpenURL == nil {
		deps.OpenURL = systemOpen
	}
	a := &App{deps: deps, crew: c, keeper: &keeper{store: deps.Store, crew: c}}
	a.scene = &scene{course: deps.Course, version: deps.Version, now: deps.Now(), words: wordsIn(deps.Lang),
		places: map[string]pagePlace{}}
	a.titles = deps.StageTitle
	a.terminal = terminalLook{theme: cmp.Or(deps.Theme, ThemeAuto), dark: deps.Dark, plain: deps.Plain}
	if deps.NoColor {
		a.terminal.colors = styles.NoColors
	}
	a.still = deps.NoMotion
	a.look(a.terminal.options())
	a.speak(deps.Lang)
	a.screens = []screen{newHomeScreen(a.scene)}
	if deps.Welcome {
		a.over = newWelcomeOverlay(a.scene)
	}
	if deps.Notes != nil {
		a.scene.notes = deps.Notes.Title
		a.screens = []screen{notesScreen(a.scene, deps.Notes)}
	}
	if text := a.in(deps.Notice); text != "" {
		a.notice = notice{text: text, bad: true, since: a.now}
	}
	return a
}

// Init asks the terminal for its background, and reads progress and course.
func (a *App) Init() tea.Cmd {
	cmds := []tea.Cmd{tea.RequestBackgroundColor, a.keeper.load(), a.keeper.watching()}
	switch {
	case a.course == nil && a.deps.Load != nil:
		cmds = append(cmds, loadCourse(a.crew, a.deps.Load))
	case a.outlined():
		cmds = append(cmds, loadCourse(a.crew, a.deps.LoadAll))
	}
	return tea.Batch(cmds...)
}

func (a *App) top() screen { return a.screens[len(a.screens)-1] }

// Update sends a message to whom it is for, acts on what comes back, and keeps
// time running while something on the screen depends on it.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.now = a.deps.Now()
	cmd := tea.Batch(a.handle(msg), a.watchWaits(), a.prose.layOutLong(a.crew))
	a.showAsking()
	return a, tea.Batch(cmd, a.tick())
}

func (a *App) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.w, a.h = msg.Width, msg.Height
		a.resize()
	case tea.BackgroundColorMsg:
		a.retheme(func(l *terminalLook) { l.dark, l.told = msg.IsDark(), true })
	case tea.ColorProfileMsg:
		a.retheme(func(l *terminalLook) { l.colors = colorsOf(msg.Profile, a.deps.NoColor) })
	case tea.KeyPressMsg:
		return a.key(msg)
	case tea.MouseMsg:
		return a.mouse(msg)
	case tea.PasteMsg:
		if a.over != nil {
			return a.act(a.over.Update(msg))
		}
		return a.act(a.top().Update(msg))
	case tea.FocusMsg:
		a.waits.blurred = false
	case tea.BlurMsg:
		a.waits.blurred = true
	case indexMsg:
		return a.indexed(msg)
	case tickMsg:
		return a.ticked(msg)
	case pageLaidMsg:
		a.pageLaid(msg)
	case pagesLaidMsg:
		return a.act(a.top().Update(msg))
	case linkOpenedMsg:
		a.linkOpened(msg)
	case courseMsg:
		return a.courseRead(msg)
	case savedMsg:
		return a.saved(msg)
	case storeChangedMsg:
		return tea.Batch(a.keeper.load(), a.keeper.awaitChange())
	case candidatesMsg:
		a.cluster.candidates, a.cluster.looking = msg.list, false
		a.resize()
	case stagesMsg:
		return a.staged(msg)
	case openedMsg:
		return a.opened(msg)
	case restartedMsg:
		return a.restarted(msg)
	case choreDoneMsg:
		return a.choreDone(msg)
	case suppliesMsg:
		return a.supplied(msg)
	case termsMsg:
		a.termsFound(msg)
	case approvedMsg:
		return a.approved(msg)
	case eventsMsg, logMsg:
		return a.viewed(msg)
	case reportMsg, runEndedMsg, answeredMsg, resetMsg, shellMsg, shellDrawnMsg, shellEndedMsg, commandRanMsg,
		laidMsg, editorMsg, editedMsg, reviewedMsg, restMsg, shellBrokenMsg:
		// The exercise goes on while other screens are shown.
		return a.exercised(msg)
	}
	return nil
}

// exercised gives a message to the exercise. While another screen is shown, where
// the learner is in the exercise is not where they are in the lesson.
func (a *App) exercised(msg tea.Msg) tea.Cmd {
	if a.exercise == nil {
		return nil
	}
	what, cmd := a.exercise.Update(msg)
	if _, ended := msg.(runEndedMsg); ended {
		cmd = tea.Batch(cmd, a.askTerms())
	}
	if v := a.viewer(); v != nil {
		cmd = tea.Batch(cmd, v.refresh())
	}
	if a.top() != screen(a.exercise) {
		switch what.(type) {
		case save:
			what = refresh{}
		case ask, goEdit:
			what = nil // it would come over something else
		}
	}
	return a.act(what, cmd)
}

func colorsOf(p colorprofile.Profile, none bool) styles.Colors {
	switch {
	case none || p == colorprofile.ASCII || p == colorprofile.NoTTY:
		return styles.NoColors
	case p == colorprofile.ANSI:
		return styles.SixteenColors
	}
	return styles.TrueColor
}

// resize gives every screen its size.
func (a *App) resize() {
	for _, s := range a.screens {
		s.Resize(a.w, a.h-linesAbove-linesBelow)
	}
	if a.exercise != nil {
		a.exercise.Resize(a.w, a.h-linesAbove-linesBelow)
	}
}

// tooSmall reports whether the terminal has no room for a screen.
func (a *App) tooSmall() bool { return a.w < minWidth || a.h < minHeight }

// key gives a key to the overlay, to the program, or to the screen.
func (a *App) key(msg tea.KeyPressMsg) tea.Cmd {
	if a.tooSmall() {
		if msg.String() == "ctrl+c" || msg.String() == "q" {
			return tea.Quit
		}
		return nil
	}
	if a.over != nil {
		if msg.String() == "ctrl+c" {
			if o, first := a.over.(*welcomeOverlay); first {
				return tea.Batch(a.act(o.welcomed(), nil), tea.Quit) // it is written at the end at the latest
			}
			return tea.Quit
		}
		return a.act(a.over.Update(msg))
	}
	if act, cmd, ok := press(msg, a.program()); ok {
		return a.act(act, cmd)
	}
	return a.act(a.top().Update(msg))
}

// program are the keys that work on every screen, as far as the screen leaves
// them.
func (a *App) program() []bound {
	k := a.keys
	interrupt := hidden(asks(k.Interrupt, quit{}))
	if _, there := a.top().(*clusterScreen); there && a.cluster.doing() && !a.cluster.chore.stopping {
		interrupt = nil // it stops what is under way
	}
	switch a.top().capturing() {
	case captureAll:
		return nil
	case captureText:
		if a.deps.Notes != nil {
			return interrupt
		}
		return append(hidden(asks(k.Palette, showPalette{})), interrupt...)
	}
	return append(a.everywhere(), interrupt...)
}

// everywhere are what can be done from every screen, also while a line is being
// typed and the keys belong to it.
func (a *App) everywhere() []bound {
	k, home := a.keys, len(a.screens) == 1
	bs := []bound{asks(k.Help, showHelp{})}
	if find := asks(k.Find, showPalette{}); !a.finds() && a.deps.Notes == nil {
		find.quiet = !home
		bs = append([]bound{find}, bs...)
	}
	more := []bound{asks(k.Language, switchLanguage{})}
	if _, there := a.top().(*clusterScreen); !there && a.deps.Notes == nil {
		more = append([]bound{asks(k.Cluster, goCluster{})}, more...)
	}
	rest := hidden(asks(k.Theme, switchTheme{}))
	if a.deps.Notes == nil { // from notes there is nowhere to go
		rest = append(rest, hidden(asks(k.Palette, showPalette{}))...)
	}
	if !home {
		more = hidden(append(more, asks(k.Home, goHome{}))...)
	}
	leave := asks(k.Quit, quit{})
	leave.quiet = !home
	return append(append(append(bs, more...), rest...), leave)
}

// finds reports whether the screen on top has a search of its own.
func (a *App) finds() bool {
	return slices.ContainsFunc(a.top().bindings(), func(b bound) bool { return slices.Contains(b.Keys(), "/") })
}

// mouse gives an event to the overlay or to the screen, in the screen's cells.
func (a *App) mouse(msg tea.MouseMsg) tea.Cmd {
	if a.tooSmall() {
		return nil
	}
	if a.over != nil {
		return a.act(a.over.Update(msg))
	}
	moved := msg.Mouse()
	moved.Y -= linesAbove
	switch msg.(type) {
	case tea.MouseClickMsg:
		msg = tea.MouseClickMsg(moved)
	case tea.MouseReleaseMsg:
		msg = tea.MouseReleaseMsg(moved)
	case tea.MouseWheelMsg:
		msg = tea.MouseWheelMsg(moved)
	case tea.MouseMotionMsg:
		msg = tea.MouseMotionMsg(moved)
	}
	return a.act(a.top().Update(msg))
}

// tick keeps time running: fast while a cluster starts, each second while ages
// or a notice are shown, and not at all otherwise.
func (a *App) tick() tea.Cmd {
	every := time.Duration(0)
	switch {
	case a.cluster.busy(), a.cluster.doing():
		every = a.beat()
	case a.notice.text != "", a.cluster.away != nil, a.top() == screen(a.exercise) && a.exercise != nil:
		every = time.Second
	}
	if every == 0 || a.ticking {
		return nil
	}
	a.ticking = true
	a.ticks++
	return tick(a.ticks, every)
}

func (a *App) ticked(msg tickMsg) tea.Cmd {
	if msg.tick != a.ticks {
		return nil
	}
	a.ticking = false
	if a.notice.over(a.now) {
		a.notice = notice{}
	}
	return a.act(a.top().Update(msg))
}

// outlined reports whether the course is an outline and the rest is to come.
func (a *App) outlined() bool {
	return a.course != nil && a.course.Outlined && a.deps.LoadAll != nil
}

func (a *App) courseRead(msg courseMsg) tea.Cmd {
	if msg.err != nil && a.course != nil {
		a.say(notice{text: msg.err.Error(), bad: true}) // the outline can still be seen
		return nil
	}
	a.course, a.courseErr = msg.course, msg.err
	a.resize()
	if a.outlined() {
		return loadCourse(a.crew, a.deps.LoadAll)
	}
	if p, open := a.over.(*paletteOverlay); open {
		return tea.Batch(a.searchable(p), a.start())
	}
	return a.start()
}

// saved takes in what the store knows. Before a newer change has been written,
// it would undo what is on the screen.
func (a *App) saved(msg savedMsg) tea.Cmd {
	if msg.err != nil {
		text := a.words.NotSaved + a.words.Colon + msg.err.Error()
		if store, ok := errors.AsType[*lessons.StoreError](msg.err); ok {
			text = store.Notice.In(a.lang)
		}
		a.say(notice{text: text, bad: true})
	}
	if msg.seq != a.keeper.seq {
		return nil
	}
	a.progress = msg.progress
	if home, ok := a.top().(*homeScreen); ok {
		if !a.known {
			home.cursor = 0 // the line that goes on with the last lesson
		}
		home.Resize(home.w, home.h)
	}
	a.known = true
	a.relearn()
	return a.start()
}

func (a *App) say(n notice) {
	n.since = a.now
	a.notice = n
}

// start opens the lesson that was asked for on the command line, once course and
// progress are there.
func (a *App) start() tea.Cmd {
	if a.course == nil || a.course.Outlined || !a.known {
		return nil
	}
	if what := a.wanted; what != nil {
		a.wanted = nil
		return a.act(*what, nil)
	}
	if a.deps.Start == "" {
		return nil
	}
	lesson := a.deps.Start
	a.deps.Start = ""
	return a.act(goOn{lesson}, nil)
}
