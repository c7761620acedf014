package lessons

import "time"

// Verdict is the outcome of judging a check or a step.
type Verdict string

// The three verdicts. CannotTell is never turned into one of the others.
const (
	Pass       Verdict = "pass"
	NotYet     Verdict = "not-yet"
	CannotTell Verdict = "cannot-tell"
)

// CheckResult is the verdict on one check, with what it is based on.
type CheckResult struct {
	ID       string
	Title    Text
	Verdict  Verdict
	Expected string
	Found    string // empty when there is nothing to show
	Why      Text   // set unless passed: the reason, in words
	Object   Ref    // what was looked at; its Name is empty for a list
	Path     string
	// Blocked says that the object of the check does not exist, and that an
	// earlier check on it says so already: what there is to say was said.
	Blocked bool
	// HoldLeft is how long the state must still stay as it is. Positive only
	// while the expression is true and the hold is not over.
	HoldLeft time.Duration
	// Waiting says what a converging check waits for ("2 of 3 Pods are ready;
	// web-7d9 pulls its image"); nil when it waits for nothing.
	Waiting Text
	// Cause is what keeps the check from passing, as the objects tell; nil when
	// they tell nothing beyond Expected and Found.
	Cause *Cause
}

// Cause is the reason why a check is not passed, found in the objects and not
// foreseen by the author.
type Cause struct {
	ID     string // stable, for programs: "image-pull", "unschedulable", "selector", ...
	Text   Text   // what is so, and what would mend it
	Object Ref    // where
	Path   string // field in it; "" when it is the object as a whole
	// Expected and Found are the two values that do not fit; both empty when
	// the cause is no difference of values.
	Expected, Found string
	// Stuck says that waiting does not mend it.
	Stuck bool
}

// StepResult is the verdict on one step.
type StepResult struct {
	ID      string
	Verdict Verdict
	Begun   bool // planted and its baseline taken
	Checks  []CheckResult
	// Diagnosis is the text of the first mistake that applies, else (but not in
	// a Repair step, which is about finding it) of the first cause found in the
	// objects; or of what stands in the way when the verdict is CannotTell. Nil
	// when there is none of these.
	Diagnosis Text
	// Mistake is the id of that mistake.
	Mistake string
	// Regressed says that the step was passed before and is not now; Broke what
	// changed on the cluster since, nil when that cannot be told.
	Regressed bool
	Broke     Text
	// Prediction is what the learner foretold in a Predict step; nil before.
	Prediction *Prediction
	// Trouble is set when the verdict is CannotTell because of the cluster.
	Trouble *ClusterError
}

// Stuck reports whether waiting does not mend what Diagnosis says.
func (r StepResult) Stuck() bool {
	for _, c := range r.Checks {
		if c.Cause != nil { // the first is the diagnosis, where no mistake was foreseen
			return c.Cause.Stuck && r.Mistake == "" && r.Verdict == NotYet
		}
	}
	return false
}

// Waiting reports whether all that is not passed yet is on its way: there is
// nothing for the learner to do but to wait.
func (r StepResult) Waiting() bool {
	waiting := false
	for _, c := range r.Checks {
		if c.Verdict == Pass {
			continue
		}
		if c.Waiting == nil {
			return false
		}
		waiting = true
	}
	return waiting
}

// Report is the state of a whole exercise at one moment.
type Report struct {
	Seq       uint64 // grows from report to report of one Exercise
	Time      time.Time
	Lesson    string
	Workspace Workspace
	Steps     []StepResult // in the order of the lesson
	Current   string       // id of the first step that is not passed; "" when all are
	Verdict   Verdict      // of the whole: Pass only when every step is
	Snapshot  Snapshot     // what it was judged on
	// Notice is something the learner should know ("progress could not be
	// saved"), nil when nothing.
	Notice Text

	unsettled bool
}

// Step returns the result of the step with the given id.
func (r Report) Step(id string) (StepResult, bool) {
	for _, s := range r.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return StepResult{}, false
}
