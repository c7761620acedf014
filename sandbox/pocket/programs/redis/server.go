// Package redis plays the database Redis and its client. The server speaks the
// protocol and the commands of github.com/alicebob/miniredis; what a server has
// beside its data is ours: settings, files, replication.
package redis

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// Server is redis-server.
func Server(ctx context.Context, p *proc.Process) int {
	s := newSettings(p.Dir)
	args := p.Args[1:]
	if len(args) > 0 && (args[0] == "-v" || args[0] == "--version") {
		fmt.Fprintf(p.Stdout, "Redis server v=%s sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0\n", p.Image.Version)
		return 0
	}
	configured := len(args) > 0 && !strings.HasPrefix(args[0], "-")
	if configured {
		lines, err := p.Files.ReadFile(p.Path(args[0]))
		if err != nil {
			fmt.Fprintf(p.Stderr, "*** FATAL CONFIG FILE ERROR (Redis %s) ***\nCan't open config file '%s': No such file or directory\n", p.Image.Version, p.Path(args[0]))
			return 1
		}
		for line := range strings.Lines(string(lines)) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
				s.read(strings.Fields(line))
			}
		}
		args = args[1:]
	}
	for len(args) > 0 {
		name := strings.TrimPrefix(args[0], "--")
		end := 1
		for end < len(args) && !strings.HasPrefix(args[end], "--") {
			end++
		}
		s.read(append([]string{name}, args[1:end]...))
		args = args[end:]
	}
	var id [20]byte
	rand.Read(id[:]) // never fails, see crypto/rand
	d := &daemon{
		ctx: ctx, p: p, settings: s, configured: configured, began: time.Now(), insiderName: rand.Text(), id: hex.EncodeToString(id[:]),
		stop: make(chan struct{}, 1), changed: make(chan struct{}, 1), peers: map[*server.Peer]*peer{}, feeds: map[*feed]struct{}{},
	}
	return d.run(ctx)
}

// daemon is a running server.
type daemon struct {
	ctx context.Context // of the process; commands that arrive later need it
	p   *proc.Process
	*settings
	configured  bool // a file was read
	began       time.Time
	insiderName string // of the server's own connections; nobody else knows it
	id          string // of the data, for replicas
	db          *miniredis.Miniredis
	stop        chan struct{} // SHUTDOWN was called
	changed     chan struct{} // holds one: the data may have changed
	storing     sync.Mutex

	peersMu sync.Mutex
	peers   map[*server.Peer]*peer

	feedsMu sync.Mutex
	feeds   map[*feed]struct{}
	feeding sync.WaitGroup

	master following
}

// logf writes a line of the log: who speaks is M for a master, S for a replica.
func (d *daemon) logf(format string, args ...any) {
	role := "M"
	switch {
	case d.db == nil:
		role = "C"
	case d.master.address() != "":
		role = "S"
	}
	fmt.Fprintf(d.p.Stdout, "%d:%s %s %s\n", d.p.PID, role, time.Now().UTC().Format("02 Jan 2006 15:04:05.000"), fmt.Sprintf(format, args...))
}

func (d *daemon) run(ctx context.Context) int {
	signals := d.p.Notify(proc.SIGTERM, proc.SIGINT)
	d.logf("* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
	d.logf("* Redis version=%s, bits=64, commit=00000000, modified=0, pid=%d, just started", d.p.Image.Version, d.p.PID)
	if d.configured {
		d.logf("* Configuration loaded")
	} else {
		d.logf("# Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf")
	}
	d.db = miniredis.NewMiniRedis()
	d.logf("* monotonic clock: POSIX clock_gettime")
	port := d.get("port")
	bind, _, _ := strings.Cut(d.get("bind"), " ")
	if bind == "*" {
		bind = ""
	}
	l, err := d.p.Listen(ctx, "tcp", net.JoinHostPort(bind, port))
	if err != nil {
		d.logf("# Warning: Could not create server TCP listening socket *:%s: bind: Address already in use", port)
		d.logf("# Failed listening on port %s (tcp), aborting.", port)
		return 1
	}
	d.db.ClockTTL(true)
	first, err := d.db.Dial() // starts the server without a listener
	if err != nil {
		d.logf("# %s", err)
		return 1
	}
	first.Close()
	if password := d.get("requirepass"); password != "" {
		d.db.RequireAuth(password)
	}
	d.register()
	d.logf("* Running mode=standalone, port=%s.", port)
	d.logf("* Server initialized")
	d.load()
	d.logf("* Ready to accept connections tcp")
	if host, port, ok := strings.Cut(d.get("replicaof"), " "); ok {
		d.follow(ctx, host, port)
	}

	var serving sync.WaitGroup
	keeping, stopKeeping := context.WithCancel(ctx)
	serving.Go(func() { d.keep(keeping) })
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			d.db.Server().ServeConn(conn)
		}
	})
	defer func() {
		_ = l.Close()
		stopKeeping()
		serving.Wait()
		d.master.end()
		d.db.Close()
		d.feeding.Wait()
	}()
	select {
	case <-signals:
		d.logf("* Received SIGTERM scheduling shutdown...")
	case <-d.stop:
	case <-ctx.Done():
		return 0
	}
	d.logf("* User requested shutdown...")
	if d.get("save") != "" || d.get("appendonly") == "yes" {
		d.logf("* Saving the final RDB snapshot before exiting.")
		if err := d.store(); err != nil {
			d.logf("# Failed opening the temp RDB file %s (in server root dir %s) for saving: %s", d.get("dbfilename"), d.get("dir"), err)
		} else {
			d.logf("* DB saved on disk")
		}
	}
	d.logf("# Redis is now ready to exit, bye bye...")
	return 0
}
