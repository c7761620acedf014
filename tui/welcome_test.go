package tui

import (
	"errors"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// welcomeScenes are the pages of the first run.
func welcomeScenes() map[string]func(b *bench) {
	return map[string]func(b *bench){
		"welcome": func(b *bench) { b.app.act(showWelcome{}, nil) },
		"welcome-cluster": func(b *bench) {
			b.app.act(showWelcome{}, nil)
			b.send(candidatesMsg{welcomeCandidates("sandbox")})
			b.keys("enter")
		},
		"welcome-shared": func(b *bench) {
			b.app.act(showWelcome{}, nil)
			b.send(candidatesMsg{welcomeCandidates("minikube")})
			b.keys("enter")
		},
		"welcome-keys": func(b *bench) { b.app.act(showWelcome{}, nil); b.keys("enter", "enter") },
	}
}

func welcomeCandidates(chosen string) []Candidate {
	list := []Candidate{
		{Choice: "sandbox", Name: "sandbox", Provider: "sandbox", Why: both("no minikube is running", "没有正在运行的 minikube")},
		{Choice: "minikube", Name: "minikube", Provider: "minikube", Running: true, Why: both("it is running", "它正在运行")},
		{Choice: "prod_*eu*", Name: "prod_*eu*", Provider: "existing", Problem: errors.New("no right to make namespaces")},
	}
	for i := range list {
		list[i].Chosen = list[i].Name == chosen
	}
	return list
}

func TestTheWelcomeIsShownOnce(t *testing.T) {
	t.Parallel()
	for _, end := range [][]string{
		{"enter", "enter", "enter"}, {"esc"}, {"enter", "esc"}, {"enter", "enter", "q"}, {"right", "left", "down", "up", "esc"},
	} {
		b := newBench(t, lessons.English, 80, 24)
		b.press()
		b.app.act(showWelcome{}, nil)
		b.shows("Welcome", "English", "中文")
		b.press(end...)
		if b.app.over != nil {
			t.Errorf("after %v the welcome is still shown", end)
		}
		if b.store.p.Screen.Welcomed.IsZero() {
			t.Errorf("after %v it would be shown again", end)
		}
		b.hides("Welcome")
	}
	// And once more, when it is asked for.
	b := newBench(t, lessons.English, 80, 24)
	b.press("ctrl+p")
	b.typed("welcome")
	b.press("enter")
	b.shows("1 of 3")
}

func TestQuittingInTheWelcomeEndsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.app.act(showWelcome{}, nil)
	b.send(keyPress("ctrl+c"))
	if b.app.progress.Screen.Welcomed.IsZero() {
		t.Error("it would be shown again")
	}
}

func TestTheWelcomeIsInTheLanguageThatIsChosen(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.app.act(showWelcome{}, nil)
	b.press("down")
	b.shows("欢迎", "第 1 页")
	if b.store.p.Lang != lessons.Chinese {
		t.Errorf("language %q was saved", b.store.p.Lang)
	}
	b.press("enter")
	b.shows("真实的 Kubernetes 集群")
}

func TestTheWelcomeSaysWhichClusterAndWhyItIsSafe(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.app.act(showWelcome{}, nil)
	b.press("enter")
	b.shows("Looking which cluster")
	b.send(candidatesMsg{welcomeCandidates("sandbox")})
	b.shows("Yours will be sandbox (no minikube is running)", "neither root nor a container")
	b.send(candidatesMsg{welcomeCandidates("prod_*eu*")})
	b.shows("prod_*eu*", "in a namespace of its own")
	b.hides("neither root")
	b.send(candidatesMsg{[]Candidate{}})
	b.hides("Looking which cluster")
}

// TestTheWelcomeFits wants all of it to be seen in the smallest window.
func TestTheWelcomeFits(t *testing.T) {
	t.Parallel()
	for _, lang := range lessons.Languages() {
		for name, set := range welcomeScenes() {
			b := newBench(t, lang, minWidth, minHeight)
			set(b)
			o := b.app.over.(*welcomeOverlay)
			block, w := o.block(minWidth, 200)
			if len(block) > minHeight-linesAbove-linesBelow || w > minWidth {
				t.Errorf("%s-%s has %d lines of %d cells:\n%s", name, lang, len(block), w, strings.Join(block, "\n"))
			}
			for _, plain := range []bool{true, false} {
				b.app.retheme(func(l *terminalLook) { l.plain = plain })
				b.frame()
			}
		}
	}
}
