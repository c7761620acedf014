package cluster

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

// shelf answers GET requests with lists of objects and with single objects, by
// path; any other path is not found. A path that ends in "!" is forbidden.
type shelf map[string]any

func (s shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if _, no := s[r.URL.Path+"!"]; no {
		status(403, "Forbidden", "you may not", nil).ServeHTTP(w, r)
		return
	}
	switch found := s[r.URL.Path].(type) {
	case []any:
		json.NewEncoder(w).Encode(map[string]any{"kind": "List", "apiVersion": "v1", "metadata": map[string]any{}, "items": found})
	case map[string]any:
		json.NewEncoder(w).Encode(found)
	default:
		status(404, "NotFound", "not found", map[string]any{"name": "x"}).ServeHTTP(w, r)
	}
}

func thing(kind, name string, more map[string]any) map[string]any {
	o := map[string]any{"kind": kind, "apiVersion": "v1", "metadata": map[string]any{"name": name}}
	for k, v := range more {
		if k == "annotations" {
			o["metadata"].(map[string]any)[k] = v
			continue
		}
		o[k] = v
	}
	return o
}

func conditioned(kind, name, condition, is string) map[string]any {
	return thing(kind, name, map[string]any{"status": map[string]any{"conditions": []any{map[string]any{"type": condition, "status": is, "message": "why"}}}})
}

// full is a cluster that has everything.
func full() shelf {
	return shelf{
		"/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io": conditioned("APIService", "v1beta1.metrics.k8s.io", "Available", "True"),
		"/apis/networking.k8s.io/v1/ingressclasses":                          []any{thing("IngressClass", "nginx", nil)},
		"/api/v1/namespaces/ingress-nginx/pods":                              []any{conditioned("Pod", "c", "Ready", "True")},
		"/api/v1/nodes":                                                      []any{conditioned("Node", "a", "Ready", "True"), conditioned("Node", "b", "Ready", "True"), conditioned("Node", "c", "Ready", "False")},
		"/api/v1/services": []any{thing("Service", "lb", map[string]any{"spec": map[string]any{"type": "LoadBalancer"},
			"status": map[string]any{"loadBalancer": map[string]any{"ingress": []any{map[string]any{"ip": "10.0.0.1"}}}}})},
		"/apis/storage.k8s.io/v1/storageclasses": []any{thing("StorageClass", "standard", map[string]any{"annotations": map[string]any{defaultClass: "true"}})},
	}
}

// bare is a cluster that has nothing but its API.
func bare() shelf {
	return shelf{"/api/v1/nodes": []any{conditioned("Node", "a", "Ready", "True")}, "/apis/networking.k8s.io/v1/ingressclasses": []any{},
		"/apis/storage.k8s.io/v1/storageclasses": []any{thing("StorageClass", "slow", nil)}, "/api/v1/services": []any{}}
}

func forbidden() shelf {
	s := shelf{}
	for path := range full() {
		s[path+"!"] = true
	}
	return s
}

// supplying is a cluster of a provider; minikube is what its program does.
func supplying(t *testing.T, provider Provider, h http.Handler, minikube string) *Cluster {
	t.Helper()
	conn := dialTest(t, configFor(quietServer(t, h, nil)))
	conn.at.provider = provider
	o := learner(t, "", minikube)
	if minikube == "" {
		o = without(o)
	}
	return &Cluster{options: o, chosen: choice{provider: provider, name: "minikube"}, log: slog.New(slog.DiscardHandler), conn: conn}
}

func TestWhatAClusterSuppliesIsLookedAt(t *testing.T) {
	t.Parallel()
	needs := []string{"traffic", "metrics", "ingress", "nodes>=2", "loadbalancer", "storage", "magic"}
	const yes, add, no, unsure = lessons.Supplied, lessons.Addable, lessons.Lacking, lessons.Unsure
	light := recorded(t, "profile-list-running.json")
	starting, waiting := full(), full()
	starting["/api/v1/namespaces/ingress-nginx/pods"] = []any{conditioned("Pod", "c", "Ready", "False")}
	starting["/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io"] = conditioned("APIService", "x", "Available", "False")
	waiting["/api/v1/services"] = []any{thing("Service", "lb", map[string]any{"spec": map[string]any{"type": "LoadBalancer"}})}
	for _, test := range []struct {
		name     string
		provider Provider
		api      shelf
		minikube string
		want     []lessons.SupplyState
		says     map[string]string // in English
	}{
		{"a sandbox with everything", ProviderSandbox, full(), "", []lessons.SupplyState{yes, yes, yes, yes, yes, yes, unsure}, nil},
		{"a sandbox with one node", ProviderSandbox, bare(), "", []lessons.SupplyState{yes, no, no, add, yes, no, unsure}, map[string]string{"nodes>=2": "sandbox node add"}},
		{"a minikube with everything", ProviderMinikube, full(), light, []lessons.SupplyState{yes, yes, yes, yes, yes, yes, unsure}, map[string]string{"ingress": "minikube ip"}},
		{"a minikube as it is made", ProviderMinikube, bare(), light, []lessons.SupplyState{yes, add, add, no, no, add, unsure},
			map[string]string{"metrics": "minikube addons enable metrics-server -p minikube", "ingress": "minikube addons enable ingress", "nodes>=2": "driver none", "loadbalancer": "minikube tunnel -p minikube"}},
		{"a minikube with another driver", ProviderMinikube, bare(), strings.ReplaceAll(twoProfiles, `"mk"`, `"minikube"`), []lessons.SupplyState{yes, add, add, no, no, add, unsure}, map[string]string{"nodes>=2": "minikube node add -p minikube"}},
		{"a minikube whose addons are starting", ProviderMinikube, starting, light, []lessons.SupplyState{yes, add, add, yes, yes, yes, unsure}, nil},
		{"a minikube without the program", ProviderMinikube, bare(), "", []lessons.SupplyState{yes, no, no, no, no, no, unsure}, map[string]string{"ingress": "could not be asked"}},
		{"a cluster with everything", ProviderExisting, full(), "", []lessons.SupplyState{yes, yes, yes, yes, yes, yes, unsure}, map[string]string{"ingress": "nginx", "loadbalancer": "lb"}},
		{"a cluster with nothing", ProviderExisting, bare(), "", []lessons.SupplyState{yes, no, no, no, unsure, no, unsure}, map[string]string{"nodes>=2": "1 of 2"}},
		{"a cluster whose metrics-server does not answer", ProviderExisting, starting, "", []lessons.SupplyState{yes, no, yes, yes, yes, yes, unsure}, map[string]string{"metrics": "why"}},
		{"a cluster with a Service that waits for its address", ProviderExisting, waiting, "", []lessons.SupplyState{yes, yes, yes, yes, unsure, yes, unsure}, nil},
		{"a cluster that may not be asked", ProviderExisting, forbidden(), "", []lessons.SupplyState{yes, unsure, unsure, unsure, unsure, unsure, unsure}, map[string]string{"nodes>=2": "you may not"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := supplying(t, test.provider, test.api, test.minikube)
			var got []lessons.SupplyState
			for i, s := range c.Supplies(t.Context(), needs) {
				got = append(got, s.State)
				en, zh := s.How.In(lessons.English), s.How.In(lessons.Chinese)
				if s.Need != needs[i] || en == "" || zh == "" || strings.Contains(en+zh, "%!") || !strings.Contains(en, test.says[s.Need]) {
					t.Errorf("%s: %q, %q", s.Need, en, zh)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnAddonIsEnabledAndWaitedFor(t *testing.T) {
	t.Parallel()
	// The controller's Pod is ready at the second look after the addon is enabled.
	var looks atomic.Int32
	done, waits := full(), full()
	waits["/api/v1/namespaces/ingress-nginx/pods"] = []any{thing("Pod", "c", map[string]any{"status": map[string]any{"phase": "Pending",
		"containerStatuses": []any{map[string]any{"state": map[string]any{"waiting": map[string]any{"reason": "ContainerCreating"}}}}}})}
	dir := t.TempDir()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := bare()
		if _, err := os.Stat(filepath.Join(dir, "enabled")); err == nil {
			now = waits
			if strings.HasSuffix(r.URL.Path, "ingressclasses") && looks.Add(1) > 1 {
				looks.Add(10)
			}
			if looks.Load() > 10 {
				now = done
			}
		}
		now.ServeHTTP(w, r)
	})
	c := supplying(t, ProviderMinikube, h, "case \"$*\" in profile*) "+recorded(t, "profile-list-running.json")+" ;; 'addons enable ingress -p minikube') touch "+dir+"/enabled ;; *) exit 9 ;; esac")
	var told []string
	if err := c.Add(t.Context(), "ingress", func(stage, state, detail string) {
		if state == "done" {
			detail = ""
		}
		told = append(told, strings.TrimSpace(stage+" "+state+" "+detail))
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"ingress running minikube addons enable ingress", "ingress done", "ingress running ContainerCreating", "ingress done"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	if err := c.Add(t.Context(), "ingress", nil); err != nil {
		t.Errorf("what is there already: %v", err)
	}
}

func TestWhatCannotBeAddedIsSaid(t *testing.T) {
	t.Parallel()
	listing := func(enable string) string {
		return "case $1 in profile) " + recorded(t, "profile-list-running.json") + " ;; addons) " + enable + " ;; esac"
	}
	for _, test := range []struct {
		name, need string
		provider   Provider
		minikube   string
		trouble    lessons.Trouble
		says, hint string
	}{
		{"on another's cluster", "ingress", ProviderExisting, "", lessons.Refused, "cannot add", "ingress controller"},
		{"nodes of a minikube", "nodes>=3", ProviderMinikube, listing("exit 1"), lessons.Refused, "cannot add", "driver none"},
		{"an unknown need", "magic", ProviderMinikube, listing("exit 1"), lessons.Refused, "cannot add", "does not know"},
		{"an addon that fails", "metrics", ProviderMinikube, listing("echo boom >&2; exit 10"), lessons.NotRunning, "boom", "minikube addons enable metrics-server -p minikube"},
		{"without room", "metrics", ProviderMinikube, listing("echo no space left on device >&2; exit 10"), lessons.NotRunning, "no space", "df -h"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := supplying(t, test.provider, bare(), test.minikube).Add(t.Context(), test.need, nil)
			explained(t, err, test.trouble, test.says, test.hint)
		})
	}
}
