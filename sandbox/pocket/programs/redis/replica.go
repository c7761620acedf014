package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

const (
	// retryAfter is how soon a replica looks for its master again.
	retryAfter = time.Second
	// masterSilence is Redis' repl-timeout: a master that says nothing for so
	// long, not even PING, is lost.
	masterSilence = time.Minute
)

// following is a replica's bond to its master; the zero value is a master's own.
type following struct {
	mu     sync.Mutex
	master string // host and port; empty: none
	online bool   // has the master's data and follows its changes
	cancel context.CancelFunc
	done   chan struct{}
}

func (f *following) address() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.master
}

func (f *following) up() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.online
}

func (f *following) setUp(online bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.online = online
}

// end stops following and waits until it has ended.
func (f *following) end() {
	f.mu.Lock()
	cancel, done := f.cancel, f.done
	f.cancel, f.master, f.online = nil, "", false
	f.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// follow makes the server a replica until the process ends or it is told
// otherwise.
func (d *daemon) follow(ctx context.Context, host, port string) {
	d.master.end()
	f := &d.master
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	f.mu.Lock()
	f.master, f.cancel, f.done = net.JoinHostPort(host, port), cancel, done
	f.mu.Unlock()
	go func() {
		defer close(done)
		defer cancel()
		for {
			d.logf("* Connecting to MASTER %s:%s", host, port)
			d.followOnce(ctx, net.JoinHostPort(host, port))
			f.setUp(false)
			if !proc.Sleep(ctx, retryAfter) {
				return
			}
		}
	}()
}

// replicaof is REPLICAOF, and SLAVEOF of old.
func (d *daemon) replicaof(c *server.Peer, _ string, args []string) {
	switch {
	case len(args) != 2:
		c.WriteError("ERR wrong number of arguments for 'replicaof' command")
		return
	case strings.EqualFold(args[0], "no") && strings.EqualFold(args[1], "one"):
		d.master.end()
		_ = d.set("replicaof", "")
		d.logf("* MASTER MODE enabled (user request)")
	default:
		_ = d.set("replicaof", args[0]+" "+args[1])
		d.follow(d.ctx, args[0], args[1])
		d.logf("* REPLICAOF %s:%s enabled (user request)", args[0], args[1])
	}
	c.WriteOK()
}

// followOnce connects to the master and follows it until the connection ends.
func (d *daemon) followOnce(ctx context.Context, address string) {
	conn, err := d.p.Dial(ctx, "tcp", address)
	var unknown *net.DNSError
	if errors.As(err, &unknown) {
		d.logf("# Unable to connect to MASTER: Invalid argument")
		return
	}
	d.logf("* MASTER <-> REPLICA sync started")
	if err != nil {
		if ctx.Err() == nil {
			d.logf("# Error condition on socket for SYNC: %s", cause(err))
		}
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	d.logf("* Non blocking connect for SYNC fired the event.")
	master := newClient(conn)
	if err := d.introduce(conn, master); err != nil {
		d.logf("# %s", err)
		return
	}
	_ = conn.SetReadDeadline(time.Now().Add(masterSilence))
	whole, err := master.read(0)
	if err != nil || whole.kind != '$' {
		d.logf("# I/O error trying to sync with MASTER: %v", err)
		return
	}
	d.logf("* MASTER <-> REPLICA sync: receiving %d bytes from master to disk", len(whole.text))
	d.logf("* MASTER <-> REPLICA sync: Flushing old data")
	d.db.FlushAll()
	d.logf("* MASTER <-> REPLICA sync: Loading DB in memory")
	if _, err := d.apply(whole.text); err != nil {
		d.logf("# Failed trying to load the MASTER synchronization DB: %s", err)
		return
	}
	d.logf("* MASTER <-> REPLICA sync: Finished with success")
	d.master.setUp(true)
	d.wake()
	err = d.carryOut(conn, master)
	if ctx.Err() == nil {
		d.logf("# Connection with master lost.")
		d.logf("* Caching the disconnected master state.")
		if err != nil {
			d.logf("# %s", err)
		}
	}
}

// introduce is what a replica says first; the master's answer to its last word is
// the whole data.
func (d *daemon) introduce(conn net.Conn, master *client) error {
	_ = conn.SetDeadline(time.Now().Add(masterSilence))
	if password := d.get("masterauth"); password != "" {
		if _, err := master.do("AUTH", password); err != nil {
			return fmt.Errorf("unable to AUTH to MASTER: %w", err)
		}
	}
	pong, err := master.do("PING")
	switch {
	case err != nil:
		return fmt.Errorf("error reading PING reply from master: %w", err)
	case pong.kind == '-':
		return fmt.Errorf("error reply to PING from master: '%s'", pong.text)
	}
	d.logf("* Master replied to PING, replication can continue...")
	if _, err := master.do("REPLCONF", "listening-port", d.get("port"), "ip-address", d.p.Net.Addr().String()); err != nil {
		return err
	}
	d.logf("* Partial resynchronization not possible (no cached master)")
	answer, err := master.do("PSYNC", "?", "-1")
	if err != nil {
		return err
	}
	resync, ok := strings.CutPrefix(answer.text, "FULLRESYNC ")
	if !ok {
		return fmt.Errorf("unexpected reply to PSYNC from master: %s", answer.text)
	}
	id, _, _ := strings.Cut(resync, " ")
	d.logf("* Full resync from master: %s:0", id)
	return nil
}

// carryOut applies the master's changes until the connection ends.
func (d *daemon) carryOut(conn net.Conn, master *client) error {
	c, end, err := d.insider()
	if err != nil {
		return err
	}
	defer end()
	for {
		_ = conn.SetDeadline(time.Now().Add(masterSilence))
		command, err := master.read(0)
		if err != nil {
			return nil // how a connection ends
		}
		words := make([]string, len(command.list))
		for i, word := range command.list {
			words[i] = word.text
		}
		if len(words) == 0 {
			continue
		}
		if _, err := c.do(words...); err != nil {
			return err
		}
		if words[0] == "EXEC" {
			d.wake()
		}
	}
}
