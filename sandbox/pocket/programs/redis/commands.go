package redis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2/server"
)

// commandCost is the CPU time of one command.
const commandCost = 20 * time.Microsecond

// peer is what the server knows of a connection beside what the library does.
type peer struct {
	trusted bool   // has told the password
	address string // of a replica that announced itself
	port    string
}

// peer finds a connection. Only the connection's own commands may use the result.
func (d *daemon) peer(c *server.Peer) *peer {
	d.peersMu.Lock()
	defer d.peersMu.Unlock()
	p := d.peers[c]
	if p == nil {
		p = &peer{address: "?", port: "6379"}
		d.peers[c] = p
		c.OnDisconnect(func() {
			d.peersMu.Lock()
			defer d.peersMu.Unlock()
			delete(d.peers, c)
		})
	}
	return p
}

// harmless are the commands that are not marked as reading and yet write nothing
// to the data, or are judged by what they call.
var harmless = []string{
	"AUTH", "BGSAVE", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DISCARD", "ECHO", "EVAL", "EVALSHA", "EXEC", "GEORADIUS", "GEORADIUSBYMEMBER",
	"GEOSEARCH", "HELLO", "INFO", "MEMORY", "MULTI", "OBJECT", "PING", "PSUBSCRIBE", "PSYNC", "PUBLISH", "PUBSUB", "PUNSUBSCRIBE", "QUIT",
	"REPLCONF", "REPLICAOF", "ROLE", "SAVE", "SCRIPT", "SELECT", "SHUTDOWN", "SLAVEOF", "SUBSCRIBE", "TIME", "UNSUBSCRIBE", "UNWATCH", "WAIT",
	"WATCH", "XINFO",
}

// register adds what miniredis leaves to a real server.
func (d *daemon) register() {
	srv := d.db.Server()
	own := map[string]server.Cmd{
		"SAVE":      d.saved("OK"),
		"BGSAVE":    d.saved("Background saving started"),
		"CONFIG":    d.config,
		"INFO":      d.info,
		"ROLE":      d.role,
		"REPLCONF":  d.replconf,
		"PSYNC":     d.psync,
		"REPLICAOF": d.replicaof,
		"SLAVEOF":   d.replicaof,
		"SHUTDOWN":  d.shutdown,
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		_ = srv.Register(name, own[name]) // INFO is there already: the hook comes first
	}
	srv.SetPreHook(func(c *server.Peer, cmd string, args ...string) bool {
		if c.ClientName == d.insiderName {
			return false
		}
		_ = d.p.Usage.Spend(context.Background(), commandCost)
		switch run := own[cmd]; {
		case cmd == "AUTH" || cmd == "HELLO":
			d.authenticate(c, args)
			return false
		case run != nil && d.get("requirepass") != "" && !d.peer(c).trusted:
			c.WriteError("NOAUTH Authentication required.")
			return true
		case run != nil:
			run(c, cmd, args)
			return true
		}
		writes := srv.IsRegisteredCommand(cmd) && !srv.IsReadOnlyCommand(cmd) && !slices.Contains(harmless, cmd)
		if writes && d.master.address() != "" && d.get("replica-read-only") == "yes" {
			c.WriteError("READONLY You can't write against a read only replica.")
			return true
		}
		if writes || cmd == "EXEC" || cmd == "EVAL" || cmd == "EVALSHA" {
			d.wake()
		}
		return false
	})
}

// authenticate remembers who told the password; the library answers.
func (d *daemon) authenticate(c *server.Peer, args []string) {
	if len(args) > 0 && args[len(args)-1] == d.get("requirepass") {
		d.peer(c).trusted = true
	}
}

func (d *daemon) saved(reply string) server.Cmd {
	return func(c *server.Peer, _ string, _ []string) {
		if err := d.store(); err != nil {
			c.WriteError("ERR " + err.Error())
			return
		}
		d.logf("* DB saved on disk")
		c.WriteInline(reply)
	}
}

// config is CONFIG GET and CONFIG SET; its other subcommands have nothing to do.
func (d *daemon) config(c *server.Peer, _ string, args []string) {
	switch {
	case len(args) >= 2 && strings.EqualFold(args[0], "get"):
		c.WriteStrings(d.matching(args[1:]))
	case len(args) >= 3 && len(args)%2 == 1 && strings.EqualFold(args[0], "set"):
		for i := 1; i < len(args); i += 2 {
			err := d.set(args[i], args[i+1])
			if errors.Is(err, errUnknownSetting) {
				c.WriteError("ERR Unknown option or number of arguments for CONFIG SET - '" + args[i] + "'")
				return
			}
			if err != nil {
				c.WriteError(fmt.Sprintf("ERR CONFIG SET failed (possibly related to argument '%s') - %s", args[i], err))
				return
			}
			if canonical(args[i]) == "requirepass" {
				d.db.RequireAuth(args[i+1])
				d.peer(c).trusted = true
			}
		}
		c.WriteOK()
	case len(args) == 1 && (strings.EqualFold(args[0], "resetstat") || strings.EqualFold(args[0], "rewrite")):
		c.WriteOK()
	default:
		c.WriteError("ERR wrong number of arguments for 'config' command")
	}
}

// shutdown ends the server as SIGTERM does.
func (d *daemon) shutdown(c *server.Peer, _ string, args []string) {
	if len(args) > 0 && strings.EqualFold(args[0], "nosave") {
		_ = d.set("save", "")
		_ = d.set("appendonly", "no")
	}
	c.Close()
	select {
	case d.stop <- struct{}{}:
	default: // it ends already
	}
}

// info is INFO with the sections that say something about this server.
func (d *daemon) info(c *server.Peer, _ string, args []string) {
	sections := []struct {
		name string
		text func() string
	}{
		{"Server", func() string {
			return fmt.Sprintf("redis_version:%s\r\nredis_mode:standalone\r\nprocess_id:%d\r\nrun_id:%s\r\ntcp_port:%s\r\nuptime_in_seconds:%d\r\n",
				d.p.Image.Version, d.p.PID, d.id, d.get("port"), int(time.Since(d.began).Seconds()))
		}},
		{"Clients", func() string {
			return fmt.Sprintf("connected_clients:%d\r\nmaxclients:%s\r\n", d.db.Server().ClientsLen(), d.get("maxclients"))
		}},
		{"Memory", func() string {
			return fmt.Sprintf("maxmemory:%s\r\nmaxmemory_policy:%s\r\n", d.get("maxmemory"), d.get("maxmemory-policy"))
		}},
		{"Stats", func() string {
			return fmt.Sprintf("total_connections_received:%d\r\ntotal_commands_processed:%d\r\n", d.db.Server().TotalConnections(), d.db.Server().TotalCommands())
		}},
		{"Replication", d.replicationInfo},
		{"Keyspace", d.keyspaceInfo},
	}
	var texts []string
	for _, s := range sections {
		if len(args) == 0 || slices.ContainsFunc(args, func(a string) bool {
			return strings.EqualFold(a, s.name) || slices.Contains([]string{"all", "everything", "default"}, strings.ToLower(a))
		}) {
			texts = append(texts, "# "+s.name+"\r\n"+s.text())
		}
	}
	c.WriteBulk(strings.Join(texts, "\r\n"))
}

func (d *daemon) keyspaceInfo() string {
	var b strings.Builder
	keys, expires := map[int]int{}, map[int]int{}
	for r, c := range d.snapshot() {
		keys[r.db]++
		if !c.expires.IsZero() {
			expires[r.db]++
		}
	}
	for _, db := range slices.Sorted(maps.Keys(keys)) {
		fmt.Fprintf(&b, "db%d:keys=%d,expires=%d,avg_ttl=0\r\n", db, keys[db], expires[db])
	}
	return b.String()
}

func (d *daemon) replicationInfo() string {
	var b strings.Builder
	if address := d.master.address(); address != "" {
		host, port, _ := net.SplitHostPort(address)
		status := "down"
		if d.master.up() {
			status = "up"
		}
		fmt.Fprintf(&b, "role:slave\r\nmaster_host:%s\r\nmaster_port:%s\r\nmaster_link_status:%s\r\nslave_read_only:%d\r\n",
			host, port, status, map[bool]int{true: 1}[d.get("replica-read-only") == "yes"])
	} else {
		b.WriteString("role:master\r\n")
	}
	replicas := d.replicas()
	fmt.Fprintf(&b, "connected_slaves:%d\r\n", len(replicas))
	for i, address := range replicas {
		host, port, _ := net.SplitHostPort(address)
		fmt.Fprintf(&b, "slave%d:ip=%s,port=%s,state=online,offset=0,lag=0\r\n", i, host, port)
	}
	fmt.Fprintf(&b, "master_replid:%s\r\n", d.id)
	return b.String()
}

// role is ROLE.
func (d *daemon) role(c *server.Peer, _ string, _ []string) {
	if address := d.master.address(); address != "" {
		host, port, _ := net.SplitHostPort(address)
		number, _ := strconv.Atoi(port)
		state := "connect"
		if d.master.up() {
			state = "connected"
		}
		c.Block(func(w *server.Writer) {
			w.WriteLen(5)
			w.WriteBulk("slave")
			w.WriteBulk(host)
			w.WriteInt(number)
			w.WriteBulk(state)
			w.WriteInt(0)
		})
		return
	}
	replicas := d.replicas()
	c.Block(func(w *server.Writer) {
		w.WriteLen(3)
		w.WriteBulk("master")
		w.WriteInt(0)
		w.WriteLen(len(replicas))
		for _, address := range replicas {
			host, port, _ := net.SplitHostPort(address)
			w.WriteStrings([]string{host, port, "0"})
		}
	})
}
