package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

func wantTrouble(t *testing.T, err error, want lessons.Trouble, says string) *lessons.ClusterError {
	t.Helper()
	got, ok := errors.AsType[*lessons.ClusterError](err)
	if !ok {
		t.Fatalf("error %v (%T) is no ClusterError", err, err)
	}
	if got.Trouble != want {
		t.Errorf("trouble %q, want %q: %v", got.Trouble, want, err)
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("error %q does not say %q", err, says)
	}
	for _, l := range lessons.Languages() {
		if got.Hint[l] == "" || strings.Contains(got.Hint[l], "%!") {
			t.Errorf("hint in %s is %q", l, got.Hint[l])
		}
	}
	return got
}

func TestUpStartsTheSandboxAndReportsEachStageOnce(t *testing.T) {
	t.Parallel()
	s := newFake(t, fakePlan{Hold: true})
	var mu sync.Mutex
	var got []Progress
	progress := func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, p)
		if len(got) >= 2 {
			if err := os.WriteFile(filepath.Join(s.Dir, "go"), nil, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
	lease, err := s.Up(t.Context(), LeaseOptions{}, progress)
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Close()
	mu.Lock()
	defer mu.Unlock()
	slices.SortStableFunc(got, func(a, b Progress) int { return strings.Compare(a.Stage, b.Stage) })
	// The stream shows the newest state; a stage may pass between two looks.
	last := map[string]Progress{}
	for i, p := range got {
		if i > 0 && got[i-1] == p {
			t.Errorf("%v was reported twice", p)
		}
		last[p.Stage] = p
	}
	want := map[string]Progress{
		"etcd":           {"etcd", "done", "60ms"},
		"kube-apiserver": {"kube-apiserver", "done", "2.7s"},
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Error(diff)
	}
	if lease.Status().Stage != StageReady {
		t.Errorf("stage %q after Up", lease.Status().Stage)
	}
}

func TestManyUpsShareOneSandboxWhichEndsWithTheLast(t *testing.T) {
	t.Parallel()
	s := newFake(t, fakePlan{})
	leases := make([]*Lease, 4)
	var started sync.WaitGroup
	for i := range leases {
		started.Go(func() {
			var err error
			if leases[i], err = s.Up(t.Context(), LeaseOptions{}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	started.Wait()
	if t.Failed() {
		t.FailNow()
	}
	pid := leases[0].Status().PID
	for i, l := range leases {
		if l.Status().PID != pid {
			t.Errorf("lease %d is on process %d, lease 0 on %d", i, l.Status().PID, pid)
		}
		if i > 0 {
			l.Close()
		}
	}
	eventually(t, 20*time.Second, func() error {
		if status, err := s.Status(t.Context()); err != nil || status.Leases != 1 {
			return fmt.Errorf("%d leases, %v", status.Leases, err)
		}
		return nil
	})
	leases[0].Close()
	eventually(t, 20*time.Second, func() error {
		if alive(pid) {
			return errors.New("the process is still there")
		}
		return nil
	})
	eventually(t, 20*time.Second, func() error {
		if status, err := s.Status(t.Context()); err != nil || status.Stage != StageStopped {
			return fmt.Errorf("status %q, %v; want stopped", status.Stage, err)
		}
		return nil
	})
}

func TestKeepAndDown(t *testing.T) {
	t.Parallel()
	s := newFake(t, fakePlan{})
	lease, err := s.Up(t.Context(), LeaseOptions{Keep: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pid := lease.Status().PID
	lease.Close()
	again, err := s.Up(t.Context(), LeaseOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Status().PID; got != pid {
		t.Errorf("the second Up joined process %d, want the kept %d", got, pid)
	}
	if err := s.Down(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Error("the process is there after Down")
	}
	select {
	case <-again.Done():
	case <-time.After(5 * time.Second):
		t.Error("the lease does not notice that the sandbox is gone")
	}
	again.Close()
	if err := s.Down(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if exists(s.Dir) {
		t.Error("the folder is there after a purge")
	}
	if err := s.Down(t.Context(), true); err != nil {
		t.Errorf("Down of nothing: %v", err)
	}
}

func TestUpAfterTheSandboxWasKilledStartsAnother(t *testing.T) {
	t.Parallel()
	s := newFake(t, fakePlan{})
	lease, err := s.Up(t.Context(), LeaseOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(lease.Status().PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-lease.Done()
	second, err := s.Up(t.Context(), LeaseOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if second.Status().PID == lease.Status().PID {
		t.Error("it joined the dead process")
	}
}

func TestUpSaysWhyTheSandboxDidNotStart(t *testing.T) {
	t.Parallel()
	t.Run("it ended", func(t *testing.T) {
		t.Parallel()
		s := newFake(t, fakePlan{Exit: 1, Say: "mkdir etcd: no space left on device"})
		_, err := s.Up(t.Context(), LeaseOptions{}, nil)
		wantTrouble(t, err, lessons.NoSandbox, "no space left on device")
	})
	t.Run("it failed", func(t *testing.T) {
		t.Parallel()
		s := newFake(t, fakePlan{Fail: "kube-apiserver: certificate expired"})
		_, err := s.Up(t.Context(), LeaseOptions{}, nil)
		wantTrouble(t, err, lessons.NoSandbox, "certificate expired")
	})
	t.Run("the learner gave up", func(t *testing.T) {
		t.Parallel()
		s := newFake(t, fakePlan{Hold: true})
		ctx, cancel := context.WithCancel(t.Context())
		_, err := s.Up(ctx, LeaseOptions{}, func(Progress) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want it to be of the canceled context", err)
		}
		wantTrouble(t, err, lessons.NoSandbox, "")
	})
	t.Run("its folder cannot be made", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		self, _ := os.Executable()
		_, err := Sandbox{Dir: filepath.Join(file, "sandbox"), Program: self}.Up(t.Context(), LeaseOptions{}, nil)
		wantTrouble(t, err, lessons.NoSandbox, "not a directory")
	})
	t.Run("there is no companion", func(t *testing.T) {
		t.Parallel()
		env := func(name string) string { return map[string]string{"PATH": t.TempDir()}[name] }
		_, err := Sandbox{Dir: t.TempDir(), Env: env}.Up(t.Context(), LeaseOptions{}, nil)
		wantTrouble(t, err, lessons.NoSandbox, "k8stutor-sandbox")
	})
}

func TestAFolderThatCannotBeWrittenIsSaidInAWord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := writable(dir); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("it left %v behind", left)
	}
	err := writable(filepath.Join(dir, "gone"))
	if !errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), dir) {
		t.Errorf("a missing folder: %v, want the reason alone", err)
	}
}

func TestFindCompanion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "k8stutor-sandbox")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		env  map[string]string
		want string
		says string
	}{
		{"by its variable", map[string]string{"K8STUTOR_SANDBOX": program, "PATH": "/bin"}, program, ""},
		{"on PATH", map[string]string{"PATH": "/nowhere" + string(filepath.ListSeparator) + dir}, program, ""},
		{"a variable that leads nowhere is an error, not a hint", map[string]string{"K8STUTOR_SANDBOX": "/nowhere/x", "PATH": dir}, "", "K8STUTOR_SANDBOX"},
		{"a variable that names no program", map[string]string{"K8STUTOR_SANDBOX": text}, "", "not a program"},
		{"nowhere", map[string]string{"PATH": "/nowhere"}, "", "not on PATH"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := FindCompanion(func(name string) string { return test.env[name] })
			if got != test.want {
				t.Errorf("found %q, want %q", got, test.want)
			}
			if test.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantTrouble(t, err, lessons.NoSandbox, test.says)
		})
	}
}

func TestPurgeKeepsAFolderThatIsNoSandbox(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	letter := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(letter, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantTrouble(t, Sandbox{Dir: dir}.Down(t.Context(), true), lessons.NoSandbox, "other things")
	if !exists(letter) {
		t.Error("the file was deleted")
	}
}

func TestLogsOfTheSandbox(t *testing.T) {
	t.Parallel()
	s := Sandbox{Dir: t.TempDir()}
	_, err := s.Logs("", "")
	wantTrouble(t, err, lessons.NoSandbox, "no logs")
	kept := func(parts ...string) string {
		path := filepath.Join(append([]string{s.Dir}, parts...)...)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	etcd, kubelet := kept("logs", "etcd.log"), kept("logs", "kubelet.log")
	kept("logs", "kubelet-2026-11-23T12-00-00.000.log")
	second := kept("nodes", "k8stutor-m02", "logs", "kubelet.log")
	for _, tc := range []struct {
		node, component string
		want            []LogFile
	}{
		{"", "", []LogFile{{"etcd", etcd}, {"kubelet", kubelet}}},
		{"", "kubelet", []LogFile{{"kubelet", kubelet}}},
		{"k8stutor-m02", "kubelet", []LogFile{{"kubelet", second}}},
	} {
		got, err := s.Logs(tc.node, tc.component)
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Errorf("%+v: %s%v", tc, diff, err)
		}
	}
	for _, tc := range []struct {
		node, component string
		want            UnknownComponent
	}{
		{"", "kublet", UnknownComponent{"kublet", []string{"etcd", "kubelet"}}},
		{"k8stutor-m02", "etcd", UnknownComponent{"etcd", []string{"kubelet"}}},
		{"m02", "", UnknownComponent{"m02", []string{"k8stutor-m02"}}},
	} {
		_, err := s.Logs(tc.node, tc.component)
		unknown, ok := errors.AsType[*UnknownComponent](err)
		if !ok {
			t.Errorf("%+v: %v", tc, err)
		} else if diff := cmp.Diff(tc.want, *unknown); diff != "" {
			t.Errorf("%+v: %s", tc, diff)
		}
	}
}
