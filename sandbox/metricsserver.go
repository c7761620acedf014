package sandbox

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/k8stutor/k8stutor/sandbox/metrics"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// metricsServer is what the release of metrics-server installs, but for its
// APIService, which client-go does not know.
//
//go:embed addons/metrics-server.yaml
var metricsServer []byte

// metricsService makes the API server hand metrics.k8s.io to metrics-server.
const metricsService = `{
  "apiVersion": "apiregistration.k8s.io/v1",
  "kind": "APIService",
  "metadata": {"name": "v1beta1.metrics.k8s.io", "labels": {"k8s-app": "metrics-server"}},
  "spec": {
    "group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
    "insecureSkipTLSVerify": true,
    "service": {"name": "metrics-server", "namespace": "kube-system"}
  }
}`

// metricsProgram is metrics-server for the containers of this process's node.
// It asks the kubelets through the API server, which knows where they listen.
func metricsProgram(shared informers.SharedInformerFactory, client clientset.Interface) proc.Program {
	return metrics.Program(metrics.Config{
		Nodes: shared.Core().V1().Nodes().Lister(),
		Pods:  shared.Core().V1().Pods().Lister(),
		Fetch: func(ctx context.Context, node string) ([]byte, error) {
			text, err := client.CoreV1().RESTClient().Get().Resource("nodes").Name(node).SubResource("proxy").Suffix("metrics/resource").DoRaw(ctx)
			if err != nil {
				return nil, fmt.Errorf("ask the kubelet of %s: %w", node, err)
			}
			return text, nil
		},
		FrontProxy: func(ctx context.Context) ([]byte, []string, error) {
			m, err := client.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, "extension-apiserver-authentication", metav1.GetOptions{})
			if err != nil {
				return nil, nil, err
			}
			var names []string
			if err := json.Unmarshal([]byte(m.Data["requestheader-allowed-names"]), &names); err != nil {
				return nil, nil, fmt.Errorf("requestheader-allowed-names: %w", err)
			}
			return []byte(m.Data["requestheader-client-ca-file"]), names, nil
		},
	})
}
