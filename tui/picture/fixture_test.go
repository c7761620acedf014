package picture

import (
	"fmt"

	"github.com/k8stutor/k8stutor/lessons"
)

// The builders below make objects as the API server sends them: numbers are
// float64, as JSON decodes them.

type object = map[string]any

func meta(name string, labels object, owner ...string) object {
	m := object{"name": name, "namespace": "shop", "uid": "uid-" + name, "creationTimestamp": "2026-11-23T12:00:00Z"}
	if labels != nil {
		m["labels"] = labels
	}
	if len(owner) == 2 {
		m["ownerReferences"] = []any{object{"kind": owner[0], "name": owner[1], "controller": true}}
	}
	return m
}

func containers(images ...string) []any {
	var list []any
	for i, image := range images {
		list = append(list, object{"name": fmt.Sprintf("c%d", i), "image": image})
	}
	return list
}

func deployment(name string, want, ready, updated int, image string) lessons.Object {
	return lessons.Object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(name, object{"app": name}),
		"spec":   object{"replicas": float64(want), "template": object{"metadata": object{"labels": object{"app": name}}, "spec": object{"containers": containers(image)}}},
		"status": object{"replicas": float64(max(want, ready)), "readyReplicas": float64(ready), "updatedReplicas": float64(updated)}}
}

func replicaSet(name, owner, image string, revision, want, ready int) lessons.Object {
	m := meta(name, nil, "Deployment", owner)
	m["annotations"] = object{"deployment.kubernetes.io/revision": fmt.Sprint(revision)}
	return lessons.Object{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": m,
		"spec":   object{"replicas": float64(want), "template": object{"spec": object{"containers": containers(image)}}},
		"status": object{"replicas": float64(want), "readyReplicas": float64(ready)}}
}

func pod(name, kind, owner, app, image, state string, ip int) lessons.Object {
	phase, container := "Running", object{"ready": true, "restartCount": 0.0, "state": object{"running": object{}}}
	switch state {
	case "Running":
	case "Pending":
		phase, container = "Pending", nil
	case "Completed":
		phase, container = "Succeeded", object{"state": object{"terminated": object{"exitCode": 0.0, "reason": "Completed"}}}
	default:
		container = object{"ready": false, "restartCount": 3.0, "state": object{"waiting": object{"reason": state, "message": "Back-off pulling image"}}}
		if state == "ImagePullBackOff" || state == "ContainerCreating" {
			phase, container["restartCount"] = "Pending", 0.0
		}
	}
	o := lessons.Object{"apiVersion": "v1", "kind": "Pod", "metadata": meta(name, object{"app": app}, kind, owner),
		"spec": object{"nodeName": "sandbox", "containers": containers(image)}, "status": object{"phase": phase, "podIP": fmt.Sprintf("10.244.0.%d", ip)}}
	if kind == "" {
		delete(o["metadata"].(object), "ownerReferences")
	}
	if container != nil {
		o["status"].(object)["containerStatuses"] = []any{container}
	}
	return o
}

func service(name, app string, n int) lessons.Object {
	return lessons.Object{"apiVersion": "v1", "kind": "Service", "metadata": meta(name, nil),
		"spec": object{"type": "ClusterIP", "clusterIP": fmt.Sprintf("10.96.185.%d", n), "selector": object{"app": app},
			"ports": []any{object{"port": 80.0, "targetPort": 8080.0}}}}
}

func slice(service string, pods ...string) lessons.Object {
	var endpoints []any
	for i, p := range pods {
		ready, name := true, p
		if p[0] == '!' {
			ready, name = false, p[1:]
		}
		endpoints = append(endpoints, object{"addresses": []any{fmt.Sprintf("10.244.0.%d", i+2)}, "conditions": object{"ready": ready}, "targetRef": object{"kind": "Pod", "name": name}})
	}
	return lessons.Object{"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
		"metadata": meta(service+"-wd5mv", object{"kubernetes.io/service-name": service}, "Service", service), "endpoints": endpoints}
}

func snapshot(objects ...lessons.Object) lessons.Snapshot {
	snap := lessons.Snapshot{Seq: 1, Kinds: map[lessons.Kind]lessons.Listing{}}
	for _, name := range []string{"Deployment", "ReplicaSet", "Pod", "Service", "EndpointSlice", "ConfigMap", "Secret", "Ingress", "PersistentVolumeClaim"} {
		k, _ := lessons.KindNamed(name)
		snap.Kinds[k] = lessons.Listing{Synced: true}
	}
	for _, o := range objects {
		k, known := lessons.KindNamed(lessons.TextAt(o, "kind"))
		if !known {
			k = lessons.Kind{Group: "example.com", Version: "v1", Kind: lessons.TextAt(o, "kind"), Resource: "things", Namespaced: true}
		}
		l := snap.Kinds[k]
		l.Synced, l.Objects = true, append(l.Objects, o)
		snap.Kinds[k] = l
	}
	return snap
}

func healthy() []lessons.Object {
	rs := "web-69c6f74b8b"
	return []lessons.Object{deployment("web", 3, 3, 3, "nginx:1.27"), replicaSet(rs, "web", "nginx:1.27", 1, 3, 3),
		pod(rs+"-4qs48", "ReplicaSet", rs, "web", "nginx:1.27", "Running", 2), pod(rs+"-5jbj6", "ReplicaSet", rs, "web", "nginx:1.27", "Running", 3),
		pod(rs+"-9x2lm", "ReplicaSet", rs, "web", "nginx:1.27", "Running", 4),
		service("web", "web", 67), slice("web", rs+"-4qs48", rs+"-5jbj6", rs+"-9x2lm")}
}

func rollingOut() []lessons.Object {
	old, young := "web-69c6f74b8b", "web-7d4b9c6f5"
	gone := pod(old+"-9x2lm", "ReplicaSet", old, "web", "nginx:1.27", "Running", 4)
	gone["metadata"].(object)["deletionTimestamp"] = "2026-11-23T12:00:10Z"
	return []lessons.Object{deployment("web", 3, 3, 2, "nginx:1.28"), replicaSet("web-5c5c5c5c5c", "web", "nginx:1.25", 1, 0, 0),
		replicaSet(old, "web", "nginx:1.27", 2, 2, 2), replicaSet(young, "web", "nginx:1.28", 3, 2, 1),
		pod(old+"-4qs48", "ReplicaSet", old, "web", "nginx:1.27", "Running", 2), pod(old+"-5jbj6", "ReplicaSet", old, "web", "nginx:1.27", "Running", 3), gone,
		pod(young+"-k2x8p", "ReplicaSet", young, "web", "nginx:1.28", "Running", 8), pod(young+"-p9x2l", "ReplicaSet", young, "web", "nginx:1.28", "ContainerCreating", 9),
		service("web", "web", 67), slice("web", old+"-4qs48", old+"-5jbj6", young+"-k2x8p", "!"+young+"-p9x2l")}
}

func mismatch() []lessons.Object {
	objects := healthy()
	objects[5] = service("web", "wbe", 67)
	objects[6] = slice("web")
	return objects
}

func failing(state string) []lessons.Object {
	rs := "web-69c6f74b8b"
	return []lessons.Object{deployment("web", 2, 1, 2, "nginx:1.99"), replicaSet(rs, "web", "nginx:1.99", 1, 2, 1),
		pod(rs+"-4qs48", "ReplicaSet", rs, "web", "nginx:1.99", "Running", 2), pod(rs+"-5jbj6", "ReplicaSet", rs, "web", "nginx:1.99", state, 3),
		service("web", "web", 67), slice("web", rs+"-4qs48", "!"+rs+"-5jbj6")}
}

func crowd(n int) []lessons.Object {
	rs := "web-69c6f74b8b"
	objects := []lessons.Object{deployment("web", n, n-n/10, n, "nginx:1.27"), replicaSet(rs, "web", "nginx:1.27", 1, n, n-n/10)}
	var names []string
	for i := range n {
		state, name := "Running", fmt.Sprintf("%s-%05d", rs, i)
		switch {
		case i%40 == 7:
			state = "CrashLoopBackOff"
		case i%16 == 3:
			state = "Pending"
		default:
			names = append(names, name)
		}
		objects = append(objects, pod(name, "ReplicaSet", rs, "web", "nginx:1.27", state, i%250))
	}
	return append(objects, service("web", "web", 67), slice("web", names...))
}

func manyNodes() []lessons.Object {
	objects := healthy()
	for i, name := range []string{"node-a", "node-b", "node-c"} {
		status := object{"conditions": []any{object{"type": "Ready", "status": "True"}}}
		spec := object{}
		if i == 2 {
			spec["unschedulable"] = true
		}
		objects = append(objects, lessons.Object{"kind": "Node", "metadata": object{"name": name, "uid": "uid-" + name}, "spec": spec, "status": status})
		objects[2+i]["spec"].(object)["nodeName"] = []string{"node-a", "node-b", "node-b"}[i]
	}
	return objects
}

func database() []lessons.Object {
	objects := []lessons.Object{{"kind": "StatefulSet", "metadata": meta("db", nil),
		"spec": object{"replicas": 3.0, "template": object{"spec": object{"containers": containers("postgres:18")}}}, "status": object{"readyReplicas": 2.0, "updatedReplicas": 3.0}}}
	for i := range 3 {
		state, phase := "Running", "Bound"
		if i == 2 {
			state, phase = "Pending", "Pending"
		}
		name, claim := fmt.Sprintf("db-%d", i), fmt.Sprintf("data-db-%d", i)
		p := pod(name, "StatefulSet", "db", "db", "postgres:18", state, i+2)
		p["spec"].(object)["volumes"] = []any{object{"name": "data", "persistentVolumeClaim": object{"claimName": claim}}}
		volume := ""
		if phase == "Bound" {
			volume = fmt.Sprintf("pv-%d", i)
			objects = append(objects, lessons.Object{"kind": "PersistentVolume", "metadata": object{"name": volume, "uid": volume},
				"spec": object{"capacity": object{"storage": "1Gi"}, "claimRef": object{"namespace": "shop", "name": claim}}, "status": object{"phase": "Bound"}})
		}
		objects = append(objects, p, lessons.Object{"kind": "PersistentVolumeClaim", "metadata": meta(claim, nil),
			"spec": object{"storageClassName": "standard", "volumeName": volume, "resources": object{"requests": object{"storage": "1Gi"}}}, "status": object{"phase": phase}})
	}
	s := service("db", "db", 9)
	s["spec"].(object)["clusterIP"] = "None"
	return append(objects, s, slice("db", "db-0", "db-1", "!db-2"))
}

func fanOut() []lessons.Object {
	path := func(path, service string) any {
		return object{"path": path, "pathType": "Prefix", "backend": object{"service": object{"name": service, "port": object{"number": 80.0}}}}
	}
	objects := append(healthy(), lessons.Object{"kind": "Ingress", "metadata": meta("shop", nil), "spec": object{"rules": []any{
		object{"host": "shop.example.com", "http": object{"paths": []any{path("/", "web"), path("/api", "api"), path("/pay", "pay")}}}}}})
	rs := "api-5f6d8b7c9"
	d := deployment("api", 2, 2, 2, "shop/api:v2")
	d["spec"].(object)["template"].(object)["spec"].(object)["containers"] = []any{object{"name": "api", "image": "shop/api:v2",
		"envFrom": []any{object{"configMapRef": object{"name": "settings"}}, object{"secretRef": object{"name": "database"}}}}}
	return append(objects, d, replicaSet(rs, "api", "shop/api:v2", 1, 2, 2),
		pod(rs+"-aaaaa", "ReplicaSet", rs, "api", "shop/api:v2", "Running", 20), pod(rs+"-bbbbb", "ReplicaSet", rs, "api", "shop/api:v2", "Running", 21),
		service("api", "api", 68), slice("api", rs+"-aaaaa", rs+"-bbbbb"),
		lessons.Object{"kind": "ConfigMap", "metadata": meta("settings", nil), "data": object{"a": "1", "b": "2"}},
		lessons.Object{"kind": "CronJob", "metadata": meta("report", nil), "spec": object{"schedule": "*/5 * * * *"}},
		lessons.Object{"kind": "Job", "metadata": meta("report-1", nil, "CronJob", "report"), "spec": object{"completions": 1.0}, "status": object{"succeeded": 1.0}},
		pod("report-1-x7k2p", "Job", "report-1", "report", "busybox:1.37", "Completed", 30),
		lessons.Object{"kind": "HorizontalPodAutoscaler", "metadata": meta("api", nil), "spec": object{"minReplicas": 2.0, "maxReplicas": 10.0,
			"scaleTargetRef": object{"kind": "Deployment", "name": "api"}, "metrics": []any{object{"resource": object{"name": "cpu", "target": object{"averageUtilization": 50.0}}}}}})
}

// scenes are the pictures that are kept as they should look.
func scenes() map[string][]lessons.Object {
	return map[string][]lessons.Object{
		"healthy": healthy(), "rollout": rollingOut(), "mismatch": mismatch(), "pull": failing("ImagePullBackOff"), "crash": failing("CrashLoopBackOff"),
		"crowd": crowd(200), "nodes": manyNodes(), "claims": database(), "ingress": fanOut(), "empty": nil, "away": healthy(),
	}
}
