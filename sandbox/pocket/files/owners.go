package files

import (
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"
)

// owner is whose a file on the disk is in its container. The sandbox's own user
// owns it to the machine, and cannot give it away.
type owner struct {
	uid, gid int64
	mode     fs.FileMode
}

// owners remembers owners in extended attributes of the files themselves, so
// that they go where the files go and live as long; in memory where the disk
// knows no such attributes.
type owners struct {
	mu     sync.Mutex
	memory map[fileID]map[string]string
}

// fileID names a file on this machine.
type fileID struct{ device, inode uint64 }

const (
	ownerAttribute = "user.k8stutor.owner" // UID:GID:MODE
	groupAttribute = "user.k8stutor.group" // of a volume's top: the GID of files without an owner
	sizeAttribute  = "user.k8stutor.size"  // of a volume's top: its size in bytes
)

func (s *owners) get(file *os.File) (owner, bool) {
	text, ok := s.read(file, ownerAttribute)
	if !ok {
		return owner{}, false
	}
	var o owner
	var mode uint32
	if _, err := fmt.Sscanf(text, "%d:%d:%o", &o.uid, &o.gid, &mode); err != nil {
		return owner{}, false
	}
	o.mode = fs.FileMode(mode)
	return o, true
}

func (s *owners) set(file *os.File, o owner) {
	s.write(file, ownerAttribute, fmt.Sprintf("%d:%d:%o", o.uid, o.gid, o.mode.Perm()))
}

func (s *owners) clear(file *os.File) { s.write(file, ownerAttribute, "") }

func (s *owners) number(file *os.File, name string) (int64, bool) {
	text, ok := s.read(file, name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func (s *owners) read(file *os.File, name string) (string, bool) {
	text, err := getAttribute(file, name)
	if err == nil {
		return text, true
	}
	if !unsupported(err) {
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok := s.memory[identify(file)][name]
	return text, ok
}

// write sets an attribute, or removes it when text is empty.
func (s *owners) write(file *os.File, name, text string) {
	err := setAttribute(file, name, text)
	if err == nil || !unsupported(err) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := identify(file)
	if text == "" {
		delete(s.memory[id], name)
		if len(s.memory[id]) == 0 {
			delete(s.memory, id)
		}
		return
	}
	if s.memory == nil {
		s.memory = map[fileID]map[string]string{}
	}
	if s.memory[id] == nil {
		s.memory[id] = map[string]string{}
	}
	s.memory[id][name] = text
}

func identify(file *os.File) fileID {
	info, err := file.Stat()
	if err != nil {
		return fileID{}
	}
	return fileIdentity(info)
}
