package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestALongPathIsReachedByAShortOne(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 20), "kubelet")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	limit := len(dir) - 1
	first, _, err := shortPath(dir, limit)
	if err != nil || len(first) >= len(dir) {
		t.Fatalf("got %q, %v", first, err)
	}
	if err := os.WriteFile(filepath.Join(first, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "file")); err != nil {
		t.Errorf("written through the short path: %v", err)
	}
	// The first process is killed; the next one tidies up after it.
	second, remove, err := shortPath(dir, limit)
	if err != nil || second == first {
		t.Fatalf("got %q again, %v", second, err)
	}
	if left, _ := os.ReadDir(temp); len(left) != 1 {
		t.Errorf("in the temporary folder there are %v", left)
	}
	remove()
	if left, _ := os.ReadDir(temp); len(left) != 0 {
		t.Errorf("after the end there are %v", left)
	}
	if _, err := os.Stat(filepath.Join(dir, "file")); err != nil {
		t.Errorf("more than the link was removed: %v", err)
	}
	if same, _, err := shortPath(dir, len(dir)); err != nil || same != dir {
		t.Errorf("a path short enough became %q, %v", same, err)
	}
}
