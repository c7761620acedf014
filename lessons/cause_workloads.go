package lessons

import (
	"cmp"
	"slices"
	"strings"
)

func workloadFinders() []finder {
	return []finder{workloadRefused, workloadNoReplicas, workloadPaused, workloadPods, workloadDeadline}
}

// podsOf lists the Pods that a workload is judged by: of a Deployment those of
// its newest ReplicaSet, for the older ones are on their way out.
func (e *evidence) podsOf(w thing) []thing {
	if w.kind.Kind != "Deployment" {
		return e.owned("Pod", w)
	}
	var all []thing
	for _, set := range e.newestSets(w) {
		all = append(all, e.owned("Pod", set)...)
	}
	return all
}

// newestSets lists the ReplicaSet of a Deployment's present template, or all of
// them when that cannot be told.
func (e *evidence) newestSets(d thing) []thing {
	sets := e.owned("ReplicaSet", d)
	const revision = "deployment.kubernetes.io/revision"
	want := text(d.Object, "metadata", "annotations", revision)
	for _, s := range sets {
		if want != "" && text(s.Object, "metadata", "annotations", revision) == want {
			return []thing{s}
		}
	}
	return sets
}

// makers lists the workloads that are to make the Pods or ReplicaSets of a list.
func (e *evidence) makers(q Query) []thing {
	kinds := []string{"Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet"}
	if q.Kind.Kind == "ReplicaSet" {
		kinds = []string{"Deployment"}
	}
	if q.Object != "" {
		return nil
	}
	selector := map[string]any{}
	for k, v := range q.Selector {
		selector[k] = v
	}
	var found []thing
	for _, kind := range kinds {
		for _, t := range e.live(kind) {
			labels, _ := field(t.Object, "spec", "template", "metadata", "labels").(map[string]any)
			if !controlled(t.Object) && (len(selector) == 0 || fits(selector, labels)) {
				found = append(found, t)
			}
		}
	}
	return found
}

func workloadPods(e *evidence, w thing) *Cause { return e.worst(e.podsOf(w)) }

// replicas is how many Pods a workload asks for.
func replicas(w thing) int64 {
	switch w.kind.Kind {
	case "DaemonSet":
		return number(0, w.Object, "status", "desiredNumberScheduled")
	case "Job":
		return number(1, w.Object, "spec", "completions")
	}
	return number(1, w.Object, "spec", "replicas")
}

func workloadNoReplicas(e *evidence, w thing) *Cause {
	if w.kind.Kind == "DaemonSet" || replicas(w) != 0 || w.kind.Kind == "ReplicaSet" && controlled(w.Object) {
		return nil
	}
	return &Cause{ID: causeNoReplicas, Object: e.ref(w), Path: "spec.replicas", Expected: "≥ 1", Found: "0", Stuck: true,
		Text: say("The %[1]s %[2]s is scaled to 0, so it makes no Pods. `kubectl scale %[3]s %[4]s --replicas=N` brings them back.",
			"%[1]s %[2]s 被缩容到 0，不会创建 Pod。用 `kubectl scale %[3]s %[4]s --replicas=N` 恢复。",
			w.kind.Kind, quote(w.name()), strings.ToLower(w.kind.Kind), brief(w.name(), nameMost))}
}

func workloadPaused(e *evidence, w thing) *Cause {
	if paused, _ := field(w.Object, "spec", "paused").(bool); !paused || w.kind.Kind != "Deployment" {
		return nil
	}
	if replicas(w) == number(0, w.Object, "status", "updatedReplicas") {
		return nil // nothing waits for it
	}
	return &Cause{ID: causePaused, Object: e.ref(w), Path: "spec.paused", Expected: "false", Found: "true", Stuck: true,
		Text: say("The Deployment %[1]s is paused: a change of its Pod template is not rolled out. `kubectl rollout resume deployment/%[2]s` goes on.",
			"Deployment %[1]s 处于暂停状态：Pod 模板的改动不会发布。用 `kubectl rollout resume deployment/%[2]s` 继续。", quote(w.name()), brief(w.name(), nameMost))}
}

func workloadDeadline(e *evidence, w thing) *Cause {
	c := condition(w.Object, "Progressing")
	if text(c, "reason") != "ProgressDeadlineExceeded" || text(c, "status") != "False" {
		return nil
	}
	return &Cause{ID: causeDeadline, Object: e.ref(w), Path: "status.conditions", Found: "ProgressDeadlineExceeded", Stuck: true,
		Text: say("ProgressDeadlineExceeded: the rollout of Deployment %[1]s has not moved for %[2]d s. Look at its Pods, or take it back with `kubectl rollout undo deployment/%[3]s`.",
			"ProgressDeadlineExceeded：Deployment %[1]s 的发布已经 %[2]d 秒没有进展。请查看它的 Pod，或用 `kubectl rollout undo deployment/%[3]s` 回退。",
			quote(w.name()), number(600, w.Object, "spec", "progressDeadlineSeconds"), brief(w.name(), nameMost))}
}

// What admission says when it does not let a Pod in.
var (
	quotaExceeded = pattern(`exceeded quota: ([^,\s]{1,253}), requested: (.{1,300}), used: (.{1,300}), limited: (.{1,300})$`)
	quotaMissing  = pattern(`failed quota: ([^:\s]{1,253}): must specify (.{1,300})$`)
	limitBroken   = pattern(`((?:maximum|minimum) \S{1,253} usage per (?:Container|Pod) is [^,\]]{1,100}, but [^,\]]{1,100}|\S{1,253} max limit to request ratio per (?:Container|Pod) is .{1,100})`)
	podSecurity   = pattern(`violates PodSecurity "([^"]{1,100})": (.{1,600})`)
	noAccount     = pattern(`serviceaccount "([^"]{1,253})" not found`)
	podForbidden  = pattern(`^pods "[^"]{0,253}" is forbidden: `)
)

// workloadRefused finds out why the API server refuses the Pods of a workload.
func workloadRefused(e *evidence, w thing) *Cause {
	c := condition(w.Object, "ReplicaFailure")
	if text(c, "status") != "True" && w.kind.Kind == "Deployment" {
		for _, set := range e.newestSets(w) {
			if c = condition(set.Object, "ReplicaFailure"); text(c, "status") == "True" {
				break
			}
		}
	}
	if text(c, "status") == "True" {
		return e.refused(w, text(c, "message"))
	}
	if said := e.refusalEvent(w); said != "" {
		return e.refused(w, said)
	}
	return nil
}

// refusalEvent returns the newest event that says that a Pod of w could not be
// made, unless one was made since; "" when there is none. Controllers other than
// the ReplicaSet's say it nowhere else.
func (e *evidence) refusalEvent(w thing) string {
	if w.kind.Kind == "Deployment" || w.kind.Kind == "ReplicaSet" || w.uid() == "" {
		return ""
	}
	var at, said string
	for _, event := range e.live("Event") {
		if text(event.Object, "reason") != "FailedCreate" || text(event.Object, "involvedObject", "uid") != w.uid() {
			continue
		}
		// Times of one format compare as texts do.
		if last := cmp.Or(text(event.Object, "lastTimestamp"), text(event.Object, "metadata", "creationTimestamp")); said == "" || last > at {
			at, said = last, text(event.Object, "message")
		}
	}
	for _, pod := range e.owned("Pod", w) {
		if text(pod.Object, "metadata", "creationTimestamp") > at {
			return ""
		}
	}
	return said
}

// refused explains the message with which the API server refuses the Pods of w.
func (e *evidence) refused(w thing, message string) *Cause {
	message = podForbidden().ReplaceAllString(brief(message, 4*messageMost), "")
	c := &Cause{ID: causeRefused, Object: e.ref(w), Path: "spec.template", Stuck: true}
	who := [2]string{w.kind.Kind, quote(w.name())}
	if m := quotaExceeded().FindStringSubmatch(message); m != nil {
		c.ID, c.Expected, c.Found = causeQuota, "≤ "+brief(m[4], messageMost), brief(m[3]+" + "+m[2], messageMost)
		c.Text = say("The %[1]s %[2]s may not make more Pods: the ResourceQuota %[3]s allows %[4]s, %[5]s is used, and one more Pod asks for %[6]s. Ask for less, free some, or raise the quota.",
			"%[1]s %[2]s 不能再创建 Pod：ResourceQuota %[3]s 的上限是 %[4]s，已用 %[5]s，再来一个 Pod 还要 %[6]s。请减少请求、释放一些，或提高配额。",
			who[0], who[1], quote(m[1]), quote(m[4]), quote(m[3]), quote(m[2]))
		if m[1] == WorkspaceQuota {
			c.Text = say("The %[1]s %[2]s may not make more Pods: the workspace takes %[3]s at most, and %[4]s is used. k8stutor set this limit (the ResourceQuota %[5]s) so that a slip cannot hurt the machine; scale down or delete what you do not need.",
				"%[1]s %[2]s 不能再创建 Pod：工作区的上限是 %[3]s，已用 %[4]s。这个上限（ResourceQuota %[5]s）是 k8stutor 设置的，避免误操作拖垮机器。请减少副本数，或删除不需要的对象。",
				who[0], who[1], quote(m[4]), quote(m[3]), quote(m[1]))
		}
		return c
	}
	if m := quotaMissing().FindStringSubmatch(message); m != nil {
		c.ID, c.Path, c.Expected, c.Found = causeQuota, "spec.template.spec.containers", brief(m[2], messageMost), none
		c.Text = say("The %[1]s %[2]s may not make Pods: because of the ResourceQuota %[3]s each container must say %[4]s. Set it in the Pod template.",
			"%[1]s %[2]s 不能创建 Pod：有了 ResourceQuota %[3]s，每个容器都要写明 %[4]s。请在 Pod 模板里设置。",
			who[0], who[1], quote(m[1]), quote(m[2]))
		return c
	}
	if m := podSecurity().FindStringSubmatch(message); m != nil {
		c.ID, c.Expected = causePodSecurity, brief(m[1], nameMost)
		c.Text = say("The namespace's Pod Security level %[3]s does not let the Pods of %[1]s %[2]s in: %[4]s",
			"命名空间的 Pod Security 级别 %[3]s 不允许 %[1]s %[2]s 的 Pod：%[4]s", who[0], who[1], quote(m[1]), quote(m[2]))
		return c
	}
	if m := noAccount().FindStringSubmatch(message); m != nil {
		c.ID, c.Path, c.Expected, c.Found = causeServiceAccount, "spec.template.spec.serviceAccountName", "ServiceAccount/"+m[1], none
		c.Text = say("The Pods of %[1]s %[2]s are to run as ServiceAccount %[3]s, which does not exist here.%[4]s Make it, or correct the name.",
			"%[1]s %[2]s 的 Pod 要用 ServiceAccount %[3]s，但它不存在。%[5]s请创建它，或改正名字。", who[0], who[1], quote(m[1]),
			e.meant("ServiceAccount", m[1], " Is %s meant?"), e.meant("ServiceAccount", m[1], "是不是想写 %s？"))
		return c
	}
	if all := limitBroken().FindAllString(message, 5); len(all) > 0 {
		c.ID, c.Path, c.Found = causeLimitRange, "spec.template.spec.containers", brief(strings.Join(all, "; "), messageMost)
		c.Text = say("A LimitRange of the namespace does not let the Pods of %[1]s %[2]s in: %[3]s. Change the resources in the Pod template.",
			"命名空间的 LimitRange 不允许 %[1]s %[2]s 的 Pod：%[3]s。请修改 Pod 模板里的 resources。", who[0], who[1], quote(c.Found))
		return c
	}
	c.Text = say("The API server refuses the Pods of %[1]s %[2]s: %[3]s", "API server 拒绝了 %[1]s %[2]s 的 Pod：%[3]s", who[0], who[1], quote(message))
	return c
}

func jobFinders() []finder { return []finder{jobSuspended, jobFailed, workloadRefused, jobPods} }

func jobFailed(e *evidence, j thing) *Cause {
	c := condition(j.Object, "Failed")
	if text(c, "status") != "True" {
		return nil
	}
	found := &Cause{ID: causeJobFailed, Object: e.ref(j), Path: "status.conditions", Found: brief(text(c, "reason"), nameMost), Stuck: true}
	found.Text = say("The Job %[1]s has failed (%[2]s): %[3]s. A failed Job is not tried again; delete it and make it anew.",
		"Job %[1]s 已失败（%[2]s）：%[3]s。失败的 Job 不会重试；请删除后重新创建。",
		quote(j.name()), quote(found.Found), quote(text(c, "message")))
	pods := slices.Clone(e.owned("Pod", j))
	slices.Reverse(pods)
	if why := e.worst(pods); why != nil {
		found.Text = say("%[1]s %[3]s", "%[2]s%[4]s", found.Text.In(English), found.Text.In(Chinese), why.Text.In(English), why.Text.In(Chinese))
	}
	return found
}

// jobPods looks into the Pods of a Job that is not done.
func jobPods(e *evidence, j thing) *Cause {
	if text(condition(j.Object, "Complete"), "status") == "True" {
		return nil
	}
	return e.worst(e.owned("Pod", j))
}

func jobSuspended(e *evidence, j thing) *Cause {
	if is, _ := field(j.Object, "spec", "suspend").(bool); !is {
		return nil
	}
	return suspended(e, j)
}

func cronSuspended(e *evidence, j thing) *Cause {
	if is, _ := field(j.Object, "spec", "suspend").(bool); !is {
		return nil
	}
	return suspended(e, j)
}

func suspended(e *evidence, j thing) *Cause {
	return &Cause{ID: causeSuspended, Object: e.ref(j), Path: "spec.suspend", Expected: "false", Found: "true", Stuck: true,
		Text: say("The %[1]s %[2]s is suspended, so it starts no Pods. Set `spec.suspend` to false.",
			"%[1]s %[2]s 被挂起了，不会启动 Pod。把 `spec.suspend` 设为 false。", j.kind.Kind, quote(j.name()))}
}
