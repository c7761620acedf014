package cluster

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/klog/v2"

	"github.com/go-logr/logr"

	"github.com/k8stutor/k8stutor/lessons"
)

// probeInterval is how often the API server is asked whether it is there.
// That it was stopped or killed shows at once, by broken connections; this is
// for one that hangs, or that a network lost without a word.
const probeInterval = time.Second

// stayConnected keeps the watches running on whatever connection leads to the
// cluster, until ctx ends.
func (f *follower) stayConnected(ctx context.Context) {
	ctx = klog.NewContext(ctx, logr.FromSlogHandler(f.cluster.log.Handler()))
	for delay := retryFirst; ; {
		err := f.cluster.reconnect(ctx)
		if ctx.Err() != nil {
			return
		}
		if other := f.cluster.replaced(f.ws); err == nil && other != nil {
			// Nothing there is the learner's: whoever follows prepares again.
			f.setAway(other)
			<-ctx.Done()
			return
		}
		if err == nil {
			err = f.session(ctx, f.cluster.current())
			delay = retryFirst
		}
		if ctx.Err() != nil {
			return
		}
		f.setAway(err)
		if pause(ctx, delay) != nil {
			return
		}
		delay = min(2*delay, retryMost)
	}
}

// session runs all watches on one connection until the server is away, and
// returns why, or until ctx ends.
func (f *follower) session(ctx context.Context, conn *conn) error {
	ctx, cancel := context.WithCancel(ctx)
	var watches sync.WaitGroup
	defer watches.Wait()
	defer cancel()
	suspicion := make(chan struct{}, 1)
	suspect := func() {
		select {
		case suspicion <- struct{}{}:
		default:
		}
	}
	since := f.workspaceSince(ctx, conn)
	f.mu.Lock()
	f.since = since
	for _, p := range f.parts {
		p.fresh = false
	}
	f.mu.Unlock()
	for _, p := range f.parts {
		watches.Go(func() { p.follow(ctx, conn, suspect) })
	}
	return f.watchOver(ctx, conn, suspicion)
}

// watchOver returns when the server does not answer any more.
func (f *follower) watchOver(ctx context.Context, conn *conn, suspicion <-chan struct{}) error {
	beat := time.NewTicker(probeInterval)
	defer beat.Stop()
	welcome := time.NewTicker(snapshotInterval) // until everything is listed anew
	defer welcome.Stop()
	began := time.Now()
	var doubts int
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-welcome.C:
			if f.allFresh() || time.Since(began) > firstSnapshot {
				f.setAway(nil)
				welcome.Stop()
			}
			continue
		case <-beat.C:
		case <-suspicion:
		}
		err := conn.ready(ctx)
		if err == nil {
			doubts = 0
			continue
		}
		trouble := conn.at.explain("ask the API server whether it is ready", err)
		// A server that says itself that it is not ready may only be busy;
		// one that says so twice cannot be relied on.
		if doubts++; doubts > 1 || trouble.Trouble != lessons.Refused {
			conn.close()
			return trouble
		}
	}
}

func (f *follower) allFresh() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.parts {
		if !p.fresh {
			return false
		}
	}
	return true
}

// setAway says in the next snapshots that the server is away, or with nil
// that it is back.
func (f *follower) setAway(err error) {
	trouble, _ := errors.AsType[*lessons.ClusterError](err)
	f.mu.Lock()
	same := trouble == nil && f.away == nil ||
		trouble != nil && f.away != nil && trouble.Error() == f.away.Error()
	f.mu.Unlock()
	if same {
		return
	}
	f.change(func() { f.away = trouble })
}
