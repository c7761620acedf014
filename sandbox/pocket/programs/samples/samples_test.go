package samples_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc/proctest"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/redis"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/samples"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// frontend starts the guestbook's web server at 10.244.0.7.
func frontend(t *testing.T, n *vnet.Network, version, hosts string, env map[string]string) *proctest.Running {
	t.Helper()
	web := proctest.New(t, n, "10.244.0.7", version, nil)
	for name, text := range samples.GuestbookFiles() {
		web.Files.Put(name, text)
	}
	web.Files.Put("/etc/hosts", hosts)
	run := web.Start(samples.GuestbookFrontend, env, "apache2-foreground")
	run.Until("AH00094: Command line: 'apache2 -D FOREGROUND'")
	return run
}

func TestTheGuestbookWritesToTheLeaderAndReadsFromAFollower(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	leader := proctest.New(t, n, "10.244.0.5", "6.0.5", nil)
	follower := proctest.New(t, n, "10.244.0.6", "6.0.5", nil)
	wrote := leader.Start(redis.Server, nil, "redis-server", "--save", "")
	wrote.Until("Ready to accept")
	follows := follower.Start(redis.Server, nil, "redis-server", "--replicaof", "10.244.0.5", "6379", "--save", "")
	follows.Until("Finished with success")
	run := frontend(t, n, "v5", "10.244.0.5 redis-leader\n10.244.0.6 redis-follower\n", map[string]string{"GET_HOSTS_FROM": "dns"})
	browser := proctest.New(t, n, "10.244.0.8", "1", nil).Client()

	if answer, text := proctest.Get(t, browser, "http://10.244.0.7/"); answer.StatusCode != 200 || !strings.Contains(text, "<title>Guestbook</title>") || answer.Header.Get("Content-Type") != "text/html" {
		t.Errorf("the page is %d %q %v", answer.StatusCode, text, answer.Header)
	}
	if _, text := proctest.Get(t, browser, "http://10.244.0.7/guestbook.php?cmd=get&key=messages"); text != `{"data": ""}` {
		t.Errorf("at first there is %q", text)
	}
	answer, text := proctest.Get(t, browser, "http://10.244.0.7/guestbook.php?cmd=set&key=messages&value=hello,there")
	if answer.StatusCode != 200 || text != `{"message": "Updated"}` || answer.Header.Get("Content-Type") != "application/json" || answer.Header.Get("X-Powered-By") != "PHP/7.4.7" {
		t.Errorf("set is answered with %d %q %v", answer.StatusCode, text, answer.Header)
	}
	for range 200 {
		if _, text = proctest.Get(t, browser, "http://10.244.0.7/guestbook.php?cmd=get&key=messages"); text != `{"data": ""}` {
			break
		}
	}
	if text != `{"data": "hello,there"}` {
		t.Errorf("a follower has %q", text)
	}
	if answer, _ := proctest.Get(t, browser, "http://10.244.0.7/nosuch"); answer.StatusCode != 404 {
		t.Errorf("a missing page is %d", answer.StatusCode)
	}
	run.Until(`"GET /guestbook.php?cmd=set&key=messages&value=hello,there HTTP/1.1" 200 22 "-"`)

	wrote.Signal(proc.SIGTERM)
	wrote.Wait()
	answer, text = proctest.Get(t, browser, "http://10.244.0.7/guestbook.php?cmd=set&key=messages&value=lost")
	if answer.StatusCode != 200 || !strings.Contains(text, `<b>Fatal error</b>:  Uncaught Predis\Connection\ConnectionException: Connection refused [tcp://redis-leader:6379]`) {
		t.Errorf("without the leader set is answered with %d %q", answer.StatusCode, text)
	}
	run.Until("PHP Fatal error:  Uncaught Predis")
	if _, text := proctest.Get(t, browser, "http://10.244.0.7/guestbook.php?cmd=get&key=messages"); text != `{"data": "hello,there"}` {
		t.Errorf("without the leader a follower has %q", text)
	}
}

func TestTheGuestbookFindsItsServersAsItIsTold(t *testing.T) {
	t.Parallel()
	env := map[string]string{"GET_HOSTS_FROM": "env", "REDIS_LEADER_SERVICE_HOST": "10.244.0.55", "REDIS_MASTER_SERVICE_HOST": "10.244.0.66"}
	for version, want := range map[string]string{"v5": "[tcp://10.244.0.55:6379]", "v4": "[tcp://10.244.0.66:6379]"} {
		n := vnet.New()
		frontend(t, n, version, "", env)
		if _, text := proctest.Get(t, proctest.New(t, n, "10.244.0.8", "1", nil).Client(), "http://10.244.0.7/guestbook.php?cmd=set&key=k&value=v"); !strings.Contains(text, want) {
			t.Errorf("%s: no %s in %q", version, want, text)
		}
	}
}

func TestAFollowerRefusesTheGuestbooksWrites(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	follower := proctest.New(t, n, "10.244.0.6", "6.0.5", nil)
	follower.Start(redis.Server, nil, "redis-server", "--replicaof", "10.244.0.5", "6379").Until("Ready to accept")
	frontend(t, n, "v5", "10.244.0.6 redis-leader\n", nil)
	if _, text := proctest.Get(t, proctest.New(t, n, "10.244.0.8", "1", nil).Client(), "http://10.244.0.7/guestbook.php?cmd=set&key=k&value=v"); !strings.Contains(text, `Uncaught Predis\Response\ServerException: READONLY You can't write against a read only replica.`) {
		t.Errorf("it answers %q", text)
	}
}

func TestHelloAppTellsItsVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"1.0.1": "1.0.0", "2.0.1": "2.0.0"} {
		n := vnet.New()
		run := proctest.New(t, n, "10.244.0.5", version, nil).Start(samples.HelloApp, map[string]string{"PORT": "9000"}, "hello-app")
		run.Until("Server listening on port 9000")
		if _, text := proctest.Get(t, proctest.New(t, n, "10.244.0.6", "1", nil).Client(), "http://10.244.0.5:9000/any"); text != "Hello, world!\nVersion: "+want+"\nHostname: web-0\n" {
			t.Errorf("version %s says %q", version, text)
		}
		run.Until("Serving request: /any")
		run.Signal(proc.SIGTERM)
		if code := run.Wait(); code != 2 {
			t.Errorf("it ended with %d", code)
		}
	}
}

func TestEchoServersAnswerWithTheRequest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		program proc.Program
		want    []string
	}{
		"kicbase":    {samples.EchoServer, []string{"Request served by web-0\n\nHTTP/1.1 POST /a?b=c\n\nHost: 10.244.0.5:8080\n", "X-Own: one\n", "\n\nsaid"}},
		"kubernetes": {samples.EchoHeaders, []string{"Hostname: web-0\n", "client_address=10.244.0.6\n\tmethod=POST\n\treal path=/a?b=c\n\tquery=b=c\n", "request_uri=http://10.244.0.5:8080/a?b=c\n", "\tx-own=one\n", "Request Body:\nsaid\n"}},
	} {
		n := vnet.New()
		server := proctest.New(t, n, "10.244.0.5", "1.0", nil)
		run := server.Start(tc.program, nil, "echo")
		ask, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://10.244.0.5:8080/a?b=c", strings.NewReader("said"))
		if err != nil {
			t.Fatal(err)
		}
		ask.Header.Set("X-Own", "one")
		started := map[string]string{"kicbase": "listening on port 8080", "kubernetes": "self-signed"}[name]
		run.Until(started)
		answer, err := proctest.New(t, n, "10.244.0.6", "1", nil).Client().Do(ask)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		for _, want := range tc.want {
			if err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s: no %q in %q, %v", name, want, text, err)
			}
		}
		second := server.Start(tc.program, nil, "echo")
		if code := second.Wait(); code != 1 || !strings.Contains(second.Err.String(), "address already in use") {
			t.Errorf("%s: a second one ended with %d: %s", name, code, second.Err)
		}
	}
}
