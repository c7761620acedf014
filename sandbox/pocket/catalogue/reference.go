package catalogue

import (
	"fmt"
	"regexp"
	"strings"
)

// Reference is an image name in full: "nginx" is docker.io/library/nginx:latest.
type Reference struct {
	Registry   string // "docker.io"
	Repository string // "library/nginx"
	Tag        string // "latest"; empty when only a digest is given
	Digest     string // "sha256:…" or empty
}

var (
	repositoryRE = regexp.MustCompile(`^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$`)
	tagRE        = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	digestRE     = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// ParseReference normalises an image name the way containerd does.
func ParseReference(name string) (Reference, error) {
	ref := Reference{Registry: "docker.io"}
	rest, digest, hasDigest := strings.Cut(name, "@")
	if hasDigest {
		if !digestRE.MatchString(digest) {
			return Reference{}, fmt.Errorf("failed to parse reference %q: invalid reference format", name)
		}
		ref.Digest = digest
	}
	if first, after, ok := strings.Cut(rest, "/"); ok && (strings.ContainsAny(first, ".:") || first == "localhost") {
		ref.Registry, rest = first, after
	}
	if i := strings.LastIndex(rest, ":"); i > strings.LastIndex(rest, "/") {
		rest, ref.Tag = rest[:i], rest[i+1:]
		if !tagRE.MatchString(ref.Tag) {
			return Reference{}, fmt.Errorf("failed to parse reference %q: invalid reference format", name)
		}
	}
	if ref.Registry == "index.docker.io" {
		ref.Registry = "docker.io"
	}
	if ref.Registry == "docker.io" && !strings.Contains(rest, "/") {
		rest = "library/" + rest
	}
	if !repositoryRE.MatchString(rest) {
		return Reference{}, fmt.Errorf("failed to parse reference %q: invalid reference format", name)
	}
	ref.Repository = rest
	if ref.Tag == "" && ref.Digest == "" {
		ref.Tag = "latest"
	}
	return ref, nil
}

// Name is the reference without tag and digest.
func (r Reference) Name() string { return r.Registry + "/" + r.Repository }

func (r Reference) String() string {
	s := r.Name()
	if r.Tag != "" {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest
	}
	return s
}
