package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// overdue is the progress of a learner who was away for years.
const overdue = `{"version": 1, "lessons": {"services": {"quiz": {
	"list-slices": {"right": 2, "last": "2020-01-01T12:00:00Z", "lastRight": true},
	"what-stays": {"right": 2, "last": "2020-01-15T12:00:00Z", "lastRight": true},
	"nobody-there": {"right": 1, "last": "2020-02-01T12:00:00Z", "lastRight": true}}}}}`

// TestAReviewOnTheScreen reviews what is due while another process answers too.
func TestAReviewOnTheScreen(t *testing.T) {
	for lang, w := range map[lessons.Lang]struct {
		due, left, fewer, right, known string
	}{
		lessons.English: {"to review today: 3", "3 left", "1 left", "comes back in", "✓ 2 known"},
		lessons.Chinese: {"今天要复习：3 道", "还剩 3 道", "还剩 1 道", "天后再问", "✓ 2 记得"},
	} {
		t.Run(string(lang), func(t *testing.T) {
			home := t.TempDir()
			path := filepath.Join(home, "state", "k8stutor", "progress.json")
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(overdue), 0o600); err != nil {
				t.Fatal(err)
			}
			services := lesson(t, "services")
			title := func(id string) string {
				q, ok := services.Question(id)
				if !ok {
					t.Fatalf("no question %s", id)
				}
				return q.Title.In(lang)
			}
			l := sit(t, home, lang, 80, 24)
			l.Wait(w.due)
			l.Keys("m")
			l.Wait(w.left)
			l.Wait(title("list-slices"))
			l.Type("kubectl get endpointslices -l kubernetes.io/service-name=shop\r")
			l.Wait(w.right)

			// Another process answers the last one: it is not asked here any more.
			answer := exec.Command(built.tutor, "answer", "services", "nobody-there", "false")
			answer.Env = environment(home, "C.UTF-8")
			if out, err := answer.CombinedOutput(); err != nil {
				t.Fatalf("answer: %v\n%s", err, out)
			}
			l.Wait(w.fewer)
			l.Keys("v") // to the page, and back
			l.Gone(w.fewer)
			l.Keys("esc")
			l.Wait(w.fewer)
			l.Keys("n")
			l.Wait(title("what-stays"))
			l.Keys("s", "n") // not known: it comes again at the end
			l.Wait(title("what-stays"))
			l.Keys("esc", "M") // left in the middle
			l.Wait(w.known)
			l.Keys("m") // and gone on with
			l.Wait(title("what-stays"))
			l.Keys("q")
			l.Exit(0)
		})
	}
}
