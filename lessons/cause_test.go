package lessons

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The statuses here are those that Kubernetes 1.37 writes, shortened.

// pod writes a Pod of the workspace; more are fields of its spec and status.
func pod(name, spec, status string) string {
	return `{"kind":"Pod","metadata":{"name":"` + name + `","namespace":"w","uid":"u-` + name + `","labels":{"app":"web"}},
 "spec":{` + spec + `},"status":{` + status + `}}`
}

func ownedPod(name, owner, spec, status string) string {
	return strings.Replace(pod(name, spec, status), `"labels"`,
		`"ownerReferences":[{"kind":"ReplicaSet","name":"x","uid":"`+owner+`","controller":true}],"labels"`, 1)
}

const (
	onNode    = `"nodeName":"n1","containers":[{"name":"c","image":"nginx:1.27"}]`
	readyNow  = `"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"c","ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]`
	creating  = `"phase":"Pending","conditions":[{"type":"Ready","status":"False"},{"type":"PodReadyToStartContainers","status":"False"}],"containerStatuses":[{"name":"c","ready":false,"state":{"waiting":{"reason":"ContainerCreating"}}}]`
	noBackOff = `"phase":"Pending","containerStatuses":[{"name":"c","ready":false,"state":{"waiting":{"reason":"CREASON","message":"CMESSAGE"}}}]`
)

func waitingFor(reason, message string) string {
	return strings.NewReplacer("CREASON", reason, "CMESSAGE", strings.ReplaceAll(message, `"`, `\"`)).Replace(noBackOff)
}

func unscheduled(reason, message string) string {
	return `"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"` + reason + `","message":"` + strings.ReplaceAll(message, `"`, `\"`) + `"}]`
}

func deployment(spec, status string) string {
	return `{"kind":"Deployment","metadata":{"name":"web","namespace":"w","uid":"d1","generation":1},
 "spec":{` + spec + `},"status":{"observedGeneration":1` + status + `}}`
}

const webTemplate = `"replicas":2,"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"nginx:1.27"}]}}`

func refusedSet(message string) map[string][]string {
	return map[string][]string{
		"Deployment": {deployment(webTemplate, `,"unavailableReplicas":2,"conditions":[{"type":"ReplicaFailure","status":"True","reason":"FailedCreate","message":"`+strings.ReplaceAll(message, `"`, `\"`)+`"}]`)},
		"Pod":        {},
	}
}

func service(spec string) string {
	return `{"kind":"Service","metadata":{"name":"web","namespace":"w","uid":"s1"},"spec":{` + spec + `}}`
}

func bare(kind, name, namespace, more string) string {
	return `{"kind":"` + kind + `","metadata":{"name":"` + name + `","namespace":"` + namespace + `","uid":"u-` + kind + name + `"` + more + `}}`
}

// The queries of causeStep.
func causeStep(check Check) *Step {
	check.ID, check.Why = "c", Same("why")
	return &Step{ID: "s", Kind: Do, Checks: []*Check{&check}, Queries: []Query{
		{Name: "web", Kind: kind("Deployment"), Object: "web"},
		{Name: "service", Kind: kind("Service"), Object: "web"},
		{Name: "slices", Kind: kind("EndpointSlice"), Selector: map[string]string{serviceNameLabel: "web"}},
		{Name: "pod", Kind: kind("Pod"), Object: "web"},
		{Name: "pods", Kind: kind("Pod"), Selector: map[string]string{"app": "web"}},
		{Name: "ingress", Kind: kind("Ingress"), Object: "web"},
		{Name: "claim", Kind: kind("PersistentVolumeClaim"), Object: "data"},
		{Name: "job", Kind: kind("Job"), Object: "work"},
		{Name: "cron", Kind: kind("CronJob"), Object: "work"},
		{Name: "config", Kind: kind("ConfigMap"), Object: "settings"},
		{Name: "everyone", Kind: kind("Pod")},
	}}
}

var (
	podReady    = Check{About: "pod", Expr: Expr{Source: "isReady(pod)"}, Path: "status.conditions"}
	allReady    = Check{About: "web", Expr: Expr{Source: "rolledOut(web)"}, Path: "status.availableReplicas"}
	endpointsUp = Check{About: "slices", Expr: Expr{Source: "readyAddresses(slices) > 0"}, Path: "endpoints"}
	jobDone     = Check{About: "job", Expr: Expr{Source: "job.status.succeeded == 1"}, Path: "status.succeeded"}
	claimBound  = Check{About: "claim", Expr: Expr{Source: "claim.status.phase == 'Bound'"}, Path: "status.phase"}
	portRight   = Check{About: "service", Expr: Expr{Source: "service.spec.ports.exists(p, p.port == 1)"}, Path: "spec.ports"}
	selectRight = Check{About: "service", Expr: Expr{Source: "service.spec.selector == {'app': 'other'}"}, Path: "spec.selector"}
	exists      = func(query string) Check {
		return Check{About: query, Expr: Expr{Source: "has(" + query + ".metadata)"}}
	}
)

type causeCase struct {
	name  string
	check Check
	have  map[string][]string
	// What is to be found; an empty id: no cause.
	id, object, path, expected, found string
	stuck                             bool
	says                              string // part of the English text
}

func causeCases() []causeCase {
	var all []causeCase
	for _, group := range [][]causeCase{missingCases(), podCases(), scheduleCases(), workloadCases(), serviceCases(), storageCases(), strangerCases()} {
		all = append(all, group...)
	}
	return all
}

// judgeCause judges the check of a case on a snapshot in which every kind is
// listed.
func judgeCause(t *testing.T, tc causeCase) StepResult {
	t.Helper()
	step := causeStep(tc.check)
	snap := snapshot(t, tc.have)
	for _, q := range step.Queries {
		if _, ok := snap.Kinds[q.Kind]; !ok {
			snap.Kinds[q.Kind] = Listing{Synced: true}
		}
	}
	return NewGrader().Grade(t.Context(), step, snap, testWorkspace, nil, time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC))
}

func TestCauses(t *testing.T) {
	t.Parallel()
	found := map[string]bool{causeNoProgress: true} // TestStuckWithoutACause
	for _, tc := range causeCases() {
		found[tc.id] = true
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			res := judgeCause(t, tc)
			if res.Verdict != NotYet {
				t.Fatalf("verdict %s, want not-yet: %v", res.Verdict, res.Diagnosis)
			}
			c := res.Checks[0].Cause
			if tc.id == "" {
				if c != nil {
					t.Errorf("found %s: %s", c.ID, c.Text.In(English))
				}
				return
			}
			if c == nil {
				t.Fatal("no cause was found")
			}
			got := []any{c.ID, c.Object.String(), c.Path, c.Expected, c.Found, c.Stuck}
			want := []any{tc.id, tc.object, tc.path, tc.expected, tc.found, tc.stuck}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			for _, l := range Languages() {
				if s := c.Text[l]; s == "" || strings.Contains(s, "%!") || strings.ContainsRune(s, '\x1b') {
					t.Errorf("%s: %q", l, s)
				}
			}
			if !strings.Contains(c.Text.In(English), tc.says) {
				t.Errorf("%q does not say %q", c.Text.In(English), tc.says)
			}
			if diff := cmp.Diff(c.Text, res.Diagnosis); diff != "" {
				t.Errorf("the cause is not the diagnosis of the step: %s", diff)
			}
		})
	}
	for _, id := range CauseIDs() {
		if !found[id] {
			t.Errorf("no case has the cause %s", id)
		}
	}
}

func TestAnAuthorsWordsWinOverTheCause(t *testing.T) {
	t.Parallel()
	step := causeStep(podReady)
	step.Mistakes = []*Mistake{{ID: "typo", Check: "c", When: Expr{Source: "waitingReason(pod) == 'ErrImagePull'"}, Text: Same("the author's words")}}
	snap := snapshot(t, map[string][]string{"Pod": {pod("web", onNode, waitingFor("ErrImagePull", "x"))}, "Deployment": {}})
	res := NewGrader().Grade(t.Context(), step, snap, testWorkspace, nil, time.Unix(0, 0))
	if c := res.Checks[0].Cause; res.Diagnosis.In(English) != "the author's words" || c == nil || c.ID != causeImagePull {
		t.Errorf("diagnosis %q, cause %+v", res.Diagnosis.In(English), c)
	}
}

func TestTheCauseIsNotToldWhereItIsToBeFound(t *testing.T) {
	t.Parallel()
	for kindOfStep, told := range map[StepKind]bool{Do: true, Repair: false} {
		step := causeStep(podReady)
		step.Kind = kindOfStep
		snap := snapshot(t, map[string][]string{"Pod": {pod("web", onNode, waitingFor("ErrImagePull", "x"))}})
		res := NewGrader().Grade(t.Context(), step, snap, testWorkspace, nil, time.Unix(0, 0))
		if res.Checks[0].Cause == nil || (res.Diagnosis != nil) != told {
			t.Errorf("%s: cause %v, diagnosis %v", kindOfStep, res.Checks[0].Cause, res.Diagnosis)
		}
	}
}

func TestTheDocumentListsEveryCause(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../docs/GRADING.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range CauseIDs() {
		if !strings.Contains(string(doc), "`"+id+"`") {
			t.Errorf("docs/GRADING.md does not name the cause %s", id)
		}
	}
}

func TestCauseIDsAreStable(t *testing.T) {
	t.Parallel()
	if ids := CauseIDs(); len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("an id stands twice: %v", ids)
	}
	want := "being-deleted claim-unused container-config container-start crash image-pull ingress-port ingress-service init-container job-failed label " +
		"limit-range near-name no-pods no-progress no-replicas no-selector no-storage-class other-kind other-namespace out-of-memory paused pod-failed " +
		"pod-security pods-refused progress-deadline quota readiness scheduling-gate selector service-account suspended target-port unknown-storage-class " +
		"unschedulable unschedulable-affinity unschedulable-claim unschedulable-cordon unschedulable-resources unschedulable-taint volume-source"
	if diff := cmp.Diff(strings.Fields(want), CauseIDs()); diff != "" {
		t.Error(diff)
	}
}
