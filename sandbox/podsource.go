package sandbox

import (
	"context"
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
)

// podSource feeds the kubelet the Pods of its node. It begins once the kubelet
// has reported the node ready, which is when it knows its own labels.
func podSource(ctx context.Context, client clientset.Interface, node, bootID string, recorder record.EventRecorderLogger, latency kubeletutil.PodStartupLatencyTracker) *config.PodConfig {
	source := config.NewPodConfig(recorder, latency)
	updates := source.Channel(ctx, kubetypes.ApiserverSource)
	send := func(objects []any) {
		pods := make([]*v1.Pod, 0, len(objects))
		for _, o := range objects {
			pods = append(pods, o.(*v1.Pod))
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
