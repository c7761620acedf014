package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

const (
	// askTimeout bounds all questions about what the learner may do.
	askTimeout = 5 * time.Second
	// askAtOnce is how many of them are asked at a time.
	askAtOnce = 8
)

var _ lessons.Admitter = (*Cluster)(nil)

// Terms says what would be made for a lesson on this cluster, as whom, and what
// the learner may not do there. It makes nothing.
func (c *Cluster) Terms(ctx context.Context, lesson *lessons.Lesson) (lessons.Terms, error) {
	conn, err := c.identify(ctx)
	terms := lessons.Terms{Context: c.chosen.context, Server: conn.at.server, Namespace: namespaceOf(lesson.ID)}
	if err != nil {
		return terms, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	found, err := c.find(ctx, conn, "look for the workspace of "+lesson.ID, lesson.ID)
	if err != nil && explainedTrouble(err) != lessons.Guarded {
		return terms, err
	}
	if terms.Namespace = found.name; explainedTrouble(err) == lessons.Guarded {
		terms.Refused = sayTaken(found.name)
	}
	terms.Makes = conn.makes(lesson, found)
	if terms.User, err = conn.user(ctx); err != nil && isAway(err) {
		return terms, conn.at.fail("ask the API server who you are", err)
	}
	mayMake := true
	terms.Lacks, mayMake, err = conn.lacks(ctx, lesson, found)
	switch {
	case err != nil:
		return terms, err
	case c.permit.readOnly:
		terms.Refused = say("Nothing is made while --read-only is set.", "设置了 --read-only，不会创建任何东西。")
	case !mayMake:
		terms.Refused = say("You may not make namespaces on this cluster. Ask its administrator, or use a cluster of your own: `k8stutor --cluster sandbox`.",
			"你在这个集群上没有创建命名空间的权限。请联系集群管理员，或者使用自己的集群：`k8stutor --cluster sandbox`。")
	}
	if refusal := conn.admitScoped(lesson); refusal != nil {
		terms.Refused = refusal
	}
	return terms, nil
}

// Admit refuses lessons that need objects outside of namespaces where others
// would meet them, before anything is made.
func (c *Cluster) Admit(_ context.Context, lesson *lessons.Lesson) error {
	conn := c.current()
	refusal := conn.admitScoped(lesson)
	if refusal == nil {
		return nil
	}
	op := "begin the lesson " + lesson.ID
	return guard{conn}.refuse(op, fmt.Errorf("it makes objects outside of namespaces (%s)", kindNames(lesson.ClusterScoped)), refusal)
}

// admitScoped says why a lesson cannot be done here; nil when it can.
func (c *conn) admitScoped(lesson *lessons.Lesson) lessons.Text {
	if len(lesson.ClusterScoped) == 0 || c.mayPlantScoped() {
		return nil
	}
	kinds := kindNames(lesson.ClusterScoped)
	return say("This lesson makes objects outside of namespaces (%[1]s), where others on the cluster would meet them. It is done on the sandbox or on minikube only: `k8stutor --cluster sandbox`.",
		"这一课要创建不属于任何命名空间的对象（%[1]s），集群上的其他人也会受到影响，所以只能在沙箱或 minikube 上做：`k8stutor --cluster sandbox`。", kinds)
}

func kindNames(kinds []lessons.Kind) string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.Kind)
	}
	return strings.Join(names, ", ")
}

func sayTaken(namespace string) lessons.Text {
	return say("There is a namespace %[1]s that k8stutor did not make; it is left alone. Delete or rename it yourself, or use another cluster: `k8stutor --cluster sandbox`.",
		"集群上已有一个不是 k8stutor 创建的命名空间 %[1]s，k8stutor 不会动它。请自行删除或改名，或者使用其他集群：`k8stutor --cluster sandbox`。", namespace)
}

// makes lists what would be made.
func (c *conn) makes(lesson *lessons.Lesson, found found) []lessons.Text {
	var all []lessons.Text
	switch {
	case found.live != nil:
		all = append(all, say("nothing more: the namespace `%[1]s` is there already", "不再新建命名空间：`%[1]s` 已经存在", found.name))
	case c.limited():
		all = append(all, say("the namespace `%[1]s`, labelled `%[2]s=%[3]s`; Pods that leave their containers are refused in it (Pod Security `baseline`)",
			"命名空间 `%[1]s`，带标签 `%[2]s=%[3]s`；其中不允许会突破容器隔离的 Pod（Pod Security `baseline`）", found.name, labelManagedBy, managedBy))
	default:
		all = append(all, say("the namespace `%[1]s`, labelled `%[2]s=%[3]s`", "命名空间 `%[1]s`，带标签 `%[2]s=%[3]s`", found.name, labelManagedBy, managedBy))
	}
	if c.limited() {
		all = append(all, say("in it the ResourceQuota `%[1]s`, so that a slip does no harm: %[2]s", "其中的 ResourceQuota `%[1]s`，避免误操作造成影响：%[2]s", quotaName, sayQuota()))
	}
	var planted []string
	for _, s := range lesson.Steps {
		for _, o := range s.Setup {
			if name := lessons.TextAt(o, "kind") + "/" + lessons.TextAt(o, "metadata", "name"); !slices.Contains(planted, name) {
				planted = append(planted, name)
			}
		}
	}
	if len(planted) > 0 {
		all = append(all, say("what the exercise starts from: %[1]s", "练习的初始对象：%[1]s", strings.Join(planted, ", ")))
	}
	return append(all, say("and what you make in it yourself; `k8stutor cleanup` removes everything", "以及你自己在其中创建的内容；`k8stutor cleanup` 会全部清除"))
}

// user asks the API server whom it takes the learner for; "" where it does not
// serve the question.
func (c *conn) user(ctx context.Context) (string, error) {
	var answer struct {
		Status struct {
			UserInfo struct{ Username string } `json:"userInfo"`
		} `json:"status"`
	}
	err := c.post(ctx, "/apis/authentication.k8s.io/v1/selfsubjectreviews",
		map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}, &answer)
	return answer.Status.UserInfo.Username, err
}

// access is one thing that a lesson wants done.
type access struct {
	verb, group, resource, subresource, namespace, name string
}

func (a access) String() string {
	what := a.resource
	if a.group != "" {
		what += "." + a.group
	}
	if a.subresource != "" {
		what += "/" + a.subresource
	}
	if a.namespace == "" {
		return a.verb + " " + what
	}
	return a.verb + " " + what + " in " + a.namespace
}

// lacks asks for everything that a lesson wants done whether the learner may, and
// returns what they may not; mayMake is false when it is the namespace. What the
// API server does not answer in time, or at all, is not said to be lacking.
func (c *conn) lacks(ctx context.Context, lesson *lessons.Lesson, found found) (lacks []string, mayMake bool, err error) {
	wanted := accesses(lesson, found, c.limited())
	denied := make([]bool, len(wanted))
	errs := make([]error, len(wanted))
	var asking sync.WaitGroup
	free := make(chan struct{}, askAtOnce)
	for i, a := range wanted {
		free <- struct{}{}
		asking.Go(func() {
			defer func() { <-free }()
			denied[i], errs[i] = c.denied(ctx, a)
		})
	}
	asking.Wait()
	mayMake = true
	for i, a := range wanted {
		if errs[i] != nil && troubleOf(errs[i]) != lessons.TimedOut && isAway(errs[i]) {
			return nil, true, c.at.fail("ask what you may do", errs[i])
		}
		if !denied[i] {
			continue
		}
		lacks = append(lacks, a.String())
		if a.verb == "create" && a.resource == "namespaces" {
			mayMake = false
		}
	}
	return lacks, mayMake, nil
}

// denied asks by SelfSubjectAccessReview.
func (c *conn) denied(ctx context.Context, a access) (bool, error) {
	var answer struct {
		Status *struct{ Allowed bool } `json:"status"`
	}
	attributes := map[string]any{"verb": a.verb, "group": a.group, "resource": a.resource,
		"subresource": a.subresource, "namespace": a.namespace, "name": a.name}
	err := c.post(ctx, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", map[string]any{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
		"spec": map[string]any{"resourceAttributes": attributes}}, &answer)
	return err == nil && answer.Status != nil && !answer.Status.Allowed, err
}

// accesses lists what is done for a lesson: by k8stutor, and by the learner.
func accesses(lesson *lessons.Lesson, found found, limited bool) []access {
	var all []access
	add := func(k lessons.Kind, sub string, verbs ...string) {
		namespace := found.name
		if !k.Namespaced {
			namespace = ""
		}
		for _, verb := range verbs {
			if a := (access{verb: verb, group: k.Group, resource: k.Resource, subresource: sub, namespace: namespace}); !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	for _, verb := range []string{"get", "create", "delete"} {
		if verb != "create" || found.live == nil {
			all = append(all, access{verb: verb, resource: "namespaces", name: found.name})
		}
	}
	if limited {
		add(kindQuota(), "", "create")
	}
	for _, k := range lesson.FollowedKinds() {
		add(k, "", "list", "watch")
	}
	for _, s := range lesson.Steps {
		for _, o := range s.Setup {
			if k, ok := lessons.KindNamed(lessons.TextAt(o, "kind")); ok {
				add(k, "", "get", "create", "update", "delete")
			}
		}
	}
	for _, k := range lesson.Kinds() {
		if k.Namespaced && !slices.Contains(madeByControllers(), k.Kind) {
			add(k, "", "create", "delete")
		}
	}
	pods, _ := lessons.KindNamed("Pod")
	add(pods, "log", "get")
	add(pods, "exec", "create")
	return all
}

// madeByControllers are kinds that learners read and hardly ever make.
func madeByControllers() []string {
	return []string{"Endpoints", "EndpointSlice", "Event", "Lease", "ReplicaSet"}
}
