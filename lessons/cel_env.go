package lessons

import (
	"encoding/base64"
	"strings"

	"github.com/google/cel-go/cel"
)

func envFunctions() []function {
	var all []function
	for n := range 3 { // without lists, with ConfigMaps, with Secrets too
		all = append(all,
			function{name: "env", args: append([]*cel.Type{cel.DynType, cel.StringType}, anything(n)...), out: cel.StringType, cost: costOfContents,
				call: func(a []any) any {
					for _, c := range envContainers(a[0]) {
						if v, ok := environment(c, a[2:]...)[a[1].(string)]; ok {
							return v
						}
					}
					return ""
				}},
			function{name: "environment", args: anything(n + 1), out: cel.MapType(cel.StringType, cel.StringType), cost: costOfContents,
				call: func(a []any) any {
					vars := map[string]string{}
					for _, c := range envContainers(a[0]) {
						for k, v := range environment(c, a[1:]...) {
							if _, taken := vars[k]; !taken {
								vars[k] = v
							}
						}
					}
					return vars
				}})
	}
	return all
}

// envContainers are the containers of a Pod or of what makes Pods, or v itself
// when it is a container.
func envContainers(v any) []any {
	if spec := podSpec(v); spec != nil {
		return list(spec, "containers")
	}
	return []any{v}
}

// expandedLimit bounds the value of a variable that refers to others, in bytes:
// references to references grow exponentially.
const expandedLimit = 32 << 10

// environment resolves the variables of a container as the kubelet does:
// envFrom first, then env, and what comes later wins. What a reference that
// leads nowhere would set is not set; values that only a running Pod has
// (fieldRef, resourceFieldRef) are "". sources are a list of ConfigMaps and one
// of Secrets; either may be one object.
func environment(container any, sources ...any) map[string]string {
	var src [2][]any
	for i, s := range sources {
		src[i] = oneOrMany(s)
	}
	vars := map[string]string{}
	for _, from := range list(container, "envFrom") {
		for i, ref := range []string{"configMapRef", "secretRef"} {
			if name := text(from, ref, "name"); name != "" {
				for key, value := range mapAt(named(src[i], name), "data") {
					if v, ok := decoded(i, value); ok {
						vars[text(from, "prefix")+key] = v
					}
				}
			}
		}
	}
	for _, e := range list(container, "env") {
		name := text(e, "name")
		from := mapAt(e, "valueFrom")
		if from == nil {
			vars[name] = expand(text(e, "value"), vars)
			continue
		}
		found := false
		for i, ref := range []string{"configMapKeyRef", "secretKeyRef"} {
			if r := mapAt(from, ref); r != nil {
				found = true
				if v, ok := decoded(i, field(named(src[i], text(r, "name")), "data", text(r, "key"))); ok {
					vars[name] = v
				}
			}
		}
		if !found {
			vars[name] = ""
		}
	}
	return vars
}

// decoded returns a value of a ConfigMap (kind 0), or of a Secret (kind 1),
// whose values are in base64; not ok when it is none.
func decoded(kind int, value any) (string, bool) {
	v, ok := value.(string)
	if !ok || kind == 0 {
		return v, ok
	}
	plain, err := base64.StdEncoding.DecodeString(v)
	return string(plain), err == nil
}

func oneOrMany(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

// expand replaces $(NAME) by the variable of that name, as Kubernetes does:
// $$ is a dollar sign, and a reference to nothing stays as it is.
func expand(value string, vars map[string]string) string {
	var b strings.Builder
	for rest := value; ; {
		before, after, found := strings.Cut(rest, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		rest = after
		switch {
		case strings.HasPrefix(after, "$"):
			b.WriteByte('$')
			rest = after[1:]
		case strings.HasPrefix(after, "("):
			name, beyond, closed := strings.Cut(after[1:], ")")
			if !closed {
				b.WriteByte('$')
				break
			}
			rest = beyond
			if v, ok := vars[name]; ok && b.Len()+len(v) <= expandedLimit {
				b.WriteString(v)
			} else {
				b.WriteString("$(" + name + ")")
			}
		default:
			b.WriteByte('$')
		}
	}
}
