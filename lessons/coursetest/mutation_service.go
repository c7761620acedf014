package coursetest

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

func keys(m map[string]any) iter.Seq[string] { return maps.Keys(m) }

// service changes what a Service selects, takes and passes on, and its type.
func (t target) service() []mutation {
	if kind(t.object) != "Service" {
		return nil
	}
	var found []mutation
	spec := func(name string, change map[string]any) {
		found = append(found, t.patch(name, map[string]any{"spec": change}))
	}
	if selector := fields(t.object, "spec", "selector"); len(selector) > 0 {
		key := slices.Sorted(keys(selector))[0]
		spec("selector", map[string]any{"selector": map[string]any{key: text(selector, key) + "-x"}})
		spec("selector-narrow", map[string]any{"selector": map[string]any{"no-such-label": "x"}})
		spec("selector-none", map[string]any{"selector": nil})
	}
	// All ports are changed, for a check that asks for one port does not say
	// which.
	ports := func(name string, change func(port map[string]any) bool) {
		changed := clone(t.object)
		some := false
		for _, p := range list(changed, "spec", "ports") {
			if port, ok := p.(map[string]any); ok {
				some = change(port) || some
			}
		}
		if some {
			spec(name, map[string]any{"ports": list(changed, "spec", "ports")})
		}
	}
	ports("port", func(p map[string]any) bool {
		p["port"] = number(p, "port") + 1
		return true
	})
	ports("target-port", func(p map[string]any) bool {
		if target := number(p, "targetPort"); target != 0 {
			p["targetPort"] = target + 1
		} else {
			p["targetPort"] = mistyped(text(p, "targetPort"))
		}
		return true
	})
	ports("ports-swapped", func(p map[string]any) bool {
		port, target := number(p, "port"), number(p, "targetPort")
		if target == 0 || target == port {
			return false
		}
		p["port"], p["targetPort"] = target, port
		return true
	})
	ports("protocol", func(p map[string]any) bool {
		if text(p, "protocol") == "UDP" {
			p["protocol"] = "TCP"
		} else {
			p["protocol"] = "UDP"
		}
		return true
	})
	return append(found, t.types()...)
}

// types makes the Service one of another type: reachable from elsewhere, and no
// more than an alias.
func (t target) types() []mutation {
	other := "NodePort"
	if is := text(t.object, "spec", "type"); is != "ClusterIP" && is != "" {
		other = "ClusterIP"
	}
	alias := elsewhere(t.object)
	spec := fields(alias, "spec")
	for _, own := range []string{"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy", "externalTrafficPolicy", "sessionAffinity"} {
		delete(spec, own)
	}
	spec["type"], spec["externalName"] = "ExternalName", "example.com"
	headless := elsewhere(t.object)
	spec = fields(headless, "spec")
	delete(spec, "clusterIPs")
	spec["type"], spec["clusterIP"] = "ClusterIP", "None"
	found := []mutation{
		t.patch("type-"+strings.ToLower(other), map[string]any{"spec": map[string]any{"type": other}}),
		t.anew("type-externalname", alias),
	}
	if text(t.object, "spec", "clusterIP") != "None" {
		found = append(found, t.anew("headless", headless))
	}
	return found
}

// keys takes keys away from configuration, one at a time.
func (t target) keys() []mutation {
	if kind(t.object) != "ConfigMap" && kind(t.object) != "Secret" {
		return nil
	}
	var found []mutation
	for _, where := range []string{"data", "binaryData"} {
		for _, key := range slices.Sorted(keys(fields(t.object, where))) {
			found = append(found, t.patch("key-missing-"+key, map[string]any{where: map[string]any{key: nil}}))
		}
	}
	return found
}
