package lessons

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// writeCourse writes the example course, changed by edits, into a new folder.
func writeCourse(t testing.TB, dir string, edits ...edit) string {
	t.Helper()
	files := exampleCourse(t)
	for _, e := range edits {
		e.apply(t, files)
	}
	for name, f := range files {
		to := filepath.Join(dir, strings.TrimPrefix(name, "course/"))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// renamed are the edits that give the example course another id.
func renamed(id string) []edit {
	return []edit{{"course.yaml", "id: demo", "id: " + id}, {"en.md", "{#demo}", "{#" + id + "}"}, {"zh.md", "{#demo}", "{#" + id + "}"}}
}

func problemsOf(t *testing.T, err error) []string {
	t.Helper()
	problems, ok := errors.AsType[Problems](err)
	if !ok {
		t.Fatalf("error = %v; want Problems", err)
	}
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

func TestLessonsOfAnotherCourseHaveIdsOfTheirOwn(t *testing.T) {
	t.Parallel()
	ours, err := Load(exampleCourse(t), "course")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := LoadDir(writeCourse(t, t.TempDir(), append(renamed("acme"), edit{lessonYAML, "needs: []", "after: []"})...))
	if err != nil {
		t.Fatal(err)
	}
	all := ours.With([]*Course{theirs}, nil)
	var ids, titles []string
	for _, m := range all.Modules {
		titles = append(titles, m.Title.In(English))
		for _, l := range m.Lessons {
			ids = append(ids, l.ID)
		}
	}
	if diff := cmp.Diff([]string{"services", "acme/services"}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Networking", "A small course · Networking"}, titles); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
	if len(ours.Modules) != 1 {
		t.Error("With changed the course it was called on")
	}
	own, _ := all.Lesson("services")
	their, _ := all.Lesson("acme/services")
	if own.Foreign() || !their.Foreign() {
		t.Errorf("foreign: services %v, acme/services %v; want false, true", own.Foreign(), their.Foreign())
	}
	for id, want := range map[string]string{"services": "services", "acme/services": "acme/services", "pods": ""} {
		got := ""
		if l, _ := all.Find(id); l != nil {
			got = l.ID
		}
		if got != want {
			t.Errorf("Find(%q) = %q; want %q", id, got, want)
		}
	}
	if l, _ := theirs.Find("services"); l == nil || l.ID != "acme/services" {
		t.Errorf("Find of the course alone = %v; want acme/services", l)
	}
	if l, several := ours.With([]*Course{theirs, other(t, "beta")}, nil).Find("services"); l != own || several != nil {
		t.Errorf("Find prefers %v, %v to the lesson that has that id", l, several)
	}
	if l, several := theirs.With([]*Course{other(t, "beta")}, nil).Find("services"); l != nil || len(several) != 2 {
		t.Errorf("Find of an id that two courses have = %v, %v; want both names", l, several)
	}
}

func other(t *testing.T, id string) *Course {
	t.Helper()
	c, err := LoadDir(writeCourse(t, t.TempDir(), renamed(id)...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestProgressOfTwoCoursesIsKeptApart(t *testing.T) {
	t.Parallel()
	ours := mustLoad(t)
	theirs := other(t, "acme").Lessons()[0]
	var p Progress
	p.Lesson(theirs.ID).Passed["create"] = time.Unix(1, 0)
	if _, steps, _ := p.LessonDone(ours); steps.Done != 0 {
		t.Error("a step passed in another course counts in ours")
	}
	if _, steps, _ := p.LessonDone(theirs); steps.Done != 1 {
		t.Error("a step passed in another course does not count there")
	}
}

func TestABrokenCourseIsRefusedWholeAndTheOthersAreThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeCourse(t, filepath.Join(dir, "a-good"), renamed("good")...)
	writeCourse(t, filepath.Join(dir, "b-broken"), append(renamed("broken"), edit{zh, "", ""}, edit{lessonYAML, "minutes: 20", "minutes: -1"})...)
	writeCourse(t, filepath.Join(dir, "c-newer"), append(renamed("newer"), edit{"course.yaml", "format: 1", "format: 9"})...)
	writeCourse(t, filepath.Join(dir, "d-same"), renamed("good")...)
	writeCourse(t, filepath.Join(dir, ".hidden"), renamed("hidden")...)
	if err := os.WriteFile(filepath.Join(dir, "README"), []byte("no course"), 0o600); err != nil {
		t.Fatal(err)
	}
	courses, broken := LoadLibrary(dir)
	if len(courses) != 1 || courses[0].ID != "good" {
		t.Fatalf("courses = %v; want good alone", courses)
	}
	want := []string{
		fmt.Sprintf("The course in %[1]s cannot be loaded: it has 2 faults. `k8stutor course check %[1]s` lists them.", filepath.Join(dir, "b-broken")),
		fmt.Sprintf("The course in %[1]s cannot be loaded: %[1]s/course.yaml:1: the course is written in format 9, this program reads up to 1: a newer k8stutor is needed", filepath.Join(dir, "c-newer")),
		fmt.Sprintf("The course in %s cannot be loaded: its id \"good\" is that of the course in %s", filepath.Join(dir, "d-same"), filepath.Join(dir, "a-good")),
	}
	var got []string
	for _, b := range broken {
		got = append(got, b.Sentence().In(English))
		if b.Sentence().In(Chinese) == b.Sentence().In(English) {
			t.Errorf("not said in Chinese: %s", b.Sentence().In(Chinese))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

func TestNoCoursesFolderIsNoFault(t *testing.T) {
	t.Parallel()
	if courses, broken := LoadLibrary(filepath.Join(t.TempDir(), "none")); courses != nil || broken != nil {
		t.Errorf("LoadLibrary of nothing = %v, %v", courses, broken)
	}
	if courses, broken := LoadLibrary(t.TempDir()); courses != nil || broken != nil {
		t.Errorf("LoadLibrary of an empty folder = %v, %v", courses, broken)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, broken := LoadLibrary(file); len(broken) != 1 {
		t.Errorf("LoadLibrary of a file = %v; want that it is no folder", broken)
	}
}

func TestNothingOutsideOfTheFolderIsRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret.yaml")
	if err := os.WriteFile(secret, []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: secret}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := func(old, new string) {
		t.Helper()
		_ = os.Remove(new)
		if err := os.Symlink(old, new); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		prepare func(dir string)
		want    string
	}{
		"a file that is a link out": {func(dir string) { link(secret, filepath.Join(dir, "services/setup/shop.yaml")) },
			"services/lesson.yaml:51: setup file setup/shop.yaml: this file cannot be read: path escapes from parent"},
		"a relative link out": {func(dir string) { link("../../../secret.yaml", filepath.Join(dir, "services/setup/shop.yaml")) },
			"services/lesson.yaml:51: setup file setup/shop.yaml: this file cannot be read: path escapes from parent"},
		"a folder that is a link out": {func(dir string) {
			_ = os.RemoveAll(filepath.Join(dir, "services/setup"))
			link(outside, filepath.Join(dir, "services/setup"))
		}, "services/lesson.yaml:51: setup file setup/shop.yaml: this file cannot be read: path escapes from parent"},
		"a circle of links": {func(dir string) { link("shop.yaml", filepath.Join(dir, "services/setup/shop.yaml")) },
			"services/lesson.yaml:51: setup file setup/shop.yaml: this file cannot be read: too many levels of symbolic links"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := writeCourse(t, t.TempDir())
			tc.prepare(dir)
			_, err := LoadDir(dir)
			if diff := cmp.Diff([]string{filepath.Join(dir, tc.want)}, problemsOf(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a link within the folder", func(t *testing.T) {
		t.Parallel()
		dir := writeCourse(t, t.TempDir())
		if err := os.Rename(filepath.Join(dir, "services/setup/shop.yaml"), filepath.Join(dir, "shared.yaml")); err != nil {
			t.Fatal(err)
		}
		link("../../shared.yaml", filepath.Join(dir, "services/setup/shop.yaml"))
		if _, err := LoadDir(dir); err != nil {
			t.Errorf("a link within the course is refused: %v", err)
		}
	})
}

func TestALargeFileIsNotRead(t *testing.T) {
	t.Parallel()
	dir := writeCourse(t, t.TempDir())
	if err := os.Truncate(filepath.Join(dir, en), 100<<20); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := LoadDir(dir)
	runtime.ReadMemStats(&after)
	want := filepath.Join(dir, en) + ": the file has 104857600 bytes; a course file has 1048576 at most (1 MB)"
	if diff := cmp.Diff([]string{want}, problemsOf(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 80<<20 {
		t.Errorf("%d MB were allocated to refuse a file", grown>>20)
	}
}

func TestAHundredFaultsAreAHundredLines(t *testing.T) {
	t.Parallel()
	var keys strings.Builder
	for i := range 100 {
		fmt.Fprintf(&keys, "\nunknown%d: 1", i)
	}
	files := exampleCourse(t)
	edit{lessonYAML, "needs: []", "needs: []" + keys.String()}.apply(t, files)
	_, err := Load(files, "course")
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 100 {
		t.Fatalf("%d lines; want 100", len(lines))
	}
	for i, line := range lines {
		if want := fmt.Sprintf("course/services/lesson.yaml:%d: unknown key \"unknown%d\"", 5+i, i); !strings.HasPrefix(line, want) {
			t.Fatalf("line %d = %s; want %s…", i, line, want)
		}
	}
}

func TestTenThousandStepsAreTooMany(t *testing.T) {
	t.Parallel()
	var steps strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&steps, "- {id: s%d, kind: do}\n", i)
	}
	files := exampleCourse(t)
	edit{lessonYAML, "steps:\n", "steps:\n" + steps.String()}.apply(t, files)
	_, err := Load(files, "course")
	problems := problemsOf(t, err)
	if !slices.Contains(problems, "course/services/lesson.yaml:7: steps has 10003 entries; there can be 50 at most") {
		t.Errorf("it is not said that there are too many:\n%s", strings.Join(problems[:5], "\n"))
	}
	if len(problems) > maxProblems+1 {
		t.Errorf("%d problems; want %d at most", len(problems), maxProblems+1)
	}
}

func TestAnotherPersonsObjectsStayInTheWorkspace(t *testing.T) {
	t.Parallel()
	pod := func(spec string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {" + spec + "}\n"
	}
	for name, tc := range map[string]struct{ object, want string }{
		"a plain Pod":           {pod("containers: [{name: c, image: nginx, ports: [{containerPort: 80}]}]"), ""},
		"the node's network":    {pod("hostNetwork: true"), "Pod/p has spec.hostNetwork: it would leave its container"},
		"not the node's":        {pod("hostNetwork: false"), ""},
		"the node's processes":  {pod("hostPID: true"), "Pod/p has spec.hostPID: it would leave its container"},
		"a privileged one":      {pod("containers: [{securityContext: {privileged: true}}]"), "Pod/p has spec.containers[0].securityContext.privileged: it would leave its container"},
		"a port of the node":    {pod("containers: [{ports: [{hostPort: 80}]}]"), "Pod/p has spec.containers[0].ports[0].hostPort: it is a port of the node"},
		"the node's files":      {pod("volumes: [{name: v, hostPath: {path: /}}]"), "Pod/p has spec.volumes[0].hostPath: it is the node's file system (a PersistentVolume may have a hostPath under /tmp/k8stutor/)"},
		"in a template":         {"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: p}\nspec: {jobTemplate: {spec: {template: {spec: {hostIPC: true}}}}}\n", "CronJob/p has spec.jobTemplate.spec.template.spec.hostIPC: it would leave its container"},
		"a flood of Pods":       {"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: p}\nspec: {replicas: 10000}\n", "Deployment/p has spec.replicas: 10000 Pods; at most 20"},
		"a finalizer":           {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p, finalizers: [x/y]}\n", "ConfigMap/p has metadata.finalizers: it could never be deleted again"},
		"others' traffic":       {"apiVersion: v1\nkind: Service\nmetadata: {name: p}\nspec: {externalIPs: [1.1.1.1]}\n", "Service/p has spec.externalIPs: it would take other people's traffic"},
		"nginx's configuration": {"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: p, annotations: {nginx.ingress.kubernetes.io/server-snippet: x}}\n", "Ingress/p has annotation nginx.ingress.kubernetes.io/server-snippet: it is configuration of the ingress controller, which serves others too"},
		"a volume on a node":    {"apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: p}\nspec: {hostPath: {path: /etc}}\n", "PersistentVolume/p has spec.hostPath: it is the node's file system (a PersistentVolume may have a hostPath under /tmp/k8stutor/)"},
		"a way out of the root": {"apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: p}\nspec: {hostPath: {path: /tmp/k8stutor/../../etc}}\n", "PersistentVolume/p has spec.hostPath: it is the node's file system (a PersistentVolume may have a hostPath under /tmp/k8stutor/)"},
		"a volume of its own":   {"apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: p}\nspec: {hostPath: {path: /tmp/k8stutor/archive}}\n", ""},
		"everybody's default":   {"apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: p}\nvalue: 5\nglobalDefault: true\n", "PriorityClass/p has globalDefault: it would change what others get"},
		"a right to everything": {"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: p}\n", "ClusterRoleBinding/p is of a kind that cannot be planted"},
		"a webhook":             {"apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: p}\n", "ValidatingWebhookConfiguration/p is of a kind that cannot be planted"},
		"a Node":                {"apiVersion: v1\nkind: Node\nmetadata: {name: p}\n", "Node/p does not live in a namespace, so a workspace cannot hold it"},
		"another namespace":     {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p, namespace: kube-system}\n", "ConfigMap/p names namespace kube-system; leave it out, it is planted in the workspace"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := writeCourse(t, t.TempDir(), edit{"services/setup/shop.yaml", "", "---\n" + tc.object},
				edit{lessonYAML, "needs: []", "clusterScoped: [PersistentVolume, PriorityClass]"})
			_, err := LoadDir(dir)
			if tc.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			want := filepath.Join(dir, "services/setup/shop.yaml") + ":22: " + tc.want
			if diff := cmp.Diff([]string{want}, problemsOf(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACourseThatIsNoFolder(t *testing.T) {
	t.Parallel()
	if _, err := LoadDir(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("LoadDir of nothing = %v", err)
	}
	dir := t.TempDir()
	_, err := LoadDir(dir)
	if diff := cmp.Diff([]string{filepath.Join(dir, "course.yaml") + ": this file is missing"}, problemsOf(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
