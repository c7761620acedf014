package lessons

import (
	"regexp"
	"strings"

	"github.com/google/cel-go/cel"
)

func imageFunctions() []function {
	return []function{
		{name: "imageRepo", args: []*cel.Type{cel.StringType}, out: cel.StringType, call: func(a []any) any {
			repo, _ := splitImage(a[0].(string))
			return repo
		}},
		{name: "imageTag", args: []*cel.Type{cel.StringType}, out: cel.StringType, call: func(a []any) any {
			_, tag := splitImage(a[0].(string))
			return tag
		}},
		{name: "image", args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.BoolType, call: func(a []any) any {
			return isImage(imageOf(a[0]), a[1].(string), "")
		}},
		{name: "image", args: []*cel.Type{cel.DynType, cel.StringType, cel.StringType}, out: cel.BoolType, call: func(a []any) any {
			return isImage(imageOf(a[0]), a[1].(string), a[2].(string))
		}},
		{name: "hasImage", args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.BoolType, call: func(a []any) any {
			return len(withImage(a[0], a[1].(string), "")) > 0
		}},
		{name: "hasImage", args: []*cel.Type{cel.DynType, cel.StringType, cel.StringType}, out: cel.BoolType, call: func(a []any) any {
			return len(withImage(a[0], a[1].(string), a[2].(string))) > 0
		}},
		{name: "images", args: anything(1), out: cel.ListType(cel.StringType), call: func(a []any) any {
			names := []any{}
			for _, c := range appContainers(a[0]) {
				names = append(names, text(c, "image"))
			}
			return names
		}},
	}
}

// imageOf returns the image name of a container, or v itself when it is one.
func imageOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return text(v, "image")
}

// withImage returns the containers, but not the init containers, of a Pod or of
// what makes Pods, that are made from an image.
func withImage(v any, repo, tag string) []any {
	var found []any
	for _, c := range appContainers(v) {
		if isImage(text(c, "image"), repo, tag) {
			found = append(found, c)
		}
	}
	return found
}

// isImage reports whether an image name means the wanted repository and, unless
// it is empty, the wanted tag.
func isImage(name, repo, tag string) bool {
	have, haveTag := splitImage(name)
	want, _ := splitImage(repo)
	return name != "" && sameRepo(have, want) && (tag == "" || sameTag(haveTag, tag))
}

// splitImage takes an image name apart into repository and tag. Names of Docker
// Hub lose their "docker.io/" and "library/"; a missing tag is "latest"; a name
// pinned by digest only has the digest as its tag.
func splitImage(image string) (repo, tag string) {
	repo, tag = image, "latest"
	if at := strings.Index(repo, "@"); at >= 0 {
		repo, tag = repo[:at], repo[at+1:]
	}
	if colon := strings.LastIndex(repo, ":"); colon > strings.LastIndex(repo, "/") {
		repo, tag = repo[:colon], repo[colon+1:]
	}
	return onHub(repo), tag
}

// onHub removes what Docker Hub's names may go without.
func onHub(repo string) string {
	for _, host := range []string{"docker.io/", "index.docker.io/", "registry-1.docker.io/"} {
		repo = strings.TrimPrefix(repo, host)
	}
	return strings.TrimPrefix(repo, "library/")
}

// sameRepo reports whether two repositories, as splitImage returns them, are
// the same or have is a registry's mirror of Docker Hub's repository want:
// mirror.gcr.io/library/nginx, m.daocloud.io/docker.io/nginx.
func sameRepo(have, want string) bool {
	if have == want {
		return true
	}
	if hasHost(want) {
		return false
	}
	if !strings.Contains(want, "/") {
		want = "library/" + want
	}
	_, path, found := strings.Cut(have, "/")
	if !found || !hasHost(have) {
		return false
	}
	if hub, ok := strings.CutPrefix(path, "docker.io/"); ok {
		return hub == want || hub == strings.TrimPrefix(want, "library/")
	}
	return path == want || strings.HasSuffix(path, "/"+want)
}

// hasHost reports whether a repository begins with a registry's name, as
// Docker tells it from a user's: by a dot, a port, or being localhost.
func hasHost(repo string) bool {
	host, _, found := strings.Cut(repo, "/")
	return found && (strings.ContainsAny(host, ".:") || host == "localhost")
}

// version matches the tags that are versions: 1.27, v2, 8.0.3.
var version = regexp.MustCompile(`^v?[0-9]+([.][0-9]+)*$`)

// sameTag reports whether a tag is as exact as the wanted one, or more so: for
// 1.27 these are 1.27, 1.27.5 and 1.27-alpine, for 1.27-alpine also
// 1.27.5-alpine3.20. A wanted tag that is no version must be met to the letter.
func sameTag(have, want string) bool {
	if have == want {
		return true
	}
	wantVersion, wantFlavour, _ := strings.Cut(want, "-")
	haveVersion, haveFlavour, _ := strings.Cut(have, "-")
	if !version.MatchString(wantVersion) || !version.MatchString(haveVersion) ||
		haveVersion != wantVersion && !strings.HasPrefix(haveVersion, wantVersion+".") {
		return false
	}
	rest, ok := strings.CutPrefix(haveFlavour, wantFlavour)
	return ok && (wantFlavour == "" || rest == "" || rest[0] < 'a' || rest[0] > 'z')
}
