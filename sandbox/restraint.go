package sandbox

import (
	"context"
	"log/slog"
	"runtime"
	"time"
)

// At rest the sandbox is woken up hundreds of times a second by Kubernetes'
// timers, each time for microseconds. With several processors the Go runtime then
// wakes a second thread each time, to look for more work, and there is none: a
// sixth of all that an idle sandbox costs. So it keeps to one processor until
// there is something to do.
const (
	// restShare is less than what anything real takes, of one processor, and
	// restAfter for how long it must be so.
	restShare = 0.08
	restAfter = 10 * time.Second
	// workShare of restLook is more than Kubernetes' timers ever take.
	workShare = 0.25
	// How often it is looked, at rest and at work.
	restLook = 200 * time.Millisecond
	workLook = 2 * time.Second
)

// restraint decides how many processors to use.
type restraint struct {
	resting bool
	quiet   time.Duration // for how long little was used, while at work
}

// looked is told how much processor time was used in the time that passed.
func (r *restraint) looked(used, passed time.Duration) {
	share := used.Seconds() / passed.Seconds()
	switch {
	case r.resting:
		if share > workShare {
			r.resting, r.quiet = false, 0
		}
	case share > restShare:
		r.quiet = 0
	default:
		r.quiet += passed
		r.resting = r.quiet >= restAfter
	}
}

// look is when to look again.
func (r *restraint) look() time.Duration {
	if r.resting {
		return restLook
	}
	return workLook
}

// restrain keeps the process to one processor while it is at rest, until ctx ends.
// Where the time it has used cannot be told, it does nothing.
func restrain(ctx context.Context, log *slog.Logger) {
	all := runtime.GOMAXPROCS(0)
	used, at := processorTime(), time.Now()
	if all == 1 || used == 0 {
		return
	}
	var r restraint
	timer := time.NewTimer(r.look())
	defer timer.Stop()
	defer func() { runtime.GOMAXPROCS(all) }()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		before := r.resting
		now, is := time.Now(), processorTime()
		r.looked(is-used, now.Sub(at))
		used, at = is, now
		if r.resting != before {
			log.Debug("processors", "resting", r.resting)
			if r.resting {
				runtime.GOMAXPROCS(1)
			} else {
				runtime.GOMAXPROCS(all)
			}
		}
		timer.Reset(r.look())
	}
}
