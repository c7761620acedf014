package tui

import (
	"context"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// keeper writes changes of the learner's progress to the store, one after the
// other in the order in which they were made. Commands run concurrently; without
// it, an older page number could be saved over a newer one.
type keeper struct {
	store Store
	crew  *crew

	mu      sync.Mutex
	waiting []func(*lessons.Progress)
	writing sync.Mutex
	seq     uint64           // of the newest change; touched by Update only
	news    latest[struct{}] // others have changed the store; nil when it is not watched
}

// save queues a change and returns the command that writes what is queued.
func (k *keeper) save(change func(*lessons.Progress)) tea.Cmd {
	k.seq++
	seq := k.seq
	k.mu.Lock()
	k.waiting = append(k.waiting, change)
	k.mu.Unlock()
	return k.crew.cmd(func(context.Context) tea.Msg {
		err := k.flush()
		return savedMsg{seq: seq, progress: k.store.Progress(), err: err}
	})
}

// load reads the progress that the exercise's engine may have changed.
func (k *keeper) load() tea.Cmd {
	seq := k.seq
	return k.crew.cmd(func(context.Context) tea.Msg {
		return savedMsg{seq: seq, progress: k.store.Progress()}
	})
}

// flush writes all that is queued. The crew calls it once more at the end, for
// changes whose commands never ran.
func (k *keeper) flush() error {
	k.writing.Lock()
	defer k.writing.Unlock()
	k.mu.Lock()
	changes := k.waiting
	k.waiting = nil
	k.mu.Unlock()
	if len(changes) == 0 {
		return nil
	}
	return k.store.Update(func(p *lessons.Progress) {
		for _, change := range changes {
			change(p)
		}
	})
}
