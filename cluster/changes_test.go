package cluster

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// inspectSources shows every node of the package's own files, tests left out.
func inspectSources(t *testing.T, look func(name string, at token.Position, n ast.Node)) {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if n != nil {
				look(name, files.Position(n.Pos()), n)
			}
			return true
		})
	}
}

// TestOnlyTheGuardGivesWhatChangesObjects reads the package: whoever wants to
// change something has to ask guard.change, which asks the learner's permission.
func TestOnlyTheGuardGivesWhatChangesObjects(t *testing.T) {
	t.Parallel()
	// Requests that are not objects: a manifest, which send asks for, and reviews.
	writers := []string{"dryrun.go", "conn.go"}
	clients := 0
	inspectSources(t, func(name string, at token.Position, n ast.Node) {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return
		}
		receiver, _ := selector.X.(*ast.Ident)
		switch selector.Sel.Name {
		case "client":
			if receiver != nil && receiver.Name != "client" {
				if clients++; name != "guard.go" && name != "conn.go" {
					t.Errorf("%s takes the client past the guard", at)
				}
			}
		case "dyn":
			if name != "conn.go" {
				t.Errorf("%s takes the client past the guard", at)
			}
		case "Post", "Put", "Patch", "Delete":
			inner, _ := selector.X.(*ast.SelectorExpr)
			if inner != nil && inner.Sel.Name == "rest" && !slices.Contains(writers, name) {
				t.Errorf("%s sends a %s of its own", at, selector.Sel.Name)
			}
		}
	})
	if clients != 2 {
		t.Errorf("the client is taken in %d places, want resource and guard.change", clients)
	}
}
