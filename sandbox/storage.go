package sandbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/volume/persistentvolume"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

const (
	// provisionerName is the one of minikube's default class, so that what a
	// learner writes for one works on the other.
	provisionerName  = "k8s.io/minikube-hostpath"
	defaultClassName = "standard"
	// claimSync is how often kube-controller-manager looks at all claims again.
	claimSync = 15 * time.Second
)

// storage binds claims to volumes, provisions and deletes volumes of the
// default storage class and makes them larger.
//
// The controller that binds them is kube-controller-manager's own. It runs
// here because, over there, it removes the folders of hostPath volumes from
// the machine it runs on; here they are the node's.
type storage struct {
	client     clientset.Interface
	factory    informers.SharedInformerFactory
	volumes    *provisioner
	controller *controller.ProvisionController
}

// newStorage must be called before anything else uses client-go: making the
// provisioner's controller writes to the scheme that all clients decode with,
// and they do not lock it.
func newStorage(ctx context.Context, client clientset.Interface) *storage {
	s := &storage{client: client, volumes: &provisioner{},
		factory: informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(withoutManagers))}
	s.controller = newProvisioner(ctx, client, s.volumes, s.factory)
	return s
}

// run keeps the volumes on disk until ctx ends.
func (s *storage) run(ctx context.Context, disk *files.Disk) error {
	s.volumes.disk = disk
	client, factory := s.client, s.factory
	core := factory.Core().V1()
	classes := factory.Storage().V1().StorageClasses()
	binder, err := persistentvolume.NewController(ctx, persistentvolume.ControllerParameters{
		KubeClient:                client,
		SyncPeriod:                claimSync,
		VolumePlugins:             hostPathPlugins(disk),
		VolumeInformer:            core.PersistentVolumes(),
		ClaimInformer:             core.PersistentVolumeClaims(),
		ClassInformer:             classes,
		PodInformer:               core.Pods(),
		NodeInformer:              core.Nodes(),
		EnableDynamicProvisioning: true,
	})
	if err != nil {
		return fmt.Errorf("start the controller of volumes: %w", err)
	}
	resizer := newResizer(ctx, client, disk, core.PersistentVolumeClaims(), core.PersistentVolumes())

	var parts sync.WaitGroup
	factory.StartWithContext(ctx)
	parts.Go(func() { binder.Run(ctx) })
	parts.Go(func() { s.controller.Run(ctx) })
	parts.Go(func() { resizer.run(ctx) })
	parts.Go(func() { makeDefaultClass(ctx, client) })
	parts.Wait()
	factory.Shutdown()
	return nil
}

// withoutManagers drops what no controller reads and what is half of an object.
func withoutManagers(object any) (any, error) {
	if o, ok := object.(metav1.Object); ok {
		o.SetManagedFields(nil)
	}
	return object, nil
}

var _ cache.TransformFunc = withoutManagers

// makeDefaultClass makes the default storage class unless there is one of its
// name. A learner may change it; a deleted one is back after the next start.
func makeDefaultClass(ctx context.Context, client clientset.Interface) {
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        defaultClassName,
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
			Labels:      map[string]string{"addonmanager.kubernetes.io/mode": "EnsureExists"},
		},
		Provisioner:          provisionerName,
		ReclaimPolicy:        new(v1.PersistentVolumeReclaimDelete),
		VolumeBindingMode:    new(storagev1.VolumeBindingImmediate),
		AllowVolumeExpansion: new(true),
	}
	err := wait.PollUntilContextCancel(ctx, time.Second, true, func(ctx context.Context) (bool, error) {
		_, err := client.StorageV1().StorageClasses().Create(ctx, class, metav1.CreateOptions{})
		return err == nil || apierrors.IsAlreadyExists(err), nil
	})
	if err != nil && ctx.Err() == nil {
		klog.FromContext(ctx).Error(err, "make the default storage class")
	}
}
