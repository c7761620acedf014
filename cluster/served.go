package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/k8stutor/k8stutor/lessons"
)

// wellFormedVersion is what an apiVersion can be; anything else would be another
// address at the API server.
var wellFormedVersion = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?v[a-z0-9]+$`)

// kindOf finds where the API server serves the kind of a document, or says why
// there is no such kind.
func (s sender) kindOf(ctx context.Context, d lessons.Document) (lessons.Kind, *lessons.Refusal, error) {
	known, builtin := lessons.KindNamed(d.Kind)
	if builtin && known.APIVersion() == d.APIVersion {
		return known, nil, nil
	}
	kinds := s.served[d.APIVersion]
	if kinds == nil && wellFormedVersion.MatchString(d.APIVersion) {
		var err error
		if kinds, err = s.kinds(ctx, d.APIVersion); err != nil && !apierrors.IsNotFound(err) {
			return lessons.Kind{}, nil, err
		}
		s.served[d.APIVersion] = kinds
	}
	if k, ok := kinds[d.Kind]; ok {
		return k, nil, nil
	}
	r := &lessons.Refusal{Path: "kind", Said: fmt.Sprintf("no matches for kind %q in version %q", d.Kind, d.APIVersion)}
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	near := lessons.Nearest(d.Kind, names)
	if len(near) == 0 && !builtin {
		near = lessons.Nearest(d.Kind, lessons.KindNames())
	}
	switch {
	case builtin:
		r.Path = "apiVersion"
		r.Advice = say("The apiVersion of a %[1]s is `%[2]s`.", "%[1]s 的 apiVersion 是 `%[2]s`。", d.Kind, known.APIVersion())
	case len(near) > 0:
		r.Advice = say("There is no such kind here; did you mean `%[1]s`?", "这里没有这种对象。是不是想写 `%[1]s`？", near[0])
	case len(kinds) == 0:
		r.Path = "apiVersion"
		r.Advice = say("This cluster does not serve `%[1]s`. `kubectl api-resources` lists what it serves.",
			"这个集群不提供 `%[1]s`。用 `kubectl api-resources` 可以列出它提供的类型。", d.APIVersion)
	default:
		r.Advice = say("`kubectl api-resources` lists the kinds that there are.", "用 `kubectl api-resources` 可以列出所有类型。")
	}
	return lessons.Kind{}, r, nil
}

// kinds asks the API server for the kinds of one group and version.
func (c *conn) kinds(ctx context.Context, apiVersion string) (map[string]lessons.Kind, error) {
	data, err := c.raw(ctx, groupPath(apiVersion), callTimeout)
	if err != nil {
		return nil, err
	}
	var list metav1.APIResourceList
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read the kinds of %s: %w", apiVersion, err)
	}
	group, version := "", apiVersion
	if m := wellFormedVersion.FindStringSubmatch(apiVersion); m != nil && m[1] != "" {
		group, version = m[1][:len(m[1])-1], apiVersion[len(m[1]):]
	}
	kinds := map[string]lessons.Kind{}
	for _, r := range list.APIResources {
		if slices.Contains(r.Verbs, "create") && slices.Contains(r.Verbs, "patch") && !strings.Contains(r.Name, "/") {
			kinds[r.Kind] = lessons.Kind{Group: group, Version: version, Kind: r.Kind, Resource: r.Name, Namespaced: r.Namespaced}
		}
	}
	return kinds, nil
}
