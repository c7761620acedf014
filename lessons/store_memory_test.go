package lessons

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// remember gives a question a memory, as package review does.
func remember(p *Progress, question string, right bool, m Memory) {
	lp := p.Lesson("pods")
	lp.Answered(question, right, m.At)
	lp.Quiz[question].Memory = &m
}

func TestMemoriesOfTwoProcessesAreKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progress.json")
	a, b := openStore(t, path), openStore(t, path)
	update(t, a, func(p *Progress) {
		remember(p, "qa", true, Memory{At: noon(), Grade: 3, Stability: 2, Difficulty: 2, Days: 2})
	})
	update(t, b, func(p *Progress) {
		remember(p, "qb", false, Memory{At: noon(), Grade: 1, Stability: .2, Difficulty: 6, Days: 1, Missed: noon()})
	})
	got := openStore(t, path).Progress().Lessons["pods"].Quiz
	if got["qa"] == nil || got["qa"].Memory == nil || got["qa"].Memory.Days != 2 || got["qb"] == nil || !got["qb"].Memory.Missed.Equal(noon()) {
		t.Errorf("saved were %+v and %+v", got["qa"], got["qb"])
	}
	copied := a.Progress()
	copied.Lessons["pods"].Quiz["qa"].Memory.Days = 99
	if a.Progress().Lessons["pods"].Quiz["qa"].Memory.Days != 2 {
		t.Error("a copy of the progress shares its memories")
	}
}

// TestTheLaterOfTwoMemoriesCounts has one process answer while it cannot save, and
// another one meanwhile.
func TestTheLaterOfTwoMemoriesCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mine, theirs time.Time
		want         Memory
	}{
		"mine":   {noon().Add(2 * time.Hour), noon().Add(time.Hour), Memory{Grade: 3, Stability: 5, Difficulty: 2, Days: 5}},
		"theirs": {noon().Add(time.Hour), noon().Add(2 * time.Hour), Memory{Grade: 1, Stability: .5, Difficulty: 2, Days: 1}},
	} {
		path := filepath.Join(t.TempDir(), "progress.json")
		s, other := openStore(t, path), openStore(t, path)
		update(t, s, func(p *Progress) {
			remember(p, "q", true, Memory{At: noon(), Grade: 3, Stability: 2, Difficulty: 2, Days: 2})
		})
		working := s.file.write
		s.file.write = func(string, []byte) error { return errors.New("disk full") }
		if err := s.Update(func(p *Progress) {
			remember(p, "q", true, Memory{At: c.mine, Grade: 3, Stability: 5, Difficulty: 2, Days: 5})
		}); err == nil {
			t.Fatal("a full disk was not noticed")
		}
		s.file.write = working
		update(t, other, func(p *Progress) {
			remember(p, "q", false, Memory{At: c.theirs, Grade: 1, Stability: .5, Difficulty: 2, Days: 1, Missed: c.theirs})
		})
		// A newer program's field beside ours.
		writeText(t, path, strings.Replace(readFile(t, path), `"grade":`, `"mood": "good", "grade":`, 1))
		update(t, s, func(*Progress) {})
		got := *openStore(t, path).Progress().Lessons["pods"].Quiz["q"].Memory
		c.want.At = got.At
		if name == "theirs" {
			c.want.Missed = got.At
		}
		if gotJSON, want := asJSON(t, got), asJSON(t, c.want); gotJSON != want || !got.At.Equal(noon().Add(2*time.Hour)) {
			t.Errorf("%s was later: saved is %s, want %s", name, gotJSON, want)
		}
		if !strings.Contains(readFile(t, path), `"mood": "good"`) {
			t.Errorf("%s was later: the field of a newer program is gone", name)
		}
	}
}

func asJSON(t testing.TB, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWhatAnotherProcessSavesIsSeen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "progress.json")
	s, other := openStore(t, path), openStore(t, path)
	if fresh, err := s.Refresh(); fresh || err != nil {
		t.Errorf("without a file: %v, %v", fresh, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(chan struct{}, 100), make(chan error, 1)
	go func() { ended <- s.Watch(ctx, func() { told <- struct{}{} }) }()
	update(t, other, func(p *Progress) { p.LastLesson = "pods" })
	<-told
	if got := s.Progress().LastLesson; got != "pods" {
		t.Errorf("the store was told, and knows %q", got)
	}
	update(t, s, func(p *Progress) { p.LastLesson = "services" }) // one's own is no news
	if fresh, err := s.Refresh(); fresh || err != nil {
		t.Errorf("after one's own change: %v, %v", fresh, err)
	}
	update(t, other, func(p *Progress) { p.Lesson("pods").Answered("q", true, noon()) })
	<-told
	if got := s.Progress(); got.LastLesson != "services" || got.Lessons["pods"].Quiz["q"].Right != 1 {
		t.Errorf("after the second: %+v", got)
	}
	writeText(t, path, "rubbish")
	if fresh, err := s.Refresh(); fresh || err == nil {
		t.Errorf("rubbish: %v, %v", fresh, err)
	}
	if got := s.Progress().LastLesson; got != "services" {
		t.Errorf("after rubbish: %q", got)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the watch ended with %v", err)
	}
}

func TestAWatchThatCannotBeSaysWhy(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(t.TempDir(), "progress.json"))
	s.file.path = filepath.Join(t.TempDir(), "gone", "progress.json")
	if err := s.Watch(t.Context(), func() {}); err == nil || !strings.Contains(err.Error(), "watch "+s.file.path) {
		t.Errorf("the watch ended with %v", err)
	}
}
