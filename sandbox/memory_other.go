//go:build !linux

package sandbox

import "runtime"

// residentMemory is the memory Go holds from the system, in bytes: the nearest
// thing to a resident set that is cheap to ask for here.
func residentMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}
