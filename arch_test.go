package main

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/k8stutor/k8stutor"

// TestImportDirections keeps the arrows of docs/ARCHITECTURE.md true, over
// everything that a package links and not only what it names.
func TestImportDirections(t *testing.T) {
	t.Parallel()
	const (
		clientGo   = "k8s.io/client-go"
		kubernetes = "k8s.io/kubernetes"
		bubbleTea  = "charm.land/bubbletea"
	)
	// Pure functions on words, which import nothing of this module but each other.
	leaf := map[string]bool{module + "/lessons/commandline": true, module + "/lessons/spelling": true}
	for _, rule := range []struct {
		packages string
		never    []string
		why      string
	}{
		{module, []string{kubernetes, "k8s.io/kubectl", "go.etcd.io/etcd/server", module + "/sandbox", clientGo + "/discovery", clientGo + "/kubernetes", clientGo + "/dynamic/dynamicinformer"},
			"the tutor stays small and starts fast; a Kubernetes is the companion's business"},
		{module + "/lessons", []string{clientGo, bubbleTea, module + "/"}, "the core knows neither cluster nor screen"},
		{module + "/lessons/review", []string{clientGo, bubbleTea, module + "/cluster", module + "/tui", module + "/cli"}, "when a question is asked again follows from answers alone"},
		{module + "/lessons/commandline", []string{clientGo, bubbleTea, module + "/"}, "reading a command line is a pure function"},
		{module + "/lessons/spelling", []string{clientGo, bubbleTea, module + "/"}, "finding the word that was meant is a pure function"},
		{module + "/lessons/notes", []string{clientGo, bubbleTea, module + "/"}, "reading notes is a pure function"},
		{module + "/lessons/coursetest", []string{clientGo, bubbleTea, module + "/cluster", module + "/tui"}, "proving a course is part of the core"},
		{module + "/lessons/coursecheck", []string{clientGo, bubbleTea, "k8s.io/kubectl", module + "/cluster", module + "/tui"}, "what kubectl and the API know is asked of the companion"},
		{module + "/lessons/coursecheck/lint", []string{module + "/", "k8s.io/"}, "both programs link what they say to each other"},
		{module + "/cmd/k8stutor-sandbox/linter", []string{module + "/sandbox"}, "looking at a course starts no Kubernetes"},
		{module + "/tui", []string{clientGo, module + "/cluster", module + "/cli", module + "/content"}, "a cluster reaches the screens through an interface"},
		{module + "/tui/plain", []string{clientGo, module + "/cluster", module + "/cli", module + "/content"}, "a cluster reaches the conversation through an interface"},
		{module + "/tui/search", []string{bubbleTea, "charm.land/lipgloss", module + "/lessons"}, "finding is a pure function"},
		{module + "/tui/markdown", []string{bubbleTea, "charm.land/lipgloss", module + "/lessons"}, "laying out a page is a pure function"},
		{module + "/tui/picture", []string{bubbleTea, "charm.land/lipgloss", clientGo, module + "/cluster"}, "drawing a workspace is a pure function"},
		{module + "/tui/paint", []string{bubbleTea, "charm.land/lipgloss", module + "/lessons"}, "putting frames on a terminal knows nothing of what they show"},
		{module + "/tui/reading", []string{bubbleTea, "charm.land/lipgloss", clientGo, module + "/lessons"}, "what is in a page follows from its layout alone"},
		{module + "/tui/inspect", []string{bubbleTea, "charm.land/lipgloss", clientGo, module + "/cluster"}, "describing an object is a pure function"},
		{module + "/tui/terminal/vt", []string{bubbleTea, "charm.land/lipgloss", module + "/lessons"}, "an emulator knows nothing of the program"},
		{module + "/tui/terminal/copymode", []string{bubbleTea, module + "/"}, "reading back is a pure function of lines"},
		{module + "/tui/terminal/ptyexec", []string{bubbleTea, module + "/"}, "a process knows no emulator"},
		{module + "/cluster", []string{bubbleTea, kubernetes, module + "/tui", module + "/cli"}, "a cluster is not a screen"},
		{module + "/cluster/minikube", []string{clientGo, bubbleTea, "k8s.io/minikube", module + "/cluster", module + "/tui", module + "/cli"}, "minikube is a program that is run, and knows no cluster of ours"},
		{module + "/internal/onpath", []string{module + "/", clientGo}, "a path knows no cluster"},
		{module + "/content", []string{clientGo, bubbleTea, module + "/", "k8s.io/"}, "content is data"},
		{module + "/sandbox/vnet", []string{"k8s.io/", module + "/sandbox/pocket"}, "a network knows no Kubernetes"},
		{module + "/sandbox/pocket/shell", []string{kubernetes, clientGo}, "a shell knows no Kubernetes"},
		{module + "/sandbox/pocket", []string{kubernetes, clientGo, module + "/sandbox/kubeproxy"}, "a container runtime speaks CRI and no more"},
		{module + "/sandbox/kubeproxy", []string{kubernetes}, "only package sandbox waits for Kubernetes to compile"},
		{module + "/sandbox/ingress", []string{kubernetes}, "only package sandbox waits for Kubernetes to compile"},
		{module + "/sandbox/dns", []string{kubernetes}, "only package sandbox waits for Kubernetes to compile"},
		{module + "/sandbox", []string{bubbleTea, module + "/lessons", module + "/cluster", module + "/tui", module + "/cli"}, "the sandbox is a Kubernetes, not a tutor"},
	} {
		deps := deps(t, rule.packages)
		for _, never := range rule.never {
			for _, dep := range deps {
				if dep != rule.packages && strings.HasPrefix(dep, never) && !leaf[dep] {
					t.Errorf("%s must not import %s (it does, perhaps through another): %s", rule.packages, dep, rule.why)
				}
			}
		}
	}
}

func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			t.Fatalf("go list %s: %s", pkg, exit.Stderr)
		}
		t.Fatalf("go list %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}
