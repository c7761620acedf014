package lessons

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var updateSchemas = flag.Bool("update", false, "write docs/schema anew")

func TestTheSchemasInTheRepositoryAreThoseOfTheTypes(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"lesson", "course", "glossary"} {
		want, err := Schema(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{"../docs/schema", "scaffold/course/.schema"} { // for us, and for who begins a course
			path := filepath.Join(dir, file+".schema.json")
			if *updateSchemas {
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, want, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s is not what the types give; run go test ./lessons -run Schemas -update (-want +got):\n%s", path, diff)
			}
		}
	}
	if _, err := Schema("quiz"); err == nil {
		t.Error("there is a schema of quiz")
	}
}

// A checker checks a value by the keywords of JSON Schema that ours use, and
// fails on any other.
type checker struct {
	t    *testing.T
	defs map[string]any
}

func newChecker(t *testing.T, file string) (checker, map[string]any) {
	t.Helper()
	data, err := Schema(file)
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	defs, _ := schema["$defs"].(map[string]any)
	return checker{t, defs}, schema
}

// check returns what is wrong with v, nothing when it is as schema says.
func (c checker) check(v, schema any, at string) (faults []string) {
	if s, ok := schema.(bool); ok {
		if !s {
			faults = append(faults, at+" must not be there")
		}
		return faults
	}
	say := func(format string, args ...any) { faults = append(faults, at+": "+fmt.Sprintf(format, args...)) }
	s := schema.(map[string]any)
	object, isObject := v.(map[string]any)
	list, isList := v.([]any)
	text, isText := v.(string)
	for _, keyword := range slices.Sorted(maps.Keys(s)) {
		switch want := s[keyword]; keyword {
		case "$schema", "$defs", "title", "description", "examples", "then":
		case "$ref":
			faults = append(faults, c.check(v, c.defs[strings.TrimPrefix(want.(string), "#/$defs/")], at)...)
		case "type":
			types, ok := want.([]any)
			if !ok {
				types = []any{want}
			}
			if !slices.ContainsFunc(types, func(one any) bool { return isType(v, one.(string)) }) {
				say("%v is not of type %v", v, want)
			}
		case "const":
			if fmt.Sprint(v) != fmt.Sprint(want) {
				say("%v is not %v", v, want)
			}
		case "enum":
			if !slices.Contains(want.([]any), v) {
				say("%v is none of %v", v, want)
			}
		case "pattern":
			if isText && !regexp.MustCompile(want.(string)).MatchString(text) {
				say("%q does not match %s", text, want)
			}
		case "minLength":
			if isText && utf8.RuneCountInString(text) < int(want.(float64)) {
				say("too short")
			}
		case "maxLength":
			if isText && utf8.RuneCountInString(text) > int(want.(float64)) {
				say("too long")
			}
		case "minimum":
			if n, ok := v.(int); ok && n < int(want.(float64)) {
				say("%d is below %v", n, want)
			}
		case "items":
			for i, item := range list {
				faults = append(faults, c.check(item, want, fmt.Sprintf("%s[%d]", at, i))...)
			}
		case "minItems":
			if isList && len(list) < int(want.(float64)) {
				say("too few")
			}
		case "maxItems":
			if isList && len(list) > int(want.(float64)) {
				say("too many")
			}
		case "maxProperties":
			if len(object) > int(want.(float64)) {
				say("too many")
			}
		case "properties":
			for key, of := range want.(map[string]any) {
				if value, ok := object[key]; ok {
					faults = append(faults, c.check(value, of, at+"."+key)...)
				}
			}
		case "additionalProperties":
			known, _ := s["properties"].(map[string]any)
			for key, value := range object {
				if _, ok := known[key]; !ok {
					faults = append(faults, c.check(value, want, at+"."+key)...)
				}
			}
		case "propertyNames":
			for key := range object {
				faults = append(faults, c.check(key, want, at+"."+key)...)
			}
		case "required":
			for _, key := range want.([]any) {
				if _, ok := object[key.(string)]; isObject && !ok {
					say("%s is missing", key)
				}
			}
		case "dependentRequired":
			for key, needs := range want.(map[string]any) {
				for _, need := range needs.([]any) {
					_, has := object[key]
					if _, ok := object[need.(string)]; has && !ok {
						say("%s needs %s", key, need)
					}
				}
			}
		case "not":
			if len(c.check(v, want, at)) == 0 {
				say("%v is what it must not be", v)
			}
		case "anyOf":
			if !slices.ContainsFunc(want.([]any), func(one any) bool { return len(c.check(v, one, at)) == 0 }) {
				say("%v is none of the alternatives", v)
			}
		case "allOf":
			for _, one := range want.([]any) {
				faults = append(faults, c.check(v, one, at)...)
			}
		case "if":
			if len(c.check(v, want, at)) == 0 {
				faults = append(faults, c.check(v, s["then"], at)...)
			}
		default:
			c.t.Fatalf("the schema uses %q, which this test does not know", keyword)
		}
	}
	return faults
}

func isType(v any, name string) bool {
	switch v.(type) {
	case map[string]any:
		return name == "object"
	case []any:
		return name == "array"
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case int:
		return name == "integer" || name == "number"
	case float64:
		return name == "number"
	}
	return false
}

func decodeYAML(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOurCoursesAreAsTheSchemasSay(t *testing.T) {
	t.Parallel()
	found := 0
	for _, file := range []string{"lesson", "course"} {
		c, schema := newChecker(t, file)
		for _, pattern := range []string{"testdata/course/", "testdata/course/*/", "../content/*/", "../content/*/*/"} {
			paths, err := filepath.Glob(pattern + file + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths {
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				found++
				for _, fault := range c.check(decodeYAML(t, data), schema, path) {
					t.Error(fault)
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d files were checked", found)
	}
}

func TestTheSchemaRefusesWhatTheLoaderRefuses(t *testing.T) {
	t.Parallel()
	c, schema := newChecker(t, "lesson")
	for name, e := range map[string]edit{
		"an unknown key":                    {lessonYAML, "minutes: 20", "minutes: 20\nminuts: 3"},
		"no minutes":                        {lessonYAML, "minutes: 20\n", ""},
		"minutes 0":                         {lessonYAML, "minutes: 20", "minutes: 0"},
		"minutes in words":                  {lessonYAML, "minutes: 20", "minutes: many"},
		"a newer format":                    {lessonYAML, "format: 1", "format: 2"},
		"a bad id":                          {lessonYAML, "- id: is-it", "- id: Is_It"},
		"an unknown need":                   {lessonYAML, "needs: []", "needs: [metric]"},
		"one node":                          {lessonYAML, "needs: []", "needs: [nodes>=1]"},
		"no pages":                          {lessonYAML, "pages: [why, anatomy]", "pages: []"},
		"an unknown kind of step":           {lessonYAML, "kind: do", "kind: doo"},
		"an answer in a do step":            {lessonYAML, "  until: rescue", "  until: rescue\n  answer: {expect: \"1\"}"},
		"an ask step without an answer":     {lessonYAML, "kind: do", "kind: ask"},
		"a manifest step without a draft":   {lessonYAML, "kind: do", "kind: manifest"},
		"a do step with a draft":            {lessonYAML, "  until: rescue", "  until: rescue\n  draft: web.yaml"},
		"a repair step without a setup":     {lessonYAML, "kind: do", "kind: repair"},
		"no solution":                       {lessonYAML, "  solution: [\"kubectl set selector service shop app=shop\"]\n", ""},
		"a name that CEL reserves":          {lessonYAML, "widgets: {kind", "namespace: {kind"},
		"a query with name and selector":    {lessonYAML, "pods: {kind: Pod, ", "pods: {kind: Pod, name: web, "},
		"a kind of one's own, half":         {lessonYAML, ", resource: widgets", ""},
		"a check about nothing":             {lessonYAML, "  - id: replicas\n    about: web\n", "  - id: replicas\n"},
		"hold in words":                     {lessonYAML, "hold: 2s", "hold: soon"},
		"within without converge":           {lessonYAML, "hold: 2s", "within: 2s"},
		"a label that is a number":          {lessonYAML, "selector: {app: web}", "selector: {app: 1}"},
		"a setup file that leads out":       {lessonYAML, "setup/shop.yaml", "../shop.yaml"},
		"a setup file from the root":        {lessonYAML, "setup/shop.yaml", "/etc/passwd"},
		"a kind that may not be declared":   {lessonYAML, "needs: []", "clusterScoped: [Node]"},
		"an unknown kind of question":       {lessonYAML, "kind: truefalse", "kind: guess"},
		"a command question without accept": {lessonYAML, "kind: truefalse", "kind: command"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := exampleCourse(t)
			e.apply(t, files)
			if _, err := Load(files, "course"); err == nil {
				t.Error("the loader takes it")
			}
			if faults := c.check(decodeYAML(t, files["course/"+lessonYAML].Data), schema, ""); len(faults) == 0 {
				t.Error("the schema takes it")
			}
		})
	}
}
