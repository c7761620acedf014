package lessons

import (
	"reflect"
	"strconv"
	"strings"
)

// The types in this file are the course format: what course.yaml and
// lesson.yaml may hold. The loader takes the keys of each mapping from them, and
// Schema describes them to editors. The loader fills none of them: it reads YAML
// node by node, so that every fault has its line.
//
// The tag `key` gives a field's key in YAML, with ",required" where a file
// without it is refused; the tag `max` how many entries a list may have; the tag
// `doc` what an editor says about it.

// CourseFile is course.yaml.
type CourseFile struct {
	Format  int          `key:"format,required" doc:"Version of the course format. This program reads 1."`
	ID      ID           `key:"id,required" doc:"The course's id, as in the heading '# Title {#id}' of en.md and zh.md."`
	Modules []ModuleFile `key:"modules,required" max:"50" doc:"Groups of lessons, in the order in which they are best taken."`
}

// ModuleFile is a group of lessons.
type ModuleFile struct {
	ID      ID         `key:"id,required" doc:"The module's id, as in the heading '## Title {#id}' of the course's en.md and zh.md."`
	Lessons []LessonID `key:"lessons,required" max:"100" doc:"Lessons: the names of their folders, which are their ids."`
}

// LessonFile is lesson.yaml.
type LessonFile struct {
	Format        int             `key:"format,required" doc:"Version of the course format. This program reads 1."`
	ID            LessonID        `key:"id,required" doc:"The lesson's id: the name of its folder."`
	Minutes       int             `key:"minutes,required" doc:"How long a learner needs, about, in minutes."`
	Needs         []Need          `key:"needs" max:"10" doc:"What the lesson asks of a cluster beyond the API."`
	After         []LessonID      `key:"after" max:"20" doc:"Lessons of the same course that this one builds on. Advice to the learner; nothing is locked."`
	ClusterScoped []ClusterScoped `key:"clusterScoped" max:"10" doc:"Kinds without a namespace of which setup files make objects. Such a lesson runs on the sandbox or minikube only."`
	Pages         []ID            `key:"pages,required" max:"50" doc:"Ids of the headings of the pages in en.md and zh.md, in reading order."`
	Steps         []StepFile      `key:"steps" max:"50" doc:"The exercise."`
	Questions     []QuestionFile  `key:"questions" max:"100" doc:"The self-check questions. Their words are in en.md and zh.md."`
}

// StepFile is one step of an exercise.
type StepFile struct {
	ID       ID                  `key:"id,required" doc:"The step's id, as in its heading in en.md and zh.md."`
	Kind     StepKind            `key:"kind,required" doc:"do: reach a state. ask: answer from the live cluster. repair: mend what setup broke. predict: foretell, then see. manifest: write YAML that the API server takes."`
	Until    ID                  `key:"until" doc:"The later step that takes this step's state away on purpose. Once it has begun, this step stays passed."`
	Setup    []FileName          `key:"setup" max:"20" doc:"YAML files with the objects that are planted when the step begins, named from the lesson's folder."`
	Objects  map[Name]QueryFile  `key:"objects" max:"50" doc:"Names that expressions use, for an object or a list of the workspace."`
	Baseline map[Name]Expression `key:"baseline" max:"20" doc:"Evaluated once, when the step begins: before.NAME."`
	Values   map[Name]Expression `key:"values" max:"20" doc:"May stand as {{NAME}} in the texts of this step's checks and mistakes."`
	Checks   []CheckFile         `key:"checks" max:"30" doc:"What must be so; all must pass. Every kind but ask."`
	Answer   *AnswerFile         `key:"answer" doc:"What the learner must answer (ask) or foretell (predict)."`
	Draft    FileName            `key:"draft" doc:"Kind manifest: the file that the learner begins with, named from the lesson's folder."`
	Mistakes []MistakeFile       `key:"mistakes" max:"30" doc:"Foreseen ways to go wrong. The first whose 'when' is true is the diagnosis."`
	Solution []CommandLine       `key:"solution,required" max:"30" doc:"One right way: command lines, run in order."`
	Variants [][]CommandLine     `key:"variants" max:"20" doc:"Other right ways, each a list of command lines."`
	Fine     []FineFile          `key:"fine" max:"50" doc:"Mutations of the solution that may pass."`
}

// QueryFile says what a name of an expression stands for.
type QueryFile struct {
	Kind        string            `key:"kind,required" doc:"Kind of Kubernetes object. One that is not built in needs apiVersion and resource."`
	Name        string            `key:"name" doc:"metadata.name: the query is that one object, an empty map while it does not exist."`
	Selector    map[string]string `key:"selector" max:"20" doc:"Labels: the query is the list of objects that have them."`
	Namespace   string            `key:"namespace" doc:"Another namespace than the workspace."`
	Terminating bool              `key:"terminating" doc:"Include objects that are being deleted."`
	Single      bool              `key:"single" doc:"The selector is meant to match one object, and the name stands for it."`
	APIVersion  string            `key:"apiVersion" doc:"For a kind that is not built in: example.com/v1."`
	Resource    string            `key:"resource" doc:"For a kind that is not built in: its plural as in URLs, widgets."`
}

// CheckFile is one requirement of a step.
type CheckFile struct {
	ID       ID         `key:"id,required" doc:"The check's id; its words stand under {#STEP.check-ID}."`
	About    Name       `key:"about,required" doc:"The object or list the check speaks of. While it is missing or empty the check is not yet."`
	Absent   bool       `key:"absent" doc:"The check may pass while what it is about does not exist."`
	Path     string     `key:"path" doc:"Field path in the object, shown as 'where'."`
	Expr     Expression `key:"expr,required" doc:"CEL: true when the requirement is met."`
	Expected Expression `key:"expected" doc:"CEL: the value that is right, shown to the learner."`
	Found    Expression `key:"found" doc:"CEL: the value that is there, shown to the learner."`
	Hold     Duration   `key:"hold" doc:"How long expr must stay true, up to 5m."`
	Converge bool       `key:"converge" doc:"The cluster needs time to get there: say what it waits for."`
	Within   Duration   `key:"within" doc:"With converge: after how long without progress waiting is called stuck (60s), up to 5m."`
}

// AnswerFile is the right answer of an ask or predict step.
type AnswerFile struct {
	Expect Expression `key:"expect,required" doc:"CEL: a string, a number, or a list of right answers."`
}

// MistakeFile is a foreseen way to go wrong.
type MistakeFile struct {
	ID        ID            `key:"id,required" doc:"The mistake's id; its words stand under {#STEP.mistake-ID}."`
	Check     ID            `key:"check" doc:"The check that this mistake explains."`
	When      Expression    `key:"when,required" doc:"CEL: true when the mistake was made. In an ask or predict step 'answer' is what was answered."`
	Try       []CommandLine `key:"try" max:"30" doc:"Command lines that make the mistake, for the tests."`
	TryAnswer Expression    `key:"tryAnswer" doc:"Ask and predict: CEL that yields the wrong answer, for the tests."`
}

// FineFile is a mutation of the solution that may pass.
type FineFile struct {
	Mutation string `key:"mutation,required" doc:"Name of the mutation as 'course test' gives it: replicas-more web."`
	Because  string `key:"because,required" doc:"Why that is right."`
}

// QuestionFile is a self-check question.
type QuestionFile struct {
	ID       ID           `key:"id,required" doc:"The question's id, as in its heading in en.md and zh.md."`
	Kind     QuestionKind `key:"kind,required" doc:"single: one option is right. multiple: all right ones. truefalse. order: put into order. command: type a command. field: fill a field of a manifest. spot: choose the line of a manifest with the mistake."`
	Accept   []Typed      `key:"accept" max:"20" doc:"Kind command: right command lines, compared by meaning. Kind field: right values, as they are typed into the manifest."`
	Manifest YAMLText     `key:"manifest" doc:"Kinds field and spot: the manifest. In a field question ____ stands in place of the value."`
	As       Likeness     `key:"as" doc:"Kind field: how the value is compared. value (unless said otherwise): as YAML reads it. quantity: as an amount, 0.5 is 500m. anycase: in capitals or not."`
}

// The words that stand in course files.
type (
	ID            string // lower case letters, digits and "-"
	LessonID      string // the same, up to 40 characters
	Name          string // of a variable in expressions
	Expression    string // CEL; YAML numbers and booleans are expressions too
	Duration      string // "2s"
	FileName      string // a path from the lesson's folder, with slashes
	CommandLine   string // as typed into a shell
	Typed         string // what a learner types, as it is typed
	YAMLText      string // lines of YAML
	Need          string // see needsKnown
	ClusterScoped string // see clusterScopedKinds
)

// formatField is one key of a mapping.
type formatField struct {
	key, doc string
	required bool
	most     int // entries; 0: it is no list
	t        reflect.Type
}

// formatFields lists the keys of a mapping in the order in which they are best
// written.
func formatFields(t reflect.Type) []formatField {
	fields := make([]formatField, t.NumField())
	for i := range fields {
		f := t.Field(i)
		key, rest, _ := strings.Cut(f.Tag.Get("key"), ",")
		most, _ := strconv.Atoi(f.Tag.Get("max")) // no tag, no bound
		fields[i] = formatField{key: key, doc: f.Tag.Get("doc"), required: rest == "required", most: most, t: f.Type}
	}
	return fields
}

// shape is the keys that a mapping of the format may and must have, and how many
// entries each may have.
type shape struct {
	keys, required []string
	most           map[string]int
}

// shapeOf returns the shape of a type of this file, reflected once per loader.
func shapeOf[T any](l *loader) shape {
	t := reflect.TypeFor[T]()
	s, ok := l.shapes[t]
	if ok {
		return s
	}
	s.most = map[string]int{}
	for _, f := range formatFields(t) {
		s.keys = append(s.keys, f.key)
		if f.required {
			s.required = append(s.required, f.key)
		}
		if f.most > 0 {
			s.most[f.key] = f.most
		}
	}
	if l.shapes == nil {
		l.shapes = map[reflect.Type]shape{}
	}
	l.shapes[t] = s
	return s
}

// needsKnown lists the words of "needs"; nodes>=2 stands for any number.
func needsKnown() []string {
	return []string{"traffic", "metrics", "ingress", "loadbalancer", "storage", "nodes>=2"}
}

// clusterScopedKinds lists the kinds without a namespace of which a lesson may
// make objects: ones that do nothing by themselves. Whoever could write Nodes,
// ClusterRoleBindings or webhooks would own the cluster.
func clusterScopedKinds() []string {
	return []string{"PersistentVolume", "PriorityClass", "StorageClass"}
}
