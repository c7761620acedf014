// Package linter looks at the kubectl commands and the manifests of a course
// with the code that would take them: kubectl's own commands and flags, and the
// types of Kubernetes' API.
//
// It promises to run nothing, to read no files, and to need no cluster: flags
// are parsed and commands never started. It must not import package sandbox.
package linter

import (
	"encoding/json"
	"fmt"
	"io"

	"k8s.io/component-base/version"

	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// Run answers the request on in. The error says that there is no answer; what
// is found in a course is no error.
func Run(in io.Reader, out io.Writer) error {
	data, err := io.ReadAll(io.LimitReader(in, lint.MaxSize+1))
	if err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	if len(data) > lint.MaxSize {
		return fmt.Errorf("read the request: it is larger than %d MB", lint.MaxSize>>20)
	}
	var req lint.Request
	if err := json.Unmarshal(data, &req); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	return json.NewEncoder(out).Encode(Lint(req))
}

// Lint looks at everything in a request.
func Lint(req lint.Request) lint.Response {
	resp := lint.Response{Kubernetes: version.Get().GitVersion, Findings: []lint.Finding{}}
	k := newKubectl()
	for _, c := range req.Commands {
		resp.Findings = append(resp.Findings, k.lint(c)...)
	}
	if len(req.Manifests) == 0 {
		return resp
	}
	schema := newSchema()
	for _, m := range req.Manifests {
		resp.Findings = append(resp.Findings, schema.lint(m)...)
	}
	return resp
}

// words is one sentence in both languages.
func words(en, zh string, args ...any) map[string]string {
	return map[string]string{"en": fmt.Sprintf(en, args...), "zh": fmt.Sprintf(zh, args...)}
}
