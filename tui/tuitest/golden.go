package tuitest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	// goldenTimeout is how long a screen may take to become the golden one.
	goldenTimeout = 5 * time.Second
	// quiet is how long nothing must be drawn before a screen is recorded.
	quiet = 500 * time.Millisecond
)

// updating reports whether the tests were run with -update. The flag is not
// defined here, since the tests of a package may have golden files of other
// kinds under the same flag.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// Golden compares the screen with testdata/name.golden, waiting a little for
// it to become so. If the test package has a boolean flag called update, and it
// is set, the file is written instead, once the screen has come to rest.
func (t *T) Golden(name string) {
	t.tb.Helper()
	if updating() {
		for drawing := true; drawing; {
			before := t.term.Version()
			drawing = t.until(quiet, func(string) bool { return t.term.Version() != before })
		}
		Golden(t.tb, name, t.Screen()+"\n")
		return
	}
	want := readGolden(t.tb, name)
	t.until(min(t.Timeout, goldenTimeout), func(screen string) bool { return screen+"\n" == want })
	Golden(t.tb, name, t.Screen()+"\n")
}

// Golden compares text with testdata/name.golden, or with the flag update writes
// it there.
func Golden(tb testing.TB, name, got string) {
	tb.Helper()
	if updating() {
		path := goldenPath(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			tb.Fatal(err)
		}
		return
	}
	want := readGolden(tb, name)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		tb.Errorf("%s differs (-want +got); go test -update writes it anew\n%s", goldenPath(name), diff)
	}
}

func goldenPath(name string) string {
	return filepath.Join("testdata", filepath.FromSlash(name)+".golden")
}

func readGolden(tb testing.TB, name string) string {
	tb.Helper()
	b, err := os.ReadFile(goldenPath(name))
	if err != nil {
		tb.Fatalf("%v; go test -update writes it", err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}
