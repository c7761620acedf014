package lessons

import (
	"strconv"

	"github.com/google/cel-go/cel"
)

func portFunctions() []function {
	return []function{
		{name: "portNumber", args: anything(2), out: cel.IntType, call: func(a []any) any { return portsOf(a[0]).number(a[1], "") }},
		{name: "targetPort", args: anything(3), out: cel.IntType, call: func(a []any) any {
			p := servicePort(a[0], a[1])
			if p == nil {
				return int64(0)
			}
			return portsOf(a[2]).target(p)
		}},
		{name: "targetPorts", args: anything(2), out: cel.ListType(cel.IntType), call: func(a []any) any {
			all, ports := []any{}, portsOf(a[1])
			for _, p := range list(a[0], "spec", "ports") {
				if n := ports.target(p); n != 0 {
					all = append(all, n)
				}
			}
			return all
		}},
	}
}

// containerPorts are the named ports of the containers of a Pod.
type containerPorts map[portName]int64

type portName struct{ name, protocol string }

// portsOf reads the ports of the containers of a Pod or of what makes Pods. As
// for the endpoints controller, the first of a name counts.
func portsOf(v any) containerPorts {
	named := containerPorts{}
	for _, c := range runningContainers(v) {
		for _, p := range list(c, "ports") {
			protocol := portProtocol(p)
			for _, key := range []portName{{text(p, "name"), protocol}, {text(p, "name"), ""}} {
				if _, taken := named[key]; !taken && key.name != "" {
					named[key] = number(0, p, "containerPort")
				}
			}
		}
	}
	return named
}

// portProtocol returns the protocol of a port; unset is TCP.
func portProtocol(port any) string {
	if p := text(port, "protocol"); p != "" {
		return p
	}
	return "TCP"
}

// number resolves a port that may be given by number or by name; 0 when no
// container has a port of that name. An empty protocol means any.
func (c containerPorts) number(port any, protocol string) int64 {
	s, ok := port.(string)
	if !ok {
		return number(0, port)
	}
	if n, err := strconv.ParseUint(s, 10, 16); err == nil {
		return int64(n)
	}
	return c[portName{s, protocol}]
}

// target is the container's port to which a port of a Service leads. One
// without a targetPort leads to the same number.
func (c containerPorts) target(port any) int64 {
	to := field(port, "targetPort")
	if to == nil {
		to = field(port, "port")
	}
	return c.number(to, portProtocol(port))
}

// servicePort finds a port of a Service by number or name; nil when it has no
// such port.
func servicePort(service, port any) map[string]any {
	for _, p := range list(service, "spec", "ports") {
		if name, ok := port.(string); ok && name != "" && text(p, "name") == name || same(field(p, "port"), port) {
			return mapAt(p)
		}
	}
	return nil
}
