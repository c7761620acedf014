//go:build !linux && !darwin

package files

import (
	"errors"
	"io/fs"
	"math"
	"os"
)

func getAttribute(*os.File, string) (string, error) { return "", errors.ErrUnsupported }
func setAttribute(*os.File, string, string) error   { return errors.ErrUnsupported }
func unsupported(err error) bool                    { return errors.Is(err, errors.ErrUnsupported) }
func hostAttr(fs.FileInfo) Attr                     { return Attr{Links: 1} }
func fileIdentity(fs.FileInfo) fileID               { return fileID{} }
func freeBytes(string) (int64, error)               { return math.MaxInt64, nil }
