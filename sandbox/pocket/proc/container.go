// Package proc is the operating system as the programs of a container see it:
// processes with arguments, environment, streams and signals, and the
// container they share, with its files, its network, its image and its limits.
//
// A program is a Go function. It must touch the world only through its Process:
// that is what keeps a container away from the machine it runs on.
package proc

import (
	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Container is what all processes of a container share.
type Container struct {
	Files    *files.Tree
	Net      *vnet.Host // the Pod's, shared with its other containers
	Image    Image
	Hostname string
	Security Security
	Sysctls  map[string]string // that the Pod sets: kernel.shm_rmid_forced
	Usage    *Usage
	Table    *Table // shared with the other containers of a Pod with shareProcessNamespace
}

// Image is the image of a container, as far as programs look at it.
type Image struct {
	Ref        string // in full: docker.io/library/nginx:1.29
	Repository string // docker.io/library/nginx
	Version    string // the number in the tag, or the one that "latest" stands for

	// LookUp finds a program by name or path.
	LookUp func(name string) (Program, bool)
}

// User is who a process runs as.
type User struct {
	UID, GID int64
	Groups   []int64 // supplementary
}
