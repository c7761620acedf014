package sandbox

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	coreinformers "k8s.io/client-go/informers/core/v1"
	storageinformers "k8s.io/client-go/informers/storage/v1"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/reference"
	"k8s.io/client-go/util/workqueue"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// What kube-controller-manager and kube-scheduler write on a claim that an
// external provisioner is to make a volume for.
const (
	storageProvisioner = "volume.kubernetes.io/storage-provisioner"
	selectedNode       = "volume.kubernetes.io/selected-node"
)

// provisioner makes and removes volumes that are folders on the disk that all
// nodes share, by the protocol of external provisioners: its events and the
// fields it sets are those of sig-storage-lib-external-provisioner.
type provisioner struct {
	client  clientset.Interface
	disk    *files.Disk
	claims  corelisters.PersistentVolumeClaimLister
	volumes corelisters.PersistentVolumeLister
	classes storagelisters.StorageClassLister
	synced  []cache.InformerSynced
	queue   workqueue.TypedRateLimitingInterface[cache.ObjectName] // a volume has no namespace
	events  record.EventBroadcaster
	record  record.EventRecorder
}

func newProvisioner(ctx context.Context, client clientset.Interface, disk *files.Disk,
	claims coreinformers.PersistentVolumeClaimInformer, volumes coreinformers.PersistentVolumeInformer, classes storageinformers.StorageClassInformer) *provisioner {
	p := &provisioner{
		client: client, disk: disk, claims: claims.Lister(), volumes: volumes.Lister(), classes: classes.Lister(),
		synced: []cache.InformerSynced{claims.Informer().HasSynced, volumes.Informer().HasSynced, classes.Informer().HasSynced},
		queue:  workqueue.NewTypedRateLimitingQueue(workqueue.NewTypedItemExponentialFailureRateLimiter[cache.ObjectName](time.Second, time.Minute)),
		events: record.NewBroadcaster(record.WithContext(ctx)),
	}
	p.record = p.events.NewRecorder(scheme.Scheme, v1.EventSource{Component: provisionerName})
	handler := cache.ResourceEventHandlerFuncs{AddFunc: p.enqueue, UpdateFunc: func(_, object any) { p.enqueue(object) }}
	for _, informer := range []cache.SharedIndexInformer{claims.Informer(), volumes.Informer()} {
		// An informer that has not started takes every handler.
		_, err := informer.AddEventHandler(handler)
		if err != nil {
			utilruntime.HandleErrorWithContext(ctx, err, "Watch claims and volumes")
		}
	}
	return p
}

func (p *provisioner) enqueue(object any) {
	switch o := object.(type) {
	case *v1.PersistentVolumeClaim:
		if wantsVolume(o) {
			p.queue.Add(cache.MetaObjectToName(o))
		}
	case *v1.PersistentVolume:
		if isLeftOver(o) {
			p.queue.Add(cache.MetaObjectToName(o))
		}
	}
}

// wantsVolume reports whether a claim waits for this provisioner.
func wantsVolume(claim *v1.PersistentVolumeClaim) bool {
	return claim.Spec.VolumeName == "" && claim.DeletionTimestamp == nil && claim.Annotations[storageProvisioner] == provisionerName
}

// isLeftOver reports whether a volume is to be removed.
func isLeftOver(volume *v1.PersistentVolume) bool {
	return volume.Status.Phase == v1.VolumeReleased && volume.DeletionTimestamp == nil &&
		volume.Spec.PersistentVolumeReclaimPolicy == v1.PersistentVolumeReclaimDelete && volume.Annotations[provisionedBy] == provisionerName
}

func (p *provisioner) run(ctx context.Context) {
	p.events.StartRecordingToSink(&typedv1.EventSinkImpl{Interface: p.client.CoreV1().Events("")})
	defer p.events.Shutdown()
	var worker sync.WaitGroup
	worker.Go(func() {
		if !cache.WaitForCacheSync(ctx.Done(), p.synced...) {
			return
		}
		for p.next(ctx) {
		}
	})
	<-ctx.Done()
	p.queue.ShutDown()
	worker.Wait()
}

func (p *provisioner) next(ctx context.Context) bool {
	name, ended := p.queue.Get()
	if ended {
		return false
	}
	defer p.queue.Done(name)
	var err error
	if name.Namespace != "" {
		err = p.syncClaim(ctx, name)
	} else {
		err = p.syncVolume(ctx, name.Name)
	}
	if err != nil {
		utilruntime.HandleErrorWithContext(ctx, err, "Provision a volume", "object", name)
		p.queue.AddRateLimited(name)
		return true
	}
	p.queue.Forget(name)
	return true
}

func (p *provisioner) syncClaim(ctx context.Context, name cache.ObjectName) error {
	claim, err := p.claims.PersistentVolumeClaims(name.Namespace).Get(name.Name)
	if apierrors.IsNotFound(err) || err == nil && (!wantsVolume(claim) || claim.Spec.StorageClassName == nil) {
		return nil
	}
	if err != nil {
		return err
	}
	class, err := p.classes.Get(*claim.Spec.StorageClassName)
	if err != nil {
		return err
	}
	if class.Provisioner != provisionerName {
		return nil
	}
	if mode := class.VolumeBindingMode; mode != nil && *mode == storagev1.VolumeBindingWaitForFirstConsumer && claim.Annotations[selectedNode] == "" {
		return nil // the scheduler has not chosen yet
	}
	volumeName := "pvc-" + string(claim.UID)
	if _, err := p.volumes.Get(volumeName); err == nil {
		return nil // about to be bound
	}
	p.record.Eventf(claim, v1.EventTypeNormal, "Provisioning", "External provisioner is provisioning volume for claim %q", name)
	volume, err := p.provision(claim, class, volumeName)
	if err == nil {
		_, err = p.client.CoreV1().PersistentVolumes().Create(ctx, volume, metav1.CreateOptions{})
	}
	if err != nil && !apierrors.IsAlreadyExists(err) {
		p.record.Eventf(claim, v1.EventTypeWarning, "ProvisioningFailed", "failed to provision volume with StorageClass %q: %v", class.Name, err)
		return err
	}
	p.record.Eventf(claim, v1.EventTypeNormal, "ProvisioningSucceeded", "Successfully provisioned volume %s", volumeName)
	return nil
}

// provision makes the folder of a volume, with the size of the claim as its
// bound.
func (p *provisioner) provision(claim *v1.PersistentVolumeClaim, class *storagev1.StorageClass, name string) (*v1.PersistentVolume, error) {
	if claim.Spec.Selector != nil {
		return nil, errors.New("claim.Spec.Selector is not supported")
	}
	if mode := claim.Spec.VolumeMode; mode != nil && *mode == v1.PersistentVolumeBlock {
		return nil, fmt.Errorf("%s does not support block volume provisioning", provisionerName)
	}
	ref, err := reference.GetReference(scheme.Scheme, claim)
	if err != nil {
		return nil, err
	}
	dir := path.Join(provisionedPath, claim.Namespace, name)
	size := claim.Spec.Resources.Requests[v1.ResourceStorage]
	if err := p.disk.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("make the volume's folder: %w", err)
	}
	if err := p.disk.SetSize(dir, size.Value()); err != nil {
		return nil, fmt.Errorf("set the volume's size: %w", err)
	}
	policy := v1.PersistentVolumeReclaimDelete
	if class.ReclaimPolicy != nil {
		policy = *class.ReclaimPolicy
	}
	return &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{provisionedBy: provisionerName}},
		Spec: v1.PersistentVolumeSpec{
			StorageClassName:              class.Name,
			ClaimRef:                      ref,
			PersistentVolumeReclaimPolicy: policy,
			AccessModes:                   claim.Spec.AccessModes,
			MountOptions:                  class.MountOptions,
			VolumeMode:                    claim.Spec.VolumeMode,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: size},
			PersistentVolumeSource:        v1.PersistentVolumeSource{HostPath: &v1.HostPathVolumeSource{Path: dir, Type: new(v1.HostPathUnset)}},
		},
	}, nil
}

func (p *provisioner) syncVolume(ctx context.Context, name string) error {
	volume, err := p.volumes.Get(name)
	if apierrors.IsNotFound(err) || err == nil && !isLeftOver(volume) {
		return nil
	}
	if err != nil {
		return err
	}
	if volume.Spec.HostPath == nil || !strings.HasPrefix(path.Clean(volume.Spec.HostPath.Path), provisionedPath+"/") {
		err = fmt.Errorf("the volume is not below %s", provisionedPath)
	} else {
		err = p.disk.RemoveAll(volume.Spec.HostPath.Path)
	}
	if err != nil {
		p.record.Event(volume, v1.EventTypeWarning, "VolumeFailedDelete", err.Error())
		return fmt.Errorf("remove the volume %s: %w", name, err)
	}
	err = p.client.CoreV1().PersistentVolumes().Delete(ctx, name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
