package sandbox

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// control is the endpoint for programs that use the sandbox. Every call needs
// the header "Authorization: Bearer TOKEN" with the token of the status file.
//
//	GET  /status                            the Status as JSON
//	GET  /lease?linger=DURATION&keep=BOOL   use the sandbox as long as the
//	                                        connection lasts; the answer is a
//	                                        stream of Status lines, one at once
//	                                        and one at each change
//	POST /shutdown                          stop in order
//	GET  /nodes                             the nodes
//	POST /nodes?name=NAME                   add one; the answer comes when it is ready
//	POST /nodes/NAME/start                  the same for one that was stopped
//	POST /nodes/NAME/stop                   cut its power
//	DELETE /nodes/NAME                      take it out of the cluster
//
// The calls about nodes answer with a nodesAnswer as JSON.
//
// linger is how long to stay after this lease when it was the last; keep=true
// makes the sandbox stay until it is shut down or idle.
type control struct {
	state    *tracker
	users    *leases
	cluster  atomic.Pointer[cluster] // once it is ready
	server   *http.Server
	served   sync.WaitGroup
	shutdown chan struct{} // closed by POST /shutdown
	once     sync.Once
}

func startControl(state *tracker, users *leases) (*control, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &control{state: state, users: users, shutdown: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", c.serveStatus)
	mux.HandleFunc("GET /lease", c.serveLease)
	mux.HandleFunc("POST /shutdown", c.serveShutdown)
	c.handleNodes(mux)
	c.server = &http.Server{Handler: c.authorized(mux), ReadHeaderTimeout: 10 * time.Second}
	state.update(func(s *Status) { s.Control = listener.Addr().String() })
	c.served.Go(func() { _ = c.server.Serve(listener) })
	return c, nil
}

// stop ends the endpoint and all leases.
func (c *control) stop() {
	_ = c.server.Close()
	c.served.Wait()
}

func (c *control) authorized(next http.Handler) http.Handler {
	want := []byte("Bearer " + c.state.snapshot().Token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			http.Error(w, "the token in status.json is required", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *control) serveStatus(w http.ResponseWriter, r *http.Request) {
	s := c.state.snapshot()
	if k := c.cluster.Load(); k != nil && s.Stage == StageReady {
		s.Components, s.Ports = k.health(r.Context()), k.ports()
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s)
}

func (c *control) serveShutdown(w http.ResponseWriter, _ *http.Request) {
	c.once.Do(func() { close(c.shutdown) })
	w.WriteHeader(http.StatusAccepted)
}

func (c *control) serveLease(w http.ResponseWriter, r *http.Request) {
	linger, keep, err := leaseTerms(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if stage := c.state.snapshot().Stage; stage == StageStopping || stage == StageFailed {
		http.Error(w, "the sandbox is "+stage, http.StatusServiceUnavailable)
		return
	}
	end := c.users.take(linger, keep)
	defer end()
	w.Header().Set("Content-Type", "application/jsonl")
	c.stream(r.Context(), w)
}

func leaseTerms(r *http.Request) (linger time.Duration, keep bool, err error) {
	if v := r.FormValue("linger"); v != "" {
		if linger, err = time.ParseDuration(v); err != nil || linger < 0 {
			return 0, false, errors.New("linger must be a duration such as 30s")
		}
	}
	if v := r.FormValue("keep"); v != "" {
		if keep, err = strconv.ParseBool(v); err != nil {
			return 0, false, errors.New("keep must be true or false")
		}
	}
	return linger, keep, nil
}

// stream writes the status at once and at each change until the client is gone.
func (c *control) stream(ctx context.Context, w http.ResponseWriter) {
	out := http.NewResponseController(w)
	lines := json.NewEncoder(w)
	for {
		status, changed := c.state.follow()
		if lines.Encode(status) != nil || out.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
