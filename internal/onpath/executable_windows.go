//go:build windows

package onpath

import (
	"fmt"
	"os"
)

// Suffix is how the names of programs end.
const Suffix = ".exe"

// Executable returns an error when path is not a program.
func Executable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is not a program", path)
	}
	return nil
}
