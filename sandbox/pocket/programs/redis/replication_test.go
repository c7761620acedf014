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

// untilCLI runs redis-cli until it prints a text.
func untilCLI(t *testing.T, p *proctest.Pod, want string, args ...string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		got := cli(t, p, args...)
		if strings.Contains(got, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("redis-cli %v prints %q, not %q", args, got, want)
		}
	}
}

func TestAReplicaFollowsItsMaster(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	leader := proctest.New(t, n, "10.244.0.5", "6.0.5", nil)
	follower := proctest.New(t, n, "10.244.0.6", "6.0.5", nil)

	follows := follower.Start(redis.Server, nil, "redis-server", "--replicaof", "10.244.0.5", "6379", "--save", "")
	follows.Until("S ")
	follows.Until("# Error condition on socket for SYNC: Connection refused")
	untilCLI(t, follower, "master_link_status:down", "info", "replication")

	first := leader.Start(redis.Server, nil, "redis-server", "--save", "")
	first.Until("Ready to accept")
	cli(t, leader, "set", "early", "bird")
	follows.Until("* MASTER <-> REPLICA sync: Finished with success")
	first.Until("* Synchronization with replica 10.244.0.6:6379 succeeded")
	untilCLI(t, follower, "bird", "get", "early")
	untilCLI(t, leader, "slave0:ip=10.244.0.6,port=6379,state=online", "info", "replication")
	untilCLI(t, follower, "role:slave\r\nmaster_host:10.244.0.5\r\nmaster_port:6379\r\nmaster_link_status:up", "info", "replication")

	for _, tc := range []struct{ write, read, want string }{
		{"set messages a,b", "get messages", "a,b\n"},
		{"rpush list one two", "lrange list 0 -1", "one\ntwo\n"},
		{"lpop list", "lrange list 0 -1", "two\n"},
		{"hset hash f v", "hget hash f", "v\n"},
		{"zadd scores 2 b 1 a", "zrange scores 0 -1", "a\nb\n"},
		{"sadd set m", "sismember set m", "1\n"},
		{"set soon x ex 1000", "get soon", "x\n"},
		{"expire early 500", "ttl early", "4"},
		{"del messages", "exists messages", "0\n"},
		{"-n 3 set elsewhere y", "-n 3 get elsewhere", "y\n"},
		{"eval redis.call('set','script','z') 0", "get script", "z\n"},
		{"flushall", "dbsize", "0\n"},
	} {
		cli(t, leader, strings.Fields(tc.write)...)
		untilCLI(t, follower, tc.want, strings.Fields(tc.read)...)
	}

	for _, write := range []string{"set x 1", "del messages", "flushall", "lpush l a"} {
		if got := cli(t, follower, strings.Fields(write)...); got != "READONLY You can't write against a read only replica.\n" {
			t.Errorf("the replica answers %s with %q", write, got)
		}
	}
	if got := cli(t, leader, "get", "x"); got != "\n" {
		t.Errorf("a refused write is at the master: %q", got)
	}

	cli(t, leader, "set", "kept", "1")
	untilCLI(t, follower, "1", "get", "kept")
	first.Signal(proc.SIGTERM)
	first.Wait()
	follows.Until("# Connection with master lost.")
	untilCLI(t, follower, "master_link_status:down", "info", "replication")
	if got := cli(t, follower, "get", "kept"); got != "1\n" {
		t.Errorf("without its master the replica answers %q", got)
	}
	second := leader.Start(redis.Server, nil, "redis-server", "--save", "")
	second.Until("Synchronization with replica 10.244.0.6:6379 succeeded")
	untilCLI(t, follower, "0", "exists", "kept")

	if got := cli(t, follower, "replicaof", "no", "one"); got != "OK\n" {
		t.Fatalf("REPLICAOF NO ONE: %q", got)
	}
	if got := cli(t, follower, "set", "own", "1"); got != "OK\n" {
		t.Errorf("as a master it answers %q", got)
	}
	second.Until("# Connection with replica 10.244.0.6:6379 lost.")
	cli(t, follower, "replicaof", "10.244.0.5", "6379")
	untilCLI(t, follower, "0", "exists", "own")
}

func TestAMasterWithAPasswordIsNotFollowedWithoutIt(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	leader := proctest.New(t, n, "10.244.0.5", "7.2.1", nil)
	follower := proctest.New(t, n, "10.244.0.6", "7.2.1", nil)
	leader.Start(redis.Server, nil, "redis-server", "--requirepass", "s3cret").Until("Ready to accept")
	follows := follower.Start(redis.Server, nil, "redis-server", "--replicaof", "10.244.0.5", "6379")
	follows.Until("NOAUTH Authentication required.")
	for _, command := range []string{"info", "config get requirepass", "psync ? -1", "role", "shutdown"} {
		if got := cli(t, leader, strings.Fields(command)...); got != "NOAUTH Authentication required.\n" {
			t.Errorf("%s without the password: %q", command, got)
		}
	}
	cli(t, leader, "--no-auth-warning", "-a", "s3cret", "set", "k", "v")
	cli(t, follower, "config", "set", "masterauth", "s3cret")
	untilCLI(t, follower, "v", "get", "k")
}

func TestSettingsAreReadAndChanged(t *testing.T) {
	t.Parallel()
	server := proctest.New(t, vnet.New(), "10.244.0.5", "8.0.2", nil)
	server.Files.Put("/redis-master/redis.conf", "# settings\nmaxmemory 2mb\nmaxmemory-policy allkeys-lru\n")
	run := server.Start(redis.Server, nil, "redis-server", "/redis-master/redis.conf")
	run.Until("Ready to accept")
	for _, tc := range []struct{ args, want string }{
		{"config get maxmemory", "maxmemory\n2097152\n"},
		{"config get maxmemory-policy", "maxmemory-policy\nallkeys-lru\n"},
		{"config get maxmemory*", "maxmemory\n2097152\nmaxmemory-policy\nallkeys-lru\nmaxmemory-samples\n5\n"},
		{"config get nosuch", "\n"},
		{"config set maxmemory 1gb", "OK\n"},
		{"config get maxmemory", "maxmemory\n1073741824\n"},
		{"config set maxmemory lots", "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value\n"},
		{"config set nosuch 1", "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\n"},
		{"config get", "ERR wrong number of arguments for 'config' command\n"},
		{"role", "master\n0\n\n"},
	} {
		if got := cli(t, server, strings.Fields(tc.args)...); got != tc.want {
			t.Errorf("redis-cli %s printed %q, not %q", tc.args, got, tc.want)
		}
	}
	cli(t, server, "shutdown", "nosave")
	if code := run.Wait(); code != 0 {
		t.Errorf("after SHUTDOWN it ended with %d", code)
	}
}
