package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ask runs kubectl commands in one server and returns the answers by id.
func ask(t *testing.T, requests ...kubectlRequest) map[uint64]kubectlAnswer {
	t.Helper()
	var in, out, errs bytes.Buffer
	for _, r := range requests {
		if err := json.NewEncoder(&in).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if code := serveKubectl(&in, &out, &errs); code != 0 {
		t.Fatalf("exit status %d: %s", code, errs.String())
	}
	answers := map[uint64]kubectlAnswer{}
	for d := json.NewDecoder(&out); ; {
		var a kubectlAnswer
		err := d.Decode(&a)
		if errors.Is(err, io.EOF) {
			return answers
		}
		if err != nil {
			t.Fatal(err)
		}
		answers[a.ID] = a
	}
}

// Not parallel: what kubectl does at its end is the process's.
func TestKubectlServerRunsCommandsBesideEachOther(t *testing.T) {
	pod := []byte(`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}`)
	none := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(none, []byte("apiVersion: v1\nkind: Config\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	answers := ask(t,
		kubectlRequest{ID: 1, Args: strings.Fields("create deployment web --image=nginx --dry-run=client -o name"), Kubeconfig: none},
		kubectlRequest{ID: 2, Args: strings.Fields("nosuch"), Kubeconfig: none},
		kubectlRequest{ID: 3, Args: strings.Fields("set image -f - c=httpd --local -o yaml"), Kubeconfig: none, Stdin: pod},
		kubectlRequest{ID: 4, Args: strings.Fields("get pods --nosuch"), Kubeconfig: none},
		kubectlRequest{ID: 5, Args: strings.Fields("config current-context"), Kubeconfig: none},
		kubectlRequest{ID: 6, Args: strings.Fields("set image --filename=- c=caddy --local -o yaml"), Kubeconfig: none, Stdin: pod},
	)
	for id, want := range map[uint64]struct {
		printed, said string
		code          int
	}{
		1: {"deployment.apps/web", "", 0},
		2: {"", `unknown command "nosuch"`, 1},
		3: {"image: httpd", "", 0},
		4: {"", "unknown flag: --nosuch", 1},
		5: {"", "current-context is not set", 1},
		6: {"image: caddy", "", 0},
	} {
		a, ok := answers[id]
		if !ok || a.Code != want.code || !strings.Contains(string(a.Stdout), want.printed) || !strings.Contains(string(a.Stderr), want.said) {
			t.Errorf("%d: code %d, printed %q and %q; want %+v", id, a.Code, a.Stdout, a.Stderr, want)
		}
	}
}

func TestKubectlServerRefusesWhatIsNoRequest(t *testing.T) {
	var out, errs bytes.Buffer
	if code := serveKubectl(strings.NewReader("get pods\n"), &out, &errs); code != 1 || errs.Len() == 0 {
		t.Errorf("exit status %d, printed %q and %q", code, out.String(), errs.String())
	}
}
