package sandbox

import (
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/util/workqueue"
)

func TestOwnOpenAPIIsGatheredSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
		defer inner.ShutDown()
		q := seldomQueue{inner}
		began := time.Now()
		q.AddAfter("k8s_internal_local_delegation_chain_0000000001", time.Second)
		q.AddAfter("v1beta1.metrics.k8s.io", 2*time.Second)
		for _, want := range []struct {
			name  string
			after time.Duration
		}{{"v1beta1.metrics.k8s.io", 2 * time.Second}, {"k8s_internal_local_delegation_chain_0000000001", ownOpenAPIEvery}} {
			name, _ := q.Get()
			if took := time.Since(began).Truncate(time.Second); name != want.name || took != want.after {
				t.Errorf("%s came after %s, want %s after %s", name, took, want.name, want.after)
			}
			q.Done(name)
		}
	})
}
