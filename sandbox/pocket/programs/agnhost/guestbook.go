package agnhost

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
)

const (
	registerLimit = 15 * time.Second // how long a replica looks for its primary
	requestLimit  = 5 * time.Second
)

// guestbook is the application of the guestbook example: a front end, a primary
// that stores, and replicas that the primary keeps up to date.
func (a *app) guestbook() subcommand {
	g := &guestbook{app: a, store: map[string]any{}}
	return subcommand{
		use: "guestbook", short: "Creates a HTTP server with various endpoints representing a guestbook app",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&g.httpPort, "http-port", "80", "HTTP Listen Port")
			f.StringVar(&g.backendPort, "backend-port", "6379", "Backend's HTTP Listen Port")
			f.StringVar(&g.replicaOf, "replicaof", "", "The host's name to register to")
		},
		run: func([]string) int {
			if g.replicaOf != "" {
				a.start(g.registerAtPrimary)
			}
			mux := http.NewServeMux()
			mux.HandleFunc("/register", g.register)
			mux.HandleFunc("/get", g.get)
			mux.HandleFunc("/set", g.set)
			mux.HandleFunc("/guestbook", g.front)
			return a.listenAndServe(":"+g.httpPort, mux)
		},
	}
}

type guestbook struct {
	*app
	httpPort, backendPort, replicaOf string

	mu       sync.Mutex
	store    map[string]any
	replicas []string
}

// registerAtPrimary tells the primary about this replica and takes over what is
// stored there. A replica without its primary ends.
func (g *guestbook) registerAtPrimary() {
	primary := net.JoinHostPort(g.replicaOf, g.backendPort)
	for began := time.Now(); time.Since(began) < registerLimit; {
		err := g.registerOnce(primary)
		if err == nil {
			g.log.printf("Registered to node: %s", g.replicaOf)
			return
		}
		g.log.printf("%v. Retrying in 1s.", err)
		if !g.sleep(1) {
			return
		}
	}
	g.fatalf("Timed out while registering to primary.")
}

func (g *guestbook) registerOnce(primary string) error {
	if _, err := g.resolve(g.ctx, "tcp", primary); err != nil {
		return fmt.Errorf("unable to resolve %s, --replicaof param and/or --backend-port param are invalid: %w", primary, err)
	}
	// A UDP socket shows which address leads to the primary, without a packet.
	conn, err := g.Dial(g.ctx, "udp", primary)
	if err != nil {
		return fmt.Errorf("unable to get IP %s: %w", primary, err)
	}
	own := ownAddress(conn, g.Net.Addr().String())
	_ = conn.Close()
	request := "register?host=" + own
	g.log.printf("Registering to primary: %s/%s", primary, request)
	_, body, err := g.app.get(requestLimit, "http://"+primary+"/"+request)
	if err != nil {
		return fmt.Errorf("encountered error while registering to primary: %w", err)
	}
	var answered struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &answered); err != nil {
		g.fatalf("Error while unmarshaling primary's response: %v", err)
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if answered.Data != nil {
		g.store = answered.Data
	}
	return nil
}

// ownAddress is the local address of a socket; a socket that is bound to any
// address uses the Pod's.
func ownAddress(conn net.Conn, pod string) string {
	if a, ok := conn.LocalAddr().(*net.UDPAddr); ok && !a.IP.IsUnspecified() {
		return a.IP.String()
	}
	return pod
}

func (g *guestbook) register(w http.ResponseWriter, r *http.Request) {
	ip := r.URL.Query().Get("host")
	g.log.printf("GET /register?host=%s", ip)
	g.mu.Lock()
	snapshot := maps.Clone(g.store)
	if !slices.Contains(g.replicas, ip) {
		g.replicas = append(g.replicas, ip)
	}
	g.mu.Unlock()
	answer(w, map[string]any{"data": snapshot})
	g.log.printf("Node '%s' registered.", ip)
}

func (g *guestbook) get(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Query().Get("key")
	g.log.printf("GET /get?key=%s", key)
	g.mu.Lock()
	var found any = maps.Clone(g.store)
	if key != "" {
		found = ""
		if v, ok := g.store[key]; ok {
			found = v
		}
	}
	g.mu.Unlock()
	answer(w, map[string]any{"data": found})
}

// maxEntries bounds the store.
const maxEntries = 100_000

func (g *guestbook) set(w http.ResponseWriter, r *http.Request) {
	key, value := r.URL.Query().Get("key"), r.URL.Query().Get("value")
	g.log.printf("GET /set?key=%s&value=%s", key, value)
	if key == "" {
		http.Error(w, "cannot set with empty key.", http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	if len(g.store) < maxEntries {
		g.store[key] = value
	}
	replicas := slices.Clone(g.replicas)
	g.mu.Unlock()
	for _, replica := range replicas {
		query := url.Values{"key": {key}, "value": {value}}
		if _, _, err := g.app.get(requestLimit, "http://"+net.JoinHostPort(replica, g.backendPort)+"/set?"+query.Encode()); err != nil {
			http.Error(w, fmt.Sprintf("encountered error while propagating to replica '%s': %v", replica, err), http.StatusExpectationFailed)
			return
		}
	}
	answer(w, map[string]string{"message": "Updated"})
}

// front sends a request on to the primary or to a replica.
func (g *guestbook) front(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	cmd, key, value := strings.ToLower(q.Get("cmd")), q.Get("key"), q.Get("value")
	g.log.printf("GET /guestbook?cmd=%s&key=%s&value=%s", cmd, key, value)
	host := "agnhost-primary"
	switch {
	case cmd == "get":
		host = "agnhost-replica"
	case cmd != "set":
		http.Error(w, fmt.Sprintf("unsupported cmd: '%s'", cmd), http.StatusBadRequest)
		return
	case key == "":
		http.Error(w, "cannot set with empty key.", http.StatusBadRequest)
		return
	}
	back := net.JoinHostPort(host, g.backendPort)
	if _, err := g.resolve(r.Context(), "tcp", back); err != nil {
		http.Error(w, fmt.Sprintf("host and/or port param are invalid. %v", err), http.StatusBadRequest)
		return
	}
	_, body, err := g.app.get(requestLimit, "http://"+back+"/"+cmd+"?"+url.Values{"key": {key}, "value": {value}}.Encode())
	if err != nil {
		http.Error(w, fmt.Sprintf("encountered error: %v", err), http.StatusExpectationFailed)
		return
	}
	fmt.Fprint(w, body)
}
