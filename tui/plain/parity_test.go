package plain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// equals names for each key of the screens, and each action of theirs, the
// command that does the same here. "-" and a reason stands for those that have
// no meaning in a conversation; "enter", "number", "line" for lines that are no
// commands.
var equals = map[string]string{
	"Up": "- nothing scrolls: what was said stays above", "Down": "- nothing scrolls", "PageUp": "again", "PageDown": "enter", "HalfUp": "- nothing scrolls",
	"HalfDown": "- nothing scrolls", "Top": "again", "Bottom": "- nothing scrolls",
	"Open": "open", "Back": "back", "Home": "home", "Quit": "quit", "Interrupt": "quit", "Help": "help", "Language": "language", "Cluster": "cluster",
	"NextPage": "next", "PrevPage": "previous", "Contents": "contents", "Exercise": "exercise", "Quiz": "quiz", "Pages": "pages",
	"NextStep": "next", "PrevStep": "previous", "GoOn": "enter", "Hint": "hint", "Solution": "solution", "Reset": "reset", "Restart": "restart",
	"Retry": "retry", "Answer": "answer", "Foretell": "answer", "Edit": "edit", "Check": "review", "Apply": "apply", "Save": "write", "Leave": "write",
	"Steps": "steps", "Objects": "objects", "Terminal": "shell", "FlipLeft": "- there are no panes", "FlipRight": "- there are no panes", "Flip": "- there are no panes",
	"FocusTerminal": "shell", "LeaveTerminal": "- exit ends the shell, as everywhere",
	"Send": "line", "Cancel": "- a line that was not sent is taken back by the terminal", "Choose": "number", "Toggle": "number", "Next": "next",
	"MoveUp": "number", "MoveDown": "number", "Again": "retake", "TypeIt": "line", "Pick": "number",
	"Yes": "line", "No": "line", "ResetStep": "reset", "ResetLesson": "reset", "Close": "- nothing lies over anything",
	"Theme":  "- nothing has a colour",
	"Review": "memory", "Known": "known", "Anyway": "memory",
	// Reading: links and their addresses are said at the end of a page.
	"Find": "find", "NextMatch": "number", "PrevMatch": "number", "EndFind": "back", "Turn": "next", "Terms": "glossary", "NextTerm": "glossary", "PrevTerm": "glossary",
	"ToPage": "glossary", "Links": "again", "Copy": "copy", "CopyCode": "copy", "SendCommand": "copy", "SlideLeft": "- no line is longer than the window", "SlideRight": "- no line is longer than the window",
	"Left": "- nothing is drawn", "Right": "- nothing is drawn", "FindText": "find", "Seek": "find",
	"CopyLink": "again", "OpenLink": "run", "Dismiss": "- nothing lies over anything",
	// The objects.
	"YAML": "yaml", "Describe": "describe", "Events": "events", "Logs": "logs", "Owner": "objects", "Filter": "yaml", "Noise": "- the YAML is said without managed fields",
	"Wrap": "- all lines are broken to the width", "Container": "logs", "Previous": "logs", "Follow": "logs",
	// Palette and welcome.
	"Palette": "find", "ClosePalette": "- nothing lies over anything", "PaletteUp": "number", "PaletteDown": "number", "PalettePageUp": "number", "PalettePageDown": "number",
	"WelcomeNext": "enter", "WelcomeBefore": "- what was said stays above", "WelcomeChoose": "language", "WelcomeSkip": "enter",

	// Clusters, and what is asked before one is used.
	"StartCluster": "start", "UseCluster": "use", "UseAuto": "use", "LookAgain": "again", "AddNeeds": "add", "StopChore": "- Ctrl-C stops what is under way, as it does elsewhere",
	"Accept": "line", "ToSandbox": "open", "Without": "line",
	"startCluster": "start", "addNeeds": "add", "stopChore": "- Ctrl-C stops what is under way, as it does elsewhere", "useCluster": "use", "lookAtSupplies": "needs",
	"addForExercise": "line", "goWithout": "line", "agree": "line",

	"goHome": "home", "goBack": "back", "goOn": "continue", "goLesson": "pages", "goExercise": "exercise", "goQuiz": "quiz", "goEdit": "edit", "goCluster": "cluster",
	"openCluster": "open", "restartCluster": "restart", "runAgain": "retry", "save": "- done by itself", "refresh": "- progress is read anew each time",
	"ask": "line", "say": "- everything is said", "closeOverlay": "- nothing lies over anything", "all": "- several of the others",
	"showHelp": "help", "switchLanguage": "language", "switchTheme": "- nothing has a colour", "setTheme": "- nothing has a colour", "quit": "quit",
	"goReview": "memory", "goKnown": "known", "goReading": "pages", "showPalette": "find", "showWelcome": "welcome", "lookForClusters": "cluster",
	"switchASCII": "- marks are always those of ASCII", "goQuestion": "find", "openLink": "run", "copyText": "copy", "sendCommand": "copy", "overlaying": "- nothing lies over anything",
	"layOutPages": "- done by itself", "goView": "yaml",
}

// groups are the keys of a part of the screen that have no equal one by one:
// what the part is for is done by a command, or by the learner's own terminal.
var groups = map[string]string{
	"copyKeys": "- the terminal keeps what was said, and copies it; copy writes code alone",
}

// TestEveryKeyOfTheScreensHasAnEqualHere reads the keys and actions from the
// source of package tui. A new one fails here until it has a command that does
// the same, or a reason why it means nothing in a conversation.
func TestEveryKeyOfTheScreensHasAnEqualHere(t *testing.T) {
	t.Parallel()
	known := wordsIn(lessons.English).Commands
	keys, actions := keysOf(t), actionsOf(t)
	if len(keys) < 50 || len(actions) < 15 {
		t.Fatalf("%d keys and %d actions were found; the source of package tui is read wrongly", len(keys), len(actions))
	}
	for name, group := range keys {
		if groups[group] != "" {
			continue
		}
		checkEqual(t, known, "key "+name, equals[name])
	}
	for _, name := range actions {
		checkEqual(t, known, "action "+name, equals[name])
	}
}

func checkEqual(t *testing.T, known map[string]commandWords, what, equal string) {
	t.Helper()
	reason, without := strings.CutPrefix(equal, "- ")
	switch {
	case equal == "":
		t.Errorf("%s of package tui has no equal in plain mode: add a command, and its name to the table, or the reason why it means nothing there", what)
	case without && len(reason) < 10:
		t.Errorf("%s: %q is no reason", what, reason)
	case without, slices.Contains([]string{"enter", "number", "line"}, equal):
	default:
		if _, ok := known[equal]; !ok {
			t.Errorf("%s: there is no command %q", what, equal)
		}
	}
}

// source parses package tui.
func source(t *testing.T) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// keysOf are the names of all fields of type key.Binding, with the struct that
// holds them.
func keysOf(t *testing.T) map[string]string {
	keys := map[string]string{}
	for _, f := range source(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			st, ok := spec.Type.(*ast.StructType)
			if !ok {
				return false
			}
			for _, field := range st.Fields.List {
				sel, ok := field.Type.(*ast.SelectorExpr)
				if !ok || sel.Sel.Name != "Binding" {
					continue
				}
				for _, name := range field.Names {
					if groups[keys[name.Name]] != "" || keys[name.Name] == "" {
						keys[name.Name] = spec.Name.Name
					}
				}
			}
			return false
		})
	}
	return keys
}

// actionsOf are the types with a method action.
func actionsOf(t *testing.T) []string {
	var names []string
	for _, f := range source(t) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "action" && fn.Recv != nil {
				if id, ok := fn.Recv.List[0].Type.(*ast.Ident); ok {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}
