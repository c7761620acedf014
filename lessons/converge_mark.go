package lessons

import (
	"slices"
	"time"
)

// hangingSince is when the last of the Pods that are not ready changed; now when
// there is none, or when that cannot be told.
func hangingSince(on []thing, now time.Time) time.Time {
	var newest time.Time
	later := func(v any, path ...string) {
		if t, ok := when(v, path...); ok && t.After(newest) {
			newest = t
		}
	}
	for _, t := range on {
		if t.kind.Kind != "Pod" || isReady(map[string]any(t.Object)) {
			continue
		}
		later(t.Object, "metadata", "creationTimestamp")
		for _, c := range list(t.Object, "status", "conditions") {
			later(c, "lastTransitionTime")
		}
		for _, s := range states(t) {
			later(s.status, "state", "running", "startedAt")
			later(s.status, "state", "terminated", "finishedAt")
		}
	}
	if newest.IsZero() || newest.After(now) {
		return now
	}
	return newest
}

// unmoving are the fields of a status that change without anything getting
// further.
var unmoving = [...]string{"message", "reason", "lastProbeTime", "lastTransitionTime", "lastUpdateTime", "lastState",
	"restartCount", "containerID", "observedGeneration"}

// markOf is a number that changes when the status of one of the objects does.
func markOf(all []thing) uint64 {
	var mark uint64
	for _, t := range all {
		h := hashText(t.kind.Kind) + 31*hashText(t.name()) + 97*hashText(t.uid())
		status := field(t.Object, "status")
		if t.kind.Kind == "EndpointSlice" {
			status = field(t.Object, "endpoints")
		}
		mark += h * (1 + hashOf(status, 0))
	}
	return mark
}

// hashOf hashes decoded JSON; the order of a map's keys does not matter.
func hashOf(v any, depth int) uint64 {
	const deepest = 16
	if depth > deepest {
		return 0
	}
	switch v := v.(type) {
	case map[string]any:
		sum := uint64(1)
		for k, inner := range v {
			if !slices.Contains(unmoving[:], k) {
				sum += hashText(k) * (1 + hashOf(inner, depth+1))
			}
		}
		return sum
	case []any:
		sum := uint64(2)
		for _, inner := range v {
			sum = sum*1099511628211 + hashOf(inner, depth+1)
		}
		return sum
	case string:
		return hashText(v)
	case bool:
		if v {
			return 3
		}
		return 5
	case nil:
		return 7
	}
	return uint64(number(0, v)) * 2654435761
}

// hashText is FNV-1a.
func hashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
