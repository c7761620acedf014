package catalogue_test

import (
	"errors"
	"testing"

	"github.com/k8stutor/k8stutor/sandbox/pocket/catalogue"
)

func TestImagesOfKubernetesOwnTests(t *testing.T) {
	t.Parallel()
	// As test/utils/image/manifest.go of Kubernetes 1.37 and of older ones names
	// them.
	for image, command := range map[string]string{
		"registry.k8s.io/e2e-test-images/agnhost:2.66.1":          "/agnhost",
		"registry.k8s.io/e2e-test-images/agnhost:2.55":            "/agnhost-2",
		"registry.k8s.io/e2e-test-images/agnhost:2.40":            "dig",
		"registry.k8s.io/e2e-test-images/busybox:1.37.0-2":        "/bin/sh",
		"registry.k8s.io/e2e-test-images/busybox:1.29-4":          "sh",
		"registry.k8s.io/e2e-test-images/nginx:1.27.0-2":          "nginx",
		"registry.k8s.io/e2e-test-images/nginx:1.28.0-2":          "/docker-entrypoint.sh",
		"registry.k8s.io/e2e-test-images/nginx:1.14-4":            "nginx",
		"registry.k8s.io/e2e-test-images/httpd:2.4.38-4":          "httpd-foreground",
		"registry.k8s.io/e2e-test-images/kitten:1.8":              "/agnhost",
		"registry.k8s.io/e2e-test-images/nautilus:1.8":            "/agnhost",
		"registry.k8s.io/e2e-test-images/nonroot:1.5":             "sh",
		"registry.k8s.io/e2e-test-images/nonewprivs:1.4":          "nnp",
		"registry.k8s.io/e2e-test-images/ipc-utils:1.4":           "sh",
		"registry.k8s.io/e2e-test-images/perl:5.26":               "perl",
		"registry.k8s.io/e2e-test-images/glibc-dns-testing:2.1.1": "dig",
		"registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7":     "dig",
		"registry.k8s.io/e2e-test-images/resource-consumer:1.14":  "/consumer",
		"registry.k8s.io/pause:3.10.2":                            "/pause",
		"perl:5.34.0":                                             "perl",
	} {
		ref, err := catalogue.ParseReference(image)
		if err != nil {
			t.Fatal(err)
		}
		product, err := catalogue.Find(ref)
		if err != nil || product.StandsIn {
			t.Errorf("%s: %v, stands in: %v", image, err, product.StandsIn)
			continue
		}
		if _, ok := product.LookUp(command); !ok {
			t.Errorf("%s has no %s", image, command)
		}
	}
	for image, want := range map[string]error{
		"registry.k8s.io/e2e-test-images/agnhost:3.1":    catalogue.ErrNoTag,
		"registry.k8s.io/e2e-test-images/agnhost:latest": catalogue.ErrNoTag,
		"registry.k8s.io/e2e-test-images/agnhots:2.40":   catalogue.ErrNoRepository,
	} {
		ref, err := catalogue.ParseReference(image)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := catalogue.Find(ref); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", image, err, want)
		}
	}
}
