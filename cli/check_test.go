package cli

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

func both(en, zh string) lessons.Text {
	return lessons.Text{lessons.English: en, lessons.Chinese: zh}
}

// brokenExercise is a lesson whose first step was taken back, whose second
// waits, and whose third is stuck.
func brokenExercise() (*lessons.Lesson, lessons.Report) {
	pod, _ := lessons.KindNamed("Pod")
	ref := lessons.Ref{Kind: pod, Namespace: "w", Name: "web-x"}
	l := &lessons.Lesson{ID: "l"}
	for _, id := range []string{"gone", "slow", "stuck"} {
		l.Steps = append(l.Steps, &lessons.Step{ID: id, Kind: lessons.Do, Title: both("Step "+id, "步骤 "+id)})
	}
	check := lessons.CheckResult{ID: "c", Title: both("the check", "检查"), Verdict: lessons.NotYet, Expected: "3", Found: "2", Why: both("why", "原因")}
	slow, stuck := check, check
	slow.Waiting = both("2 of 3 Pods are ready.", "3 个 Pod 中有 2 个就绪。")
	stuck.Cause = &lessons.Cause{ID: "image-pull", Text: both("The image cannot be pulled.", "镜像拉取不到。"), Object: ref,
		Path: "spec.containers[0].image", Expected: "nginx:1.27", Found: "ngnix:1.27", Stuck: true}
	result := func(id string, c lessons.CheckResult) lessons.StepResult {
		return lessons.StepResult{ID: id, Verdict: lessons.NotYet, Begun: true, Checks: []lessons.CheckResult{c}}
	}
	gone, slowStep, stuckStep := result("gone", check), result("slow", slow), result("stuck", stuck)
	gone.Regressed, gone.Broke = true, both("The Deployment `web` was scaled from 3 to 0.", "Deployment `web` 的副本数从 3 改成了 0。")
	stuckStep.Diagnosis = stuck.Cause.Text
	return l, lessons.Report{Lesson: "l", Verdict: lessons.NotYet, Current: "gone", Steps: []lessons.StepResult{gone, slowStep, stuckStep}}
}

func checkProgram(t *testing.T, lang lessons.Lang) (*Program, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	p := &Program{Streams: Streams{Out: &out, Err: &out}, Getenv: func(string) string { return "" }, Now: time.Now,
		StateDir: filepath.Join(t.TempDir(), "state"), lang: lang}
	p.flags.plain = true
	return p, &out
}

func TestCheckSaysWhatIsWaitedForWhatIsStuckAndWhatBroke(t *testing.T) {
	t.Parallel()
	for lang, want := range map[lessons.Lang]string{
		lessons.English: `[ ] 1. Step gone (gone): not yet
    It was passed before; something has changed since.
    The Deployment ` + "`web`" + ` was scaled from 3 to 0.
    [ ] the check
        expected: 3
        found:    2
        why
[ ] 2. Step slow (slow): not yet
    [ ] the check
        expected: 3
        found:    2
        waiting:
        2 of 3 Pods are ready.
[ ] 3. Step stuck (stuck): not yet
    [ ] the check
        expected: 3
        found:    2
        why
    stuck, waiting does not help, because:
    The image cannot be pulled.
`,
		lessons.Chinese: `[ ] 1. 步骤 gone (gone): 未完成
    之前通过过，后来状态变了。
    Deployment ` + "`web`" + ` 的副本数从 3 改成了 0。
    [ ] 检查
        期望：3
        实际：2
        原因
[ ] 2. 步骤 slow (slow): 未完成
    [ ] 检查
        期望：3
        实际：2
        等待中：
        3 个 Pod 中有 2 个就绪。
[ ] 3. 步骤 stuck (stuck): 未完成
    [ ] 检查
        期望：3
        实际：2
        原因
    卡住了，等下去没有用，原因：
    镜像拉取不到。
`} {
		p, out := checkProgram(t, lang)
		l, rep := brokenExercise()
		p.printReport(l, rep, nil)
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

// In a repair step the cause is what the learner is to find.
func TestCheckTellsTheCauseOfARepairStepAfterAHint(t *testing.T) {
	t.Parallel()
	p, out := checkProgram(t, lessons.English)
	l, rep := brokenExercise()
	l.Steps[2].Kind, rep.Steps[2].Diagnosis = lessons.Repair, nil
	p.printReport(l, rep, l.Steps[2])
	if strings.Contains(out.String(), "pulled") {
		t.Errorf("the cause is told before a hint was asked for:\n%s", out)
	}
	store, err := p.progressStore()
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Update(func(pr *lessons.Progress) { pr.Lesson("l").Hints["stuck"] = 1 }); err != nil {
		t.Fatal(err)
	}
	p.printReport(l, rep, l.Steps[2])
	if !strings.Contains(out.String(), "The image cannot be pulled.") {
		t.Errorf("the cause is not told after a hint:\n%s", out)
	}
}

func TestCheckTellsProgramsTheCause(t *testing.T) {
	t.Parallel()
	p, out := checkProgram(t, lessons.English)
	l, rep := brokenExercise()
	if err := p.printJSON(p.reportJSON(l, rep)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Steps []struct {
			Broke  string
			Checks []struct {
				Waiting string
				Cause   map[string]any
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Steps) != 3 || got.Steps[0].Broke != "The Deployment `web` was scaled from 3 to 0." || got.Steps[1].Checks[0].Waiting != "2 of 3 Pods are ready." {
		t.Errorf("%s", out)
	}
	want := map[string]any{"id": "image-pull", "text": "The image cannot be pulled.", "path": "spec.containers[0].image", "expected": "nginx:1.27", "found": "ngnix:1.27",
		"stuck": true, "object": map[string]any{"apiVersion": "v1", "kind": "Pod", "namespace": "w", "name": "web-x"}}
	if diff := cmp.Diff(want, got.Steps[2].Checks[0].Cause); diff != "" {
		t.Error(diff)
	}
	if got.Steps[0].Checks[0].Cause != nil {
		t.Error("a cause where none was found")
	}
}
