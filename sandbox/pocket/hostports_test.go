package pocket

import (
	"testing"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

func TestAHostPortLeadsToItsPodWhileItLives(t *testing.T) {
	t.Parallel()
	r := newRuntime(t, t.TempDir())
	pod := func(name, hostIP string) string {
		id, err := r.RunPodSandbox(t.Context(), &runtimeapi.PodSandboxConfig{
			Metadata: &runtimeapi.PodSandboxMetadata{Name: name, Namespace: "default", Uid: name},
			PortMappings: []*runtimeapi.PortMapping{
				{Protocol: runtimeapi.Protocol_TCP, ContainerPort: 80, HostPort: 8080, HostIp: hostIP},
				{Protocol: runtimeapi.Protocol_UDP, ContainerPort: 80},
			},
		}, "")
		if err != nil {
			t.Fatal(err)
		}
		l, err := r.sandboxes[id].host.Listen(t.Context(), "tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = c.Write([]byte(name))
				_ = c.Close()
			}
		}()
		return id
	}
	answer := func(address string) string {
		c, err := r.nodeHost.DialContext(t.Context(), "tcp", address)
		if vnet.IsRefused(err) {
			return "refused"
		}
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		b := make([]byte, 100)
		n, _ := c.Read(b)
		return string(b[:n])
	}
	local, node := pod("local", "127.0.0.1"), pod("node", "192.168.49.2")
	for address, want := range map[string]string{"127.0.0.1:8080": "local", "192.168.49.2:8080": "node"} {
		if got := answer(address); got != want {
			t.Errorf("%s is answered by %q, want %q", address, got, want)
		}
	}
	for _, id := range []string{local, node} {
		if err := r.StopPodSandbox(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	for _, address := range []string{"127.0.0.1:8080", "192.168.49.2:8080"} {
		if got := answer(address); got != "refused" {
			t.Errorf("%s is answered by %q after the Pods are gone", address, got)
		}
	}
}
