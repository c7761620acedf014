package cluster_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// createScoped makes an object of RBAC outside of namespaces.
func createScoped(t testing.TB, d dynamic.Interface, resource string, object map[string]any) {
	t.Helper()
	rbac := schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: resource}
	if _, err := d.Resource(rbac).Create(t.Context(), &unstructured.Unstructured{Object: object}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// listNames lists the ConfigMaps of a namespace.
func listNames(t testing.TB, d dynamic.Interface, namespace string) []string {
	t.Helper()
	list, err := d.Resource(resource(kind(t, "ConfigMap"))).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, item := range list.Items {
		names = append(names, item.GetName())
	}
	return names
}
