package redis

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// databases is how many there are.
const databases = 16

// record names a key of a database.
type record struct {
	db  int
	key string
}

// content is what is stored under a key: the commands that make it, and when it
// expires, if it does.
type content struct {
	commands [][]string
	expires  time.Time
}

// expiryJitter is how far two looks at one key may differ on when it expires:
// the library tells the time that is left.
const expiryJitter = 100 * time.Millisecond

func (c content) equal(other content) bool {
	if c.expires.IsZero() != other.expires.IsZero() || c.expires.Sub(other.expires).Abs() > expiryJitter {
		return false
	}
	return slices.EqualFunc(c.commands, other.commands, slices.Equal)
}

// all are the commands that make a key with the content, its end included.
func (c content) all(key string) [][]string {
	if c.expires.IsZero() {
		return c.commands
	}
	return append(slices.Clip(c.commands), []string{"PEXPIREAT", key, strconv.FormatInt(c.expires.UnixMilli(), 10)})
}

// snapshot is all that is stored. Each key is seen at one moment, different
// keys at different ones.
func (d *daemon) snapshot() map[record]content {
	state := map[record]content{}
	for n := range databases {
		db := d.db.DB(n)
		for _, key := range db.Keys() {
			c := content{commands: commandsFor(db, key)}
			if ttl := db.TTL(key); ttl > 0 {
				c.expires = time.Now().Add(ttl)
			}
			if len(c.commands) > 0 {
				state[record{n, key}] = c
			}
		}
	}
	return state
}

// commandsFor are the commands that make a key as it is, always in the same order.
// Streams and other kinds beside Redis' first five have none.
func commandsFor(db *miniredis.RedisDB, key string) (commands [][]string) {
	switch db.Type(key) {
	case "string":
		if v, err := db.Get(key); err == nil {
			commands = append(commands, []string{"SET", key, v})
		}
	case "list":
		if v, err := db.List(key); err == nil {
			commands = append(commands, append([]string{"RPUSH", key}, v...))
		}
	case "set":
		if v, err := db.Members(key); err == nil {
			slices.Sort(v)
			commands = append(commands, append([]string{"SADD", key}, v...))
		}
	case "hash":
		if fields, err := db.HKeys(key); err == nil {
			slices.Sort(fields)
			for _, f := range fields {
				commands = append(commands, []string{"HSET", key, f, db.HGet(key, f)})
			}
		}
	case "zset":
		if scores, err := db.SortedSet(key); err == nil {
			for _, member := range slices.Sorted(maps.Keys(scores)) {
				commands = append(commands, []string{"ZADD", key, strconv.FormatFloat(scores[member], 'g', -1, 64), member})
			}
		}
	}
	return commands
}

// text is a state as a file: one command a line, its words quoted. The format is
// the sandbox's own.
func text(state map[record]content) string {
	var b strings.Builder
	line := func(words []string) {
		for i, w := range words {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.Quote(w))
		}
		b.WriteByte('\n')
	}
	db := -1
	for _, r := range sorted(state) {
		if r.db != db {
			db = r.db
			line([]string{"SELECT", strconv.Itoa(db)})
		}
		for _, words := range state[r].all(r.key) {
			line(words)
		}
	}
	return b.String()
}

// sorted are the records of a state by database and key.
func sorted(state map[record]content) []record {
	return slices.SortedFunc(maps.Keys(state), func(a, b record) int {
		return cmp.Or(a.db-b.db, strings.Compare(a.key, b.key))
	})
}

// store writes the data to the file that the next start reads, at one stroke: a
// server that starts meanwhile reads the old file or the new one.
func (d *daemon) store() error {
	d.storing.Lock()
	defer d.storing.Unlock()
	draft := path.Join(d.get("dir"), fmt.Sprintf("temp-%d.rdb", d.p.PID))
	if err := d.p.Files.WriteFile(draft, []byte(text(d.snapshot())), 0o644); err != nil {
		return err
	}
	return d.p.Files.Rename(draft, d.dumpFile())
}

// keep stores the data soon after each change while appendonly is set: what a
// client wrote outlives a server that is killed, and is there for one that
// starts before this one has ended.
func (d *daemon) keep(ctx context.Context) {
	look, again := time.NewTimer(0), time.NewTimer(0)
	look.Stop()
	again.Stop()
	defer look.Stop()
	defer again.Stop()
	store := func() {
		if d.get("appendonly") != "yes" {
			return
		}
		if err := d.store(); err != nil {
			d.logf("# Error writing to the AOF file: %s", err)
		}
	}
	changed, rest := d.changed, settle
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			changed = nil // one look is enough for all that comes until then
			look.Reset(rest)
		case <-look.C:
			changed = d.changed
			began := time.Now()
			store()
			rest = max(settle, restFactor*time.Since(began))
			again.Reset(late)
		case <-again.C:
			store()
		}
	}
}

func (d *daemon) dumpFile() string { return path.Join(d.get("dir"), d.get("dbfilename")) }

// load reads what store wrote.
func (d *daemon) load() {
	stored, err := d.p.Files.ReadFile(d.dumpFile())
	if err != nil {
		return
	}
	keys, err := d.apply(string(stored))
	if err != nil {
		d.logf("# Bad file format reading the RDB file: %s", err)
		return
	}
	d.logf("* Done loading RDB, keys loaded: %d, keys expired: 0.", keys)
	d.logf("* DB loaded from disk: 0.000 seconds")
}

// apply carries out the commands of a text and counts the keys.
func (d *daemon) apply(stored string) (keys int, err error) {
	c, end, err := d.insider()
	if err != nil {
		return 0, err
	}
	defer end()
	seen := map[record]bool{}
	db := 0
	for entry := range strings.Lines(stored) {
		words := unquote(entry)
		if len(words) < 2 {
			continue
		}
		if _, err := c.do(words...); err != nil {
			return len(seen), err
		}
		if words[0] == "SELECT" {
			db, _ = strconv.Atoi(words[1])
		} else {
			seen[record{db, words[1]}] = true
		}
	}
	return len(seen), nil
}

// insider is a client within the server: it may write to a replica too. The
// caller ends it.
func (d *daemon) insider() (c *client, end func(), err error) {
	conn, err := d.db.Dial()
	if err != nil {
		return nil, nil, err
	}
	c = newClient(conn)
	if password := d.get("requirepass"); password != "" {
		_, _ = c.do("AUTH", password)
	}
	_, _ = c.do("CLIENT", "SETNAME", d.insiderName)
	return c, func() { _ = conn.Close() }, nil
}

// unquote reads a line that text wrote.
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
