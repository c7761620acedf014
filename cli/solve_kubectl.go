package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/shell"
)

// solvingVerbs are the kubectl commands that a solution may run: they read and
// change objects of the workspace. Not among them are those that run programs of
// this machine (edit, plugins), open ports on it (proxy, port-forward), read or
// write its files (cp, config, kustomize) or act on nodes (drain, cordon).
func solvingVerbs() []string {
	return []string{"annotate", "apply", "autoscale", "create", "delete", "describe", "exec", "explain", "expose", "get", "label",
		"logs", "patch", "replace", "rollout", "run", "scale", "set", "top", "wait"}
}

// plainKubectl returns the words after "kubectl" of a line that is one command
// which stays in the workspace. In somebody else's course it must not change
// what lives outside of namespaces either.
func plainKubectl(line string, foreign bool) ([]string, error) {
	if strings.ContainsAny(line, "|;<>$`&\n") {
		return nil, errors.New("it is more than one plain command")
	}
	words, err := shell.Fields(line, func(string) string { return "" })
	if err != nil {
		return nil, err
	}
	if len(words) < 2 || words[0] != "kubectl" {
		return nil, errors.New("it is not a kubectl command")
	}
	words = words[1:]
	if !slices.Contains(solvingVerbs(), words[0]) {
		return nil, fmt.Errorf("kubectl %s is not run on behalf of a course", words[0])
	}
	for i, w := range words {
		if w == "--" {
			break // what follows is for a container
		}
		why := leavesWorkspace(w)
		if why == "" && foreign && i > 0 && !readsOnly(words[0]) && namesClusterScoped(w) {
			why = "it changes what is outside of the workspace"
		}
		if why != "" {
			return nil, fmt.Errorf("%s: %s", w, why)
		}
	}
	return words, nil
}

// leavesWorkspace says how a word of a command line leads out of the workspace,
// "" when it does not.
func leavesWorkspace(word string) string {
	name, _, _ := strings.Cut(word, "=")
	switch {
	case strings.Contains(word, "-file="): // -o custom-columns-file=F
		return "it reads files of this machine"
	case !strings.HasPrefix(name, "-"):
		return ""
	case !strings.HasPrefix(name, "--"):
		// Letters can be run together: -An default.
		for _, letter := range strings.TrimPrefix(name, "-") {
			switch letter {
			case 'n', 'A':
				return "it leads to other namespaces"
			case 's':
				return "it leads to another API server"
			case 'f', 'k':
				return "it reads files of this machine, or of a server"
			case 'o', 'l', 'c', 'L', 'p':
				return "" // the rest of the word is its value
			}
		}
		return ""
	}
	switch flag := strings.TrimPrefix(name, "--"); flag {
	case "namespace", "all-namespaces":
		return "it leads to other namespaces"
	case "server", "kubeconfig", "context", "cluster", "user", "token", "username", "password", "as", "as-group", "as-uid", "as-user-extra",
		"tls-server-name", "insecure-skip-tls-verify", "certificate-authority", "client-certificate", "client-key":
		return "it leads to another API server, or to another user"
	case "filename", "kustomize", "from-file", "from-env-file", "patch-file", "key", "cert", "kuberc", "overrides-file", "template":
		return "it reads files of this machine, or of a server"
	case "profile", "profile-output", "cache-dir", "log-file", "log-dir", "output-directory":
		return "it writes files of this machine"
	case "raw", "editor", "edit":
		return "it is not run on behalf of a course"
	}
	return ""
}

func readsOnly(verb string) bool {
	return slices.Contains([]string{"describe", "explain", "get", "logs", "top"}, verb)
}

// namesClusterScoped reports whether a word of a command line is, or begins with,
// the name of a resource outside of namespaces: "node", "nodes/minikube",
// "pods,pv".
func namesClusterScoped(word string) bool {
	for part := range strings.SplitSeq(strings.ToLower(word), ",") {
		part, _, _ = strings.Cut(part, "/")
		part, _, _ = strings.Cut(part, ".") // clusterroles.rbac.authorization.k8s.io
		if slices.Contains(clusterScopedResources(), part) {
			return true
		}
	}
	return false
}

func clusterScopedResources() []string {
	return []string{
		"no", "node", "nodes", "ns", "namespace", "namespaces", "pv", "persistentvolume", "persistentvolumes",
		"clusterrole", "clusterroles", "clusterrolebinding", "clusterrolebindings", "token",
		"sc", "storageclass", "storageclasses", "pc", "priorityclass", "priorityclasses", "ingressclass", "ingressclasses",
		"runtimeclass", "runtimeclasses", "crd", "crds", "customresourcedefinition", "customresourcedefinitions",
		"mutatingwebhookconfiguration", "mutatingwebhookconfigurations", "validatingwebhookconfiguration", "validatingwebhookconfigurations",
		"validatingadmissionpolicy", "validatingadmissionpolicies", "validatingadmissionpolicybinding", "validatingadmissionpolicybindings",
		"mutatingadmissionpolicy", "mutatingadmissionpolicies", "mutatingadmissionpolicybinding", "mutatingadmissionpolicybindings",
		"apiservice", "apiservices", "csr", "certificatesigningrequest", "certificatesigningrequests", "csidriver", "csidrivers",
		"csinode", "csinodes", "volumeattachment", "volumeattachments", "flowschema", "flowschemas",
		"prioritylevelconfiguration", "prioritylevelconfigurations", "deviceclass", "deviceclasses", "resourceslice", "resourceslices",
	}
}
