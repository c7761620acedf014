package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// lintTimeout bounds the whole of a lint: a course of a thousand commands takes
// less than a second.
const lintTimeout = time.Minute

// Lint asks the companion program whether kubectl would take the commands of a
// course and the API server its manifests. No cluster is needed. The companion
// is looked for in env; it runs without the learner's environment.
func Lint(ctx context.Context, env func(string) string, req lint.Request) (lint.Response, error) {
	var resp lint.Response
	program, err := FindCompanion(env)
	if err != nil {
		return resp, err
	}
	in, err := json.Marshal(req)
	if err != nil {
		return resp, fmt.Errorf("lint: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lintTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "lint")
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &said
	// The preferences of the learner's kubectl do not count here. Windows starts nothing without SystemRoot.
	cmd.Env = []string{"HOME=" + os.TempDir(), "SystemRoot=" + env("SystemRoot")}
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		return resp, fmt.Errorf("%s lint: %w: %s", program, err, first)
	}
	if err := json.Unmarshal(out.Bytes(), &resp); err != nil {
		return resp, fmt.Errorf("%s lint: what it answered is not JSON: %w", program, err)
	}
	return resp, nil
}
