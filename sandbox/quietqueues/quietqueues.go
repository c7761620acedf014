// Package quietqueues keeps the work queues of Kubernetes' controllers asleep
// while there is no work.
//
// Each of the hundred queues of a sandbox looks at its own metrics twice a
// second, which is half of all that wakes an idle sandbox up, and a third of
// its processor time. client-go leaves that out for queues whose metrics
// nobody collects, but every component registers a collector when its packages
// are initialised, and there is no exported way back.
package quietqueues

import (
	_ "unsafe" // for go:linkname

	"k8s.io/client-go/util/workqueue"
)

// provider is client-go's own variable.
//
//go:linkname provider k8s.io/client-go/util/workqueue.globalMetricsProvider
var provider workqueue.MetricsProvider

// nobody is the provider that client-go begins with, the one it knows as
// "nobody collects them". Packages are initialised in the order of their import
// paths once what they import is there, so this one is before
// k8s.io/component-base/metrics/prometheus/workqueue, which sets another.
var nobody = provider

// Use leaves the metrics out of every queue that is made from now on. It must
// not be called while queues are made. (workqueue.SetProvider has an effect
// once, and that was spent when packages were initialised.)
func Use() { provider = nobody }
