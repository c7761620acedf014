//go:build unix

package onpath

import (
	"fmt"
	"os"
)

// Suffix is how the names of programs end.
const Suffix = ""

// Executable returns an error when path is not a program.
func Executable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("%s is not a program that may be run", path)
	}
	return nil
}
