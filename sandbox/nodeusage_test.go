package sandbox

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestANodeUsesWhatItsContainersAndItsSystemUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		u := newNodeUsage(func() (time.Duration, int64) { return time.Since(began) * 2, 100 })
		u.system = func() (time.Duration, int64) { return time.Since(began) / 10, 20 }
		for range 2 {
			time.Sleep(10 * time.Second)
			root := u.root()
			s := root.Stats[0]
			if milli := s.CpuInst.Usage.Total / 1e6; milli != 2100 || s.Memory.WorkingSet != 120 || !s.Timestamp.Equal(time.Now()) {
				t.Errorf("it uses %dm and %d bytes at %s", milli, s.Memory.WorkingSet, s.Timestamp)
			}
		}
	})
}

func TestTheSystemsShareIsThisProcess(t *testing.T) {
	t.Parallel()
	if cpu := processorTime(); cpu <= 0 {
		t.Errorf("this process has used %s of CPU time", cpu)
	}
}
