package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/klog/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

const (
	// callTimeout bounds every request but watches.
	callTimeout = 10 * time.Second
	// probeTimeout bounds the question whether the API server still answers. A
	// server that is busy starting Pods on a small machine may need a second.
	probeTimeout = 3 * time.Second
)

// conn is a connection to one API server with one set of credentials. It is
// never changed; another address is another conn.
type conn struct {
	at     place
	config *api.Config // self-contained, one context
	http   *http.Client
	rest   rest.Interface
	dyn    dynamic.Interface
	engine string  // of a cluster on this machine: "kind"; "" for any other
	permit *permit // what may be changed; nil permits nothing
	// unlimited: see Options.Unlimited.
	unlimited bool
}

// reader is what this package does with objects without asking the guard.
type reader interface {
	Get(ctx context.Context, name string, options metav1.GetOptions, subresources ...string) (*unstructured.Unstructured, error)
	List(ctx context.Context, options metav1.ListOptions) (*unstructured.UnstructuredList, error)
	Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error)
}

// dial makes the clients for a picked kubeconfig. It does not talk to the
// server yet.
func dial(one *api.Config, at place, log *slog.Logger) (*conn, *lessons.ClusterError) {
	bad := func(err error) *lessons.ClusterError {
		return &lessons.ClusterError{
			Trouble: lessons.BadConfig,
			Op:      fmt.Sprintf("use context %q", one.CurrentContext),
			Server:  at.server,
			Err:     err,
			Hint:    at.hintConfig(),
		}
	}
	config, err := clientcmd.NewNonInteractiveClientConfig(*one, one.CurrentContext, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, bad(err)
	}
	at.server = config.Host
	config.QPS = -1 // the server's own fairness is limit enough for one learner
	config.UserAgent = "k8stutor"
	config.WarningHandlerWithContext = warnings{log}
	if config.ExecProvider != nil {
		// The terminal belongs to the tutor: a plugin must not ask there.
		config.ExecProvider.StdinUnavailable = true
		config.ExecProvider.StdinUnavailableMessage = "k8stutor is using the terminal"
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, bad(err)
	}
	if config.ExecProvider != nil {
		client.Transport = impatient{client.Transport}
	}
	dyn, err := dynamic.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, bad(err)
	}
	raw, err := rest.UnversionedRESTClientForConfigAndClient(dynamic.ConfigFor(config), client)
	if err != nil {
		return nil, bad(err)
	}
	return &conn{at: at, config: one, http: client, rest: raw, dyn: dyn, engine: engineOf(one)}, nil
}

// close lets go of idle network connections.
func (c *conn) close() { utilnet.CloseIdleConnectionsFor(c.http.Transport) }

// resource returns what reads objects of a kind; guard.change gives what changes
// them. Namespace is ignored for kinds that have none.
func (c *conn) resource(k lessons.Kind, namespace string) reader { return c.client(k, namespace) }

// client is for resource and guard.change only.
func (c *conn) client(k lessons.Kind, namespace string) dynamic.ResourceInterface {
	r := c.dyn.Resource(schema.GroupVersionResource{Group: k.Group, Version: k.Version, Resource: k.Resource})
	if !k.Namespaced {
		return r
	}
	return r.Namespace(namespace)
}

// version asks for the server's version, such as "v1.37.2".
func (c *conn) version(ctx context.Context) (string, error) {
	data, err := c.raw(ctx, "/version", callTimeout)
	if err != nil {
		return "", err
	}
	var info version.Info
	if err := json.Unmarshal(data, &info); err != nil || info.GitVersion == "" {
		return "", errors.New("what answers there is not a Kubernetes API server: GET /version is not its version")
	}
	return info.GitVersion, nil
}

// ready asks whether the API server can serve. An answer that only denies the
// question counts as yes: something is there and decides.
func (c *conn) ready(ctx context.Context) error {
	_, err := c.raw(ctx, "/readyz", probeTimeout)
	if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// uid identifies the cluster: the uid of its namespace kube-system, or, for a
// learner who may not see that, a digest of address and authority.
func (c *conn) uid(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ns, err := c.resource(kindNamespace(), "").Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
	switch {
	case err == nil:
		return string(ns.GetUID()), nil
	case apierrors.IsForbidden(err), apierrors.IsNotFound(err):
		cluster := c.config.Clusters[c.config.Contexts[c.config.CurrentContext].Cluster]
		sum := sha256.Sum256(append([]byte(cluster.Server+"\n"), cluster.CertificateAuthorityData...))
		return "sha256:" + hex.EncodeToString(sum[:8]), nil
	}
	return "", err
}

// post sends a question that is asked by creating something that is not kept, and
// reads the answer.
func (c *conn) post(ctx context.Context, path string, question, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	data, err := c.rest.Post().AbsPath(path).SetHeader("Content-Type", "application/json").Body(body).MaxRetries(0).Do(ctx).Raw()
	if err != nil {
		return err
	}
	return json.Unmarshal(data, answer)
}

func (c *conn) raw(ctx context.Context, path string, timeout time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return c.rest.Get().AbsPath(path).MaxRetries(0).Do(ctx).Raw()
}

// warnings writes the API server's warnings to the log; client-go would write
// them to the terminal.
type warnings struct{ log *slog.Logger }

func (w warnings) HandleWarningHeaderWithContext(_ context.Context, code int, _ string, text string) {
	w.log.Info("API server warns", "code", code, "text", text)
}

// LogTo sends everything that client-go logs, which by default goes to the
// terminal, to w for the rest of the process. Call it once, before anything
// else in this package: the logger of client-go is process-wide and not
// guarded against use while it is being replaced.
func LogTo(w io.Writer) {
	klog.SetSlogLogger(slog.New(slog.NewTextHandler(w, nil)))
}
