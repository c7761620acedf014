package pocket

import (
	"context"
	"sync"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// events tells the kubelet at once that a container started or ended; without
// it the kubelet would notice at its next relist, up to a second later.
type events struct {
	mu          sync.Mutex
	subscribers map[chan *runtimeapi.ContainerEventResponse]struct{}
}

// GetContainerEvents implements the CRI service: it sends to out until ctx ends.
func (r *Runtime) GetContainerEvents(ctx context.Context, out chan *runtimeapi.ContainerEventResponse, connected func(runtimeapi.RuntimeService_GetContainerEventsClient)) error {
	in := make(chan *runtimeapi.ContainerEventResponse, 256)
	r.events.mu.Lock()
	if r.events.subscribers == nil {
		r.events.subscribers = map[chan *runtimeapi.ContainerEventResponse]struct{}{}
	}
	r.events.subscribers[in] = struct{}{}
	r.events.mu.Unlock()
	defer func() {
		r.events.mu.Lock()
		delete(r.events.subscribers, in)
		r.events.mu.Unlock()
	}()
	if connected != nil {
		connected(nil)
	}
	for {
		select {
		case e := <-in:
			select {
			case out <- e:
			case <-ctx.Done():
				return ctx.Err()
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// publish announces a change. r.mu is held. A subscriber that does not keep up
// loses the event: its relist finds the change.
func (r *Runtime) publish(s *sandbox, c *container, kind runtimeapi.ContainerEventType) {
	e := &runtimeapi.ContainerEventResponse{
		ContainerId:        c.id,
		ContainerEventType: kind,
		CreatedAt:          now(),
		PodSandboxStatus:   s.status(),
		ContainersStatuses: []*runtimeapi.ContainerStatus{c.status()},
	}
	r.events.mu.Lock()
	defer r.events.mu.Unlock()
	for ch := range r.events.subscribers {
		select {
		case ch <- e:
		default:
		}
	}
}
