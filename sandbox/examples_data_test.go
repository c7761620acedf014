package sandbox

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// The examples that keep data.

func testRedisConfigMap(w workloads) {
	w.apply("redis-configmap-empty.yaml")
	w.apply("redis-configmap.yaml")
	w.must("wait", "--for=condition=Ready", "pod/redis", "--timeout=90s")
	settings := func() string {
		w.t.Helper()
		return w.must("exec", "redis", "--", "redis-cli", "--no-raw", "CONFIG", "GET", "maxmemory") +
			w.must("exec", "redis", "--", "redis-cli", "--no-raw", "CONFIG", "GET", "maxmemory-policy")
	}
	defaults := "1) \"maxmemory\"\n2) \"0\"\n1) \"maxmemory-policy\"\n2) \"noeviction\"\n"
	if out := settings(); out != defaults {
		w.t.Errorf("without settings it has %q", out)
	}
	w.apply("redis-configmap-filled.yaml")
	if out := settings(); out != defaults {
		w.t.Errorf("before a restart it has %q", out)
	}
	w.must("delete", "pod", "redis")
	w.apply("redis-configmap.yaml")
	w.must("wait", "--for=condition=Ready", "pod/redis", "--timeout=90s")
	if out := settings(); out != "1) \"maxmemory\"\n2) \"2097152\"\n1) \"maxmemory-policy\"\n2) \"allkeys-lru\"\n" {
		w.t.Errorf("with settings it has %q", out)
	}
}

func testRedisClaim(w workloads) {
	w.apply("redis-pvc.yaml")
	w.must("create", "deployment", "forgetful", "--image=redis:7.2-alpine")
	w.rolledOut("deployment/redis", "deployment/forgetful")
	w.untilCtl(patience, `^Bound$`, "get", "pvc", "redis-data", "-o", "jsonpath={.status.phase}")
	for _, name := range []string{"redis", "forgetful"} {
		if out := w.must("exec", "deploy/"+name, "--", "redis-cli", "set", "visits", "7"); out != "OK\n" {
			w.t.Errorf("%s answers %q", name, out)
		}
		w.must("delete", "pod", "-l", "app="+name)
		w.rolledOut("deployment/" + name)
	}
	for name, want := range map[string]string{"redis": `^"7"\n$`, "forgetful": `^\(nil\)\n$`} {
		w.untilCtl(patience, want, "exec", "deploy/"+name, "--", "redis-cli", "--no-raw", "get", "visits")
	}
}

func testMySQLVolume(w workloads) {
	w.apply("mysql.yaml")
	w.rolledOut("deployment/mysql")
	if out := w.must("get", "pvc", "mysql-pv-claim"); !regexp.MustCompile(`mysql-pv-claim +Bound +mysql-pv-volume +20Gi +RWO +manual `).MatchString(out) {
		w.t.Errorf("the claim is %s", out)
	}
	w.untilCtl(patience, `(?s)Initializing database files.*ready for connections.*port: 3306`, "logs", "deploy/mysql")
	w.must("exec", "deploy/mysql", "--", "mysqladmin", "ping")
	w.must("delete", "pod", "-l", "app=mysql")
	w.rolledOut("deployment/mysql")
	if out := w.untilCtl(patience, `ready for connections`, "logs", "deploy/mysql"); strings.Contains(out, "Initializing database files") {
		w.t.Errorf("with its data it begins anew: %s", out)
	}
	w.must("delete", "deployment,svc", "mysql")
	w.must("delete", "pvc", "mysql-pv-claim")
	w.untilCtl(patience, `mysql-pv-volume +20Gi +RWO +Retain +Released `, "get", "pv", "mysql-pv-volume")
	w.must("delete", "pv", "mysql-pv-volume")
}

// pages are what the Pods of the StatefulSet answer.
func (w workloads) pages(pods ...string) (said []string) {
	w.t.Helper()
	for _, pod := range pods {
		out, _ := w.ctl("", "exec", pod, "--", "curl", "-s", "http://localhost/")
		said = append(said, strings.TrimSpace(out))
	}
	return said
}

func testStatefulSetWeb(w workloads) {
	w.apply("statefulset-web.yaml")
	w.rolledOut("statefulset/web")
	pods := []string{"web-0", "web-1"}
	moment := func(pod, path string) time.Time {
		w.t.Helper()
		at, err := time.Parse(time.RFC3339, w.must("get", "pod", pod, "-o", "jsonpath="+path))
		if err != nil {
			w.t.Fatal(err)
		}
		return at
	}
	if first, second := moment("web-0", `{.status.conditions[?(@.type=="Ready")].lastTransitionTime}`), moment("web-1", "{.metadata.creationTimestamp}"); second.Before(first) {
		w.t.Errorf("web-1 was made at %s, before web-0 was ready at %s", second, first)
	}
	w.must("run", "dns-test", "--image=busybox:1.28", "--", "sleep", "100000")
	w.must("wait", "--for=condition=Ready", "pod/dns-test", "--timeout=90s")
	for _, pod := range pods {
		if out := w.must("exec", pod, "--", "sh", "-c", "hostname"); out != pod+"\n" {
			w.t.Errorf("%s has the host name %q", pod, out)
		}
		address := w.must("get", "pod", pod, "-o", "jsonpath={.status.podIP}")
		w.untilCtl(patience, regexp.QuoteMeta(address), "exec", "dns-test", "--", "nslookup", pod+".nginx")
		w.untilCtl(patience, `^Bound$`, "get", "pvc", "www-"+pod, "-o", "jsonpath={.status.phase}")
	}
	if out := w.pages(pods...); !strings.Contains(out[0], "403 Forbidden") {
		w.t.Errorf("an empty volume is served as %q", out)
	}
	for _, pod := range pods {
		w.must("exec", pod, "--", "sh", "-c", `echo "$(hostname)" > /usr/share/nginx/html/index.html`)
	}
	if said := w.pages(pods...); !slices.Equal(said, pods) {
		w.t.Errorf("they say %q", said)
	}
	before := w.must("get", "pods", "-l", "app=nginx", "-o", "jsonpath={.items[*].metadata.uid}")
	w.must("delete", "pod", "-l", "app=nginx")
	w.rolledOut("statefulset/web")
	if after := w.must("get", "pods", "-l", "app=nginx", "-o", "jsonpath={.items[*].metadata.uid}"); after == before || len(after) != len(before) {
		w.t.Errorf("after their deletion the Pods are %s, before %s", after, before)
	}
	if said := w.pages(pods...); !slices.Equal(said, pods) {
		w.t.Errorf("after their deletion they say %q", said)
	}

	w.must("scale", "sts", "web", "--replicas=5")
	w.rolledOut("statefulset/web")
	w.untilCtl(patience, `^web-0 web-1 web-2 web-3 web-4$`, "get", "pods", "-l", "app=nginx", "-o", "jsonpath={.items[*].metadata.name}")
	w.must("patch", "sts", "web", "-p", `{"spec":{"replicas":3}}`)
	w.untilCtl(patience, `^web-0 web-1 web-2$`, "get", "pods", "-l", "app=nginx", "-o", "jsonpath={.items[*].metadata.name}")
	if claims := w.must("get", "pvc", "-l", "app=nginx", "-o", "jsonpath={.items[*].metadata.name}"); claims != "www-web-0 www-web-1 www-web-2 www-web-3 www-web-4" {
		w.t.Errorf("after scaling down there are the claims %s", claims)
	}

	w.must("patch", "statefulset", "web", "--type=json", "-p", `[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"registry.k8s.io/nginx-slim:0.24"}]`)
	w.rolledOut("statefulset/web")
	for _, pod := range []string{"web-0", "web-1", "web-2"} {
		if image := w.must("get", "pod", pod, "-o", "jsonpath={.spec.containers[0].image}"); image != "registry.k8s.io/nginx-slim:0.24" {
			w.t.Errorf("%s has the image %s", pod, image)
		}
	}
	if last, first := moment("web-2", "{.metadata.creationTimestamp}"), moment("web-0", "{.metadata.creationTimestamp}"); first.Before(last) {
		w.t.Errorf("web-0 was updated at %s, before web-2 at %s", first, last)
	}
	if said := w.pages(pods...); !slices.Equal(said, pods) {
		w.t.Errorf("after the update they say %q", said)
	}

	w.must("delete", "statefulset", "web", "--cascade=orphan")
	w.must("delete", "pod", "web-0")
	if out := w.must("get", "pods", "-l", "app=nginx", "-o", "jsonpath={.items[*].metadata.name}"); out != "web-1 web-2" {
		w.t.Errorf("without the StatefulSet there are %s", out)
	}
	w.apply("statefulset-web.yaml")
	w.untilCtl(patience, `^web-0 web-1$`, "get", "pods", "-l", "app=nginx", "-o", "jsonpath={.items[*].metadata.name}")
	w.rolledOut("statefulset/web")
	if said := w.pages("web-0"); said[0] != "web-0" {
		w.t.Errorf("the StatefulSet's successor says %q", said)
	}
}
