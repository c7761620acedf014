package lessons

import (
	"fmt"
	"time"
)

// Format is the version of the course format that this program reads. It
// stands in course.yaml and in each lesson.yaml as "format".
const Format = 1

// Position is a place in a course file. Line counts from 1; 0 means the whole
// file.
type Position struct {
	File string
	Line int
}

func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Course is a set of lessons in the order in which they are best taken.
type Course struct {
	ID      string
	Title   Text
	Summary Text
	Modules []Module
	// Glossary holds the words of the subject; none of a course that is Outlined.
	Glossary []Term
	// Outlined says that lessons may be Outlined.
	Outlined bool
	// Broken are the courses of the library that could not be loaded.
	Broken []BrokenCourse
}

// Module is a group of lessons on one subject.
type Module struct {
	ID      string
	Title   Text
	Lessons []*Lesson
}

// Lesson is some pages to read, an exercise of steps on a cluster, and a quiz.
type Lesson struct {
	// ID is the name of the lesson's folder; that of a lesson in another
	// person's course has the course's id before it: "acme/services".
	ID string
	// Course is the id of that course; "" for one that comes with the program.
	Course string
	// Outlined says that only what a map of the course shows was read: titles,
	// summary, minutes, and the ids and titles of pages, steps and questions.
	Outlined bool
	Title    Text
	Summary  Text // one or two sentences
	Minutes  int  // how long a learner needs, about
	// Needs names what the lesson asks of a cluster beyond the API: "traffic",
	// "metrics", "ingress", "loadbalancer", "nodes>=2".
	Needs []string
	// After are the ids of the lessons of the same course that this one builds
	// on. It is advice to the learner; nothing is locked.
	After []string
	// ClusterScoped are the kinds without a namespace of which the lesson's
	// setup makes objects. Such a lesson runs on the sandbox or minikube only.
	ClusterScoped []Kind
	Pages         []Page
	Steps         []*Step
	Questions     []*Question
	Older         []Older // as it reads on older clusters, the oldest first; see For
}

// Page is one page of reading.
type Page struct {
	ID    string
	Title Text
	Body  Text
}

// StepKind says what a step asks of the learner.
type StepKind string

// The kinds of step.
const (
	Do       StepKind = "do"       // reach a state
	Ask      StepKind = "ask"      // answer a question whose truth is computed from the live cluster
	Repair   StepKind = "repair"   // mend a fault that was planted
	Predict  StepKind = "predict"  // say what will happen, then reach a state and see
	Manifest StepKind = "manifest" // write a YAML file and have the API server take it
)

// Step is one thing to do on the cluster.
type Step struct {
	ID   string
	Kind StepKind
	Title,
	Goal, // everything that is checked is said here
	Done Text // debrief: what happened inside the cluster
	Hints []Text // from a nudge to the command
	// Until is the id of the later step that takes this step's state away on
	// purpose (scaling to 5 ends "3 replicas"). Once that step has begun, this
	// one stays passed whatever the cluster looks like. Empty: its state must
	// hold to the end of the lesson.
	Until string
	// Setup are the objects planted in the workspace when the step begins.
	Setup []Object
	// Queries name the objects and lists that the expressions speak of.
	Queries []Query
	// Baseline are expressions evaluated once, when the step begins (after Setup
	// was planted and seen); their values are the fields of "before".
	Baseline []NamedExpr
	// Values are expressions whose results may stand in this step's check and
	// mistake texts as {{name}}.
	Values []NamedExpr
	Checks []*Check // every kind but Ask
	// Answer is what the learner must answer (Ask), or foretell (Predict).
	Answer *Answer
	// Choices are what a Predict step offers to foretell; none: anything.
	Choices  []Choice
	Mistakes []*Mistake // first match is the diagnosis
	// Draft is the file that the learner is given to edit (kind Manifest).
	Draft Draft
	// Fine are the mutations of the solution that this step accepts on purpose.
	Fine []Fine
	// Solution is one right way, as kubectl command lines; Variants are others.
	Solution []string
	Variants [][]string
	Pos      Position
}

// Draft is a file of YAML as the learner gets it: it may be empty, a skeleton,
// or wrong on purpose.
type Draft struct {
	Name string // "web.yaml"
	Text []byte
}

// Fine is a mutation that leaves the step passed, and why that is right. The
// names of mutations are those of coursetest: "replicas-more web".
type Fine struct {
	Mutation string
	Because  string // for authors and reviewers; learners do not see it
	Pos      Position
}

// Query binds a name, used as a variable in expressions, to one object of the
// workspace (Object set) or to a list (Object empty). An object that does not
// exist is an empty map. Objects being deleted are left out unless Terminating.
type Query struct {
	Name        string
	Kind        Kind
	Object      string            // metadata.name
	Selector    map[string]string // labels; nil selects everything
	Namespace   string            // empty: the workspace
	Terminating bool
	// Single says that the list is meant to hold one object, and that the name
	// is bound to that object. While there are several, a check about it is not
	// yet and names them.
	Single bool
	Pos    Position
}

// List reports whether the query yields a list.
func (q Query) List() bool { return q.Object == "" && !q.Single }

// Expr is one CEL expression of a course file.
type Expr struct {
	Source string
	Pos    Position
}

// NamedExpr is an expression with the name that its value goes by.
type NamedExpr struct {
	Name string
	Expr Expr
}

// Check is one requirement of a step.
type Check struct {
	ID    string
	Title Text // what must be so, in a few words
	Why   Text // said when it is not so
	// About names the query the check speaks of. While that object does not
	// exist, or that list is empty, the check is not yet, whatever Expr says,
	// so that a check over nothing fails closed; unless Absent.
	About  string
	Absent bool
	Path   string // field path within the object, for "where"
	Expr   Expr
	// Expected and Found are expressions too; what they yield is shown.
	Expected Expr
	Found    Expr
	// Hold is how long Expr must stay true; 0 means that once is enough.
	Hold time.Duration
	// Converge says that the cluster needs time to get there after the learner
	// did everything right: until then it is said what is waited for.
	Converge bool
	// Within is after how long without any progress waiting is called stuck; 0
	// means DefaultWithin. Only with Converge.
	Within time.Duration
	Pos    Position
}

// DefaultWithin is how long a converging check waits without progress before
// it is called stuck, unless it says otherwise.
const DefaultWithin = 60 * time.Second

// Answer says what the right answer of an Ask or Predict step is.
type Answer struct {
	// Expect yields the right answer, computed from the live cluster: a string,
	// a number, or a list of right answers. In an Ask step at the moment of
	// answering, in a Predict step when its checks have passed.
	Expect Expr
}

// Mistake is a foreseen way to go wrong, with the diagnosis it deserves.
type Mistake struct {
	ID   string
	When Expr
	Text Text
	// Check, when set, is the id of the check that this mistake explains.
	Check string
	// Try is a command sequence that makes the mistake, or for an Ask step
	// TryAnswer is an expression that yields the wrong answer: for tests.
	Try       []string
	TryAnswer Expr
	Pos       Position
}

// QuestionKind says how a question is answered.
type QuestionKind string

// The kinds of question.
const (
	Single    QuestionKind = "single"    // one option is right
	Multiple  QuestionKind = "multiple"  // all right options and no other
	TrueFalse QuestionKind = "truefalse" // two options: true, false
	Order     QuestionKind = "order"     // put the options into their order
	Command   QuestionKind = "command"   // type a command line
	Field     QuestionKind = "field"     // fill a field of a manifest
	Spot      QuestionKind = "spot"      // choose the line of a manifest with the mistake
)

// Question is a self-check question.
type Question struct {
	ID      string
	Kind    QuestionKind
	Title   Text
	Prompt  Text
	Options []Option // in the order of the file; for Order that is the right order
	Accept  []string // kind Command: right command lines; Field: right values
	// Manifest is what kinds Field and Spot show. That of a Field question has a
	// blank, ____, in place of the value.
	Manifest string
	As       Likeness   // kind Field: how a value is compared
	Spots    []SpotLine // kind Spot: lines with reasons of their own, in the order of the prose
	Other    Text       // kind Spot: what is said of any other line
	Why      Text       // said after the answer; kinds Order, Command and Field, optional for others
	Pos      Position
}

// Option is one choice of a question, with the reason why it is right or wrong.
type Option struct {
	Text   Text
	Reason Text
	Right  bool
}

// Lesson returns the lesson with the given id.
func (c *Course) Lesson(id string) (*Lesson, bool) {
	for _, l := range c.Lessons() {
		if l.ID == id {
			return l, true
		}
	}
	return nil, false
}

// Lessons returns all lessons in order.
func (c *Course) Lessons() []*Lesson {
	var all []*Lesson
	for _, m := range c.Modules {
		all = append(all, m.Lessons...)
	}
	return all
}

// Step returns the step with the given id.
func (l *Lesson) Step(id string) (*Step, bool) {
	for _, s := range l.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return nil, false
}

// Question returns the question with the given id.
func (l *Lesson) Question(id string) (*Question, bool) {
	for _, q := range l.Questions {
		if q.ID == id {
			return q, true
		}
	}
	return nil, false
}
