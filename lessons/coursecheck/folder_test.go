//go:build unix

package coursecheck_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons/coursecheck"
	"github.com/k8stutor/k8stutor/lessons/scaffold"
)

// onDisk writes the scaffold into a folder, lets edit spoil it, and checks it as
// the command does.
func onDisk(t *testing.T, edit func(dir string) error) []string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "my-course")
	if _, err := scaffold.Write(dir); err != nil {
		t.Fatal(err)
	}
	if err := edit(dir); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	return told(t, coursecheck.Check(t.Context(), root.FS(), ".", coursecheck.Options{Lint: nothing}))
}

func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		edit func(dir string) error
		want []string
	}{
		"a link out of the folder": {func(dir string) error {
			secret := filepath.Join(filepath.Dir(dir), "secret.yaml")
			if err := os.WriteFile(secret, []byte("apiVersion: v1\n"), 0o600); err != nil {
				return err
			}
			setup := filepath.Join(dir, "hello/setup/greeter.yaml")
			if err := os.Remove(setup); err != nil {
				return err
			}
			return os.Symlink(secret, setup)
		}, []string{at(t, course(t), "hello/lesson.yaml", "setup: [") + " error format", "hello/setup/greeter.yaml:1 error folder"}},
		"a link within it": {func(dir string) error {
			if err := os.Rename(filepath.Join(dir, "hello/en.md"), filepath.Join(dir, "README-en.md")); err != nil {
				return err
			}
			return os.Symlink("../README-en.md", filepath.Join(dir, "hello/en.md"))
		}, []string{}},
		"a link to nothing": {func(dir string) error { return os.Symlink("gone", filepath.Join(dir, "hello/x.md")) },
			[]string{"hello/x.md:1 error folder"}},
		"a link in a circle": {func(dir string) error { return os.Symlink("..", filepath.Join(dir, "hello/up")) },
			[]string{"hello/up:1 error folder"}},
		// Reading it would never end.
		"a pipe": {func(dir string) error {
			if err := os.Remove(filepath.Join(dir, "hello/zh.md")); err != nil {
				return err
			}
			return syscall.Mkfifo(filepath.Join(dir, "hello/zh.md"), 0o600)
		}, []string{"hello/zh.md:1 error folder"}},
		"a file of 100 MB": {func(dir string) error { return os.Truncate(filepath.Join(dir, "hello/en.md"), 100<<20) },
			[]string{"hello/en.md:1 error format"}},
		"a folder for a file": {func(dir string) error {
			if err := os.Remove(filepath.Join(dir, "hello/en.md")); err != nil {
				return err
			}
			return os.Mkdir(filepath.Join(dir, "hello/en.md"), 0o700)
		}, []string{"hello/en.md:1 error format"}},
	} {
		if diff := cmp.Diff(tc.want, onDisk(t, tc.edit)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestTooManyFilesAreNotRead(t *testing.T) {
	t.Parallel()
	fsys := course(t)
	for i := range 5000 {
		fsys[filepath.Join("hello", "many", string(rune('a'+i%26)), string(rune(0x4e00+i)))] = file("x")
	}
	if diff := cmp.Diff([]string{"course.yaml:1 error folder"}, check(t, fsys)); diff != "" {
		t.Error(diff)
	}
}

func TestAFileThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may read anything")
	}
	got := onDisk(t, func(dir string) error { return os.Chmod(filepath.Join(dir, "hello/en.md"), 0) })
	if diff := cmp.Diff([]string{"hello/en.md:1 error format"}, got); diff != "" {
		t.Error(diff)
	}
}
