package sandbox

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// newProvisioner makes and removes the volumes of the default storage class,
// with the controller that provisioners of real clusters are made of.
func newProvisioner(ctx context.Context, client clientset.Interface, p *provisioner, factory informers.SharedInformerFactory) *controller.ProvisionController {
	return controller.NewProvisionController(ctx, client, provisionerName, p,
		controller.LeaderElection(false), // there is no other
		controller.ResyncPeriod(claimSync),
		controller.ClaimsInformer(factory.Core().V1().PersistentVolumeClaims().Informer()),
		controller.VolumesInformer(factory.Core().V1().PersistentVolumes().Informer()),
		controller.ClassesInformer(factory.Storage().V1().StorageClasses().Informer()),
	)
}

// provisioner makes volumes that are folders on the disk that all nodes share.
type provisioner struct{ disk *files.Disk }

var _ controller.Provisioner = (*provisioner)(nil)

// Provision makes the folder of a volume, with the size of the claim as its
// bound.
func (p *provisioner) Provision(_ context.Context, o controller.ProvisionOptions) (*v1.PersistentVolume, controller.ProvisioningState, error) {
	volume, err := p.provision(o)
	return volume, controller.ProvisioningFinished, err
}

func (p *provisioner) provision(o controller.ProvisionOptions) (*v1.PersistentVolume, error) {
	claim := o.PVC
	if claim.Spec.Selector != nil {
		return nil, errors.New("claim.Spec.Selector is not supported")
	}
	if mode := claim.Spec.VolumeMode; mode != nil && *mode == v1.PersistentVolumeBlock {
		return nil, fmt.Errorf("%s does not support block volume provisioning", provisionerName)
	}
	dir := path.Join(provisionedPath, claim.Namespace, o.PVName)
	size := claim.Spec.Resources.Requests[v1.ResourceStorage]
	if err := p.disk.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("make the volume's folder: %w", err)
	}
	if err := p.disk.SetSize(dir, size.Value()); err != nil {
		return nil, fmt.Errorf("set the volume's size: %w", err)
	}
	policy := v1.PersistentVolumeReclaimDelete
	if o.StorageClass.ReclaimPolicy != nil {
		policy = *o.StorageClass.ReclaimPolicy
	}
	return &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: o.PVName},
		Spec: v1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: policy,
			AccessModes:                   claim.Spec.AccessModes,
			MountOptions:                  o.StorageClass.MountOptions,
			VolumeMode:                    claim.Spec.VolumeMode,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: size},
			PersistentVolumeSource:        v1.PersistentVolumeSource{HostPath: &v1.HostPathVolumeSource{Path: dir, Type: new(v1.HostPathUnset)}},
		},
	}, nil
}

// Delete removes the folder of a volume.
func (p *provisioner) Delete(_ context.Context, volume *v1.PersistentVolume) error {
	if volume.Spec.HostPath == nil || !strings.HasPrefix(path.Clean(volume.Spec.HostPath.Path), provisionedPath+"/") {
		return fmt.Errorf("the volume is not below %s", provisionedPath)
	}
	return p.disk.RemoveAll(volume.Spec.HostPath.Path)
}
