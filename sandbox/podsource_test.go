package sandbox

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/k8stutor/k8stutor/sandbox/pocket"
)

func TestNetworkProbesBecomeCommandsOfTheRuntime(t *testing.T) {
	t.Parallel()
	container := v1.Container{Ports: []v1.ContainerPort{{Name: "web", ContainerPort: 8080}}}
	for name, tc := range map[string]struct {
		probe v1.ProbeHandler
		want  []string
	}{
		"http with a number":  {v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/ok?a=b", Port: intstr.FromInt32(80)}}, []string{pocket.ProbeCommand, "http", "http://pod.invalid:80/ok?a=b"}},
		"http with a name":    {v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "ok", Port: intstr.FromString("web"), Scheme: v1.URISchemeHTTPS}}, []string{pocket.ProbeCommand, "http", "https://pod.invalid:8080/ok"}},
		"http to a host":      {v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Host: "example.com", Port: intstr.FromInt32(80)}}, []string{pocket.ProbeCommand, "http", "http://example.com:80"}},
		"tcp":                 {v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Port: intstr.FromString("web")}}, []string{pocket.ProbeCommand, "tcp", "pod.invalid:8080"}},
		"tcp to a host":       {v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Host: "127.0.0.1", Port: intstr.FromInt32(6379)}}, []string{pocket.ProbeCommand, "tcp", "127.0.0.1:6379"}},
		"grpc":                {v1.ProbeHandler{GRPC: &v1.GRPCAction{Port: 9000}}, []string{pocket.ProbeCommand, "grpc", "pod.invalid:9000"}},
		"a command stays one": {v1.ProbeHandler{Exec: &v1.ExecAction{Command: []string{"true"}}}, nil},
	} {
		if diff := cmp.Diff(tc.want, probeCommand(&tc.probe, &container)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	lost := probeCommand(&v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Port: intstr.FromString("nosuch")}}, &container)
	if len(lost) != 3 || lost[1] != "broken" || !strings.Contains(lost[2], "nosuch") {
		t.Errorf("a port that is not named anywhere: %q", lost)
	}
}

func TestOnlyTheKubeletsCopyOfAPodIsChanged(t *testing.T) {
	t.Parallel()
	get := func() *v1.HTTPGetAction { return &v1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(80)} }
	original := &v1.Pod{Spec: v1.PodSpec{
		InitContainers: []v1.Container{{Name: "side", StartupProbe: &v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: get()}, PeriodSeconds: 7}}},
		Containers: []v1.Container{
			{Name: "c", LivenessProbe: &v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: get()}}, Lifecycle: &v1.Lifecycle{
				PostStart: &v1.LifecycleHandler{HTTPGet: get()},
				PreStop:   &v1.LifecycleHandler{Sleep: &v1.SleepAction{Seconds: 1}},
			}},
			{Name: "plain"},
		},
	}}
	before := original.DeepCopy()
	changed := withRuntimeProbes(original)
	if diff := cmp.Diff(before, original); diff != "" {
		t.Errorf("the Pod itself was changed:\n%s", diff)
	}
	side, c := changed.Spec.InitContainers[0], changed.Spec.Containers[0]
	for name, handler := range map[string]*v1.ExecAction{"startup": side.StartupProbe.Exec, "liveness": c.LivenessProbe.Exec, "postStart": c.Lifecycle.PostStart.Exec} {
		if handler == nil || handler.Command[0] != pocket.ProbeCommand {
			t.Errorf("%s became %v", name, handler)
		}
	}
	if side.StartupProbe.PeriodSeconds != 7 || side.StartupProbe.HTTPGet != nil || c.Lifecycle.PreStop.Sleep == nil {
		t.Errorf("more was changed than the handlers: %v", changed.Spec)
	}
}
