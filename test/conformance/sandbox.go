package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// cluster is a sandbox that lives as long as the suite.
type cluster struct {
	kubeconfig string
	dir        string
	lease      context.CancelFunc
	process    *exec.Cmd
}

// startSandbox runs the program serve in a new folder until it is ready. The
// sandbox ends when its lease does.
func startSandbox(ctx context.Context, program string, nodes int) (*cluster, error) {
	if program == "" {
		return nil, errors.New("which sandbox? set K8STUTOR_SANDBOX or -sandbox, or give a -kubeconfig")
	}
	dir, err := os.MkdirTemp("", "conformance-sandbox-")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, kubeconfig: filepath.Join(dir, "kubeconfig"), process: exec.Command(program, "serve", "--dir", dir)}
	c.process.Stderr = os.Stderr
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	leaseCtx, lease := context.WithCancel(context.WithoutCancel(ctx))
	c.lease = lease
	limit, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	status, err := c.waitReady(limit, leaseCtx)
	for n := 2; err == nil && n <= nodes; n++ {
		err = status.call(limit, http.MethodPost, fmt.Sprintf("/nodes?name=k8stutor-m%02d", n))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a sandbox: %w", err), c.stop())
	}
	return c, nil
}

// status is what the sandbox says of itself in status.json and over its lease.
type status struct {
	Stage   string `json:"stage"`
	Error   string `json:"error"`
	Control string `json:"control"`
	Token   string `json:"token"`
}

func (s status) request(ctx context.Context, method, path string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.Control+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+s.Token)
	return http.DefaultClient.Do(r)
}

func (s status) call(ctx context.Context, method, path string) error {
	answer, err := s.request(ctx, method, path)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, answer.Status)
	}
	return nil
}

// waitReady takes a lease and follows the status until the sandbox is ready.
func (c *cluster) waitReady(ctx, leaseCtx context.Context) (status, error) {
	var s status
	for s.Control == "" {
		text, err := os.ReadFile(filepath.Join(c.dir, "status.json"))
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		if err != nil || s.Control == "" {
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
				return s, ctx.Err()
			}
		}
	}
	answer, err := s.request(leaseCtx, http.MethodGet, "/lease")
	if err != nil {
		return s, err
	}
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		var now status
		if err := json.Unmarshal(lines.Bytes(), &now); err != nil {
			return s, err
		}
		switch now.Stage {
		case "ready":
			// The lease lasts as long as somebody listens.
			go func() { _, _ = io.Copy(io.Discard, answer.Body) }()
			return s, nil
		case "failed":
			return s, errors.New(now.Error)
		}
	}
	return s, errors.Join(errors.New("the sandbox ended before it was ready"), lines.Err())
}

// stop ends the sandbox and removes its folder.
func (c *cluster) stop() error {
	c.lease()
	err := c.process.Wait()
	if removed := os.RemoveAll(c.dir); err == nil {
		err = removed
	}
	if err != nil && !strings.Contains(err.Error(), "signal") {
		return fmt.Errorf("stop the sandbox: %w", err)
	}
	return nil
}
