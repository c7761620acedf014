package catalogue

import "testing"

func TestSampleImagesRunAsThemselves(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"registry.k8s.io/nginx-slim:0.7", "registry.k8s.io/nginx-slim:0.8", "registry.k8s.io/nginx-slim:0.21", "registry.k8s.io/nginx-slim:0.24",
		"registry.k8s.io/busybox", "registry.k8s.io/busybox:1.27.2", "kicbase/echo-server:1.0", "registry.k8s.io/echoserver:1.4", "registry.k8s.io/echoserver:1.10",
		"gcr.io/google-samples/hello-app:1.0", "us-docker.pkg.dev/google-samples/containers/gke/hello-app:2.0",
		"docker.io/corelab/gb-frontend:v5", "us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5", "gcr.io/google-samples/gb-frontend:v4",
		"us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower:v2", "gcr.io/google_samples/gb-redis-follower:v2", "gcr.io/google_samples/gb-redisslave:v1",
		"docker.io/redis:6.0.5", "registry.k8s.io/hpa-example", "mysql:5.6", "mysql:9", "redis:8.0.2",
	} {
		ref, err := ParseReference(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Find(ref)
		if err != nil || p.StandsIn {
			t.Errorf("%s: %v, stands in: %v", name, err, p.StandsIn)
			continue
		}
		line := p.CommandLine(nil, nil)
		if _, ok := p.LookUp(line[0]); !ok {
			t.Errorf("%s: its own command %q is not there", name, line[0])
		}
	}
	for _, name := range []string{
		"registry.k8s.io/nginx-slim:1.0", "registry.k8s.io/nginx-slim", "gcr.io/google-samples/hello-app:3.0", "corelab/gb-frontend:v99",
		"us-docker.pkg.dev/google-samples/containers/gke/gb-redis-folower:v2", "kicbase/echoserver:1.0",
	} {
		ref, err := ParseReference(name)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := Find(ref); err == nil {
			t.Errorf("%s is found: %s", name, p.Repository)
		}
	}
}
