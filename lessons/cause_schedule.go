package lessons

import (
	"strings"
)

// podUnschedulable finds out why no node takes a Pod, from the scheduler's
// message.
func podUnschedulable(e *evidence, pod thing) *Cause {
	if text(pod.Object, "spec", "nodeName") != "" {
		return nil
	}
	c := condition(pod.Object, "PodScheduled")
	if text(c, "status") != "False" {
		return nil
	}
	message := text(c, "message")
	// What follows is about Pods that could be put out for this one.
	message, _, _ = strings.Cut(message, " preemption:")
	message, _, _ = strings.Cut(message, " no new claims to deallocate")
	who := quote(pod.name())
	found := &Cause{ID: causeUnschedulable, Object: e.ref(pod), Path: "status.conditions", Stuck: true}
	if text(c, "reason") == "SchedulingGated" {
		found.ID, found.Path = causeGate, "spec.schedulingGates"
		found.Text = say("Pod %s is held back by a scheduling gate. It is scheduled when `spec.schedulingGates` is empty.",
			"Pod %s 被 scheduling gate 拦住了。`spec.schedulingGates` 清空之后才会调度。", who)
		return found
	}
	for _, r := range reasons() {
		if strings.Contains(message, r.said) {
			r.tell(e, found, pod, message)
			return found
		}
	}
	found.Text = say("No node takes Pod %[1]s: %[2]s", "没有节点能接收 Pod %[1]s：%[2]s", who, quote(message))
	return found
}

// schedulingReason is one reason in a message of the scheduler, such as
// "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated
// taint(s).", and what there is to say.
type schedulingReason struct {
	said string
	tell func(e *evidence, c *Cause, pod thing, message string)
}

var (
	insufficient = pattern(`Insufficient ([A-Za-z0-9./-]{1,253}?)[.,]?(?:\s|$)`)
	taint        = pattern(`taint(?:\(s\))? \{([^}]{1,300})\}`)
	claimNamed   = pattern(`persistentvolumeclaim "([^"]{1,253})"`)
)

func reasons() []schedulingReason {
	return []schedulingReason{
		{"persistentvolumeclaim ", func(e *evidence, c *Cause, pod thing, message string) {
			c.ID, c.Path = causeClaim, "spec.volumes"
			name := "?"
			if m := claimNamed().FindStringSubmatch(message); m != nil {
				name = m[1]
			}
			c.Expected, c.Found = "PersistentVolumeClaim/"+brief(name, nameMost), none
			c.Text = say("Pod %[1]s asks for the PersistentVolumeClaim %[2]s, which does not exist here.%[3]s Make it, or correct the name.",
				"Pod %[1]s 要用 PersistentVolumeClaim %[2]s，但它不存在。%[4]s请创建它，或改正名字。", quote(pod.name()), quote(name),
				e.meant("PersistentVolumeClaim", name, " Is %s meant?"), e.meant("PersistentVolumeClaim", name, "是不是想写 %s？"))
		}},
		{"unbound immediate PersistentVolumeClaims", func(e *evidence, c *Cause, pod thing, _ string) {
			c.ID, c.Path, c.Stuck = causeClaim, "spec.volumes", false
			c.Text = say("Pod %s waits for a volume: its PersistentVolumeClaim is not bound yet.", "Pod %s 在等存储卷：它的 PersistentVolumeClaim 还没有绑定。", quote(pod.name()))
			for _, v := range list(pod.Object, "spec", "volumes") {
				if claim, ok := e.named("PersistentVolumeClaim", text(v, "persistentVolumeClaim", "claimName")); ok {
					if why := e.of(claim); why != nil {
						c.Stuck = why.Stuck
						c.Text = say("%[1]s %[3]s", "%[2]s%[4]s", c.Text.In(English), c.Text.In(Chinese), why.Text.In(English), why.Text.In(Chinese))
					}
				}
			}
		}},
		{"Insufficient ", func(_ *evidence, c *Cause, pod thing, message string) {
			c.ID = causeResources
			var what []string
			for _, m := range insufficient().FindAllStringSubmatch(brief(message, 4*messageMost), -1) {
				what = append(what, m[1])
			}
			what = once(what)
			c.Expected = "" // what is free stands on the nodes, in sums over their Pods
			var asked []string
			for i, container := range list(pod.Object, "spec", "containers") {
				for _, resource := range what {
					if q := field(container, "resources", "requests", resource); q != nil {
						asked = append(asked, brief(resource, nameMost)+"="+brief(show(q), nameMost))
						c.Path = "spec.containers[" + show(int64(i)) + "].resources.requests." + resource
					}
				}
			}
			c.Found = strings.Join(asked, ", ")
			c.Text = say("No node has room for Pod %[1]s: not enough %[2]s. It requests %[3]s. Request less, or free some.",
				"没有节点放得下 Pod %[1]s：%[2]s 不够。它请求 %[3]s。请少请求一些，或腾出资源。", quote(pod.name()), quote(strings.Join(what, ", ")), quote(c.Found))
			if c.Found == "" {
				c.Text = say("No node has room for Pod %[1]s: not enough %[2]s.", "没有节点放得下 Pod %[1]s：%[2]s 不够。", quote(pod.name()), quote(strings.Join(what, ", ")))
			}
		}},
		{"didn't match Pod's node affinity/selector", func(_ *evidence, c *Cause, pod thing, message string) {
			c.ID, c.Path = causeAffinity, "spec.affinity.nodeAffinity"
			selector, _ := field(pod.Object, "spec", "nodeSelector").(map[string]any)
			if len(selector) == 0 {
				c.Text = say("No node fits the node affinity of Pod %s. Label a node, or change the affinity.", "没有节点符合 Pod %s 的 node affinity。请给节点打上标签，或修改 affinity。", quote(pod.name()))
				return
			}
			c.Path, c.Found = "spec.nodeSelector", brief(show(any(selector)), messageMost)
			c.Text = say("No node has the labels that Pod %[1]s asks for in `nodeSelector`: %[2]s. Label a node, or change the selector.",
				"没有节点带有 Pod %[1]s 的 `nodeSelector` 要求的标签：%[2]s。请给节点打上标签，或修改 nodeSelector。", quote(pod.name()), quote(c.Found))
		}},
		{"didn't match pod anti-affinity rules", func(_ *evidence, c *Cause, pod thing, _ string) {
			c.ID, c.Path = causeAffinity, "spec.affinity.podAntiAffinity"
			c.Text = say("Every node already runs a Pod that Pod %s must keep away from (anti-affinity). It needs another node.", "每个节点上都有 Pod %s 要避开的 Pod（anti-affinity），它需要另一个节点。", quote(pod.name()))
		}},
		{"didn't match pod affinity rules", func(_ *evidence, c *Cause, pod thing, _ string) {
			c.ID, c.Path = causeAffinity, "spec.affinity.podAffinity"
			c.Text = say("No node runs a Pod that Pod %s must be beside (affinity).", "没有节点运行着 Pod %s 要靠近的 Pod（affinity）。", quote(pod.name()))
		}},
		{"didn't match pod topology spread constraints", func(_ *evidence, c *Cause, pod thing, _ string) {
			c.ID, c.Path = causeAffinity, "spec.topologySpreadConstraints"
			c.Text = say("Wherever Pod %s went, its Pods would be spread more unevenly than `topologySpreadConstraints` allows.", "Pod %s 放到哪个节点，都会比 `topologySpreadConstraints` 允许的更不均匀。", quote(pod.name()))
		}},
		{"taint", func(_ *evidence, c *Cause, pod thing, message string) {
			c.ID, c.Path = causeTaint, "spec.tolerations"
			if m := taint().FindStringSubmatch(message); m != nil {
				c.Expected = brief(m[1], messageMost)
				c.Text = say("The nodes have a taint that Pod %[1]s does not tolerate: %[2]s. Give the Pod a toleration, or remove the taint.",
					"节点上有 Pod %[1]s 不容忍的污点：%[2]s。请给 Pod 加 toleration，或去掉污点。", quote(pod.name()), quote(m[1]))
				return
			}
			c.Text = say("The nodes have taints that Pod %s does not tolerate (`kubectl describe nodes`). Give the Pod a toleration, or remove the taint.",
				"节点上有 Pod %s 不容忍的污点（`kubectl describe nodes`）。请给 Pod 加 toleration，或去掉污点。", quote(pod.name()))
		}},
		{"were unschedulable", func(_ *evidence, c *Cause, pod thing, _ string) {
			c.ID = causeNodeClosed
			c.Text = say("The nodes are cordoned, so Pod %s goes nowhere. `kubectl uncordon NODE` opens one.", "节点都被 cordon 了，Pod %s 无处可去。用 `kubectl uncordon 节点名` 恢复调度。", quote(pod.name()))
		}},
	}
}
