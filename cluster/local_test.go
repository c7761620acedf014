package cluster

import (
	"testing"

	"k8s.io/client-go/tools/clientcmd/api"
)

func TestAClusterIsTheLearnersOwnByNameAndAddressTogether(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		context, cluster, server string
		change                   func(*api.Cluster)
		want                     string
	}{
		{"kind-kind", "kind-kind", "https://127.0.0.1:40123", nil, "kind"},
		{"kind-dev", "kind-dev", "https://[::1]:6443", nil, "kind"},
		{"k3d-dev", "k3d-dev", "https://0.0.0.0:44345", nil, "k3d"},
		{"k3d-dev", "k3d-dev", "https://host.docker.internal:44345", nil, "k3d"},
		{"docker-desktop", "docker-desktop", "https://kubernetes.docker.internal:6443", nil, "Docker Desktop"},
		{"docker-desktop", "docker-desktop", "https://127.0.0.1:6443", nil, "Docker Desktop"},
		{"rancher-desktop", "rancher-desktop", "https://127.0.0.1:6443", nil, "Rancher Desktop"},
		{"orbstack", "orbstack", "https://127.0.0.1:26443", nil, "OrbStack"},
		{"colima", "colima", "https://127.0.0.1:51000", nil, "colima"},
		{"colima-big", "colima-big", "https://127.0.0.1:51000", nil, "colima"},
		{"microk8s", "microk8s-cluster", "https://127.0.0.1:16443", nil, "MicroK8s"},

		{"prod", "prod", "https://127.0.0.1:6443", nil, ""},                  // the near end of a tunnel, for all we know
		{"kind-prod", "kind-prod", "https://10.0.0.1:6443", nil, ""},         // a name is anybody's
		{"kind-prod", "kind-prod", "https://kind.example.com:6443", nil, ""}, // an address elsewhere
		{"kind-prod", "kind-prod", "https://127.0.0.1.example.com", nil, ""}, // looks like loopback
		{"kind-prod", "eks", "https://127.0.0.1:6443", nil, ""},              // renamed by hand
		{"kind-", "kind-", "https://127.0.0.1:6443", nil, ""},                // kind gives a name
		{"kind-dev", "kind-dev", "https://0.0.0.0:6443", nil, ""},            // kind writes no such address
		{"microk8s", "microk8s-cluster", "https://192.168.1.7:16443", nil, ""},
		{"colimax", "colimax", "https://127.0.0.1:6443", nil, ""},
		{"kind-dev", "kind-dev", "https://127.0.0.1:6443", func(c *api.Cluster) { c.ProxyURL = "http://proxy:3128" }, ""},
		{"kind-dev", "kind-dev", "https://127.0.0.1:6443", func(c *api.Cluster) { c.TLSServerName = "prod.example.com" }, ""},
		{"kind-dev", "kind-dev", "://", nil, ""},
	} {
		cluster := &api.Cluster{Server: test.server}
		if test.change != nil {
			test.change(cluster)
		}
		one := &api.Config{CurrentContext: test.context,
			Contexts: map[string]*api.Context{test.context: {Cluster: test.cluster}},
			Clusters: map[string]*api.Cluster{test.cluster: cluster}}
		if got := engineOf(one); got != test.want {
			t.Errorf("context %s, cluster %+v: %q, want %q", test.context, cluster, got, test.want)
		}
	}
	if got := engineOf(&api.Config{CurrentContext: "kind-x", Contexts: map[string]*api.Context{"kind-x": {Cluster: "kind-x"}}}); got != "" {
		t.Errorf("a context whose cluster is missing: %q", got)
	}
}
