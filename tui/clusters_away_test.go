package tui

import (
	"errors"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// TestOnlyTheSandboxIsRestarted lets a minikube go away: it is said that it does
// not answer, whatever was found before, and R only asks again.
func TestOnlyTheSandboxIsRestarted(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.onClusters(newRichSession())
	b.hides("try again")
	b.app.cluster.away = &lessons.ClusterError{Trouble: lessons.Unreachable, Op: "look", Err: errors.New("connection refused")}
	b.app.cluster.awaySince = b.app.now
	b.app.resize()
	b.shows("… no answer  [in use]", "R try again")
	b.hides("R restart the cluster")

	sandbox := newRichSession()
	sandbox.info = (&fakeSession{}).Info()
	b = newBench(t, lessons.English, 120, 40)
	b.onClusters(sandbox)
	b.app.cluster.away = &lessons.ClusterError{Trouble: lessons.Unreachable, Op: "look", Err: errors.New("connection refused")}
	b.app.cluster.awaySince = b.app.now
	b.app.resize()
	b.shows("R restart the cluster")
}
