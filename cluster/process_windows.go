//go:build windows

package cluster

import (
	"os"
	"syscall"
)

// detached makes a child that no signal of this console reaches.
func detached() *syscall.SysProcAttr {
	const detachedProcess = 0x00000008
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess, HideWindow: true}
}

// alive reports whether a process of that id exists.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	process, err := os.FindProcess(pid) // opens it, so it fails when there is none
	if err != nil {
		return false
	}
	process.Release()
	return true
}
