package scaffold_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck"
	"github.com/k8stutor/k8stutor/lessons/scaffold"
)

func TestTheScaffoldIsACourseWithoutFaults(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "My First Course!")
	id, err := scaffold.Write(dir)
	if err != nil || id != "my-first-course" {
		t.Fatalf("id %q, %v", id, err)
	}
	course, err := lessons.Load(os.DirFS(dir), ".")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, l := range course.Lessons() {
		for _, s := range l.Steps {
			kinds[string(s.Kind)] = true
		}
		for _, q := range l.Questions {
			kinds[string(q.Kind)] = true
		}
	}
	for _, want := range []string{"do", "ask", "repair", "single", "multiple", "truefalse", "order", "command"} {
		if !kinds[want] {
			t.Errorf("the scaffold shows nothing of kind %s", want)
		}
	}
	if course.ID != id {
		t.Errorf("the course's id is %q, not %q", course.ID, id)
	}
	for _, f := range coursecheck.Check(t.Context(), os.DirFS(dir), ".", coursecheck.Options{}).Findings {
		if f.Rule != "not-checked" {
			t.Errorf("%s: %s", f.Pos, f.Said[lessons.English])
		}
	}
}

func TestNamesBecomeIDs(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"storage": "storage", "My Course": "my-course", "课程": "my-course", "k8s 网络": "k8s", "hello": "my-course", "..x..": "x",
	} {
		if id, _, err := scaffold.Course(filepath.Join("/tmp", name)); err != nil || id != want {
			t.Errorf("%q: id %q, %v, want %q", name, id, err, want)
		}
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	file := filepath.Join(full, "notes.txt")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := scaffold.Write(full); !errors.Is(err, scaffold.ErrNotEmpty) {
		t.Errorf("a folder with a file in it: %v", err)
	}
	if _, err := scaffold.Write(file); !errors.Is(err, scaffold.ErrNoFolder) {
		t.Errorf("a file: %v", err)
	}
	if _, err := scaffold.Write(filepath.Join(file, "below")); err == nil {
		t.Error("below a file: no error")
	}
	if entries, err := os.ReadDir(full); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	fresh := t.TempDir()
	if err := os.Mkdir(filepath.Join(fresh, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := scaffold.Write(fresh); err != nil {
		t.Errorf("an empty repository: %v", err)
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{dir, filepath.Join(dir, "below")} {
		if _, err := scaffold.Write(at); !errors.Is(err, os.ErrPermission) {
			t.Errorf("%s: %v, want a refusal", at, err)
		}
	}
}
