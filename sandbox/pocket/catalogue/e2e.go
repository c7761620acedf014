package catalogue

import (
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/agnhost"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/nginx"
)

// e2eRegistry is where Kubernetes keeps the images of its own tests.
const e2eRegistry = "registry.k8s.io/e2e-test-images/"

// e2eImages lists the images of Kubernetes' own tests and documentation. Names,
// commands and users are those of test/images and test/utils/image in its source.
// What the tests bring along and this list does not have: sample-apiserver, which
// is a whole API server, and the images for volumes on NFS and iSCSI.
func e2eImages() []Product {
	agnhostPrograms := map[string]proc.Program{"agnhost": agnhost.Main, "agnhost-2": agnhost.Main}
	return []Product{
		{
			Repository: e2eRegistry + "agnhost",
			Entrypoint: []string{"/agnhost"},
			Cmd:        []string{"pause"},
			Version:    "2.66.1",
			Programs:   agnhostPrograms,
			Shell:      true,
			Size:       53_800_000,
			hasTag:     tags(`none`, "", versions{major: 2, minMinor: 1, maxMinor: 66, maxPatch: 1}, ``),
		},
		{
			// A picture and a server to show it: made upon agnhost.
			Repository: e2eRegistry + "nautilus",
			Entrypoint: []string{"/agnhost"},
			Cmd:        []string{"test-webserver"},
			Version:    "1.8",
			Programs:   agnhostPrograms,
			Shell:      true,
			Size:       53_800_000,
			hasTag:     tags(`none`, "", versions{major: 1, minMinor: 0, maxMinor: 8}, ``),
		},
		{
			Repository: e2eRegistry + "kitten",
			Entrypoint: []string{"/agnhost"},
			Cmd:        []string{"test-webserver"},
			Version:    "1.8",
			Programs:   agnhostPrograms,
			Shell:      true,
			Size:       53_800_000,
			hasTag:     tags(`none`, "", versions{major: 1, minMinor: 0, maxMinor: 8}, ``),
		},
		{
			Repository: e2eRegistry + "busybox",
			Cmd:        []string{"sh"},
			Version:    "1.37.0",
			Shell:      true,
			Size:       2_200_000,
			hasTag:     tags(`none`, "", versions{major: 1, minMinor: 29, maxMinor: 37, maxPatch: 1}, `\d`),
		},
		{
			Repository: e2eRegistry + "nginx",
			Entrypoint: []string{"/docker-entrypoint.sh"},
			Cmd:        []string{"nginx", "-g", "daemon off;"},
			Version:    "1.28.0",
			Programs:   map[string]proc.Program{"docker-entrypoint.sh": programs.Entrypoint, "nginx": nginx.Run},
			Files:      nginx.Files(),
			Shell:      true,
			Size:       21_000_000,
			hasTag:     tags(`none`, "", versions{major: 1, minMinor: 14, maxMinor: 28, maxPatch: 2}, `\d|alpine`),
		},
		{
			Repository: e2eRegistry + "httpd",
			Cmd:        []string{"httpd-foreground"},
			Version:    "2.4.39",
			Programs:   map[string]proc.Program{"httpd-foreground": programs.HTTPD, "httpd": programs.HTTPD},
			Dir:        "/usr/local/apache2",
			Files:      programs.HTTPDFiles(),
			Shell:      true,
			Size:       41_900_000,
			hasTag:     tags(`none`, "", versions{major: 2, minMinor: 4, maxMinor: 4, maxPatch: 39}, `\d|alpine`),
		},
		{
			Repository: e2eRegistry + "nonroot",
			Cmd:        []string{"/bin/bash"},
			User:       "1234",
			Version:    "1.5",
			Shell:      true,
			Size:       42_300_000,
			hasTag:     tags(`none`, "", versions{major: 1, minMinor: 0, maxMinor: 5}, ``),
		},
		{
			Repository: e2eRegistry + "ipc-utils",
			Cmd:        []string{"/bin/sh"},
			Version:    "1.4",
			Shell:      true,
			Size:       5_100_000,
			hasTag:     tags(`none`, "", versions{major: 1, minMinor: 0, maxMinor: 4}, ``),
		},
	}
}
