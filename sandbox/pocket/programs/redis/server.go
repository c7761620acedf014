// Package redis plays the database Redis and its client. The server speaks the
// protocol and the commands of github.com/alicebob/miniredis.
package redis

import (
	"context"
	"fmt"
	"net"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// settings are what redis.conf and the command line say.
type settings struct {
	port       string
	bind       string
	password   string
	dir        string
	dbFile     string
	appendOnly bool
	save       bool // snapshots are on, as they are by default
	configured bool // a file was read
}

// read takes one line of a configuration.
func (s *settings) read(words []string) {
	if len(words) < 2 {
		return
	}
	value := strings.Trim(words[1], `"'`)
	switch strings.ToLower(words[0]) {
	case "port":
		s.port = value
	case "bind":
		s.bind = value
	case "requirepass":
		s.password = value
	case "dir":
		s.dir = value
	case "dbfilename":
		s.dbFile = value
	case "appendonly":
		s.appendOnly = value == "yes"
	case "save":
		s.save = value != ""
	}
}

// Server is redis-server.
func Server(ctx context.Context, p *proc.Process) int {
	s := settings{port: "6379", dir: p.Dir, dbFile: "dump.rdb", save: true}
	args := p.Args[1:]
	if len(args) > 0 && (args[0] == "-v" || args[0] == "--version") {
		fmt.Fprintf(p.Stdout, "Redis server v=%s sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0\n", p.Image.Version)
		return 0
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		text, err := p.Files.ReadFile(p.Path(args[0]))
		if err != nil {
			fmt.Fprintf(p.Stderr, "*** FATAL CONFIG FILE ERROR (Redis %s) ***\nCan't open config file '%s': No such file or directory\n", p.Image.Version, p.Path(args[0]))
			return 1
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
				s.read(strings.Fields(line))
			}
		}
		s.configured, args = true, args[1:]
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
	d := &daemon{p: p, settings: s}
	return d.run(ctx)
}

// daemon is a running server.
type daemon struct {
	p *proc.Process
	settings
	db *miniredis.Miniredis
}

func (d *daemon) logf(role, format string, args ...any) {
	fmt.Fprintf(d.p.Stdout, "%d:%s %s %s\n", d.p.PID, role, time.Now().UTC().Format("02 Jan 2006 15:04:05.000"), fmt.Sprintf(format, args...))
}

func (d *daemon) run(ctx context.Context) int {
	signals := d.p.Notify(proc.SIGTERM, proc.SIGINT)
	d.logf("C", "* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
	d.logf("C", "* Redis version=%s, bits=64, commit=00000000, modified=0, pid=%d, just started", d.p.Image.Version, d.p.PID)
	if d.configured {
		d.logf("C", "* Configuration loaded")
	} else {
		d.logf("C", "# Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf")
	}
	d.logf("M", "* monotonic clock: POSIX clock_gettime")
	l, err := d.p.Listen(ctx, "tcp", net.JoinHostPort(d.bind, d.port))
	if err != nil {
		d.logf("M", "# Warning: Could not create server TCP listening socket *:%s: bind: Address already in use", d.port)
		d.logf("M", "# Failed listening on port %s (tcp), aborting.", d.port)
		return 1
	}
	d.db = miniredis.NewMiniRedis()
	d.db.ClockTTL(true)
	first, err := d.db.Dial() // starts the server without a listener
	if err != nil {
		d.logf("M", "# %s", err)
		return 1
	}
	first.Close()
	if d.password != "" {
		d.db.RequireAuth(d.password)
	}
	d.register()
	d.logf("M", "* Running mode=standalone, port=%s.", d.port)
	d.logf("M", "* Server initialized")
	d.load()
	d.logf("M", "* Ready to accept connections tcp")

	var serving sync.WaitGroup
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
		serving.Wait()
		d.db.Close()
	}()
	select {
	case <-signals:
	case <-ctx.Done():
		return 0
	}
	d.logf("M", "* Received SIGTERM scheduling shutdown...")
	d.logf("M", "* User requested shutdown...")
	if d.save || d.appendOnly {
		d.logf("M", "* Saving the final RDB snapshot before exiting.")
		if err := d.store(); err != nil {
			d.logf("M", "# Failed opening the temp RDB file %s (in server root dir %s) for saving: %s", d.dbFile, d.dir, err)
		} else {
			d.logf("M", "* DB saved on disk")
		}
	}
	d.logf("M", "# Redis is now ready to exit, bye bye...")
	return 0
}

// commandCost is the CPU time of one command.
const commandCost = 20 * time.Microsecond

// register adds what miniredis leaves to a real server.
func (d *daemon) register() {
	srv := d.db.Server()
	saved := func(reply string) server.Cmd {
		return func(c *server.Peer, _ string, _ []string) {
			if err := d.store(); err != nil {
				c.WriteError("ERR " + err.Error())
				return
			}
			d.logf("M", "* DB saved on disk")
			c.WriteInline(reply)
		}
	}
	_ = srv.Register("SAVE", saved("OK"))
	_ = srv.Register("BGSAVE", saved("Background saving started"))
	_ = srv.Register("CONFIG", func(c *server.Peer, _ string, args []string) {
		if len(args) < 2 || !strings.EqualFold(args[0], "get") {
			c.WriteInline("OK")
			return
		}
		values := map[string]string{"port": d.port, "dir": d.dir, "dbfilename": d.dbFile, "appendonly": yesNo(d.appendOnly), "maxmemory": "0", "requirepass": d.password, "save": "3600 1 300 100 60 10000", "bind": d.bind}
		found := []string{}
		for name, value := range values {
			if ok, _ := path.Match(args[1], name); ok {
				found = append(found, name, value)
			}
		}
		c.WriteStrings(found)
	})
	srv.SetPreHook(func(_ *server.Peer, _ string, _ ...string) bool {
		_ = d.p.Usage.Spend(context.Background(), commandCost)
		return false
	})
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

// store writes the data to the file that the next start reads. The format is
// the sandbox's own: one command a line, quoted.
func (d *daemon) store() error {
	var b strings.Builder
	line := func(words ...string) {
		for i, w := range words {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.Quote(w))
		}
		b.WriteByte('\n')
	}
	for n := range 16 {
		db := d.db.DB(n)
		keys := db.Keys()
		if len(keys) == 0 {
			continue
		}
		line("SELECT", strconv.Itoa(n))
		for _, key := range keys {
			writeKey(db, key, line)
			if ttl := db.TTL(key); ttl > 0 {
				line("PEXPIREAT", key, strconv.FormatInt(time.Now().Add(ttl).UnixMilli(), 10))
			}
		}
	}
	file, err := d.p.Files.Open(path.Join(d.dir, d.dbFile), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write([]byte(b.String()))
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

func writeKey(db *miniredis.RedisDB, key string, line func(...string)) {
	switch db.Type(key) {
	case "string":
		if v, err := db.Get(key); err == nil {
			line("SET", key, v)
		}
	case "list":
		if v, err := db.List(key); err == nil {
			line(append([]string{"RPUSH", key}, v...)...)
		}
	case "set":
		if v, err := db.Members(key); err == nil {
			line(append([]string{"SADD", key}, v...)...)
		}
	case "hash":
		if fields, err := db.HKeys(key); err == nil {
			for _, f := range fields {
				line("HSET", key, f, db.HGet(key, f))
			}
		}
	case "zset":
		if scores, err := db.SortedSet(key); err == nil {
			for member, score := range scores {
				line("ZADD", key, strconv.FormatFloat(score, 'g', -1, 64), member)
			}
		}
	}
}

// load reads what store wrote.
func (d *daemon) load() {
	text, err := d.p.Files.ReadFile(path.Join(d.dir, d.dbFile))
	if err != nil {
		return
	}
	conn, err := d.db.Dial()
	if err != nil {
		return
	}
	defer conn.Close()
	c := newClient(conn)
	if d.password != "" {
		_, _ = c.do("AUTH", d.password)
	}
	keys := 0
	for entry := range strings.Lines(string(text)) {
		words := unquote(entry)
		if len(words) == 0 {
			continue
		}
		if _, err := c.do(words...); err != nil {
			d.logf("M", "# Bad file format reading the RDB file: %s", err)
			return
		}
		if words[0] != "SELECT" && words[0] != "PEXPIREAT" {
			keys++
		}
	}
	d.logf("M", "* Done loading RDB, keys loaded: %d, keys expired: 0.", keys)
	d.logf("M", "* DB loaded from disk: 0.000 seconds")
}

// unquote reads a line that store wrote.
func unquote(line string) (words []string) {
	for rest := strings.TrimSpace(line); rest != ""; rest = strings.TrimSpace(rest) {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return words
		}
		if word, err := strconv.Unquote(quoted); err == nil {
			words = append(words, word)
		}
		rest = rest[len(quoted):]
	}
	return words
}
