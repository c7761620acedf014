package lessons

import "github.com/google/cel-go/cel"

func endpointFunctions() []function {
	return []function{
		{name: "readyAddresses", args: anything(1), out: cel.IntType, cost: costOfEndpoints, call: func(a []any) any {
			seen := map[string]bool{}
			for _, e := range readyEndpoints(asList(a[0])) {
				seen[e.ip] = true
			}
			return int64(len(seen))
		}},
		{name: "endpoints", args: anything(2), out: cel.ListType(cel.DynType), cost: costOfEndpoints, call: func(a []any) any {
			return endpointsOf(a[0], asList(a[1]), nil)
		}},
		{name: "endpoints", args: anything(3), out: cel.ListType(cel.DynType), cost: costOfEndpoints, call: func(a []any) any {
			p := servicePort(a[0], a[2])
			if p == nil {
				return []any{}
			}
			return endpointsOf(a[0], asList(a[1]), p)
		}},
	}
}

// endpoint is one ready address of an EndpointSlice.
type endpoint struct {
	ip, pod, node string
	ports         []any // of the slice
}

// readyEndpoints lists the ready addresses of EndpointSlices. An unset ready
// condition means ready (the API's own rule).
func readyEndpoints(slices []any) []endpoint {
	var all []endpoint
	for _, s := range slices {
		ports := list(s, "ports")
		for _, e := range list(s, "endpoints") {
			if ready, ok := field(e, "conditions", "ready").(bool); ok && !ready {
				continue
			}
			one := endpoint{node: text(e, "nodeName"), ports: ports}
			if text(e, "targetRef", "kind") == "Pod" {
				one.pod = text(e, "targetRef", "name")
			}
			for _, a := range list(e, "addresses") {
				if one.ip, _ = a.(string); one.ip != "" {
					all = append(all, one)
				}
			}
		}
	}
	return all
}

// endpointsOf lists the ready addresses behind a Service, each once, as maps of
// ip, pod, node and ports; with a port of the Service only those that serve it.
func endpointsOf(service any, slices []any, port map[string]any) []any {
	var own []any
	for _, s := range slices {
		if isSliceOf(s, service) {
			own = append(own, s)
		}
	}
	found, at := []any{}, map[string]map[string]any{}
	for _, e := range readyEndpoints(own) {
		var numbers []any
		for _, p := range e.ports {
			// Ports of slices and Services go by name; a single port may have none.
			if port == nil || text(p, "name") == text(port, "name") && portProtocol(p) == portProtocol(port) {
				numbers = append(numbers, number(0, p, "port"))
			}
		}
		if port != nil && numbers == nil {
			continue
		}
		if have := at[e.ip]; have != nil { // in several slices, with other ports
			have["ports"] = append(have["ports"].([]any), numbers...)
			continue
		}
		at[e.ip] = map[string]any{"ip": e.ip, "pod": e.pod, "node": e.node, "ports": orNone(numbers)}
		found = append(found, at[e.ip])
	}
	return found
}

// isSliceOf reports whether an EndpointSlice belongs to a Service: by its label,
// and when a Service owns it, by that Service's uid, so that what is left of a
// deleted Service of the same name does not count.
func isSliceOf(slice, service any) bool {
	name := text(service, "metadata", "name")
	if name == "" || text(slice, "metadata", "labels", serviceNameLabel) != name ||
		text(slice, "metadata", "namespace") != text(service, "metadata", "namespace") {
		return false
	}
	for _, o := range list(slice, "metadata", "ownerReferences") {
		if text(o, "kind") == "Service" {
			return text(o, "uid") == text(service, "metadata", "uid")
		}
	}
	return true
}

// costOfEndpoints counts the addresses too: a slice holds up to a thousand.
func costOfEndpoints(args []any) uint64 {
	cost := uint64(0)
	for _, a := range args {
		for _, s := range asList(a) {
			cost += uint64(len(list(s, "endpoints")) * (1 + len(list(s, "ports"))))
		}
	}
	return cost
}
