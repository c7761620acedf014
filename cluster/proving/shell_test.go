package proving

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "kubectl-server" {
		serveEcho()
		return
	}
	os.Exit(m.Run())
}

// serveEcho answers each request with its arguments and its input; "fail" fails.
func serveEcho() {
	requests, answers := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var r struct {
			ID    uint64   `json:"id"`
			Args  []string `json:"args"`
			Stdin []byte   `json:"stdin"`
		}
		if requests.Decode(&r) != nil {
			return
		}
		s := said{ID: r.ID, Stdout: fmt.Appendf(nil, "%s<%s>\n", strings.Join(r.Args, ","), r.Stdin)}
		if r.Args[0] == "fail" {
			s.Code, s.Stderr = 3, []byte("refused\n")
		}
		if answers.Encode(s) != nil {
			return
		}
	}
}

func TestLinesAreCarriedOutWithTheServersKubectl(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	k, err := startKubectl(self, dir, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.close)
	outside := filepath.Join(t.TempDir(), "outside")
	for name, tc := range map[string]struct {
		line, want string
		fails      bool
	}{
		"plain":                       {line: "kubectl get pods", want: "get,pods<>\n"},
		"quotes":                      {line: `kubectl set image deployment/web '*=nginx:1.27'`, want: "set,image,deployment/web,*=nginx:1.27<>\n"},
		"a pipeline into kubectl":     {line: "kubectl get x | sed 's/get/got/' | kubectl apply -f -", want: "apply,-f,-<got,x<>\n>\n"},
		"what reads no input":         {line: "echo a | kubectl get pods", want: "get,pods<>\n"},
		"substitution":                {line: `kubectl delete "$(kubectl get pods)"`, want: "delete,get,pods<><>\n"},
		"a refused command":           {line: "kubectl fail; kubectl get pods", want: "fail<>\nrefused\nget,pods<>\n"},
		"other programs":              {line: "curl example.com", fails: true},
		"files outside of the folder": {line: "echo x > " + outside, fails: true},
		"links out of the folder":     {line: "echo x > ../outside", fails: true},
		"no command at all":           {line: "kubectl 'get", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := k.shell(t.Context(), dir, os.Getenv("PATH"), "none", tc.line)
			if (err != nil) != tc.fails || !tc.fails && got != tc.want {
				t.Errorf("printed %q, error %v; want %q, error %t", got, err, tc.want, tc.fails)
			}
		})
	}
	t.Cleanup(func() {
		if _, err := os.Stat(outside); err == nil {
			t.Error("a file was written outside of the folder")
		}
	})
}
