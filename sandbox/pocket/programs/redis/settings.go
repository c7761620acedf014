package redis

import (
	"errors"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// settings are what redis.conf, the command line and CONFIG SET say, by the
// names that redis.conf has for them. They are safe for concurrent use.
type settings struct {
	mu     sync.Mutex
	values map[string]string
}

// newSettings are Redis' own defaults, and where the server was started.
func newSettings(dir string) *settings {
	return &settings{values: map[string]string{
		"port": "6379", "bind": "", "requirepass": "", "masterauth": "", "dir": dir, "dbfilename": "dump.rdb", "appendonly": "no",
		"save": "3600 1 300 100 60 10000", "maxmemory": "0", "maxmemory-policy": "noeviction", "maxmemory-samples": "5",
		"maxclients": "10000", "timeout": "0", "databases": "16", "loglevel": "notice", "replicaof": "", "replica-read-only": "yes",
		"appendfsync": "everysec", "protected-mode": "yes", "tcp-keepalive": "300", "notify-keyspace-events": "",
	}}
}

// aliases are older names of settings.
var aliases = map[string]string{"slaveof": "replicaof", "slave-read-only": "replica-read-only"}

func canonical(name string) string {
	name = strings.ToLower(name)
	if alias, ok := aliases[name]; ok {
		return alias
	}
	return name
}

// read takes one line of a configuration; names that are not known here have no
// effect.
func (s *settings) read(words []string) {
	if len(words) < 2 {
		return
	}
	values := make([]string, 0, len(words)-1)
	for _, w := range words[1:] {
		values = append(values, strings.Trim(w, `"'`))
	}
	_ = s.set(words[0], strings.Join(values, " "))
}

var errUnknownSetting = errors.New("unknown setting")

// set changes one setting.
func (s *settings) set(name, value string) error {
	name = canonical(name)
	if name == "maxmemory" {
		n, err := bytesOf(value)
		if err != nil {
			return err
		}
		value = strconv.FormatUint(n, 10)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.values[name]; !ok {
		return errUnknownSetting
	}
	s.values[name] = value
	return nil
}

func (s *settings) get(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[name]
}

// matching are names and values of the settings whose names fit one of the
// patterns, in turn, as CONFIG GET answers.
func (s *settings) matching(patterns []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []string{}
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		if slices.ContainsFunc(patterns, func(p string) bool {
			ok, err := path.Match(strings.ToLower(p), name)
			return ok && err == nil
		}) {
			found = append(found, name, s.values[name])
		}
	}
	return found
}

// bytesOf reads an amount of memory as redis.conf has them: 2mb are 2 << 20
// bytes, 2m are two million.
func bytesOf(text string) (uint64, error) {
	text = strings.ToLower(text)
	digits := strings.TrimRight(text, "bkmg")
	factor, ok := map[string]uint64{"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1_000_000, "mb": 1 << 20, "g": 1_000_000_000, "gb": 1 << 30}[text[len(digits):]]
	n, err := strconv.ParseUint(digits, 10, 40)
	if !ok || err != nil {
		return 0, errors.New("argument must be a memory value")
	}
	return n * factor, nil
}
