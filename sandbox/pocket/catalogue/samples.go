package catalogue

import (
	"slices"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/nginx"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/redis"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/samples"
)

// sampleImages are the images of the tutorials on kubernetes.io, of minikube and
// of Google that are not Docker's official ones.
func sampleImages() []Product {
	list := []Product{
		{
			Repository: "registry.k8s.io/nginx-slim", Cmd: []string{"nginx", "-g", "daemon off;"}, StopSignal: proc.SIGQUIT,
			Programs: map[string]proc.Program{"nginx": nginx.Run, "curl": programs.Curl}, Files: nginx.Files(), Shell: true,
			Version: "1.27.1", Size: 41_000_000, Memory: 4 << 20, ownTags: true,
			hasTag: tags(`none`, "", versions{major: 0, minMinor: 1, maxMinor: 27}, ``),
		},
		{
			Repository: "registry.k8s.io/busybox", Cmd: []string{"sh"}, Shell: true, Version: "1.27.2", Size: 700_000,
			hasTag: tags(`latest`, "", versions{major: 1, minMinor: 24, maxMinor: 27, maxPatch: 2}, ``),
		},
		{
			Repository: "docker.io/kicbase/echo-server", Cmd: []string{"/bin/echo-server"}, Programs: map[string]proc.Program{"echo-server": samples.EchoServer},
			Version: "1.0", Size: 4_900_000, hasTag: tags(`latest`, "", versions{major: 1}, ``),
		},
		{
			Repository: "registry.k8s.io/echoserver", Cmd: []string{"/usr/local/bin/run.sh"}, Programs: map[string]proc.Program{"run.sh": samples.EchoHeaders}, Shell: true,
			Version: "1.10", Size: 42_000_000, Memory: 4 << 20, hasTag: tags(`latest`, "", versions{major: 1, minMinor: 1, maxMinor: 10}, ``),
		},
	}
	// Google moved its samples from one registry to the next.
	for _, registry := range []string{"gcr.io/google-samples/", "gcr.io/google_samples/", "us-docker.pkg.dev/google-samples/containers/gke/"} {
		list = append(list,
			Product{
				Repository: registry + "hello-app", Cmd: []string{"/hello-app"}, Programs: map[string]proc.Program{"hello-app": samples.HelloApp},
				Version: "1.0.0", Size: 11_500_000, hasTag: oneOf("latest", "1.0", "2.0"),
			},
			guestbookFrontend(registry+"gb-frontend"),
			redisFollower(registry+"gb-redis-follower", "redis-leader", oneOf("latest", "v1", "v2")),
			redisFollower(registry+"gb-redisslave", "redis-master", oneOf("latest", "v1", "v2", "v3")),
		)
	}
	return append(list, guestbookFrontend("docker.io/corelab/gb-frontend"))
}

func guestbookFrontend(repository string) Product {
	return Product{
		Repository: repository, Entrypoint: []string{"docker-php-entrypoint"}, Cmd: []string{"apache2-foreground"},
		Programs: map[string]proc.Program{
			"docker-php-entrypoint": programs.Entrypoint, "apache2-foreground": samples.GuestbookFrontend, "apache2": samples.GuestbookFrontend, "curl": programs.Curl,
		},
		StopSignal: proc.SIGWINCH, Files: samples.GuestbookFiles(), Dir: "/var/www/html", Shell: true,
		Version: "7.4.7", Size: 165_000_000, Memory: 9 << 20, ownTags: true, hasTag: oneOf("latest", "v1", "v2", "v3", "v4", "v5", "v6"),
	}
}

func redisFollower(repository, leader string, tag func(string) bool) Product {
	return Product{
		Repository: repository, Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"/bin/sh", "-c", "/run.sh"},
		Programs: map[string]proc.Program{"docker-entrypoint.sh": programs.Entrypoint, "redis-server": redis.Server, "redis-cli": redis.CLI},
		Files:    map[string]string{"/run.sh": samples.FollowerScript(leader)}, Dir: "/data", Shell: true,
		Version: "6.0.5", Size: 38_000_000, Memory: 5 << 20, ownTags: true, hasTag: tag,
	}
}

// oneOf accepts some tags and no other.
func oneOf(tags ...string) func(string) bool {
	return func(tag string) bool { return slices.Contains(tags, tag) }
}
