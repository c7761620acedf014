package minikube

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

// lists are the two questions that List asks.
func lists(p part) []part {
	light := p
	light.Args, light.Code = "profile list --light", 0
	p.Args = "profile list"
	return []part{light, p}
}

func one(name, status, version string) string {
	return `{"invalid":[],"valid":[{"Name":"` + name + `","Status":"` + status + `","Config":{"Driver":"docker","Nodes":[{},{}],"Addons":{"ingress":true,"dashboard":false},"KubernetesConfig":{"KubernetesVersion":"` + version + `","ContainerRuntime":"docker"}}}]}`
}

func TestProfilesAreTold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		parts []part
		want  string // name driver version nodes state
		mend  string
	}{
		{"none", lists(part{File: "profile-list-none.json"}), "", ""},
		{"running", lists(part{File: "profile-list-running.json"}), "minikube none v1.37.2 1 running", ""},
		{"stopped", lists(part{File: "profile-list-stopped.json"}), "minikube none v1.37.2 1 stopped", "minikube start -p minikube"},
		{"paused", append(lists(part{Out: one("a", "Paused", "v1.35.1")}), part{Args: "status", File: "status-paused.json", Code: 2}),
			"a docker v1.35.1 2 paused", "minikube unpause -p a"},
		{"a newer word for running", lists(part{Out: one("a", "HAppy", "v1.35.1")}), "a docker v1.35.1 2 running", ""},
		{"an older word for running", lists(part{Out: one("a", "Running", "v1.35.1")}), "a docker v1.35.1 2 running", ""},
		{"half deleted, recorded", append(lists(part{File: "profile-list-half-deleted.json"}), part{Args: "status", File: "status-half-deleted.json", Code: 7}),
			"minikube none v1.37.2 1 broken", "minikube start -p minikube"},
		{"the kubeconfig is broken, recorded", []part{{Args: "profile list --light", File: "profile-list-light.json"}, {Args: "profile list", File: "profile-list-bad-kubeconfig.json", Code: 80}},
			"minikube none v1.37.2 1 unknown", "minikube status -p minikube"},
		{"half deleted", append(lists(part{Out: one("a", "Unknown", "v1.35.1")}), part{Args: "status", Out: "null", Err: `E1 status error: the "a" host does not exist`, Code: 7}),
			"a docker v1.35.1 2 broken", "minikube start -p a"},
		{"half deleted, and the status cannot be had", append(lists(part{Out: one("a", "Nonexistent", "v1.35.1")}), part{Args: "status", Out: "?", Code: 80}),
			"a docker v1.35.1 2 broken", "minikube start -p a"},
		{"kubelet ended", append(lists(part{Out: one("a", "Error", "v1.35.1")}), part{Args: "status", Code: 2,
			Out: `{"Name":"a","Host":"Running","Kubelet":"Stopped","APIServer":"Stopped","Kubeconfig":"Configured","Worker":false}`}),
			"a docker v1.35.1 2 broken", "minikube start -p a"},
		{"invalid", lists(part{Out: `{"valid":[],"invalid":[{"Name":"left","Status":"","Config":null}]}`}), "left   0 broken", "minikube delete -p left"},
		{"an entry without a name", lists(part{Out: `{"valid":[{"Status":"OK"}],"invalid":[{}]}`}), "", ""},
		{"two of one name", lists(part{Out: strings.Replace(one("a", "OK", "v1.35.1"), `"invalid":[]`, `"invalid":[{"Name":"a"}]`, 1)}), "a   0 broken", "minikube profile list"},
		{"without Kubernetes", lists(part{Out: one("a", "OK", "v0.0.0")}), "a docker  2 broken", "minikube start -p k8stutor"},
		{"a notice before", lists(part{Out: "* minikube 1.39.0 is available!\n" + one("a", "OK", "v1.35.1") + "\nbye\n"}), "a docker v1.35.1 2 running", ""},
		{"a minikube without --light", []part{{Args: "profile list --light", Err: "Error: unknown flag: --light", Code: 14}, {Args: "profile list", Out: one("a", "OK", "v1.35.1")}},
			"a docker v1.35.1 2 running", ""},
		{"the engine below fails", []part{{Args: "profile list --light", Out: one("a", "Skipped", "v1.35.1")}, {Args: "profile list", Out: `{"error":{}}`, Code: 80}},
			"a docker v1.35.1 2 unknown", "minikube status -p a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			program, dir := fake(t, test.parts...)
			profiles, err := program.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got, mend := "", ""
			for _, p := range profiles {
				got = strings.Join([]string{p.Name, p.Driver, p.Version, strconv.Itoa(p.Nodes), string(p.State)}, " ")
				mend = p.Mend
				complete(t, p.Condition)
			}
			if got != test.want || mend != test.mend {
				t.Errorf("%q, mended by %q; want %q, %q", got, mend, test.want, test.mend)
			}
			if all := calls(t, dir); strings.Contains(strings.ReplaceAll(all, "/users/config", ""), "config") || strings.Count(all, "/users/config") != strings.Count(all, "\n") {
				t.Errorf("calls %q did not all have the learner's kubeconfig", all)
			}
		})
	}
}

// complete checks that whatever is wrong is said, with its mend, in both languages.
func complete(t *testing.T, c Condition) {
	t.Helper()
	if c.State == Running && c.Trouble == nil {
		return
	}
	for _, l := range lessons.Languages() {
		if c.Trouble[l] == "" || c.Hint[l] == "" || strings.Contains(c.Trouble[l]+c.Hint[l], "%!") {
			t.Errorf("%s: trouble %q, hint %q", l, c.Trouble[l], c.Hint[l])
		}
		if !strings.Contains(c.Hint[l], c.Mend) {
			t.Errorf("%s: the hint %q has not the command %q", l, c.Hint[l], c.Mend)
		}
	}
}

func TestInvalidProfilesAreAmongThem(t *testing.T) {
	t.Parallel()
	program, _ := fake(t, append(lists(part{File: "profile-list-invalid.json"}), part{Args: "status", File: "status-half-deleted.json", Code: 7})...)
	profiles, err := program.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range profiles {
		got[p.Name] = p.Mend
	}
	want := map[string]string{"empty": "minikube delete -p empty", "left": "minikube delete -p left", "minikube": "minikube start -p minikube"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAListNamesAddonsAndRuntime(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/profile-list-stopped.json")
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := parseList(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"default-storageclass", "metrics-server", "storage-provisioner"}, profiles[0].Addons); diff != "" {
		t.Error(diff)
	}
	if p := profiles[0]; p.Runtime != "containerd" || !p.Addon("metrics-server") || p.Addon("ingress") {
		t.Errorf("%+v", p)
	}
}

func TestStatusesAreUnderstood(t *testing.T) {
	t.Parallel()
	two := func(second string) string {
		return `[{"Name":"a","Host":"Running","Kubelet":"Running","APIServer":"Running","Kubeconfig":"Configured"},` + second + `]`
	}
	for _, test := range []struct {
		name string
		part part
		want State
		mend string
	}{
		{"running", part{File: "status-running.json"}, Running, ""},
		{"stopped", part{File: "status-stopped.json", Code: 7}, Stopped, "minikube start -p a"},
		{"paused", part{File: "status-paused.json", Code: 2}, Paused, "minikube unpause -p a"},
		{"deleted", part{File: "status-deleted.json", Code: 85}, Absent, "minikube start -p a"},
		{"never started", part{File: "status-never-started.json", Code: 85}, Absent, "minikube start -p a"},
		{"the host is gone", part{Out: "null", Code: 7}, Broken, "minikube start -p a"},
		{"the kubeconfig leads elsewhere", part{Out: `{"Host":"Running","Kubelet":"Running","APIServer":"Running","Kubeconfig":"Misconfigured"}`, Code: 4}, Broken, "minikube update-context -p a"},
		{"the kubelet ended", part{Out: `{"Host":"Running","Kubelet":"Stopped","APIServer":"Running","Kubeconfig":"Configured"}`, Code: 2}, Broken, "minikube start -p a"},
		{"the disk is full", part{Out: `{"Host":"InsufficientStorage","Kubelet":"Running","APIServer":"Running","Kubeconfig":"Configured"}`, Code: 1}, Broken, "minikube ssh -p a -- df -h /var"},
		{"starting", part{Out: `{"Host":"Starting","Kubelet":"Starting","APIServer":"Starting","Kubeconfig":"Starting"}`, Code: 7}, Moving, "minikube status -p a"},
		{"two nodes", part{Out: two(`{"Name":"a-m02","Host":"Running","Kubelet":"Running","APIServer":"Irrelevant","Kubeconfig":"Irrelevant","Worker":true}`)}, Running, ""},
		{"the second node is down", part{Out: two(`{"Name":"a-m02","Host":"Stopped","Kubelet":"Stopped","APIServer":"Stopped","Kubeconfig":"Stopped","Worker":true}`), Code: 7}, Running, "minikube node start m02 -p a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.part.Args = "status -p a -o json"
			program, _ := fake(t, test.part)
			got, err := program.Status(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			if got.State != test.want || got.State != Moving && got.Mend != test.mend {
				t.Errorf("%s, mended by %q; want %s, %q", got.State, got.Mend, test.want, test.mend)
			}
			complete(t, got)
		})
	}
}

func TestAMinikubeThatGivesNoAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		part part
		kind Kind
		says string // in the error
		hint string // in English
	}{
		{"hangs", part{Hang: true}, Hung, "hangs", "Restart"},
		{"hangs and does not want to end", part{Hang: true, Stay: true}, Hung, "hangs", "Restart"},
		{"hangs with a child that holds its output", part{Hang: true, Child: true}, Hung, "hangs", "Restart"},
		{"prints without end", part{Flood: true}, Hung, "hangs", "Restart"},
		{"prints something else", part{Out: "hello\n"}, Unreadable, `"hello"`, "minikube version"},
		{"prints escape sequences", part{Out: "\x1b[2Jboo\n"}, Unreadable, `\x1b[2Jboo`, "minikube version"},
		{"prints half of it", part{Out: `{"invalid":[],"valid":[{"Name":"a","Sta`}, Unreadable, "something else than JSON", "minikube version"},
		{"prints nothing", part{}, Unreadable, "unexpected end of JSON", "minikube version"},
		{"prints other JSON", part{Out: "{}"}, Unreadable, "something else", "minikube version"},
		{"prints an array", part{Out: "[1,2]"}, Unreadable, "something else", "minikube version"},
		{"fails", part{Err: "panic: boom\ngoroutine 1\n", Code: 2}, Failed, "exit code 2: panic: boom", "minikube version"},
		{"has no room", part{Err: "open /root/.minikube/x: no space left on device", Code: 80}, Failed, "no space left", "df -h"},
		{"has no memory", part{Killed: true}, Failed, "killed", "memory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// The light question is not answered better than the other one.
			light := test.part
			light.Args = "profile list --light"
			test.part.Args = "profile list"
			program, dir := fake(t, light, test.part)
			began := time.Now()
			profiles, err := program.List(t.Context())
			took := time.Since(began)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%v, %+v", err, profiles)
			}
			if e.Kind != test.kind || !strings.Contains(e.Error(), test.says) || !strings.Contains(e.Hint.In(lessons.English), test.hint) {
				t.Errorf("%s: %v\nhint: %s", e.Kind, e, e.Hint.In(lessons.English))
			}
			if e.Hint.In(lessons.Chinese) == e.Hint.In(lessons.English) {
				t.Error("the hint is not translated")
			}
			if took > lightTime+dyingTime+3*time.Second {
				t.Errorf("it took %s", took)
			}
			gone(t, dir)
		})
	}
}

// gone checks that the child of a fake minikube, if it had one, has ended.
func gone(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "child"))
	if err != nil {
		return
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil || zombie(pid) {
			return
		}
	}
	t.Errorf("its child %d still runs", pid)
}

// zombie reports whether a process has ended and nobody has asked for its exit code.
func zombie(pid int) bool {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && strings.Contains(string(text), ") Z ")
}

func TestFindingTheProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := func(path string) func(string) string {
		return func(name string) string { return map[string]string{"PATH": path}[name] }
	}
	if _, err := Find(env(dir), nil); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Find(env(""), nil); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("no PATH: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "minikube"), []byte("not yet"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Find(env(dir), nil)
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != CannotRun || !strings.Contains(e.Hint.In(lessons.English), "chmod") {
		t.Errorf("a file that is no program: %v", err)
	}
	_, good := fake(t)
	if p, err := Find(env(dir+string(filepath.ListSeparator)+good), nil); err != nil || filepath.Dir(p.Path) != good {
		t.Errorf("one behind it: %v, %v", p.Path, err)
	}
	if _, err := Find(env("."), nil); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("the folder one is in: %v", err)
	}
	// A program for another machine is found out when it is run.
	if err := os.Chmod(filepath.Join(dir, "minikube"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := Find(env(dir), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.List(t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != CannotRun {
		t.Errorf("a program of another format: %v", err)
	}
}
