// Package lint is what the tutor asks of its companion program while it checks
// a course, and what the companion answers: JSON on the standard input and
// output of `k8stutor-sandbox lint`. The companion alone knows kubectl's flags
// and the types of the API.
//
// It holds data and nothing else, and imports nothing of this module, so that
// both programs can link it.
package lint

// Unknown stands in a word of a command line for what only a shell could fill
// in: a variable, the output of another command, a placeholder. It is a
// character of Unicode's private use.
const Unknown = "\ue000"

// MaxSize is the largest request that is read, in bytes.
const MaxSize = 64 << 20

// Request is everything of one course that is to be looked at.
type Request struct {
	Commands  []Command  `json:"commands"`
	Manifests []Manifest `json:"manifests"`
}

// Command is one command line of kubectl, split into words by the shell's
// rules. Nothing runs it.
type Command struct {
	At   string   `json:"at"`   // "services/en.md:12"; comes back with what is found
	Argv []string `json:"argv"` // begins with "kubectl"
	// Named says that the command is spoken of and need not be whole, as
	// `kubectl rollout` is in a sentence: its flags must exist, but neither
	// arguments nor flags are missed.
	Named bool `json:"named,omitempty"`
}

// Manifest is a YAML text of one object or several.
type Manifest struct {
	At   string `json:"at"` // of its first line
	YAML string `json:"yaml"`
	// Whole says that the objects are made as they stand there, so that no field
	// may be missing that the API requires.
	Whole bool `json:"whole,omitempty"`
}

// Response is what was found.
type Response struct {
	Kubernetes string    `json:"kubernetes"` // the version that was asked: "v1.37.2"
	Findings   []Finding `json:"findings"`
}

// The rules of findings.
const (
	RuleCommand = "kubectl-command" // no such command
	RuleFlag    = "kubectl-flag"    // no such flag, or a value that it does not take
	RuleArgs    = "kubectl-args"    // arguments or flags that are missing or too many
	RuleYAML    = "manifest-yaml"   // not YAML
	RuleKind    = "manifest-kind"   // an apiVersion and kind that the API server does not serve
	RuleField   = "manifest-field"  // a field that does not exist, stands twice, or holds a value that it does not take
	// RuleRequired is about a field that is missing from an object.
	RuleRequired = "manifest-required"
)

// Finding is one thing that is not as it must be.
type Finding struct {
	At   string `json:"at"`             // that of the command or manifest
	Line int    `json:"line,omitempty"` // of a manifest, counted from 1; 0 means all of it
	Rule string `json:"rule"`
	// Said and Expected are for people, in every language by its code.
	Said     map[string]string `json:"said"`
	Expected map[string]string `json:"expected"`
}
