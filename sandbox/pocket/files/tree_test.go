package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var image = NewLayer(map[string]Entry{
	"/etc/app.conf":   {Content: "from the image\n"},
	"/etc/secret":     {Content: "s", Mode: 0o600},
	"/srv/data/a":     {Content: "a"},
	"/srv/data/b":     {Content: "b"},
	"/srv/latest":     {Link: "data/b"},
	"/srv/loop":       {Link: "loop"},
	"/srv/run":        {Content: "x", Mode: 0o755},
	"/home/app":       {Mode: fs.ModeDir | 0o755, UID: 1000, GID: 1000},
	"/home/app/notes": {Content: "n", UID: 1000, GID: 1000, Mode: 0o640},
})

var app = Caller{UID: 1000, GID: 1000, Groups: []int64{2000}, Umask: 0o022}

func read(t *testing.T, f *Tree, name string) string {
	t.Helper()
	text, err := f.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func names(t *testing.T, f *Tree, dir string) []string {
	t.Helper()
	entries, err := f.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestContainersOfAnImageDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	one, two := NewTree(image, nil), NewTree(image, nil)
	if err := one.WriteFile("/etc/app.conf", []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := one.Remove("/srv/data/a", false); err != nil {
		t.Fatal(err)
	}
	if err := one.Remove("/home", true); err != nil {
		t.Fatal(err)
	}
	if got := read(t, two, "/etc/app.conf"); got != "from the image\n" {
		t.Errorf("the other container reads %q", got)
	}
	if diff := cmp.Diff([]string{"b"}, names(t, one, "/srv/data")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, names(t, two, "/srv/data")); diff != "" {
		t.Error(diff)
	}
	if _, err := one.Stat("/home/app"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was removed is %v", err)
	}
	if err := one.Mkdir("/home", false); err != nil {
		t.Fatal(err)
	}
	if got := names(t, one, "/home"); len(got) != 0 {
		t.Errorf("a directory made anew holds %v", got)
	}
}

func TestErrorsAreThoseOfLinux(t *testing.T) {
	t.Parallel()
	open := func(flag int, name string) func(*Tree) error {
		return func(f *Tree) error {
			_, err := f.Open(name, flag, 0o644)
			return err
		}
	}
	for name, c := range map[string]struct {
		do   func(*Tree) error
		want syscall.Errno
	}{
		"nothing there":               {open(os.O_RDONLY, "/nope"), syscall.ENOENT},
		"through a file":              {open(os.O_RDONLY, "/etc/app.conf/x"), syscall.ENOTDIR},
		"a file as a directory":       {open(os.O_RDONLY, "/etc/app.conf/"), syscall.ENOTDIR},
		"write a directory":           {open(os.O_WRONLY, "/etc"), syscall.EISDIR},
		"exclusive":                   {open(os.O_CREATE|os.O_EXCL|os.O_WRONLY, "/etc/app.conf"), syscall.EEXIST},
		"a link to itself":            {open(os.O_RDONLY, "/srv/loop"), syscall.ELOOP},
		"a long name":                 {open(os.O_CREATE|os.O_WRONLY, "/tmp/"+strings.Repeat("x", 256)), syscall.ENAMETOOLONG},
		"make what is there":          {func(f *Tree) error { return f.Mkdir("/etc", false) }, syscall.EEXIST},
		"make without a parent":       {func(f *Tree) error { return f.Mkdir("/a/b", false) }, syscall.ENOENT},
		"remove a directory":          {func(f *Tree) error { return f.Remove("/srv", false) }, syscall.EISDIR},
		"rmdir of a full directory":   {func(f *Tree) error { return f.Rmdir("/srv") }, syscall.ENOTEMPTY},
		"rmdir of a file":             {func(f *Tree) error { return f.Rmdir("/srv/run") }, syscall.ENOTDIR},
		"remove the root":             {func(f *Tree) error { return f.Rmdir("/") }, syscall.EBUSY},
		"a directory into itself":     {func(f *Tree) error { return f.Rename("/srv", "/srv/data/x") }, syscall.EINVAL},
		"a file over a directory":     {func(f *Tree) error { return f.Rename("/srv/run", "/etc") }, syscall.EISDIR},
		"a directory over a file":     {func(f *Tree) error { return f.Rename("/etc", "/srv/run") }, syscall.ENOTDIR},
		"readlink of a file":          {func(f *Tree) error { _, err := f.Readlink("/srv/run"); return err }, syscall.EINVAL},
		"hard link of a directory":    {func(f *Tree) error { return f.Link("/etc", "/etc2") }, syscall.EPERM},
		"write to a full device":      {func(f *Tree) error { return f.WriteFile("/dev/full", []byte("x"), 0) }, syscall.ENOSPC},
		"a user reads root's file":    {func(f *Tree) error { return open(os.O_RDONLY, "/etc/secret")(f.As(app)) }, syscall.EACCES},
		"a user writes root's file":   {func(f *Tree) error { return open(os.O_WRONLY, "/etc/app.conf")(f.As(app)) }, syscall.EACCES},
		"a user writes in root's dir": {func(f *Tree) error { return open(os.O_CREATE|os.O_WRONLY, "/etc/x")(f.As(app)) }, syscall.EACCES},
		"a user enters root's home":   {func(f *Tree) error { return open(os.O_RDONLY, "/root/x")(f.As(app)) }, syscall.EACCES},
		"a user gives a file away":    {func(f *Tree) error { return f.As(app).Chown("/home/app/notes", 0, -1) }, syscall.EPERM},
		"a user takes a file":         {func(f *Tree) error { return f.As(app).Chmod("/etc/app.conf", 0o777) }, syscall.EPERM},
		"root runs what nobody may":   {func(f *Tree) error { return f.Access("/etc/app.conf", 1) }, syscall.EACCES},
		"bound root reads another's":  {func(f *Tree) error { return open(os.O_RDONLY, "/home/app/notes")(f.As(Caller{Bound: true, GID: 5})) }, syscall.EACCES},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := c.do(NewTree(image, nil)); !errors.Is(err, c.want) {
				t.Errorf("the error is %v, want %v", err, c.want)
			}
		})
	}
}

func TestStickyDirectoriesKeepFilesOfOthers(t *testing.T) {
	t.Parallel()
	f := NewTree(image, nil)
	if err := f.As(app).WriteFile("/tmp/mine", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	other := f.As(Caller{UID: 1001})
	if err := other.Remove("/tmp/mine", false); !errors.Is(err, syscall.EPERM) {
		t.Errorf("another user's removal: %v", err)
	}
	if err := f.As(app).Remove("/tmp/mine", false); err != nil {
		t.Error(err)
	}
}

func TestOwnersModesAndTimes(t *testing.T) {
	t.Parallel()
	f := NewTree(image, nil)
	mine := f.As(app)
	if err := mine.WriteFile("/home/app/new", []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat("/home/app/new")
	if err != nil {
		t.Fatal(err)
	}
	if uid, gid := Owner(info); uid != 1000 || gid != 1000 || info.Mode() != 0o644 {
		t.Errorf("the new file is %v of %d:%d", info.Mode(), uid, gid)
	}
	when := time.Unix(1000, 0)
	for _, err := range []error{
		mine.Chmod("/home/app/new", fs.ModeSetuid|0o711), mine.Chown("/home/app/new", -1, 2000), mine.Chtimes("/home/app/new", when),
		f.Chown("/home/app", 7, 8), f.Chmod("/home/app", fs.ModeSetgid|0o777), f.As(Caller{UID: 9, GID: 9, Umask: 0o022}).Mkdir("/home/app/sub", false),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	info, _ = f.Stat("/home/app/new")
	if _, gid := Owner(info); gid != 2000 || info.Mode() != fs.ModeSetuid|0o711 || !info.ModTime().Equal(when) {
		t.Errorf("the file is %v of group %d at %v", info.Mode(), gid, info.ModTime())
	}
	info, _ = f.Stat("/home/app/sub")
	if uid, gid := Owner(info); uid != 9 || gid != 8 || info.Mode() != fs.ModeDir|fs.ModeSetgid|0o755 {
		t.Errorf("the directory below a setgid one is %v of %d:%d", info.Mode(), uid, gid)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	f := NewTree(image, nil)
	if got := read(t, f, "/srv/latest"); got != "b" {
		t.Errorf("the link leads to %q", got)
	}
	for _, err := range []error{
		f.Symlink("../../../../etc/app.conf", "/tmp/up"), f.Symlink("/srv", "/tmp/dir"), f.Symlink("/tmp/not-yet", "/tmp/ahead"),
		f.WriteFile("/tmp/ahead", []byte("made"), 0o644), f.Link("/srv/data/a", "/tmp/hard"), f.WriteFile("/tmp/hard", []byte("both"), 0o644),
		f.Rename("/tmp/hard", "/tmp/moved"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := []string{read(t, f, "/tmp/up"), read(t, f, "/tmp/dir/data/b"), read(t, f, "/tmp/not-yet"), read(t, f, "/srv/data/a"), read(t, f, "/var/run/../srv/data/../latest")}
	if diff := cmp.Diff([]string{"from the image\n", "b", "made", "both", "b"}, got); diff != "" {
		t.Error(diff)
	}
	info, err := f.Lstat("/tmp/up")
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("Lstat: %v, %v", info, err)
	}
	if err := f.Remove("/tmp/dir", true); err != nil {
		t.Fatal(err)
	}
	if got := read(t, f, "/srv/data/b"); got != "b" {
		t.Error("removing a link removed what it leads to")
	}
	if real, err := f.RealPath("/var/run/new"); err != nil || real != "/run/new" {
		t.Errorf("the real path is %q, %v", real, err)
	}
}

func TestOpenFilesSeekAppendAndTruncate(t *testing.T) {
	t.Parallel()
	f := NewTree(image, nil)
	file, err := f.Open("/tmp/x", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte("end"), 5); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("start")); err != nil {
		t.Fatal(err)
	}
	log, err := f.Open("/tmp/x", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(log, "!"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, f, "/tmp/x"); got != "startend!" {
		t.Errorf("the file holds %q", got)
	}
	if err := f.Remove("/tmp/x", false); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(-4, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(file); err != nil || string(rest) != "end!" {
		t.Errorf("a removed file reads %q, %v", rest, err)
	}
	if err := file.Truncate(2); err != nil {
		t.Fatal(err)
	}
	if info, err := file.Stat(); err != nil || info.Size() != 2 {
		t.Errorf("after truncating: %v %v", info, err)
	}
}

func TestAReadOnlyRootTakesNothingButDevices(t *testing.T) {
	t.Parallel()
	f := NewTree(image, nil)
	f.SetReadOnly(true)
	for name, err := range map[string]error{
		"write": f.WriteFile("/etc/app.conf", nil, 0o644), "make": f.Mkdir("/x", false), "remove": f.Remove("/etc/app.conf", false),
		"rename": f.Rename("/etc/app.conf", "/etc/x"), "chmod": f.Chmod("/etc/app.conf", 0), "link": f.Symlink("a", "/b"),
	} {
		if !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.WriteFile("/dev/null", []byte("x"), 0); err != nil {
		t.Error(err)
	}
	if err := f.WriteFile("/dev/shm/x", []byte("x"), 0o644); err != nil {
		t.Error(err)
	}
}

func TestDevicesLeadToTheCallersStreams(t *testing.T) {
	t.Parallel()
	var out, log strings.Builder
	f := NewTree(NewLayer(map[string]Entry{"/var/log/access.log": {Link: "/dev/stdout"}}), nil).As(Caller{Stdin: strings.NewReader("in"), Stdout: &out, Stderr: &log})
	for _, err := range []error{f.WriteFile("/var/log/access.log", []byte("GET /"), 0), f.WriteFile("/dev/stderr", []byte("no"), 0)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if out.String() != "GET /" || log.String() != "no" || read(t, f, "/dev/stdin") != "in" {
		t.Errorf("out %q, err %q", out.String(), log.String())
	}
	if got := read(t, f, "/dev/null"); got != "" {
		t.Errorf("/dev/null reads %q", got)
	}
	zero, err := f.Open("/dev/zero", os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	buf := []byte{1, 2}
	if _, err := io.ReadFull(zero, buf); err != nil || buf[0]+buf[1] != 0 {
		t.Errorf("/dev/zero reads %v, %v", buf, err)
	}
}

func TestLimitsOfAContainerAndOfAllTogether(t *testing.T) {
	t.Parallel()
	limits := &Limits{Bytes: 1000, Files: 10, Total: 1500}
	one, two := NewTree(image, limits), NewTree(image, limits)
	if err := one.WriteFile("/tmp/a", make([]byte, 900), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := one.WriteFile("/tmp/b", make([]byte, 200), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("more than the container's: %v", err)
	}
	if err := two.WriteFile("/tmp/a", make([]byte, 700), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("more than all together: %v", err)
	}
	if used, _ := one.Used(); used != 900 {
		t.Errorf("%d bytes are used", used)
	}
	if err := one.Truncate("/tmp/a", 100); err != nil {
		t.Fatal(err)
	}
	if err := two.WriteFile("/tmp/a", make([]byte, 700), 0o644); err != nil {
		t.Errorf("after space was freed: %v", err)
	}
	one.Close()
	two.Close()
	if limits.Used() != 0 {
		t.Errorf("closed trees hold %d bytes", limits.Used())
	}
	three := NewTree(image, limits)
	var err error
	for i := 0; err == nil && i < 20; i++ {
		err = three.WriteFile(fmt.Sprintf("/tmp/%d", i), nil, 0o644)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("files without end: %v", err)
	}
	if err := three.WriteFile("/tmp/0", make([]byte, MaxFileSize+1), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a file without end: %v", err)
	}
}

func TestVirtualFilesAreMadeForTheCaller(t *testing.T) {
	t.Parallel()
	f := NewTree(image, nil)
	f.MountFS("/proc", "proc", func(c *Caller) fs.FS {
		return NewLayer(map[string]Entry{"/self": {Link: fmt.Sprint(c.PID)}, fmt.Sprintf("/%d/status", c.PID): {Content: fmt.Sprint("Uid: ", c.UID)}})
	})
	f = f.As(Caller{PID: 12, UID: 3})
	if got := read(t, f, "/proc/self/status"); got != "Uid: 3" {
		t.Errorf("/proc/self/status reads %q", got)
	}
	if err := f.As(Caller{}).WriteFile("/proc/new", nil, 0o644); !errors.Is(err, syscall.EROFS) {
		t.Errorf("writing there: %v", err)
	}
}

func TestParallelProcesses(t *testing.T) {
	t.Parallel()
	f := NewTree(image, nil)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			dir := fmt.Sprintf("/tmp/%d", i%4)
			for j := range 200 {
				_ = f.Mkdir(dir, true)
				_ = f.WriteFile(fmt.Sprintf("%s/%d", dir, j%7), []byte("x"), 0o644)
				_, _ = f.ReadDir(dir)
				_ = f.Rename(fmt.Sprintf("%s/%d", dir, j%7), dir+"/moved")
				if j%50 == 0 {
					_ = f.Remove(dir, true)
				}
			}
		})
	}
	group.Wait()
	if err := f.Remove("/tmp", true); err != nil {
		t.Fatal(err)
	}
	if used, inodes := f.Used(); used != 0 || inodes != 0 {
		t.Errorf("an empty layer holds %d bytes in %d files", used, inodes)
	}
}

func BenchmarkOpenRead(b *testing.B) {
	f := NewTree(image, nil)
	buf := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		file, err := f.Open("/etc/app.conf", os.O_RDONLY, 0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := file.Read(buf); err != nil {
			b.Fatal(err)
		}
		file.Close()
	}
}
