//go:build windows

package minikube

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

const programSuffix = ".exe"

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

// executable returns an error when path is not a program.
func executable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is not a program", path)
	}
	return nil
}
