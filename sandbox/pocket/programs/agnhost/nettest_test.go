package agnhost_test

import (
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

func TestNettestNeedsAServiceAccount(t *testing.T) {
	t.Parallel()
	p := newPod(t, vnet.New(), "10.244.0.3", "server")
	if got := p.run("nettest"); got.Code != 1 || !strings.Contains(got.Err, "Unable to create config; error: unable to load in-cluster configuration") {
		t.Errorf("without an account it ended with %d: %s", got.Code, got.Err)
	}
}

func TestNettestCountsWhoWrites(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.3", "server")
	// The API server is not there: the Pod goes on looking for others.
	p.Files.Put("/var/run/secrets/kubernetes.io/serviceaccount/token", "t")
	p.start([]string{"KUBERNETES_SERVICE_HOST=10.244.0.9", "KUBERNETES_SERVICE_PORT=443"}, "nettest")
	until(t, "it counts what is written", func() bool {
		answer, err := client(n).Post("http://10.244.0.3:8080/write", "application/json", strings.NewReader(`{"Source":"prestop"}`))
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == 200
	})
	if _, body := page(t, n, "http://10.244.0.3:8080/read"); !strings.Contains(body, `"prestop": 1`) || !strings.Contains(body, `"Hostname": "server"`) {
		t.Errorf("/read shows %s", body)
	}
	if _, body := page(t, n, "http://10.244.0.3:8080/status"); body != "running" {
		t.Errorf("/status is %q", body)
	}
}
