package pocket

import (
	"fmt"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// mountImages shows a container the images that its Pod has as volumes. The
// kubelet has pulled them.
func (r *Runtime) mountImages(tree *files.Tree, mounts []*runtimeapi.Mount) error {
	for _, m := range mounts {
		if m.GetImage() == nil || m.GetHostPath() != "" {
			continue
		}
		img, err := r.images.resolve(m.GetImage())
		if err != nil {
			return err
		}
		if err := tree.MountLayer(m.GetContainerPath(), img.product.Layer(), m.GetImageSubPath()); err != nil {
			return fmt.Errorf("failed to mount image %q at %s: %w", img.ref.String(), m.GetContainerPath(), err)
		}
	}
	return nil
}
