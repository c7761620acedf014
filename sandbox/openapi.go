package sandbox

import (
	"errors"
	"reflect"
	"time"

	"k8s.io/client-go/util/workqueue"
	"k8s.io/kube-aggregator/pkg/apiserver"
	"k8s.io/kube-aggregator/pkg/controllers/openapiv3/aggregator"
)

// ownOpenAPIEvery is how often the API server gathers anew what it says of its
// own kinds, by OpenAPI: so much later is a new CustomResourceDefinition known
// to `kubectl explain`.
const ownOpenAPIEvery = 5 * time.Second

// gatherOpenAPISeldom has the aggregator gather the API server's own OpenAPI
// each ownOpenAPIEvery. The second that is built in was a sixth of all that
// wakes an idle sandbox up. The aggregator offers no way to say so: its queues
// are replaced in their unexported fields, once the server is prepared and
// before it runs.
func gatherOpenAPISeldom(server *apiserver.APIAggregator) error {
	root := reflect.ValueOf(server)
	var errs []error
	for _, controller := range []string{"openAPIAggregationController", "openAPIV3AggregationController"} {
		queue, err := fieldAt[workqueue.TypedRateLimitingInterface[string]](root, controller, "queue")
		if err != nil {
			errs = append(errs, err)
			continue
		}
		*queue = seldomQueue{*queue}
	}
	return errors.Join(errs...)
}

// seldomQueue is a queue to which the API server's own parts come back after
// ownOpenAPIEvery at the earliest.
type seldomQueue struct {
	workqueue.TypedRateLimitingInterface[string]
}

func (q seldomQueue) AddAfter(name string, after time.Duration) {
	if aggregator.IsLocalAPIService(name) {
		after = max(after, ownOpenAPIEvery)
	}
	q.TypedRateLimitingInterface.AddAfter(name, after)
}
