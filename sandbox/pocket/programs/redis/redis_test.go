package redis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc/proctest"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/redis"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// cli runs redis-cli and returns what it prints.
func cli(t *testing.T, p *proctest.Pod, args ...string) string {
	t.Helper()
	run := p.Start(redis.CLI, nil, append([]string{"redis-cli"}, args...)...)
	run.Wait()
	return run.Out.String() + run.Err.String()
}

func TestTheServerAnswersTheClient(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	server := proctest.New(t, n, "10.244.0.5", "8.2.2", nil)
	client := proctest.New(t, n, "10.244.0.6", "8.2.2", nil)
	run := server.Start(redis.Server, nil, "redis-server")
	run.Until("* Ready to accept connections tcp")
	for _, tc := range []struct{ args, want string }{
		{"-h 10.244.0.5 ping", "PONG\n"},
		{"-h 10.244.0.5 set name web", "OK\n"},
		{"-h 10.244.0.5 get name", "web\n"},
		{"-h 10.244.0.5 --no-raw get name", "\"web\"\n"},
		{"-h 10.244.0.5 --no-raw get nothing", "(nil)\n"},
		{"-h 10.244.0.5 --no-raw incr hits", "(integer) 1\n"},
		{"-h 10.244.0.5 --no-raw rpush l a b", "(integer) 2\n"},
		{"-h 10.244.0.5 --no-raw lrange l 0 -1", "1) \"a\"\n2) \"b\"\n"},
		{"-h 10.244.0.5 --no-raw incr name", "(error) ERR value is not an integer or out of range\n"},
		{"-h 10.244.0.6 ping", "Could not connect to Redis at 10.244.0.6:6379: Connection refused\n"},
	} {
		if got := cli(t, client, strings.Fields(tc.args)...); got != tc.want {
			t.Errorf("redis-cli %s printed %q, not %q", tc.args, got, tc.want)
		}
	}
}

func TestDataOutlivesTheServer(t *testing.T) {
	t.Parallel()
	server := proctest.New(t, vnet.New(), "10.244.0.5", "8.2.2", nil)
	if err := server.Files.Mkdir("/data", true); err != nil {
		t.Fatal(err)
	}
	first := server.Start(redis.Server, nil, "redis-server", "--dir", "/data", "--requirepass", "s3cret")
	first.Until("Ready to accept")
	if got := cli(t, server, "get", "x"); !strings.HasPrefix(got, "NOAUTH") {
		t.Errorf("without a password it says %q", got)
	}
	for _, args := range [][]string{{"set", "a b", "line\nbreak"}, {"hset", "h", "f", "v"}, {"sadd", "s", "m"}, {"zadd", "z", "1.5", "m"}, {"set", "soon", "x", "ex", "1000"}} {
		cli(t, server, append([]string{"--no-auth-warning", "-a", "s3cret"}, args...)...)
	}
	first.Signal(proc.SIGTERM)
	if code := first.Wait(); code != 0 {
		t.Fatalf("it ended with %d", code)
	}
	first.Until("* DB saved on disk")
	second := server.Start(redis.Server, nil, "redis-server", "--dir", "/data")
	second.Until("keys loaded: 5")
	for command, want := range map[string]string{"get\ta b": "line\nbreak\n", "hget\th\tf": "v\n", "smembers\ts": "m\n", "zscore\tz\tm": "1.5\n"} {
		if got := cli(t, server, strings.Split(command, "\t")...); got != want {
			t.Errorf("%s gives %q, not %q", command, got, want)
		}
	}
	if got := cli(t, server, "ttl", "soon"); got == "-1\n" || got == "-2\n" {
		t.Errorf("the key that expires has %q to live", got)
	}
}

func TestWithAppendOnlyWhatWasWrittenOutlivesAKill(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{"yes": "7\n", "no": "\n"} {
		server := proctest.New(t, vnet.New(), "10.244.0.5", "8.2.2", nil)
		if err := server.Files.Mkdir("/data", true); err != nil {
			t.Fatal(err)
		}
		first := server.Start(redis.Server, nil, "redis-server", "--dir", "/data", "--appendonly", setting)
		first.Until("Ready to accept")
		cli(t, server, "set", "visits", "7")
		time.Sleep(200 * time.Millisecond) // no promise is made for the last moment
		first.Kill()
		first.Wait()
		second := server.Start(redis.Server, nil, "redis-server", "--dir", "/data")
		second.Until("Ready to accept")
		if got := cli(t, server, "get", "visits"); got != want {
			t.Errorf("with appendonly %s it gives %q, not %q", setting, got, want)
		}
	}
}
