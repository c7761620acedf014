package sandbox

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// ended runs users.wait and tells when and why it returned; zero while it has not.
func ended(t *testing.T, users *leases) func() (after time.Duration, why string) {
	start := time.Now()
	type end struct {
		after time.Duration
		why   string
	}
	done := make(chan end, 1)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() {
		err := users.wait(ctx, nil)
		done <- end{time.Since(start), err.Error()}
	}()
	return func() (time.Duration, string) {
		synctest.Wait()
		select {
		case e := <-done:
			done <- e
			return e.after, e.why
		default:
			return 0, ""
		}
	}
}

func expectEnd(t *testing.T, end func() (time.Duration, string), after time.Duration, why string) {
	t.Helper()
	got, text := end()
	if got != after || !strings.Contains(text, why) {
		t.Errorf("ended after %s (%q), want %s (%q)", got, text, after, why)
	}
}

func TestASandboxNobodyUsesEndsAfterTheFirstMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := ended(t, newLeases(time.Now(), time.Minute, 2*time.Hour))
		time.Sleep(59 * time.Second)
		expectEnd(t, end, 0, "")
		time.Sleep(time.Hour)
		expectEnd(t, end, time.Minute, "nobody used it within 1m0s")
	})
}

func TestTheLastUserEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := newLeases(time.Now(), time.Minute, 2*time.Hour)
		end := ended(t, users)
		first, second := users.take(0, false), users.take(0, false)
		time.Sleep(time.Hour)
		first()
		first() // ending twice is ending once
		if users.count() != 1 {
			t.Errorf("%d leases are open, want 1", users.count())
		}
		time.Sleep(time.Hour)
		expectEnd(t, end, 0, "")
		second()
		expectEnd(t, end, 2*time.Hour, "the last user is gone")
	})
}

func TestLingerKeepsItForTheNextUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := newLeases(time.Now(), time.Minute, 2*time.Hour)
		end := ended(t, users)
		users.take(30*time.Second, false)()
		time.Sleep(20 * time.Second)
		expectEnd(t, end, 0, "")
		next := users.take(0, false) // ends without linger, but the first one's still counts
		time.Sleep(5 * time.Second)
		next()
		time.Sleep(time.Hour)
		expectEnd(t, end, 30*time.Second, "the last user is gone")
	})
}

func TestKeepHoldsItUntilIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := newLeases(time.Now(), time.Minute, 2*time.Hour)
		end := ended(t, users)
		users.take(0, true)()
		time.Sleep(time.Hour)
		users.take(0, false)() // an ordinary user does not undo it, and starts the clock anew
		time.Sleep(2*time.Hour - time.Second)
		expectEnd(t, end, 0, "")
		time.Sleep(time.Hour)
		expectEnd(t, end, 3*time.Hour, "nobody used it for 2h0m0s")
	})
}

func TestShutdownDoesNotWaitForUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := newLeases(time.Now(), time.Minute, 2*time.Hour)
		defer users.take(time.Hour, true)()
		shutdown := make(chan struct{})
		close(shutdown)
		if err := users.wait(t.Context(), shutdown); err == nil || !strings.Contains(err.Error(), "shutdown was asked for") {
			t.Errorf("wait returned %v", err)
		}
	})
}
