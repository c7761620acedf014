package ingress

import (
	"fmt"
	"testing"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	prefix = networkingv1.PathTypePrefix
	exact  = networkingv1.PathTypeExact
	free   = networkingv1.PathTypeImplementationSpecific
)

// ingress makes an Ingress whose name is also when it was made.
func ingress(age int, annotations map[string]string, rules ...networkingv1.IngressRule) *networkingv1.Ingress {
	prefixed := map[string]string{}
	for k, v := range annotations {
		prefixed[annotationPrefix+k] = v
	}
	return &networkingv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: fmt.Sprint("in", age), Annotations: prefixed, CreationTimestamp: metav1.NewTime(time.Unix(int64(age), 0))},
		Spec:       networkingv1.IngressSpec{Rules: rules},
	}
}

func to(host string, paths ...networkingv1.HTTPIngressPath) networkingv1.IngressRule {
	return networkingv1.IngressRule{Host: host, IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: paths}}}
}

func at(path string, kind networkingv1.PathType, service string) networkingv1.HTTPIngressPath {
	return networkingv1.HTTPIngressPath{Path: path, PathType: &kind, Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: service, Port: networkingv1.ServiceBackendPort{Number: 80}}}}
}

func TestFind(t *testing.T) {
	t.Parallel()
	everybody := ingress(1, nil)
	everybody.Spec.DefaultBackend = &networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "all"}}
	ownDefault := ingress(1, nil, to("a.example", at("/api", prefix, "api")))
	ownDefault.Spec.DefaultBackend = &networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "rest"}}
	type list = []*networkingv1.Ingress
	for name, test := range map[string]struct {
		ingresses  list
		host, path string
		want       string // the Service; empty is none
	}{
		"nothing":                              {nil, "a.example", "/", ""},
		"a host":                               {list{ingress(1, nil, to("a.example", at("/", prefix, "web")))}, "a.example", "/x", "web"},
		"a host with a port, in other letters": {list{ingress(1, nil, to("a.example", at("/", prefix, "web")))}, "A.Example:8080", "/x", "web"},
		"another host":                         {list{ingress(1, nil, to("a.example", at("/", prefix, "web")))}, "b.example", "/", ""},
		"no host is every host":                {list{ingress(1, nil, to("", at("/", prefix, "web")))}, "b.example", "/", "web"},
		"a host goes before every host":        {list{ingress(1, nil, to("", at("/", prefix, "any")), to("a.example", at("/", prefix, "web")))}, "a.example", "/", "web"},
		"a pattern":                            {list{ingress(1, nil, to("*.example", at("/", prefix, "web")))}, "a.example", "/", "web"},
		"a pattern is one label":               {list{ingress(1, nil, to("*.example", at("/", prefix, "web")))}, "b.a.example", "/", ""},
		"a pattern is not nothing":             {list{ingress(1, nil, to("*.example", at("/", prefix, "web")))}, "example", "/", ""},
		"a host goes before a pattern":         {list{ingress(1, nil, to("*.example", at("/", prefix, "any")), to("a.example", at("/", prefix, "web")))}, "a.example", "/", "web"},
		"a prefix ends at a slash":             {list{ingress(1, nil, to("", at("/foo", prefix, "foo")))}, "h", "/foobar", ""},
		"a prefix itself":                      {list{ingress(1, nil, to("", at("/foo", prefix, "foo")))}, "h", "/foo", "foo"},
		"a prefix with a slash":                {list{ingress(1, nil, to("", at("/foo/", prefix, "foo")))}, "h", "/foo", "foo"},
		"below a prefix":                       {list{ingress(1, nil, to("", at("/foo", prefix, "foo")))}, "h", "/foo/bar", "foo"},
		"letters count in paths":               {list{ingress(1, nil, to("", at("/foo", prefix, "foo")))}, "h", "/FOO", ""},
		"exact":                                {list{ingress(1, nil, to("", at("/foo", exact, "foo")))}, "h", "/foo", "foo"},
		"exact is nothing more":                {list{ingress(1, nil, to("", at("/foo", exact, "foo")))}, "h", "/foo/", ""},
		"exact goes before a prefix":           {list{ingress(1, nil, to("", at("/foo", prefix, "p"), at("/foo", exact, "e")))}, "h", "/foo", "e"},
		"the longer prefix":                    {list{ingress(1, nil, to("", at("/", prefix, "p"), at("/foo", prefix, "f"), at("/foo/bar", prefix, "fb")))}, "h", "/foo/bar/x", "fb"},
		"ImplementationSpecific only begins":   {list{ingress(1, nil, to("", at("/foo", free, "foo")))}, "h", "/foobar", "foo"},
		"the older of two":                     {list{ingress(2, nil, to("", at("/", prefix, "new"))), ingress(1, nil, to("", at("/", prefix, "old")))}, "h", "/", "old"},
		"two for one host":                     {list{ingress(1, nil, to("a.example", at("/a", prefix, "a"))), ingress(2, nil, to("a.example", at("/b", prefix, "b")))}, "a.example", "/b", "b"},
		"a default backend of everybody":       {list{everybody}, "h", "/x", "all"},
		"a default backend of its own hosts":   {list{ownDefault}, "a.example", "/x", "rest"},
		"it is not that of others":             {list{ownDefault}, "b.example", "/x", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if _, l := newTable(test.ingresses).find(test.host, test.path); l != nil {
				got = l.backend.service
			}
			if got != test.want {
				t.Errorf("it leads to %q, want %q", got, test.want)
			}
		})
	}
}

func TestRewriteTarget(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		target, path string
		kind         networkingv1.PathType
		ask, want    string
	}{
		"none":            {"", "/app", prefix, "/app/x", "/app/x"},
		"to the root":     {"/", "/app", prefix, "/app/x", "/"},
		"with a group":    {"/$2", "/app(/|$)(.*)", free, "/app/x/y", "/x/y"},
		"an empty group":  {"/$2", "/app(/|$)(.*)", free, "/app", "/"},
		"two groups":      {"/$2/$1", "/([a-z]+)/([a-z]+)", free, "/ab/cd", "/cd/ab"},
		"without a slash": {"$1", "/app/(.*)", free, "/app/x", "/x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, l := newTable([]*networkingv1.Ingress{ingress(1, map[string]string{"rewrite-target": test.target}, to("", at(test.path, test.kind, "app")))}).find("h", test.ask)
			if l == nil {
				t.Fatal("no location")
			}
			if got := l.target(test.ask); got != test.want {
				t.Errorf("%s becomes %s, want %s", test.ask, got, test.want)
			}
		})
	}
}

func TestReadSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"8m": 8 << 20, "512k": 512 << 10, "1G": 1 << 30, "0": 0, "100": 100, "": -1, "x": -1, "-1": -1, "mm": -1} {
		got, ok := readSize(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}
