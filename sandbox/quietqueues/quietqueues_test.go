package quietqueues_test

import (
	"bytes"
	"runtime/pprof"
	"testing"
	"testing/synctest"

	"k8s.io/client-go/util/workqueue"
	_ "k8s.io/component-base/metrics/prometheus/workqueue" // what every component of Kubernetes imports

	"github.com/k8stutor/k8stutor/sandbox/quietqueues"
)

// ticking is how many queues look at their metrics.
func ticking(t *testing.T) int {
	t.Helper()
	var stacks bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&stacks, 2); err != nil {
		t.Fatal(err)
	}
	return bytes.Count(stacks.Bytes(), []byte("updateUnfinishedWorkLoop("))
}

func TestQueuesDoNotLookAtTheirMetrics(t *testing.T) {
	quietqueues.Use()
	synctest.Test(t, func(t *testing.T) {
		queue := func(c workqueue.TypedQueueConfig[string]) {
			q := workqueue.NewTypedWithConfig(c)
			t.Cleanup(q.ShutDown)
			synctest.Wait()
		}
		queue(workqueue.TypedQueueConfig[string]{Name: "quiet"})
		if n := ticking(t); n != 0 {
			t.Errorf("%d queues look at their metrics, want none", n)
		}
		queue(workqueue.TypedQueueConfig[string]{Name: "collected", MetricsProvider: collector{}})
		if n := ticking(t); n != 1 {
			t.Errorf("%d queues look at their metrics, want the one with a collector of its own: this test cannot see them", n)
		}
	})
}

// collector is a collector that is not client-go's own for nobody.
type collector struct{}

func (collector) NewDepthMetric(string) workqueue.GaugeMetric            { return metric{} }
func (collector) NewAddsMetric(string) workqueue.CounterMetric           { return metric{} }
func (collector) NewLatencyMetric(string) workqueue.HistogramMetric      { return metric{} }
func (collector) NewWorkDurationMetric(string) workqueue.HistogramMetric { return metric{} }
func (collector) NewUnfinishedWorkSecondsMetric(string) workqueue.SettableGaugeMetric {
	return metric{}
}
func (collector) NewLongestRunningProcessorSecondsMetric(string) workqueue.SettableGaugeMetric {
	return metric{}
}
func (collector) NewRetriesMetric(string) workqueue.CounterMetric { return metric{} }

type metric struct{}

func (metric) Inc()            {}
func (metric) Dec()            {}
func (metric) Set(float64)     {}
func (metric) Observe(float64) {}
