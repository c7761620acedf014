package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	etcdserverpb "go.etcd.io/etcd/api/v3/etcdserverpb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"
)

// check asks one component how it is; nil is well.
type check struct {
	name string
	ask  func(context.Context) error
}

// health asks every component how it is.
func (c *cluster) health(ctx context.Context) []Component {
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	checks := c.checks()
	list := make([]Component, len(checks))
	var asked sync.WaitGroup
	for i, check := range checks {
		asked.Go(func() {
			err := check.ask(ctx)
			list[i] = Component{Name: check.name, Healthy: err == nil}
			if err != nil {
				list[i].Message = err.Error()
			}
		})
	}
	asked.Wait()
	return list
}

// healthLimit is how long a component may take to say how it is.
const healthLimit = 2 * time.Second

// checks are the questions, in the order of the start.
func (c *cluster) checks() []check {
	return []check{
		{stepEtcd, c.etcd.healthy},
		{stepAPIServer, func(ctx context.Context) error { return readyz(ctx, c.client) }},
		{stepController, c.running(stepController)},
		{stepScheduler, c.running(stepScheduler)},
		{stepKubelet, c.kubeletHealthy},
		{logRuntime, c.runtimeHealthy},
		{"coredns", c.addonHealthy("coredns")},
	}
}

// healthy asks etcd for a key, in a way that only a working one answers.
func (e *etcd) healthy(ctx context.Context) error {
	_, err := e.server.Server.Range(ctx, &etcdserverpb.RangeRequest{Key: []byte("health")})
	return err
}

// readyz asks the API server; its error names what is not ready.
func readyz(ctx context.Context, client clientset.Interface) error {
	said, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").Param("verbose", "").Do(ctx).Raw()
	if err == nil {
		return nil
	}
	var missing []string
	for line := range strings.Lines(string(said)) {
		if name, ok := strings.CutPrefix(line, "[-]"); ok {
			name, _, _ = strings.Cut(name, " ")
			missing = append(missing, strings.TrimSpace(name))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("not ready: %s", strings.Join(missing, ", "))
	}
	return err
}

// running tells whether a component that serves nothing has ended.
func (c *cluster) running(name string) func(context.Context) error {
	return func(context.Context) error {
		if err, ended := c.ended.Load(name); ended {
			return fmt.Errorf("ended: %v", err)
		}
		return nil
	}
}

// kubeletHealthy asks the first node's kubelet at its /healthz, as who the API
// server is to it.
func (c *cluster) kubeletHealthy(ctx context.Context) error {
	trusted := x509.NewCertPool()
	trusted.AddCert(c.certs.ca.cert)
	visitor := c.certs.toKubelet
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
		RootCAs: trusted, ServerName: NodeName,
		Certificates: []tls.Certificate{{Certificate: [][]byte{visitor.cert.Raw}, PrivateKey: visitor.key}},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+loopbackAddress(c.worker.kubelet.port)+"/healthz", nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(string(bytes.TrimSpace(said)))
	}
	return err
}

// runtimeHealthy asks the first node's container runtime, as the kubelet does.
func (c *cluster) runtimeHealthy(ctx context.Context) error {
	answer, err := c.worker.runtime.Status(ctx, false)
	if err != nil {
		return err
	}
	for _, condition := range answer.GetStatus().GetConditions() {
		if !condition.GetStatus() {
			return fmt.Errorf("%s is false: %s %s", condition.GetType(), condition.GetReason(), condition.GetMessage())
		}
	}
	return nil
}

// addonHealthy tells whether a Deployment of the sandbox's own serves. A learner
// who scaled it to none hears so.
func (c *cluster) addonHealthy(name string) func(context.Context) error {
	return func(ctx context.Context) error {
		d, err := c.client.AppsV1().Deployments(metav1.NamespaceSystem).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if d.Status.AvailableReplicas == 0 {
			return fmt.Errorf("no Pod of deployment %s/%s is available; %d wanted", d.Namespace, d.Name, *d.Spec.Replicas)
		}
		return nil
	}
}

// ports are the places on this machine that lead into the cluster.
func (c *cluster) ports() []Port {
	list := []Port{{Kind: PortAPIServer, Name: stepAPIServer, Protocol: "TCP", Address: c.address}}
	return append(append(list, c.servicePorts()...), c.ingressPorts()...)
}
