package tui

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/paint"
	"github.com/k8stutor/k8stutor/tui/terminal"
	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// metered counts what is written to a terminal.
type metered struct {
	mu sync.Mutex
	n  int
	io.Writer
}

func (m *metered) Write(p []byte) (int, error) {
	m.mu.Lock()
	m.n += len(p)
	m.mu.Unlock()
	return m.Writer.Write(p)
}

// taken is how much was written since it was last asked.
func (m *metered) taken() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { m.n = 0 }()
	return m.n
}

// startPainted runs the program as Run does, with the painter, in a terminal.
func (w *world) startPainted(t testing.TB, width, height int) (*tuitest.T, *metered) {
	crew := newCrew(context.Background())
	screen := &later{there: make(chan struct{})}
	meter := &metered{Writer: screen}
	painter := paint.New(meter)
	tt := tuitest.Model(t, painted{App: newApp(w.deps, crew), painter: painter}, width, height, tea.WithOutput(painter.Output()), tea.WithFPS(beatsPerSecond))
	screen.Writer = tt
	close(screen.there)
	t.Cleanup(func() {
		tt.Stop()
		crew.end()
		painter.Close()
	})
	return tt, meter
}

// chineseCourse is the test's course with a page as long as those of our course.
func chineseCourse() *lessons.Course {
	c := testCourse()
	text := "你亲手创建的 Pod 不归任何人管，叫做裸 Pod（bare Pod）。删掉它，或者它所在的节点（node）坏了，它就永远消失。集群里没有谁记得你想要过它。"
	var page strings.Builder
	for n := range 30 {
		fmt.Fprintf(&page, "## 第 %d 节\n\n%s\n\n- `kubectl get pods` 列出 Pod\n- **控制器**不断比较期望和实际\n\n", n+1, strings.Repeat(text, 1+n%3))
	}
	services, _ := c.Lesson("services")
	services.Pages[0].Body = both(page.String(), page.String())
	return c
}

// TestAKeySendsLittle presses keys on Chinese screens of 120x36 cells and counts
// what is sent to the terminal: at most a kilobyte.
func TestAKeySendsLittle(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		scene string
		keys  []string
		most  int
	}{
		{"home", []string{"j", "k"}, 1024},
		{"lesson", []string{"j", "j", "j", "k", "k"}, 1000},
		{"exercise", []string{"h", "n"}, 1000},
		{"exercise", []string{"tab", "tab", "tab", "3", "1"}, 1024},
		{"exercise-terminal", []string{"l", "s", "你", "enter"}, 200},
		{"exercise-ask", []string{"1", "2"}, 200},
		{"quiz-single", []string{"j", "k"}, 1000},
		{"quiz-command", []string{"k", "你"}, 200},
		{"editor", []string{"x", "好", "left", "enter"}, 1000},
	} {
		b := newBench(t, lessons.Chinese, 120, 36)
		b.send(courseMsg{course: chineseCourse()})
		scenes()[tc.scene](b)
		sent := b.painting()
		if first := sent(); first < 500 {
			t.Errorf("%s: the whole screen takes %d bytes, so this proves nothing", tc.scene, first)
		}
		for _, k := range tc.keys {
			before := b.app.View().Content
			b.keys(k)
			n := sent()
			if changed := b.app.View().Content != before; n > tc.most || changed && n == 0 {
				t.Errorf("%s: key %s sends %d bytes, at most %d are wanted", tc.scene, k, n, tc.most)
			}
			t.Logf("%s: key %s: %d bytes", tc.scene, k, n)
		}
	}
}

// painting paints the bench's frames; the function returned says how many bytes
// it takes to show the newest.
func (b *bench) painting() func() int {
	meter := &metered{Writer: io.Discard}
	p := paint.New(meter)
	p.SetProfile(colorprofile.TrueColor)
	p.SetSync()
	b.t.Cleanup(p.Close)
	model := painted{App: b.app, painter: p}
	return func() int {
		model.View()
		p.Flush()
		return meter.taken()
	}
}

// BenchmarkKeyToPaint measures from a key to its effect on the terminal, with the
// exercise in Chinese on 200x60 cells and a shell beside it that prints without
// end; the 99th percentile must be at most 16 ms. It counts the emulator that
// plays the terminal, and the search for the effect on its screen.
func BenchmarkKeyToPaint(b *testing.B) {
	for _, by := range []string{"busy", "quiet"} {
		b.Run(by, func(b *testing.B) {
			w := newWorld(lessons.Chinese)
			w.deps.Shell = func(_ []string, width, height int) (Shell, error) {
				return terminal.Start(terminal.Config{Width: width, Height: height, Shell: "sh"})
			}
			tt, meter := w.startPainted(b, 200, 60)
			tt.Wait("动手学 Kubernetes")
			tt.Keys("down", "enter", "e")
			w.exercise.reports <- testReport()
			tt.Wait("Deployment 只要 1 个 Pod")
			if by == "busy" {
				tt.Keys("f6")
				tt.Type("i=0; while :; do i=$((i+1)); echo 第 $i 行 容器 web-$i Running; done\r")
				tt.WaitRE(`第 \d\d\d+ 行`)
				tt.Keys("f6")
			}
			var took []time.Duration
			sent := 0
			shown := false
			meter.taken()
			for b.Loop() {
				began := time.Now()
				if shown = !shown; shown {
					tt.Keys("?")
					tt.Wait("─ 按键 ─")
				} else {
					tt.Keys("esc")
					tt.Gone("─ 按键 ─")
				}
				took = append(took, time.Since(began))
				sent += meter.taken()
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
			b.ReportMetric(float64(sent)/float64(len(took)), "bytes/key")
			b.ReportMetric(0, "ns/op")
		})
	}
}
