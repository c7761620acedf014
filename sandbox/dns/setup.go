package dns

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// setting is a Corefile made into what runs.
type setting struct {
	ports      []string           // in order
	listen     map[string]servers // by port
	zones      map[string][]string
	health     string // address, empty: not configured
	lameduck   time.Duration
	ready      string
	metrics    string
	reload     time.Duration // how often the file is looked at; 0: never
	kubernetes bool
}

// builder makes plugins of directives.
type builder struct {
	process *proc.Process
	cluster *Cluster
	log     *logger
	set     *setting
	block   block
}

// build makes a Corefile's plugins; its errors are CoreDNS's.
func build(p *proc.Process, cluster *Cluster, log *logger, file string, blocks []block) (*setting, error) {
	set := &setting{listen: map[string]servers{}, zones: map[string][]string{}}
	for _, b := range blocks {
		bd := &builder{process: p, cluster: cluster, log: log, set: set, block: b}
		var plugins []plugin
		ordered := slices.Clone(b.directives)
		slices.SortStableFunc(ordered, func(a, b directive) int { return slices.Index(known, a.name) - slices.Index(known, b.name) })
		for _, d := range ordered {
			made, err := bd.plugin(d)
			if err != nil {
				return nil, fmt.Errorf("%s:%d - Error during parsing: %w", file, d.line, err)
			}
			if made != nil {
				plugins = append(plugins, made)
			}
		}
		if set.listen[b.port] == nil {
			set.ports = append(set.ports, b.port)
		}
		for _, zone := range b.zones {
			if slices.Contains(set.zones[b.port], zone) {
				return nil, fmt.Errorf("cannot serve dns://%s:%s - it is already defined", zone, b.port)
			}
			set.zones[b.port] = append(set.zones[b.port], zone)
			set.listen[b.port] = append(set.listen[b.port], &server{zone: zone, handle: chain(plugins)})
		}
	}
	return set, nil
}

func wrongArgs(d directive) error {
	return fmt.Errorf("plugin/%s: Wrong argument count or unexpected line ending after '%s'", d.name, append([]string{d.name}, d.args...)[len(d.args)])
}

// first is an argument, or what stands for none.
func first(args []string, otherwise string) string {
	if len(args) > 0 {
		return args[0]
	}
	return otherwise
}

// plugin makes one plugin; it is nil when it sees no queries.
func (b *builder) plugin(d directive) (plugin, error) {
	switch d.name {
	case "errors":
		return reportErrors(b.log), nil
	case "log":
		return b.logQueries(d)
	case "loadbalance":
		return loadBalance, nil
	case "kubernetes":
		return b.kubernetes(d)
	case "hosts":
		return b.hosts(d)
	case "rewrite":
		return b.rewrite(d)
	case "forward":
		return b.forward(d)
	case "health":
		b.set.health = first(d.args, ":8080")
		for _, line := range d.body {
			if line[0] == "lameduck" && len(line) == 2 {
				var err error
				if b.set.lameduck, err = time.ParseDuration(line[1]); err != nil {
					return nil, fmt.Errorf("plugin/health: %w", err)
				}
			}
		}
	case "ready":
		b.set.ready = first(d.args, ":8181")
	case "prometheus":
		b.set.metrics = first(d.args, "localhost:9153")
	case "reload":
		every, err := time.ParseDuration(first(d.args, "30s"))
		if err != nil {
			return nil, fmt.Errorf("plugin/reload: %w", err)
		}
		if every < 2*time.Second {
			return nil, fmt.Errorf("plugin/reload: interval value must be greater or equal to 2s")
		}
		b.set.reload = every
	case "cache", "loop", "debug", "bufsize", "minimal", "cancel", "metadata", "any", "timeouts", "multisocket", "pprof", "nsid":
		// They make no difference to what this server is asked and answers.
	default:
		return nil, fmt.Errorf("plugin/%s: the sandbox's CoreDNS does not have this plugin", d.name)
	}
	return nil, nil
}

func (b *builder) zonesOr(args []string) []string {
	if len(args) == 0 {
		return b.block.zones
	}
	var zones []string
	for _, a := range args {
		zones = append(zones, dns.CanonicalName(a))
	}
	return zones
}

func (b *builder) kubernetes(d directive) (plugin, error) {
	fail := func(format string, args ...any) (plugin, error) {
		return nil, fmt.Errorf("plugin/kubernetes: "+format, args...)
	}
	k := &domain{cluster: b.cluster, zones: b.zonesOr(d.args), ttl: 5, pods: podsDisabled, self: b.process.Net.Addr()}
	for _, z := range k.zones {
		if !isReverse(z) {
			k.primary = z
			break
		}
	}
	if k.primary == "" {
		return fail("non-reverse zone name must be used")
	}
	for _, line := range d.body {
		args := line[1:]
		switch line[0] {
		case "pods":
			if len(args) != 1 {
				return nil, wrongArgs(directive{name: d.name, args: line})
			}
			if k.pods = podMode(args[0]); k.pods != podsDisabled && k.pods != podsInsecure && k.pods != podsVerified {
				return fail("wrong value for pods: %s,  must be one of: disabled, verified, insecure", args[0])
			}
		case "ttl":
			n, err := strconv.Atoi(first(args, ""))
			if err != nil {
				return fail("%v", err)
			}
			if n < 0 || n > 3600 {
				return fail("ttl must be in range [0, 3600]: %d", n)
			}
			k.ttl = uint32(n)
		case "fallthrough":
			k.passOn = []string{"."}
			if len(args) > 0 {
				k.passOn = b.zonesOr(args)
			}
		case "namespaces":
			k.namespaces = args
		case "endpoint_pod_names":
			k.podNames = true
		case "ignore":
			k.noEmpty = strings.Join(args, " ") == "empty_service"
		case "noendpoints", "startup_timeout", "apiserver_qps", "apiserver_burst", "apiserver_max_inflight":
		default:
			return fail("unknown property '%s'", line[0])
		}
	}
	b.set.kubernetes = true
	return k.serve, nil
}
