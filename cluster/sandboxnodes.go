package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/k8stutor/k8stutor/lessons"
)

// NodeRefusal is an order about a node that the sandbox will not carry out, for
// a reason that lies in the order.
type NodeRefusal struct {
	Reason NodeReason
	Name   string   // that was given
	Names  []string // of the nodes there are, without the first
	said   string
}

// NodeReason says in a word why an order about a node was refused.
type NodeReason string

// The reasons.
const (
	NodeUnknown NodeReason = "unknown"
	NodeExists  NodeReason = "exists"
	NodeBadName NodeReason = "name"
	NodeIsFirst NodeReason = "first"
	NodeTooMany NodeReason = "many"
)

// Error implements error, in English.
func (r *NodeRefusal) Error() string { return r.said }

// AddNode makes a node and returns its name when it is ready; "" lets the
// sandbox choose one. The sandbox has to run.
func (s Sandbox) AddNode(ctx context.Context, name string) (string, []Node, error) {
	return s.node(ctx, "add a node", name, http.MethodPost, "/nodes?"+url.Values{"name": {name}}.Encode())
}

// StartNode lets a stopped node run again, and returns when it is ready.
func (s Sandbox) StartNode(ctx context.Context, name string) ([]Node, error) {
	_, nodes, err := s.node(ctx, "start the node "+name, name, http.MethodPost, "/nodes/"+url.PathEscape(name)+"/start")
	return nodes, err
}

// StopNode cuts a node's power: its process is killed.
func (s Sandbox) StopNode(ctx context.Context, name string) ([]Node, error) {
	_, nodes, err := s.node(ctx, "stop the node "+name, name, http.MethodPost, "/nodes/"+url.PathEscape(name)+"/stop")
	return nodes, err
}

// RemoveNode takes a node out of the cluster, with its Pods and its data.
func (s Sandbox) RemoveNode(ctx context.Context, name string) ([]Node, error) {
	_, nodes, err := s.node(ctx, "remove the node "+name, name, http.MethodDelete, "/nodes/"+url.PathEscape(name))
	return nodes, err
}

// node gives one order.
func (s Sandbox) node(ctx context.Context, op, name, method, path string) (string, []Node, error) {
	status, err := s.readStatus()
	if err != nil {
		return "", nil, s.trouble(op, err, nil)
	}
	response, err := s.request(ctx, status, method, path)
	if err != nil {
		return "", nil, s.trouble(op, err, nil)
	}
	defer response.Body.Close()
	var answer struct {
		Name   string     `json:"name"`
		Nodes  []Node     `json:"nodes"`
		Reason NodeReason `json:"reason"`
		Error  string     `json:"error"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return "", nil, s.trouble(op, fmt.Errorf("%s: %w", response.Status, err), nil)
	}
	switch {
	case answer.Reason != "":
		refusal := &NodeRefusal{Reason: answer.Reason, Name: name, said: answer.Error}
		for _, n := range answer.Nodes[min(1, len(answer.Nodes)):] {
			refusal.Names = append(refusal.Names, n.Name)
		}
		return "", answer.Nodes, refusal
	case answer.Error != "":
		return "", answer.Nodes, s.trouble(op, errors.New(answer.Error), s.hintNode())
	}
	return answer.Name, answer.Nodes, nil
}

func (s Sandbox) hintNode() lessons.Text {
	return say("`k8stutor sandbox status` shows how the nodes are, `k8stutor sandbox logs kubelet --node NAME` what one did.",
		"`k8stutor sandbox status` 显示各节点的状态，`k8stutor sandbox logs kubelet --node NAME` 显示某个节点的日志。")
}

// KeptNodes are the further nodes of a sandbox that does not run.
func (s Sandbox) KeptNodes() ([]Node, error) {
	files, err := filepath.Glob(filepath.Join(s.Dir, "nodes", "*", "node.json"))
	if err != nil {
		return nil, s.trouble("find the nodes", err, nil)
	}
	var nodes []Node
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, s.trouble("find the nodes", err, nil)
		}
		var kept struct{ Name string }
		if json.Unmarshal(text, &kept) == nil && kept.Name == filepath.Base(filepath.Dir(file)) {
			nodes = append(nodes, Node{Name: kept.Name, State: NodeStopped})
		}
	}
	slices.SortFunc(nodes, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	return nodes, nil
}
