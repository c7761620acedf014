package proc

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Usage counts what a container uses of the node. Programs say what they would
// cost in life, because what they cost here is next to nothing: that is what
// kubectl top, an autoscaler and the limits of the Pod go by.
type Usage struct {
	throttle *rate.Limiter // nanoseconds of CPU time

	mu          sync.Mutex
	cpu         time.Duration
	memory      int64
	memoryLimit int64 // bytes; 0 is none
	outOfMemory func()
}

// ErrOutOfMemory says that a container asked for more memory than its limit;
// it is about to be killed.
var ErrOutOfMemory = errors.New("out of memory")

// NewUsage makes the account of a container; outOfMemory is called, on a
// goroutine of its own, when the container must be killed for its memory.
func NewUsage(outOfMemory func()) *Usage {
	u := &Usage{outOfMemory: outOfMemory, throttle: rate.NewLimiter(rate.Inf, 0)}
	return u
}

// burst is how much CPU time may be used at once, before a limit is felt.
const burst = 100 * time.Millisecond

// SetLimits sets the limits of the container: CPUs and bytes, 0 for none.
func (u *Usage) SetLimits(cpus float64, memory int64) {
	u.throttle.SetLimit(rate.Inf)
	if cpus > 0 {
		u.throttle.SetLimit(rate.Limit(cpus * float64(time.Second)))
		u.throttle.SetBurst(int(burst))
	}
	u.mu.Lock()
	u.memoryLimit = memory
	u.mu.Unlock()
	_ = u.Allocate(0)
}

// Spend counts CPU time, and waits as long as a CPU limit makes a process wait.
func (u *Usage) Spend(ctx context.Context, d time.Duration) error {
	u.mu.Lock()
	u.cpu += d
	u.mu.Unlock()
	if u.throttle.Limit() == rate.Inf {
		return nil
	}
	for d > 0 {
		part := min(d, burst)
		if err := u.throttle.WaitN(ctx, int(part)); err != nil {
			return err
		}
		d -= part
	}
	return nil
}

// Allocate counts memory that a program takes, or gives back when bytes is
// negative. ErrOutOfMemory means that the container is over its limit and will
// be killed.
func (u *Usage) Allocate(bytes int64) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.memory += bytes
	if u.memoryLimit > 0 && u.memory > u.memoryLimit {
		if u.outOfMemory != nil {
			go u.outOfMemory()
		}
		return ErrOutOfMemory
	}
	return nil
}

// CPU is the CPU time used so far.
func (u *Usage) CPU() time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.cpu
}

// Memory is what is in use, in bytes.
func (u *Usage) Memory() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.memory
}
