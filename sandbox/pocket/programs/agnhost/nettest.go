package agnhost

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// networkState is what Pods of a network test have heard from one another; the
// fields are those that /read shows.
type networkState struct {
	mu sync.Mutex

	Hostname             string
	Sent                 map[string]int
	Received             map[string]int
	Errors               []string
	Log                  []string
	StillContactingPeers bool
}

const (
	// maxStateLog is how many lines a network test keeps.
	maxStateLog = 500
	// peerRounds is how often a Pod contacts the others, five seconds apart.
	peerRounds = 15
	// peerInterval is the time between two rounds, in seconds.
	peerInterval = 5
)

// nettest lets Pods of a Service find one another and count who they heard from.
func (a *app) nettest() subcommand {
	var (
		listen, peers, delay int
		service, namespace   string
	)
	return subcommand{
		use: "nettest", short: "Starts a tiny web server for checking networking connectivity",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&listen, "port", 8080, "Port number to serve at.")
			f.IntVar(&peers, "peers", 8, "Must find at least this many peers for the test to pass.")
			f.StringVar(&service, "service", "nettest", "Service to find other network test pods in.")
			f.StringVar(&namespace, "namespace", "default", "Namespace of this pod.")
			f.IntVar(&delay, "delay-shutdown", 0, "Number of seconds to delay shutdown when receiving SIGTERM.")
		},
		run: func([]string) int {
			if service == "" {
				return a.fatalf("Must provide -service flag.")
			}
			s := &networkState{Hostname: a.Hostname, StillContactingPeers: true}
			a.start(func() { s.contactPeers(a, namespace, service, peers) })
			if delay > 0 {
				terminated := a.Notify(proc.SIGTERM)
				a.start(func() {
					select {
					case <-terminated:
						a.log.printf("Sleeping %d seconds before exit ...", delay)
						a.sleep(delay)
						a.exit(0)
					case <-a.ctx.Done():
					}
				})
			}
			mux := http.NewServeMux()
			mux.HandleFunc("/quit", func(http.ResponseWriter, *http.Request) { a.exit(0) })
			mux.HandleFunc("/read", s.serveRead)
			mux.HandleFunc("/write", s.serveWrite)
			mux.HandleFunc("/status", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s.verdict(peers)) })
			return a.listenAndServe(port(listen), mux)
		},
	}
}

func (s *networkState) logf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Log = append(s.Log, fmt.Sprintf(format, args...)); len(s.Log) > maxStateLog {
		s.Log = s.Log[1:]
	}
}

func (s *networkState) verdict(peers int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.Sent) >= peers && len(s.Received) >= peers:
		return "pass"
	case s.StillContactingPeers:
		return "running"
	}
	return "fail"
}

func (s *networkState) serveRead(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		s.Errors = append(s.Errors, err.Error())
	}
	_, _ = w.Write(text)
}

func (s *networkState) serveWrite(w http.ResponseWriter, r *http.Request) {
	var post struct{ Source, Dest string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&post)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		s.Errors = append(s.Errors, err.Error())
	case post.Source == "":
		s.Errors = append(s.Errors, s.Hostname+": Got request with no source")
	default:
		count(&s.Received, post.Source)
	}
	_ = json.NewEncoder(w).Encode(struct{ Hostname string }{s.Hostname})
}

func count(counts *map[string]int, name string) {
	if *counts == nil {
		*counts = map[string]int{}
	}
	(*counts)[name]++
}

// contactPeers writes to every endpoint of the Service, again and again.
func (s *networkState) contactPeers(a *app, namespace, service string, peers int) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.StillContactingPeers = false
	}()
	server, err := a.inCluster()
	if err != nil {
		a.exit(a.fatalf("Unable to create config; error: %v", err))
		return
	}
	for range peerRounds {
		found, err := server.endpoints(namespace, service)
		if err != nil {
			s.logf("Unable to read the endpoints for %v/%v: %v.", namespace, service, err)
		}
		if len(found) < peers {
			s.logf("%v/%v has %v endpoints (%v), which is less than %v as expected. Waiting for all endpoints to come up.", namespace, service, len(found), found, peers)
		}
		for _, address := range found {
			s.logf("Attempting to contact %s", address)
			if err := s.contact(a, address); err != nil {
				s.logf("Warning: unable to contact the endpoint %q: %v", address, err)
			}
		}
		if !a.sleep(peerInterval) {
			return
		}
	}
}

// endpoints are the ready addresses of a Service, as URLs.
func (s *apiServer) endpoints(namespace, service string) ([]string, error) {
	status, body, err := s.get(s.base + "/api/v1/namespaces/" + namespace + "/endpoints/" + service)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("the server answered %d %s", status, http.StatusText(status))
	}
	var endpoints struct {
		Subsets []struct {
			Addresses []struct{ IP string }
			Ports     []struct{ Port int }
		}
	}
	if err := json.Unmarshal(body, &endpoints); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, subset := range endpoints.Subsets {
		for _, address := range subset.Addresses {
			for _, p := range subset.Ports {
				found["http://"+net.JoinHostPort(address.IP, strconv.Itoa(p.Port))] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// contact tells another Pod who this one is, and remembers its answer.
func (s *networkState) contact(a *app, address string) error {
	body, err := json.Marshal(map[string]string{"Source": s.Hostname, "Dest": address})
	if err != nil {
		return err
	}
	answer, err := a.client(anotherPodLimit, nil).Post(address+"/write", "application/json", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var said struct{ Hostname string }
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	count(&s.Sent, said.Hostname)
	return nil
}
