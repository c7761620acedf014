package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/k8stutor/k8stutor/lessons"
)

var _ lessons.Applier = (*Cluster)(nil)

// DryRun asks the API server what it would say to each document of a manifest,
// with strict field validation. Nothing is changed.
func (c *Cluster) DryRun(ctx context.Context, ws lessons.Workspace, docs []lessons.Document) ([]lessons.Refusal, error) {
	return c.send(ctx, ws, docs, func(s sender, d lessons.Document, k lessons.Kind) error { return s.try(ctx, d, k) }, false)
}

// Apply makes the objects of a manifest in the workspace, and changes those that
// are there, by server-side apply. It stops at the first that is refused.
func (c *Cluster) Apply(ctx context.Context, ws lessons.Workspace, docs []lessons.Document) ([]lessons.Refusal, error) {
	return c.send(ctx, ws, docs, func(s sender, d lessons.Document, k lessons.Kind) error { return s.apply(ctx, d, k, false) }, true)
}

// send does something with each document that belongs into the workspace.
func (c *Cluster) send(ctx context.Context, ws lessons.Workspace, docs []lessons.Document,
	do func(sender, lessons.Document, lessons.Kind) error, stop bool) ([]lessons.Refusal, error) {
	conn := c.current()
	op := "send the manifest to " + ws.Namespace
	if stop { // it is meant to be done
		if err := (guard{conn}).permitted(op, true); err != nil {
			return nil, err
		}
	}
	ns, err := guard{conn}.admit(ctx, op, ws)
	if apierrors.IsNotFound(err) || err == nil && ns.GetDeletionTimestamp() != nil {
		return nil, guard{conn}.refuse(op, errGone, hintAnew(ws))
	}
	if err != nil {
		return nil, err
	}
	s := sender{conn: conn, ws: ws, served: map[string]map[string]lessons.Kind{}}
	var all []lessons.Refusal
	for _, d := range docs {
		kind, refusal, err := s.kindOf(ctx, d)
		if err != nil {
			return all, conn.at.fail(op, err)
		}
		if refusal == nil {
			refusal = s.outside(d, kind)
		}
		if refusal != nil {
			refusal.Document = d.Index
			all = append(all, *refusal)
		} else if err := do(s, d, kind); err != nil {
			said, ok := refused(d, err)
			if !ok {
				return all, conn.at.fail(op, err)
			}
			all = append(all, said...)
		}
		if stop && len(all) > 0 {
			break
		}
	}
	return all, nil
}

// sender sends documents to one API server.
type sender struct {
	*conn
	ws     lessons.Workspace
	served map[string]map[string]lessons.Kind // by apiVersion and kind: what the API server has said
}

// outside refuses what does not belong into the workspace, and names that would
// lead to another address.
func (s sender) outside(d lessons.Document, kind lessons.Kind) *lessons.Refusal {
	if faults := content.IsPathSegmentName(d.Name); len(faults) > 0 {
		return &lessons.Refusal{Path: "metadata.name", Said: fmt.Sprintf("metadata.name: Invalid value: %q: %s", d.Name, strings.Join(faults, ", ")),
			Advice: say("A name is lower case letters, digits, `-` and `.`.", "名字只能由小写字母、数字、`-` 和 `.` 组成。")}
	}
	switch {
	case !kind.Namespaced:
		return &lessons.Refusal{Path: "kind", Advice: say("A %[1]s stands outside of namespaces, for the whole cluster. This step stays in the workspace, so k8stutor does not send it.",
			"%[1]s 不属于任何命名空间，会影响整个集群。这一步只在工作区里进行，k8stutor 不会发送它。", d.Kind)}
	case d.Namespace != "" && d.Namespace != s.ws.Namespace:
		return &lessons.Refusal{Path: "metadata.namespace", Advice: say("This is another namespace; k8stutor does not send it there. Leave the line out, or write `%[1]s`.",
			"这里写的是别的命名空间，k8stutor 不会往那里发送。删掉这一行，或者改成 `%[1]s`。", s.ws.Namespace)}
	}
	return nil
}

// try asks the API server twice where the object is not there yet: creating says
// best what is wrong with a manifest, and applying is what will be done.
func (s sender) try(ctx context.Context, d lessons.Document, kind lessons.Kind) error {
	exists, err := s.exists(ctx, d, kind)
	if err != nil {
		return err
	}
	if !exists {
		if err := s.create(ctx, d, kind); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	err = s.apply(ctx, d, kind, true)
	if err == nil || !exists || apierrors.IsInvalid(err) || isAway(err) {
		return err
	}
	// Applying speaks of a "typed patch object" where a field is misspelt.
	if clearer := s.create(ctx, d, kind); apierrors.IsBadRequest(clearer) {
		return clearer
	}
	return err
}

func (s sender) exists(ctx context.Context, d lessons.Document, kind lessons.Kind) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := s.resource(kind, s.ws.Namespace).Get(ctx, d.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) && !isUnknownKind(err) {
		return false, nil
	}
	if apierrors.IsForbidden(err) {
		return true, nil // whether it may be changed is another question
	}
	return err == nil, err
}

// create sends the text of a document as it is, for a dry run.
func (s sender) create(ctx context.Context, d lessons.Document, kind lessons.Kind) error {
	r := s.rest.Post().AbsPath(s.path(kind)).SetHeader("Content-Type", "application/yaml")
	return s.do(ctx, r.Param("dryRun", metav1.DryRunAll), d)
}

func (s sender) apply(ctx context.Context, d lessons.Document, kind lessons.Kind, dry bool) error {
	r := s.rest.Patch(types.ApplyYAMLPatchType).AbsPath(s.path(kind), d.Name).Param("force", "true")
	if dry {
		r = r.Param("dryRun", metav1.DryRunAll)
	}
	return s.do(ctx, r, d)
}

func (s sender) do(ctx context.Context, r *rest.Request, d lessons.Document) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return r.Param("fieldManager", managedBy).Param("fieldValidation", metav1.FieldValidationStrict).
		Body(d.YAML).MaxRetries(0).Do(ctx).Error()
}

func (s sender) path(kind lessons.Kind) string {
	return path.Join(groupPath(kind.APIVersion()), "namespaces", s.ws.Namespace, kind.Resource)
}

func groupPath(apiVersion string) string {
	if strings.Contains(apiVersion, "/") {
		return "/apis/" + apiVersion
	}
	return "/api/" + apiVersion
}

// notAllowed are the words of the API server for what the user may not do, other
// than for an object that may not be.
var notAllowed = regexp.MustCompile(`User ".*" cannot \w+ resource`)

// refused turns what the API server said against a document into refusals. It is
// not ok when the fault is not the document's.
func refused(d lessons.Document, err error) (said []lessons.Refusal, ok bool) {
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) {
		return nil, false
	}
	status := answer.Status()
	switch {
	case status.Code == http.StatusForbidden && (notAllowed.MatchString(status.Message) || apierrors.HasStatusCause(err, namespaceTerminating)):
		return nil, false
	case status.Code == http.StatusInternalServerError && strings.Contains(status.Message, "typed patch object"):
	case status.Code < 400 || status.Code >= 500, status.Code == http.StatusUnauthorized,
		status.Code == http.StatusTooManyRequests, status.Code == http.StatusRequestTimeout, status.Code == http.StatusNotFound:
		return nil, false
	}
	if status.Reason == metav1.StatusReasonInvalid && status.Details != nil {
		for _, cause := range status.Details.Causes {
			if cause.Field == "" {
				continue
			}
			said = append(said, lessons.Refusal{Document: d.Index, Path: cause.Field, Said: fmt.Sprintf("%s: %s", cause.Field, cause.Message)})
		}
	}
	if len(said) == 0 {
		said = []lessons.Refusal{{Document: d.Index, Said: status.Message}}
	}
	return said, true
}
