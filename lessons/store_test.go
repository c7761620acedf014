package lessons

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func openStore(t testing.TB, path string) *Store {
	t.Helper()
	s, notice, err := OpenStore(path, noon)
	if err != nil || notice != nil {
		t.Fatalf("OpenStore: %v, notice %v", err, notice)
	}
	return s
}

func update(t testing.TB, s *Store, fn func(*Progress)) {
	t.Helper()
	if err := s.Update(fn); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeText(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestProgressComesBackAsItWasSaved(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "progress.json")
	s := openStore(t, path)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening makes a file: %v", err)
	}
	now := noon()
	update(t, s, func(p *Progress) {
		p.Lang, p.LastLesson = Chinese, "services"
		lp := p.Lesson("services")
		lp.Place, lp.Page = PlacePage, "why"
		lp.Read["why"], lp.Passed["create"], lp.Hints["create"] = now, now, 2
		lp.Answered("q", false, now)
		lp.Answered("q", true, now)
		lp.Attempt = &Attempt{WorkspaceUID: "u", ClusterUID: "c", Namespace: "n", StartedAt: now, Steps: map[string]*AttemptStep{
			"create": {BegunAt: now, PassedAt: &now, Answer: "3", Planted: map[string]string{"Service/shop": "uid"},
				Baseline: map[string]any{"uid": "x", "n": int64(9007199254740993), "f": 1.5, "l": []any{int64(1), map[string]any{"b": true}}, "nan": math.NaN()}},
		}}
	})
	got := openStore(t, path).Progress()
	if diff := cmp.Diff(s.Progress(), got); diff != "" {
		t.Errorf("progress (-saved +read):\n%s", diff)
	}
	wantBaseline := map[string]any{"uid": "x", "n": int64(9007199254740993), "f": 1.5, "l": []any{int64(1), map[string]any{"b": true}}, "nan": nil}
	if diff := cmp.Diff(wantBaseline, got.Lessons["services"].Attempt.Steps["create"].Baseline); diff != "" {
		t.Errorf("baseline (-want +got):\n%s", diff)
	}
	if q := *got.Lessons["services"].Quiz["q"]; q != (QuestionProgress{Right: 1, Wrong: 1, Last: now, LastRight: true}) {
		t.Errorf("question = %+v", q)
	}
	if got.Learner == "" || !got.SavedAt.Equal(now) || got.Version != ProgressVersion {
		t.Errorf("learner %q, saved %v, version %d", got.Learner, got.SavedAt, got.Version)
	}
	for _, name := range []string{path, path + ".lock"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", name, info.Mode(), err)
		}
	}
	learner := got.Learner
	update(t, s, func(p *Progress) { p.LastLesson = "pods" })
	if got := openStore(t, path).Progress(); got.Learner != learner {
		t.Errorf("the learner changed from %q to %q", learner, got.Learner)
	}
}

func TestProgressIsACopy(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(t.TempDir(), "progress.json"))
	kept := &LessonProgress{Read: map[string]time.Time{}, Attempt: &Attempt{Steps: map[string]*AttemptStep{"a": {Baseline: map[string]any{"l": []any{"x"}}}}}}
	update(t, s, func(p *Progress) { p.Lessons = map[string]*LessonProgress{"pods": kept} })
	want := s.Progress()
	kept.Read["later"] = noon()
	got := s.Progress()
	got.Lessons["pods"].Attempt.Steps["a"].Baseline["l"].([]any)[0] = "y"
	got.Lessons["new"] = nil
	if diff := cmp.Diff(want, s.Progress()); diff != "" {
		t.Errorf("the store's progress changed from outside (-before +after):\n%s", diff)
	}
}

func TestFieldsOfANewerProgramAreKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progress.json")
	writeText(t, path, `{"version":1,"streak":{"days":3.10},"lessons":{"pods":{"place":"quiz","stars":5,
		"quiz":{"q":{"right":1,"ease":2.5},"gone":{"right":1}}},"old":{"notes":"x"},"none":null}}`)
	s := openStore(t, path)
	update(t, s, func(p *Progress) {
		p.Lesson("pods").Answered("q", true, noon())
		delete(p.Lessons["pods"].Quiz, "gone")
		p.Lesson("services").Place = PlacePage
	})
	var got, want any
	text := readFile(t, path)
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	learner := s.Progress().Learner
	if err := json.Unmarshal([]byte(`{"version":1,"streak":{"days":3.10},"learner":"`+learner+`","savedAt":"2026-11-23T12:00:00Z","lessons":{"pods":{"place":"quiz","stars":5,
		"quiz":{"q":{"right":2,"ease":2.5,"last":"2026-11-23T12:00:00Z","lastRight":true}}},"old":{"notes":"x"},"none":null,"services":{"place":"page"}}}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
	if !strings.Contains(text, "3.10") {
		t.Error("a number that is not ours was written anew")
	}
}

func TestAFileThatCannotBeUsedIsKept(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, notice, zh string }{
		{"not JSON", "{oops", "could not be read (not a progress file: invalid character 'o'", "无法读取"},
		{"empty", "", "could not be read (not a progress file: unexpected end", "无法读取"},
		{"another shape", `{"version":1,"lessons":[]}`, "could not be read (not a progress file: json:", "无法读取"},
		{"no version", `{}`, "could not be read (not a progress file: no version)", "无法读取"},
		{"newer", `{"version":2,"lessons":[]}`, "was written by a newer k8stutor", "更新版本的 k8stutor"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "progress.json")
			writeText(t, path+".bak", "an earlier one")
			writeText(t, path, tc.text)
			s, notice, err := OpenStore(path, noon)
			if err != nil {
				t.Fatal(err)
			}
			for lang, want := range map[Lang]string{English: tc.notice, Chinese: tc.zh} {
				if got := notice[lang]; !strings.Contains(got, want) || !strings.Contains(got, path+".bak.1") {
					t.Errorf("notice in %s = %q; want %q and the backup's name", lang, got, want)
				}
			}
			update(t, s, func(p *Progress) { p.LastLesson = "pods" })
			if got := readFile(t, path+".bak"); got != "an earlier one" {
				t.Errorf("the earlier backup now holds %q", got)
			}
			if got := readFile(t, path+".bak.1"); got != tc.text {
				t.Errorf("the backup holds %q; want %q", got, tc.text)
			}
			if got := openStore(t, path).Progress().LastLesson; got != "pods" {
				t.Errorf("after starting anew: %q", got)
			}
		})
	}
}

func TestAFileDamagedWhileRunningIsKeptAndProgressSavedAnew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progress.json")
	s := openStore(t, path)
	update(t, s, func(p *Progress) { p.Lesson("pods").Place = PlaceQuiz })
	writeText(t, path, "rubbish")
	err := s.Update(func(p *Progress) { p.LastLesson = "pods" })
	var se *StoreError
	if !errors.As(err, &se) || !strings.Contains(se.Notice.In(Chinese), path+".bak") {
		t.Errorf("Update = %v; want a *StoreError that names the backup", err)
	}
	if got := readFile(t, path+".bak"); got != "rubbish" {
		t.Errorf("backup holds %q", got)
	}
	if got := openStore(t, path).Progress(); got.LastLesson != "pods" || got.Lessons["pods"].Place != PlaceQuiz {
		t.Errorf("saved anew: %+v", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(p *Progress) { p.Lang = Chinese })
	if got := openStore(t, path).Progress(); got.LastLesson != "pods" || got.Lang != Chinese {
		t.Errorf("after the file was deleted: %+v", got)
	}
}

func TestAFileThatANewerProgramWroteMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progress.json")
	s := openStore(t, path)
	writeText(t, path, `{"version":2}`)
	if err := s.Update(func(p *Progress) { p.LastLesson = "pods" }); !errors.Is(err, errNewer) {
		t.Errorf("Update = %v", err)
	}
	if got := readFile(t, path); got != `{"version":2}` {
		t.Errorf("the file now holds %s", got)
	}
	if got := s.Progress().LastLesson; got != "pods" {
		t.Errorf("in memory: %q", got)
	}
}

func TestWhatCannotBeSavedIsKeptAndSavedLater(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progress.json")
	s, other := openStore(t, path), openStore(t, path)
	update(t, s, func(p *Progress) { p.Lesson("pods").Answered("q", true, noon()) })
	working := s.file.write
	s.file.write = func(string, []byte) error { // a full disk
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			return syscall.ENOSPC
		}
		defer full.Close()
		_, err = full.Write([]byte("x"))
		return err
	}
	before := readFile(t, path)
	for range 2 {
		err := s.Update(func(p *Progress) { p.Lesson("pods").Answered("q", false, noon()) })
		var se *StoreError
		if !errors.As(err, &se) || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(se.Notice.In(English), "kept until k8stutor ends") {
			t.Fatalf("Update on a full disk = %v", err)
		}
	}
	if got := readFile(t, path); got != before {
		t.Errorf("the file changed: %s", got)
	}
	update(t, other, func(p *Progress) { p.Lesson("services").Place = PlaceExercise })
	s.file.write = working
	update(t, s, func(p *Progress) { p.LastLesson = "pods" })
	got := openStore(t, path).Progress()
	if q := got.Lessons["pods"].Quiz["q"]; q.Right != 1 || q.Wrong != 2 {
		t.Errorf("answers given while the disk was full: %+v", q)
	}
	if got.LastLesson != "pods" || got.Lessons["services"].Place != PlaceExercise {
		t.Errorf("changes from both sides: %+v", got)
	}
}

func TestAFolderThatCannotBeMadeIsSaidAtTheStart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	writeText(t, file, "")
	s, notice, err := OpenStore(filepath.Join(file, "progress.json"), noon)
	if err != nil || !strings.Contains(notice.In(English), "not a directory") || !strings.Contains(notice.In(Chinese), "进度无法保存") {
		t.Fatalf("OpenStore: %v, notice %v", err, notice)
	}
	if err := s.Update(func(p *Progress) { p.Lesson("pods").Place = PlaceQuiz }); err == nil {
		t.Error("Update below a file succeeds")
	}
	if got := s.Progress().Lessons["pods"].Place; got != PlaceQuiz {
		t.Errorf("in memory: %q", got)
	}
}

func TestAProgressFileThatIsAFolderIsSaidAtTheStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progress.json")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, notice, err := OpenStore(path, noon); err != nil || !strings.Contains(notice.In(English), "is a directory") {
		t.Errorf("OpenStore: %v, notice %v", err, notice)
	}
	if _, _, err := OpenStore("", noon); err == nil {
		t.Error("OpenStore of no path succeeds")
	}
}

func TestALinkToTheProgressFileStaysALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target.json"), filepath.Join(dir, "progress.json")
	writeText(t, target, `{"version":1}`)
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	update(t, openStore(t, link), func(p *Progress) { p.LastLesson = "pods" })
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if !strings.Contains(readFile(t, target), "pods") {
		t.Error("the file behind the link was not written")
	}
}

// hammer answers question q many times through a Store of its own.
func hammer(path string, times int) error {
	s, notice, err := OpenStore(path, noon)
	if err != nil || notice != nil {
		return fmt.Errorf("open: %v, %v", err, notice)
	}
	for range times {
		if err := s.Update(func(p *Progress) { p.Lesson("pods").Answered("q", true, noon()) }); err != nil {
			return err
		}
	}
	return nil
}

const hammerEnv = "K8STUTOR_TEST_HAMMER" // path of the progress file

// TestHammerProcess is the child of the test below.
func TestHammerProcess(t *testing.T) {
	path := os.Getenv(hammerEnv)
	if path == "" {
		t.Skip("run by TestNoAnswerIsLostBetweenProcesses")
	}
	if err := hammer(path, 20); err != nil {
		t.Fatal(err)
	}
}

func TestNoAnswerIsLostBetweenProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progress.json")
	var wg sync.WaitGroup
	errs := make(chan error, 4)
	for range 2 {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHammerProcess$")
			cmd.Env = append(os.Environ(), hammerEnv+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				errs <- fmt.Errorf("%w: %s", err, out)
			}
		})
		wg.Go(func() {
			if err := hammer(path, 20); err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if got := openStore(t, path).Progress().Lessons["pods"].Quiz["q"].Right; got != 80 {
		t.Errorf("%d answers were saved; want 80", got)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if diff := cmp.Diff([]string{path, path + ".lock"}, left); err != nil || diff != "" {
		t.Errorf("files left (-want +got):\n%s", diff)
	}
}

func TestOneStoreIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(t.TempDir(), "progress.json"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := s.Update(func(p *Progress) { p.Lesson("pods").Answered("q", true, noon()) }); err != nil {
				t.Error(err)
			}
			_ = s.Progress().Lessons["pods"].Quiz["q"].Right
		})
	}
	wg.Wait()
	if got := s.Progress().Lessons["pods"].Quiz["q"].Right; got != 8 {
		t.Errorf("%d answers; want 8", got)
	}
}

func TestLessonDoneCountsWhatTheLessonHasNow(t *testing.T) {
	t.Parallel()
	l := &Lesson{ID: "pods", Pages: []Page{{ID: "a"}, {ID: "b"}}, Steps: []*Step{{ID: "s"}}, Questions: []*Question{{ID: "q"}, {ID: "r"}, {ID: "t"}}}
	var p Progress
	pages, steps, questions := p.LessonDone(l)
	if diff := cmp.Diff([]Count{{0, 2}, {0, 1}, {0, 3}}, []Count{pages, steps, questions}); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	lp := p.Lesson("pods")
	lp.Read["a"], lp.Read["removed"], lp.Passed["s"] = noon(), noon(), noon()
	lp.Answered("q", true, noon())
	lp.Answered("q", false, noon())
	lp.Answered("r", false, noon())
	pages, steps, questions = p.LessonDone(l)
	if diff := cmp.Diff([]Count{{1, 2}, {1, 1}, {1, 3}}, []Count{pages, steps, questions}); diff != "" {
		t.Errorf("later (-want +got):\n%s", diff)
	}
}

func BenchmarkUpdate(b *testing.B) {
	s := openStore(b, filepath.Join(b.TempDir(), "progress.json"))
	for b.Loop() {
		update(b, s, func(p *Progress) { p.Lesson("pods").Answered("q", true, noon()) })
	}
}
