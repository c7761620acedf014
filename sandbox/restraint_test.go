package sandbox

import (
	"testing"
	"time"
)

func TestRestraintRestsLateAndWorksAtOnce(t *testing.T) {
	t.Parallel()
	var r restraint
	look := func(share float64, times int) {
		for range times {
			passed := r.look()
			r.looked(time.Duration(share*float64(passed)), passed)
		}
	}
	look(0.04, 4)
	if r.resting {
		t.Fatal("rests after eight seconds")
	}
	look(0.10, 1)
	look(0.04, 4)
	if r.resting {
		t.Fatal("work in between does not begin the wait anew")
	}
	look(0.04, 1)
	if !r.resting || r.look() != restLook {
		t.Fatalf("after ten quiet seconds: resting %t, looks again after %s", r.resting, r.look())
	}
	look(0.20, 50)
	if !r.resting {
		t.Error("a little more than nothing ends the rest")
	}
	look(0.30, 1)
	if r.resting || r.look() != workLook {
		t.Errorf("after a look with work: resting %t, looks again after %s", r.resting, r.look())
	}
}
