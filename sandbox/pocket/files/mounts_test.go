package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// machine is a folder of a sandbox with files beside it that no container may see.
type machine struct {
	*Disk
	t       *testing.T
	outside string // a directory with the file "secret"
	pod     string // the kubelet's folder of a Pod
	host    string // the node's own files
	shared  string
}

const secret = "secret of the machine"

func newMachine(t *testing.T) *machine {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{
		t: t, outside: filepath.Join(top, "outside"), pod: filepath.Join(top, "sb", "kubelet", "pods", "uid"),
		host: filepath.Join(top, "sb", "host"), shared: filepath.Join(top, "sb", "volumes"),
	}
	for _, dir := range []string{m.outside, m.volume("v"), m.volume("other"), m.host, m.shared, filepath.Join(top, "sb", "pki")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{filepath.Join(m.outside, "secret"), filepath.Join(top, "sb", "pki", "secret"), filepath.Join(m.volume("other"), "secret")} {
		if err := os.WriteFile(name, []byte(secret), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m.Disk = NewDisk(filepath.Join(top, "sb", "kubelet"), "", m.host, map[string]string{"/tmp/hostpath-provisioner": m.shared})
	return m
}

func (m *machine) volume(name string) string {
	return filepath.Join(m.pod, "volumes", "kubernetes.io~empty-dir", name)
}

// container makes a container with paths of the node mounted: container path to node path.
func (m *machine) container(mounts map[string]string) *Tree {
	m.t.Helper()
	f := NewTree(nil, nil)
	m.t.Cleanup(f.Close)
	var list []*runtimeapi.Mount
	for at, host := range mounts {
		at, readOnly := strings.CutSuffix(at, ":ro")
		list = append(list, &runtimeapi.Mount{ContainerPath: at, HostPath: host, Readonly: readOnly})
	}
	if err := f.Mount(m.Disk, list); err != nil {
		m.t.Fatal(err)
	}
	return f
}

func (m *machine) write(name, text string) {
	m.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
		m.t.Fatal(err)
	}
}

// unharmed fails when a file outside has changed.
func (m *machine) unharmed() {
	m.t.Helper()
	entries, err := os.ReadDir(m.outside)
	text, _ := os.ReadFile(filepath.Join(m.outside, "secret"))
	if err != nil || len(entries) != 1 || string(text) != secret {
		m.t.Errorf("outside there is %v with %q, %v", entries, text, err)
	}
}

func TestNoLinkLeadsOutOfAVolume(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	f := m.container(map[string]string{"/v": m.volume("v")})
	for name, target := range map[string]string{
		"absolute":  filepath.Join(m.outside, "secret"),
		"directory": m.outside,
		"relative":  "../../../../../../../outside/secret",
		"neighbour": "../other/secret",
		"many":      strings.Repeat("../", 60) + strings.TrimPrefix(m.outside, "/") + "/secret",
	} {
		for _, link := range []string{"/v/", "/tmp/"} {
			if err := f.Symlink(target, link+name); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{link + name, link + name + "/secret"} {
				if text, err := f.ReadFile(path); err == nil {
					t.Errorf("%s -> %s reads %q", path, target, text)
				}
				_ = f.WriteFile(path, []byte("broken"), 0o644)
				_ = f.Chmod(path, 0)
				_ = f.Remove(path, true)
				_ = f.Mkdir(path, true)
			}
		}
	}
	for _, path := range []string{"/v/../outside/secret", "/v/../../../../../../../outside/secret", "/v/./../v/../../secret"} {
		if _, err := f.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	m.unharmed()
}

func TestNoRenameOrHardLinkCrossesAMount(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.write(filepath.Join(m.volume("v"), "x"), "x")
	f := m.container(map[string]string{"/v": m.volume("v"), "/other:ro": m.volume("other")})
	for what, err := range map[string]error{
		"out of a volume":   f.Rename("/v/x", "/tmp/x"),
		"into a volume":     f.Rename("/etc/hosts", "/v/hosts"),
		"between volumes":   f.Link("/other/secret", "/v/secret"),
		"to memory":         f.Link("/v/x", "/tmp/x"),
		"over a mount":      f.Rename("/tmp", "/v"),
		"of a mount":        f.Rename("/v", "/tmp/v"),
		"away from its dir": f.Rmdir("/v"),
	} {
		if !errors.Is(err, syscall.EXDEV) && !errors.Is(err, syscall.EBUSY) && !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestRacingLinksLeadNowhere(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.write(filepath.Join(m.volume("v"), "real", "secret"), "own")
	f := m.container(map[string]string{"/v": m.volume("v")})
	var group sync.WaitGroup
	stop := make(chan struct{})
	group.Go(func() {
		// As another container that shares the volume.
		dir := m.volume("v")
		for {
			select {
			case <-stop:
				return
			default:
			}
			_ = os.Symlink(m.outside, filepath.Join(dir, "link"))
			_ = os.Rename(filepath.Join(dir, "link"), filepath.Join(dir, "swap"))
			_ = os.Remove(filepath.Join(dir, "swap"))
			_ = os.Rename(filepath.Join(dir, "real"), filepath.Join(dir, "swap"))
			_ = os.Rename(filepath.Join(dir, "swap"), filepath.Join(dir, "real"))
		}
	})
	for range 2000 {
		for _, path := range []string{"/v/swap/secret", "/v/real/secret"} {
			if text, err := f.ReadFile(path); err == nil && string(text) != "own" && len(text) > 0 {
				t.Fatalf("%s reads %q", path, text)
			}
			_ = f.WriteFile(path+".new", []byte("x"), 0o644)
			_ = f.Remove(path+".new", false)
		}
	}
	close(stop)
	group.Wait()
	m.unharmed()
}

func TestHostPathsShowTheNodesOwnFiles(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	f := m.container(map[string]string{"/etc-of-node": "/etc", "/all": "/", "/out": m.outside, "/sneaky": "/../../outside", "/new": "/data/x"})
	for _, path := range []string{"/out/secret", "/sneaky/secret", "/all/pki/secret", "/etc-of-node/passwd"} {
		if text, err := f.ReadFile(path); err == nil {
			t.Errorf("%s reads %q", path, text)
		}
	}
	if err := f.WriteFile("/new/file", []byte("kept"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := read(t, f, "/all/data/x/file"); got != "kept" {
		t.Errorf("the node's root shows %q", got)
	}
	// Another Pod exchanges the mounted directory for a link out of the node.
	if err := errors.Join(f.Rename("/all/data", "/all/gone"), f.Symlink(m.outside, "/all/data")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, f, "/new/file"); got != "kept" {
		t.Errorf("the mount follows the name: %q", got)
	}
	for _, path := range []string{"/data", "/data/secret"} {
		if err := NewTree(nil, nil).Mount(m.Disk, []*runtimeapi.Mount{{ContainerPath: "/x", HostPath: path}}); err == nil {
			t.Errorf("%s, which leads out of the node, was mounted", path)
		}
		if err := m.MkdirAll(path+"/made", 0o755); err == nil {
			t.Errorf("%s/made was made", path)
		}
	}
	m.unharmed()
}

func TestNoKubeletFileButAPodsIsMounted(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	kubelet := filepath.Dir(filepath.Dir(m.pod))
	m.write(filepath.Join(kubelet, "pki", "kubelet.key"), secret)
	for _, path := range []string{kubelet, filepath.Join(kubelet, "pki"), filepath.Join(kubelet, "pki", "kubelet.key"), filepath.Join(kubelet, "pods"), m.pod, "relative"} {
		if err := NewTree(nil, nil).Mount(m.Disk, []*runtimeapi.Mount{{ContainerPath: "/x", HostPath: path}}); err == nil {
			t.Errorf("%s was mounted", path)
		}
	}
}

func TestSubPathsStayInTheirVolumeAndStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	v := m.volume("v")
	m.write(filepath.Join(v, "..1", "key"), "first")
	m.write(filepath.Join(v, "dir", "a"), "a")
	for link, target := range map[string]string{"..data": "..1", "key": "..data/key", "out": m.outside, "up": "../other", "out-file": filepath.Join(m.outside, "secret")} {
		if err := os.Symlink(target, filepath.Join(v, link)); err != nil {
			t.Fatal(err)
		}
	}
	target := func(n string) string { return filepath.Join(m.pod, "volume-subpaths", "v", "c", n) }
	for _, sub := range []string{"out", "up", "out-file", "../other", "up/secret"} {
		if err := m.BindSubPath(v, sub, target("9")); err == nil {
			t.Errorf("subPath %s was accepted", sub)
		}
		if err := m.MkdirIn(v, sub+"/made", 0o755); err == nil {
			t.Errorf("subPath %s/made was made", sub)
		}
	}
	if err := errors.Join(m.BindSubPath(v, "key", target("0")), m.BindSubPath(v, "dir", target("1"))); err != nil {
		t.Fatal(err)
	}
	f := m.container(map[string]string{"/key": target("0"), "/dir": target("1")})
	// The kubelet writes a new version, and another container exchanges the directory.
	m.write(filepath.Join(v, "..2", "key"), "second")
	if err := errors.Join(
		os.Symlink("..2", filepath.Join(v, "..tmp")), os.Rename(filepath.Join(v, "..tmp"), filepath.Join(v, "..data")), os.RemoveAll(filepath.Join(v, "..1")),
		os.Rename(filepath.Join(v, "dir"), filepath.Join(v, "old")), os.Symlink(m.outside, filepath.Join(v, "dir")),
	); err != nil {
		t.Fatal(err)
	}
	if got := []string{read(t, f, "/key"), read(t, f, "/dir/a")}; got[0] != "first" || got[1] != "a" {
		t.Errorf("the container reads %q", got)
	}
	m.unharmed()
}

func TestAConfigMapLooksAsTheKubeletWroteIt(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	v := m.volume("v")
	m.write(filepath.Join(v, "..2025", "key"), "one")
	for link, target := range map[string]string{"..data": "..2025", "key": "..data/key"} {
		if err := os.Symlink(target, filepath.Join(v, link)); err != nil {
			t.Fatal(err)
		}
	}
	f := m.container(map[string]string{"/etc/config:ro": v})
	if diff := cmp.Diff([]string{"..2025", "..data", "key"}, names(t, f, "/etc/config")); diff != "" {
		t.Error(diff)
	}
	if to, err := f.Readlink("/etc/config/key"); err != nil || to != "..data/key" {
		t.Errorf("key -> %q, %v", to, err)
	}
	if got := read(t, f, "/etc/config/key"); got != "one" {
		t.Errorf("it reads %q", got)
	}
	if err := f.WriteFile("/etc/config/key", nil, 0); !errors.Is(err, syscall.EROFS) {
		t.Errorf("writing it: %v", err)
	}
	m.write(filepath.Join(v, "..2026", "key"), "two")
	if err := errors.Join(os.Symlink("..2026", filepath.Join(v, "..tmp")), os.Rename(filepath.Join(v, "..tmp"), filepath.Join(v, "..data"))); err != nil {
		t.Fatal(err)
	}
	if got := read(t, f, "/etc/config/key"); got != "two" {
		t.Errorf("after an update it reads %q", got)
	}
}
