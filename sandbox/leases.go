package sandbox

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// leases counts the sandbox's users and decides when it has none left. A lease
// is an open connection, so the kernel ends it even when its user was killed.
type leases struct {
	start     time.Time
	firstUser time.Duration // how long to wait for the first lease
	idle      time.Duration // how long to stay after the last when asked to keep
	onChange  func()        // called after the count changed, without the lock

	mu     sync.Mutex
	open   int
	ever   bool
	keep   bool
	last   time.Time     // when the last lease ended
	until  time.Time     // the latest time any ended lease asked to linger to
	wakeUp chan struct{} // has room for one
}

func newLeases(start time.Time, firstUser, idle time.Duration) *leases {
	return &leases{start: start, firstUser: firstUser, idle: idle, onChange: func() {}, wakeUp: make(chan struct{}, 1)}
}

// take begins a lease; the function it returns ends it.
func (l *leases) take(linger time.Duration, keep bool) (end func()) {
	l.change(func() {
		l.open++
		l.ever = true
		l.keep = l.keep || keep
	})
	return sync.OnceFunc(func() {
		l.change(func() {
			l.open--
			l.last = time.Now()
			if t := l.last.Add(linger); t.After(l.until) {
				l.until = t
			}
		})
	})
}

func (l *leases) change(do func()) {
	l.mu.Lock()
	do()
	l.mu.Unlock()
	select {
	case l.wakeUp <- struct{}{}:
	default:
	}
	l.onChange()
}

func (l *leases) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

// terms tells whether anybody asked the sandbox to stay, and for how many
// seconds it then does.
func (l *leases) terms() (keep bool, idleSeconds int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keep, int64(l.idle / time.Second)
}

// end is when the sandbox is to stop if nothing changes, and why; ok is false
// while it has users.
func (l *leases) end() (at time.Time, why string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.open > 0:
		return time.Time{}, "", false
	case !l.ever:
		return l.start.Add(l.firstUser), fmt.Sprintf("nobody used it within %s", l.firstUser), true
	case l.keep && l.last.Add(l.idle).After(l.until):
		return l.last.Add(l.idle), fmt.Sprintf("nobody used it for %s", l.idle), true
	}
	return l.until, "the last user is gone", true
}

// wait returns why the sandbox is to stop, once it is: users gone, shutdown
// closed, or ctx over.
func (l *leases) wait(ctx context.Context, shutdown <-chan struct{}) error {
	for {
		var expired <-chan time.Time
		at, why, ending := l.end()
		if ending {
			left := time.Until(at)
			if left <= 0 {
				return fmt.Errorf("%w: %s", errDone, why)
			}
			timer := time.NewTimer(left)
			defer timer.Stop()
			expired = timer.C
		}
		select {
		case <-expired:
		case <-l.wakeUp:
		case <-shutdown:
			return fmt.Errorf("%w: shutdown was asked for", errDone)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
