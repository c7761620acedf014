package files

import (
	"io/fs"
	"math"
	"sync"
	"syscall"
)

// Space is the room that a volume has. What is used is estimated from what
// was written, and counted when the estimate reaches the bound: so a write
// costs next to nothing, and what was removed is found free again.
type Space struct {
	disk *Disk
	at   location
	open int // mounts that show it; guarded by disk.mu

	mu         sync.Mutex
	limit      int64 // bytes
	bytes      int64 // estimate, never too low by more than other processes wrote
	inodes     int64
	counted    bool // since something was removed
	full       bool // at the last count
	fullInodes bool
}

// Bounds on volumes, for the learner's machine: a claim may be larger than it.
const (
	maxVolumeBytes = 1 << 30
	maxVolumeFiles = 50_000
	reserve        = 256 << 20 // what volumes leave free on the machine's disk
	checkFreeEvery = 8 << 20
)

func (s *Space) charge(n int64) error {
	if err := s.disk.free(n); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes+n > s.limit {
		if s.full && s.counted {
			return syscall.ENOSPC
		}
		s.count()
		if s.full = s.bytes+n > s.limit; s.full {
			return syscall.ENOSPC
		}
	}
	s.bytes += n
	return nil
}

func (s *Space) addFile() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inodes >= maxVolumeFiles {
		if s.fullInodes && s.counted {
			return syscall.ENOSPC
		}
		s.count()
		if s.fullInodes = s.inodes >= maxVolumeFiles; s.fullInodes {
			return syscall.ENOSPC
		}
	}
	s.inodes++
	return nil
}

// freed says that something was removed, so that a new count is worth it.
func (s *Space) freed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counted = false
}

// count looks at every file. s.mu is held.
func (s *Space) count() {
	var bytes, inodes int64
	top, err := s.at.top()
	if err != nil {
		return // it is gone, or no directory any more: what was known stays
	}
	defer top.Close()
	_ = fs.WalkDir(top.FS(), ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone meanwhile
		}
		inodes++
		if d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				bytes += info.Size()
			}
		}
		return nil
	})
	s.bytes, s.inodes, s.counted = bytes, inodes, true
}

// Usage is the size of the volume and what is used of it, in bytes.
func (s *Space) Usage() (total, used int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.counted {
		s.count()
	}
	return s.limit, min(s.bytes, s.limit)
}

// free fails when the machine's disk is nearly full.
func (d *Disk) free(n int64) error {
	if left := d.unchecked.Add(-n); left > 0 {
		return nil
	}
	free, err := freeBytes(d.kubelet)
	if err != nil {
		free = math.MaxInt64
	}
	if free-n < reserve {
		return syscall.ENOSPC
	}
	d.unchecked.Store(checkFreeEvery)
	return nil
}
