package lessons

import "slices"

// builtinKinds are the kinds that a lesson may name without saying where the
// API serves them.
func builtinKinds() []Kind {
	return []Kind{
		{"", "v1", "ConfigMap", "configmaps", true},
		{"", "v1", "Endpoints", "endpoints", true},
		{"", "v1", "Event", "events", true},
		{"", "v1", "LimitRange", "limitranges", true},
		{"", "v1", "Namespace", "namespaces", false},
		{"", "v1", "Node", "nodes", false},
		{"", "v1", "PersistentVolume", "persistentvolumes", false},
		{"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true},
		{"", "v1", "Pod", "pods", true},
		{"", "v1", "ResourceQuota", "resourcequotas", true},
		{"", "v1", "Secret", "secrets", true},
		{"", "v1", "Service", "services", true},
		{"", "v1", "ServiceAccount", "serviceaccounts", true},
		{"apps", "v1", "DaemonSet", "daemonsets", true},
		{"apps", "v1", "Deployment", "deployments", true},
		{"apps", "v1", "ReplicaSet", "replicasets", true},
		{"apps", "v1", "StatefulSet", "statefulsets", true},
		{"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true},
		{"batch", "v1", "CronJob", "cronjobs", true},
		{"batch", "v1", "Job", "jobs", true},
		{"coordination.k8s.io", "v1", "Lease", "leases", true},
		{"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true},
		{"networking.k8s.io", "v1", "Ingress", "ingresses", true},
		{"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true},
		{"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true},
		{"rbac.authorization.k8s.io", "v1", "Role", "roles", true},
		{"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true},
		{"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", false},
		{"storage.k8s.io", "v1", "StorageClass", "storageclasses", false},
	}
}

// KindNamed returns the built-in kind of that name, such as "Deployment".
func KindNamed(name string) (Kind, bool) {
	for _, k := range builtinKinds() {
		if k.Kind == name {
			return k, true
		}
	}
	return Kind{}, false
}

// ClusterScopedKinds returns the kinds without a namespace of which a lesson may
// make objects, when it declares them.
func ClusterScopedKinds() []Kind {
	var kinds []Kind
	for _, name := range clusterScopedKinds() {
		k, _ := KindNamed(name)
		kinds = append(kinds, k)
	}
	return kinds
}

// KindNames lists the names KindNamed knows.
func KindNames() []string {
	var names []string
	for _, k := range builtinKinds() {
		names = append(names, k.Kind)
	}
	return names
}

// shownKinds are followed in every workspace, whether a step asks for them or
// not, so that the learner sees what they made.
func shownKinds() []Kind {
	var kinds []Kind
	for _, name := range []string{"Deployment", "ReplicaSet", "Pod", "Service", "EndpointSlice"} {
		k, _ := KindNamed(name)
		kinds = append(kinds, k)
	}
	return kinds
}

// FollowedKinds returns every kind that must be watched to judge and to show
// this lesson, each once.
func (l *Lesson) FollowedKinds() []Kind {
	kinds := shownKinds()
	for _, k := range l.Kinds() {
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	// Why these have no Pods stands in events only.
	speaks := func(k Kind) bool {
		return slices.Contains([]string{"StatefulSet", "DaemonSet", "Job", "CronJob"}, k.Kind)
	}
	if event, _ := KindNamed("Event"); slices.ContainsFunc(kinds, speaks) && !slices.Contains(kinds, event) {
		kinds = append(kinds, event)
	}
	return kinds
}
