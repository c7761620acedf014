package resolve

import (
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Files is where hosts and resolv.conf are read from, anew for every name.
type Files interface {
	ReadFile(name string) ([]byte, error)
}

// Config is what /etc/resolv.conf says.
type Config struct {
	Servers  []string // IP addresses, three at most
	Search   []string
	Ndots    int
	Timeout  time.Duration // of one question to one server
	Attempts int           // how often each server is asked
	TCP      bool          // use-vc: never over UDP

	// One is set by single-request: A and AAAA one after the other.
	One bool
}

// The limits of glibc (resolv.h).
const (
	maxServers  = 3
	maxNdots    = 15
	maxTimeout  = 30
	maxAttempts = 5
)

// ReadConfig reads /etc/resolv.conf; what it does not say has the defaults of
// resolv.conf(5), among them the name server 127.0.0.1.
func ReadConfig(files Files) Config {
	c := Config{Ndots: 1, Timeout: 5 * time.Second, Attempts: 2}
	text, _ := files.ReadFile("/etc/resolv.conf") // without it the defaults hold
	for line := range strings.Lines(string(text)) {
		if line[0] == '#' || line[0] == ';' {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "nameserver":
			if len(c.Servers) < maxServers {
				c.Servers = append(c.Servers, words[1])
			}
		case "domain":
			c.Search = words[1:2]
		case "search":
			c.Search = words[1:]
		case "options":
			for _, o := range words[1:] {
				c.option(o)
			}
		}
	}
	if len(c.Servers) == 0 {
		c.Servers = []string{"127.0.0.1"}
	}
	return c
}

func (c *Config) option(option string) {
	name, value, _ := strings.Cut(option, ":")
	n, err := strconv.Atoi(value)
	switch {
	case name == "use-vc":
		c.TCP = true
	case name == "single-request" || name == "single-request-reopen":
		c.One = true
	case err != nil || n < 0:
	case name == "ndots":
		c.Ndots = min(n, maxNdots)
	case name == "timeout":
		c.Timeout = time.Duration(max(1, min(n, maxTimeout))) * time.Second
	case name == "attempts":
		c.Attempts = max(1, min(n, maxAttempts))
	}
}

// Names are the full names to ask for, in order, each with a final dot: the
// name itself first when it has ndots dots, else last. As in glibc a name
// without any dot is asked for as it is only when there is no search path.
func (c Config) Names(name string) []string {
	if strings.HasSuffix(name, ".") {
		return []string{name}
	}
	var names []string
	for _, s := range c.Search {
		names = append(names, strings.TrimPrefix(dns.Fqdn(name+"."+s), "."))
	}
	if strings.Count(name, ".") >= c.Ndots {
		return append([]string{dns.Fqdn(name)}, names...)
	}
	if strings.Contains(name, ".") || len(names) == 0 {
		names = append(names, dns.Fqdn(name))
	}
	return names
}
