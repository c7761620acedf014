package onpath

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"empty", "broken", "good"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	good := filepath.Join(dir, "good", "tool"+Suffix)
	if err := os.WriteFile(good, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	// A folder of the program's name is not the program.
	if err := os.Mkdir(filepath.Join(dir, "broken", "tool"+Suffix), 0o755); err != nil {
		t.Fatal(err)
	}
	find := func(folders ...string) (string, error) {
		var path string
		for i, f := range folders {
			if i > 0 {
				path += string(filepath.ListSeparator)
			}
			if f == "" || f == "." {
				path += f
				continue
			}
			path += filepath.Join(dir, f)
		}
		return Find(func(name string) string { return map[string]string{"PATH": path}[name] }, "tool")
	}
	if got, err := find("empty", "broken", "good"); err != nil || got != good {
		t.Errorf("found %q, %v", got, err)
	}
	if _, err := find("empty"); !errors.Is(err, ErrNotFound) {
		t.Errorf("in an empty folder: %v", err)
	}
	if _, err := find("broken", "empty"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("what cannot be run is told as %v", err)
	}
}

// TestTheFolderOneIsInIsNotSearched changes the working directory: not parallel.
func TestTheFolderOneIsInIsNotSearched(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tool"+Suffix), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, path := range []string{"", ".", "bin" + string(filepath.ListSeparator) + "."} {
		if got, err := Find(func(string) string { return path }, "tool"); !errors.Is(err, ErrNotFound) {
			t.Errorf("with PATH %q it found %q, %v", path, got, err)
		}
	}
}
