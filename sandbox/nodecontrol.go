package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"
)

// nodesAnswer is what the calls about nodes answer.
type nodesAnswer struct {
	Name  string `json:"name,omitempty"` // the node that was asked about
	Nodes []Node `json:"nodes"`

	// Of a refusal: why, in a word (see nodeError) or empty, and in a sentence.
	Reason string `json:"reason,omitempty"`
	Error  string `json:"error,omitempty"`
}

// attach lets the calls through that need the cluster, which is ready.
func (c *control) attach(k *cluster) { c.cluster.Store(k) }

func (c *control) serveNodes(w http.ResponseWriter, _ *http.Request) {
	c.answerNodes(w, http.StatusOK, nodesAnswer{})
}

func (c *control) answerNodes(w http.ResponseWriter, code int, a nodesAnswer) {
	w.Header().Set("Content-Type", "application/json")
	a.Nodes = c.state.snapshot().Nodes
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(a)
}

// nodeCall makes a handler of something that is done to a node. What has begun
// is brought to its end although the caller may be gone.
func (c *control) nodeCall(do func(ctx context.Context, n *nodes, name string) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		k := c.cluster.Load()
		if k == nil {
			c.answerNodes(w, http.StatusServiceUnavailable, nodesAnswer{Error: "the sandbox is not ready yet"})
			return
		}
		name := r.PathValue("name")
		if name == "" {
			name = r.FormValue("name")
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), nodeCallLimit)
		defer cancel()
		answer := nodesAnswer{Name: name}
		code := http.StatusOK
		made, err := do(ctx, k.nodes, name)
		if err == nil {
			answer.Name = made
			c.untilShown(ctx, made)
		} else {
			answer.Error = err.Error()
			code = http.StatusInternalServerError
			var refused *nodeError
			if errors.As(err, &refused) {
				answer.Reason, code = refused.Reason, http.StatusConflict
			}
		}
		c.answerNodes(w, code, answer)
	}
}

// untilShown waits until the status shows what was just done to a node: it
// hears of readiness through a watch, which may be a moment behind.
func (c *control) untilShown(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	for {
		s, changed := c.state.follow()
		i := slices.IndexFunc(s.Nodes, func(n Node) bool { return n.Name == name })
		if i < 0 || s.Nodes[i].Ready || s.Nodes[i].State != nodeRunning {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// nodeCallLimit bounds what is done to a node.
const nodeCallLimit = nodeStartLimit + 30*time.Second

func (c *control) handleNodes(mux *http.ServeMux) {
	mux.HandleFunc("GET /nodes", c.serveNodes)
	mux.HandleFunc("POST /nodes", c.nodeCall(func(ctx context.Context, n *nodes, name string) (string, error) {
		return n.add(ctx, name)
	}))
	mux.HandleFunc("POST /nodes/{name}/start", c.nodeCall(func(ctx context.Context, n *nodes, name string) (string, error) {
		return name, n.start(ctx, name)
	}))
	mux.HandleFunc("POST /nodes/{name}/stop", c.nodeCall(func(_ context.Context, n *nodes, name string) (string, error) {
		return name, n.stop(name)
	}))
	mux.HandleFunc("DELETE /nodes/{name}", c.nodeCall(func(ctx context.Context, n *nodes, name string) (string, error) {
		return name, n.remove(ctx, name)
	}))
}
