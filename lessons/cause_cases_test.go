package lessons

import "strings"

func missingCases() []causeCase {
	return []causeCase{
		{"nothing at all tells nothing", exists("web"), nil, "", "", "", "", "", false, ""},
		{"an object being deleted", exists("web"), map[string][]string{"Deployment": {bare("Deployment", "web", "w", `,"deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["example.com/keep"]`)}},
			causeBeingDeleted, "Deployment/web", "metadata.deletionTimestamp", "", "", false, "example.com/keep"},
		{"an object in default", exists("web"), map[string][]string{"Deployment": {bare("Deployment", "web", "default", "")}},
			causeOtherNamespace, "Deployment/web", "metadata.namespace", "w", "default", false, "kubectl delete deployment web -n default"},
		{"one in default that is being deleted is none", exists("web"), map[string][]string{"Deployment": {bare("Deployment", "web", "default", `,"deletionTimestamp":"2026-01-01T00:00:00Z"`)}},
			"", "", "", "", "", false, ""},
		{"a Secret instead of a ConfigMap", exists("config"), map[string][]string{"ConfigMap": {}, "Secret": {bare("Secret", "settings", "w", "")}},
			causeOtherKind, "Secret/settings", "kind", "ConfigMap", "Secret", false, "it is a Secret"},
		{"a Service is no wrong Deployment", exists("web"), map[string][]string{"Service": {service(`"selector":{"app":"web"}`)}},
			"", "", "", "", "", false, ""},
		{"two letters swapped", exists("web"), map[string][]string{"Deployment": {bare("Deployment", "wbe", "w", "")}},
			causeNearName, "Deployment/wbe", "metadata.name", "web", "wbe", false, "one letter away"},
		{"another number is another name", exists("web"), map[string][]string{"Deployment": {bare("Deployment", "web-1", "w", "")}},
			"", "", "", "", "", false, ""},
		{"another letter in a short name is another name", exists("web"), map[string][]string{"Deployment": {bare("Deployment", "wep", "w", "")}},
			"", "", "", "", "", false, ""},
		{"a word of its own is another name", exists("web"), map[string][]string{"Deployment": {bare("Deployment", "shop", "w", "")}},
			"", "", "", "", "", false, ""},
		{"a label one letter away", Check{About: "pods", Expr: Expr{Source: "pods.size() == 1"}},
			map[string][]string{"Pod": {strings.Replace(pod("a", onNode, readyNow), `"app":"web"`, `"app":"wbe"`, 1)}},
			causeLabel, "Pod/a", "metadata.labels", "app=web", "app=wbe", false, "`app=wbe`"},
		{"a label of another application is none", Check{About: "pods", Expr: Expr{Source: "pods.size() == 1"}},
			map[string][]string{"Pod": {strings.Replace(pod("a", onNode, readyNow), `"app":"web"`, `"app":"shop"`, 1)}},
			"", "", "", "", "", false, ""},
	}
}

func podCases() []causeCase {
	one := func(spec, status string) map[string][]string {
		return map[string][]string{"Pod": {pod("web", spec, status)}, "ConfigMap": {bare("ConfigMap", "settings", "w", "")}, "Secret": {}}
	}
	const pulled = `rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:9.9": failed to resolve reference "docker.io/library/nginx:9.9": docker.io/library/nginx:9.9: not found`
	crashed := func(code, restarts, reason string) string {
		return `"phase":"Running","containerStatuses":[{"name":"c","ready":false,"restartCount":` + restarts + `,"state":{"terminated":{"exitCode":` + code + `,"reason":"` + reason + `"}}}]`
	}
	return []causeCase{
		{"a misspelt image", podReady, one(`"nodeName":"n1","containers":[{"name":"c","image":"ngnix:1.27"}]`, waitingFor("ErrImagePull", "pull access denied, repository does not exist")),
			causeImagePull, "Pod/web", "spec.containers[0].image", "nginx:1.27", "ngnix:1.27", true, "Is `nginx:1.27` meant?"},
		{"a tag that does not exist", podReady, one(`"nodeName":"n1","containers":[{"name":"c","image":"nginx:9.9"}]`, waitingFor("ImagePullBackOff", pulled)),
			causeImagePull, "Pod/web", "spec.containers[0].image", "", "nginx:9.9", true, "no such image or tag"},
		{"an invalid name of an image", podReady, one(`"nodeName":"n1","containers":[{"name":"c","image":"NGINX:1"}]`, waitingFor("InvalidImageName", "x")),
			causeImagePull, "Pod/web", "spec.containers[0].image", "", "NGINX:1", true, "lower case"},
		{"a ConfigMap that is missing", podReady, one(onNode, waitingFor("CreateContainerConfigError", `configmap "setings" not found`)),
			causeConfig, "Pod/web", "spec.containers[0]", "ConfigMap/setings", none, true, "Is `settings` meant?"},
		{"a key that is missing", podReady, map[string][]string{"Pod": {pod("web", onNode, waitingFor("CreateContainerConfigError", "couldn't find key color in ConfigMap w/settings"))},
			"ConfigMap": {`{"kind":"ConfigMap","metadata":{"name":"settings","namespace":"w"},"data":{"colour":"red"}}`}},
			causeConfig, "Pod/web", "spec.containers[0]", "color", "colour", true, "It has `colour`"},
		{"a program that is not in the image", podReady, one(onNode, waitingFor("RunContainerError", `failed to create containerd task: exec: "nosuch": executable file not found in $PATH`)),
			causeStart, "Pod/web", "spec.containers[0].command", "", "nosuch", true, "no program `nosuch`"},
		{"a container that ends again and again, before it is called a loop", podReady, one(onNode, crashed("3", "2", "Error")),
			causeCrash, "Pod/web", "spec.containers[0]", "", "3", true, "exit code 3; restarts: 2"},
		{"a container that ended once may still mend itself", podReady, one(onNode, crashed("3", "0", "Error")),
			causeCrash, "Pod/web", "spec.containers[0]", "", "3", false, "exit code 3"},
		{"a container that ends well but should stay", podReady, one(onNode, crashed("0", "4", "Completed")),
			causeCrash, "Pod/web", "spec.containers[0]", "", "0", true, "must keep running"},
		{"a container that took too much memory", podReady, one(`"nodeName":"n1","containers":[{"name":"c","image":"nginx:1.27","resources":{"limits":{"memory":"16Mi"}}}]`, crashed("137", "1", "OOMKilled")),
			causeOutOfMemory, "Pod/web", "spec.containers[0].resources.limits.memory", "", "16Mi", false, "`16Mi`"},
		{"an init container that fails", podReady, one(`"nodeName":"n1","initContainers":[{"name":"i","image":"busybox"}],"containers":[{"name":"c","image":"nginx:1.27"}]`,
			`"phase":"Pending","initContainerStatuses":[{"name":"i","ready":false,"restartCount":2,"state":{"terminated":{"exitCode":1,"reason":"Error"}},"lastState":{"terminated":{"exitCode":1}}}],"containerStatuses":[{"name":"c","ready":false,"state":{"waiting":{"reason":"PodInitializing"}}}]`),
			causeInit, "Pod/web", "spec.initContainers[0]", "", "1", true, "init container"},
		{"an init container that is done is no cause", podReady, one(`"nodeName":"n1","initContainers":[{"name":"i"}],"containers":[{"name":"c","image":"nginx:1.27"}]`,
			`"phase":"Pending","initContainerStatuses":[{"name":"i","ready":true,"restartCount":0,"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}],"containerStatuses":[{"name":"c","ready":false,"state":{"waiting":{"reason":"PodInitializing"}}}]`),
			"", "", "", "", "", false, ""},
		{"a readiness probe that does not succeed", podReady, one(`"nodeName":"n1","containers":[{"name":"c","image":"nginx:1.27","readinessProbe":{"httpGet":{"path":"/nope","port":80}}}]`,
			`"phase":"Running","conditions":[{"type":"Ready","status":"False"}],"containerStatuses":[{"name":"c","ready":false,"restartCount":0,"started":true,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]`),
			causeReadiness, "Pod/web", "spec.containers[0].readinessProbe", "", "GET /nope :80", true, // for an hour
			"GET /nope :80"},
		{"a young container is given time", podReady, one(`"nodeName":"n1","containers":[{"name":"c","image":"nginx:1.27","readinessProbe":{"httpGet":{"path":"/nope","port":80}}}]`,
			`"phase":"Running","conditions":[{"type":"Ready","status":"False"}],"containerStatuses":[{"name":"c","ready":false,"restartCount":0,"started":true,"state":{"running":{"startedAt":"2026-01-01T00:59:58Z"}}}]`),
			"", "", "", "", "", false, ""},
		{"a volume from a Secret that is missing", podReady, one(onNode+`,"volumes":[{"name":"a","emptyDir":{}},{"name":"v","secret":{"secretName":"nope"}}]`, creating),
			causeVolume, "Pod/web", "spec.volumes[1].secret", "Secret/nope", none, true, "`nope`"},
		{"an optional volume is not waited for", podReady, one(onNode+`,"volumes":[{"name":"v","secret":{"secretName":"nope","optional":true}}]`, creating),
			"", "", "", "", "", false, ""},
		{"an evicted Pod", podReady, one(onNode, `"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory."`),
			causePodFailed, "Pod/web", "status.reason", "", "Evicted", true, "low on resource"},
		{"a Pod that is being made", podReady, one(onNode, creating), "", "", "", "", "", false, ""},
		{"a check on the spec has nothing to do with the image that cannot be pulled", Check{About: "pod", Expr: Expr{Source: "pod.metadata.labels.app == 'x'"}, Path: "metadata.labels"},
			one(onNode, waitingFor("ErrImagePull", "x")), "", "", "", "", "", false, ""},
	}
}

func scheduleCases() []causeCase {
	one := func(spec, reason, message string) map[string][]string {
		return map[string][]string{"Pod": {pod("web", spec, unscheduled(reason, message))}, "PersistentVolumeClaim": {}}
	}
	const preemption = " preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
	return []causeCase{
		{"not enough of a resource", podReady, one(`"containers":[{"name":"c","resources":{"requests":{"cpu":"500"}}}]`, "Unschedulable", "0/1 nodes are available: 1 Insufficient cpu."+preemption),
			causeResources, "Pod/web", "spec.containers[0].resources.requests.cpu", "", "cpu=500", true, "not enough `cpu`"},
		{"a node selector that fits no node", podReady, one(`"nodeSelector":{"disk":"ssd"}`, "Unschedulable", "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."+preemption),
			causeAffinity, "Pod/web", "spec.nodeSelector", "", "disk=ssd", true, "`disk=ssd`"},
		{"Pods kept apart on too few nodes", podReady, one("", "Unschedulable", "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules."),
			causeAffinity, "Pod/web", "spec.affinity.podAntiAffinity", "", "", true, "another node"},
		{"a taint, as older schedulers say it", podReady, one("", "Unschedulable", "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}."),
			causeTaint, "Pod/web", "spec.tolerations", "dedicated: gpu", "", true, "`dedicated: gpu`"},
		{"taints, as newer ones do", podReady, one("", "Unschedulable", "0/1 nodes are available: 1 node(s) had untolerated taint(s)."+preemption),
			causeTaint, "Pod/web", "spec.tolerations", "", "", true, "kubectl describe nodes"},
		{"a cordoned node", podReady, one("", "Unschedulable", "0/1 nodes are available: 1 node(s) were unschedulable."),
			causeNodeClosed, "Pod/web", "status.conditions", "", "", true, "uncordon"},
		{"a claim that does not exist", podReady, one("", "Unschedulable", `0/1 nodes are available: persistentvolumeclaim "nope" not found. not found`),
			causeClaim, "Pod/web", "spec.volumes", "PersistentVolumeClaim/nope", none, true, "`nope`"},
		{"a claim that is not bound yet may be soon", podReady, one("", "Unschedulable", "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
			causeClaim, "Pod/web", "spec.volumes", "", "", false, "not bound yet"},
		{"a scheduling gate", podReady, one("", "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates"),
			causeGate, "Pod/web", "spec.schedulingGates", "", "", true, "scheduling gate"},
		{"what nobody has foreseen", podReady, one("", "Unschedulable", "0/1 nodes are available: 1 something\\u001b[31m new."),
			causeUnschedulable, "Pod/web", "status.conditions", "", "", true, "1 something[31m new."},
		{"a Pod that has a node", podReady, map[string][]string{"Pod": {pod("web", onNode, creating)}}, "", "", "", "", "", false, ""},
	}
}

func workloadCases() []causeCase {
	set := func(uid, revision string) string {
		return `{"kind":"ReplicaSet","metadata":{"name":"web-` + uid + `","namespace":"w","uid":"` + uid + `","annotations":{"deployment.kubernetes.io/revision":"` + revision +
			`"},"ownerReferences":[{"uid":"d1","controller":true}]},"spec":{"replicas":1}}`
	}
	web := strings.Replace(deployment(webTemplate, `,"replicas":2,"updatedReplicas":1,"availableReplicas":1`), `"generation":1`, `"generation":1,"annotations":{"deployment.kubernetes.io/revision":"2"}`, 1)
	return []causeCase{
		{"a quota that is used up", allReady, refusedSet(`pods "web-1" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2`),
			causeQuota, "Deployment/web", "spec.template", "≤ pods=2", "pods=2 + pods=1", true, "the ResourceQuota `few` allows `pods=2`"},
		{"the quota of the workspace", allReady, refusedSet(`pods "web-1" is forbidden: exceeded quota: k8stutor, requested: pods=1, used: pods=50, limited: pods=50`),
			causeQuota, "Deployment/web", "spec.template", "≤ pods=50", "pods=50 + pods=1", true, "k8stutor set this limit (the ResourceQuota `k8stutor`)"},
		{"a quota that wants requests", allReady, refusedSet(`pods "web-1" is forbidden: failed quota: cpu: must specify requests.cpu for: nginx`),
			causeQuota, "Deployment/web", "spec.template.spec.containers", "requests.cpu for: nginx", none, true, "`requests.cpu for: nginx`"},
		{"a limit range", allReady, refusedSet(`pods "web-1" is forbidden: maximum cpu usage per Container is 500m, but limit is 2`),
			causeLimitRange, "Deployment/web", "spec.template.spec.containers", "", "maximum cpu usage per Container is 500m, but limit is 2", true, "LimitRange"},
		{"pod security", allReady, refusedSet(`pods "web-1" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "nginx" must set securityContext.allowPrivilegeEscalation=false)`),
			causePodSecurity, "Deployment/web", "spec.template", "restricted:latest", "", true, "allowPrivilegeEscalation"},
		{"a service account that does not exist", allReady, refusedSet(`pods "web-" is forbidden: error looking up service account w/nope: serviceaccount "nope" not found`),
			causeServiceAccount, "Deployment/web", "spec.template.spec.serviceAccountName", "ServiceAccount/nope", none, true, "`nope`"},
		{"another refusal", allReady, refusedSet("admission webhook says `no`"), causeRefused, "Deployment/web", "spec.template", "", "", true, "`admission webhook says 'no'`"},
		{"a deadline that has passed", allReady, map[string][]string{"Deployment": {deployment(webTemplate, `,"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]`)}},
			causeDeadline, "Deployment/web", "status.conditions", "", "ProgressDeadlineExceeded", true, "has not moved for 600 s"},
		{"a paused Deployment with a change to roll out", allReady, map[string][]string{"Deployment": {deployment(webTemplate+`,"paused":true`, `,"replicas":2,"updatedReplicas":0`)}},
			causePaused, "Deployment/web", "spec.paused", "false", "true", true, "rollout resume"},
		{"scaled to zero", allReady, map[string][]string{"Deployment": {deployment(strings.Replace(webTemplate, `"replicas":2`, `"replicas":0`, 1), "")}},
			causeNoReplicas, "Deployment/web", "spec.replicas", "≥ 1", "0", true, "scaled to 0"},
		{"the cause of the newest ReplicaSet's Pods", allReady, map[string][]string{"Deployment": {web}, "ReplicaSet": {set("r1", "1"), set("r2", "2")},
			"Pod": {ownedPod("old", "r1", onNode, readyNow), ownedPod("new", "r2", `"nodeName":"n1","containers":[{"name":"c","image":"redsi:7"}]`, waitingFor("ImagePullBackOff", "x"))}},
			causeImagePull, "Pod/new", "spec.containers[0].image", "redis:7", "redsi:7", true, ""},
		{"what an older ReplicaSet's Pods suffer from is over", allReady, map[string][]string{"Deployment": {web}, "ReplicaSet": {set("r1", "1"), set("r2", "2")},
			"Pod": {ownedPod("old", "r1", `"nodeName":"n1","containers":[{"name":"c","image":"redsi:7"}]`, waitingFor("ImagePullBackOff", "x")), ownedPod("new", "r2", onNode, creating)}},
			"", "", "", "", "", false, ""},
		{"a Job that has failed", jobDone, map[string][]string{"Job": {`{"kind":"Job","metadata":{"name":"work","namespace":"w","uid":"j1"},"spec":{},"status":{"failed":1,"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded","message":"Job has reached the specified backoff limit"}]}}`},
			"Pod": {ownedPod("work-1", "j1", `"nodeName":"n1","restartPolicy":"Never","containers":[{"name":"c"}]`, `"phase":"Failed","containerStatuses":[{"name":"c","ready":false,"restartCount":0,"state":{"terminated":{"exitCode":2,"reason":"Error"}}}]`)}},
			causeJobFailed, "Job/work", "status.conditions", "", "BackoffLimitExceeded", true, "exit code 2"},
		{"a Job that runs", jobDone, map[string][]string{"Job": {`{"kind":"Job","metadata":{"name":"work","namespace":"w","uid":"j1"},"spec":{},"status":{"active":1}}`},
			"Pod": {ownedPod("work-1", "j1", `"nodeName":"n1","restartPolicy":"Never","containers":[{"name":"c"}]`, `"phase":"Running","containerStatuses":[{"name":"c","ready":true,"state":{"running":{}}}]`)}},
			"", "", "", "", "", false, ""},
		{"a Job whose Pods are refused, as an event tells", jobDone, refusedJob("2026-01-01T00:00:00Z"),
			causeQuota, "Job/work", "spec.template", "≤ pods=2", "pods=2 + pods=1", true, "ResourceQuota `few`"},
		{"a Job whose Pods came since", jobDone, refusedJob("2026-01-01T00:20:00Z"), "", "", "", "", "", false, ""},
		{"a suspended CronJob", Check{About: "cron", Expr: Expr{Source: "has(cron.status.lastScheduleTime)"}}, map[string][]string{"CronJob": {`{"kind":"CronJob","metadata":{"name":"work","namespace":"w"},"spec":{"suspend":true},"status":{}}`}},
			causeSuspended, "CronJob/work", "spec.suspend", "false", "true", true, "suspended"},
	}
}

// refusedJob is a Job whose Pod was refused at ten past, and that has one that
// was made at some time.
func refusedJob(made string) map[string][]string {
	return map[string][]string{
		"Job": {`{"kind":"Job","metadata":{"name":"work","namespace":"w","uid":"j1"},"spec":{},"status":{"active":1}}`},
		"Event": {`{"kind":"Event","metadata":{"name":"work.1","namespace":"w"},"reason":"FailedCreate","involvedObject":{"kind":"Job","name":"work","uid":"j1"},"lastTimestamp":"2026-01-01T00:10:00Z",
 "message":"Error creating: pods \"work-x\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2"}`},
		"Pod": {strings.Replace(ownedPod("work-1", "j1", onNode, readyNow), `"uid"`, `"creationTimestamp":"`+made+`","uid"`, 1)},
	}
}

func serviceCases() []causeCase {
	behind := func(svc string, pods ...string) map[string][]string {
		return map[string][]string{"Service": {svc}, "Pod": pods, "EndpointSlice": {`{"kind":"EndpointSlice","metadata":{"name":"web-x","namespace":"w","labels":{"kubernetes.io/service-name":"web"}},"endpoints":[]}`}}
	}
	ready := pod("a", `"nodeName":"n1","containers":[{"name":"c","image":"nginx:1.27","ports":[{"name":"http","containerPort":80}]}]`, readyNow)
	labelled := func(labels string) string { return strings.Replace(ready, `{"app":"web"}`, labels, 1) }
	ports := func(target string) string { return `"selector":{"app":"web"},"ports":[{"port":80` + target + `}]` }
	in := func(backend string) map[string][]string {
		return map[string][]string{"Ingress": {`{"kind":"Ingress","metadata":{"name":"web","namespace":"w"},"spec":{"rules":[{"http":{"paths":[{"backend":{"service":` + backend + `}}]}}]},"status":{}}`},
			"Service": {service(`"selector":{"app":"web"},"ports":[{"name":"http","port":80}]`)}}
	}
	admitted := Check{About: "ingress", Expr: Expr{Source: "ingress.status.loadBalancer.ingress.size() > 0"}, Path: "status.loadBalancer"}
	return []causeCase{
		{"a selector one letter away", endpointsUp, behind(service(`"selector":{"app":"wbe"}`), ready),
			causeSelector, "Service/web", "spec.selector", "app=web", "app=wbe", true, "Pods of Pod `a` have `app=web`"},
		{"a selector in another case", selectRight, behind(service(`"selector":{"app":"Web"}`), ready),
			causeSelector, "Service/web", "spec.selector", "app=web", "app=Web", true, "Upper and lower case"},
		{"a selector with another key", endpointsUp, behind(service(`"selector":{"run":"web"}`), ready),
			causeSelector, "Service/web", "spec.selector", "app=web", "run=web", true, "The keys differ"},
		{"a selector with one pair too many", endpointsUp, behind(service(`"selector":{"app":"web","tier":"front"}`), ready),
			causeSelector, "Service/web", "spec.selector", "app=web", "tier=front", true, "no label `tier`"},
		{"the pair that is wrong, not the one that is right", endpointsUp, behind(service(`"selector":{"app":"web","tier":"frontend"}`), labelled(`{"app":"web","tier":"front"}`)),
			causeSelector, "Service/web", "spec.selector", "tier=front", "tier=frontend", true, "tier=front"},
		{"no selector", endpointsUp, behind(service(`"ports":[{"port":80}]`), ready),
			causeNoSelector, "Service/web", "spec.selector", "", none, true, "no selector"},
		{"nobody to be selected", endpointsUp, behind(service(`"selector":{"app":"web"}`)),
			causeNobody, "Service/web", "spec.selector", "", "app=web", false, "no Pod at all"},
		{"a selector that fits, and Pods still to come", endpointsUp, map[string][]string{"Service": {service(`"selector":{"app":"web"}`)}, "Deployment": {deployment(webTemplate, "")}, "Pod": {}, "EndpointSlice": {}},
			"", "", "", "", "", false, ""},
		{"a target port of another name", endpointsUp, behind(service(ports(`,"targetPort":"htpp"`)), ready),
			causeTargetPort, "Service/web", "spec.ports[0].targetPort", "http", "htpp", true, "they have `http`"},
		{"a target port of the right name", endpointsUp, behind(service(ports(`,"targetPort":"http"`)), ready),
			"", "", "", "", "", false, ""},
		{"a target port that nobody declares", portRight, behind(service(ports(`,"targetPort":8080`)), ready),
			causeTargetPort, "Service/web", "spec.ports[0].targetPort", "80", "8080", false, "declare `80`"},
		{"a declared target port", portRight, behind(service(ports(`,"targetPort":80`)), ready), "", "", "", "", "", false, ""},
		{"any target port where none is declared", portRight, behind(service(ports(`,"targetPort":8080`)), pod("a", onNode, readyNow)), "", "", "", "", "", false, ""},
		{"Pods that are selected but cannot start", endpointsUp, behind(service(`"selector":{"app":"web"}`), pod("a", onNode, waitingFor("CreateContainerConfigError", `secret "x" not found`))),
			causeConfig, "Pod/a", "spec.containers[0]", "Secret/x", none, true, ""},
		{"a Service that lies in default", endpointsUp, map[string][]string{"Service": {bare("Service", "web", "default", "")}, "EndpointSlice": {}},
			causeOtherNamespace, "Service/web", "metadata.namespace", "w", "default", false, ""},
		{"an Ingress to no Service", admitted, in(`{"name":"wbe","port":{"number":80}}`),
			causeIngressTarget, "Ingress/web", "spec.rules[0].http.paths[0].backend.service.name", "", "wbe", true, "Is `web` meant?"},
		{"an Ingress to no port", admitted, in(`{"name":"web","port":{"number":8080}}`),
			causeIngressPort, "Ingress/web", "spec.rules[0].http.paths[0].backend.service.port", "80, http", "8080", true, "`8080`"},
		{"an Ingress to a port by its name", admitted, in(`{"name":"web","port":{"name":"http"}}`), "", "", "", "", "", false, ""},
	}
}

// Others' trouble is none of a check's.
func strangerCases() []causeCase {
	check := Check{About: "web", Expr: Expr{Source: "rolledOut(web) && everyone.size() == 2"}}
	stranger := strings.Replace(pod("stranger", onNode, waitingFor("ErrImagePull", "x")), `"app":"web"`, `"app":"other"`, 1)
	return []causeCase{{"a Pod that has no part in it", check, map[string][]string{"Deployment": {deployment(webTemplate, `,"replicas":2,"updatedReplicas":2,"readyReplicas":2,"availableReplicas":2`)}, "Pod": {stranger}},
		"", "", "", "", "", false, ""}}
}

func storageCases() []causeCase {
	with := func(spec string, classes ...string) map[string][]string {
		return map[string][]string{"StorageClass": classes, "PersistentVolume": {}, "Pod": {},
			"PersistentVolumeClaim": {`{"kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"w"},"spec":{` + spec + `},"status":{"phase":"Pending"}}`}}
	}
	const local = `{"kind":"StorageClass","metadata":{"name":"local"},"volumeBindingMode":"WaitForFirstConsumer"}`
	used := with(`"storageClassName":"local"`, local)
	used["Pod"] = []string{pod("a", onNode+`,"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]`, creating)}
	return []causeCase{
		{"no class and no default", claimBound, with(""), causeNoClass, "PersistentVolumeClaim/data", "spec.storageClassName", "", none, true, "no default one"},
		{"a class that does not exist", claimBound, with(`"storageClassName":"fast"`, local), causeUnknownClass, "PersistentVolumeClaim/data", "spec.storageClassName", "local", "fast", true, "There is `local`"},
		{"a claim that nobody uses", claimBound, with(`"storageClassName":"local"`, local), causeUnusedClaim, "PersistentVolumeClaim/data", "spec.storageClassName", "", "WaitForFirstConsumer", true, "no Pod uses"},
		{"a claim that a Pod uses", claimBound, used, "", "", "", "", "", false, ""},
	}
}
