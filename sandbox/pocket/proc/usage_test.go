package proc

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestACPULimitSlowsAProcess(t *testing.T) {
	for name, tc := range map[string]struct {
		cpus     float64
		threads  int
		each     time.Duration
		min, max time.Duration // until all are done
	}{
		"without limit":       {0, 1, 2 * time.Second, 2 * time.Second, 2 * time.Second},
		"half a CPU":          {0.5, 1, 2 * time.Second, 3900 * time.Millisecond, 4100 * time.Millisecond},
		"more than it needs":  {2, 1, time.Second, time.Second, time.Second},
		"two threads on one":  {1, 2, time.Second, 1900 * time.Millisecond, 2100 * time.Millisecond},
		"two threads, no cap": {0, 2, time.Second, time.Second, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := NewUsage(nil)
				u.SetLimits(tc.cpus, 0)
				began := time.Now()
				var all sync.WaitGroup
				for range tc.threads {
					all.Go(func() {
						if err := u.Burn(t.Context(), tc.each); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if took := time.Since(began); took < tc.min || took > tc.max {
					t.Errorf("took %s, want %s to %s", took, tc.min, tc.max)
				}
				if want := tc.each * time.Duration(tc.threads); u.CPU() != want {
					t.Errorf("used %s of CPU time, want %s", u.CPU(), want)
				}
				if limited := tc.min > tc.each; (u.Throttled() > 0) != limited {
					t.Errorf("throttled for %s", u.Throttled())
				}
			})
		})
	}
}

func TestContainersShareTheCPUsOfTheirNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := NewNode(2, 0)
		began := time.Now()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { _ = NewUsageOn(node, nil).Burn(t.Context(), time.Second) })
		}
		all.Wait()
		if took := time.Since(began); took < 1900*time.Millisecond || took > 2200*time.Millisecond {
			t.Errorf("4 s of work on 2 CPUs took %s", took)
		}
	})
}

func TestAKilledProcessStopsWaitingForCPU(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := NewUsage(nil)
		u.SetLimits(0.01, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := u.Burn(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Burn returned %v", err)
		}
		if u.CPU() > 11*time.Millisecond {
			t.Errorf("used %s in one second at a hundredth of a CPU", u.CPU())
		}
	})
}

func TestAContainerOverItsMemoryIsKilledOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		limit  int64
		use    func(u *Usage) error
		killed bool
		memory int64
	}{
		"within its limit":           {100, func(u *Usage) error { return u.Claim(100) }, false, 100},
		"over its limit":             {100, func(u *Usage) error { return u.Claim(101) }, true, 0},
		"in steps":                   {100, func(u *Usage) error { return errors.Join(u.Claim(60), u.Allocate(60), u.Allocate(60)) }, true, 60},
		"gives back in time":         {100, func(u *Usage) error { return errors.Join(u.Claim(60), u.Claim(-30), u.Claim(60)) }, false, 90},
		"claims much without limit":  {0, func(u *Usage) error { return u.Claim(1 << 30) }, false, 1 << 30},
		"keeps much without limit":   {0, func(u *Usage) error { return u.Allocate(heldLimit + 1) }, true, 0},
		"claims more than the node":  {0, func(u *Usage) error { return u.Claim(5 << 30) }, true, 0},
		"a limit below what is used": {0, func(u *Usage) error { _ = u.Claim(60); u.SetLimits(0, 50); return u.Claim(0) }, true, 60},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kills := make(chan struct{}, 5)
				u := NewUsageOn(NewNode(4, 4<<30), func() { kills <- struct{}{} })
				u.SetLimits(0, tc.limit)
				err := tc.use(u)
				synctest.Wait()
				if got := errors.Is(err, ErrOutOfMemory); got != tc.killed || u.OutOfMemory() != tc.killed || (len(kills) == 1) != tc.killed {
					t.Errorf("error %v, out of memory %t, killed %d times", err, u.OutOfMemory(), len(kills))
				}
				if u.Memory() != tc.memory {
					t.Errorf("memory %d, want %d", u.Memory(), tc.memory)
				}
			})
		})
	}
}

func TestTheMemoryOfAContainerThatEndedIsTheNodesAgain(t *testing.T) {
	t.Parallel()
	node := NewNode(4, 100)
	first := NewUsageOn(node, nil)
	if err := first.Claim(80); err != nil {
		t.Fatal(err)
	}
	if err := NewUsageOn(node, nil).Claim(30); !errors.Is(err, ErrOutOfMemory) {
		t.Errorf("the node gave more than it has: %v", err)
	}
	first.Release()
	if err := NewUsageOn(node, nil).Claim(80); err != nil {
		t.Errorf("after the first ended: %v", err)
	}
}
