package cluster

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"k8s.io/client-go/tools/clientcmd/api"
)

// Clusters that run on the learner's machine are theirs to play with, as
// minikube's are. One is taken for such only when both hold: the entries of the
// kubeconfig are named as the tool names them, and the server is an address that
// leads nowhere else. A name alone could be anybody's, and a loopback address
// alone is often the near end of a tunnel to a cluster that matters.

// engine is a tool that runs clusters on the learner's machine, and its mark.
type engine struct {
	name string
	// is looks at the names of context and cluster.
	is func(context, cluster string) bool
	// hosts are names of this machine that only the tool gives, beside loopback.
	hosts []string
}

func engines() []engine {
	prefixed := func(prefix string) func(string, string) bool {
		return func(context, cluster string) bool {
			return strings.HasPrefix(context, prefix) && len(context) > len(prefix) && cluster == context
		}
	}
	named := func(context, cluster string) func(string, string) bool {
		return func(c, k string) bool { return c == context && k == cluster }
	}
	return []engine{
		{"kind", prefixed("kind-"), nil},
		// k3d writes the address it binds, which is every address by default.
		{"k3d", prefixed("k3d-"), []string{"0.0.0.0", "host.docker.internal"}},
		{"Docker Desktop", named("docker-desktop", "docker-desktop"), []string{"kubernetes.docker.internal"}},
		{"Rancher Desktop", named("rancher-desktop", "rancher-desktop"), nil},
		{"OrbStack", named("orbstack", "orbstack"), []string{"k8s.orb.local"}},
		{"colima", func(context, cluster string) bool {
			return context == cluster && (context == "colima" || strings.HasPrefix(context, "colima-"))
		}, nil},
		{"MicroK8s", named("microk8s", "microk8s-cluster"), nil},
	}
}

// engineOf names the tool that runs the cluster of a picked kubeconfig on this
// machine; "" for every other cluster, and where it is not sure.
func engineOf(one *api.Config) string {
	context := one.Contexts[one.CurrentContext]
	if context == nil {
		return ""
	}
	cluster := one.Clusters[context.Cluster]
	// A proxy, or a certificate for another name, is how one gets elsewhere.
	if cluster == nil || cluster.ProxyURL != "" || cluster.TLSServerName != "" {
		return ""
	}
	server, err := url.Parse(cluster.Server)
	if err != nil {
		return ""
	}
	for _, e := range engines() {
		if e.is(one.CurrentContext, context.Cluster) && (isLoopback(server.Hostname()) || slices.Contains(e.hosts, server.Hostname())) {
			return e.name
		}
	}
	return ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// foreign reports whether a cluster is not the learner's alone, as far as can be
// known: nothing is made there without a yes.
func (c *conn) foreign() bool { return c.at.provider == ProviderExisting && c.engine == "" }
