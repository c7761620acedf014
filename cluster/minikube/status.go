package minikube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
)

// exitNotFound is the exit code of minikube when there is no such profile.
const exitNotFound = 85

// nodeStatus is what `minikube status -o json` prints of one node.
type nodeStatus struct {
	Name, Host, Kubelet, APIServer, Kubeconfig string

	Worker bool
}

// Status asks how one profile is. Errors are *Error.
func (p Program) Status(ctx context.Context, profile string) (Condition, error) {
	args := []string{"status", "-p", profile, "-o", "json"}
	a, err := p.ask(ctx, askTime, args...)
	if err != nil {
		return Condition{State: Unknown}, err
	}
	if a.code == exitNotFound {
		return NeverStarted(profile), nil
	}
	nodes, err := parseStatus(a.stdout)
	if err != nil {
		return Condition{State: Unknown}, p.unreadable(args, a, err)
	}
	return conditionOf(profile, nodes), nil
}

// parseStatus reads the status of nodes: one object for a single one, an array
// for several, and null for a machine that is not there any more. Exit codes from
// 1 to 7 only repeat what it says.
func parseStatus(output []byte) ([]nodeStatus, error) {
	if bytes.Equal(bytes.TrimSpace(output), []byte("null")) {
		return nil, nil
	}
	output = jsonIn(output)
	var nodes []nodeStatus
	if bytes.HasPrefix(output, []byte("[")) {
		if err := json.Unmarshal(output, &nodes); err != nil {
			return nil, err
		}
	} else {
		var one nodeStatus
		if err := json.Unmarshal(output, &one); err != nil {
			return nil, err
		}
		nodes = []nodeStatus{one}
	}
	for _, n := range nodes {
		if n.Host == "" {
			return nil, errors.New("it printed JSON that is no status")
		}
	}
	return nodes, nil
}

// conditionOf sums up what the nodes of a profile say. The first one is the
// control plane.
func conditionOf(profile string, nodes []nodeStatus) Condition {
	if len(nodes) == 0 || nodes[0].Host == "Nonexistent" {
		return halfDeleted(profile)
	}
	first := nodes[0]
	switch first.Host {
	case "InsufficientStorage":
		return fullDisk(profile)
	case "Running":
	case "Stopped", "Saved":
		return stopped(profile)
	case "Paused":
		return stopped(profile) // its virtual machine; `minikube start` resumes it
	case "Starting", "Stopping":
		return moving(profile, first.Host)
	default:
		return halfRunning(profile, "host", first.Host)
	}
	switch first.APIServer {
	case "Running":
	case "Paused":
		return paused(profile)
	case "Starting", "Stopping", "Pausing", "Unpausing":
		return moving(profile, first.APIServer)
	default:
		return halfRunning(profile, "kube-apiserver", first.APIServer)
	}
	switch {
	case first.Kubeconfig == "Misconfigured":
		return Misconfigured(profile)
	case first.Kubelet != "Running":
		return halfRunning(profile, "kubelet", first.Kubelet)
	}
	for _, n := range nodes[1:] {
		if n.Host != "Running" || n.Kubelet != "Running" {
			return nodeDown(profile, n.Name)
		}
	}
	return Condition{State: Running}
}
