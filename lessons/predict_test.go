package lessons

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// foretelling is a lesson of one Predict step: what will stand in `a` once
// `done` exists?
func foretelling() *Lesson {
	a := Query{Name: "a", Kind: kind("ConfigMap"), Object: "a"}
	done := Query{Name: "done", Kind: kind("ConfigMap"), Object: "done"}
	return &Lesson{ID: "l", Steps: []*Step{{ID: "guess", Kind: Predict, Queries: []Query{a, done},
		Checks: []*Check{{ID: "c", Title: Same("t"), Why: Same("why"), About: "done", Expr: Expr{Source: "done.data.v == '1'"},
			Expected: Expr{Source: "a.data.v"}, Found: Expr{Source: "done.data.v"}}},
		Answer: &Answer{Expect: Expr{Source: "a.data.v"}},
		Mistakes: []*Mistake{
			{ID: "wrong-state", When: Expr{Source: "done.data.v == '9'"}, Text: Same("not so"), Try: []string{"x"}},
			{ID: "two", When: Expr{Source: "answer == '2'"}, Text: Same("not {{found}} but {{expected}}"), TryAnswer: Expr{Source: "'2'"}},
		}}}}
}

// guessing opens the exercise of a lesson as a new process would.
func guessing(t *testing.T, l *Lesson, c Cluster) func() *Exercise {
	t.Helper()
	path := filepath.Join(t.TempDir(), "progress.json")
	return func() *Exercise {
		store, _, err := OpenStore(path, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return NewExercise(l, c, store, time.Now)
	}
}

func guess(t *testing.T, ex *Exercise) StepResult {
	t.Helper()
	rep, err := ex.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	res, _ := rep.Step("guess")
	return res
}

func foretell(t *testing.T, ex *Exercise, said string) StepResult {
	t.Helper()
	rep, err := ex.Answer(t.Context(), "guess", said)
	if err != nil {
		t.Fatal(err)
	}
	res, _ := rep.Step("guess")
	return res
}

func TestAPredictionIsRememberedAndComparedWhenTheStateIsReached(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, said string
		want       Prediction
		mistake    string
		words      string
	}{
		{"right", " 3 ", Prediction{Said: "3", Outcome: "3", Known: true, Right: true}, "", ""},
		{"wrong", "4", Prediction{Said: "4", Outcome: "3", Known: true}, "", ""},
		{"wrong in a way that was foreseen", "2", Prediction{Said: "2", Outcome: "3", Known: true}, "two", "not 2 but 3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newMemoryCluster()
			open := guessing(t, foretelling(), c)
			c.put(configMap(t, "a", "3", "u"))
			if res := foretell(t, open(), tc.said); res.Verdict != NotYet || res.Prediction == nil || res.Prediction.Known || res.Mistake != "" {
				t.Fatalf("after the prediction alone: %s, %+v", res.Verdict, res.Prediction)
			}
			c.put(configMap(t, "done", "1", "u"))
			for range 2 { // the second as after a restart
				res := guess(t, open())
				if res.Verdict != Pass || res.Mistake != tc.mistake || res.Diagnosis.In(English) != tc.words {
					t.Errorf("verdict %s, mistake %q, diagnosis %q", res.Verdict, res.Mistake, res.Diagnosis.In(English))
				}
				if diff := cmp.Diff(&tc.want, res.Prediction); diff != "" {
					t.Errorf("prediction (-want +got):\n%s", diff)
				}
			}
			c.put(configMap(t, "a", "5", "u"))
			if res := guess(t, open()); res.Prediction.Outcome != "3" {
				t.Errorf("the outcome has become %q; it is what came then", res.Prediction.Outcome)
			}
			again := foretell(t, open(), "5")
			if again.Prediction.Said == "5" || !strings.Contains(again.Diagnosis.In(English), "it stands") {
				t.Errorf("a prediction after the fact: %+v, %q", again.Prediction, again.Diagnosis.In(English))
			}
			c.put(configMap(t, "done", "0", "u"))
			if res := guess(t, open()); res.Verdict != NotYet || !res.Regressed {
				t.Errorf("the state is gone: %s, regressed %v", res.Verdict, res.Regressed)
			}
		})
	}
}

func TestWithoutAPredictionTheStepIsNotPassedAndNothingIsGivenAway(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	open := guessing(t, foretelling(), c)
	c.put(configMap(t, "a", "3", "u"))
	c.put(configMap(t, "done", "9", "u"))
	res := guess(t, open())
	if res.Verdict != NotYet || res.Checks[0].ID != AnswerCheck || res.Checks[0].Verdict != NotYet || res.Prediction != nil {
		t.Fatalf("%+v", res)
	}
	if res.Checks[1].Expected != "" || res.Checks[1].Found != "" || res.Mistake != "" {
		t.Errorf("the outcome is told before it is foretold: %+v", res.Checks[1])
	}
	c.put(configMap(t, "done", "1", "u"))
	if res := guess(t, open()); res.Verdict != NotYet {
		t.Errorf("the state is reached and nothing foretold: %s", res.Verdict)
	}
	if res := foretell(t, open(), "  "); res.Verdict != NotYet || res.Prediction != nil {
		t.Errorf("an empty prediction: %s, %+v", res.Verdict, res.Prediction)
	}
	if res := foretell(t, open(), "3"); res.Verdict != Pass || !res.Prediction.Right {
		t.Errorf("foretold when the state is reached already: %s, %+v", res.Verdict, res.Prediction)
	}
}

func TestAWrongStateOfAPredictStepIsDiagnosedOnceForetold(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	open := guessing(t, foretelling(), c)
	c.put(configMap(t, "a", "3", "u"))
	c.put(configMap(t, "done", "9", "u"))
	if res := foretell(t, open(), "2"); res.Verdict != NotYet || res.Mistake != "wrong-state" {
		t.Errorf("verdict %s, mistake %q", res.Verdict, res.Mistake)
	}
}

func TestAnOutcomeThatCannotBeToldPassesNothing(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	open := guessing(t, foretelling(), c)
	c.put(configMap(t, "done", "1", "u"))
	if res := foretell(t, open(), "3"); res.Verdict != CannotTell {
		t.Errorf("without the object of the truth: %s", res.Verdict)
	}
	c.put(configMap(t, "a", "3", "u"))
	if res := guess(t, open()); res.Verdict != Pass {
		t.Errorf("when it is there: %s", res.Verdict)
	}
}

func TestOnlyAChoiceCanBeForetoldWhereThereAreChoices(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	l := foretelling()
	l.Steps[0].Choices = []Choice{{Value: "Two"}, {Value: "3"}}
	open := guessing(t, l, c)
	c.put(configMap(t, "a", "3", "u"))
	res := foretell(t, open(), "four")
	if res.Verdict != NotYet || res.Prediction != nil || !strings.Contains(res.Diagnosis.In(English), "`Two`, `3`") {
		t.Errorf("%s, %+v, %q", res.Verdict, res.Prediction, res.Diagnosis.In(English))
	}
	if res := foretell(t, open(), "two"); res.Prediction == nil || res.Prediction.Said != "Two" {
		t.Errorf("a choice in other letters: %+v", res.Prediction)
	}
	if res := foretell(t, open(), "3"); res.Prediction.Said != "3" {
		t.Error("a prediction could not be changed before its outcome was known")
	}
}

func TestAPredictionIsTakenWhileTheClusterIsAway(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	open := guessing(t, foretelling(), c)
	guess(t, open())
	ex := open()
	reports := make(chan Report, 100)
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { ended <- ex.Run(ctx, func(r Report) { reports <- r }) }()
	<-reports
	c.setAway(&ClusterError{Trouble: Unreachable, Op: "list"})
	for r := range reports {
		if r.Snapshot.Away != nil {
			break
		}
	}
	if res := foretell(t, ex, "3"); res.Verdict != CannotTell {
		t.Errorf("verdict %s while nothing can be seen", res.Verdict)
	}
	c.setAway(nil)
	for r := range reports {
		if res, _ := r.Step("guess"); r.Snapshot.Away == nil {
			if res.Prediction == nil || res.Prediction.Said != "3" {
				t.Errorf("the prediction is lost: %+v", res.Prediction)
			}
			break
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAPassedPredictionIsShownAfterItsStateMayGo(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	l := foretelling()
	l.Steps[0].Until = "next"
	l.Steps = append(l.Steps, &Step{ID: "next", Kind: Do, Queries: l.Steps[0].Queries,
		Checks: []*Check{{ID: "c", About: "done", Expr: Expr{Source: "done.data.v == '2'"}}}})
	open := guessing(t, l, c)
	c.put(configMap(t, "a", "3", "u"))
	c.put(configMap(t, "done", "1", "u"))
	foretell(t, open(), "4")
	guess(t, open())
	c.put(configMap(t, "done", "2", "u"))
	res := guess(t, open())
	want := &Prediction{Said: "4", Outcome: "3", Known: true}
	if diff := cmp.Diff(want, res.Prediction); diff != "" || res.Verdict != Pass {
		t.Errorf("%s, prediction (-want +got):\n%s", res.Verdict, diff)
	}
}

// predictStep are the edits that make the ask step of the example course a
// predict step with choices.
func predictStep(enChoices, zhChoices string) []edit {
	part := func(choices string) string {
		return "### One at least {#inspect.check-some}\n\nThere is none.\n\n### Choices {#inspect.choices}\n\n" + choices + "\n\n"
	}
	const done = "### What happened {#inspect.done}"
	return []edit{
		{lessonYAML, "  kind: ask", "  kind: predict\n  checks:\n  - {id: some, about: slices, expr: slices.size() > 0}"},
		{en, done, part(enChoices) + done},
		{zh, done, part(zhChoices) + done},
	}
}

func TestTheChoicesOfAPredictStepAreRead(t *testing.T) {
	t.Parallel()
	files := exampleCourse(t)
	for _, e := range predictStep("- `2` the *ready* ones\n- `3`", "- `2` 就绪的\n- `3`") {
		e.apply(t, files)
	}
	c, err := Load(files, "course")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := c.Modules[0].Lessons[0].Step("inspect")
	want := []Choice{{"2", Text{English: "the *ready* ones", Chinese: "就绪的"}}, {"3", Text{English: "", Chinese: ""}}}
	if diff := cmp.Diff(want, s.Choices); diff != "" {
		t.Errorf("choices (-want +got):\n%s", diff)
	}
}

func TestFaultyChoicesAreReported(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, en, zh, want string }{
		{"one only", "- `2`", "- `2`", "has 1 choices"},
		{"no list", "two", "两个", "has 0 choices"},
		{"no value", "- two\n- `3`", "- `2`\n- `3`", "begins with its value in a code span"},
		{"a value twice", "- `2`\n- `2`", "- `2`\n- `2`", "stands there twice"},
		{"other values in the other language", "- `2`\n- `3`", "- `2`\n- `4`", "choice 2 is `4` here and `3` in"},
		{"another number of them", "- `2`\n- `3`", "- `2`\n- `3`\n- `4`", "has 3 choices here and 2 in"},
		{"a right one", "- [x] `2`\n- [ ] `3`", "- `2`\n- `3`", "a choice has no [x]"},
		{"a reason", "- `2`\n  because\n- `3`", "- `2`\n- `3`", "a choice is one line"},
		{"words beside", "Think.\n\n- `2`\n- `3`", "- `2`\n- `3`", "text beside the choices"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			files := exampleCourse(t)
			for _, e := range predictStep(tc.en, tc.zh) {
				e.apply(t, files)
			}
			if _, err := Load(files, "course"); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	files := exampleCourse(t)
	for _, e := range predictStep("- `2`\n- `3`", "- `2`\n- `3`")[1:] {
		e.apply(t, files)
	}
	if _, err := Load(files, "course"); err == nil || !strings.Contains(err.Error(), "offers what to foretell") {
		t.Errorf("choices of an ask step: %v", err)
	}
}
