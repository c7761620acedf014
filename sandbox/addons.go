package sandbox

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/k8stutor/k8stutor/sandbox/ingress"
)

// coreDNS is what kubeadm installs; clusterDNS is the address of its Service.
//
//go:embed addons/coredns.yaml
var coreDNS []byte

// systemPriority is the priority class of what a cluster cannot do without. The
// API server makes it a second or two after it is ready.
const systemPriority = "system-cluster-critical"

// startAddons makes the objects that a new cluster comes with: those that are
// not there. What a learner has changed stays changed, and what was deleted is
// back after the next start. It tries until ctx ends. No other API server than
// that of this run, which began then, serves the cluster.
func startAddons(ctx context.Context, client clientset.Interface, began time.Time, log *slog.Logger) {
	objects, err := readManifest(slices.Concat(coreDNS, []byte("---\n"), metricsServer))
	objects = append([]runtime.Object{ingress.Class()}, objects...)
	if err != nil {
		log.Error("addons", "err", err)
		return
	}
	var last string
	// Soon again while the API server is starting, seldom when something else is wrong.
	retry := wait.Backoff{Duration: 250 * time.Millisecond, Factor: 1.05, Steps: 100, Cap: 10 * time.Second}
	err = retry.DelayFunc().Until(ctx, true, false, func(ctx context.Context) (bool, error) {
		err := freeLeaked(ctx, client, began)
		if err == nil {
			err = createMissing(ctx, client, objects)
		}
		if err != nil && err.Error() != last {
			last = err.Error()
			log.Info("addons are not installed yet", "err", err)
		}
		return err == nil, nil
	})
	if err == nil {
		log.Info("addons are installed")
	}
}

// readManifest reads a stream of YAML documents.
func readManifest(text []byte) (objects []runtime.Object, _ error) {
	documents := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(text)))
	defer documents.Close()
	buffer := make([]byte, len(text))
	for {
		n, err := documents.Read(buffer)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read a manifest: %w", err)
		}
		obj, _, err := scheme.Codecs.UniversalDeserializer().Decode(buffer[:n], nil, nil)
		if err != nil {
			return nil, fmt.Errorf("read a manifest: %w", err)
		}
		objects = append(objects, obj)
	}
}

// freeLeaked gives back the cluster IPs of Services that do not exist. The API
// server takes the address first and makes the Service second, so an end in
// between leaves the address taken; the API server itself gives it back a
// minute later, and until then the cluster would have no DNS. What was taken
// before this run began belongs to no request that is under way.
func freeLeaked(ctx context.Context, client clientset.Interface, began time.Time) error {
	list, err := client.NetworkingV1().IPAddresses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("find cluster IPs that nothing has: %w", err)
	}
	for _, address := range list.Items {
		parent := address.Spec.ParentRef
		if parent == nil || parent.Group != "" || parent.Resource != "services" || !address.CreationTimestamp.Time.Before(began) {
			continue
		}
		if _, err := client.CoreV1().Services(parent.Namespace).Get(ctx, parent.Name, metav1.GetOptions{}); err == nil {
			continue
		} else if !apierrors.IsNotFound(err) {
			return fmt.Errorf("find the Service of cluster IP %s: %w", address.Name, err)
		}
		only := metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(address.UID))}
		if err := client.NetworkingV1().IPAddresses().Delete(ctx, address.Name, only); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return fmt.Errorf("give back cluster IP %s: %w", address.Name, err)
		}
	}
	return nil
}

// createMissing creates objects in order, except those that exist.
func createMissing(ctx context.Context, client clientset.Interface, objects []runtime.Object) error {
	for _, obj := range objects {
		var err error
		options := metav1.CreateOptions{}
		switch o := obj.(type) {
		case *v1.ServiceAccount:
			_, err = client.CoreV1().ServiceAccounts(o.Namespace).Create(ctx, o, options)
		case *v1.ConfigMap:
			_, err = client.CoreV1().ConfigMaps(o.Namespace).Create(ctx, o, options)
		case *v1.Service:
			_, err = client.CoreV1().Services(o.Namespace).Create(ctx, o, options)
			if apierrors.IsInvalid(err) {
				// One that asks for an address and exists is refused as invalid, its address being taken: by itself.
				if _, there := client.CoreV1().Services(o.Namespace).Get(ctx, o.Name, metav1.GetOptions{}); there == nil {
					err = nil
				}
			}
		case *networkingv1.IngressClass:
			_, err = client.NetworkingV1().IngressClasses().Create(ctx, o, options)
		case *rbacv1.ClusterRole:
			_, err = client.RbacV1().ClusterRoles().Create(ctx, o, options)
		case *rbacv1.ClusterRoleBinding:
			_, err = client.RbacV1().ClusterRoleBindings().Create(ctx, o, options)
		case *appsv1.Deployment:
			// Its Pods would be refused without their priority class.
			if o.Spec.Template.Spec.PriorityClassName == systemPriority {
				if _, err := client.SchedulingV1().PriorityClasses().Get(ctx, systemPriority, metav1.GetOptions{}); err != nil {
					return fmt.Errorf("wait for the priority class %s: %w", systemPriority, err)
				}
			}
			_, err = client.AppsV1().Deployments(o.Namespace).Create(ctx, o, options)
		default:
			return fmt.Errorf("create an addon: do not know %T", obj)
		}
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("create an addon: %w", err)
		}
	}
	err := client.CoreV1().RESTClient().Post().AbsPath("/apis/apiregistration.k8s.io/v1/apiservices").
		SetHeader("Content-Type", runtime.ContentTypeJSON).Body([]byte(metricsService)).Do(ctx).Error()
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create an addon: %w", err)
	}
	return nil
}
