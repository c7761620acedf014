package sandbox

import (
	"crypto/tls"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func keepNote(t *testing.T, d *daemon, name string) {
	t.Helper()
	note := &v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := d.client().CoreV1().ConfigMaps("default").Create(t.Context(), note, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func findNote(t *testing.T, d *daemon, name string) error {
	t.Helper()
	_, err := d.client().CoreV1().ConfigMaps("default").Get(t.Context(), name, metav1.GetOptions{})
	return err
}

// TestOneSandboxThroughItsLife takes the data of one sandbox through several
// processes, each of which ends in another way.
func TestOneSandboxThroughItsLife(t *testing.T) {
	// The path is too long for the sockets the kubelet makes.
	dir := filepath.Join(t.TempDir(), strings.Repeat("state", 15), "sandbox")

	// The first has two users and ends with the last of them, although killed.
	d := startDaemon(t, dir)
	server := d.status().Server
	checkPrivate(t, d)
	checkDoors(t, d)
	checkSecondJoins(t, d)
	untilAddons(t, d, 1)
	keepNote(t, d, "first")
	one, two := d.userProcess(""), d.userProcess("")
	watcher := d.lease("")
	s := d.nextStatus(watcher)
	for s.Leases > 3 { // startDaemon's has just ended
		s = d.nextStatus(watcher)
	}
	if s.Leases != 3 || s.Stage != StageReady || s.MemoryBytes == 0 || len(s.Nodes) != 1 || !s.Nodes[0].Ready {
		t.Errorf("with three users the status is %+v", s)
	}
	_ = one.Process.Kill()
	_ = one.Wait()
	for d.nextStatus(watcher).Leases != 2 {
	}
	endLease(t, d)
	_ = two.Process.Kill()
	_ = two.Wait()
	d.waitExit()
	if d.err != nil {
		t.Errorf("left by its last user, it ended with %v", d.err)
	}
	if s := d.status(); s.Stage != StageStopping {
		t.Errorf("it left the stage %q", s.Stage)
	}

	// The second finds everything, at the same place, and is killed.
	d = startDaemon(t, dir)
	if got := d.status().Server; got != server {
		t.Errorf("the server moved from %s to %s", server, got)
	}
	if err := findNote(t, d, "first"); err != nil {
		t.Errorf("after an orderly stop: %v", err)
	}
	untilAddons(t, d, 2)
	keepNote(t, d, "second")
	d.kill()

	// The third finds what the killed one had acknowledged, and is told to stop.
	d = startDaemon(t, dir)
	if err := findNote(t, d, "second"); err != nil {
		t.Errorf("after a kill: %v", err)
	}
	d.lease("?keep=true&linger=1h")
	if resp := d.call(http.MethodPost, "/shutdown", d.status().Token); resp.StatusCode != http.StatusAccepted {
		t.Errorf("POST /shutdown: %s", resp.Status)
	}
	d.waitExit()

	// The fourth finds damaged data, says so, keeps it and starts empty.
	damage(t, filepath.Join(dir, "etcd", "member", "snap", "db"))
	d = startDaemon(t, dir)
	if s := d.status(); !strings.Contains(s.Error, "was damaged") || !strings.Contains(s.Error, "etcd.broken-") {
		t.Errorf("the status says %q about the damage", s.Error)
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, "etcd.broken-*")); len(kept) != 1 {
		t.Errorf("the damaged data is kept in %v", kept)
	}
	if err := findNote(t, d, "first"); !apierrors.IsNotFound(err) {
		t.Errorf("in an empty cluster: %v", err)
	}
}

// untilAddons waits until the log says for the nth time that the addons are there. A start that finds them made must
// not go on trying to make them.
func untilAddons(t *testing.T, d *daemon, n int) {
	t.Helper()
	d.until(patience, "the addons are installed", func() (bool, string) {
		text, err := os.ReadFile(filepath.Join(d.dir, "logs", logSandbox+".log"))
		if err != nil {
			return false, err.Error()
		}
		return strings.Count(string(text), "addons are installed") == n, string(text[max(0, len(text)-500):])
	})
}

// endLease ends the test's own lease; the daemon goes on with the others.
func endLease(t *testing.T, d *daemon) {
	t.Helper()
	d.endLeases()
	d.until(patience, "only one user is left", func() (bool, string) {
		s := d.status()
		return s.Leases == 1, string(rune('0' + s.Leases))
	})
}

func checkPrivate(t *testing.T, d *daemon) {
	t.Helper()
	if info, err := os.Stat(d.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, %v", info.Mode(), err)
	}
	for _, part := range []string{"status.json", "kubeconfig", "lock", "pki", "logs"} {
		err := filepath.WalkDir(filepath.Join(d.dir, part), func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err == nil && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v", path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// checkDoors knocks at every door without credentials.
func checkDoors(t *testing.T, d *daemon) {
	t.Helper()
	s := d.status()
	for _, token := range []string{"", "wrong", s.Token[:len(s.Token)-1]} {
		for _, call := range [][2]string{{"GET", "/status"}, {"GET", "/lease"}, {"POST", "/shutdown"}} {
			if resp := d.call(call[0], call[1], token); resp.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s with the token %q: %s", call[0], call[1], token, resp.Status)
			}
		}
	}
	if resp := d.call("GET", "/lease?linger=soon", s.Token); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a lease with bad terms: %s", resp.Status)
	}
	var told Status
	if err := json.NewDecoder(d.call("GET", "/status", s.Token).Body).Decode(&told); err != nil || told.PID != d.cmd.Process.Pid {
		t.Errorf("GET /status: %+v, %v", told, err)
	}
	stranger := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for _, path := range []string{"/api", "/version", "/healthz", "/metrics"} {
		resp, err := stranger.Get(s.Server + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("the API server answers a stranger at %s: %s", path, resp.Status)
		}
	}
	if !strings.HasPrefix(s.Server, "https://127.0.0.1:") || !strings.HasPrefix(s.Control, "127.0.0.1:") {
		t.Errorf("it listens on %s and %s", s.Server, s.Control)
	}
}

func checkSecondJoins(t *testing.T, d *daemon) {
	t.Helper()
	second := launchDaemon(t, d.dir)
	second.waitExit()
	if second.err != nil || !strings.Contains(second.output.String(), "already running in "+d.dir) {
		t.Errorf("a second one ended with %v and said %q", second.err, second.output.String())
	}
	if d.status().PID != d.cmd.Process.Pid {
		t.Error("the second one overwrote the status of the first")
	}
}

func damage(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(make([]byte, 64<<10), 0); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatCannotBeUsedIsRefusedAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := launchDaemon(t, filepath.Join(file, "sandbox"))
	d.waitExit()
	if d.err == nil || !strings.Contains(d.output.String(), "make the sandbox's directory") || !strings.Contains(d.output.String(), "XDG_STATE_HOME") {
		t.Errorf("it ended with %v and said %q", d.err, d.output.String())
	}
}
