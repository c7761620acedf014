package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	metricsapi "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// TestUsage runs what has to do with what Pods use and may use.
func TestUsage(t *testing.T) {
	d := startDaemon(t, t.TempDir())
	d.lease("")
	runWorkloads(t, d, map[string]func(workloads){
		"probes over the network say what failed":             testNetworkProbes,
		"a container over its memory limit is OOMKilled":      testOutOfMemory,
		"a container over its ephemeral storage is evicted":   testEphemeralStorage,
		"metrics follow what a container does, within limits": testMetrics,
		"a resize in place gives more CPU without a restart":  testResize,
		"an autoscaler adds Pods under load":                  testAutoscaler,
	})
}

func amounts(cpu, memory string) v1.ResourceList {
	list := v1.ResourceList{}
	for name, text := range map[v1.ResourceName]string{v1.ResourceCPU: cpu, v1.ResourceMemory: memory} {
		if text != "" {
			list[name] = resource.MustParse(text)
		}
	}
	return list
}

func testNetworkProbes(w workloads) {
	get := func(path string, port int32) *v1.Probe {
		return &v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: path, Port: intstr.FromInt32(port)}}, PeriodSeconds: 1, FailureThreshold: 30}
	}
	for name, probe := range map[string]*v1.Probe{
		"status": get("/nosuch", 80), "refused": get("/", 81),
		"tcp": {ProbeHandler: v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Port: intstr.FromInt32(82)}}, PeriodSeconds: 1},
	} {
		w.pod(name, v1.PodSpec{Containers: []v1.Container{{Name: "c", Image: "nginx", ReadinessProbe: probe}}})
	}
	address := func(name string) string {
		return w.untilPod(name, "has an address", func(p *v1.Pod) bool { return p.Status.PodIP != "" }).Status.PodIP
	}
	w.untilEvent("status", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404")
	w.untilEvent("refused", "Unhealthy", fmt.Sprintf("Readiness probe failed: Get \"http://%[1]s:81/\": dial tcp %[1]s:81: connect: connection refused", address("refused")))
	w.untilEvent("tcp", "Unhealthy", fmt.Sprintf("Readiness probe failed: dial tcp %s:82: connect: connection refused", address("tcp")))
}

func testOutOfMemory(w workloads) {
	w.pod("memory", v1.PodSpec{Containers: []v1.Container{{
		Name: "c", Image: "polinux/stress", Command: []string{"stress"}, Args: []string{"--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"},
		Resources: v1.ResourceRequirements{Limits: amounts("", "100Mi")},
	}}})
	w.untilPod("memory", "was killed and started again", func(p *v1.Pod) bool {
		if len(p.Status.ContainerStatuses) == 0 {
			return false
		}
		s := p.Status.ContainerStatuses[0]
		last := s.LastTerminationState.Terminated
		return s.RestartCount > 0 && last != nil && last.Reason == "OOMKilled" && last.ExitCode == 137
	})
}

func testEphemeralStorage(w workloads) {
	spec := script("c", "head -c 12000000 /dev/zero > /tmp/big; sleep 3600")
	spec.Containers[0].Resources.Limits = v1.ResourceList{v1.ResourceEphemeralStorage: resource.MustParse("5Mi")}
	w.pod("writer", spec)
	p := w.untilPod("writer", "is evicted", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodFailed })
	if p.Status.Reason != "Evicted" || !strings.Contains(p.Status.Message, "ephemeral local storage") {
		w.t.Errorf("it failed with %s: %s", p.Status.Reason, p.Status.Message)
	}
}

// untilUsage waits for metrics of a Pod.
func (w workloads) untilUsage(pod, goal string, ok func(milli, bytes int64) bool) {
	w.t.Helper()
	w.until(patience, pod+": "+goal, func() (bool, string) {
		text, err := w.client.CoreV1().RESTClient().Get().AbsPath("/apis/metrics.k8s.io/v1beta1/namespaces", w.ns, "pods", pod).DoRaw(w.t.Context())
		if err != nil {
			return false, err.Error()
		}
		var m metricsapi.PodMetrics
		if err := json.Unmarshal(text, &m); err != nil {
			return false, err.Error()
		}
		milli, bytes := int64(0), int64(0)
		for _, c := range m.Containers {
			milli += c.Usage.Cpu().MilliValue()
			bytes += c.Usage.Memory().Value()
		}
		return ok(milli, bytes), fmt.Sprintf("%dm, %d bytes", milli, bytes)
	})
}

// burner computes on two threads as fast as it may.
func burner(limit string) v1.PodSpec {
	return v1.PodSpec{Containers: []v1.Container{{
		Name: "c", Image: "vish/stress", Args: []string{"-cpus", "2", "-mem-total", "50Mi", "-mem-alloc-size", "10Mi"},
		Resources: v1.ResourceRequirements{Requests: amounts("100m", ""), Limits: amounts(limit, "200Mi")},
	}}}
}

func testMetrics(w workloads) {
	w.pod("busy", burner("500m"))
	w.untilUsage("busy", "uses its limit", func(milli, bytes int64) bool { return milli > 350 && milli < 600 && bytes > 50<<20 && bytes < 55<<20 })
	w.until(patience, "the node uses more", func() (bool, string) {
		text, err := w.client.CoreV1().RESTClient().Get().AbsPath("/apis/metrics.k8s.io/v1beta1/nodes", NodeName).DoRaw(w.t.Context())
		if err != nil {
			return false, err.Error()
		}
		var m metricsapi.NodeMetrics
		err = json.Unmarshal(text, &m)
		return err == nil && m.Usage.Cpu().MilliValue() > 400 && m.Usage.Memory().Value() > 150<<20, string(text)
	})
}

func testResize(w workloads) {
	w.pod("grows", burner("200m"))
	w.untilUsage("grows", "uses its limit", func(milli, _ int64) bool { return milli > 120 && milli < 260 })
	patch := `{"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"800m"}}}]}}`
	if _, err := w.client.CoreV1().Pods(w.ns).Patch(w.t.Context(), "grows", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "resize"); err != nil {
		w.t.Fatal(err)
	}
	w.untilPod("grows", "reports its new limit", func(p *v1.Pod) bool {
		s := p.Status.ContainerStatuses[0]
		return s.RestartCount == 0 && s.Resources != nil && s.Resources.Limits.Cpu().String() == "800m"
	})
	w.untilUsage("grows", "uses its new limit", func(milli, _ int64) bool { return milli > 600 && milli < 1000 })
}

func testAutoscaler(w workloads) {
	w.deployment("php-apache", 1, v1.PodSpec{Containers: []v1.Container{{
		Name: "php-apache", Image: "vish/stress", Args: []string{"-cpus", "1"},
		Resources: v1.ResourceRequirements{Requests: amounts("200m", ""), Limits: amounts("500m", "")},
	}}})
	half, least := int32(50), int32(1)
	scaler := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: "php-apache"},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "php-apache"},
			MinReplicas:    &least, MaxReplicas: 3,
			Metrics: []autoscalingv2.MetricSpec{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
				Name: v1.ResourceCPU, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &half},
			}}},
		},
	}
	if _, err := w.client.AutoscalingV2().HorizontalPodAutoscalers(w.ns).Create(w.t.Context(), scaler, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.until(2*patience, "the Deployment is scaled up", func() (bool, string) {
		d, err := w.client.AppsV1().Deployments(w.ns).Get(w.t.Context(), "php-apache", metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		h, err := w.client.AutoscalingV2().HorizontalPodAutoscalers(w.ns).Get(w.t.Context(), "php-apache", metav1.GetOptions{})
		return d.Status.ReadyReplicas == 3, fmt.Sprintf("%d ready, autoscaler %+v, %v", d.Status.ReadyReplicas, h.Status, err)
	})
}
