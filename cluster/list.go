package cluster

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/k8stutor/k8stutor/lessons"
)

// List returns all objects of the kinds in a namespace as the API server has
// them at this moment, and as a Snapshot would hold them. Kinds that the server
// does not serve have none.
func (c *Cluster) List(ctx context.Context, namespace string, kinds []lessons.Kind) ([]lessons.Object, error) {
	conn := c.current()
	var all []lessons.Object
	for _, k := range kinds {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		list, err := conn.resource(k, namespace).List(call, metav1.ListOptions{})
		cancel()
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, conn.at.fail("list "+k.Resource+" in "+namespace, err)
		}
		for i := range list.Items {
			item := &list.Items[i]
			item.SetAPIVersion(k.APIVersion())
			item.SetKind(k.Kind)
			o, _, err := received(item)
			if err != nil {
				return nil, err
			}
			if !isOurQuota(o) {
				all = append(all, o)
			}
		}
	}
	return all, nil
}
