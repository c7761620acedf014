package tui

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

var update = flag.Bool("update", false, "write the golden frames anew")

func noStyle() styles.Style { return styles.Style{} }

// frame returns the App's frame as text and proves its size.
func (b *bench) frame() string {
	b.t.Helper()
	lines := strings.Split(b.app.View().Content, "\n")
	if len(lines) != b.app.h {
		b.t.Errorf("the frame has %d lines, want %d", len(lines), b.app.h)
	}
	for i, l := range lines {
		if w := drawnWidth(l); w != b.app.w {
			b.t.Errorf("line %d is %d cells wide, want %d: %q", i, w, b.app.w, ansi.Strip(l))
		}
		lines[i] = strings.TrimRight(ansi.Strip(l), " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "frames", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test ./tui -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("frame %s (-want +got):\n%s", name, diff)
	}
}

// scenes are the states of the program whose frames are kept.
func scenes() map[string]func(b *bench) {
	all := map[string]func(b *bench){
		"home": func(b *bench) {},
		"home-resume": func(b *bench) {
			b.store.p.Lang = lessons.English
			lp := enter(&b.store.p, "services", lessons.PlaceExercise, "inspect")
			lp.Read["why"], lp.Passed["create"] = fixedTime(), fixedTime()
			b.app.known = false
			b.send(savedMsg{seq: b.app.keeper.seq, progress: b.store.Progress()})
		},
		"lesson":          func(b *bench) { b.app.act(goLesson{lesson: "services"}, nil) },
		"lesson-contents": func(b *bench) { b.app.act(goLesson{lesson: "services"}, nil); b.keys("t", "j") },
		"lesson-last":     func(b *bench) { b.app.act(goLesson{lesson: "services"}, nil); b.keys("n") },
		"exercise-opening": func(b *bench) {
			b.app.act(goExercise{lesson: "services"}, nil)
			b.send(stagesMsg{opening: b.app.openings, stages: []stage{
				{name: "etcd", state: stageDone, began: fixedTime(), ended: fixedTime().Add(90 * time.Millisecond)},
				{name: "kube-apiserver", state: stageRunning, began: fixedTime()},
				{name: "kubelet", state: stageWaiting}}})
		},
		"exercise": func(b *bench) { b.inExercise(); b.report(testReport()) },
		"exercise-hint": func(b *bench) {
			b.inExercise()
			b.report(testReport())
			b.keys("h")
		},
		"exercise-mistake": func(b *bench) { b.ranBadly() },
		"exercise-passed":  func(b *bench) { b.inExercise(); b.report(testReport()); b.report(passedReport()) },
		"exercise-waiting": func(b *bench) { b.inExercise(); b.report(waitingReport()) },
		"exercise-stuck":   func(b *bench) { b.inExercise(); b.report(stuckReport()) },
		"exercise-broken":  func(b *bench) { b.inExercise(); b.report(passedReport()); b.report(brokenReport()); b.keys("p") },
		"exercise-ask": func(b *bench) {
			b.inExercise()
			b.report(passedReport())
			b.keys("a", "2", "enter")
		},
		"exercise-question": func(b *bench) { b.inExercise(); b.report(testReport()); b.report(passedReport()); b.keys("enter") },
		"exercise-away": func(b *bench) {
			b.inExercise()
			b.report(testReport())
			b.report(awayReport())
		},
		"exercise-objects": func(b *bench) { b.inExercise(); b.report(testReport()); b.keys("2") },
		"picture":          func(b *bench) { b.inPicture() },
		"picture-filter":   func(b *bench) { b.inPicture(); b.keys("/", "c", "r", "a") },
		"picture-filtered": func(b *bench) { b.inPicture(); b.keys("/", "c", "r", "a", "enter") },
		"view-owner":       func(b *bench) { b.inPicture(); b.see(viewYAML, "Pod/web-69c6f74b8b-4qs48") },
		"view-sideways":    func(b *bench) { b.inPicture(); b.see(viewDescribe, "Pod/crash"); b.eventsCome(); b.keys("right") },
		"view-containers": func(b *bench) {
			b.inExercise()
			r := pictureReport(b.t)
			for _, l := range r.Snapshot.Kinds {
				for _, o := range l.Objects {
					if lessons.TextAt(o, "metadata", "name") == "crash" {
						spec := lessons.MapAt(o, "spec")
						spec["containers"] = append(lessons.ListAt(spec, "containers"), map[string]any{"name": "sidecar", "image": "busybox"})
					}
				}
			}
			b.report(r)
			b.see(viewLogs, "Pod/crash")
			b.logged("started")
		},
		"view-yaml":     func(b *bench) { b.inPicture(); b.see(viewYAML, "Deployment/web") },
		"view-describe": func(b *bench) { b.inPicture(); b.see(viewDescribe, "Pod/crash"); b.eventsCome() },
		"view-events":   func(b *bench) { b.inPicture(); b.see(viewEvents, "Pod/crash"); b.eventsCome() },
		"view-logs": func(b *bench) {
			b.inPicture()
			b.see(viewLogs, "Pod/crash")
			b.logged("listening on :80", "你好，世界")
		},
		"view-search": func(b *bench) {
			b.inPicture()
			b.see(viewYAML, "Deployment/web")
			b.keys("/", "n", "g", "i", "n", "x", "enter")
		},
		"exercise-terminal":  func(b *bench) { b.inExercise(); b.report(testReport()); b.keys("3", "l", "s") },
		"exercise-copy":      func(b *bench) { b.inCopyMode(); b.keys("v", "j", "w") },
		"exercise-copy-find": func(b *bench) { b.inCopyMode(); b.find("pod"); b.keys("j", "j") },
		"exercise-copy-type": func(b *bench) { b.inCopyMode(); b.keys("/", "P", "o") },
		"exercise-scrolled":  func(b *bench) { b.inTerminal(); b.keys("shift+pgup") },
		"exercise-reset":     func(b *bench) { b.inExercise(); b.report(testReport()); b.keys("x") },
		"exercise-resetting": func(b *bench) { b.inExercise(); b.report(testReport()); b.keys("x", "l") },
		"exercise-foretell":  func(b *bench) { b.inDrill(b.t.TempDir()); b.keys("a", "3") },
		"exercise-foretold": func(b *bench) {
			b.inDrill(b.t.TempDir())
			b.report(drillReport(2, lessons.Pass, &lessons.Prediction{Said: "2", Outcome: "3", Known: true}))
		},
		"exercise-file":          func(b *bench) { b.atWrite(b.t.TempDir()); b.refused() },
		"exercise-file-unseen":   func(b *bench) { b.atWrite(b.t.TempDir()); b.laidAt("/home/you/site.yaml") },
		"exercise-file-apply":    func(b *bench) { b.atWrite(b.t.TempDir()); b.accepted() },
		"exercise-file-accepted": func(b *bench) { b.atWrite(b.t.TempDir()); b.accepted(); b.keys("n") },
		"exercise-file-applied":  func(b *bench) { b.atWrite(b.t.TempDir()); b.accepted(); b.keys("n", "d"); b.applied() },
		"editor": func(b *bench) {
			b.atWrite(b.t.TempDir())
			b.refused()
			b.editing(faultyPod + "# 说明：“网站”\n")
			b.keys("x")
		},
		"cluster-open": func(b *bench) { b.inExercise(); b.keys("c") },
		"cluster-failed": func(b *bench) {
			b.app.act(goExercise{lesson: "services"}, nil)
			b.send(openedMsg{opening: b.app.openings, err: awayError()})
		},
		"quiz-single":       func(b *bench) { b.app.act(goQuiz{"services"}, nil); b.keys("j") },
		"quiz-marked":       func(b *bench) { b.app.act(goQuiz{"services"}, nil); b.keys("enter") },
		"quiz-multiple":     func(b *bench) { b.quizAt(1); b.keys("space", "j") },
		"quiz-order":        func(b *bench) { b.quizAt(3); b.keys("J") },
		"quiz-command":      func(b *bench) { b.quizAt(4); b.keys("k", "u", "b", "e", "你", "好", "left") },
		"quiz-command-left": func(b *bench) { b.quizAt(4); b.keys("k", "esc") },
		"exercise-predict":  func(b *bench) { b.inDrill(b.t.TempDir()) },
		"quiz-order-marked": func(b *bench) { b.quizAt(3); b.keys("enter") },
		"quiz-field":        func(b *bench) { b.askManifest(0); b.keys("w", "e", "你") },
		"quiz-field-left":   func(b *bench) { b.askManifest(0); b.keys("esc") },
		"quiz-field-marked": func(b *bench) { b.askManifest(0); b.keys("W", "e", "b", "enter") },
		"quiz-spot":         func(b *bench) { b.askManifest(1); b.keys("j", "j") },
		"quiz-spot-marked":  func(b *bench) { b.askManifest(1); b.keys("j", "enter") },
		"quiz-summary":      func(b *bench) { b.quizAt(5) },
		"notice":            func(b *bench) { b.app.say(notice{text: "disk full", bad: true}) },
	}
	maps.Copy(all, reviewScenes())
	maps.Copy(all, paletteScenes())
	maps.Copy(all, welcomeScenes())
	maps.Copy(all, helpScenes())
	maps.Copy(all, readingScenes())
	maps.Copy(all, clusterScenes())
	return all
}

// quizAt gives up on questions up to the nth.
func (b *bench) quizAt(n int) {
	b.app.act(goQuiz{"services"}, nil)
	for range n {
		if b.app.top().capturing() == captureText {
			b.keys("esc")
		}
		b.keys("s", "n")
	}
}

// frameSizes are the sizes of terminals whose frames are kept: the smallest, the
// usual one, a wide one and a large one.
func frameSizes() [][2]int { return [][2]int{{60, 20}, {80, 24}, {120, 40}, {200, 60}} }

func TestFramesLookAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, lang := range lessons.Languages() {
		for _, size := range frameSizes() {
			for name, set := range scenes() {
				full := fmt.Sprintf("%s-%s-%dx%d", name, lang, size[0], size[1])
				t.Run(full, func(t *testing.T) {
					t.Parallel()
					b := newBench(t, lang, size[0], size[1])
					set(b)
					golden(t, full, b.frame())
				})
			}
		}
	}
}

func TestATooSmallWindowSaysWhatIsNeeded(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 50, 12)
	if got := b.frame(); !strings.Contains(got, "60 x 20") || !strings.Contains(got, "50 x 12") {
		t.Errorf("the frame does not say the sizes:\n%s", got)
	}
	b.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	if got := b.frame(); !strings.Contains(got, "Kubernetes, by doing") {
		t.Errorf("after growing, the course is not shown:\n%s", got)
	}
}
