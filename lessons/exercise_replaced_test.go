package lessons

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// movingCluster is a cluster in whose place another one may answer.
type movingCluster struct {
	*memoryCluster
	clusterUID string
	refuses    *ClusterError // of Admit
}

func (c *movingCluster) Admit(context.Context, *Lesson) error {
	if c.refuses != nil {
		return c.refuses
	}
	return nil
}

func (c *movingCluster) Prepare(ctx context.Context, lesson string) (Workspace, error) {
	c.mu.Lock()
	if c.away != nil && c.away.Trouble == Replaced {
		c.away = nil // what was away is the workspace, not the cluster
	}
	c.mu.Unlock()
	ws, err := c.memoryCluster.Prepare(ctx, lesson)
	c.mu.Lock()
	defer c.mu.Unlock()
	ws.ClusterUID = c.clusterUID
	return ws, err
}

// move has another, empty cluster answer.
func (c *movingCluster) move(uid string) {
	c.mu.Lock()
	c.objects, c.uid, c.clusterUID = map[Kind][]Object{}, "ns-of-"+uid, uid
	c.away = &ClusterError{Trouble: Replaced, Op: "come back to the cluster", Err: errors.New("another cluster answers there now")}
	c.mu.Unlock()
	c.send()
}

func TestAnExerciseBeginsAnewOnTheClusterThatAnswersInTheOldOnesPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := threeSteps(t)
		c := &movingCluster{memoryCluster: newMemoryCluster(), clusterUID: "first"}
		store, _, err := OpenStore(filepath.Join(t.TempDir(), "progress.json"), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		var last Report
		go func() { ended <- NewExercise(l, c, store, time.Now).Run(ctx, func(r Report) { last = r }) }()
		synctest.Wait()
		c.put(configMap(t, "a", "1", "ua"))
		synctest.Wait()
		if res, _ := last.Step("make"); res.Verdict != Pass {
			t.Fatalf("before: %+v", res)
		}
		c.move("second")
		synctest.Wait()
		if last.Workspace.ClusterUID != "second" || last.Snapshot.Away != nil {
			t.Fatalf("the exercise is in %+v, away %v", last.Workspace, last.Snapshot.Away)
		}
		if res, _ := last.Step("make"); res.Verdict != NotYet {
			t.Errorf("what is not on this cluster counts: %+v", res)
		}
		if !strings.Contains(last.Notice.In(English), "another cluster") {
			t.Errorf("notice %v", last.Notice)
		}
		progress := store.Progress().Lessons[l.ID]
		if _, ok := progress.Passed["make"]; !ok || progress.Attempt.ClusterUID != "second" {
			t.Errorf("progress %+v", progress)
		}
		c.put(configMap(t, "a", "1", "ua"))
		synctest.Wait()
		if res, _ := last.Step("make"); res.Verdict != Pass {
			t.Errorf("done again: %+v", res)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestALessonThatIsNotAdmittedMakesNothing(t *testing.T) {
	t.Parallel()
	l := threeSteps(t)
	c := &movingCluster{memoryCluster: newMemoryCluster(), refuses: &ClusterError{Trouble: Guarded, Op: "begin", Err: errors.New("not here")}}
	store, _, err := OpenStore(filepath.Join(t.TempDir(), "progress.json"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := NewExercise(l, c, store, time.Now).Check(t.Context())
	if !errors.Is(err, c.refuses) || rep.Verdict != CannotTell || c.planted != 0 || len(c.follow) != 0 {
		t.Errorf("report %+v, error %v", rep, err)
	}
}
