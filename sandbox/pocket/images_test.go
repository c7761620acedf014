package pocket

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func pull(t *testing.T, images *Images, name string) (string, error) {
	t.Helper()
	return images.PullImage(t.Context(), &runtimeapi.ImageSpec{Image: name}, nil, nil)
}

func TestPlausibleImagesPull(t *testing.T) {
	t.Parallel()
	images := newImages(0)
	for _, name := range []string{
		"nginx", "nginx:latest", "nginx:1.27", "nginx:1.27.3", "nginx:1.27-alpine", "nginx:stable-alpine", "nginx:mainline", "nginx:1-alpine", "nginx:alpine",
		"docker.io/library/nginx:1.14.2", "docker.io/nginx", "index.docker.io/library/nginx:1.7.9",
		"busybox:1.28", "busybox:1.36.1-musl", "busybox:stable", "alpine:3.20", "alpine:3.20.3", "alpine:edge", "alpine:3",
		"httpd:2.4", "httpd:2.4-alpine", "httpd:2", "redis:7", "redis:6.0.5", "redis:7.2-alpine", "redis:8.0-bookworm",
		"registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.10",
		"ghcr.io/team/app:v1", "localhost:5000/app", "quay.io/prometheus/prometheus:v3.0.0", "ubuntu", "python:3.14", "me/nginx:anything",
		"me/app", "foo/bar:1", "docker.io/library/mongo:8", "node:22-slim", "r-base", "rocket.chat", "wordpress:6-apache", "localhost/web", "mcr.microsoft.com/library/app",
		"busybox@sha256:0123456789012345678901234567890123456789012345678901234567890123",
	} {
		id, err := pull(t, images, name)
		if err != nil {
			t.Errorf("%s does not pull: %v", name, err)
			continue
		}
		found, err := images.ImageStatus(t.Context(), &runtimeapi.ImageSpec{Image: id}, false)
		if err != nil || found.GetImage().GetId() != id || found.GetImage().GetSize() == 0 || !strings.HasPrefix(id, "sha256:") {
			t.Errorf("%s: its id %q leads to %v, %v", name, id, found, err)
		}
	}
}

func TestImagesThatDoNotExistFailAsARegistryWouldMakeThem(t *testing.T) {
	t.Parallel()
	const denied = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
	for name, want := range map[string]struct {
		code codes.Code
		text string
	}{
		"nginx:1.999":                {codes.NotFound, `failed to pull and unpack image "docker.io/library/nginx:1.999": failed to resolve reference "docker.io/library/nginx:1.999": docker.io/library/nginx:1.999: not found`},
		"nginx:lates":                {codes.NotFound, "docker.io/library/nginx:lates: not found"},
		"nginx:1.32":                 {codes.NotFound, "not found"},
		"nginx:2":                    {codes.NotFound, "not found"},
		"nginx:1.27.99":              {codes.NotFound, "not found"},
		"nginx:1.27-apline":          {codes.NotFound, "not found"},
		"nginx:01.27":                {codes.NotFound, "not found"},
		"nginx:1.27.1.1":             {codes.NotFound, "not found"},
		"busybox:2.0":                {codes.NotFound, "not found"},
		"busybox:1.99":               {codes.NotFound, "not found"},
		"redis:4":                    {codes.NotFound, "not found"},
		"redis:99":                   {codes.NotFound, "not found"},
		"alpine:3.99":                {codes.NotFound, "not found"},
		"httpd:2.5":                  {codes.NotFound, "not found"},
		"registry.k8s.io/pause:3.99": {codes.NotFound, "registry.k8s.io/pause:3.99: not found"},
		"registry.k8s.io/puase:3.9":  {codes.NotFound, "registry.k8s.io/puase:3.9: not found"},
		"ngnix":                      {codes.Unknown, `failed to resolve reference "docker.io/library/ngnix:latest": ` + denied},
		"nginz:1.27":                 {codes.Unknown, denied},
		"busibox":                    {codes.Unknown, denied},
		"bussybox":                   {codes.Unknown, denied},
		"reddis":                     {codes.Unknown, denied},
		"alpin":                      {codes.Unknown, denied},
		"apline":                     {codes.Unknown, denied},
		"httpdd":                     {codes.Unknown, denied},
		"webserver:404":              {codes.Unknown, `failed to pull and unpack image "docker.io/library/webserver:404": failed to resolve reference "docker.io/library/webserver:404": ` + denied},
		"foo:non-existent":           {codes.Unknown, denied},
		"my-app":                     {codes.Unknown, denied},
		"docker.io/app:v1":           {codes.Unknown, denied},
		"nodejs":                     {codes.Unknown, denied},
		"mongodb":                    {codes.Unknown, denied},
		"nginx:-bad":                 {codes.InvalidArgument, "invalid reference format"},
		"UPPER":                      {codes.InvalidArgument, "invalid reference format"},
	} {
		_, err := pull(t, newImages(0), name)
		if status.Code(err) != want.code || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%s: got %v, want %s: …%s", name, err, want.code, want.text)
		}
	}
}

func TestDigestsAreTheSameEverywhereAndDifferByTag(t *testing.T) {
	t.Parallel()
	ids := map[string]string{}
	for _, name := range []string{"nginx:1.27", "nginx:1.26", "httpd:2.4"} {
		first, err := pull(t, newImages(0), name)
		if err != nil {
			t.Fatal(err)
		}
		second, err := pull(t, newImages(0), name)
		if err != nil || first != second {
			t.Errorf("%s has the ids %s and %s, %v", name, first, second, err)
		}
		if other, taken := ids[first]; taken {
			t.Errorf("%s and %s have the same id", name, other)
		}
		ids[first] = name
	}
}

func TestOnlyTheFirstPullTakesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		images := newImages(1)
		start := time.Now()
		if _, err := pull(t, images, "nginx:1.27"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 150*time.Millisecond || took > 600*time.Millisecond {
			t.Errorf("the first pull took %s", took)
		}
		start = time.Now()
		if _, err := pull(t, images, "docker.io/library/nginx:1.27"); err != nil || time.Since(start) != 0 {
			t.Errorf("the second pull took %s, %v", time.Since(start), err)
		}
	})
}

func TestARemovedImageIsGone(t *testing.T) {
	t.Parallel()
	images := newImages(0)
	id, err := pull(t, images, "nginx:1.27")
	if err != nil {
		t.Fatal(err)
	}
	if err := images.RemoveImage(t.Context(), &runtimeapi.ImageSpec{Image: id}); err != nil {
		t.Fatal(err)
	}
	if list, err := images.ListImages(t.Context(), nil); err != nil || len(list) != 0 {
		t.Errorf("after its removal: %v, %v", list, err)
	}
}
