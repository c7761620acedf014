package sandbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	coreinformers "k8s.io/client-go/informers/core/v1"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// provisionedBy names the provisioner of a volume.
const provisionedBy = "pv.kubernetes.io/provisioned-by"

// resizer makes the provisioner's volumes as large as their claims ask for, as
// the external resizer of a storage driver does that needs nothing of the node.
type resizer struct {
	client  clientset.Interface
	disk    *files.Disk
	claims  corelisters.PersistentVolumeClaimLister
	volumes corelisters.PersistentVolumeLister
	synced  []cache.InformerSynced
	queue   workqueue.TypedRateLimitingInterface[cache.ObjectName]
	events  record.EventBroadcaster
	record  record.EventRecorder
}

func newResizer(ctx context.Context, client clientset.Interface, disk *files.Disk, claims coreinformers.PersistentVolumeClaimInformer, volumes coreinformers.PersistentVolumeInformer) *resizer {
	r := &resizer{
		client: client, disk: disk, claims: claims.Lister(), volumes: volumes.Lister(),
		synced: []cache.InformerSynced{claims.Informer().HasSynced, volumes.Informer().HasSynced},
		queue:  workqueue.NewTypedRateLimitingQueue(workqueue.NewTypedItemExponentialFailureRateLimiter[cache.ObjectName](50*time.Millisecond, time.Minute)),
		events: record.NewBroadcaster(record.WithContext(ctx)),
	}
	r.record = r.events.NewRecorder(scheme.Scheme, v1.EventSource{Component: "external-resizer " + provisionerName})
	enqueue := func(object any) {
		if claim, ok := object.(*v1.PersistentVolumeClaim); ok && wantsMore(claim) {
			r.queue.Add(cache.MetaObjectToName(claim))
		}
	}
	// An informer that has not started takes every handler.
	_, err := claims.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: enqueue, UpdateFunc: func(_, object any) { enqueue(object) }})
	if err != nil {
		utilruntime.HandleErrorWithContext(ctx, err, "Watch claims for larger sizes")
	}
	return r
}

func wantsMore(claim *v1.PersistentVolumeClaim) bool {
	want := claim.Spec.Resources.Requests[v1.ResourceStorage]
	have, known := claim.Status.Capacity[v1.ResourceStorage]
	return claim.Status.Phase == v1.ClaimBound && known && want.Cmp(have) > 0
}

func (r *resizer) run(ctx context.Context) {
	r.events.StartRecordingToSink(&typedv1.EventSinkImpl{Interface: r.client.CoreV1().Events("")})
	defer r.events.Shutdown()
	var worker sync.WaitGroup
	worker.Go(func() {
		if !cache.WaitForCacheSync(ctx.Done(), r.synced...) {
			return
		}
		for r.next(ctx) {
		}
	})
	<-ctx.Done()
	r.queue.ShutDown()
	worker.Wait()
}

func (r *resizer) next(ctx context.Context) bool {
	name, ended := r.queue.Get()
	if ended {
		return false
	}
	defer r.queue.Done(name)
	if err := r.resize(ctx, name); err != nil {
		utilruntime.HandleErrorWithContext(ctx, err, "Resize a volume", "claim", name)
		r.queue.AddRateLimited(name)
		return true
	}
	r.queue.Forget(name)
	return true
}

func (r *resizer) resize(ctx context.Context, name cache.ObjectName) error {
	claim, err := r.claims.PersistentVolumeClaims(name.Namespace).Get(name.Name)
	if apierrors.IsNotFound(err) || err == nil && !wantsMore(claim) {
		return nil
	}
	if err != nil {
		return err
	}
	volume, err := r.volumes.Get(claim.Spec.VolumeName)
	if err != nil {
		return err
	}
	if volume.Annotations[provisionedBy] != provisionerName || volume.Spec.HostPath == nil {
		return nil
	}
	want := claim.Spec.Resources.Requests[v1.ResourceStorage]
	r.record.Eventf(claim, v1.EventTypeNormal, "Resizing", "External resizer is resizing volume %s", volume.Name)
	if claim, err = r.report(ctx, claim, func(s *v1.PersistentVolumeClaimStatus) {
		s.AllocatedResources = v1.ResourceList{v1.ResourceStorage: want}
		s.AllocatedResourceStatuses = map[v1.ResourceName]v1.ClaimResourceStatus{v1.ResourceStorage: v1.PersistentVolumeClaimControllerResizeInProgress}
		s.Conditions = []v1.PersistentVolumeClaimCondition{{Type: v1.PersistentVolumeClaimResizing, Status: v1.ConditionTrue, LastTransitionTime: metav1.Now()}}
	}); err != nil {
		return err
	}
	if err := r.disk.SetSize(volume.Spec.HostPath.Path, want.Value()); err != nil {
		r.record.Eventf(claim, v1.EventTypeWarning, "VolumeResizeFailed", "resize volume %q failed: %v", volume.Name, err)
		return err
	}
	if have := volume.Spec.Capacity[v1.ResourceStorage]; have.Cmp(want) < 0 {
		volume = volume.DeepCopy()
		volume.Spec.Capacity[v1.ResourceStorage] = want
		if _, err := r.client.CoreV1().PersistentVolumes().Update(ctx, volume, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("set the capacity of volume %s: %w", volume.Name, err)
		}
	}
	if claim, err = r.report(ctx, claim, func(s *v1.PersistentVolumeClaimStatus) {
		s.Capacity = v1.ResourceList{v1.ResourceStorage: want}
		s.AllocatedResourceStatuses = nil
		s.Conditions = nil
	}); err != nil {
		return err
	}
	r.record.Eventf(claim, v1.EventTypeNormal, "VolumeResizeSuccessful", "Resize volume succeeded")
	return nil
}

func (r *resizer) report(ctx context.Context, claim *v1.PersistentVolumeClaim, change func(*v1.PersistentVolumeClaimStatus)) (*v1.PersistentVolumeClaim, error) {
	claim = claim.DeepCopy()
	change(&claim.Status)
	updated, err := r.client.CoreV1().PersistentVolumeClaims(claim.Namespace).UpdateStatus(ctx, claim, metav1.UpdateOptions{})
	if err != nil {
		return claim, fmt.Errorf("set the status of claim %s: %w", claim.Name, err)
	}
	return updated, nil
}
