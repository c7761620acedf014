package metrics

import (
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	metricsapi "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// tables says that an answer can be had as a table, if it can.
type tables struct{ allowed bool }

// AllowsMediaTypeTransform implements negotiation.EndpointRestrictions.
func (t tables) AllowsMediaTypeTransform(_, _ string, gvk *schema.GroupVersionKind) bool {
	return gvk == nil || t.allowed && gvk.Kind == "Table" && gvk.GroupVersion() == metav1.SchemeGroupVersion
}

// AllowsServerVersion implements negotiation.EndpointRestrictions.
func (tables) AllowsServerVersion(string) bool { return false }

// AllowsStreamSchema implements negotiation.EndpointRestrictions.
func (tables) AllowsStreamSchema(string) bool { return false }

func table(rows ...metav1.TableRow) *metav1.Table {
	return &metav1.Table{
		ColumnDefinitions: []metav1.TableColumnDefinition{
			{Name: "Name", Type: "string", Format: "name", Description: "Name of the resource"},
			{Name: "CPU", Type: "string", Format: "quantity"},
			{Name: "Memory", Type: "string", Format: "quantity"},
			{Name: "Window", Type: "string", Format: "duration"},
		},
		Rows: rows,
	}
}

func row(meta metav1.ObjectMeta, use v1.ResourceList, window metav1.Duration) metav1.TableRow {
	return metav1.TableRow{
		Cells: []any{meta.Name, use.Cpu().String(), use.Memory().String(), window.Duration.String()},
		Object: runtime.RawExtension{Object: &metav1.PartialObjectMetadata{
			TypeMeta:   metav1.TypeMeta{Kind: "PartialObjectMetadata", APIVersion: metav1.SchemeGroupVersion.String()},
			ObjectMeta: meta,
		}},
	}
}

func rowOfNode(n *metricsapi.NodeMetrics) metav1.TableRow {
	return row(n.ObjectMeta, n.Usage, n.Window)
}

func rowOfPod(p *metricsapi.PodMetrics) metav1.TableRow {
	sum := v1.ResourceList{}
	for _, c := range p.Containers {
		for name, q := range c.Usage {
			total := sum[name]
			total.Add(q)
			sum[name] = total
		}
	}
	return row(p.ObjectMeta, sum, p.Window)
}
