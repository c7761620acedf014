package metrics

import (
	"sync"
	"time"
)

// freshest is how long a container must have run before its first reading says
// anything about its use.
const freshest = time.Second

// usage is how much is in use: CPUs on average over a window, and memory.
type usage struct {
	at     time.Time
	window time.Duration
	cores  int64 // nanocores
	memory int64 // bytes
}

// span is the last two points of a container or a node.
type span struct{ before, last point }

// next is the span after another point; ok is false as long as there is only
// one.
func (s span) next(p point) span {
	switch {
	case p.at.IsZero() || !p.at.After(s.last.at):
		return s
	case s.last.at.IsZero(), p.start.After(s.last.at), p.cpu < s.last.cpu:
		// New, or started again: it has used nothing before its start.
		s = span{last: p}
		if !p.start.IsZero() && p.at.Sub(p.start) >= freshest {
			s.before = point{at: p.start, start: p.start}
		}
		return s
	}
	return span{before: s.last, last: p}
}

func (s span) usage() (usage, bool) {
	window := s.last.at.Sub(s.before.at)
	if s.before.at.IsZero() || window <= 0 {
		return usage{}, false
	}
	return usage{
		at: s.last.at, window: window, memory: s.last.memory,
		cores: int64(float64(s.last.cpu-s.before.cpu) / float64(window) * float64(time.Second)),
	}, true
}

// store holds what the kubelets have told. It is safe for concurrent use.
type store struct {
	mu    sync.RWMutex
	nodes map[string]*nodeSpans
}

type nodeSpans struct {
	node span
	pods map[podKey]map[string]span
}

// put takes in what a node's kubelet tells; Pods it does not name any longer
// are forgotten.
func (s *store) put(node string, r reading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.nodes == nil {
		s.nodes = map[string]*nodeSpans{}
	}
	old := s.nodes[node]
	if old == nil {
		old = &nodeSpans{}
	}
	fresh := &nodeSpans{node: old.node.next(r.node), pods: make(map[podKey]map[string]span, len(r.pods))}
	for pod, containers := range r.pods {
		spans := make(map[string]span, len(containers))
		for name, p := range containers {
			spans[name] = old.pods[pod][name].next(p)
		}
		fresh.pods[pod] = spans
	}
	s.nodes[node] = fresh
}

// keep forgets all nodes but those.
func (s *store) keep(nodes map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.nodes {
		if !nodes[name] {
			delete(s.nodes, name)
		}
	}
}

// ready reports whether any node has told enough.
func (s *store) ready() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, n := range s.nodes {
		if _, ok := n.node.usage(); ok {
			return true
		}
	}
	return false
}

func (s *store) node(name string) (usage, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if n := s.nodes[name]; n != nil {
		return n.node.usage()
	}
	return usage{}, false
}

// pod is the usage of each container of a Pod; nil when it is not known of all
// of them, because a sum that leaves one out would mislead an autoscaler.
func (s *store) pod(node string, key podKey) map[string]usage {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := s.nodes[node]
	if n == nil || len(n.pods[key]) == 0 {
		return nil
	}
	containers := make(map[string]usage, len(n.pods[key]))
	for name, sp := range n.pods[key] {
		u, ok := sp.usage()
		if !ok {
			return nil
		}
		containers[name] = u
	}
	return containers
}
