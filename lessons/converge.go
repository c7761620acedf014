package lessons

import (
	"slices"
	"time"
)

// progress is what is remembered of a check that waits for the cluster.
type progress struct {
	mark  uint64    // of the status of what is waited for
	since time.Time // when that last changed
}

// waitFor decides whether a check that is not passed waits for the cluster or is
// stuck, and says so in res. A check waits when it says that it converges, or
// when it reads a status: then what is on its way is told without being asked
// for.
func (g *Grader) waitFor(res *CheckResult, check *Check, p *program, e *evidence, unseen, known bool, key string) {
	if !check.Converge && !unseen && !p.readsState(e.step) {
		return
	}
	if res.Cause != nil && res.Cause.Stuck {
		delete(g.waits, key)
		return
	}
	waiting, on := e.waiting(check, p)
	switch {
	case unseen:
		waiting = sayUnseen()
	case waiting == nil && check.Converge:
		waiting = sayConverging(res.Object)
	}
	if waiting == nil {
		delete(g.waits, key)
		return
	}
	within := check.Within
	if within <= 0 {
		within = DefaultWithin
	}
	mark := markOf(on)
	have, before := g.waits[key]
	switch {
	case !before && !known:
		// What happened before anybody looked stands in the objects: a Pod that
		// has hung for an hour is not waited for another minute. Should the
		// cluster's clock be behind, this comes too soon; the next change mends it.
		have = progress{mark, hangingSince(on, e.now)}
	case !before || have.mark != mark:
		have = progress{mark, e.now}
	}
	g.waits[key] = have
	if left := within - e.now.Sub(have.since); left > 0 {
		res.Waiting = waiting
		g.wakeIn(left)
		return
	}
	stuck := &Cause{ID: causeNoProgress, Object: res.Object, Path: res.Path, Text: sayNoProgress(within, waiting)}
	if res.Cause != nil {
		c := *res.Cause
		stuck = &c
	}
	stuck.Stuck = true
	res.Cause = stuck
}

// wakeIn notes that the steps must be judged again after d at the latest.
func (g *Grader) wakeIn(d time.Duration) {
	if g.wake == 0 || d < g.wake {
		g.wake = d
	}
}

// takeWake returns when to judge again since it was last asked; 0: no need.
func (g *Grader) takeWake() time.Duration {
	d := g.wake
	g.wake = 0
	return d
}

// waiting says what a check waits for, and in which objects progress would show;
// nil when nothing is on its way.
func (e *evidence) waiting(check *Check, p *program) (Text, []thing) {
	var all []thing
	var first Text
	for i, q := range e.queries(check, p) {
		if i > 0 && q.everything() {
			continue
		}
		subjects := e.subjects(q)
		if q.Kind.Kind == "Pod" {
			all = append(all, subjects...)
			if pods := e.asked(q); first == nil && len(pods) > 0 {
				first = podsOnTheWay(pods, int64(len(pods)))
			}
		}
		for _, t := range subjects {
			if t.kind.Kind == "Pod" {
				continue // counted together
			}
			all = append(all, t)
			text, behind := e.onTheWay(t)
			all = append(all, behind...)
			if first == nil {
				first = text
			}
		}
		if q.Kind.Kind == "EndpointSlice" {
			all = append(all, e.asked(q)...)
		}
	}
	return first, all[:min(len(all), subjectsMost)]
}

// onTheWay says how far an object is from what it asks for, and which other
// objects show that; nil when it is there.
func (e *evidence) onTheWay(t thing) (Text, []thing) {
	switch t.kind.Kind {
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController":
		pods := e.podsOf(t)
		return rolloutOnTheWay(t, pods), pods
	case "Job":
		return e.jobOnTheWay(t)
	case "Service":
		return e.serviceOnTheWay(t)
	case "PersistentVolumeClaim":
		if text(t.Object, "status", "phase") == "Pending" {
			return say("The PersistentVolumeClaim %s waits for its volume.", "PersistentVolumeClaim %s 在等存储卷。", quote(t.name())), nil
		}
	}
	return nil, nil
}

// counts are the numbers of Pods in a workload's status.
type counts struct{ want, total, updated, ready, available int64 }

func countsOf(w thing) counts {
	n := func(name string) int64 { return number(0, w.Object, "status", name) }
	c := counts{want: replicas(w), total: n("replicas"), updated: n("updatedReplicas"), ready: n("readyReplicas"), available: n("availableReplicas")}
	switch w.kind.Kind {
	case "DaemonSet":
		c.total, c.updated = n("currentNumberScheduled"), n("updatedNumberScheduled")
		c.ready, c.available = n("numberReady"), n("numberAvailable")
	case "ReplicaSet", "ReplicationController":
		c.updated = c.total
	case "StatefulSet":
		if text(w.Object, "spec", "updateStrategy", "type") == "OnDelete" || number(0, w.Object, "spec", "updateStrategy", "rollingUpdate", "partition") > 0 {
			c.updated = c.want // the others are not to be replaced
		}
	}
	return c
}

func rolloutOnTheWay(w thing, pods []thing) Text {
	c := countsOf(w)
	var what Text
	switch {
	case isStale(map[string]any(w.Object)):
		return sayUnseen()
	case c.want <= 0:
		if c.total > 0 {
			what = say("%d Pods are still to end", "还有 %d 个 Pod 要结束", c.total)
		}
	case c.updated < c.want && c.total >= c.want:
		what = say("%d of %d Pods are replaced by new ones", "已换成新 Pod 的有 %d 个，共 %d 个", c.updated, c.want)
	case c.ready < c.want:
		what = say("%d of %d Pods are ready", "%[2]d 个 Pod 中有 %[1]d 个就绪", c.ready, c.want)
	case c.total > c.want:
		what = say("all %d Pods are ready; %d more are still to end", "%d 个 Pod 都已就绪；还有 %d 个多余的要结束", c.want, c.total-c.want)
	case c.available < c.want:
		what = say("%d of %d Pods have been ready long enough (`minReadySeconds`)", "%[2]d 个 Pod 中有 %[1]d 个就绪够久了（`minReadySeconds`）", c.available, c.want)
	}
	if what == nil {
		return nil
	}
	return sentence(what, slowest(pods))
}

func podsOnTheWay(pods []thing, want int64) Text {
	ready := int64(0)
	ended := 0
	for _, p := range pods {
		if isReady(map[string]any(p.Object)) {
			ready++
		}
		if phase := text(p.Object, "status", "phase"); phase == "Succeeded" || phase == "Failed" {
			ended++
		}
	}
	if ready >= want || ended == len(pods) {
		return nil
	}
	if want == 1 {
		if s := slowest(pods); s != nil {
			return sentence(s, nil)
		}
	}
	return sentence(say("%d of %d Pods are ready", "%[2]d 个 Pod 中有 %[1]d 个就绪", ready, want), slowest(pods))
}

// sentence joins what is so with what the slowest Pod does.
func sentence(what, doing Text) Text {
	if doing == nil {
		return say("%[1]s.", "%[2]s。", capital(what.In(English)), what.In(Chinese))
	}
	return say("%[1]s; %[3]s.", "%[2]s；%[4]s。", capital(what.In(English)), what.In(Chinese), doing.In(English), doing.In(Chinese))
}

func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// slowest says what the Pod does that is furthest from being ready.
func slowest(pods []thing) Text {
	var found Text
	least := 100
	for _, p := range pods {
		if rank, doing := podDoing(p); doing != nil && rank < least {
			least = rank
			found = say("%[1]s %[2]s", "%[1]s %[3]s", quote(p.name()), doing.In(English), doing.In(Chinese))
		}
	}
	return found
}

// podDoing says what a Pod is about, and how far it is; nil when it is ready or
// has ended.
func podDoing(p thing) (rank int, doing Text) {
	switch {
	case terminating(p.Object):
		return 50, say("is being deleted", "正在删除")
	case isReady(map[string]any(p.Object)):
		return 99, nil
	case text(p.Object, "status", "phase") == "Succeeded", text(p.Object, "status", "phase") == "Failed":
		return 98, nil
	case text(p.Object, "spec", "nodeName") == "":
		return 0, say("waits for a node", "在等待调度到节点")
	}
	for _, s := range states(p) {
		reason := text(s.status, "state", "waiting", "reason")
		switch {
		case s.init && field(s.status, "state", "running") != nil:
			return 20, say("runs its init container %s", "在运行 init 容器 %s", quote(s.name))
		case reason == "ContainerCreating" || reason == "PodInitializing":
			if text(condition(p.Object, "PodReadyToStartContainers"), "status") == "True" {
				return 30, say("pulls its image", "在拉取镜像")
			}
			return 10, say("is being set up on its node", "正在节点上准备")
		case reason != "":
			return 5, say("waits to try again (%s)", "等待重试（%s）", brief(reason, nameMost))
		case !s.init && field(s.status, "state", "terminated") != nil:
			return 15, say("has ended and is started again", "已结束，正在重新启动")
		}
	}
	if text(p.Object, "status", "phase") == "Running" {
		return 40, say("runs, but is not ready yet", "在运行，但还没有就绪")
	}
	return 12, say("is being started", "正在启动")
}

func (e *evidence) jobOnTheWay(j thing) (Text, []thing) {
	pods := e.owned("Pod", j)
	for _, c := range []string{"Complete", "Failed", "Suspended"} {
		if text(condition(j.Object, c), "status") == "True" {
			return nil, pods
		}
	}
	what := say("%d of %d Pods of Job %s have succeeded", "Job %[3]s 的 %[2]d 个 Pod 中有 %[1]d 个成功结束",
		number(0, j.Object, "status", "succeeded"), replicas(j), quote(j.name()))
	return sentence(what, slowest(pods)), pods
}

func (e *evidence) serviceOnTheWay(s thing) (Text, []thing) {
	if isExternalName(s) {
		return nil, nil
	}
	if text(s.Object, "spec", "type") == "LoadBalancer" && len(list(s.Object, "status", "loadBalancer", "ingress")) == 0 {
		return say("The Service %s waits for an address of its load balancer.", "Service %s 在等负载均衡器分配地址。", quote(s.name())), nil
	}
	pods := e.selectedPods(s)
	if len(pods) == 0 {
		for _, w := range e.selectable() {
			if fits(selectorOf(s), w.labels) {
				if text, behind := e.onTheWay(w.thing); text != nil {
					return text, slices.Concat(behind, []thing{w.thing})
				}
			}
		}
		return nil, nil
	}
	if what := podsOnTheWay(pods, int64(len(pods))); what != nil {
		return what, pods
	}
	if named := serviceTargetName(e, s); named != nil || !e.certain("EndpointSlice") {
		return nil, pods
	}
	var slicesOf []any
	for _, slice := range e.live("EndpointSlice") {
		if text(slice.Object, "metadata", "labels", serviceNameLabel) == s.name() {
			slicesOf = append(slicesOf, map[string]any(slice.Object))
		}
	}
	ready := 0
	for _, p := range pods {
		if isReady(map[string]any(p.Object)) {
			ready++
		}
	}
	if len(readyEndpoints(slicesOf)) < ready {
		return say("The Pods behind Service %s are ready; their addresses are being written into the EndpointSlice.",
			"Service %s 后面的 Pod 已就绪，地址正在写入 EndpointSlice。", quote(s.name())), pods
	}
	return nil, pods
}
