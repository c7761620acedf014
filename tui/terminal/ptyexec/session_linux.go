package ptyexec

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// endSession ends by force what is left of the session that a process led: jobs
// that ignore the hangup, which would run on with no terminal and nobody to end
// them. The number of a session is not given away as long as it has members.
func endSession(leader int) {
	folders, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, f := range folders {
		pid, err := strconv.Atoi(f.Name())
		if err != nil || pid == leader {
			continue
		}
		if sessionOf(pid) == leader {
			syscall.Kill(pid, syscall.SIGKILL) // fails when it has ended meanwhile, which is what we want
		}
	}
}

// sessionOf is the session of a process, 0 when it has ended. See proc_pid_stat(5).
func sessionOf(pid int) int {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// The command's name stands in brackets and may hold anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 4 {
		return 0
	}
	session, err := strconv.Atoi(string(fields[3]))
	if err != nil {
		return 0
	}
	return session
}
