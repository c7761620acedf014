package pocket

import (
	"fmt"
	"regexp"
	"strings"
)

// reference is an image name in full: "nginx" is docker.io/library/nginx:latest.
type reference struct {
	registry   string // "docker.io"
	repository string // "library/nginx"
	tag        string // "latest"; empty when only a digest is given
	digest     string // "sha256:…" or empty
}

var (
	repositoryRE = regexp.MustCompile(`^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$`)
	tagRE        = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	digestRE     = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// parseReference normalises an image name the way containerd does.
func parseReference(name string) (reference, error) {
	ref := reference{registry: "docker.io"}
	rest, digest, hasDigest := strings.Cut(name, "@")
	if hasDigest {
		if !digestRE.MatchString(digest) {
			return reference{}, fmt.Errorf("failed to parse reference %q: invalid reference format", name)
		}
		ref.digest = digest
	}
	if first, after, ok := strings.Cut(rest, "/"); ok && (strings.ContainsAny(first, ".:") || first == "localhost") {
		ref.registry, rest = first, after
	}
	if i := strings.LastIndex(rest, ":"); i > strings.LastIndex(rest, "/") {
		rest, ref.tag = rest[:i], rest[i+1:]
		if !tagRE.MatchString(ref.tag) {
			return reference{}, fmt.Errorf("failed to parse reference %q: invalid reference format", name)
		}
	}
	if ref.registry == "index.docker.io" {
		ref.registry = "docker.io"
	}
	if ref.registry == "docker.io" && !strings.Contains(rest, "/") {
		rest = "library/" + rest
	}
	if !repositoryRE.MatchString(rest) {
		return reference{}, fmt.Errorf("failed to parse reference %q: invalid reference format", name)
	}
	ref.repository = rest
	if ref.tag == "" && ref.digest == "" {
		ref.tag = "latest"
	}
	return ref, nil
}

// name is the reference without tag and digest.
func (r reference) name() string { return r.registry + "/" + r.repository }

func (r reference) String() string {
	s := r.name()
	if r.tag != "" {
		s += ":" + r.tag
	}
	if r.digest != "" {
		s += "@" + r.digest
	}
	return s
}
