package catalogue

import (
	"context"
	"fmt"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// addonImages are the images of what a cluster brings itself.
func addonImages() []Product {
	return []Product{{
		Repository: "registry.k8s.io/metrics-server/metrics-server",
		Entrypoint: []string{"/metrics-server"},
		Version:    "0.8.0",
		Memory:     17 << 20,
		Dir:        "/",
		User:       "65534",
		Programs:   map[string]proc.Program{"metrics-server": withoutCluster},
		Size:       22_500_000,
		hasTag: func(tag string) bool {
			return len(tag) > 1 && tag[0] == 'v' && versions{major: 0, minMinor: 3, maxMinor: 8, maxPatch: 7}.contains(tag[1:])
		},
	}, {
		Repository: "registry.k8s.io/coredns/coredns",
		Entrypoint: []string{"/coredns"},
		Version:    "1.14.6",
		Memory:     14 << 20,
		Dir:        "/",
		User:       "65532:65532",
		Programs:   map[string]proc.Program{"coredns": withoutCluster},
		Size:       23_900_000,
		hasTag: func(tag string) bool {
			return len(tag) > 1 && tag[0] == 'v' && versions{major: 1, maxMajor: 1, minMinor: 3, maxMinor: 14, maxPatch: 7}.contains(tag[1:])
		},
	}}
}

// withoutCluster stands for a program that needs to know the cluster, in a
// runtime that was not given one.
func withoutCluster(_ context.Context, p *proc.Process) int {
	fmt.Fprintln(p.Stderr, "plugin/kubernetes: unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined")
	return 1
}
