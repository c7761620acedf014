//go:build !windows

package lessons

import (
	"path/filepath"

	"github.com/google/renameio/v2"
)

// writeFile replaces a file so that at any moment, also after a crash, it holds
// either the old data or the new.
func writeFile(path string, data []byte) error {
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer f.Cleanup() // after a successful replacement it does nothing
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
