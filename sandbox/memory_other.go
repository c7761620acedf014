//go:build !linux

package sandbox

import (
	"os"
	"runtime"
)

// residentMemory is the memory Go holds from the system, in bytes: the nearest
// thing to a resident set that is cheap to ask for here. That of another
// process is not known.
func residentMemory(pid int) int64 {
	if pid != os.Getpid() {
		return 0
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}
