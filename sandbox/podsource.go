package sandbox

import (
	"context"
	"net"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/wait"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/kubernetes/pkg/kubelet/config"
	kubetypes "k8s.io/kubernetes/pkg/kubelet/types"
	kubeletutil "k8s.io/kubernetes/pkg/kubelet/util"
	"k8s.io/kubernetes/pkg/probe"
	httpprobe "k8s.io/kubernetes/pkg/probe/http"

	"github.com/k8stutor/k8stutor/sandbox/pocket"
)

// podSource feeds the kubelet the Pods of its node. It begins once the kubelet
// has reported the node ready, which is when it knows its own labels, and it
// hands network probes and hooks over to the runtime: Pod addresses are not
// addresses of this machine, so the kubelet itself could not reach them.
func podSource(ctx context.Context, client clientset.Interface, node, bootID string, recorder record.EventRecorderLogger, latency kubeletutil.PodStartupLatencyTracker) *config.PodConfig {
	source := config.NewPodConfig(recorder, latency)
	updates := source.Channel(ctx, kubetypes.ApiserverSource)
	send := func(objects []any) {
		pods := make([]*v1.Pod, 0, len(objects))
		for _, o := range objects {
			pods = append(pods, withRuntimeProbes(o.(*v1.Pod)))
		}
		select {
		case updates <- struct{ Pods []*v1.Pod }{pods}:
		case <-ctx.Done():
		}
	}
	onNode := fields.OneTermEqualSelector("spec.nodeName", node)
	lw := cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "pods", metav1.NamespaceAll, onNode)
	reflector := cache.NewReflector(lw, &v1.Pod{}, cache.NewUndeltaStore(send, cache.MetaNamespaceKeyFunc), 0)
	go func() {
		if waitNodeReady(ctx, client, node, bootID) == nil {
			reflector.RunWithContext(ctx)
		}
	}()
	return source
}

// waitNodeReady returns when the kubelet of this run has reported the node ready.
func waitNodeReady(ctx context.Context, client clientset.Interface, node, bootID string) error {
	return wait.PollUntilContextCancel(ctx, 20*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		n, err := client.CoreV1().Nodes().Get(ctx, node, metav1.GetOptions{})
		if err != nil {
			return false, nil // the API server may be slow to allow it; ctx bounds the wait
		}
		return n.Status.NodeInfo.BootID == bootID && nodeReady(n), nil
	})
}

func nodeReady(n *v1.Node) bool {
	for _, c := range n.Status.Conditions {
		if c.Type == v1.NodeReady {
			return c.Status == v1.ConditionTrue
		}
	}
	return false
}

// withRuntimeProbes copies a Pod with its network probes and hooks turned into
// commands that the runtime answers. Only the kubelet sees the copy.
func withRuntimeProbes(pod *v1.Pod) *v1.Pod {
	pod = pod.DeepCopy()
	for _, list := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range list {
			c := &list[i]
			for _, p := range []*v1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
				if p == nil {
					continue
				}
				if command := probeCommand(&p.ProbeHandler, c); command != nil {
					p.ProbeHandler = v1.ProbeHandler{Exec: &v1.ExecAction{Command: command}}
				}
			}
			if c.Lifecycle == nil {
				continue
			}
			for _, h := range []*v1.LifecycleHandler{c.Lifecycle.PostStart, c.Lifecycle.PreStop} {
				if h == nil || h.HTTPGet == nil && h.TCPSocket == nil {
					continue
				}
				command := probeCommand(&v1.ProbeHandler{HTTPGet: h.HTTPGet, TCPSocket: h.TCPSocket}, c)
				*h = v1.LifecycleHandler{Exec: &v1.ExecAction{Command: command}}
			}
		}
	}
	return pod
}

// probeCommand is the command for a network probe, nil for any other. The host
// is left to the runtime, because the Pod has no address yet.
func probeCommand(p *v1.ProbeHandler, c *v1.Container) []string {
	switch {
	case p.HTTPGet != nil:
		request, err := httpprobe.NewRequestForHTTPGetAction(p.HTTPGet, c, pocket.PodHost, "probe")
		if err != nil {
			return []string{pocket.ProbeCommand, "broken", err.Error()}
		}
		return []string{pocket.ProbeCommand, "http", request.URL.String()}
	case p.TCPSocket != nil:
		port, err := probe.ResolveContainerPort(p.TCPSocket.Port, c)
		if err != nil {
			return []string{pocket.ProbeCommand, "broken", err.Error()}
		}
		host := p.TCPSocket.Host
		if host == "" {
			host = pocket.PodHost
		}
		return []string{pocket.ProbeCommand, "tcp", net.JoinHostPort(host, strconv.Itoa(port))}
	case p.GRPC != nil:
		return []string{pocket.ProbeCommand, "grpc", net.JoinHostPort(pocket.PodHost, strconv.Itoa(int(p.GRPC.Port)))}
	}
	return nil
}
