package tui

import (
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// raws are the sequences that a command sends to the terminal.
func raws(cmd tea.Cmd) []string {
	if cmd == nil {
		return nil
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	select {
	case msg := <-done:
		switch msg := msg.(type) {
		case tea.RawMsg:
			return []string{msg.Msg.(string)}
		case tea.BatchMsg:
			var all []string
			for _, c := range msg {
				all = append(all, raws(c)...)
			}
			return all
		}
	case <-time.After(50 * time.Millisecond): // it waits for the world outside
	}
	return nil
}

// later lets the App's clock go on.
func (b *bench) later(d time.Duration) {
	at := b.app.deps.Now().Add(d)
	b.app.deps.Now = func() time.Time { return at }
}

func TestTheEndOfALongWaitIsTold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		lang     lessons.Lang
		blurred  bool
		noNotify bool
		waited   time.Duration
		failed   bool
		term     string
		want     string
	}{
		{"long, not looked at", lessons.English, true, false, 11 * time.Second, false, "xterm-256color", "\x1b]9;k8stutor: sandbox is open.\x1b\\\x07"},
		{"in Chinese, in foot", lessons.Chinese, true, false, 11 * time.Second, false, "foot", "\x1b]777;notify;k8stutor;sandbox 已打开。\x1b\\\x07"},
		{"failed", lessons.English, true, false, time.Minute, true, "xterm", "\x1b]9;k8stutor: "},
		{"short", lessons.English, true, false, 9 * time.Second, false, "xterm", ""},
		{"looked at", lessons.English, false, false, time.Minute, false, "xterm", ""},
		{"not wanted", lessons.English, true, true, time.Minute, false, "xterm", ""},
	} {
		b := newBench(t, tc.lang, 80, 24)
		b.app.deps.NoNotify, b.app.deps.Term = tc.noNotify, tc.term
		b.send(tea.BlurMsg{})
		if !tc.blurred {
			b.send(tea.FocusMsg{})
		}
		b.app.act(openCluster{}, nil)
		b.send(tickMsg{})
		b.later(tc.waited)
		msg := openedMsg{opening: b.app.openings, session: b.session, info: b.session.Info()}
		if tc.failed {
			msg = openedMsg{opening: b.app.openings, err: awayError()}
		}
		got := strings.Join(raws(b.send(msg)), "")
		if tc.want == "" && got != "" || !strings.HasPrefix(got, tc.want) {
			t.Errorf("%s: told is %q, want %q", tc.name, got, tc.want)
		}
		b.later(time.Minute)
		if again := raws(b.send(tickMsg{})); len(again) != 0 {
			t.Errorf("%s: told again: %q", tc.name, again)
		}
		if tc.noNotify && (b.app.View().ReportFocus || b.app.View().ProgressBar != nil) {
			t.Errorf("%s: the terminal is asked for its focus", tc.name)
		}
	}
}

func TestAStepThatWasWaitedForIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.inExercise()
	b.send(tea.BlurMsg{})
	b.report(waitingReport())
	if p := b.app.View().ProgressBar; p == nil || p.State != tea.ProgressBarIndeterminate {
		t.Errorf("while a step is waited for the progress is %v", p)
	}
	b.later(20 * time.Second)
	r := passedReport()
	r.Seq = 50
	got := strings.Join(raws(b.send(reportMsg{b.app.exercise.run.id, r})), "")
	if !strings.Contains(got, "Create a Deployment: pass") || strings.Count(got, "\x1b]9;") != 1 {
		t.Errorf("told is %q", got)
	}
	if p := b.app.View().ProgressBar; p != nil {
		t.Errorf("after it the progress is %v", p)
	}
}

func TestTheStartOfAClusterIsShownAsProgress(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	if b.app.View().ProgressBar != nil {
		t.Error("nothing goes on, and there is progress")
	}
	b.app.act(openCluster{}, nil)
	if p := b.app.View().ProgressBar; p == nil || p.State != tea.ProgressBarIndeterminate {
		t.Errorf("at the start the progress is %v", p)
	}
	b.send(stagesMsg{opening: b.app.openings, stages: []stage{{name: "etcd", state: stageDone}, {name: "a", state: stageRunning}, {name: "b"}, {name: "c"}}})
	if p := b.app.View().ProgressBar; p == nil || p.State != tea.ProgressBarDefault || p.Value != 25 {
		t.Errorf("after one stage of four the progress is %v", p)
	}
}

func TestANotificationCannotBeForged(t *testing.T) {
	t.Parallel()
	for _, term := range []string{"xterm", "foot-extra", "rxvt-unicode-256color"} {
		got := notification(term, "k8s;tutor", "a\x1b]0;owned\x07b\x1b\\c;d")
		body := strings.TrimSuffix(strings.TrimPrefix(got, "\x1b]"), "\x1b\\\x07")
		if strings.ContainsAny(body, "\x1b\x07") {
			t.Errorf("%s: %q", term, got)
		}
	}
}

// TestTheTitleOfTheWindowIsGivenBack reads what the program writes.
func TestTheTitleOfTheWindowIsGivenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(lessons.English)
	var out lockedBuffer
	in, keys := io.Pipe()
	defer keys.Close()
	done := make(chan error, 1)
	go func() { done <- runWith(t.Context(), w.deps, in, &out, tea.WithWindowSize(80, 24)) }()
	go func() {
		for { // until the program has ended and its input is closed
			if _, err := keys.Write([]byte("q")); err != nil {
				return
			}
		}
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	in.Close()
	all := out.String()
	if strings.Count(all, pushTitle) != 1 || strings.Count(all, popTitle) != 1 {
		t.Fatalf("the title is pushed %d times and popped %d times", strings.Count(all, pushTitle), strings.Count(all, popTitle))
	}
	first, last := strings.Index(all, "\x1b]2;"), strings.LastIndex(all, "\x1b]2;")
	if first < strings.Index(all, pushTitle) || last > strings.Index(all, popTitle) {
		t.Error("a title is set before the terminal's own is kept, or after it is given back")
	}
}
