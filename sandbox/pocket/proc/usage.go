package proc

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Node is what the containers of a node share of its CPUs and memory.
type Node struct {
	cpus quota

	mu     sync.Mutex
	memory int64
	limit  int64
}

// NewNode makes a node with a number of CPUs and of bytes that its containers
// may use.
func NewNode(cpus float64, memory int64) *Node {
	return &Node{cpus: quota{cpus: cpus}, limit: memory}
}

// add counts memory that a container of the node takes, and reports whether
// there is that much.
func (n *Node) add(bytes int64) bool {
	if n == nil {
		return true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if bytes > 0 && n.limit > 0 && n.memory+bytes > n.limit {
		return false
	}
	n.memory += bytes
	return true
}

// Usage counts what a container uses of the node. Programs say what they would
// cost in life, because what they cost here is next to nothing: that is what
// kubectl top, an autoscaler and the limits of the Pod go by. Its methods may
// be called by any number of goroutines.
type Usage struct {
	node        *Node
	outOfMemory func()
	own         quota

	mu          sync.Mutex
	cpu         time.Duration
	throttled   time.Duration
	held        int64 // bytes this process of ours really keeps for the container
	claimed     int64 // bytes that only count
	memoryLimit int64 // bytes; 0 is none
	controls    Controls
	killed      bool
}

// ErrOutOfMemory says that a container asked for more memory than it may have;
// it is about to be killed.
var ErrOutOfMemory = errors.New("out of memory")

// heldLimit is what a container may make this process really keep, in bytes,
// whatever its own limit is: beyond it all Pods would suffer.
const heldLimit = 256 << 20

// NewUsage makes the account of a container on no particular node; outOfMemory
// is called once, on a goroutine of its own, when the container must be killed
// for its memory.
func NewUsage(outOfMemory func()) *Usage { return NewUsageOn(nil, outOfMemory) }

// NewUsageOn makes the account of a container on a node.
func NewUsageOn(node *Node, outOfMemory func()) *Usage {
	return &Usage{node: node, outOfMemory: outOfMemory}
}

// SetLimits sets the limits of the container: CPUs and bytes, 0 for none. A
// container that uses more memory than that is killed.
func (u *Usage) SetLimits(cpus float64, memory int64) {
	u.own.set(cpus)
	u.mu.Lock()
	u.memoryLimit = memory
	u.mu.Unlock()
	_ = u.Claim(0)
}

// Controls are what else a container's control group is set to. They are to be
// seen there, and change nothing.
type Controls struct {
	CPUShares   int64             // of version 1; 0 is the kernel's default
	OOMScoreAdj int64             // of the container's processes
	Unified     map[string]string // files of version 2: memory.min
}

// SetControls sets what the control group shows besides the limits.
func (u *Usage) SetControls(c Controls) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.controls = c
}

// Controls are what SetControls set last.
func (u *Usage) Controls() Controls {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.controls
}

// Limits are the limits of the container: CPUs and bytes, 0 for none.
func (u *Usage) Limits() (cpus float64, memory int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.own.limit(), u.memoryLimit
}

// Spend counts CPU time, and waits as long as the container's limit, or other
// containers on the node, make a process wait. It returns ctx's error when the
// process was killed meanwhile. It does not wait for the work itself: a
// program that works for long calls Burn.
func (u *Usage) Spend(ctx context.Context, d time.Duration) error {
	for {
		own, wait := u.own.take(d)
		node := own
		if u.node != nil && own > 0 {
			var busy time.Duration
			if node, busy = u.node.cpus.take(own); node < own {
				u.own.giveBack(own - node)
				wait = busy
			}
		}
		u.mu.Lock()
		u.cpu += node
		u.mu.Unlock()
		if d -= node; d <= 0 {
			return nil
		}
		began := time.Now()
		ok := Sleep(ctx, wait)
		u.mu.Lock()
		u.throttled += time.Since(began)
		u.mu.Unlock()
		if !ok {
			return ctx.Err()
		}
	}
}

// slice is how long a thread works between two looks at the clock.
const slice = 10 * time.Millisecond

// Burn works for d of CPU time on one thread: it takes at least that long, and
// longer when the container is throttled. It returns ctx's error when the
// process was killed.
func (u *Usage) Burn(ctx context.Context, d time.Duration) error {
	for d > 0 {
		part := min(d, slice)
		began := time.Now()
		if err := u.Spend(ctx, part); err != nil {
			return err
		}
		if rest := part - time.Since(began); rest > 0 && !Sleep(ctx, rest) {
			return ctx.Err()
		}
		d -= part
	}
	return ctx.Err()
}

// Allocate counts memory that this process really keeps for a program, such as
// a shell's variables; negative bytes give it back. ErrOutOfMemory means that
// the container is over its limit and will be killed; nothing was counted.
func (u *Usage) Allocate(bytes int64) error { return u.grow(bytes, 0) }

// Claim is Allocate for memory that only counts: the program it stands for
// would use it, here it takes none.
func (u *Usage) Claim(bytes int64) error { return u.grow(0, bytes) }

func (u *Usage) grow(held, claimed int64) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	total := u.held + u.claimed + held + claimed
	over := u.memoryLimit > 0 && total > u.memoryLimit || held > 0 && u.held+held > heldLimit
	if over || !u.node.add(held+claimed) {
		if !u.killed && u.outOfMemory != nil {
			go u.outOfMemory()
		}
		u.killed = true
		return ErrOutOfMemory
	}
	u.held += held
	u.claimed += claimed
	return nil
}

// Release ends the account: the container's memory is the node's again. What
// was counted stays to be read.
func (u *Usage) Release() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.node.add(-u.held - u.claimed)
	u.held, u.claimed = 0, 0
}

// OutOfMemory reports whether the container asked for more memory than it may
// have. Then the kernel has killed it, whatever code its processes end with.
func (u *Usage) OutOfMemory() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.killed
}

// CPU is the CPU time used so far.
func (u *Usage) CPU() time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.cpu
}

// Throttled is how long processes have waited for CPU time so far.
func (u *Usage) Throttled() time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.throttled
}

// Memory is what is in use, in bytes.
func (u *Usage) Memory() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.held + u.claimed
}

// quota gives out CPU time as the kernel's CFS bandwidth control does: so much
// in each period, and when it is used up, nothing until the next one.
type quota struct {
	mu    sync.Mutex
	cpus  float64 // 0 is without limit
	begin time.Time
	used  time.Duration
}

// period is the kernel's default, and the kubelet's.
const period = 100 * time.Millisecond

func (q *quota) set(cpus float64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cpus = cpus
}

func (q *quota) limit() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.cpus
}

// take gives up to d of CPU time. If that is less than d, the next can be had
// after wait.
func (q *quota) take(d time.Duration) (given, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.cpus <= 0 {
		return d, 0
	}
	now := time.Now()
	if elapsed := now.Sub(q.begin); elapsed >= period || elapsed < 0 {
		q.begin, q.used = now, 0
	}
	given = max(min(d, time.Duration(q.cpus*float64(period))-q.used), 0)
	q.used += given
	return given, q.begin.Add(period).Sub(now)
}

func (q *quota) giveBack(d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.used -= d
}
