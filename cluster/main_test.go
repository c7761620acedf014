package cluster_test

import (
	"os"
	"testing"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/clustertest"
)

var sandbox clustertest.Sandbox

// TestMain runs the tests, or, called as the companion would be
// ("… serve --dir DIR"), is the companion's stand-in.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "serve" && os.Args[2] == "--dir" {
		os.Exit(cluster.FakeDaemon(os.Args[3]))
	}
	os.Exit(sandbox.Main(m))
}
