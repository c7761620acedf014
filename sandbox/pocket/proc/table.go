package proc

import (
	"maps"
	"slices"
	"sync"
)

// Table holds the processes of a container, or of a Pod whose containers share
// them.
type Table struct {
	mu   sync.Mutex
	last int
	all  map[int]*Process
}

// NewTable makes an empty table: the first process gets PID 1.
func NewTable() *Table { return &Table{all: map[int]*Process{}} }

func (t *Table) add(p *Process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	p.PID = t.last
	t.all[p.PID] = p
}

func (t *Table) remove(p *Process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, p.PID)
}

// Find returns the running process with a PID, or nil.
func (t *Table) Find(pid int) *Process {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[pid]
}

// List returns the running processes in order of PID.
func (t *Table) List() []*Process {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]*Process, 0, len(t.all))
	for _, pid := range slices.Sorted(maps.Keys(t.all)) {
		list = append(list, t.all[pid])
	}
	return list
}
