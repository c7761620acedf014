package lessons

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Schema returns the JSON Schema (draft 2020-12) of a file of the course format:
// "lesson" for lesson.yaml, "course" for course.yaml, "glossary" for
// glossary.yaml. It is made from the types
// of the format, is the same each time, and ends with a line end.
//
// It says no to most of what the loader refuses and to nothing that it takes,
// except numbers where words are meant; what needs more than one file only the
// loader can tell.
func Schema(file string) ([]byte, error) {
	var t reflect.Type
	switch file {
	case "lesson":
		t = reflect.TypeFor[LessonFile]()
	case "course":
		t = reflect.TypeFor[CourseFile]()
	case "glossary":
		t = reflect.TypeFor[GlossaryFile]()
	default:
		return nil, fmt.Errorf("there is no schema of %q; there are lesson, course and glossary", file)
	}
	w := schemaWriter{defs: map[string]any{}}
	schema := w.object(t)
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "k8stutor " + file + ".yaml, format " + fmt.Sprint(Format)
	if len(w.defs) > 0 {
		schema["$defs"] = w.defs
	}
	data, err := json.MarshalIndent(schema, "", "  ") // maps are written in the order of their keys
	if err != nil {
		return nil, fmt.Errorf("write the schema of %s.yaml: %w", file, err)
	}
	return append(data, '\n'), nil
}

// schemaWriter describes Go types as JSON Schema. Structs and words become
// definitions.
type schemaWriter struct{ defs map[string]any }

// of describes a type where it is used.
func (w schemaWriter) of(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return w.of(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": w.of(t.Elem())}
	case reflect.Map:
		m := map[string]any{"type": "object", "additionalProperties": w.of(t.Elem())}
		if t.Key() == reflect.TypeFor[Name]() {
			m["propertyNames"] = w.of(t.Key())
		}
		return m
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer", "minimum": 1}
	case reflect.Struct:
		name := defName(t)
		if _, ok := w.defs[name]; !ok {
			w.defs[name] = nil // it is being described
			w.defs[name] = w.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	}
	if t == reflect.TypeFor[string]() {
		return map[string]any{"type": "string", "minLength": 1}
	}
	name := defName(t)
	w.defs[name] = word(t)
	return map[string]any{"$ref": "#/$defs/" + name}
}

// defName is the name of a type's definition: StepFile is "step".
func defName(t reflect.Type) string {
	name := strings.TrimSuffix(t.Name(), "File")
	if name == "ID" {
		return "id"
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// object describes a mapping.
func (w schemaWriter) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range formatFields(t) {
		p := w.of(f.t)
		if f.key == "format" {
			p = map[string]any{"const": Format}
		}
		if f.most > 0 {
			switch f.t.Kind() {
			case reflect.Map:
				p["maxProperties"] = f.most
			default:
				p["maxItems"] = f.most
			}
		}
		if f.required {
			required = append(required, f.key)
			if f.t.Kind() == reflect.Slice {
				p["minItems"] = 1
			}
		}
		p["description"] = f.doc
		properties[f.key] = p
	}
	schema := map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	if t == reflect.TypeFor[StepFile]() {
		schema["allOf"] = stepRules()
	}
	if t == reflect.TypeFor[QuestionFile]() {
		schema["allOf"] = []any{
			rule([]string{string(Command)}, []string{"accept"}, []string{"manifest", "as"}),
			rule([]string{string(Field)}, []string{"accept", "manifest"}, nil),
			rule([]string{string(Spot)}, []string{"manifest"}, []string{"accept", "as"}),
			rule([]string{string(Single), string(Multiple), string(TrueFalse), string(Order)}, nil, []string{"accept", "manifest", "as"})}
	}
	if t == reflect.TypeFor[QueryFile]() {
		schema["dependentRequired"] = map[string]any{"apiVersion": []string{"resource"}, "resource": []string{"apiVersion"}}
		schema["not"] = map[string]any{"required": []string{"name", "selector"}}
	}
	if t == reflect.TypeFor[CheckFile]() {
		schema["dependentRequired"] = map[string]any{"within": []string{"converge"}}
	}
	return schema
}

// stepRules say which keys a kind of step needs and which it cannot have; the
// loader's loader.suits says the same in words.
func stepRules() []any {
	return []any{
		rule([]string{string(Ask)}, []string{"answer"}, []string{"checks", "draft"}),
		rule([]string{string(Predict)}, []string{"answer", "checks"}, []string{"draft"}),
		rule([]string{string(Manifest)}, []string{"checks", "draft"}, []string{"answer"}),
		rule([]string{string(Do)}, []string{"checks"}, []string{"answer", "draft"}),
		rule([]string{string(Repair)}, []string{"checks", "setup"}, []string{"answer", "draft"}),
	}
}

func rule(kinds, needs, refuses []string) map[string]any {
	then := map[string]any{}
	if len(needs) > 0 {
		then["required"] = needs
	}
	if len(refuses) > 0 {
		never := map[string]any{}
		for _, key := range refuses {
			never[key] = false
		}
		then["properties"] = never
	}
	return map[string]any{
		"if":   map[string]any{"properties": map[string]any{"kind": map[string]any{"enum": kinds}}, "required": []string{"kind"}},
		"then": then,
	}
}

// word describes the words that stand in course files.
func word(t reflect.Type) map[string]any {
	const id = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
	switch t {
	case reflect.TypeFor[ID]():
		return map[string]any{"type": "string", "pattern": id, "maxLength": maxID, "description": "Lower case letters, digits and -."}
	case reflect.TypeFor[LessonID]():
		return map[string]any{"type": "string", "pattern": id, "maxLength": maxLessonID, "not": map[string]any{"pattern": "--"},
			"description": "Lower case letters, digits and single -."}
	case reflect.TypeFor[Name]():
		return map[string]any{"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "not": map[string]any{"enum": reservedNames()},
			"description": "A name for expressions: letters, digits and _, and no word of CEL's own."}
	case reflect.TypeFor[Expression]():
		return map[string]any{"type": []string{"string", "number", "boolean"}, "minLength": 1, "maxLength": maxExpr,
			"description": "An expression of CEL, the Common Expression Language."}
	case reflect.TypeFor[Duration]():
		return map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`, "examples": []string{"2s", "1m30s"}}
	case reflect.TypeFor[FileName]():
		return map[string]any{"type": "string", "minLength": 1, "pattern": `^[^/]`, "not": map[string]any{"pattern": `(^|/)\.\.?(/|$)|//|/$`},
			"description": "A file, named from the lesson's folder, as setup/shop.yaml."}
	case reflect.TypeFor[PageRef]():
		return map[string]any{"type": "string", "pattern": "^[a-z0-9-]+/[a-z0-9-]+$", "description": "A page: LESSON/PAGE."}
	case reflect.TypeFor[CommandLine]():
		return map[string]any{"type": "string", "minLength": 1, "description": "A command line, as it is typed into a shell."}
	case reflect.TypeFor[Typed]():
		return map[string]any{"type": "string", "minLength": 1, "description": "A command line or a value, as it is typed."}
	case reflect.TypeFor[YAMLText]():
		return map[string]any{"type": "string", "minLength": 1, "description": "Lines of YAML, below a |."}
	case reflect.TypeFor[Likeness]():
		return map[string]any{"type": "string", "enum": likenesses()}
	case reflect.TypeFor[Need]():
		return map[string]any{"type": "string", "anyOf": []any{
			map[string]any{"enum": needsKnown()}, map[string]any{"pattern": "^nodes>=([2-9]|[1-9][0-9]+)$"}}}
	case reflect.TypeFor[ClusterScoped]():
		return map[string]any{"type": "string", "enum": clusterScopedKinds()}
	case reflect.TypeFor[StepKind]():
		return map[string]any{"type": "string", "enum": stepKinds()}
	case reflect.TypeFor[QuestionKind]():
		return map[string]any{"type": "string", "enum": questionKinds()}
	}
	panic("lessons: no schema for " + t.String()) // a type was added to the format and not here
}

func stepKinds() []string {
	return []string{string(Do), string(Ask), string(Repair), string(Predict), string(Manifest)}
}

func questionKinds() []string {
	return []string{string(Single), string(Multiple), string(TrueFalse), string(Order), string(Command), string(Field), string(Spot)}
}

// reservedNames are the words that no variable of an expression can have.
func reservedNames() []string {
	return []string{"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
		"let", "loop", "package", "namespace", "return", "var", "void", "while", "before", "answer"}
}
