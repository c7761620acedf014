package lessons

import (
	"slices"
	"strings"
	"time"
)

func podFinders() []finder {
	return []finder{podUnschedulable, podContainers, podVolumes, podFailed, podNotReady}
}

// containerState is one container of a Pod as the kubelet reports it.
type containerState struct {
	name    string
	init    bool // runs before the others and must end
	status  any
	ordinal int // among those of its kind in the spec; -1 when not found
}

// path is where the container stands in the Pod's spec.
func (c containerState) path(field string) string {
	group := "spec.containers"
	if c.init {
		group = "spec.initContainers"
	}
	if c.ordinal < 0 {
		return group
	}
	return group + "[" + show(int64(c.ordinal)) + "]" + field
}

// states lists the containers of a Pod, init containers first.
func states(pod thing) []containerState {
	var found []containerState
	for _, group := range []struct {
		status, spec string
		init         bool
	}{{"initContainerStatuses", "initContainers", true}, {"containerStatuses", "containers", false}} {
		specs := list(pod.Object, "spec", group.spec)
		for _, s := range list(pod.Object, "status", group.status) {
			name := text(s, "name")
			at := slices.IndexFunc(specs, func(c any) bool { return text(c, "name") == name })
			found = append(found, containerState{name: name, status: s, init: group.init, ordinal: at})
		}
	}
	return found
}

// ended returns how the container ended last: now, or before it was started
// again.
func (c containerState) ended() any {
	if t := field(c.status, "state", "terminated"); t != nil {
		return t
	}
	return field(c.status, "lastState", "terminated")
}

// podContainers finds the first container that cannot start or does not stay.
func podContainers(e *evidence, pod thing) *Cause {
	for _, s := range states(pod) {
		if c := containerCause(e, pod, s); c != nil {
			if s.init && c.ID != causeImagePull && c.ID != causeConfig {
				return initCause(c, pod, s)
			}
			return c
		}
	}
	return nil
}

func containerCause(e *evidence, pod thing, s containerState) *Cause {
	reason, message := text(s.status, "state", "waiting", "reason"), text(s.status, "state", "waiting", "message")
	switch reason {
	case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError":
		return imageCause(e, pod, s, reason, message)
	case "CreateContainerConfigError":
		return configCause(e, pod, s, message)
	case "CreateContainerError", "RunContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError":
		return startCause(e, pod, s, message)
	}
	return crashCause(e, pod, s, reason)
}

// pulled are the images that lessons use most; a slip in one of these names is
// recognised.
var pulled = [...]string{"nginx", "busybox", "redis", "httpd", "alpine", "postgres", "mysql", "python", "node", "curl", "memcached", "mongo", "rabbitmq", "ubuntu", "debian"}

func imageCause(e *evidence, pod thing, s containerState, reason, message string) *Cause {
	image := text(s.status, "image")
	if image == "" || s.ordinal >= 0 {
		group := "containers"
		if s.init {
			group = "initContainers"
		}
		if specs := list(pod.Object, "spec", group); s.ordinal >= 0 && s.ordinal < len(specs) {
			image = text(specs[s.ordinal], "image")
		}
	}
	c := &Cause{ID: causeImagePull, Object: e.ref(pod), Path: s.path(".image"), Found: brief(image, messageMost), Stuck: true}
	who, what := quote(pod.name()), quote(image)
	if reason == "InvalidImageName" {
		c.Text = say("InvalidImageName: %[2]s of Pod %[1]s is no valid name of an image. It is written `repository:tag`, in lower case.",
			"InvalidImageName：Pod %[1]s 的 %[2]s 不是合法的镜像名。写法是 `仓库:标签`，全部小写。", who, what)
		return c
	}
	if reason == "ErrImageNeverPull" {
		c.Text = say("ErrImageNeverPull: the image %[2]s of Pod %[1]s is not on the node, and `imagePullPolicy: Never` forbids to fetch it.",
			"ErrImageNeverPull：节点上没有 Pod %[1]s 的镜像 %[2]s，而 `imagePullPolicy: Never` 不允许拉取。", who, what)
		return c
	}
	if reason == "" {
		reason = "ErrImagePull"
	}
	repo, tag := splitImage(brief(image, nameMost))
	if i := slices.IndexFunc(pulled[:], func(known string) bool { return repo != known && oneSlip(repo, known) }); i >= 0 {
		c.Expected = pulled[i] + ":" + tag
		c.Text = say("%[3]s: the image %[2]s of Pod %[1]s cannot be pulled. Is %[4]s meant?",
			"%[3]s：Pod %[1]s 的镜像 %[2]s 拉取不到。是不是想写 %[4]s？", who, what, reason, quote(c.Expected))
		return c
	}
	c.Text = say("%[3]s: the image %[2]s of Pod %[1]s cannot be pulled. Check its name and tag.",
		"%[3]s：Pod %[1]s 的镜像 %[2]s 拉取不到。请检查名字和标签。", who, what, reason)
	for _, r := range []struct{ said, en, zh string }{
		{"not found", "The registry has no such image or tag.", "镜像仓库里没有这个镜像或标签。"},
		{"does not exist", "The registry has no such image, or wants credentials for it.", "镜像仓库里没有这个镜像，或者需要凭据。"},
		{"unauthorized", "The registry wants credentials for it.", "镜像仓库需要凭据。"},
		{"no such host", "The registry's name is not known; check it, and the network.", "找不到这个镜像仓库的域名，请检查它和网络。"},
		{"i/o timeout", "The registry does not answer; check the network.", "镜像仓库没有应答，请检查网络。"},
	} {
		if strings.Contains(message, r.said) {
			c.Text = say("%[3]s: the image %[2]s of Pod %[1]s cannot be pulled. %[4]s",
				"%[3]s：Pod %[1]s 的镜像 %[2]s 拉取不到。%[5]s", who, what, reason, r.en, r.zh)
			break
		}
	}
	return c
}

// What the kubelet says when a container's configuration cannot be had.
var (
	configNotFound = pattern(`^(configmap|secret) "([^"]{1,253})" not found`)
	configNoKey    = pattern(`^couldn't find key (\S{1,253}) in (ConfigMap|Secret) [^/\s]{1,63}/(\S{1,253})`)
)

func configCause(e *evidence, pod thing, s containerState, message string) *Cause {
	c := &Cause{ID: causeConfig, Object: e.ref(pod), Path: s.path(""), Stuck: true}
	who, name := quote(pod.name()), quote(s.name)
	message = brief(message, messageMost)
	if m := configNotFound().FindStringSubmatch(message); m != nil {
		kind := map[string]string{"configmap": "ConfigMap", "secret": "Secret"}[m[1]]
		c.Expected, c.Found = kind+"/"+m[2], none
		c.Text = say("CreateContainerConfigError: container %[2]s of Pod %[1]s wants the %[3]s %[4]s, which does not exist here.%[5]s Make it, or correct the name.",
			"CreateContainerConfigError：Pod %[1]s 的容器 %[2]s 要用 %[3]s %[4]s，但它不存在。%[6]s请创建它，或改正名字。",
			who, name, kind, quote(m[2]), e.meant(kind, m[2], " Is %s meant?"), e.meant(kind, m[2], "是不是想写 %s？"))
		return c
	}
	if m := configNoKey().FindStringSubmatch(message); m != nil {
		c.Expected = m[1]
		c.Text = say("CreateContainerConfigError: container %[2]s of Pod %[1]s wants the key %[3]s of %[4]s %[5]s, which has no such key.",
			"CreateContainerConfigError：Pod %[1]s 的容器 %[2]s 要用 %[4]s %[5]s 的键 %[3]s，但里面没有这个键。",
			who, name, quote(m[1]), m[2], quote(m[3]))
		if t, ok := e.named(m[2], m[3]); ok {
			c.Found = brief(strings.Join(keysOf(t), ", "), messageMost)
			c.Text = say("%[1]s It has %[3]s.", "%[2]s已有的键：%[3]s。", c.Text.In(English), c.Text.In(Chinese), quote(c.Found))
		}
		return c
	}
	c.Text = say("CreateContainerConfigError: container %[2]s of Pod %[1]s cannot be made: %[3]s",
		"CreateContainerConfigError：Pod %[1]s 的容器 %[2]s 无法创建：%[3]s", who, name, quote(message))
	return c
}

// keysOf lists the keys of a ConfigMap or Secret.
func keysOf(t thing) []string {
	var keys []string
	for _, f := range []string{"data", "binaryData"} {
		m, _ := field(t.Object, f).(map[string]any)
		for k := range m {
			keys = append(keys, k)
		}
	}
	return once(keys)
}

// noProgram finds in a runtime's message the program that does not exist.
var noProgram = pattern(`exec: "([^"]+)": (?:executable file not found|stat |.*no such file)`)

func startCause(e *evidence, pod thing, s containerState, message string) *Cause {
	c := &Cause{ID: causeStart, Object: e.ref(pod), Path: s.path(""), Stuck: true}
	if m := noProgram().FindStringSubmatch(brief(message, 4*messageMost)); m != nil {
		c.Path, c.Found = s.path(".command"), m[1]
		c.Text = say("Container %[2]s of Pod %[1]s cannot be started: its image has no program %[3]s. Correct `command` or `args`.",
			"Pod %[1]s 的容器 %[2]s 启动不了：镜像里没有程序 %[3]s。请改正 `command` 或 `args`。", quote(pod.name()), quote(s.name), quote(m[1]))
		return c
	}
	c.Text = say("Container %[2]s of Pod %[1]s cannot be started: %[3]s",
		"Pod %[1]s 的容器 %[2]s 启动不了：%[3]s", quote(pod.name()), quote(s.name), quote(message))
	return c
}

// restartsStuck is how many restarts without a ready container are called stuck.
// The reason CrashLoopBackOff is set late by newer kubelets.
const restartsStuck = 2

// crashCause finds a container that ends, and is started again in vain.
func crashCause(e *evidence, pod thing, s containerState, reason string) *Cause {
	if ready, _ := field(s.status, "ready").(bool); ready {
		return nil
	}
	end := s.ended()
	if end == nil {
		return nil
	}
	code, restarts := number(0, end, "exitCode"), number(0, s.status, "restartCount")
	why := text(end, "reason")
	stays := text(pod.Object, "spec", "restartPolicy") == "Always" || text(pod.Object, "spec", "restartPolicy") == ""
	if !s.init && !stays && code == 0 || s.init && code == 0 {
		return nil // it was to end
	}
	if running := field(s.status, "state", "running"); running != nil && restarts == 0 {
		return nil
	}
	if why == "StartError" || why == "ContainerCannotRun" {
		return startCause(e, pod, s, text(end, "message"))
	}
	c := &Cause{ID: causeCrash, Object: e.ref(pod), Path: s.path(""), Found: show(code),
		Stuck: reason == "CrashLoopBackOff" || restarts >= restartsStuck}
	if !stays && text(pod.Object, "status", "phase") == "Failed" {
		c.Stuck = true // it is not started again
	}
	who, name := quote(pod.name()), quote(s.name)
	if why == "OOMKilled" {
		c.ID, c.Path, c.Found = causeOutOfMemory, s.path(".resources.limits.memory"), ""
		group := "containers"
		if s.init {
			group = "initContainers"
		}
		if specs := list(pod.Object, "spec", group); s.ordinal >= 0 && s.ordinal < len(specs) {
			if limit := field(specs[s.ordinal], "resources", "limits", "memory"); limit != nil {
				c.Found = brief(show(limit), nameMost)
			}
		}
		c.Text = say("OOMKilled: container %[2]s of Pod %[1]s took more memory than its limit allows (%[3]s), and was killed; restarts: %[4]d. Raise the limit or let it use less.",
			"OOMKilled：Pod %[1]s 的容器 %[2]s 用的内存超过了限制（%[3]s），被强行结束；已重启 %[4]d 次。请提高限制，或让它少用内存。",
			who, name, quote(c.Found), restarts)
		return c
	}
	logs := "kubectl logs " + brief(pod.name(), nameMost) + " -c " + brief(s.name, nameMost)
	if restarts > 0 {
		logs += " --previous"
	}
	word := "Error"
	if c.Stuck && stays {
		word = "CrashLoopBackOff"
	}
	if code == 0 {
		c.Text = say("%[6]s: container %[2]s of Pod %[1]s ends at once, with exit code 0, and is started again; restarts: %[4]d. Its program must keep running. See %[5]s.",
			"%[6]s：Pod %[1]s 的容器 %[2]s 一启动就正常结束（退出码 0），然后被反复重启；已重启 %[4]d 次。它的程序要一直运行。可以看 %[5]s。",
			who, name, code, restarts, quote(logs), word)
		return c
	}
	c.Text = say("%[6]s: container %[2]s of Pod %[1]s ends with exit code %[3]d; restarts: %[4]d. What it said last: %[5]s.",
		"%[6]s：Pod %[1]s 的容器 %[2]s 以退出码 %[3]d 结束；已重启 %[4]d 次。它最后的输出：%[5]s。",
		who, name, code, restarts, quote(logs), word)
	return c
}

// initCause says of a cause that it lies in an init container, behind which all
// others wait.
func initCause(c *Cause, pod thing, s containerState) *Cause {
	n := *c
	if c.ID == causeCrash {
		n.ID = causeInit
	}
	n.Text = say("%[1]s It is an init container: the others wait until it ends well.", "%[2]s它是 init 容器，其他容器要等它成功结束才会启动。",
		c.Text.In(English), c.Text.In(Chinese))
	return &n
}

// youngPod is how long a Pod or container may take before its state counts as
// one that lasts.
const youngPod = 10 * time.Second

// when reads a time of an object.
func when(v any, path ...string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, text(v, path...))
	return t, err == nil
}

// podVolumes finds a volume of what does not exist. The kubelet says so in
// events only; the Pod just stays ContainerCreating.
func podVolumes(e *evidence, pod thing) *Cause {
	if !isContainerCreating(pod) {
		return nil
	}
	for i, v := range list(pod.Object, "spec", "volumes") {
		for _, source := range []struct{ kind, field, name string }{{"ConfigMap", "configMap", "name"}, {"Secret", "secret", "secretName"}} {
			name := text(v, source.field, source.name)
			if optional, _ := field(v, source.field, "optional").(bool); name == "" || optional || !e.lacks(source.kind, name) {
				continue
			}
			return &Cause{ID: causeVolume, Object: e.ref(pod), Path: "spec.volumes[" + show(int64(i)) + "]." + source.field, Stuck: true,
				Expected: source.kind + "/" + brief(name, nameMost), Found: none,
				Text: say("Pod %[1]s waits for a volume from the %[2]s %[3]s, which does not exist here.%[4]s Make it, or correct the name.",
					"Pod %[1]s 在等 %[2]s %[3]s 提供的卷，但它不存在。%[5]s请创建它，或改正名字。",
					quote(pod.name()), source.kind, quote(name), e.meant(source.kind, name, " Is %s meant?"), e.meant(source.kind, name, "是不是想写 %s？"))}
		}
	}
	return nil
}

func isContainerCreating(pod thing) bool {
	if text(pod.Object, "spec", "nodeName") == "" {
		return false
	}
	for _, s := range states(pod) {
		switch text(s.status, "state", "waiting", "reason") {
		case "ContainerCreating", "PodInitializing":
			return true
		}
	}
	return false
}

// podFailed finds a Pod that was ended from outside: evicted, or its node lost.
func podFailed(e *evidence, pod thing) *Cause {
	reason := text(pod.Object, "status", "reason")
	if text(pod.Object, "status", "phase") != "Failed" || reason == "" {
		return nil
	}
	return &Cause{ID: causePodFailed, Object: e.ref(pod), Path: "status.reason", Found: brief(reason, nameMost), Stuck: true,
		Text: say("Pod %[1]s has failed (%[2]s): %[3]s. A failed Pod is not started again; delete it, or let its controller replace it.",
			"Pod %[1]s 已失败（%[2]s）：%[3]s。失败的 Pod 不会再启动；请删除它，或让控制器替换它。",
			quote(pod.name()), quote(reason), quote(text(pod.Object, "status", "message")))}
}

// podNotReady finds containers that run, but whose readiness or startup probe
// does not succeed.
func podNotReady(e *evidence, pod thing) *Cause {
	if text(pod.Object, "status", "phase") != "Running" {
		return nil
	}
	for _, s := range states(pod) {
		since, running := when(s.status, "state", "running", "startedAt")
		if ready, _ := field(s.status, "ready").(bool); s.init || ready || !running {
			continue
		}
		specs := list(pod.Object, "spec", "containers")
		if s.ordinal < 0 || s.ordinal >= len(specs) {
			continue
		}
		which := "readinessProbe"
		if started, told := field(s.status, "started").(bool); told && !started && field(specs[s.ordinal], "startupProbe") != nil {
			which = "startupProbe"
		}
		probe := field(specs[s.ordinal], which)
		patience := youngPod + time.Duration(min(number(0, probe, "initialDelaySeconds"), 3600))*time.Second
		if probe == nil || e.now.Sub(since) < patience {
			continue
		}
		return &Cause{ID: causeReadiness, Object: e.ref(pod), Path: s.path("." + which), Found: brief(probed(probe), messageMost),
			Text: say("Container %[2]s of Pod %[1]s runs but is not ready: its %[3]s (%[4]s) does not succeed. See the events: `kubectl describe pod %[5]s`.",
				"Pod %[1]s 的容器 %[2]s 在运行，但没有就绪：它的 %[3]s（%[4]s）没有成功。看事件：`kubectl describe pod %[5]s`。",
				quote(pod.name()), quote(s.name), which, quote(probed(probe)), brief(pod.name(), nameMost))}
	}
	return nil
}

// probed says what a probe does: "GET /healthz at port 8080".
func probed(probe any) string {
	switch {
	case field(probe, "httpGet") != nil:
		return "GET " + text(probe, "httpGet", "path") + " :" + show(field(probe, "httpGet", "port"))
	case field(probe, "tcpSocket") != nil:
		return "TCP :" + show(field(probe, "tcpSocket", "port"))
	case field(probe, "grpc") != nil:
		return "gRPC :" + show(field(probe, "grpc", "port"))
	}
	return "exec " + strings.Join(textsOf(list(probe, "exec", "command")), " ")
}
