package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReleaseNamesTheKubernetesThatIsBuilt keeps the version that releases
// report in step with the module that they are built from.
func TestReleaseNamesTheKubernetesThatIsBuilt(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`k8s\.io/kubernetes (v\S+)`).FindSubmatch(mod)
	if want == nil {
		t.Fatal("go.mod does not name k8s.io/kubernetes")
	}
	release, err := os.ReadFile(".goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`gitVersion=(\S+)`).FindAllStringSubmatch(string(release), -1)
	if len(found) != 2 {
		t.Fatalf(".goreleaser.yaml sets gitVersion %d times, want 2", len(found))
	}
	minor := strings.Split(string(want[1]), ".")[1]
	for _, f := range found {
		if f[1] != string(want[1]) {
			t.Errorf(".goreleaser.yaml says %s, go.mod %s", f[1], want[1])
		}
	}
	if got := strings.Count(string(release), "gitMinor="+minor); got != 2 {
		t.Errorf(".goreleaser.yaml sets gitMinor=%s %d times, want 2", minor, got)
	}
}
