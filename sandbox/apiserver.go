package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/pflag"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/wait"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// Addresses inside the cluster. None of them is an address of this machine.
const (
	serviceCIDR    = "10.96.0.0/16"
	apiServiceIP   = "10.96.0.1" // the Service kubernetes: the first of serviceCIDR
	podCIDR        = "10.244.0.0/16"
	controlPlaneIP = "192.168.49.1"
)

// apiServer is a running kube-apiserver.
type apiServer struct {
	url  string
	done chan error // its end, once
}

// startAPIServer starts kube-apiserver on listener. The feature gates it
// parses hold for every component of the process. It connects to others with
// egress.
func startAPIServer(ctx context.Context, listener net.Listener, store *etcd, egress utilnet.DialFunc, p *pki, certDir string) (*apiServer, error) {
	port := listener.Addr().(*net.TCPAddr).Port
	o := options.NewServerRunOptions()
	sets := o.Flags()
	if err := parseFlags(sets, []string{
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--advertise-address=" + controlPlaneIP,
		"--cert-dir=" + certDir,
		"--tls-cert-file=" + p.apiServer.certFile,
		"--tls-private-key-file=" + p.apiServer.keyFile,
		"--client-ca-file=" + p.ca.certFile,
		"--anonymous-auth=false",
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--etcd-servers=" + store.endpoint,
		"--etcd-cafile=" + p.etcdCA.certFile,
		"--etcd-certfile=" + p.etcdClient.certFile,
		"--etcd-keyfile=" + p.etcdClient.keyFile,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + p.serviceAccounts,
		"--service-account-signing-key-file=" + p.serviceAccounts,
		"--service-cluster-ip-range=" + serviceCIDR,
		"--kubelet-certificate-authority=" + p.ca.certFile,
		"--kubelet-client-certificate=" + p.toKubelet.certFile,
		"--kubelet-client-key=" + p.toKubelet.keyFile,
		"--kubelet-preferred-address-types=InternalIP",
		// How it makes itself known to aggregated servers such as metrics-server.
		"--proxy-client-cert-file=" + p.frontProxy.certFile,
		"--proxy-client-key-file=" + p.frontProxy.keyFile,
		"--requestheader-client-ca-file=" + p.frontCA.certFile,
		"--requestheader-allowed-names=" + frontProxyName,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--profiling=false",
		"--default-not-ready-toleration-seconds=" + nodeToleration,
		"--default-unreachable-toleration-seconds=" + nodeToleration,
		"--watch-cache-sizes=" + watchCacheSizes(),
		"--feature-gates=" + featureGates,
	}); err != nil {
		return nil, err
	}
	o.SecureServing.Listener = listener
	if err := o.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return nil, err
	}
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	completed, err := o.Complete(ctx)
	if err != nil {
		return nil, err
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if completed.InformerName == nil {
		if completed.InformerName, err = cache.NewInformerName("kube-apiserver"); err != nil {
			return nil, err
		}
	}
	config, err := newServerConfig(completed, egress)
	if err != nil {
		return nil, err
	}
	ready, err := config.Complete()
	if err != nil {
		return nil, err
	}
	server, err := app.CreateServerChain(ready)
	if err != nil {
		return nil, err
	}
	prepared, err := server.PrepareRun()
	if err != nil {
		return nil, err
	}
	if err := gatherOpenAPISeldom(server); err != nil {
		return nil, err
	}
	s := &apiServer{url: "https://" + listener.Addr().String(), done: make(chan error, 1)}
	go func() { s.done <- prepared.Run(ctx) }()
	return s, nil
}

// slowHook makes the priority classes of system Pods. It waits a second before
// it begins, and nothing that starts here needs them.
const slowHook = "poststarthook/scheduling/bootstrap-system-priority-classes"

// waitReady returns when the API server reports that it is ready, or its end.
func (s *apiServer) waitReady(ctx context.Context, client clientset.Interface) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	err := wait.PollUntilContextCancel(ctx, 20*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		select {
		case err := <-s.done:
			s.done <- err
			return false, fmt.Errorf("ended before it was ready: %w", err)
		default:
		}
		status := 0
		client.Discovery().RESTClient().Get().AbsPath("/readyz").Param("exclude", slowHook).Do(ctx).StatusCode(&status)
		return status == http.StatusOK, nil
	})
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// parseFlags sets a component's flags.
func parseFlags(sets cliflag.NamedFlagSets, args []string) error {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, set := range sets.FlagSets {
		fs.AddFlagSet(set)
	}
	return fs.Parse(args)
}
