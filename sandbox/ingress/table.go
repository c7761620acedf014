package ingress

import (
	"cmp"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
)

// table says where requests go. It is made anew whenever an Ingress changes.
type table struct {
	servers map[string]*server // by host, "*.example.com" among them; "" is everybody else's
}

// server is what one host name is served with.
type server struct {
	locations []location // in the order in which they are tried
	tls       bool       // some Ingress asks for TLS with this name
	secret    string     // NAMESPACE/NAME of its certificate
}

// location is one path of a host.
type location struct {
	path    string
	exact   bool
	pattern *regexp.Regexp // in place of path, with annotations that ask for it
	literal bool           // pathType ImplementationSpecific: "/foo" also begins "/foobar"
	backend backend
	options options
	ingress string // NAMESPACE/NAME
}

// backend is a port of a Service; without a name it is none.
type backend struct {
	namespace, service string
	portName           string
	portNumber         int32
}

// annotationPrefix begins the names of ingress-nginx's annotations.
const annotationPrefix = "nginx.ingress.kubernetes.io/"

// options are the annotations of an Ingress that are understood.
type options struct {
	rewrite       string
	regex         bool
	sslRedirect   bool // as far as the host has TLS
	forceRedirect bool
	https         bool // to the backend
	maxBody       int64
	appRoot       string
	permanent     string
	temporal      string
	vhost         string
}

const defaultMaxBody = 1 << 20 // bytes: nginx's client_max_body_size

func readOptions(annotations map[string]string) options {
	get := func(name string) string { return strings.TrimSpace(annotations[annotationPrefix+name]) }
	o := options{
		rewrite: get("rewrite-target"), regex: get("use-regex") == "true", sslRedirect: get("ssl-redirect") != "false",
		forceRedirect: get("force-ssl-redirect") == "true", https: strings.EqualFold(get("backend-protocol"), "HTTPS"),
		maxBody: defaultMaxBody, appRoot: get("app-root"), permanent: get("permanent-redirect"), temporal: get("temporal-redirect"),
		vhost: get("upstream-vhost"),
	}
	if n, ok := readSize(get("proxy-body-size")); ok {
		o.maxBody = n
	}
	return o
}

// readSize reads a size of nginx: 8m, 512k, 0 for no limit.
func readSize(text string) (int64, bool) {
	scale := int64(1)
	switch digits := strings.TrimRight(strings.ToLower(text), "kmg"); strings.TrimPrefix(strings.ToLower(text), digits) {
	case "k":
		scale, text = 1<<10, digits
	case "m":
		scale, text = 1<<20, digits
	case "g":
		scale, text = 1<<30, digits
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n * scale, err == nil && n >= 0
}

// newTable works out the table of Ingresses: of two for the same path the older
// one counts.
func newTable(ingresses []*networkingv1.Ingress) *table {
	t := &table{servers: map[string]*server{}}
	ordered := slices.Clone(ingresses)
	slices.SortFunc(ordered, func(a, b *networkingv1.Ingress) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	var fallbacks []location // of Ingresses with a default backend
	hosts := map[string][]string{}
	for _, in := range ordered {
		id, o := in.Namespace+"/"+in.Name, readOptions(in.Annotations)
		for _, rule := range in.Spec.Rules {
			host := strings.ToLower(rule.Host)
			s := t.server(host)
			hosts[id] = append(hosts[id], host)
			if rule.HTTP == nil {
				continue
			}
			for _, p := range rule.HTTP.Paths {
				s.add(newLocation(id, in.Namespace, p, o))
			}
		}
		for _, tls := range in.Spec.TLS {
			names := tls.Hosts
			if len(names) == 0 {
				names = hosts[id]
			}
			for _, host := range names {
				s := t.server(strings.ToLower(host))
				s.tls = true
				if s.secret == "" && tls.SecretName != "" {
					s.secret = in.Namespace + "/" + tls.SecretName
				}
			}
		}
		if b := in.Spec.DefaultBackend; b != nil && b.Service != nil {
			l := location{path: "/", backend: serviceBackend(in.Namespace, b.Service), options: o, ingress: id}
			fallbacks = append(fallbacks, l)
			if len(in.Spec.Rules) == 0 {
				t.server("").add(l)
			}
		}
	}
	// A default backend takes what the paths of its Ingress's hosts leave over.
	for _, l := range fallbacks {
		for _, host := range hosts[l.ingress] {
			t.server(host).add(l)
		}
	}
	for _, s := range t.servers {
		s.order()
	}
	return t
}

func (t *table) server(host string) *server {
	s := t.servers[host]
	if s == nil {
		s = &server{}
		t.servers[host] = s
	}
	return s
}

func newLocation(id, namespace string, p networkingv1.HTTPIngressPath, o options) location {
	l := location{path: cmp.Or(p.Path, "/"), options: o, ingress: id}
	switch kind := p.PathType; {
	case kind == nil || *kind == networkingv1.PathTypeImplementationSpecific:
		l.literal = true
	case *kind == networkingv1.PathTypeExact:
		l.exact = true
	}
	if p.Backend.Service != nil {
		l.backend = serviceBackend(namespace, p.Backend.Service)
	}
	return l
}

func serviceBackend(namespace string, s *networkingv1.IngressServiceBackend) backend {
	return backend{namespace: namespace, service: s.Name, portName: s.Port.Name, portNumber: s.Port.Number}
}

// add adds a location unless one for the same path is there.
func (s *server) add(l location) {
	if !slices.ContainsFunc(s.locations, func(o location) bool { return o.path == l.path && o.exact == l.exact }) {
		s.locations = append(s.locations, l)
	}
}

// order makes the locations ready to be tried one after the other: exact ones,
// then longer ones. As in ingress-nginx one annotation that asks for patterns
// turns all paths of its host into patterns.
func (s *server) order() {
	patterns := slices.ContainsFunc(s.locations, func(l location) bool { return l.options.regex || strings.Contains(l.options.rewrite, "$") })
	slices.SortStableFunc(s.locations, func(a, b location) int {
		if a.exact != b.exact {
			if a.exact {
				return -1
			}
			return 1
		}
		return cmp.Compare(len(b.path), len(a.path))
	})
	if !patterns {
		return
	}
	for i := range s.locations {
		l := &s.locations[i]
		if re, err := regexp.Compile("(?i)^" + l.path); err == nil && !l.exact {
			l.pattern = re
		}
	}
}

// find finds the server of a Host header and the location of a path.
func (t *table) find(host, path string) (*server, *location) {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	s := t.servers[host]
	if s == nil {
		if _, parent, ok := strings.Cut(host, "."); ok {
			s = t.servers["*."+parent]
		}
	}
	if s == nil {
		s = t.servers[""]
	}
	if s == nil {
		return nil, nil
	}
	for i := range s.locations {
		if s.locations[i].matches(path) {
			return s, &s.locations[i]
		}
	}
	return s, nil
}

func (l *location) matches(path string) bool {
	switch {
	case l.pattern != nil:
		return l.pattern.MatchString(path)
	case l.exact:
		return path == l.path
	case l.literal:
		return strings.HasPrefix(path, l.path)
	}
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(l.path, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// target is the path that the backend is asked for.
func (l *location) target(path string) string {
	switch {
	case l.options.rewrite == "":
		return path
	case l.pattern != nil:
		at := l.pattern.FindStringSubmatchIndex(path)
		if at == nil {
			return path
		}
		made := string(l.pattern.ExpandString(nil, groups.ReplaceAllString(l.options.rewrite, "$${$1}"), path, at))
		if !strings.HasPrefix(made, "/") {
			made = "/" + made
		}
		return made
	}
	return l.options.rewrite
}

// groups are the captures that a rewrite target names.
var groups = regexp.MustCompile(`\$(\d)`)
