package tui

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/picture"
)

// recorded is a snapshot of a workspace on a real API server, with Pods that
// run, crash and cannot be pulled.
func recorded(t testing.TB) lessons.Snapshot {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "objects.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Items []lessons.Object }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	snap := lessons.Snapshot{Seq: 1, Kinds: map[lessons.Kind]lessons.Listing{}}
	for _, o := range list.Items {
		kind, known := lessons.KindNamed(lessons.TextAt(o, "kind"))
		if !known {
			t.Fatalf("the recorded %s is of no known kind", lessons.TextAt(o, "kind"))
		}
		l := snap.Kinds[kind]
		l.Synced, l.Objects = true, append(l.Objects, o)
		snap.Kinds[kind] = l
	}
	return snap
}

// pictureReport is a report with the recorded workspace.
func pictureReport(t testing.TB) lessons.Report {
	r := testReport()
	r.Snapshot = recorded(t)
	return r
}

// inPicture goes to the cluster pane of a workspace with something in it.
func (b *bench) inPicture() {
	b.inExercise()
	b.report(pictureReport(b.t))
	b.keys("2")
}

// see opens a view of an object.
func (b *bench) see(kind viewKind, object string) {
	b.t.Helper()
	n := b.app.exercise.objects.graph.Node(object)
	if n == nil && b.nasty { // the poison is in its name
		for i := range b.app.exercise.objects.graph.Nodes {
			if one := &b.app.exercise.objects.graph.Nodes[i]; strings.HasPrefix(one.Key, object) {
				n = one
			}
		}
	}
	if n == nil {
		b.t.Fatalf("there is no %s", object)
	}
	b.app.act(goView{kind, identity(n)}, nil)
}

// eventsCome answers the question for events.
func (b *bench) eventsCome() {
	event := func(kind, reason, message, last string, count float64) lessons.Object {
		o := lessons.Object{"kind": "Event", "type": kind, "reason": reason, "message": message, "lastTimestamp": last, "count": count, "source": map[string]any{"component": "kubelet"}}
		if b.nasty {
			o = poisoned(o)
		}
		return o
	}
	v := b.app.viewer()
	b.send(eventsMsg{viewer: v, events: []lessons.Object{
		event("Warning", "BackOff", "Back-off restarting failed container", "2026-11-23T12:00:10Z", 4),
		event("Normal", "Pulled", "Container image \"busybox:1.37\" already present", "2026-11-23T11:58:00Z", 1),
		event("Warning", "BackOff", "Back-off restarting failed container", "2026-11-23T12:00:20Z", 1),
	}})
}

// logged has a log print lines.
func (b *bench) logged(lines ...string) {
	v := b.app.viewer()
	if b.nasty {
		lines = append(lines, nasty)
	}
	v.log.change(func() { v.log.waiting = append(v.log.waiting, lines...) })
	b.send(logMsg{v.log})
}

func TestObjectsOfOtherNamespacesAreNotShown(t *testing.T) {
	t.Parallel()
	g := picture.Build(picture.Source{Snapshot: recorded(t), Namespace: "default", Words: picture.WordsIn(lessons.English)})
	if len(g.Nodes) != 0 {
		t.Errorf("%d objects are shown, the first is %s", len(g.Nodes), g.Nodes[0].Key)
	}
}

func TestChangedObjectsAreMarkedForAMoment(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	now := fixedTime()
	b.app.deps.Now = func() time.Time { return now }
	b.inExercise()
	b.report(testReport())
	b.hides("◆")
	changed := testReport()
	changed.Seq = 2
	changed.Snapshot.Kinds = map[lessons.Kind]lessons.Listing{podKind: {Synced: true, Objects: []lessons.Object{pod("web-new", "Pending", "")}}}
	b.report(changed)
	b.shows("◆◐ web-new", "◆✗ web-7d4b9c6f5-k2x8p", "deleted")
	now = now.Add(time.Second)
	b.send(tickMsg{tick: b.app.ticks})
	b.shows("◆◐ web-new")
	now = now.Add(time.Second)
	b.send(tickMsg{tick: b.app.ticks})
	b.hides("◆", "web-7d4b9c6f5-k2x8p")
	b.shows("web-new")
}

// TestWhatNoStepAsksForIsShownToo has the rest of the workspace come after the
// report, and change after that.
func TestWhatNoStepAsksForIsShownToo(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.inExercise()
	b.report(testReport())
	b.hides("settings")
	config, _ := lessons.KindNamed("ConfigMap")
	made := func(entries ...string) lessons.Snapshot {
		data := map[string]any{}
		for _, e := range entries {
			data[e] = "x"
		}
		return lessons.Snapshot{Seq: 1, Kinds: map[lessons.Kind]lessons.Listing{config: {Synced: true, Objects: []lessons.Object{{"kind": "ConfigMap",
			"metadata": map[string]any{"name": "settings", "namespace": "k8stutor-services", "uid": "c"}, "data": data}}}}}
	}
	b.send(restMsg{b.app.exercise.rest, made("a")})
	b.shows("ConfigMap settings  1 entries")
	b.hides("◆")
	b.send(restMsg{b.app.exercise.rest, made("a", "b")})
	b.shows("◆· ConfigMap settings  2 entries")
	b.send(restMsg{&restWatch{}, made()}) // of a watch that has ended
	b.shows("2 entries")
}

func TestThePictureIsWalkedWithKeysAndMouse(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 170, 60)
	b.inPicture()
	p := &b.app.exercise.objects
	first := p.selected
	b.keys("down")
	if p.selected == first {
		t.Error("down selects nothing else")
	}
	b.keys("right")
	right := p.selected
	b.keys("left")
	if right == "" || p.selected == right {
		t.Errorf("right goes to %q, left from there to %q", right, p.selected)
	}
	b.keys("G")
	last := p.selected
	b.keys("g")
	if p.selected != first || last == first {
		t.Errorf("G goes to %q, g back to %q and not to %q", last, p.selected, first)
	}
	// A click selects, another opens.
	_, area, _ := b.app.exercise.areas()
	y := -1
	for i, s := range p.drawing.Stops {
		if s.Key == "Pod/crash" {
			p.choose(i)
			y = s.Line - p.view.top
			p.selected = first
			b.send(tea.MouseClickMsg{X: area.x + s.X, Y: area.y + y + linesAbove, Button: tea.MouseLeft})
			if p.selected != "Pod/crash" {
				t.Errorf("the click selects %q", p.selected)
			}
			b.send(tea.MouseClickMsg{X: area.x + s.X, Y: area.y + y + linesAbove, Button: tea.MouseLeft})
		}
	}
	b.shows("apiVersion: v1", "kind: Pod", "name: crash")
	b.keys("esc")
	b.shows("Objects")
}

func TestTheFilterKeepsWhatMatches(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.inPicture()
	b.shows("Deployment shop")
	b.keys("/")
	for _, k := range "crash" {
		b.keys(string(k))
	}
	b.shows("filter: crash", "CrashLoopBackOff")
	b.hides("Deployment shop")
	b.keys("enter", "enter") // done, and open what is selected
	b.shows("kind: Pod")
	b.keys("esc", "esc")
	b.shows("Deployment shop")
	b.keys("/", "q", "q", "q")
	b.shows("Nothing matches “qqq”.")
}

func TestTheOwnerIsFound(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.inPicture()
	p := &b.app.exercise.objects
	for i, s := range p.drawing.Stops {
		if strings.HasPrefix(s.Key, "Pod/web-") {
			p.choose(i)
			break
		}
	}
	b.keys("o")
	if !strings.HasPrefix(p.selected, "ReplicaSet/web-") {
		t.Errorf("the owner is %q", p.selected)
	}
	b.keys("o")
	if p.selected != "Deployment/web" {
		t.Errorf("its owner is %q", p.selected)
	}
}

func TestNoiseIsFoldedAndSearchFindsLines(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.inPicture()
	b.see(viewYAML, "Deployment/web")
	b.shows("uid, ", "lines folded", "replicas: 5")
	b.hides("resourceVersion:")
	b.keys("enter")
	b.shows("resourceVersion:")
	b.keys("enter", "/")
	for _, k := range "NGINX" {
		b.keys(string(k))
	}
	b.shows("/NGINX  1 of ")
	b.keys("enter", "n")
	b.shows("/NGINX  2 of ")
	b.keys("N", "N")
	if v := b.app.viewer(); v.text.at != len(v.text.matches)-1 {
		t.Errorf("before the first match comes %d", v.text.at)
	}
	b.keys("esc")
	b.hides("/NGINX")
	if cmd := b.send(keyPress("y")); cmd == nil {
		t.Error("y copies nothing")
	}
	b.shows("lines copied")
}

func TestAViewFollowsItsObject(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 100, 30)
	b.inExercise()
	b.report(testReport())
	b.see(viewYAML, "Pod/web-7d4b9c6f5-k2x8p")
	b.shows("phase: Running")
	changed := testReport()
	changed.Seq = 2
	changed.Snapshot.Kinds = map[lessons.Kind]lessons.Listing{podKind: {Synced: true, Objects: []lessons.Object{pod("web-7d4b9c6f5-k2x8p", "Failed", "")}}}
	b.report(changed)
	b.shows("phase: Failed")
	changed.Seq, changed.Snapshot.Kinds = 3, map[lessons.Kind]lessons.Listing{podKind: {Synced: true}}
	b.report(changed)
	b.shows("was deleted", "phase: Failed")
}

func TestEventsAreGrouped(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 100, 30)
	b.inPicture()
	b.see(viewEvents, "Pod/crash")
	b.shows("Reading…")
	b.eventsCome()
	b.shows("BackOff  ×5", "10s", "Pulled")
	if f := b.frame(); strings.LastIndex(f, "Pulled") > strings.LastIndex(f, "BackOff") {
		t.Errorf("the newest event is not last:\n%s", f)
	}
	b.send(eventsMsg{viewer: b.app.viewer(), err: errors.New("forbidden by policy")})
	b.shows("The events cannot be read: forbidden by policy")
}

// fakeLogs prints what a test writes.
type fakeLogs struct {
	mu     sync.Mutex
	asked  []lessons.LogRequest
	r      io.ReadCloser
	failed error
}

func (f *fakeLogs) ReadLogs(_ context.Context, r lessons.LogRequest) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r)
	return f.r, f.failed
}

func TestALogIsBounded(t *testing.T) {
	t.Parallel()
	lines := strings.Repeat(strings.Repeat("x", 99)+"\n", 3*logLines) + strings.Repeat("y", 3*logPiece) + "\nlast"
	l := newLogStream(t.Context(), lessons.LogRequest{Pod: "p"})
	l.read(&fakeLogs{r: io.NopCloser(strings.NewReader(lines))})
	text, dropped, ended, err := l.take()
	if !ended || err != nil || len(text) > logLines || len(text)+dropped != 3*logLines+4 || text[len(text)-1] != "last" {
		t.Errorf("%d lines kept, %d dropped, ended %v, error %v, the last is %.20q", len(text), dropped, ended, err, text[len(text)-1])
	}
	failing := newLogStream(t.Context(), lessons.LogRequest{})
	failing.read(&fakeLogs{failed: errors.New("no such container")})
	if _, _, ended, err := failing.take(); !ended || err == nil {
		t.Errorf("a log that cannot be read: ended %v, error %v", ended, err)
	}
}

// TestALogEndsWithItsView reads a log that never ends.
func TestALogEndsWithItsView(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 100, 30)
	b.inPicture()
	r, w := io.Pipe()
	logs := &fakeLogs{r: r}
	b.session.logs = logs
	b.see(viewLogs, "Pod/crash")
	stream := b.app.viewer().log
	done := make(chan struct{})
	go func() { stream.read(logs); close(done) }()
	if _, err := io.WriteString(w, "hello\n"); err != nil {
		t.Fatal(err)
	}
	<-stream.news
	b.send(logMsg{stream})
	b.shows("hello", "following")
	b.keys("esc")
	<-done // the reader has ended, and closed what it read
	if _, err := io.WriteString(w, "more\n"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the log is still open: %v", err)
	}
	if logs.asked[0].Container == "" || !logs.asked[0].Follow || logs.asked[0].Lines != logLines {
		t.Errorf("asked for %+v", logs.asked[0])
	}
}
