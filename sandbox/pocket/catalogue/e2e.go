package catalogue

import (
	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/agnhost"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/dig"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/nginx"
)

// e2eRegistry is where Kubernetes keeps the images of its own tests.
const e2eRegistry = "registry.k8s.io/e2e-test-images/"

// e2eImages lists the images of Kubernetes' own tests and documentation. Names,
// commands and users are those of test/images and test/utils/image in its source.
// What the tests bring along and this list does not have: sample-apiserver, which
// is a whole API server, and the images for volumes on NFS and iSCSI.
func e2eImages() []Product {
	agnhostPrograms := map[string]proc.Program{"agnhost": agnhost.Main, "agnhost-2": agnhost.Main, "dig": dig.Main, "curl": programs.Curl}
	picture := func(name string) map[string]files.Entry {
		entries := agnhost.Image()
		entries["/data.json"] = files.Entry{Content: "{\n  \"image\": \"" + name + ".jpg\"\n}\n"}
		entries["/"+name+".jpg"] = files.Entry{Content: agnhost.Picture()}
		return entries
	}
	dnsTools := func(name, version string, tag func(string) bool) Product {
		return Product{
			Repository: e2eRegistry + name, Cmd: []string{"bash"}, Version: version,
			Programs: map[string]proc.Program{"dig": dig.Main}, Shell: true, Size: 112_000_000, hasTag: tag,
		}
	}
	return []Product{
		{
			Repository: e2eRegistry + "agnhost",
			Entrypoint: []string{"/agnhost"},
			Cmd:        []string{"pause"},
			Version:    "2.66.1",
			Programs:   agnhostPrograms,
			Entries:    agnhost.Image(),
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
			Files:      alpineFiles,
			Entries:    picture("nautilus"),
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
			Files:      alpineFiles,
			Entries:    picture("kitten"),
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
		{
			Repository: e2eRegistry + "nonewprivs",
			Cmd:        []string{"nnp"},
			Version:    "1.4",
			Programs:   map[string]proc.Program{"nnp": programs.NoNewPrivs},
			Shell:      true,
			Size:       4_700_000,
			hasTag:     tags(`none`, "", versions{major: 1, minMinor: 0, maxMinor: 4}, ``),
		},
		{
			Repository: e2eRegistry + "resource-consumer",
			Entrypoint: []string{"/consumer"},
			Version:    "1.14",
			Programs:   map[string]proc.Program{"consumer": programs.ResourceConsumer},
			Shell:      true,
			Size:       52_000_000,
			hasTag:     tags(`none`, "", versions{major: 1, minMinor: 5, maxMinor: 14}, ``),
		},
		{
			Repository: e2eRegistry + "perl",
			Cmd:        []string{"perl", "-de0"},
			Version:    "5.40.0",
			Programs:   map[string]proc.Program{"perl": programs.Perl},
			Shell:      true,
			Size:       361_000_000,
			hasTag:     tags(`none`, "", versions{major: 5, minMinor: 26, maxMinor: 26}, ``),
		},
		{
			Repository: "docker.io/library/perl",
			Cmd:        []string{"perl", "-de0"},
			Version:    "5.42.0",
			Programs:   map[string]proc.Program{"perl": programs.Perl},
			Shell:      true,
			Size:       361_000_000,
			hasTag: tags(`latest|stable|slim|threaded|bookworm|trixie`, "5", versions{
				major: 5, minMinor: 8, maxMinor: 43, maxPatch: 13,
			}, `slim|threaded|slim-threaded|bookworm|slim-bookworm|trixie|slim-trixie|bullseye|slim-bullseye|buster|slim-buster|stretch|slim-stretch`),
		},
		dnsTools("glibc-dns-testing", "2.1.1", tags(`none`, "", versions{major: 2, minMinor: 0, maxMinor: 1, maxPatch: 1}, ``)),
		dnsTools("jessie-dnsutils", "1.7", tags(`none`, "", versions{major: 1, minMinor: 0, maxMinor: 7}, ``)),
	}
}
