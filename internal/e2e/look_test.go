package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// newcomer opens the tutor for somebody who has never been here.
func newcomer(tb testing.TB, home, locale string, args ...string) learner {
	tb.Helper()
	cmd := exec.Command(built.tutor, args...)
	cmd.Env = environment(home, locale)
	cmd.Dir = home
	if err := os.Remove(filepath.Join(home, "state", "k8stutor", "progress.json")); err != nil {
		tb.Fatal(err)
	}
	return learner{tuitest.Setup{Timeout: 20 * time.Second}.Command(tb, cmd, 80, 24), lessons.Chinese, cmd}
}

// TestFirstRun welcomes a newcomer once, in the language of their locale, which
// they change.
func TestFirstRun(t *testing.T) {
	home := t.TempDir()
	l := newcomer(t, home, "zh_CN.UTF-8")
	l.Wait("第 1 页，共 3 页")
	l.Keys("up")
	l.Wait("1 of 3")
	l.Keys("enter")
	l.Wait("Yours will be")
	l.Keys("enter")
	l.Wait("Three keys are enough")
	l.Keys("enter")
	l.Gone("Welcome")
	l.Keys("q")
	l.Exit(0)

	again := sit(t, home, lessons.Chinese, 80, 24) // the language that was chosen goes before the locale
	again.Wait("Services")
	if strings.Contains(again.Screen(), "Welcome") {
		t.Error("the welcome is shown a second time")
	}
	again.Keys("q")
	again.Exit(0)
}

// TestFirstRunIsSkipped: by esc, and where the language was said.
func TestFirstRunIsSkipped(t *testing.T) {
	l := newcomer(t, t.TempDir(), "en_US.UTF-8")
	l.Wait("1 of 3")
	l.Keys("esc")
	l.Gone("1 of 3")
	l.Keys("q")
	l.Exit(0)

	l = newcomer(t, t.TempDir(), "en_US.UTF-8", "--lang", "zh")
	l.Wait("▸ ○")
	if strings.Contains(l.Screen(), "第 1 页，共 3 页") {
		t.Error("who says the language is asked for it")
	}
	l.Keys("q")
	l.Exit(0)
}

// TestThePaletteAndTheTheme goes somewhere by pinyin, somewhere by the text of a
// page, and takes a theme, which is there the next time.
func TestThePaletteAndTheTheme(t *testing.T) {
	home := t.TempDir()
	l := sit(t, home, lessons.Chinese, 80, 24)
	services := lesson(t, "services")
	l.Wait("查找")
	l.Keys("/")
	l.Wait("输入拼音")
	l.Type("fuwu")
	l.Wait("▸ 术语 服务")
	l.Keys("enter")
	l.Wait(services.Pages[0].Title.In(l.lang))

	l.Keys("ctrl+p")
	l.Type("EndpointSlice")
	l.Wait("讲解正文")
	l.Keys("esc", "ctrl+p")
	l.Type("contrast")
	l.Wait("高对比度")
	l.Keys("enter")
	l.Wait("主题：高对比度")
	l.Keys("ctrl+c")
	l.Exit(0)

	progress, err := os.ReadFile(filepath.Join(home, "state", "k8stutor", "progress.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"theme": "contrast"`, `"command:theme:contrast"`, `"term:/Service"`} {
		if !strings.Contains(string(progress), want) {
			t.Errorf("the progress does not hold %s:\n%s", want, progress)
		}
	}
}

// BenchmarkFirstRun is the first frame for somebody who has never been here.
func BenchmarkFirstRun(b *testing.B) {
	var drawn samples
	for b.Loop() {
		home := b.TempDir()
		began := time.Now()
		l := newcomer(b, home, "C.UTF-8")
		l.Wait("1 of 3")
		drawn.since(began)
		l.Stop()
	}
	drawn.report(b, "drawn")
	b.ReportMetric(0, "ns/op")
}
