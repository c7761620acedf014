//go:build windows

package minikube

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// family makes a child that no signal of this console reaches.
func family() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
}

// endFamily ends a child and its children.
func endFamily(child *os.Process, _ context.Context) error {
	killFamily(child)
	return child.Kill()
}

// killFamily kills what is left of a child and its children.
func killFamily(child *os.Process) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(child.Pid)).Run() // mostly nothing is left
}
