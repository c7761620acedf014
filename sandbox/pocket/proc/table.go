package proc

import (
	"maps"
	"slices"
	"sync"
	"time"
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
	if p.group == 0 {
		p.group = p.PID
	}
	t.all[p.PID] = p
}

// AddIdle adds a process that is only there to be seen, such as the first one
// of a Pod whose containers share their processes. It heeds no signal.
func (t *Table) AddIdle(p *Process) {
	p.Container.Table, p.Started = t, time.Now()
	t.add(p)
	p.signals.begin(func(error) {}, true)
}

func (t *Table) groupOf(p *Process) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return p.group
}

func (t *Table) setGroup(p *Process, group int) (before int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, p.group = p.group, group
	return before
}

// signalGroup sends a signal to the processes of a group on a terminal.
func (t *Table) signalGroup(tty *TTY, group int, sig Signal) {
	t.signalEach(sig, func(p *Process) bool { return p.TTY == tty && p.group == group })
}

// signalTerminal sends a signal to every process on a terminal.
func (t *Table) signalTerminal(tty *TTY, sig Signal) {
	t.signalEach(sig, func(p *Process) bool { return p.TTY == tty })
}

func (t *Table) signalEach(sig Signal, meant func(*Process) bool) {
	t.mu.Lock()
	var all []*Process
	for _, p := range t.all {
		if meant(p) {
			all = append(all, p)
		}
	}
	t.mu.Unlock()
	for _, p := range all {
		p.Signal(sig)
	}
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

// Len is the number of running processes.
func (t *Table) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// Group is the process group that the process is in.
func (p *Process) Group() int { return p.Table.groupOf(p) }

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
