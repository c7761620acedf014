package cluster

import (
	"fmt"
	"path/filepath"
	"strings"
)

// UnknownComponent is a component, or a node, that has no logs.
type UnknownComponent struct {
	Name  string
	Known []string // those that have
}

// Error implements error, in English.
func (u *UnknownComponent) Error() string { return fmt.Sprintf("there are no logs of %q", u.Name) }

// LogFile is one log of the sandbox.
type LogFile struct{ Component, Path string }

// Logs finds the logs of a component ("kubelet"), or of all components when it
// is empty. With the name of a further node they are that node's.
func (s Sandbox) Logs(node, component string) ([]LogFile, error) {
	dir := filepath.Join(s.Dir, "logs")
	if node != "" {
		folders, err := filepath.Glob(filepath.Join(s.Dir, "nodes", "*", "logs"))
		if err != nil {
			return nil, s.trouble("find the node's logs", err, nil)
		}
		var names []string
		dir = ""
		for _, folder := range folders {
			name := filepath.Base(filepath.Dir(folder))
			if names = append(names, name); name == node {
				dir = folder
			}
		}
		if dir == "" {
			return nil, &UnknownComponent{Name: node, Known: names}
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		return nil, s.trouble("find the sandbox's logs", err, nil)
	}
	var found []LogFile
	var names []string
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".log")
		if rotated(name) {
			continue
		}
		if names = append(names, name); component == "" || name == component {
			found = append(found, LogFile{Component: name, Path: f})
		}
	}
	if len(names) == 0 {
		return nil, s.trouble("find the sandbox's logs", fmt.Errorf("%s has no logs", dir),
			say("The sandbox has not run here yet. Start it with `k8stutor sandbox up`.", "沙箱还没有在这里运行过。请用 `k8stutor sandbox up` 启动它。"))
	}
	if len(found) == 0 {
		return nil, &UnknownComponent{Name: component, Known: names}
	}
	return found, nil
}

// rotated reports whether a file is what a log was before: its name then ends
// in the time.
func rotated(name string) bool {
	_, stamp, ok := strings.Cut(name, "-20")
	return ok && len(stamp) == len("26-11-23T12-00-00.000")
}
