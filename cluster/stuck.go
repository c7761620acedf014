package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/k8stutor/k8stutor/lessons"
)

const (
	// stillFor is how long the end of a namespace may stand still before it
	// counts as stuck. A Pod has 30 seconds to end, and a cloud's load balancer
	// takes about as long.
	stillFor = 40 * time.Second
	// namedObjects is how many of what a namespace waits for are named.
	namedObjects = 4
)

// ending is what a namespace that is being deleted says about itself.
type ending struct {
	conditions map[string]string // messages of those that are true, by type
}

func endingOf(ns *unstructured.Unstructured) ending {
	e := ending{conditions: map[string]string{}}
	conditions, _, _ := unstructured.NestedSlice(ns.Object, "status", "conditions")
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		kind, _ := condition["type"].(string)
		message, _ := condition["message"].(string)
		if condition["status"] == "True" {
			e.conditions[kind] = message
		}
	}
	return e
}

// The conditions of a namespace that keep it from ending; constants of
// k8s.io/api/core/v1.
const (
	discoveryFailed  = "NamespaceDeletionDiscoveryFailure"
	parsingFailed    = "NamespaceDeletionGroupVersionParsingFailure"
	deletionFailed   = "NamespaceDeletionContentFailure"
	contentRemains   = "NamespaceContentRemaining"
	finalizersRemain = "NamespaceFinalizersRemaining"
)

// held reports whether waiting alone may not help.
func (e ending) held() bool {
	for _, kind := range []string{discoveryFailed, parsingFailed, deletionFailed, finalizersRemain} {
		if e.conditions[kind] != "" {
			return true
		}
	}
	return false
}

// waitEnded waits until the namespace of that uid is gone. What keeps it and was
// planted by k8stutor is released; when something else does and nothing moves for
// a while, or time is up, the error says what that is.
func (c *conn) waitEnded(ctx context.Context, ws lessons.Workspace, uid string, still time.Duration) error {
	op := "wait until namespace " + ws.Namespace + " is gone"
	var last string
	var since time.Time
	delay := pollInterval
	for {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		live, err := c.resource(kindNamespace(), "").Get(call, ws.Namespace, metav1.GetOptions{})
		cancel()
		switch {
		case apierrors.IsNotFound(err), err == nil && string(live.GetUID()) != uid:
			return nil
		case err != nil:
			return c.at.fail(op, err)
		}
		state := endingOf(live)
		if told := fmt.Sprint(state.conditions); told != last || since.IsZero() {
			last, since = told, time.Now()
			if state.conditions[finalizersRemain] != "" {
				if err := c.releaseOurs(ctx, ws, state); err != nil {
					return err
				}
			}
		}
		if state.held() && time.Since(since) >= still {
			return c.stuck(ctx, op, ws, live, state)
		}
		if err := pause(ctx, delay); err != nil {
			if len(state.conditions) > 0 && errors.Is(err, context.DeadlineExceeded) {
				late, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
				defer cancel()
				return c.stuck(late, op, ws, live, state)
			}
			return c.at.fail(op, err)
		}
		delay = min(delay*5/4, 10*pollInterval)
	}
}

// remaining is how the namespace controller counts what is left: "pods. has 1
// resource instances", "widgets.example.com has 2 resource instances".
var remaining = regexp.MustCompile(`([a-z0-9-]+)\.([a-z0-9.-]*) has \d+ resource instances`)

// leftObject is an object and where the API serves it.
type leftObject struct {
	*unstructured.Unstructured
	kind lessons.Kind
}

// leftIn lists objects that a namespace which is being deleted still holds.
// Kinds that cannot be listed are left out: the conditions name them.
func (c *conn) leftIn(ctx context.Context, ws lessons.Workspace, e ending) []leftObject {
	var left []leftObject
	for _, m := range remaining.FindAllStringSubmatch(e.conditions[contentRemains], -1) {
		k := lessons.Kind{Group: m[2], Version: "v1", Resource: m[1], Namespaced: true}
		if k.Group != "" {
			version, err := c.preferredVersion(ctx, k.Group)
			if err != nil {
				continue
			}
			k.Version = version
		}
		call, cancel := context.WithTimeout(ctx, callTimeout)
		list, err := c.resource(k, ws.Namespace).List(call, metav1.ListOptions{Limit: 50})
		cancel()
		if err != nil {
			continue
		}
		for i := range list.Items {
			item := &list.Items[i]
			if item.GetKind() == "" {
				item.SetKind(k.Resource)
			}
			left = append(left, leftObject{item, k})
		}
	}
	return left
}

func (c *conn) preferredVersion(ctx context.Context, group string) (string, error) {
	data, err := c.raw(ctx, "/apis/"+group, callTimeout)
	if err != nil {
		return "", err
	}
	var answer metav1.APIGroup
	if err := json.Unmarshal(data, &answer); err != nil {
		return "", err
	}
	return answer.PreferredVersion.Version, nil
}

// releaseOurs takes k8stutor's finalizers off what it planted in a workspace that
// is being deleted.
func (c *conn) releaseOurs(ctx context.Context, ws lessons.Workspace, e ending) error {
	for _, u := range c.leftIn(ctx, ws, e) {
		if err := (guard{c}).release(ctx, ws, u.kind, u.Unstructured); err != nil {
			return err
		}
	}
	return nil
}

// stuck explains what the end of a namespace waits for.
func (c *conn) stuck(ctx context.Context, op string, ws lessons.Workspace, ns *unstructured.Unstructured, e ending) *lessons.ClusterError {
	var messages, en, zh []string
	add := func(t lessons.Text) { en, zh = append(en, t.In(lessons.English)), append(zh, t.In(lessons.Chinese)) }
	for _, kind := range []string{discoveryFailed, parsingFailed, deletionFailed, contentRemains, finalizersRemain} {
		if m := e.conditions[kind]; m != "" {
			messages = append(messages, m)
		}
	}
	if e.conditions[discoveryFailed] != "" || e.conditions[parsingFailed] != "" {
		add(say("An API that is served by an add-on does not answer, so nobody can know what is left in the namespace. `kubectl get apiservices` shows it with AVAILABLE False: start its server again, or delete the APIService if it is not needed.",
			"有一个由附加组件提供的 API 没有应答，因此无法确认命名空间里还剩什么。`kubectl get apiservices` 中 AVAILABLE 为 False 的就是它：请恢复它的服务，不再需要时可以删除该 APIService。"))
	}
	if e.conditions[deletionFailed] != "" {
		add(say("Something in it could not be deleted; the message above says why.", "其中有对象无法删除，原因见上面的信息。"))
	}
	var named int
	for _, u := range c.leftIn(ctx, ws, e) {
		finalizers := u.GetFinalizers()
		if len(finalizers) == 0 || named == namedObjects {
			continue
		}
		named++
		list := "`" + strings.Join(finalizers, "`, `") + "`"
		resource := u.kind.Resource
		add(say("%[1]s `%[2]s` waits for the finalizer %[3]s: what put it there has to do its work and take it off. If that is gone for good, take it off yourself: `kubectl patch %[4]s %[2]s -n %[5]s --type=merge -p '{\"metadata\":{\"finalizers\":null}}'`",
			"%[1]s `%[2]s` 在等 finalizer %[3]s：要由添加它的程序完成清理后移除。如果该程序已经不在了，可以自己移除：`kubectl patch %[4]s %[2]s -n %[5]s --type=merge -p '{\"metadata\":{\"finalizers\":null}}'`",
			u.GetKind(), u.GetName(), list, resource, ws.Namespace))
	}
	if len(en) == 0 {
		add(say("It may only take longer: `kubectl get all -n %[1]s` shows what is left.", "可能只是需要更久：`kubectl get all -n %[1]s` 可以看到还剩什么。", ws.Namespace))
	}
	since := ""
	if at := ns.GetDeletionTimestamp(); at != nil {
		since = " since " + at.UTC().Format(time.RFC3339)
	}
	slices.Sort(messages)
	return &lessons.ClusterError{Trouble: lessons.Refused, Op: op, Server: c.at.server,
		Err:  fmt.Errorf("it is Terminating%s and does not end: %s", since, strings.Join(messages, "; ")),
		Hint: lessons.Text{lessons.English: strings.Join(en, "\n"), lessons.Chinese: strings.Join(zh, "\n")}}
}
