package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// asProgram makes the test program behave as the command itself.
const asProgram = "SANDBOX_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestWrongUseIsTold(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"nosuch"}, {"serve"}, {"serve", "--dir"}, {"serve", "--dir", "x", "y"}, {"serve", "--dir", "x", "--idle", "0s"}, {"version", "-o", "yaml"}, {"lint", "x"}} {
		var out, errOut bytes.Buffer
		if code := run(t.Context(), args, &out, &errOut); code != 2 || out.Len() > 0 || errOut.Len() == 0 {
			t.Errorf("%q: code %d, printed %q and %q", args, code, out.String(), errOut.String())
		}
	}
}

func TestVersionAsJSON(t *testing.T) {
	t.Parallel()
	var out, errOut bytes.Buffer
	if code := run(t.Context(), []string{"version", "-o", "json"}, &out, &errOut); code != 0 {
		t.Fatalf("code %d: %s", code, errOut.String())
	}
	var v struct{ GitVersion string }
	if err := json.Unmarshal(out.Bytes(), &v); err != nil || v.GitVersion == "" {
		t.Errorf("printed %q, %v", out.String(), err)
	}
}

// asKubectl runs the program under the name kubectl from a folder bin that has
// a kubeconfig beside it.
func asKubectl(t *testing.T, kubeconfig string, env []string, args ...string) (stdout, stderr string) {
	t.Helper()
	home := t.TempDir()
	bin := filepath.Join(home, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "kubectl")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if kubeconfig != "" {
		if err := os.WriteFile(filepath.Join(home, "kubeconfig"), []byte(kubeconfig), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("kubectl", args...)
	cmd.Path = filepath.Join(bin, "kubectl")
	cmd.Env = append(append(os.Environ(), asProgram+"=1", "HOME="+home, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH")), env...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	_ = cmd.Run() // what it prints is what is looked at
	return out.String(), errOut.String()
}

func contextNamed(name string) string {
	return "apiVersion: v1\nkind: Config\ncurrent-context: " + name + "\ncontexts:\n- name: " + name + "\n  context: {cluster: c, user: u}\n"
}

func TestKubectlIsPinnedToTheKubeconfigBesideIt(t *testing.T) {
	t.Parallel()
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte(contextNamed("other")), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		beside string
		args   []string
		want   string
	}{
		"found on the PATH":         {contextNamed("pinned"), nil, "pinned"},
		"a flag says otherwise":     {contextNamed("pinned"), []string{"--kubeconfig=" + other}, "other"},
		"a flag in two words":       {contextNamed("pinned"), []string{"--kubeconfig", other}, "other"},
		"nothing lies beside it":    {"", nil, "other"},
		"the environment loses out": {contextNamed("pinned"), []string{"-v=0"}, "pinned"},
	} {
		out, errOut := asKubectl(t, tc.beside, []string{"KUBECONFIG=" + other}, append([]string{"config", "current-context"}, tc.args...)...)
		if strings.TrimSpace(out) != tc.want {
			t.Errorf("%s: printed %q and %q, want %q", name, out, errOut, tc.want)
		}
	}
}

func TestKubectlIsWhole(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"completion of commands": {[]string{"__complete", "rollo"}, "rollout"},
		"completion scripts":     {[]string{"completion", "bash"}, "__start_kubectl"},
		"help":                   {[]string{"explain", "--help"}, "kubectl explain"},
		"manifests":              {[]string{"create", "deployment", "web", "--image=nginx", "--dry-run=client", "-o", "name"}, "deployment.apps/web"},
	} {
		if out, errOut := asKubectl(t, "", nil, tc.args...); !strings.Contains(out, tc.want) {
			t.Errorf("%s: printed %q and %q", name, out, errOut)
		}
	}
}

func TestPluginsAreRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plugin := filepath.Join(dir, "kubectl-hello")
	if err := os.WriteFile(plugin, []byte("#!/bin/sh\necho hello from a plugin\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	out, errOut := asKubectl(t, contextNamed("pinned"), []string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")}, "hello")
	if out != "hello from a plugin\n" {
		t.Errorf("printed %q and %q", out, errOut)
	}
}
