package lessons

import (
	"slices"
	"strconv"
	"strings"
)

// serviceNameLabel is the label of an EndpointSlice that names its Service.
const serviceNameLabel = "kubernetes.io/service-name"

func serviceFinders() []finder {
	return []finder{serviceNoSelector, serviceSelector, serviceTargetName, servicePods}
}

// servicesOf lists the Services whose endpoints a query on EndpointSlices asks
// for.
func (e *evidence) servicesOf(q Query, found []thing) []thing {
	var names []string
	if name := q.Selector[serviceNameLabel]; name != "" {
		names = []string{name}
	} else if q.Kind.Kind == "Endpoints" && q.Object != "" {
		names = []string{q.Object}
	} else {
		for _, s := range found {
			names = append(names, text(s.Object, "metadata", "labels", serviceNameLabel))
		}
	}
	var services []thing
	for _, name := range once(names) {
		if t, ok := e.named("Service", name); ok {
			services = append(services, t)
		}
	}
	return services
}

func isExternalName(service thing) bool {
	return text(service.Object, "spec", "type") == "ExternalName"
}

func selectorOf(service thing) map[string]any {
	selector, _ := field(service.Object, "spec", "selector").(map[string]any)
	return selector
}

// selectedPods lists the Pods that a Service selects.
func (e *evidence) selectedPods(service thing) []thing {
	selector := selectorOf(service)
	var found []thing
	for _, p := range e.live("Pod") {
		if fits(selector, mapAt(p.Object, "metadata", "labels")) {
			found = append(found, p)
		}
	}
	return found
}

// fits reports whether every pair of an equality selector is among the labels;
// an empty selector fits nothing.
func fits(selector, labels map[string]any) bool {
	for k, v := range selector {
		// What is no text is no value of a label, and may not be compared.
		want, ok := v.(string)
		have, is := labels[k].(string)
		if !ok || !is || want != have {
			return false
		}
	}
	return len(selector) > 0
}

func serviceNoSelector(e *evidence, s thing) *Cause {
	if len(selectorOf(s)) > 0 || isExternalName(s) {
		return nil
	}
	return &Cause{ID: causeNoSelector, Object: e.ref(s), Path: "spec.selector", Found: none, Stuck: true,
		Text: say("The Service %[1]s has no selector, so nobody fills in its endpoints. Give it one: `kubectl set selector service %[2]s KEY=VALUE`.",
			"Service %[1]s 没有 selector，所以不会有谁为它填写端点。给它设置一个：`kubectl set selector service %[2]s KEY=VALUE`。", quote(s.name()), brief(s.name(), nameMost))}
}

// labelled is something whose labels a Service may be meant to select.
type labelled struct {
	thing
	labels map[string]any
	path   string
}

// selectable lists what the workspace has to be selected: templates of
// workloads, and Pods that nobody controls.
func (e *evidence) selectable() []labelled {
	var found []labelled
	for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"} {
		for _, t := range e.live(kind) {
			if labels, ok := field(t.Object, "spec", "template", "metadata", "labels").(map[string]any); ok && !controlled(t.Object) {
				found = append(found, labelled{t, labels, "spec.template.metadata.labels"})
			}
		}
	}
	for _, t := range e.live("Pod") {
		if labels, ok := field(t.Object, "metadata", "labels").(map[string]any); ok && !controlled(t.Object) {
			found = append(found, labelled{t, labels, "metadata.labels"})
		}
	}
	return found
}

// serviceSelector finds a selector that fits nobody, and which label it is.
func serviceSelector(e *evidence, s thing) *Cause {
	selector := selectorOf(s)
	if len(selector) == 0 || isExternalName(s) || !e.certain("Pod") || len(e.selectedPods(s)) > 0 {
		return nil
	}
	c := &Cause{ID: causeSelector, Object: e.ref(s), Path: "spec.selector", Stuck: true}
	candidates := e.selectable()
	var best labelled
	var d difference
	most := 0
	for _, w := range candidates {
		diff, score := labelDifference(selector, w.labels)
		if diff.key == "" {
			return nil // its Pods are on their way, or its own cause says why not
		}
		if score++; w.name() == s.name() {
			score++
		}
		if score > most {
			best, d, most = w, diff, score
		}
	}
	name, asks := quote(s.name()), quote(brief(show(any(selector)), messageMost))
	if most == 0 {
		c.ID, c.Found, c.Stuck = causeNobody, show(any(selector)), false
		c.Text = say("The Service %s selects %s, and there is no Pod at all yet that it could select.",
			"Service %s 选择 %s，但现在还没有任何 Pod 可选。", name, asks)
		return c
	}
	who := [2]string{best.kind.Kind, quote(best.name())}
	switch {
	case d.lacks:
		c.Expected, c.Found = brief(show(any(best.labels)), messageMost), pair(d.key, d.want)
		c.Text = say("The Service %[1]s selects no Pod: it asks for the label %[2]s, and the Pods of %[3]s %[4]s have no label `%[5]s`. They have %[6]s.",
			"Service %[1]s 没有选中任何 Pod：它要求标签 %[2]s，而 %[3]s %[4]s 的 Pod 没有标签 `%[5]s`，只有 %[6]s。",
			name, quote(c.Found), who[0], who[1], brief(d.key, nameMost), quote(c.Expected))
	case d.otherKey != "":
		c.Expected, c.Found = pair(d.otherKey, d.have), pair(d.key, d.want)
		c.Text = say("The Service %[1]s selects no Pod: it asks for the label %[2]s, and the Pods of %[3]s %[4]s have %[5]s. The keys differ.",
			"Service %[1]s 没有选中任何 Pod：它要求标签 %[2]s，而 %[3]s %[4]s 的 Pod 是 %[5]s，键不一样。",
			name, quote(c.Found), who[0], who[1], quote(c.Expected))
	default:
		c.Expected, c.Found = pair(d.key, d.have), pair(d.key, d.want)
		en, zh := "Correct one of the two.", "请改正其中一个。"
		if strings.EqualFold(d.have, d.want) {
			en, zh = "Upper and lower case are different letters here.", "标签值区分大小写。"
		}
		c.Text = say("The Service %[1]s selects no Pod: it asks for the label %[2]s, and the Pods of %[3]s %[4]s have %[5]s. %[6]s",
			"Service %[1]s 没有选中任何 Pod：它要求标签 %[2]s，而 %[3]s %[4]s 的 Pod 是 %[5]s。%[7]s",
			name, quote(c.Found), who[0], who[1], quote(c.Expected), en, zh)
	}
	return c
}

// declared lists the ports that a Pod's containers declare for a protocol, by
// name and by number.
func declared(pod thing, protocol string) (names []string, numbers []int64) {
	for _, c := range runningContainers(map[string]any(pod.Object)) {
		for _, p := range list(c, "ports") {
			if portProtocol(p) != protocol {
				continue
			}
			if name := text(p, "name"); name != "" {
				names = append(names, name)
			}
			if n := number(0, p, "containerPort"); n > 0 {
				numbers = append(numbers, n)
			}
		}
	}
	return names, numbers
}

// serviceTargetName finds a targetPort that names no port of the Pods.
func serviceTargetName(e *evidence, s thing) *Cause {
	pods := e.selectedPods(s)
	if len(pods) == 0 {
		return nil
	}
	for i, p := range list(s.Object, "spec", "ports") {
		want := text(p, "targetPort")
		if want == "" {
			continue
		}
		if _, err := strconv.Atoi(want); err == nil {
			continue // refused by the API server; a number in quotes elsewhere
		}
		var have []string
		for _, pod := range pods {
			names, _ := declared(pod, portProtocol(p))
			have = append(have, names...)
		}
		if slices.Contains(have, want) {
			continue
		}
		c := &Cause{ID: causeTargetPort, Object: e.ref(s), Path: portPath(i) + ".targetPort", Found: want,
			Expected: strings.Join(once(have), ", "), Stuck: true}
		names := quote(strings.Join(once(have), ", "))
		c.Text = say("The Service %[1]s sends to the port named %[2]s, and no container of its Pods has a port of that name; they have %[3]s.",
			"Service %[1]s 转发到名为 %[2]s 的端口，但它的 Pod 里没有容器声明这个名字；已有的名字是 %[3]s。", quote(s.name()), quote(want), names)
		if len(have) == 0 {
			c.Text = say("The Service %[1]s sends to the port named %[2]s, and no container of its Pods names a port. Use a number as `targetPort`, or name the port in the Pod template.",
				"Service %[1]s 转发到名为 %[2]s 的端口，但它的 Pod 里没有容器给端口命名。`targetPort` 请写数字，或者在 Pod 模板里给端口命名。", quote(s.name()), quote(want))
		}
		return c
	}
	return nil
}

func portPath(i int) string { return "spec.ports[" + strconv.Itoa(i) + "]" }

// serviceTargetNumber finds a targetPort at which no container declares to
// listen. A container may listen at ports it does not declare, so this is said
// where ports are declared, and never that it is stuck.
func serviceTargetNumber(e *evidence, s thing) *Cause {
	pods := e.selectedPods(s)
	for i, p := range list(s.Object, "spec", "ports") {
		target := number(0, p, "targetPort")
		if target == 0 && text(p, "targetPort") == "" {
			target = number(0, p, "port")
		}
		if target == 0 {
			continue
		}
		var have []int64
		for _, pod := range pods {
			_, numbers := declared(pod, portProtocol(p))
			have = append(have, numbers...)
		}
		if len(have) == 0 || slices.Contains(have, target) {
			continue
		}
		slices.Sort(have)
		var ports []string
		for _, n := range slices.Compact(have) {
			ports = append(ports, strconv.FormatInt(n, 10))
		}
		return &Cause{ID: causeTargetPort, Object: e.ref(s), Path: portPath(i) + ".targetPort",
			Expected: strings.Join(ports, ", "), Found: strconv.FormatInt(target, 10),
			Text: say("The Service %[1]s sends to port `%[2]d` of its Pods, and their containers declare %[3]s. If nobody listens at `%[2]d`, connections are refused.",
				"Service %[1]s 转发到 Pod 的端口 `%[2]d`，而容器声明的是 %[3]s。如果 `%[2]d` 上没有程序监听，连接会被拒绝。",
				quote(s.name()), target, quote(strings.Join(ports, ", ")))}
	}
	return nil
}

// servicePods looks into what is behind a Service: its Pods that are not ready,
// or the workload that should make them.
func servicePods(e *evidence, s thing) *Cause {
	if isExternalName(s) {
		return nil
	}
	pods := e.selectedPods(s)
	if len(pods) > 0 {
		return e.worst(pods)
	}
	selector := selectorOf(s)
	var makers []thing
	for _, w := range e.selectable() {
		if fits(selector, w.labels) {
			makers = append(makers, w.thing)
		}
	}
	return e.worst(makers)
}

// ingressBackend finds a rule that sends to a Service or port that is not there.
func ingressBackend(e *evidence, in thing) *Cause {
	type backend struct {
		path  string
		value any
	}
	backends := []backend{{"spec.defaultBackend.service", field(in.Object, "spec", "defaultBackend", "service")}}
	for i, rule := range list(in.Object, "spec", "rules") {
		for j, p := range list(rule, "http", "paths") {
			backends = append(backends, backend{"spec.rules[" + strconv.Itoa(i) + "].http.paths[" + strconv.Itoa(j) + "].backend.service",
				field(p, "backend", "service")})
		}
	}
	for _, b := range backends {
		name := text(b.value, "name")
		if name == "" {
			continue
		}
		service, ok := e.named("Service", name)
		if !ok {
			if !e.lacks("Service", name) {
				continue
			}
			return &Cause{ID: causeIngressTarget, Object: e.ref(in), Path: b.path + ".name", Found: name, Stuck: true,
				Text: say("The Ingress %[1]s sends to a Service %[2]s, which does not exist in this namespace.%[3]s",
					"Ingress %[1]s 转发到 Service %[2]s，但这个命名空间里没有它。%[4]s",
					quote(in.name()), quote(name), e.meant("Service", name, " Is %s meant?"), e.meant("Service", name, "是不是想写 %s？"))}
		}
		want := field(b.value, "port", "name")
		if want == nil {
			want = field(b.value, "port", "number")
		}
		var have []string
		found := false
		for _, p := range list(service.Object, "spec", "ports") {
			have = append(have, show(field(p, "port")))
			if n := text(p, "name"); n != "" {
				have = append(have, n)
			}
			found = found || show(field(p, "port")) == show(want) || text(p, "name") != "" && text(p, "name") == want
		}
		if want == nil || found {
			continue
		}
		ports := brief(strings.Join(have, ", "), messageMost)
		return &Cause{ID: causeIngressPort, Object: e.ref(in), Path: b.path + ".port", Expected: ports, Found: brief(show(want), nameMost), Stuck: true,
			Text: say("The Ingress %[1]s sends to port %[3]s of Service %[2]s, which has %[4]s.",
				"Ingress %[1]s 转发到 Service %[2]s 的端口 %[3]s，但它的端口是 %[4]s。", quote(in.name()), quote(name), quote(show(want)), quote(ports))}
	}
	return nil
}

// meant is a question after a name that nearly exists; "" when there is none.
func (e *evidence) meant(kind, name, format string) string {
	for _, t := range e.live(kind) {
		if oneSlip(t.name(), name) {
			return strings.Replace(format, "%s", quote(t.name()), 1)
		}
	}
	return ""
}
