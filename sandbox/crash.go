package sandbox

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
)

// crashFile is where the Go runtime writes why it ended the process, in the
// folder of logs. A process that was killed leaves it empty, so that the next
// one can tell one from the other.
const crashFile = "crash.log"

// keepCrash makes the runtime write to the crash file from now on, and returns
// what the process before this one left there; it is kept beside it.
func keepCrash(logs string) (last []byte, err error) {
	path := filepath.Join(logs, crashFile)
	last, err = os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(last) > 0 {
		if err := os.Rename(path, filepath.Join(logs, "last-"+crashFile)); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the runtime has a descriptor of its own
	return last, debug.SetCrashOutput(f, debug.CrashOptions{})
}

// inEtcd reports whether a crash happened in etcd or in its database.
func inEtcd(crash []byte) bool {
	return bytes.Contains(crash, []byte("go.etcd.io/etcd/")) || bytes.Contains(crash, []byte("go.etcd.io/bbolt"))
}
