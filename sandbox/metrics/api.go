package metrics

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	"k8s.io/apiserver/pkg/endpoints/handlers/responsewriters"
	metricsapi "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// api answers metrics.k8s.io/v1beta1.
type api struct {
	Config
	store  *store
	names  []string // of the API server as a client
	codecs serializer.CodecFactory
}

func newAPI(c Config, s *store, names []string) (*api, error) {
	scheme := runtime.NewScheme()
	if err := metricsapi.AddToScheme(scheme); err != nil {
		return nil, err
	}
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	if err := metav1.AddMetaToScheme(scheme); err != nil {
		return nil, err
	}
	return &api{Config: c, store: s, names: names, codecs: serializer.NewCodecFactory(scheme)}, nil
}

var group = metricsapi.SchemeGroupVersion

// ServeHTTP implements http.Handler.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/livez", "/healthz":
		_, _ = w.Write([]byte("ok"))
		return
	case "/readyz":
		if !a.store.ready() {
			http.Error(w, "[-]metric-storage-ready failed: reason withheld", http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte("ok"))
		return
	}
	if !a.trusted(r) {
		a.fail(w, r, apierrors.NewUnauthorized("Unauthorized"))
		return
	}
	if r.Method != http.MethodGet {
		a.fail(w, r, apierrors.NewMethodNotSupported(group.WithResource("").GroupResource(), strings.ToLower(r.Method)))
		return
	}
	if obj, table, err := a.answer(r); err != nil {
		a.fail(w, r, err)
	} else {
		a.write(w, r, obj, table)
	}
}

// trusted reports whether the API server asks.
func (a *api) trusted(r *http.Request) bool {
	return r.TLS != nil && len(r.TLS.VerifiedChains) > 0 &&
		(len(a.names) == 0 || slices.Contains(a.names, r.TLS.PeerCertificates[0].Subject.CommonName))
}

// answer finds the object that a path asks for, and its form as a table.
func (a *api) answer(r *http.Request) (runtime.Object, *metav1.Table, error) {
	words := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(words) < 2 || words[0] != "apis" || words[1] != group.Group {
		return nil, nil, apierrors.NewGenericServerResponse(http.StatusNotFound, "get", schema.GroupResource{}, "", "", 0, true)
	}
	version := metav1.GroupVersionForDiscovery{GroupVersion: group.String(), Version: group.Version}
	if len(words) == 2 {
		return &metav1.APIGroup{
			TypeMeta: metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"},
			Name:     group.Group, Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version,
		}, nil, nil
	}
	if words[2] == group.Version {
		switch rest := words[3:]; {
		case len(rest) == 0:
			return resources(), nil, nil
		case rest[0] == "nodes" && len(rest) <= 2:
			return a.nodes(r, rest[1:])
		case rest[0] == "pods" && len(rest) == 1:
			return a.pods(r, metav1.NamespaceAll, nil)
		case rest[0] == "namespaces" && len(rest) >= 3 && len(rest) <= 4 && rest[2] == "pods":
			return a.pods(r, rest[1], rest[3:])
		}
	}
	return nil, nil, apierrors.NewGenericServerResponse(http.StatusNotFound, "get", schema.GroupResource{}, "", "", 0, true)
}

func resources() *metav1.APIResourceList {
	verbs := metav1.Verbs{"get", "list"}
	return &metav1.APIResourceList{
		TypeMeta:     metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"},
		GroupVersion: group.String(),
		APIResources: []metav1.APIResource{
			{Name: "nodes", Kind: "NodeMetrics", Verbs: verbs},
			{Name: "pods", Kind: "PodMetrics", Namespaced: true, Verbs: verbs},
		},
	}
}

// selectors reads the selectors of a list.
func selectors(r *http.Request) (labels.Selector, fields.Selector, error) {
	query := r.URL.Query()
	l, err := labels.Parse(query.Get("labelSelector"))
	if err != nil {
		return nil, nil, apierrors.NewBadRequest(err.Error())
	}
	f, err := fields.ParseSelector(query.Get("fieldSelector"))
	if err != nil {
		return nil, nil, apierrors.NewBadRequest(err.Error())
	}
	return l, f, nil
}

func quantities(u usage) v1.ResourceList {
	return v1.ResourceList{
		v1.ResourceCPU:    *resource.NewScaledQuantity(u.cores, resource.Nano),
		v1.ResourceMemory: *resource.NewQuantity(u.memory, resource.BinarySI),
	}
}

func (a *api) nodes(r *http.Request, name []string) (runtime.Object, *metav1.Table, error) {
	var items []metricsapi.NodeMetrics
	add := func(n *v1.Node) {
		if u, ok := a.store.node(n.Name); ok {
			items = append(items, metricsapi.NodeMetrics{
				ObjectMeta: metav1.ObjectMeta{Name: n.Name, CreationTimestamp: metav1.NewTime(time.Now()), Labels: n.Labels},
				Timestamp:  metav1.NewTime(u.at), Window: metav1.Duration{Duration: u.window.Round(time.Millisecond)}, Usage: quantities(u),
			})
		}
	}
	if len(name) == 1 {
		if n, err := a.Nodes.Get(name[0]); err == nil {
			add(n)
		}
		if len(items) == 0 {
			return nil, nil, apierrors.NewNotFound(group.WithResource("nodes").GroupResource(), name[0])
		}
		return &items[0], table(rowOfNode(&items[0])), nil
	}
	byLabel, byField, err := selectors(r)
	if err != nil {
		return nil, nil, err
	}
	nodes, err := a.Nodes.List(byLabel)
	if err != nil {
		return nil, nil, apierrors.NewInternalError(err)
	}
	for _, n := range nodes {
		if byField.Matches(fields.Set{"metadata.name": n.Name}) {
			add(n)
		}
	}
	slices.SortFunc(items, func(a, b metricsapi.NodeMetrics) int { return strings.Compare(a.Name, b.Name) })
	t := table()
	for i := range items {
		t.Rows = append(t.Rows, rowOfNode(&items[i]))
	}
	return &metricsapi.NodeMetricsList{Items: nonNil(items)}, t, nil
}

func (a *api) pods(r *http.Request, namespace string, name []string) (runtime.Object, *metav1.Table, error) {
	var items []metricsapi.PodMetrics
	add := func(p *v1.Pod) {
		containers := a.store.pod(p.Spec.NodeName, podKey{p.Namespace, p.Name})
		if len(containers) == 0 || p.Status.Phase == v1.PodSucceeded || p.Status.Phase == v1.PodFailed {
			return
		}
		m := metricsapi.PodMetrics{
			ObjectMeta: metav1.ObjectMeta{Name: p.Name, Namespace: p.Namespace, CreationTimestamp: metav1.NewTime(time.Now()), Labels: p.Labels},
		}
		for container, u := range containers {
			m.Containers = append(m.Containers, metricsapi.ContainerMetrics{Name: container, Usage: quantities(u)})
			if m.Timestamp.IsZero() || u.at.Before(m.Timestamp.Time) {
				m.Timestamp, m.Window = metav1.NewTime(u.at), metav1.Duration{Duration: u.window.Round(time.Millisecond)}
			}
		}
		slices.SortFunc(m.Containers, func(a, b metricsapi.ContainerMetrics) int { return strings.Compare(a.Name, b.Name) })
		items = append(items, m)
	}
	if len(name) == 1 {
		if p, err := a.Pods.Pods(namespace).Get(name[0]); err == nil {
			add(p)
		}
		if len(items) == 0 {
			return nil, nil, apierrors.NewNotFound(group.WithResource("pods").GroupResource(), namespace+"/"+name[0])
		}
		return &items[0], table(rowOfPod(&items[0])), nil
	}
	byLabel, byField, err := selectors(r)
	if err != nil {
		return nil, nil, err
	}
	pods, err := a.Pods.Pods(namespace).List(byLabel)
	if err != nil {
		return nil, nil, apierrors.NewInternalError(err)
	}
	for _, p := range pods {
		if byField.Matches(fields.Set{"metadata.name": p.Name, "metadata.namespace": p.Namespace, "spec.nodeName": p.Spec.NodeName}) {
			add(p)
		}
	}
	slices.SortFunc(items, func(a, b metricsapi.PodMetrics) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	t := table()
	for i := range items {
		t.Rows = append(t.Rows, rowOfPod(&items[i]))
	}
	return &metricsapi.PodMetricsList{Items: nonNil(items)}, t, nil
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// write sends an object in the form that the client asked for.
func (a *api) write(w http.ResponseWriter, r *http.Request, obj runtime.Object, table *metav1.Table) {
	media, _, err := negotiation.NegotiateOutputMediaType(r, a.codecs, tables{table != nil})
	if err != nil {
		a.fail(w, r, err)
		return
	}
	version := group
	if media.Convert != nil && media.Convert.Kind == "Table" {
		obj, version = table, metav1.SchemeGroupVersion
	}
	w.Header().Set("Content-Type", media.Accepted.MediaType)
	_ = a.codecs.EncoderForVersion(media.Accepted.Serializer, version).Encode(obj, w)
}

func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	responsewriters.ErrorNegotiated(err, a.codecs, group, w, r.WithContext(context.WithoutCancel(r.Context())))
}
