package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestOwnersOfFilesInVolumesOutliveTheContainer(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	v := "/tmp/hostpath-provisioner/default/pvc"
	if err := errors.Join(m.MkdirAll(v, 0o777), m.SetGroup(v, 2000)); err != nil {
		t.Fatal(err)
	}
	mine := m.container(map[string]string{"/data": v}).As(app)
	for _, err := range []error{mine.WriteFile("/data/locked", []byte("x"), 0o400), mine.MkdirMode("/data/none", 0), mine.WriteFile("/data/shared", nil, 0o664)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	f := m.container(map[string]string{"/data": v})
	type facts struct {
		Mode     fs.FileMode
		UID, GID int64
	}
	got := map[string]facts{}
	for _, name := range []string{"/data", "/data/locked", "/data/none"} {
		info, err := f.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		uid, gid := Owner(info)
		got[name] = facts{info.Mode(), uid, gid}
	}
	if diff := cmp.Diff(map[string]facts{
		"/data": {fs.ModeDir | 0o777, 0, 2000}, "/data/locked": {0o400, 1000, 1000}, "/data/none": {fs.ModeDir, 1000, 1000},
	}, got); diff != "" {
		t.Error(diff)
	}
	other := f.As(Caller{UID: 1001, GID: 1001})
	if _, err := other.ReadFile("/data/locked"); !errors.Is(err, syscall.EACCES) {
		t.Errorf("another user's read: %v", err)
	}
	if err := other.Chown("/data/shared", 1001, -1); !errors.Is(err, syscall.EPERM) {
		t.Errorf("another user's chown: %v", err)
	}
	if err := errors.Join(f.Chown("/data/locked", 1001, 1001), f.Chmod("/data/locked", 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := other.WriteFile("/data/locked", []byte("y"), 0); err != nil {
		t.Errorf("after it was given away: %v", err)
	}
	if err := m.RemoveAll(v); err != nil {
		t.Errorf("the volume cannot be removed: %v", err)
	}
}

func TestAFullVolumeSaysSoAndGetsRoomBack(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	v := "/tmp/hostpath-provisioner/default/small"
	if err := errors.Join(m.MkdirAll(v, 0o777), m.SetSize(v, 10_000)); err != nil {
		t.Fatal(err)
	}
	f := m.container(map[string]string{"/data": v})
	if err := f.WriteFile("/data/a", make([]byte, 9_000), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteFile("/data/b", make([]byte, 2_000), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("more than its size: %v", err)
	}
	for range 5 { // the same bytes again take no more room
		if err := f.WriteFile("/data/a", make([]byte, 9_000), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if p, err := f.Mountpoint("/data/a"); err != nil || p.Path != "/data" || p.Total != 10_000 || p.Used != 9_000 {
		t.Errorf("the mount is %+v, %v", p, err)
	}
	if err := f.Remove("/data/a", false); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteFile("/data/b", make([]byte, 2_000), 0o644); err != nil {
		t.Errorf("after space was freed: %v", err)
	}
	if err := m.SetSize(v, 30_000); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteFile("/data/c", make([]byte, 20_000), 0o644); err != nil {
		t.Errorf("after it was made larger: %v", err)
	}
}

func TestAMountedTmpfsIsSeenAsOne(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.write(filepath.Join(m.volume("v"), "old"), "from before a reboot")
	if err := m.Disk.Mount("tmpfs", m.volume("v"), "tmpfs", []string{"size=1048576"}); err != nil {
		t.Fatal(err)
	}
	f := m.container(map[string]string{"/cache": m.volume("v"), "/data": m.volume("other")})
	got := map[string]string{}
	for _, p := range f.Mounts() {
		got[p.Path] = p.Type + " " + p.Options
	}
	if diff := cmp.Diff(map[string]string{
		"/": "overlay rw,relatime", "/dev": "tmpfs rw,nosuid,size=65536k,mode=755", "/dev/shm": "tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k",
		"/cache": "tmpfs rw,relatime,size=1024k", "/data": "ext4 rw,relatime",
	}, got); diff != "" {
		t.Error(diff)
	}
	if got := names(t, f, "/cache"); len(got) != 0 {
		t.Errorf("a new tmpfs holds %v", got)
	}
	if err := f.WriteFile("/cache/x", make([]byte, 2<<20), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("more than its size: %v", err)
	}
}

func BenchmarkOpenReadVolume(b *testing.B) {
	dir, err := filepath.EvalSymlinks(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	v := filepath.Join(dir, "pods", "uid", "volumes", "p", "v")
	if err := errors.Join(os.MkdirAll(v, 0o755), os.WriteFile(filepath.Join(v, "x"), []byte("text"), 0o644)); err != nil {
		b.Fatal(err)
	}
	f := NewTree(nil, nil)
	defer f.Close()
	if err := f.Mount(NewDisk(dir, "", "", nil), []*runtimeapi.Mount{{ContainerPath: "/v", HostPath: v}}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := f.ReadFile("/v/x"); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAnImageAsAVolumeIsReadOnly(t *testing.T) {
	t.Parallel()
	f := NewTree(nil, nil)
	if err := f.MountLayer("/models", image, "srv"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, f, "/models/latest"); got != "b" {
		t.Errorf("a link in it leads to %q", got)
	}
	if err := f.WriteFile("/models/new", nil, 0o644); !errors.Is(err, syscall.EROFS) {
		t.Errorf("writing it: %v", err)
	}
	for _, sub := range []string{"nope", "etc/app.conf", "../etc"} {
		if err := f.MountLayer("/x", image, sub); err == nil {
			t.Errorf("subPath %s was mounted", sub)
		}
	}
}
