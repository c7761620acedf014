package cluster

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/k8stutor/k8stutor/cluster/minikube"
	"github.com/k8stutor/k8stutor/lessons"
)

var _ lessons.Supplier = (*Cluster)(nil)

// The kinds that are looked at for what a cluster supplies.
func kindNode() lessons.Kind {
	return lessons.Kind{Version: "v1", Kind: "Node", Resource: "nodes"}
}
func kindService() lessons.Kind {
	return lessons.Kind{Version: "v1", Kind: "Service", Resource: "services", Namespaced: true}
}
func kindPod() lessons.Kind {
	return lessons.Kind{Version: "v1", Kind: "Pod", Resource: "pods", Namespaced: true}
}
func kindIngressClass() lessons.Kind {
	return lessons.Kind{Group: "networking.k8s.io", Version: "v1", Kind: "IngressClass", Resource: "ingressclasses"}
}
func kindStorageClass() lessons.Kind {
	return lessons.Kind{Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass", Resource: "storageclasses"}
}
func kindAPIService() lessons.Kind {
	return lessons.Kind{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService", Resource: "apiservices"}
}

// Supplies implements lessons.Supplier. It looks at what is really there, and at
// minikube's profile for what could be added.
func (c *Cluster) Supplies(ctx context.Context, needs []string) []lessons.Supply {
	s := supplies{Cluster: c, conn: c.current()}
	if c.chosen.provider == ProviderMinikube && len(needs) > 0 {
		s.askMinikube(ctx)
	}
	all := make([]lessons.Supply, 0, len(needs))
	for _, need := range needs {
		one := s.supply(ctx, need)
		one.Need = need
		all = append(all, one)
	}
	return all
}

// supplies looks at one cluster once.
type supplies struct {
	*Cluster
	conn    *conn
	program *minikube.Program // nil when it cannot be asked
	profile minikube.Profile  // of a minikube; only its name when it cannot be asked
}

func (s *supplies) askMinikube(ctx context.Context) {
	s.profile.Name = s.chosen.name
	program, err := s.options.minikube()
	if err != nil {
		return
	}
	profiles, err := program.Known(ctx)
	if err != nil {
		fmt.Fprintf(s.options.Log, "%v\n", err)
		return
	}
	if i := slices.IndexFunc(profiles, func(p minikube.Profile) bool { return p.Name == s.chosen.name }); i >= 0 {
		s.program, s.profile = &program, profiles[i]
	}
}

func (s *supplies) reach() minikube.Reach {
	return minikube.ReachWith(s.profile.Driver, runtime.GOOS, s.profile.Name)
}

// asked turns an error of looking into a supply; false when there was none.
func (s *supplies) asked(op string, err error) (lessons.Supply, bool) {
	if err == nil {
		return lessons.Supply{}, false
	}
	trouble := s.conn.at.explain(op, err)
	return lessons.Supply{State: lessons.Unsure, How: say("the cluster could not be asked: %v", "无法向集群查询：%v", trouble)}, true
}

func (s *supplies) list(ctx context.Context, k lessons.Kind, namespace, selector string) ([]unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	list, err := s.conn.resource(k, namespace).List(ctx, metav1.ListOptions{LabelSelector: selector, Limit: 500})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

func (s *supplies) supply(ctx context.Context, need string) lessons.Supply {
	if count, ok := strings.CutPrefix(need, "nodes>="); ok {
		if n, err := strconv.Atoi(count); err == nil {
			return s.nodes(ctx, n)
		}
	}
	switch need {
	case "traffic":
		return lessons.Supply{State: lessons.Supplied, How: say("its Pods run and answer each other", "Pod 会真正运行，并能互相访问")}
	case "metrics":
		return s.metrics(ctx)
	case "ingress":
		return s.ingress(ctx)
	case "loadbalancer":
		return s.loadBalancer(ctx)
	case "storage":
		return s.storage(ctx)
	}
	return lessons.Supply{State: lessons.Unsure, How: say("this k8stutor does not know that need; a newer one may", "这个版本的 k8stutor 不认识该需求，新版本可能支持")}
}

// missing is something that is not there: an addon brings it to a minikube, and
// elsewhere it takes what instead tells.
func (s *supplies) missing(instead lessons.Text, addons ...string) lessons.Supply {
	switch s.chosen.provider {
	case ProviderMinikube:
		if s.program == nil {
			return lessons.Supply{State: lessons.Lacking, How: say("`%[1]s` brings it; minikube could not be asked from here",
				"`%[1]s` 可以启用它；目前无法从这里调用 minikube", enabling(s.profile.Name, addons))}
		}
		return lessons.Supply{State: lessons.Addable, How: say("minikube's addon %[2]s brings it (`%[1]s`); its images are downloaded the first time",
			"启用 minikube 的插件 %[2]s 即可（`%[1]s`），第一次会下载镜像", enabling(s.profile.Name, addons), strings.Join(addons, ", "))}
	case ProviderSandbox:
		return lessons.Supply{State: lessons.Lacking, How: say("the sandbox brings it with its start; it may not be up yet, or was deleted: `k8stutor sandbox down`, then `k8stutor sandbox up`",
			"沙箱启动时会带上它，可能还没就绪，或者已被删除：请先 `k8stutor sandbox down`，再 `k8stutor sandbox up`")}
	}
	return lessons.Supply{State: lessons.Lacking, How: instead}
}

func enabling(profile string, addons []string) string {
	var commands []string
	for _, a := range addons {
		commands = append(commands, "minikube addons enable "+a+" -p "+profile)
	}
	return strings.Join(commands, " && ")
}

// metrics looks whether metrics-server answers for the API server.
func (s *supplies) metrics(ctx context.Context) lessons.Supply {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	const name = "v1beta1.metrics.k8s.io"
	service, err := s.conn.resource(kindAPIService(), "").Get(ctx, name, metav1.GetOptions{})
	instead := say("a metrics-server has to be installed: https://github.com/kubernetes-sigs/metrics-server; the sandbox has one", "需要安装 metrics-server：https://github.com/kubernetes-sigs/metrics-server。沙箱自带")
	if apierrors.IsNotFound(err) {
		return s.missing(instead, "metrics-server")
	}
	if unsure, failed := s.asked("look at the APIService "+name, err); failed {
		return unsure
	}
	status, message := condition(service, "Available")
	if status == "True" {
		return lessons.Supply{State: lessons.Supplied, How: say("metrics-server answers", "metrics-server 可用")}
	}
	if s.chosen.provider == ProviderMinikube {
		return s.missing(instead, "metrics-server")
	}
	return lessons.Supply{State: lessons.Lacking, How: say("metrics-server is installed and does not answer yet: %s", "已安装 metrics-server，但尚不可用：%s", message)}
}

// condition returns status and message of a condition of an object.
func condition(o *unstructured.Unstructured, kind string) (status, message string) {
	all, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions") // none: it has no status yet
	for _, one := range all {
		if m, ok := one.(map[string]any); ok && m["type"] == kind {
			status, _ = m["status"].(string)
			message, _ = m["message"].(string)
		}
	}
	return status, message
}

// ingress looks for an IngressClass, and on a minikube for the controller too,
// whose class stays when it does not run.
func (s *supplies) ingress(ctx context.Context) lessons.Supply {
	instead := say("an ingress controller has to be installed, such as ingress-nginx or Traefik; the sandbox has one", "需要安装 ingress controller，例如 ingress-nginx 或 Traefik。沙箱自带")
	classes, err := s.list(ctx, kindIngressClass(), "", "")
	if unsure, failed := s.asked("list the IngressClasses", err); failed {
		return unsure
	}
	if len(classes) == 0 {
		return s.missing(instead, "ingress")
	}
	var names []string
	for _, class := range classes {
		names = append(names, class.GetName())
	}
	if s.chosen.provider == ProviderMinikube && slices.Contains(names, "nginx") {
		ready, _, err := s.podReady(ctx, "ingress-nginx", "app.kubernetes.io/component=controller")
		if err == nil && !ready {
			return s.missing(instead, "ingress")
		}
		reach := s.reach().Ingress
		how := lessons.Text{lessons.English: "ingress-nginx runs. " + reach[lessons.English], lessons.Chinese: "ingress-nginx 正在运行。" + reach[lessons.Chinese]}
		return lessons.Supply{State: lessons.Supplied, How: how}
	}
	return lessons.Supply{State: lessons.Supplied, How: say("IngressClass %s", "IngressClass：%s", strings.Join(names, ", "))}
}

// podReady reports whether a Pod of a selection is ready, and if not, what it
// waits for.
func (s *supplies) podReady(ctx context.Context, namespace, selector string) (bool, string, error) {
	pods, err := s.list(ctx, kindPod(), namespace, selector)
	if err != nil {
		return false, "", err
	}
	waits := ""
	for i := range pods {
		if status, _ := condition(&pods[i], "Ready"); status == "True" {
			return true, "", nil
		}
		waits = waitsFor(&pods[i])
	}
	return false, waits, nil
}

// waitsFor says in the kubelet's words what a Pod is about: "ImagePullBackOff".
func waitsFor(pod *unstructured.Unstructured) string {
	states, _, _ := unstructured.NestedSlice(pod.Object, "status", "containerStatuses") // none: it has no containers yet
	for _, one := range states {
		if m, ok := one.(map[string]any); ok {
			if reason, _, _ := unstructured.NestedString(m, "state", "waiting", "reason"); reason != "" {
				return reason
			}
		}
	}
	phase, _, _ := unstructured.NestedString(pod.Object, "status", "phase")
	return phase
}

// nodes counts the nodes that are ready.
func (s *supplies) nodes(ctx context.Context, want int) lessons.Supply {
	nodes, err := s.list(ctx, kindNode(), "", "")
	if unsure, failed := s.asked("list the nodes", err); failed {
		return unsure
	}
	ready := 0
	for i := range nodes {
		if status, _ := condition(&nodes[i], "Ready"); status == "True" {
			ready++
		}
	}
	if ready >= want {
		return lessons.Supply{State: lessons.Supplied, How: say("%d nodes are ready", "有 %d 个节点就绪", ready)}
	}
	switch s.chosen.provider {
	case ProviderSandbox:
		return lessons.Supply{State: lessons.Addable, How: say("%[1]d of %[2]d nodes are ready; the sandbox can start another (`k8stutor sandbox node add`)",
			"就绪的节点有 %[1]d 个，需要 %[2]d 个；沙箱可以再启动节点（`k8stutor sandbox node add`）", ready, want)}
	case ProviderMinikube:
		if s.profile.Driver == "none" {
			return lessons.Supply{State: lessons.Lacking, How: say("%[1]d of %[2]d nodes are ready, and the driver none has one only. Another profile can have more: `minikube start -p k8stutor --nodes %[2]d --driver=docker`",
				"就绪的节点有 %[1]d 个，需要 %[2]d 个；none 驱动只有一个节点。可以另建多节点的 profile：`minikube start -p k8stutor --nodes %[2]d --driver=docker`", ready, want)}
		}
		return lessons.Supply{State: lessons.Lacking, How: say("%[1]d of %[2]d nodes are ready; `minikube node add -p %[3]s` adds one, with about 2 GB of memory",
			"就绪的节点有 %[1]d 个，需要 %[2]d 个；`minikube node add -p %[3]s` 会增加一个节点，约占 2 GB 内存", ready, want, s.profile.Name)}
	}
	return lessons.Supply{State: lessons.Lacking, How: say("%[1]d of %[2]d nodes are ready; the sandbox can have more: `k8stutor --cluster sandbox`",
		"就绪的节点有 %[1]d 个，需要 %[2]d 个；沙箱可以有更多节点：`k8stutor --cluster sandbox`", ready, want)}
}

// loadBalancer knows that something gives Services addresses when one has one.
func (s *supplies) loadBalancer(ctx context.Context) lessons.Supply {
	if s.chosen.provider == ProviderSandbox {
		return lessons.Supply{State: lessons.Supplied, How: say("the sandbox gives such Services an address on this machine", "沙箱会给这类 Service 分配本机上的地址")}
	}
	services, err := s.list(ctx, kindService(), "", "")
	if err == nil {
		for _, one := range services {
			kind, _, _ := unstructured.NestedString(one.Object, "spec", "type")
			given, _, _ := unstructured.NestedSlice(one.Object, "status", "loadBalancer", "ingress")
			if kind == "LoadBalancer" && len(given) > 0 {
				return lessons.Supply{State: lessons.Supplied, How: say("Service %s/%s has an address", "Service %s/%s 已有地址", one.GetNamespace(), one.GetName())}
			}
		}
	}
	if s.chosen.provider == ProviderMinikube {
		if s.profile.Addon("metallb") {
			return lessons.Supply{State: lessons.Supplied, How: say("minikube's addon metallb is enabled", "已启用 minikube 的 metallb 插件")}
		}
		return lessons.Supply{State: lessons.Lacking, How: s.reach().LoadBalancer}
	}
	if unsure, failed := s.asked("list the Services", err); failed {
		return unsure
	}
	return lessons.Supply{State: lessons.Unsure, How: say("no Service here has an address yet, so that nobody knows; the first of type LoadBalancer will show it",
		"这里还没有 Service 分配到地址，所以无法确定；创建第一个 LoadBalancer 类型的 Service 时就会知道")}
}

const defaultClass = "storageclass.kubernetes.io/is-default-class"

// storage looks for a StorageClass that claims get without naming one.
func (s *supplies) storage(ctx context.Context) lessons.Supply {
	classes, err := s.list(ctx, kindStorageClass(), "", "")
	if unsure, failed := s.asked("list the StorageClasses", err); failed {
		return unsure
	}
	for _, class := range classes {
		if class.GetAnnotations()[defaultClass] == "true" {
			return lessons.Supply{State: lessons.Supplied, How: say("StorageClass %s is the default", "默认的 StorageClass 是 %s", class.GetName())}
		}
	}
	return s.missing(say("a StorageClass has to be marked as the default (annotation %s)", "需要把一个 StorageClass 标为默认（注解 %s）", defaultClass),
		"default-storageclass", "storage-provisioner")
}
