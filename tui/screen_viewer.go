package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/inspect"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/picture"
)

// viewKind is what is seen of an object.
type viewKind int

const (
	viewYAML viewKind = iota
	viewDescribe
	viewEvents
	viewLogs
)

// goView shows an object of the cluster pane, by its identity.
type goView struct {
	kind   viewKind
	object string
}

func (goView) action() {}

// viewerScreen shows one object of the workspace: its YAML, what matters of it, its
// events, or what its containers print. It follows the object.
type viewerScreen struct {
	*scene
	crew    *crew
	session Session
	graph   func() *picture.Graph // the newest

	kind  viewKind
	id    string // of the object
	node  *picture.Node
	gone  bool
	noise bool // of the YAML is shown

	asking    bool // for events
	told      bool // events are known
	events    []lessons.Object
	eventsErr error
	seen      string // resourceVersion that the events were asked for

	log       *logStream
	logText   []string
	dropped   int
	ended     bool
	logErr    error
	container int
	previous  bool
	follow    bool

	text pager
	w, h int
}

func newViewerScreen(s *scene, c *crew, session Session, graph func() *picture.Graph) *viewerScreen {
	return &viewerScreen{scene: s, crew: c, session: session, graph: graph, follow: true}
}

func (s *viewerScreen) title() []string {
	if s.node == nil {
		return nil
	}
	name := s.node.Kind + " " + s.node.Name
	w := s.words.Picture
	return []string{name, [...]string{w.YAML, w.Describe, w.Events, w.Logs}[s.kind]}
}

func (s *viewerScreen) capturing() capture {
	if s.text.typing {
		return captureText
	}
	return captureNone
}

// show turns to a view of an object.
func (s *viewerScreen) show(kind viewKind, id string) tea.Cmd {
	other := id != s.id
	s.kind, s.id = kind, id
	s.text.reset()
	if other {
		s.node, s.events, s.told, s.seen, s.container, s.previous = nil, nil, false, "", 0, false
	}
	s.stop()
	cmd := s.refresh()
	if kind == viewLogs {
		cmd = tea.Batch(cmd, s.readLog())
	}
	return cmd
}

// stop ends the reading of a log.
func (s *viewerScreen) stop() {
	if s.log != nil {
		s.log.cancel()
		s.log = nil
	}
}

// refresh takes the object as it is now, and asks for its events when it has changed.
func (s *viewerScreen) refresh() tea.Cmd {
	s.gone = true
	if g := s.graph(); g != nil {
		for i := range g.Nodes {
			if n := &g.Nodes[i]; identity(n) == s.id && n.Health != picture.Gone {
				s.node, s.gone = n, false
			}
		}
	}
	if s.node != nil && s.kind == viewLogs && s.log != nil && s.ended && !s.previous && !s.gone {
		// The Pod is another than when its log ended: the container may have started.
		if version := lessons.TextAt(s.node.Object, "metadata", "resourceVersion"); version != s.seen {
			s.seen = version
			return s.readLog()
		}
	}
	defer s.build()
	reader, can := s.session.(EventReader)
	if s.node == nil || s.asking || !can || s.kind != viewDescribe && s.kind != viewEvents {
		return nil
	}
	version := lessons.TextAt(s.node.Object, "metadata", "resourceVersion")
	if s.told && version == s.seen {
		return nil
	}
	s.asking, s.seen = true, version
	return readEvents(s.crew, s, reader, s.node.Namespace, s.node.UID)
}

// containers lists the containers of the Pod by name, those that run first.
func (s *viewerScreen) containers() []string {
	var names []string
	for _, kind := range []string{"containers", "initContainers", "ephemeralContainers"} {
		for _, c := range lessons.ListAt(s.node.Object, "spec", kind) {
			names = append(names, lessons.TextAt(c, "name"))
		}
	}
	return names
}

// readLog begins to read the log of the chosen container.
func (s *viewerScreen) readLog() tea.Cmd {
	s.stop()
	s.logText, s.dropped, s.ended, s.logErr = nil, 0, false, nil
	reader, can := s.session.(LogReader)
	if s.node == nil || !can {
		s.ended = true
		s.build()
		return nil
	}
	r := lessons.LogRequest{Namespace: s.node.Namespace, Pod: s.node.Name, Previous: s.previous, Follow: !s.previous, Lines: logLines}
	if names := s.containers(); len(names) > 0 {
		s.container %= len(names)
		r.Container = names[s.container]
	}
	s.log = newLogStream(s.crew.ctx, r)
	s.build()
	return tea.Batch(runLog(s.crew, s.log, reader), watchLog(s.crew, s.log))
}

func (s *viewerScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.build()
}

func (s *viewerScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		if a, cmd, ok := press(msg, s.bindings()); ok {
			return a, cmd
		}
		if s.text.typing {
			s.text.key(msg)
		}
	case tea.PasteMsg:
		if s.text.typing {
			s.text.input.insert(msg.Content)
		}
	case tea.MouseWheelMsg:
		s.scroll(wheel(msg))
	case eventsMsg:
		if msg.viewer != s {
			return nil, nil
		}
		s.asking, s.told, s.eventsErr = false, true, msg.err
		if msg.err == nil {
			s.events = msg.events
		}
		return nil, s.refresh()
	case logMsg:
		if msg.stream != s.log {
			return nil, nil
		}
		lines, dropped, ended, err := s.log.take()
		s.logText = append(s.logText, lines...)
		if over := len(s.logText) - logLines; over > 0 {
			s.logText, dropped = slices.Clone(s.logText[over:]), dropped+over
		}
		s.dropped, s.ended, s.logErr = s.dropped+dropped, ended, err
		s.build()
		if !ended {
			return nil, watchLog(s.crew, s.log)
		}
	}
	return nil, nil
}

// scroll moves the window. A log that was left is no longer followed.
func (s *viewerScreen) scroll(n int) {
	s.text.view.by(n)
	s.follow = s.text.view.atEnd()
}

// build makes the lines of the view.
func (s *viewerScreen) build() {
	if s.node == nil {
		s.text.set(nil)
		return
	}
	age := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return age(s.now.Sub(t))
	}
	w := inspect.WordsIn(s.lang)
	var lines []inspect.Line
	switch s.kind {
	case viewYAML:
		lines = inspect.YAML(s.node.Object, inspect.Fold{Noise: !s.noise, Note: func(fields []string, n int) string {
			return fmt.Sprintf(w.Folded, strings.Join(fields, ", "), n)
		}})
	case viewDescribe:
		lines = inspect.Describe(inspect.Subject{Graph: s.graph(), Node: s.node, Events: inspect.Events(s.events), Age: age, Words: w})
	case viewEvents:
		lines = s.eventLines(w, age)
	case viewLogs:
		lines = make([]inspect.Line, len(s.logText))
		for i, l := range s.logText {
			lines[i] = inspect.Line{{Text: markdown.Clean(l)}}
		}
	}
	s.text.set(lines)
	s.text.layOut(s.w, max(0, s.h-len(s.heading())))
	if s.kind == viewLogs && s.follow {
		s.text.view.by(s.text.view.total)
	}
}

func (s *viewerScreen) eventLines(w *inspect.Words, age func(time.Time) string) []inspect.Line {
	p := s.words.Picture
	switch {
	case s.eventsErr != nil:
		return []inspect.Line{{{Text: markdown.Clean(p.EventsUnread + s.words.Colon + s.explain(s.eventsErr)), Role: inspect.Bad}}}
	case !s.told:
		return []inspect.Line{{{Text: p.Loading, Role: inspect.Dim}}}
	case len(s.events) == 0:
		return []inspect.Line{{{Text: p.NoEvents, Role: inspect.Dim}}}
	}
	return inspect.EventLines(inspect.Events(s.events), w, age)
}

// bindings lists the keys that work now.
func (s *viewerScreen) bindings() []bound {
	k := s.keys
	if s.text.typing {
		return []bound{does(k.Send, func() { s.text.find() }), does(k.Cancel, func() { s.text.reset() })}
	}
	var bs []bound
	if s.text.sought() {
		bs = append(bs, does(k.Cancel, func() { s.text.reset() }))
	} else {
		bs = append(bs, asks(k.Back, goBack{}))
	}
	to := func(kind viewKind) func() (action, tea.Cmd) {
		return func() (action, tea.Cmd) { return nil, s.show(kind, s.id) }
	}
	if s.kind == viewYAML {
		bs = append(bs, does(k.Noise, func() { s.noise = !s.noise; s.build() }))
	} else {
		bs = append(bs, on(k.YAML, to(viewYAML)))
	}
	for _, v := range []struct {
		kind viewKind
		b    bound
	}{{viewDescribe, on(k.Describe, to(viewDescribe))}, {viewEvents, on(k.Events, to(viewEvents))}, {viewLogs, on(k.Logs, to(viewLogs))}} {
		if v.kind != s.kind && (v.kind != viewLogs || s.node != nil && s.node.Kind == "Pod") {
			bs = append(bs, v.b)
		}
	}
	if g := s.graph(); s.node != nil && g != nil {
		if owner := g.Owner(s.node.Key); owner != nil {
			bs = append(bs, asks(k.Owner, goView{viewYAML, identity(owner)}))
		}
	}
	if s.kind == viewLogs && s.node != nil {
		if len(s.containers()) > 1 {
			bs = append(bs, on(k.Container, func() (action, tea.Cmd) { s.container++; return nil, s.readLog() }))
		}
		bs = append(bs, on(k.Previous, func() (action, tea.Cmd) { s.previous = !s.previous; return nil, s.readLog() }),
			does(k.Follow, func() { s.follow = !s.follow; s.build() }))
	}
	bs = append(bs, does(k.Seek, func() { s.text.ask() }))
	if s.text.sought() && len(s.text.matches) > 0 {
		bs = append(bs, does(k.NextMatch, func() { s.text.next(1) }), does(k.PrevMatch, func() { s.text.next(-1) }))
	}
	if len(s.text.lines) > 0 {
		bs = append(bs, on(k.Copy, func() (action, tea.Cmd) {
			return say{notice{text: fmt.Sprintf(s.words.Picture.Copied, len(s.text.lines))}}, tea.SetClipboard(inspect.Text(s.text.lines))
		}), does(k.Wrap, func() { s.text.wrap = !s.text.wrap; s.text.left = 0; s.text.stale = true; s.build() }))
		if !s.text.wrap && s.text.widest <= s.w {
			bs = bs[:len(bs)-1] // nothing to wrap
		}
	}
	if s.text.left > 0 {
		bs = append(bs, hidden(does(k.Left, func() { s.text.across(-1) }))...)
	}
	if s.text.left < s.text.rightmost() {
		bs = append(bs, hidden(does(k.Right, func() { s.text.across(1) }))...)
	}
	for _, b := range k.scrolling(&s.text.view) {
		run := b.run
		b.run = func() (action, tea.Cmd) {
			a, cmd := run()
			s.follow = s.text.view.atEnd()
			return a, cmd
		}
		bs = append(bs, b)
	}
	return bs
}

// heading are the lines above the text.
func (s *viewerScreen) heading() []string {
	st, w := s.styles, s.words.Picture
	if s.node == nil {
		return nil
	}
	p := newPen(s.w).space(st.Text, 1).put(st.Dim, s.node.Kind+" ").put(st.Strong, s.node.Name)
	if s.kind == viewLogs {
		if names := s.containers(); len(names) > 0 {
			of := w.OfContainer
			if s.previous {
				of = w.OfPrevious
			}
			p.space(st.Text, 2).put(st.Dim, fmt.Sprintf(of, names[s.container%len(names)]))
		}
	} else {
		p.space(st.Text, 2).put(pictureLook(st, healthRole(s.node.Health)), s.node.State)
	}
	note := ""
	switch {
	case s.text.typing && !s.text.sought():
		note = "/"
	case s.text.sought() && len(s.text.matches) == 0:
		note = "/" + s.text.input.text + "  " + w.NoMatch
	case s.text.sought():
		note = "/" + s.text.input.text + "  " + fmt.Sprintf(w.Matches, s.text.at+1, len(s.text.matches))
	case s.kind == viewLogs && s.follow && !s.ended:
		note = w.LogsFollow
	}
	out := []string{p.columnRight(st.Active, markdown.Truncate(note, max(0, p.left-2), "…")+" ", p.left).line()}
	say := func(look bool, text string) {
		style := st.Dim
		if look {
			style = st.Bad
		}
		for _, l := range markdown.Wrap(text, s.w-2) {
			out = append(out, newPen(s.w).space(st.Text, 1).put(style, l).line())
		}
	}
	switch {
	case s.gone:
		say(true, fmt.Sprintf(w.Gone, s.node.Name))
	case s.kind != viewLogs:
	case s.logErr != nil:
		say(true, w.LogsUnread+s.words.Colon+s.logRefusal())
	case s.dropped > 0:
		say(false, fmt.Sprintf(w.LogsCut, logLines))
	case len(s.logText) == 0 && s.ended:
		say(false, w.LogsEnded)
	case len(s.logText) == 0:
		say(false, w.NoLogs)
	}
	return append(out, newPen(s.w).put(st.Border, strings.Repeat(st.Glyphs.Box.Across, s.w)).line())
}

// logRefusal says why the log cannot be read. Where the API server itself says why,
// that is all: the container has not started, or has no run before this one.
func (s *viewerScreen) logRefusal() string {
	if ce := clusterError(s.logErr); ce != nil && ce.Trouble == lessons.Refused && ce.Err != nil {
		return ce.Err.Error()
	}
	return s.explain(s.logErr)
}

// healthRole is the role of a state in a picture.
func healthRole(h picture.Health) picture.Role {
	return [...]picture.Role{picture.RoleInert, picture.RoleGood, picture.RoleProgressing, picture.RoleBroken, picture.RoleGone}[min(h, picture.Gone)]
}

func (s *viewerScreen) View() (string, *tea.Cursor) {
	head := s.heading()
	return join(sized(append(head, s.text.render(s.styles)...), s.w, s.h)), nil
}
