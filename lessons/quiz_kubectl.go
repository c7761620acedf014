package lessons

import "strings"

// kubectlKinds maps each name by which kubectl takes a kind to the plural that
// stands for it here.
func kubectlKinds() map[string]string {
	names := map[string]string{}
	for _, k := range builtinKinds() {
		names[strings.ToLower(k.Kind)] = k.Resource
		names[k.Resource] = k.Resource
	}
	for short, plural := range map[string]string{
		"po": "pods", "deploy": "deployments", "svc": "services", "rs": "replicasets", "ns": "namespaces",
		"ep": "endpoints", "cm": "configmaps", "no": "nodes", "sts": "statefulsets", "ds": "daemonsets",
		"ing": "ingresses", "pvc": "persistentvolumeclaims", "pv": "persistentvolumes", "sa": "serviceaccounts",
		"cj": "cronjobs", "hpa": "horizontalpodautoscalers", "ev": "events", "limits": "limitranges",
		"quota": "resourcequotas", "netpol": "networkpolicies", "pdb": "poddisruptionbudgets", "sc": "storageclasses",
		"rc": "replicationcontrollers", "crd": "customresourcedefinitions", "crds": "customresourcedefinitions",
	} {
		names[short] = plural
	}
	return names
}

// shortFlags maps kubectl's one-letter flags to their long names.
func shortFlags(verb string) map[byte]string {
	flags := map[byte]string{
		'n': "namespace", 'A': "all-namespaces", 'l': "selector", 'o': "output", 'f': "filename", 'w': "watch",
		'k': "kustomize", 'R': "recursive", 'L': "label-columns", 'h': "help", 'v': "v", 's': "server",
		'c': "container", 'i': "stdin", 't': "tty", 'q': "quiet",
	}
	switch verb {
	case "logs":
		flags['f'], flags['p'] = "follow", "previous"
	case "patch":
		flags['p'] = "patch"
	case "run", "expose":
		flags['l'] = "labels"
	case "create":
		flags['r'] = "replicas"
	}
	return flags
}

// isSwitch reports whether a long flag of kubectl stands without a value.
func isSwitch(flag string) bool {
	switch flag {
	case "all", "all-containers", "all-namespaces", "allow-missing-template-keys", "command", "delete-emptydir-data", "disable-eviction",
		"expose", "follow", "force", "force-conflicts", "help", "ignore-daemonsets", "ignore-not-found", "list", "local", "no-headers",
		"now", "overwrite", "prefix", "previous", "privileged", "prune", "quiet", "record", "recursive", "rm",
		"server-side", "show-kind", "show-labels", "show-managed-fields", "stdin", "tty", "timestamps", "wait", "watch", "watch-only":
		return true
	}
	return false
}

// flagDefault is the value of a flag that may stand without one.
func flagDefault(flag string) string {
	switch flag {
	case "dry-run":
		return "unchanged"
	case "cascade":
		return "background"
	}
	return "true"
}

// resourceArgs returns how many words of a kubectl command stand before its
// TYPE/NAME arguments; ok is false when it has none.
func resourceArgs(words []string) (start int, ok bool) {
	if len(words) == 0 {
		return 0, false
	}
	switch words[0] {
	case "get", "describe", "delete", "edit", "scale", "expose", "label", "annotate", "patch", "wait", "autoscale", "replace", "explain", "events":
		return 1, true
	case "rollout", "set":
		return 2, len(words) > 2
	}
	return 0, false
}

// podArgs reports whether a verb's first argument is a Pod unless it names
// another kind.
func podArgs(verb string) bool {
	switch verb {
	case "logs", "exec", "attach", "port-forward", "debug":
		return true
	}
	return false
}
