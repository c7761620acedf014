package sandbox

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestExamples applies what tutorials have their readers apply, and sees what
// the tutorials promise. Everything is done with kubectl, as a reader does it.
func TestExamples(t *testing.T) {
	d := startDaemon(t, t.TempDir())
	d.lease("")
	runWorkloads(t, d, map[string]func(workloads){
		"guestbook":                       testGuestbook,
		"nginx with a ConfigMap":          testNginxConfigMap,
		"redis with a ConfigMap":          testRedisConfigMap,
		"redis with a claim":              testRedisClaim,
		"StatefulSet web":                 testStatefulSetWeb,
		"mysql with a volume":             testMySQLVolume,
		"CronJob hello":                   testCronJobHello,
		"HorizontalPodAutoscaler":         testAutoscalerWalkThrough,
		"Ingress fan-out":                 testIngressFanOut,
		"hello-node with a load balancer": testHelloNode,
		"hello-minikube with a node port": testHelloMinikube,
		"init containers":                 testInitContainers,
		"liveness by a command":           testExecLiveness,
		"liveness by HTTP":                testHTTPLiveness,
	})
}

// must runs kubectl and returns what it prints.
func (w workloads) must(args ...string) string {
	w.t.Helper()
	out, code := w.ctl("", args...)
	if code != 0 {
		w.t.Fatalf("kubectl %s ended with %d: %s", strings.Join(args, " "), code, out)
	}
	return out
}

func (w workloads) apply(example string) {
	w.t.Helper()
	w.must("apply", "-f", filepath.Join("testdata", "examples", example))
}

// untilCtl waits until kubectl prints what fits a pattern, and returns it.
func (w workloads) untilCtl(limit time.Duration, pattern string, args ...string) string {
	w.t.Helper()
	re := regexp.MustCompile(pattern)
	var out string
	w.until(limit, "kubectl "+strings.Join(args, " ")+" prints "+pattern, func() (bool, string) {
		out, _ = w.ctl("", args...)
		return re.MatchString(out), out
	})
	return out
}

func (w workloads) rolledOut(names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.must("rollout", "status", name, "--timeout=90s")
	}
}

// visitor is a Pod from which others are asked.
func (w workloads) visitor() func(url string) string {
	w.t.Helper()
	w.must("run", "visitor", "--image=busybox:1.28", "--", "sleep", "100000")
	w.must("wait", "--for=condition=Ready", "pod/visitor", "--timeout=90s")
	return func(url string) string {
		w.t.Helper()
		out, _ := w.ctl("", "exec", "visitor", "--", "wget", "-qO-", "-T", "5", url)
		return out
	}
}

func (w workloads) untilSays(visit func(string) string, url, text string) {
	w.t.Helper()
	w.until(patience, url+" says "+text, func() (bool, string) {
		out := visit(url)
		return strings.Contains(out, text), out
	})
}

func testGuestbook(w workloads) {
	w.apply("guestbook.yaml")
	w.rolledOut("deployment/redis-leader", "deployment/redis-follower", "deployment/frontend")
	visit := w.visitor()
	w.untilSays(visit, "http://frontend/", "<title>Guestbook</title>")
	addresses := strings.Fields(w.must("get", "pods", "-l", "app=guestbook,tier=frontend", "-o", "jsonpath={.items[*].status.podIP}"))
	if len(addresses) != 3 {
		w.t.Fatalf("there are %d frontends", len(addresses))
	}
	read := func(address string) string {
		return "http://" + address + "/guestbook.php?cmd=get&key=messages"
	}
	w.untilSays(visit, read(addresses[1]), `{"data": ""}`)
	w.untilSays(visit, "http://"+addresses[0]+"/guestbook.php?cmd=set&key=messages&value=hello", `{"message": "Updated"}`)
	for _, address := range addresses {
		w.untilSays(visit, read(address), `{"data": "hello"}`)
	}
	follower := strings.Fields(w.must("get", "pods", "-l", "role=follower", "-o", "name"))[0]
	if out := w.must("exec", follower, "--", "redis-cli", "set", "messages", "mine"); !strings.Contains(out, "READONLY You can't write against a read only replica.") {
		w.t.Errorf("a follower takes a write: %s", out)
	}
	w.must("scale", "deployment", "frontend", "--replicas=5")
	w.rolledOut("deployment/frontend")
	w.must("scale", "deployment", "frontend", "--replicas=2")
	w.untilCtl(patience, `^2$`, "get", "deployment", "frontend", "-o", "jsonpath={.status.replicas}")

	w.must("scale", "deployment", "redis-leader", "--replicas=0")
	w.untilSays(visit, "http://frontend/guestbook.php?cmd=set&key=messages&value=lost", "Fatal error")
	if out := visit(read("frontend")); out != `{"data": "hello"}` {
		w.t.Errorf("without the leader the followers have %q", out)
	}
	w.must("scale", "deployment", "redis-leader", "--replicas=1")
	w.rolledOut("deployment/redis-leader")
	w.untilSays(visit, read("frontend"), `{"data": ""}`) // it has no volume
	w.untilSays(visit, "http://frontend/guestbook.php?cmd=set&key=messages&value=again", "Updated")
	w.untilSays(visit, read("frontend"), `{"data": "again"}`)
	w.must("delete", "deployment,service", "-l", "app=redis")
	w.untilSays(visit, read("frontend"), "php_network_getaddresses: getaddrinfo failed: Name or service not known [tcp://redis-follower:6379]")
}

func testNginxConfigMap(w workloads) {
	w.apply("nginx-configmap.yaml")
	w.rolledOut("deployment/nginx")
	visit := w.visitor()
	w.untilSays(visit, "http://nginx/", "<h1>From a ConfigMap</h1>")
	if out := visit("http://nginx/healthz"); out != "fine\n" {
		w.t.Errorf("/healthz says %q", out)
	}
	w.must("patch", "configmap", "nginx-settings", "--type=merge", "-p", `{"data":{"page.html":"<h1>Edited</h1>\n"}}`)
	w.until(2*patience, "the edited page is served without a restart", func() (bool, string) {
		out := visit("http://nginx/")
		return strings.Contains(out, "Edited"), out
	})
	w.must("patch", "configmap", "nginx-settings", "--type=merge", "-p", `{"data":{"default.conf":"server { listen 8080; nosuch on; }\n"}}`)
	w.must("rollout", "restart", "deployment/nginx")
	w.untilCtl(patience, `CrashLoopBackOff|Error`, "get", "pods", "-l", "app=nginx")
	w.untilCtl(patience, `unknown directive "nosuch" in /etc/nginx/conf.d/default.conf:1`, "logs", "-l", "app=nginx", "--tail=20")
	if out := visit("http://nginx/"); !strings.Contains(out, "Edited") {
		w.t.Errorf("during a roll-out that fails the old Pod says %q", out)
	}
}

func testCronJobHello(w workloads) {
	w.apply("cronjob-hello.yaml")
	if out := w.must("get", "cronjob", "hello"); !regexp.MustCompile(`hello +\* \* \* \* \* +<none> +False +0 +<none>`).MatchString(out) {
		w.t.Errorf("at first it is %s", out)
	}
	job := strings.TrimSpace(w.untilCtl(2*patience, `^job\.batch/hello-\d+\n$`, "get", "jobs", "-o", "name"))
	w.must("wait", "--for=condition=Complete", job, "--timeout=90s")
	if out := w.must("logs", job); !regexp.MustCompile(`^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d UTC \d{4}\nHello from the Kubernetes cluster\n$`).MatchString(out) {
		w.t.Errorf("the Job says %q", out)
	}
	w.must("create", "job", "by-hand", "--from=cronjob/hello")
	w.must("wait", "--for=condition=Complete", "job/by-hand", "--timeout=90s")
	w.must("delete", "cronjob", "hello")
	w.untilCtl(patience, `No resources found`, "get", "jobs")
	if out, code := w.ctl("", "create", "cronjob", "bad", "--image=busybox", "--schedule=61 * * * *", "--", "date"); code == 0 || !strings.Contains(out, "end of range (61) above maximum (59)") {
		w.t.Errorf("a schedule that cannot be is taken: %d, %s", code, out)
	}
}

func testAutoscalerWalkThrough(w workloads) {
	w.apply("hpa-php-apache.yaml")
	w.rolledOut("deployment/php-apache")
	w.must("autoscale", "deployment", "php-apache", "--cpu=50%", "--min=1", "--max=10")
	w.untilCtl(patience, `php-apache +Deployment/php-apache +cpu: \d+%/50% +1 +10 +1 `, "get", "hpa")
	load := w.person("run", "-i", "--tty", "load-generator", "--rm", "--image=busybox:1.28", "--restart=Never", "--", "/bin/sh", "-c", "while sleep 0.01; do wget -q -O- http://php-apache; done")
	load.see(`OK!OK!`)
	w.until(2*patience, "the autoscaler adds Pods", func() (bool, string) {
		out := w.must("get", "hpa", "php-apache", "-o", "jsonpath={.status.desiredReplicas}")
		n, err := strconv.Atoi(out)
		return err == nil && n >= 4, out
	})
	w.rolledOut("deployment/php-apache")
	load.types("\x03")
	load.see(`pod "load-generator" deleted`)
	<-load.end
	w.untilCtl(patience, `SuccessfulRescale.*New size: \d+; reason: cpu resource utilization \(percentage of request\) above target`, "describe", "hpa", "php-apache")
}

func testIngressFanOut(w workloads) {
	for name, version := range map[string]string{"service1": "1.0", "service2": "2.0"} {
		w.must("create", "deployment", name, "--image=gcr.io/google-samples/hello-app:"+version)
		w.rolledOut("deployment/" + name)
	}
	w.must("expose", "deployment", "service1", "--port=4200", "--target-port=8080")
	w.must("expose", "deployment", "service2", "--port=8080")
	w.apply("ingress-fanout.yaml")
	w.untilCtl(patience, `(?s)Address: +192\.168\.49\.2.*foo\.bar\.com.*/foo +service1:4200 \(.*/bar +service2:8080 \(`, "describe", "ingress", "simple-fanout-example")
	w.untilOutside("/foo leads to service1", 80, "http://foo.bar.com/foo", nil, 200, "Hello, world!\nVersion: 1.0.0\nHostname: service1-")
	w.untilOutside("/bar leads to service2", 80, "http://foo.bar.com/bar", nil, 200, "Hello, world!\nVersion: 2.0.0\nHostname: service2-")
	w.untilOutside("what is below /foo, too", 80, "http://foo.bar.com/foo/more", nil, 200, "Version: 1.0.0")
	for _, url := range []string{"http://foo.bar.com/", "http://foo.bar.com/foobar", "http://bar.foo.com/foo"} {
		if code, _, body, err := w.outside(80, url, nil); err != nil || code != 404 {
			w.t.Errorf("%s is answered with %d: %s (%v)", url, code, body, err)
		}
	}
	w.must("scale", "deployment", "service2", "--replicas=0")
	w.untilOutside("a Service without Pods", 80, "http://foo.bar.com/bar", nil, 503, "503 Service Temporarily Unavailable")
}

func testHelloNode(w workloads) {
	w.must("create", "deployment", "hello-node", "--image=registry.k8s.io/e2e-test-images/agnhost:2.53", "--", "/agnhost", "netexec", "--http-port=8080")
	w.rolledOut("deployment/hello-node")
	if out := w.must("logs", "-l", "app=hello-node"); !strings.Contains(out, "Started HTTP server on port 8080") || !strings.Contains(out, "Started UDP server on port  8081") {
		w.t.Errorf("it says %s", out)
	}
	w.must("expose", "deployment", "hello-node", "--type=LoadBalancer", "--port=8080")
	address := w.untilCtl(patience, `^192\.168\.49\.\d+$`, "get", "service", "hello-node", "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}")
	visit := w.visitor()
	w.untilSays(visit, "http://"+address+":8080", "NOW: 20")
	w.must("delete", "service", "hello-node")
	w.until(patience, "without its Service it cannot be reached", func() (bool, string) {
		out := visit("http://" + address + ":8080")
		return !strings.Contains(out, "NOW"), out
	})
}

func testHelloMinikube(w workloads) {
	w.must("create", "deployment", "hello-minikube", "--image=kicbase/echo-server:1.0")
	w.must("expose", "deployment", "hello-minikube", "--type=NodePort", "--port=8080")
	w.rolledOut("deployment/hello-minikube")
	port := w.must("get", "service", "hello-minikube", "-o", "jsonpath={.spec.ports[0].nodePort}")
	visit := w.visitor()
	w.untilSays(visit, "http://"+nodeIP+":"+port+"/who", "Request served by hello-minikube-")
	w.untilSays(visit, "http://hello-minikube:8080/", "Request served by hello-minikube-") // the cluster's DNS may just be starting
	if out := visit("http://hello-minikube:8080/who"); !strings.Contains(out, "HTTP/1.1 GET /who\n\nHost: hello-minikube:8080\n") {
		w.t.Errorf("it echoes %q", out)
	}
}

func testInitContainers(w workloads) {
	w.apply("init-containers.yaml")
	w.untilCtl(patience, `myapp-pod +0/1 +Init:0/2 +0 `, "get", "pod", "myapp-pod")
	w.untilCtl(patience, `waiting for myservice`, "logs", "myapp-pod", "-c", "init-myservice")
	if out, code := w.ctl("", "logs", "myapp-pod", "-c", "init-mydb"); code == 0 || !strings.Contains(out, "is waiting to start: PodInitializing") {
		w.t.Errorf("the second init container has begun: %d, %s", code, out)
	}
	w.apply("init-containers-services.yaml")
	w.untilCtl(patience, `myapp-pod +1/1 +Running +0 `, "get", "pod", "myapp-pod")
	w.untilCtl(patience, `^The app is running!\n$`, "logs", "myapp-pod", "-c", "myapp-container")
	ends := strings.Fields(w.must("get", "pod", "myapp-pod", "-o", "jsonpath={.status.initContainerStatuses[*].state.terminated.reason}"))
	if !slices.Equal(ends, []string{"Completed", "Completed"}) {
		w.t.Errorf("the init containers ended with %v", ends)
	}
}

func testExecLiveness(w workloads) {
	w.apply("exec-liveness.yaml")
	w.must("wait", "--for=condition=Ready", "pod/liveness-exec", "--timeout=90s")
	if out := w.must("describe", "pod", "liveness-exec"); strings.Contains(out, "Unhealthy") {
		w.t.Errorf("it fails while the file is there: %s", out)
	}
	w.untilCtl(patience, `Unhealthy .*Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory`, "describe", "pod", "liveness-exec")
	w.untilCtl(patience, `Killing .*Container liveness failed liveness probe, will be restarted`, "describe", "pod", "liveness-exec")
	w.untilCtl(patience, `liveness-exec +1/1 +Running +1 \(`, "get", "pod", "liveness-exec")
}

func testHTTPLiveness(w workloads) {
	w.apply("http-liveness.yaml")
	w.untilCtl(patience, `Unhealthy .*Liveness probe failed: HTTP probe failed with statuscode: 500`, "describe", "pod", "liveness-http")
	w.untilCtl(patience, `liveness-http +1/1 +Running +[1-9]\d* \(`, "get", "pod", "liveness-http")
	end := w.must("get", "pod", "liveness-http", "-o", "jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}")
	if end != "2" { // as any program in Go that does not handle SIGTERM
		w.t.Errorf("before its restart it ended with %q", end)
	}
}
