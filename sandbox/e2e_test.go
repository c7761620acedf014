package sandbox

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	clientset "k8s.io/client-go/kubernetes"
)

// workloads is a namespace of one running sandbox.
type workloads struct {
	*daemon
	client *clientset.Clientset
	ns     string
}

func (w workloads) pod(name string, spec v1.PodSpec) {
	w.t.Helper()
	pod := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"name": name}}, Spec: spec}
	if _, err := w.client.CoreV1().Pods(w.ns).Create(w.t.Context(), pod, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

func script(name, text string) v1.PodSpec {
	return v1.PodSpec{Containers: []v1.Container{{Name: name, Image: "busybox:1.36", Command: []string{"sh", "-c", text}}}}
}

// untilPod waits for a condition of a Pod and returns the Pod.
func (w workloads) untilPod(name, goal string, ok func(*v1.Pod) bool) *v1.Pod {
	w.t.Helper()
	var pod *v1.Pod
	w.until(patience, name+": "+goal, func() (bool, string) {
		p, err := w.client.CoreV1().Pods(w.ns).Get(w.t.Context(), name, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		pod = p
		return ok(p), fmt.Sprintf("%s %+v", p.Status.Phase, p.Status.ContainerStatuses)
	})
	return pod
}

// untilEvent waits for an event of the kubelet's about an object with a reason
// and a text in it.
func (w workloads) untilEvent(object, reason, text string) {
	w.t.Helper()
	w.untilEventFrom("kubelet", object, reason, text)
}

func (w workloads) untilEventFrom(component, object, reason, text string) {
	w.t.Helper()
	w.until(patience, fmt.Sprintf("event %s of %s: %s", reason, object, text), func() (bool, string) {
		events, err := w.client.CoreV1().Events(w.ns).List(w.t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.name=" + object})
		if err != nil {
			return false, err.Error()
		}
		var seen []string
		for _, e := range events.Items {
			if e.Reason == reason && strings.Contains(e.Message, text) && e.Source.Component == component {
				return true, ""
			}
			seen = append(seen, e.Reason+": "+e.Message)
		}
		return false, strings.Join(seen, "\n")
	})
}

func (w workloads) logs(pod string, options v1.PodLogOptions) string {
	w.t.Helper()
	stream, err := w.client.CoreV1().Pods(w.ns).GetLogs(pod, &options).Stream(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer stream.Close()
	text, err := io.ReadAll(stream)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func ready(p *v1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c v1.PodCondition) bool { return c.Type == v1.PodReady && c.Status == v1.ConditionTrue })
}

func waiting(reason string) func(*v1.Pod) bool {
	return func(p *v1.Pod) bool {
		return slices.ContainsFunc(p.Status.ContainerStatuses, func(s v1.ContainerStatus) bool { return s.State.Waiting != nil && s.State.Waiting.Reason == reason })
	}
}

// TestWorkloads runs what the lessons rely on, all on one sandbox.
func TestWorkloads(t *testing.T) {
	d := startDaemon(t, t.TempDir())
	d.lease("")
	runWorkloads(t, d, map[string]func(workloads){
		"a Service gets the addresses of its Deployment": testService,
		"a tag that never existed fails to pull":         testMissingTag,
		"a misspelt image fails to pull":                 testMisspelt,
		"a Job completes":                                testJob,
		"a crashing container is restarted":              testCrash,
		"logs can be followed":                           testFollow,
		"volumes, init containers and probes work":       testVolumesAndProbes,
		"a failing probe restarts the container":         testLiveness,
		"a sidecar outlives the others and ends last":    testSidecar,
		"a failing readiness probe says why":             testReadiness,
		"a command the image lacks does not start":       testStartError,
		"an unknown image runs as a stand-in":            testStandIn,
		"two servers in a Pod fight for the port":        testPortTaken,
	})
}

// runWorkloads runs tests side by side, each in a namespace of its own.
func runWorkloads(t *testing.T, d *daemon, tests map[string]func(workloads)) {
	client := d.client()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns, err := client.CoreV1().Namespaces().Create(t.Context(), &v1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			inTest := *d
			inTest.t = t
			w := workloads{daemon: &inTest, client: client, ns: ns.Name}
			w.until(patience, "the namespace has its ServiceAccount", func() (bool, string) {
				_, err := client.CoreV1().ServiceAccounts(ns.Name).Get(t.Context(), "default", metav1.GetOptions{})
				return err == nil, fmt.Sprint(err)
			})
			test(w)
		})
	}
}

func testService(w workloads) {
	labels := map[string]string{"app": "web"}
	ctx := w.t.Context()
	if _, err := w.client.AppsV1().Deployments(w.ns).Create(ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(3)),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: v1.PodSpec{Containers: []v1.Container{{Name: "nginx", Image: "nginx:1.27"}}}},
		},
	}, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.client.CoreV1().Services(w.ns).Create(ctx, &v1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec:       v1.ServiceSpec{Selector: labels, Ports: []v1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(80)}}},
	}, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "three replicas are available", func() (bool, string) {
		d, err := w.client.AppsV1().Deployments(w.ns).Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		return d.Status.AvailableReplicas == 3, fmt.Sprintf("%+v", d.Status)
	})
	pods, err := w.client.CoreV1().Pods(w.ns).List(ctx, metav1.ListOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	var addresses []string
	for _, p := range pods.Items {
		if !strings.HasPrefix(p.Status.PodIP, "10.244.0.") || slices.Contains(addresses, p.Status.PodIP) {
			w.t.Errorf("Pod %s has the address %q beside %v", p.Name, p.Status.PodIP, addresses)
		}
		if p.Status.HostIP != nodeIP {
			w.t.Errorf("Pod %s is on host %q", p.Name, p.Status.HostIP)
		}
		addresses = append(addresses, p.Status.PodIP)
	}
	slices.Sort(addresses)
	w.until(patience, "the EndpointSlice has the Pods' addresses", func() (bool, string) {
		slicesOfWeb, err := w.client.DiscoveryV1().EndpointSlices(w.ns).List(ctx, metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=web"})
		if err != nil {
			return false, err.Error()
		}
		var found []string
		for _, s := range slicesOfWeb.Items {
			for _, e := range s.Endpoints {
				if e.Conditions.Ready != nil && *e.Conditions.Ready {
					found = append(found, e.Addresses...)
				}
			}
		}
		slices.Sort(found)
		return slices.Equal(found, addresses), fmt.Sprintf("%v, want %v", found, addresses)
	})
}

func testMissingTag(w workloads) {
	w.pod("bad", v1.PodSpec{Containers: []v1.Container{{Name: "web", Image: "nginx:1.999"}}})
	w.untilPod("bad", "ErrImagePull", waiting("ErrImagePull"))
	w.untilPod("bad", "ImagePullBackOff", waiting("ImagePullBackOff"))
	w.untilEvent("bad", "Failed", `Failed to pull image "nginx:1.999": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.999": failed to resolve reference "docker.io/library/nginx:1.999": docker.io/library/nginx:1.999: not found`)
	w.untilEvent("bad", "BackOff", `Back-off pulling image "nginx:1.999"`)
}

func testMisspelt(w workloads) {
	w.pod("typo", v1.PodSpec{Containers: []v1.Container{{Name: "web", Image: "ngnix"}}})
	w.untilPod("typo", "ImagePullBackOff", waiting("ImagePullBackOff"))
	w.untilEvent("typo", "Failed", "pull access denied, repository does not exist or may require authorization")
}

func testJob(w workloads) {
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "sum"}, Spec: batchv1.JobSpec{
		Completions: new(int32(2)),
		Template:    v1.PodTemplateSpec{Spec: script("sum", "echo $((40+2)); sleep 0.2")},
	}}
	job.Spec.Template.Spec.RestartPolicy = v1.RestartPolicyNever
	if _, err := w.client.BatchV1().Jobs(w.ns).Create(w.t.Context(), job, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "the Job is complete", func() (bool, string) {
		j, err := w.client.BatchV1().Jobs(w.ns).Get(w.t.Context(), "sum", metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		return j.Status.Succeeded == 2 && j.Status.CompletionTime != nil, fmt.Sprintf("%+v", j.Status)
	})
	pods, err := w.client.CoreV1().Pods(w.ns).List(w.t.Context(), metav1.ListOptions{LabelSelector: "job-name=sum"})
	if err != nil || len(pods.Items) != 2 {
		w.t.Fatalf("%d Pods, %v", len(pods.Items), err)
	}
	for _, p := range pods.Items {
		if got := w.logs(p.Name, v1.PodLogOptions{}); got != "42\n" {
			w.t.Errorf("the log of %s is %q", p.Name, got)
		}
	}
}

func testCrash(w workloads) {
	w.pod("crash", script("c", `echo "started $HOSTNAME"; echo oops >&2; exit 3`))
	pod := w.untilPod("crash", "restarted once", func(p *v1.Pod) bool {
		return len(p.Status.ContainerStatuses) == 1 && p.Status.ContainerStatuses[0].RestartCount >= 1 && p.Status.ContainerStatuses[0].LastTerminationState.Terminated != nil
	})
	if last := pod.Status.ContainerStatuses[0].LastTerminationState.Terminated; last.ExitCode != 3 || last.Reason != "Error" {
		w.t.Errorf("it ended with %d (%s), want 3 (Error)", last.ExitCode, last.Reason)
	}
	w.untilEvent("crash", "BackOff", "Back-off restarting failed container c")
	if got := w.logs("crash", v1.PodLogOptions{Previous: true}); got != "started crash\noops\n" {
		w.t.Errorf("the log of the previous container is %q", got)
	}
	if got := w.logs("crash", v1.PodLogOptions{Timestamps: true, TailLines: new(int64(1))}); !strings.HasSuffix(got, "Z oops\n") || !strings.HasPrefix(got, "20") {
		w.t.Errorf("the last line with its time is %q", got)
	}
}

func testFollow(w workloads) {
	spec := script("c", "for i in 1 2 3; do echo line $i; sleep 0.3; done")
	spec.RestartPolicy = v1.RestartPolicyNever
	w.pod("talk", spec)
	w.untilPod("talk", "started", func(p *v1.Pod) bool { return p.Status.Phase != v1.PodPending })
	if got := w.logs("talk", v1.PodLogOptions{Follow: true}); got != "line 1\nline 2\nline 3\n" {
		w.t.Errorf("followed to its end, the log is %q", got)
	}
	w.untilPod("talk", "Succeeded", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodSucceeded })
}

func testVolumesAndProbes(w workloads) {
	ctx := w.t.Context()
	if _, err := w.client.CoreV1().ConfigMaps(w.ns).Create(ctx, &v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "settings"}, Data: map[string]string{"colour": "blue"}}, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	probe := func(h v1.ProbeHandler) *v1.Probe { return &v1.Probe{ProbeHandler: h, PeriodSeconds: 1} }
	w.pod("full", v1.PodSpec{
		InitContainers: []v1.Container{{
			Name: "init", Image: "busybox", Command: []string{"sh", "-c", "cp /settings/colour /work/copy"},
			VolumeMounts: []v1.VolumeMount{{Name: "settings", MountPath: "/settings"}, {Name: "work", MountPath: "/work"}},
		}},
		Containers: []v1.Container{{
			Name: "web", Image: "nginx:1.27-alpine", Ports: []v1.ContainerPort{{Name: "http", ContainerPort: 80}},
			StartupProbe:   probe(v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Port: intstr.FromInt32(80)}}),
			ReadinessProbe: probe(v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/", Port: intstr.FromString("http")}}),
		}, {
			Name: "shell", Image: "busybox", Command: []string{"sh", "-c", `cat /work/copy; echo " $COLOUR"; touch /tmp/healthy; sleep infinity`},
			Env:           []v1.EnvVar{{Name: "COLOUR", ValueFrom: &v1.EnvVarSource{ConfigMapKeyRef: &v1.ConfigMapKeySelector{LocalObjectReference: v1.LocalObjectReference{Name: "settings"}, Key: "colour"}}}},
			VolumeMounts:  []v1.VolumeMount{{Name: "work", MountPath: "/work", ReadOnly: true}},
			LivenessProbe: probe(v1.ProbeHandler{Exec: &v1.ExecAction{Command: []string{"cat", "/tmp/healthy"}}}),
		}},
		Volumes: []v1.Volume{
			{Name: "settings", VolumeSource: v1.VolumeSource{ConfigMap: &v1.ConfigMapVolumeSource{LocalObjectReference: v1.LocalObjectReference{Name: "settings"}}}},
			{Name: "work", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}},
		},
		TerminationGracePeriodSeconds: new(int64(1)),
	})
	pod := w.untilPod("full", "ready", ready)
	if got := pod.Status.InitContainerStatuses[0].RestartCount; got != 0 {
		w.t.Errorf("the init container ran %d times too often", got)
	}
	if got := w.logs("full", v1.PodLogOptions{Container: "shell"}); got != "blue blue\n" {
		w.t.Errorf("the shell saw %q", got)
	}
	if err := w.client.CoreV1().Pods(w.ns).Delete(ctx, "full", metav1.DeleteOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "the Pod is gone", func() (bool, string) {
		_, err := w.client.CoreV1().Pods(w.ns).Get(context.WithoutCancel(ctx), "full", metav1.GetOptions{})
		return err != nil, "still there"
	})
}

func testLiveness(w workloads) {
	spec := v1.PodSpec{Containers: []v1.Container{{Name: "web", Image: "nginx", LivenessProbe: &v1.Probe{
		ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(8080)}}, PeriodSeconds: 1, FailureThreshold: 1,
	}}}}
	w.pod("sick", spec)
	w.untilPod("sick", "restarted", func(p *v1.Pod) bool {
		return len(p.Status.ContainerStatuses) == 1 && p.Status.ContainerStatuses[0].RestartCount >= 1
	})
	w.untilEvent("sick", "Unhealthy", ":8080: connect: connection refused")
	w.untilEvent("sick", "Killing", "failed liveness probe, will be restarted")
}

func testReadiness(w workloads) {
	w.pod("unready", v1.PodSpec{Containers: []v1.Container{{Name: "web", Image: "httpd:2.4", ReadinessProbe: &v1.Probe{
		ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(80)}}, PeriodSeconds: 1,
	}}}})
	w.untilEvent("unready", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404")
	if p := w.untilPod("unready", "running", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodRunning }); ready(p) {
		w.t.Error("it is ready although its probe fails")
	}
}

func testStartError(w workloads) {
	w.pod("nocmd", v1.PodSpec{Containers: []v1.Container{{Name: "c", Image: "nginx", Command: []string{"foo", "bar"}}}})
	w.untilEvent("nocmd", "Failed", `exec: "foo": executable file not found in $PATH`)
	w.untilPod("nocmd", "ended with StartError", func(p *v1.Pod) bool {
		for _, s := range p.Status.ContainerStatuses {
			for _, end := range []*v1.ContainerStateTerminated{s.State.Terminated, s.LastTerminationState.Terminated} {
				if end != nil && end.Reason == "StartError" && end.ExitCode == 128 {
					return true
				}
			}
		}
		return false
	})
}

func testStandIn(w workloads) {
	w.pod("mine", v1.PodSpec{Containers: []v1.Container{{Name: "c", Image: "ghcr.io/team/app:v1"}}})
	w.untilPod("mine", "ready", ready)
	w.until(patience, "it says what it is", func() (bool, string) {
		text := w.logs("mine", v1.PodLogOptions{})
		return strings.Contains(text, "this is a stand-in for the image ghcr.io/team/app:v1"), text
	})
}

func testPortTaken(w workloads) {
	w.pod("twins", v1.PodSpec{Containers: []v1.Container{{Name: "one", Image: "nginx"}, {Name: "two", Image: "nginx"}}})
	w.untilPod("twins", "one of the two has failed", func(p *v1.Pod) bool {
		return slices.ContainsFunc(p.Status.ContainerStatuses, func(s v1.ContainerStatus) bool { return s.RestartCount > 0 })
	})
}

func testSidecar(w workloads) {
	spec := script("main", "echo the main one; sleep 1")
	spec.RestartPolicy = v1.RestartPolicyNever
	side := script("side", "trap 'echo asked to stop; exit 0' TERM; echo first; while true; do sleep 0.2; done").Containers[0]
	side.RestartPolicy = new(v1.ContainerRestartPolicyAlways)
	spec.InitContainers = []v1.Container{side}
	w.pod("pair", spec)
	p := w.untilPod("pair", "has completed", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodSucceeded })
	main, beside := p.Status.ContainerStatuses[0].State.Terminated, p.Status.InitContainerStatuses[0].State.Terminated
	if main == nil || beside == nil || beside.FinishedAt.Before(&main.FinishedAt) || beside.StartedAt.After(main.StartedAt.Time) {
		w.t.Errorf("the main container lived %+v, its sidecar %+v", main, beside)
	}
	if out := w.logs("pair", v1.PodLogOptions{Container: "side"}); out != "first\nasked to stop\n" {
		w.t.Errorf("the sidecar says %q", out)
	}
}
