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

// TestOnlyTheGuardGivesWhatChangesObjects reads the package: whoever wants to
// change something has to ask guard.change, which asks the learner's permission.
func TestOnlyTheGuardGivesWhatChangesObjects(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	// Requests that are not objects: a manifest, which send asks for, and reviews.
	writers := []string{"dryrun.go", "conn.go"}
	files := token.NewFileSet()
	clients := 0
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			receiver, _ := selector.X.(*ast.Ident)
			at := files.Position(selector.Pos())
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
			return true
		})
	}
	if clients != 2 {
		t.Errorf("the client is taken in %d places, want resource and guard.change", clients)
	}
}
