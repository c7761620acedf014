package e2e

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// TestThePictureOnTheScreen makes a Deployment and a Service, breaks the selector and
// mends it, rolls out an image that is not there, and looks at each on the screen;
// then at YAML, events, description and log, and at the same picture in text.
func TestThePictureOnTheScreen(t *testing.T) {
	home := t.TempDir()
	t.Cleanup(func() { stopSandbox(t, home) })
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), built.tutor, args...)
		cmd.Env = append(environment(home, "en_US.UTF-8"), "KUBECONFIG="+filepath.Join(home, "state", "k8stutor", "kubeconfig"))
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("k8stutor %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	kubectl := func(line string) { t.Helper(); run(append([]string{"kubectl"}, strings.Fields(line)...)...) }

	l := sit(t, home, lessons.English, 160, 48, "services")
	l.Wait("page 1 of")
	l.Keys("e")
	l.WaitRE(`:~[#$]`) // the workspace is there
	l.Keys("2")
	kubectl("create deployment web --image=nginx:1.27 --replicas=2")
	l.WaitRE(`─ ● Deployment web ─+ 2/2 ready`)
	kubectl("expose deployment web --port=80")
	l.WaitRE(`▶│.● web-\w+-\w+ +Running`)
	l.WaitRE(`┤.● EndpointSlice web-\w+ +2/2 ready`)
	l.Gone("◆") // the marks go

	kubectl("set selector service web app=wbe")
	l.Wait("✗╌╌┤ ✗ selector app=wbe matches no Pod; Pods have app=web")
	l.Gone("▶│") // the lines are gone
	if text := run("show", "services", "--cluster"); !strings.Contains(text, "reaches no Pod; the line is missing: selector app=wbe matches no Pod; Pods have app=web") {
		t.Errorf("the picture in text says:\n%s", text)
	}
	kubectl("set selector service web app=web")
	l.WaitRE(`▶│.● web-\w+-\w+ +Running`)

	kubectl("set image deployment/web nginx=nginx:9.99")
	l.WaitRE(`old · 2/2 ready │.. RS …?\S* +new · 0/1 ready`)
	l.WaitRE(`nginx:1\.27 +│ +nginx:9\.99`)
	l.WaitRE(`│.✗ …?\S+ +(ErrImagePull|ImagePullBackOff)`)
	text := run("show", "services", "--cluster", "-o", "json")
	var picture struct {
		Nodes []struct{ Key, Health, State string }
		Edges []struct{ From, To, Relation string }
	}
	if err := json.Unmarshal([]byte(text), &picture); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if !slices.ContainsFunc(picture.Edges, func(e struct{ From, To, Relation string }) bool {
		return e.Relation == "reaches" && strings.HasPrefix(e.To, "Pod/web-")
	}) {
		t.Errorf("nothing reaches a Pod in %s", text)
	}

	kubectl("rollout undo deployment/web")
	l.Gone("nginx:9.99  ")
	l.Keys("/")
	l.Type("replicaset")
	l.Wait("filter: replicaset")
	l.Keys("enter", "esc", "g", "down", "down", "down", "down", "down")
	l.Keys("enter")
	l.WaitRE(`apiVersion: \S+`)
	l.Wait("lines folded")
	l.Keys("d")
	l.Wait("Relations")
	l.Keys("esc")
	l.Wait("Terminal")
	l.Keys("G", "up") // the last Pod, above the older ReplicaSets
	l.Wait("L logs")
	l.Keys("L")
	l.Wait("ready for start up")
	l.Wait("following")
	l.Keys("E")
	l.Wait("Scheduled")
	l.Keys("l")
	l.Wait("事件")
	l.Keys("esc", "q")
	l.Exit(0)
}
