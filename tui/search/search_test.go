package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/k8stutor/k8stutor/tui/search/pinyin"
)

// course is a course as the palette has it, small.
func course() *Index {
	var es []Entry
	add := func(kind Kind, id, en, zh string, within ...string) {
		es = append(es, Entry{Kind: kind, ID: id, Names: []string{en, zh}, Within: within})
	}
	add(Lesson, "pods", "Pods", "Pod")
	add(Page, "pods/what", "What a Pod is", "Pod 是什么", "Pods", "Pod")
	add(Page, "pods/probes", "Probes: is it alive, is it ready", "探针：还活着吗，就绪了吗", "Pods", "Pod")
	add(Step, "pods/restart", "Restart a container", "重启容器", "Pods", "Pod")
	add(Lesson, "deployments", "Deployments", "部署（Deployment）")
	add(Page, "deployments/rollout", "How a rolling update goes", "滚动更新是怎样进行的", "Deployments", "部署（Deployment）")
	add(Step, "deployments/scale", "Scale to 5 replicas", "扩容到 5 个副本", "Deployments", "部署（Deployment）")
	add(Lesson, "services", "Services", "服务（Service）")
	add(Page, "services/why", "Why a Service", "为什么需要 Service", "Services", "服务（Service）")
	add(Page, "services/slices", "EndpointSlices", "端点切片（EndpointSlice）", "Services", "服务（Service）")
	add(Step, "services/create", "Create a Deployment", "创建一个 Deployment", "Services", "服务（Service）")
	add(Step, "services/expose", "Expose it by a Service", "用 Service 暴露它", "Services", "服务（Service）")
	add(Question, "services/which", "Which Pods get traffic?", "哪些 Pod 收到流量？", "Services", "服务（Service）")
	add(Lesson, "scheduling", "Scheduling", "调度")
	add(Page, "scheduling/important", "What is important to the scheduler", "调度器看重什么：重要的先排", "Scheduling", "调度")
	add(Term, "replicaset", "ReplicaSet", "ReplicaSet")
	add(Term, "namespace", "Namespace", "命名空间")
	add(Term, "storage", "Persistent volume", "持久存储卷")
	add(Command, "language", "language", "切换语言")
	add(Command, "theme-dark", "theme: dark", "主题：深色")
	add(Command, "restart-cluster", "restart the cluster", "重启集群")
	es[8].Texts = []string{"# Why\n\nPods come and go. A **Service** has one `ClusterIP` that stays; see [kube-proxy](https://kubernetes.io/x).\n",
		"# 为什么\n\nPod 来来去去。**Service** 有一个不变的 `ClusterIP`，由 kube-proxy 转发。\n"}
	es[1].Texts = []string{"A Pod is one or more containers that share an address.\n", "Pod 是一个或多个共用地址的容器。\n"}
	return New(pinyin.New(), es)
}

func ids(rs []Result) []string {
	out := []string{}
	for _, r := range rs {
		out = append(out, r.ID)
	}
	return out
}

func named(rs []Result) []Result {
	return slices.DeleteFunc(slices.Clone(rs), func(r Result) bool { return r.Kind == Text })
}

// TestRanking: for each query, what must come first, in this order, and what must
// not come at all.
func TestRanking(t *testing.T) {
	t.Parallel()
	ix := course()
	for _, tc := range []struct {
		query string
		first []string
		never []string
	}{
		{"services", []string{"services"}, []string{"pods", "replicaset"}},
		{"service", []string{"services"}, nil},
		{"Pod", []string{"pods", "pods/what"}, []string{"replicaset", "language"}},
		{"deployments", []string{"deployments"}, nil},
		{"dply", []string{"deployments"}, []string{"pods"}},
		{"rs", []string{"replicaset"}, []string{"pods", "pods/what"}},
		{"eps", []string{"services/slices"}, nil},
		{"svc", []string{"services"}, []string{"pods"}},
		{"rolling", []string{"deployments/rollout"}, nil},
		{"ns", []string{"namespace"}, []string{"services"}},
		{"theme", []string{"theme-dark"}, nil},
		{"why service", []string{"services/why"}, nil},
		{"services why", []string{"services/why"}, nil},
		{"scale replicas", []string{"deployments/scale"}, nil},
		{"endpointslice", []string{"services/slices"}, nil},

		{"服务", []string{"services"}, []string{"pods"}},
		{"命名空间", []string{"namespace"}, nil},
		{"探针", []string{"pods/probes"}, nil},
		{"滚动", []string{"deployments/rollout"}, nil},
		{"创建dep", []string{"services/create"}, nil},
		{"重启", []string{"restart-cluster", "pods/restart"}, []string{"scheduling/important"}},

		{"fuwu", []string{"services"}, []string{"pods"}},
		{"fw", []string{"services"}, []string{"pods", "scheduling"}},
		{"FuWu", []string{"services"}, nil},
		{"ｆｗ", []string{"services"}, nil},
		{"fuw", []string{"services"}, nil},
		{"mmkj", []string{"namespace"}, nil},
		{"mingming", []string{"namespace"}, nil},
		{"tanzhen", []string{"pods/probes"}, nil},
		{"tz", []string{"pods/probes"}, nil},
		{"gundong", []string{"deployments/rollout"}, nil},
		{"gdgx", []string{"deployments/rollout"}, nil},
		{"cccj", []string{}, []string{"storage", "services/create"}},
		{"ccj", []string{"storage"}, nil},
		{"cunchujuan", []string{"storage"}, nil},
		{"cjdep", []string{"services/create"}, nil},
		{"zt", []string{"theme-dark"}, nil},

		// Characters of two readings: the one of the word, and not the other.
		{"chongqi", []string{"restart-cluster", "pods/restart"}, []string{"scheduling/important"}},
		{"zhongqi", nil, []string{"pods/restart", "restart-cluster"}},
		{"zhongyao", []string{"scheduling/important"}, []string{"pods/restart"}},
		{"chongyao", nil, []string{"scheduling/important"}},
		{"diaodu", []string{"scheduling"}, nil},
		{"tiaodu", nil, []string{"scheduling"}},
		{"rongqi", []string{"pods/restart"}, nil},
		{"chongqirongqi", []string{"pods/restart"}, nil},
		{"cqrq", []string{"pods/restart"}, nil},

		// A letter wrong, swapped, missing, too many.
		{"serivce", []string{"services"}, nil},
		{"deploymant", []string{"deployments"}, nil},
		{"namspace", []string{"namespace"}, nil},
		{"sheduling", []string{"scheduling"}, nil},
		{"replicasset", []string{"replicaset"}, nil},
		{"xyzzy", []string{}, []string{"pods"}},
		{"zzzz", []string{}, nil},
	} {
		got := ids(named(Find(tc.query, nil, ix)))
		if len(got) < len(tc.first) || !slices.Equal(got[:len(tc.first)], tc.first) {
			t.Errorf("%q finds %v, want first %v", tc.query, got, tc.first)
		}
		if tc.first != nil && len(tc.first) == 0 && len(got) != 0 {
			t.Errorf("%q finds %v, want nothing", tc.query, got)
		}
		for _, id := range tc.never {
			if slices.Contains(got, id) {
				t.Errorf("%q finds %s among %v", tc.query, id, got)
			}
		}
	}
}

// marked shows a result with what was found in brackets.
func marked(r Result) string {
	s := r.Snippet
	if r.Kind != Text {
		s = r.Names[r.Name]
	}
	for _, m := range slices.Backward(r.Marks) {
		s = s[:m.From] + "[" + s[m.From:m.To] + "]" + s[m.To:]
	}
	return s
}

func TestWhatWasFoundIsMarked(t *testing.T) {
	t.Parallel()
	ix := course()
	for query, want := range map[string]string{
		"serv":    "[Serv]ices",
		"fuwu":    "[服务]（Service）",
		"fw":      "[服务]（Service）",
		"服务":      "[服务]（Service）",
		"dply":    "[D]e[pl]o[y]ments",
		"cjdep":   "[创建]一个 [Dep]loyment",
		"why ser": "[Why] a [Ser]vice",
		"serivce": "[Service]s",
		"rs":      "[R]eplica[S]et",
	} {
		rs := Find(query, nil, ix)
		if len(rs) == 0 {
			t.Errorf("%q finds nothing", query)
			continue
		}
		if got := marked(rs[0]); got != want {
			t.Errorf("%q marks %s, want %s", query, got, want)
		}
	}
}

func TestPagesAreFoundByTheirText(t *testing.T) {
	t.Parallel()
	ix := course()
	for _, tc := range []struct{ query, id, want string }{
		{"clusterip", "services/why", "Pods come and go. A Service has one [ClusterIP] that stays; see kube-proxy (https://kubernetes.io/x)."},
		{"service stays", "services/why", "Pods come and go. A [Service] has one ClusterIP that [stays]; see kube-proxy (https://kubernetes.io/x)."},
		{"转发", "services/why", "… ClusterIP，由 kube-proxy [转发]。"},
		{"共用地址", "pods/what", "Pod 是一个或多个[共用地址]的容器。"},
	} {
		var text []Result
		for _, r := range Find(tc.query, nil, ix) {
			if r.Kind == Text {
				text = append(text, r)
			}
		}
		if len(text) != 1 || text[0].ID != tc.id {
			t.Errorf("%q finds %v by text, want %s", tc.query, ids(text), tc.id)
			continue
		}
		if got := marked(text[0]); got != tc.want {
			t.Errorf("%q shows %q, want %q", tc.query, got, tc.want)
		}
	}
	for _, query := range []string{"c", "clusterip pods nowhere", "**", "sharing"} {
		for _, r := range Find(query, nil, ix) {
			if r.Kind == Text {
				t.Errorf("%q finds %s by text", query, r.ID)
			}
		}
	}
}

func TestWhatWasChosenBeforeComesFirst(t *testing.T) {
	t.Parallel()
	ix := course()
	got := ids(Find("", []string{"services/why", "gone", "theme-dark", "pods"}, ix))
	want := []string{"services/why", "theme-dark", "pods", "language", "restart-cluster"}
	if !slices.Equal(got, want) {
		t.Errorf("an empty query offers %v, want %v", got, want)
	}
	if got := ids(Find(" \t", nil, ix)); !slices.Equal(got, []string{"language", "theme-dark", "restart-cluster"}) {
		t.Errorf("without anything recent it offers %v", got)
	}
	first := func(query string, recent ...string) string { return Find(query, recent, ix)[0].ID }
	if first("重启") != "restart-cluster" || first("重启", "pods/restart") != "pods/restart" {
		t.Error("what was chosen before does not come before what is as good")
	}
	if got := first("services", "services/slices"); got != "services" {
		t.Errorf("what was chosen before comes before what is much better: %s", got)
	}
}

// TestNothingBreaksAQuery asks at random and wants marks on the edges of
// characters, in order, and within what is shown.
func TestNothingBreaksAQuery(t *testing.T) {
	t.Parallel()
	ix := course()
	random := rand.New(rand.NewPCG(1, 2))
	letters := []rune("abcdefghijklmnopqrstuvwxyzPDS  服务重启容器，。（\x1b\u0301🙂\u202eİK%`*[]")
	for range 4000 {
		query := make([]rune, random.IntN(9))
		for i := range query {
			query[i] = letters[random.IntN(len(letters))]
		}
		for _, r := range Find(string(query), nil, ix) {
			if r.Name < 0 {
				continue
			}
			s, end := r.Snippet, 0
			if r.Kind != Text {
				s = r.Names[r.Name]
			}
			for _, m := range r.Marks {
				if m.From < end || m.To <= m.From || m.To > len(s) || !utf8.ValidString(s[m.From:m.To]) {
					t.Fatalf("%q marks %v of %q", string(query), r.Marks, s)
				}
				end = m.To
			}
		}
	}
	for _, query := range []string{strings.Repeat("服务 ", 500), strings.Repeat("a", 100_000), "\xff\xfe", "\x00"} {
		Find(query, nil, ix)
	}
}

// large is a course of 30 lessons of 8 pages of 3 KB in two languages, with 6
// steps and 8 questions each.
func large() []Entry {
	var es []Entry
	en := strings.Repeat("The kubelet asks the container runtime for a container and tells the API server how it goes. ", 30)
	zh := strings.Repeat("kubelet 请求容器运行时创建容器，并把结果告诉 API 服务器。调度器只决定放到哪个节点上。", 26)
	for l := range 30 {
		lesson := []string{fmt.Sprintf("Services and networking, part %d", l), fmt.Sprintf("服务与网络，第 %d 部分", l)}
		es = append(es, Entry{Kind: Lesson, ID: fmt.Sprint("l", l), Names: lesson})
		for n := range 22 {
			e := Entry{Kind: Page, ID: fmt.Sprint("l", l, "/", n), Within: lesson,
				Names: []string{fmt.Sprintf("How the EndpointSlice controller counts, %d", n), fmt.Sprintf("端点切片控制器是怎样计数的，%d", n)}}
			switch {
			case n < 8:
				e.Texts = []string{en, zh}
			case n < 14:
				e.Kind = Step
			default:
				e.Kind = Question
			}
			es = append(es, e)
		}
	}
	return es
}

// BenchmarkFind is a key press in the palette over a course of 30 lessons.
func BenchmarkFind(b *testing.B) {
	ix := New(pinyin.New(), large())
	for _, query := range []string{"s", "service net", "fuwu", "ddqpkzqzy", "dp", "serivce", "scheduler nowhere", "调度器"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				Find(query, nil, ix)
			}
		})
	}
}

func BenchmarkNewIndex(b *testing.B) {
	es := large()
	table := pinyin.New()
	for b.Loop() {
		New(table, es)
	}
}

// TestAKeyIsAnsweredInTime bounds the slowest of the queries of BenchmarkFind by
// ten times what a frame may take: machines that run tests are busy.
func TestAKeyIsAnsweredInTime(t *testing.T) {
	ix := New(pinyin.New(), large())
	for _, query := range []string{"s", "service net", "ddqpkzqzy", "serivce", "scheduler nowhere"} {
		quickest := time.Hour
		for range 5 {
			began := time.Now()
			Find(query, nil, ix)
			quickest = min(quickest, time.Since(began))
		}
		if quickest > 160*time.Millisecond {
			t.Errorf("%q takes %v", query, quickest)
		}
	}
}
