package tui

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"

	"github.com/k8stutor/k8stutor/lessons"
)

// declared are the types of this package that have all the methods named,
// their own or those of a type they embed.
func declared(t *testing.T, methods ...string) []string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	has, embeds := map[string][]string{}, map[string][]string{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil {
					of := typeName(n.Recv.List[0].Type)
					has[of] = append(has[of], n.Name.Name)
				}
			case *ast.TypeSpec:
				if s, ok := n.Type.(*ast.StructType); ok {
					for _, f := range s.Fields.List {
						if len(f.Names) == 0 {
							embeds[n.Name.Name] = append(embeds[n.Name.Name], typeName(f.Type))
						}
					}
				}
			}
			return true
		})
	}
	var can func(name, method string) bool
	can = func(name, method string) bool {
		return slices.Contains(has[name], method) || slices.ContainsFunc(embeds[name], func(e string) bool { return can(e, method) })
	}
	var found []string
	for name := range has {
		if !slices.ContainsFunc(methods, func(m string) bool { return !can(name, m) }) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// TestNoScreenIsForgotten wants a scene of every screen and of every overlay
// there is, since frames, keys and poison are proved of scenes only.
func TestNoScreenIsForgotten(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, set := range scenes() {
		b := newBench(t, lessons.English, 80, 24)
		set(b)
		for _, s := range b.app.screens {
			shown[strings.TrimPrefix(fmt.Sprintf("%T", s), "*tui.")] = true
		}
		if b.app.over != nil {
			shown[strings.TrimPrefix(fmt.Sprintf("%T", b.app.over), "*tui.")] = true
		}
	}
	screens, overlays := declared(t, "Update", "Resize", "View", "bindings", "capturing", "title"), declared(t, "Update", "block", "bindings")
	if !slices.Contains(screens, "lessonScreen") || !slices.Contains(overlays, "helpOverlay") || slices.Contains(overlays, "lessonScreen") {
		t.Fatalf("the search for screens does not find what is known: %v %v", screens, overlays)
	}
	for _, name := range slices.Concat(screens, overlays) {
		if !shown[name] {
			t.Errorf("no scene shows a %s: add one to scenes()", name)
		}
	}
}

// allBindings are the bindings of keys, by the name of their field.
func allBindings(v reflect.Value, in string, into map[string]key.Binding) {
	for i := range v.NumField() {
		name := in + v.Type().Field(i).Name
		switch f := v.Field(i); {
		case f.Type() == reflect.TypeFor[key.Binding]():
			// Fields of a struct that is not exported can be read, not taken out.
			into[name] = key.NewBinding(key.WithKeys(texts(f.FieldByName("keys"))...),
				key.WithHelp(f.FieldByName("help").FieldByName("Key").String(), f.FieldByName("help").FieldByName("Desc").String()))
		case f.Kind() == reflect.Struct:
			allBindings(f, name+".", into)
		}
	}
}

func texts(v reflect.Value) []string {
	var out []string
	for i := range v.Len() {
		out = append(out, v.Index(i).String())
	}
	return out
}

// newKeysOf are all bindings in a language, by the name of their field.
func newKeysOf(lang lessons.Lang) map[string]key.Binding {
	all := map[string]key.Binding{}
	allBindings(reflect.ValueOf(newKeys(wordsIn(lang))), "", all)
	return all
}

// neverListed are the bindings that no list of a screen holds, with the reason.
func neverListed() map[string]string { return map[string]string{} }

// TestEveryBindingIsReached wants each binding of keys to be among those that
// work in one of the scenes, where TestEveryKeyThatIsShownWorks presses it.
func TestEveryBindingIsReached(t *testing.T) {
	t.Parallel()
	all := newKeysOf(lessons.English)
	if len(all) < 40 {
		t.Fatalf("only %d bindings were found in keys", len(all))
	}
	// A screen may bind some of a binding's keys only, because another has the rest.
	worked := map[string]map[string]bool{} // keys by what they do
	for _, size := range frameSizes() {
		for _, set := range scenes() {
			b := newBench(t, lessons.English, size[0], size[1])
			set(b)
			for _, bind := range b.showing() {
				does := bind.Help().Desc
				if worked[does] == nil {
					worked[does] = map[string]bool{}
				}
				for _, k := range bind.Keys() {
					worked[does][k] = true
				}
			}
		}
	}
	for field, b := range all {
		why, excused := neverListed()[field]
		reached := slices.ContainsFunc(b.Keys(), func(k string) bool { return worked[b.Help().Desc][k] })
		switch {
		case !reached && !excused:
			t.Errorf("keys.%s (%v: %s) works in no scene: is it bound, and is there a scene of it?", field, b.Keys(), b.Help().Desc)
		case reached && excused:
			t.Errorf("keys.%s is excused (%s), but works in a scene", field, why)
		}
	}
}
