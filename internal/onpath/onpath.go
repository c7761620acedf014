// Package onpath finds programs as a shell would, but never in the folder one
// happens to be in.
package onpath

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// ErrNotFound says that no folder of $PATH has the program.
var ErrNotFound = errors.New("no folder of $PATH has it")

// Find returns the path of a program on the PATH that env tells. The error is
// ErrNotFound, or what keeps the first file of that name from being run.
func Find(env func(string) string, name string) (string, error) {
	broken := ErrNotFound
	for _, dir := range filepath.SplitList(env("PATH")) {
		if dir == "" || !filepath.IsAbs(dir) {
			continue // a program from the folder one happens to be in is not to be trusted
		}
		path := filepath.Join(dir, name+Suffix)
		err := Executable(path)
		switch {
		case err == nil:
			return path, nil
		case broken == ErrNotFound && !errors.Is(err, fs.ErrNotExist):
			broken = err
		}
	}
	return "", broken
}
