package redis

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2/server"
)

// The master's side of replication. A replica introduces itself as in life:
// PING, REPLCONF, PSYNC. It gets the whole data and then what changes, as
// commands. The library does not tell what a command changed, and in which order
// commands took effect: so what is sent are differences between two looks at the
// data, and a replica that lags skips what was between.

const (
	// settle is how long after a command that may have changed something the
	// master looks: longer than a command takes to be carried out.
	settle = 10 * time.Millisecond
	// late is when it looks once more, for a command that took longer.
	late = time.Second
	// pingPeriod is Redis' repl-ping-replica-period.
	pingPeriod = 10 * time.Second
	// restFactor keeps looking at much data from taking all the time: after a
	// look the master rests that many times as long as the look took.
	restFactor = 5
)

// feed is a replica that is being kept up to date.
type feed struct {
	address string
	changed chan struct{} // holds one
	gone    chan struct{} // closed when its connection has ended
	once    sync.Once
}

// wake tells those who follow the data that it may have changed.
func (d *daemon) wake() {
	notify(d.changed)
	d.feedsMu.Lock()
	defer d.feedsMu.Unlock()
	for f := range d.feeds {
		notify(f.changed)
	}
}

func notify(changed chan<- struct{}) {
	select {
	case changed <- struct{}{}:
	default: // it has been told
	}
}

// replicas are the addresses of those that are kept up to date.
func (d *daemon) replicas() (addresses []string) {
	d.feedsMu.Lock()
	defer d.feedsMu.Unlock()
	for f := range d.feeds {
		addresses = append(addresses, f.address)
	}
	slices.Sort(addresses)
	return addresses
}

// replconf takes what a replica says of itself.
func (d *daemon) replconf(c *server.Peer, _ string, args []string) {
	p := d.peer(c)
	for i := 0; i+1 < len(args); i += 2 {
		switch strings.ToLower(args[i]) {
		case "listening-port":
			p.port = args[i+1]
		case "ip-address":
			p.address = args[i+1]
		}
	}
	c.WriteOK()
}

// psync turns the connection into the feed of a replica.
func (d *daemon) psync(c *server.Peer, _ string, _ []string) {
	p := d.peer(c)
	f := &feed{address: net.JoinHostPort(p.address, p.port), changed: make(chan struct{}, 1), gone: make(chan struct{})}
	d.logf("* Replica %s asks for synchronization", f.address)
	d.logf("* Full resync requested by replica %s", f.address)
	c.OnDisconnect(func() { f.once.Do(func() { close(f.gone) }) })
	d.feedsMu.Lock()
	d.feeds[f] = struct{}{}
	d.feedsMu.Unlock()
	d.feeding.Go(func() {
		d.feed(c, f)
		d.feedsMu.Lock()
		delete(d.feeds, f)
		d.feedsMu.Unlock()
	})
}

// feed sends a replica the data and its changes until the connection ends.
func (d *daemon) feed(c *server.Peer, f *feed) {
	sent := d.snapshot()
	whole := text(sent)
	c.Block(func(w *server.Writer) {
		w.WriteInline("FULLRESYNC " + d.id + " 0")
		w.WriteBulk(whole)
	})
	c.Flush()
	d.logf("* Synchronization with replica %s succeeded", f.address)
	defer d.logf("# Connection with replica %s lost.", f.address)
	ping := time.NewTicker(pingPeriod)
	defer ping.Stop()
	look, again := time.NewTimer(0), time.NewTimer(0)
	look.Stop()
	again.Stop()
	defer look.Stop()
	defer again.Stop()
	changed, rest := f.changed, settle
	for {
		select {
		case <-f.gone:
			return
		case <-ping.C:
			sendTo(c, [][]string{{"PING"}})
		case <-changed:
			changed = nil // one look is enough for all that comes until then
			look.Reset(rest)
		case <-look.C:
			changed = f.changed
			began := time.Now()
			sent = d.sendChanges(c, sent)
			rest = max(settle, restFactor*time.Since(began))
			again.Reset(late)
		case <-again.C:
			sent = d.sendChanges(c, sent)
		}
	}
}

// sendChanges brings a replica from what was sent before to what is stored, at
// one stroke, and returns that.
func (d *daemon) sendChanges(c *server.Peer, sent map[record]content) map[record]content {
	state := d.snapshot()
	var commands [][]string
	db := -1
	in := func(r record) {
		if r.db != db {
			db = r.db
			commands = append(commands, []string{"SELECT", strconv.Itoa(db)})
		}
	}
	for _, r := range sorted(sent) {
		if _, ok := state[r]; !ok {
			in(r)
			commands = append(commands, []string{"DEL", r.key})
		}
	}
	for _, r := range sorted(state) {
		before, ok := sent[r]
		if ok && before.equal(state[r]) {
			continue
		}
		in(r)
		commands = append(commands, []string{"DEL", r.key})
		commands = append(commands, state[r].all(r.key)...)
	}
	if len(commands) > 0 {
		sendTo(c, slices.Concat([][]string{{"MULTI"}}, commands, [][]string{{"EXEC"}}))
	}
	return state
}

func sendTo(c *server.Peer, commands [][]string) {
	c.Block(func(w *server.Writer) {
		for _, words := range commands {
			w.WriteLen(len(words))
			for _, word := range words {
				w.WriteBulk(word)
			}
		}
	})
	c.Flush()
}
