//go:build unix

package lessons

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatIsNoFileIsNotOpened(t *testing.T) {
	t.Parallel()
	for what, replace := range map[string]func(file string) error{
		"a named pipe": func(file string) error { return syscall.Mkfifo(file, 0o600) },
		"a folder":     func(file string) error { return os.Mkdir(file, 0o700) },
	} {
		for _, file := range []string{"course.yaml", "services/en.md"} {
			dir := writeCourse(t, t.TempDir())
			name := filepath.Join(dir, file)
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
			if err := replace(name); err != nil {
				t.Fatal(err)
			}
			_, err := LoadDir(dir) // of a pipe that is opened it would not come back
			if diff := cmp.Diff([]string{name + ": this is " + what + " and not a file"}, problemsOf(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		}
	}
}
