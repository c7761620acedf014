package inspect

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/k8stutor/k8stutor/lessons"
)

// Fold says what YAML leaves out.
type Fold struct {
	// Noise hides what the API server keeps for itself; Note is the line in its
	// place, with the number of fields and lines.
	Noise bool
	Note  func(fields []string, lines int) string
}

// noise are fields of metadata that tell a learner nothing.
func noise() []string {
	return []string{"uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "managedFields"}
}

// lastApplied is the annotation in which kubectl keeps the whole object again.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// YAML writes an object as kubectl does. What is folded is told in a comment.
func YAML(o lessons.Object, fold Fold) []Line {
	whole := map[string]any(o)
	w := &writer{}
	if !fold.Noise {
		w.fields(whole, 0, objectOrder())
		return w.lines
	}
	meta := maps.Clone(lessons.MapAt(whole, "metadata"))
	hidden := map[string]any{}
	var names []string
	for _, key := range noise() {
		if v, there := meta[key]; there {
			hidden[key] = v
			names = append(names, key)
			delete(meta, key)
		}
	}
	if annotations := lessons.MapAt(meta, "annotations"); annotations[lastApplied] != nil {
		hidden[lastApplied] = annotations[lastApplied]
		names = append(names, "last-applied-configuration")
		annotations = maps.Clone(annotations)
		delete(annotations, lastApplied)
		meta["annotations"] = annotations
		if len(annotations) == 0 {
			delete(meta, "annotations")
		}
	}
	for _, key := range ordered(whole, objectOrder()) {
		if key != "metadata" || meta == nil {
			w.field(key, whole[key], 0)
			continue
		}
		w.field(key, meta, 0)
		if len(names) > 0 {
			aside := &writer{}
			aside.fields(hidden, 0, nil)
			w.lines = append(w.lines, Line{{"  # " + fold.Note(names, len(aside.lines)), Dim}})
		}
	}
	return w.lines
}

// objectOrder are the fields that stand first.
func objectOrder() []string {
	return []string{"apiVersion", "kind", "metadata", "spec", "data", "status"}
}

// ordered returns the keys of a map: those named first, the others by name.
func ordered(m map[string]any, first []string) []string {
	keys := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(keys, func(a, b string) int { return rank(first, a) - rank(first, b) })
	return keys
}

func rank(first []string, key string) int {
	if i := slices.Index(first, key); i >= 0 {
		return i
	}
	return len(first)
}

// writer writes YAML line by line.
type writer struct{ lines []Line }

func (w *writer) fields(m map[string]any, indent int, first []string) {
	for _, key := range ordered(m, first) {
		w.field(key, m[key], indent)
	}
}

// field writes one field of a map.
func (w *writer) field(key string, v any, indent int) {
	w.value(Line{{strings.Repeat(" ", indent), Plain}, {scalarText(key), Key}, {":", Dim}}, v, indent)
}

// value writes a value behind what stands on its line already: a key, or the dash of
// a list. What is below a key is indented by two, a list not at all.
func (w *writer) value(head Line, v any, indent int) {
	switch v := v.(type) {
	case lessons.Object:
		w.value(head, map[string]any(v), indent)
	case map[string]any:
		if len(v) == 0 {
			w.lines = append(w.lines, append(head, Span{" {}", Dim}))
			return
		}
		w.lines = append(w.lines, head)
		w.fields(v, indent+2, nil)
	case []any:
		if len(v) == 0 {
			w.lines = append(w.lines, append(head, Span{" []", Dim}))
			return
		}
		w.lines = append(w.lines, head)
		for _, item := range v {
			w.item(item, indent)
		}
	case string:
		if block, ok := blockOf(v); ok {
			w.lines = append(w.lines, append(head, Span{" " + block, Dim}))
			for line := range strings.SplitSeq(strings.TrimRight(v, "\n"), "\n") {
				w.lines = append(w.lines, Line{{strings.Repeat(" ", indent+2), Plain}, {line, String}})
			}
			return
		}
		w.lines = append(w.lines, append(head, Span{" ", Plain}, Span{scalarText(v), String}))
	default:
		w.lines = append(w.lines, append(head, Span{" ", Plain}, scalarSpan(v)))
	}
}

// item writes one item of a list: a map begins on the line of the dash.
func (w *writer) item(v any, indent int) {
	dash := Line{{strings.Repeat(" ", indent) + "-", Dim}}
	m, isMap := v.(map[string]any)
	if list, ok := v.([]any); ok && len(list) > 0 {
		w.lines = append(w.lines, dash)
		for _, item := range list {
			w.item(item, indent+2)
		}
		return
	}
	if !isMap || len(m) == 0 {
		w.value(dash, v, indent)
		return
	}
	from := len(w.lines)
	w.fields(m, indent+2, []string{"name", "type"})
	first := w.lines[from]
	first[0] = Span{strings.Repeat(" ", indent), Plain}
	w.lines[from] = slices.Concat(first[:1], Line{{"- ", Dim}}, first[1:])
}

func scalarSpan(v any) Span {
	switch v := v.(type) {
	case nil:
		return Span{"null", Number}
	case bool:
		return Span{strconv.FormatBool(v), Number}
	case float64:
		if v == float64(int64(v)) {
			return Span{strconv.FormatInt(int64(v), 10), Number}
		}
	}
	data, err := json.Marshal(v)
	if err != nil {
		return Span{strconv.Quote(fmt.Sprint(v)), String}
	}
	return Span{string(data), Number}
}

// blockOf reports whether a text is written as lines of their own, and how that
// begins.
func blockOf(s string) (string, bool) {
	body := strings.TrimSuffix(s, "\n")
	if !strings.Contains(body, "\n") || strings.HasSuffix(body, "\n") || strings.TrimSpace(s) == "" {
		return "", false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if !shown(line) || strings.TrimRight(line, " ") != line {
			return "", false
		}
	}
	if first := body[0]; first == ' ' || first == '\n' {
		return "", false
	}
	if strings.HasSuffix(s, "\n") {
		return "|", true
	}
	return "|-", true
}

// shown reports whether a terminal draws all of a text as it stands.
func shown(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsPrint(r) || r == unicode.ReplacementChar || r == '\ufeff'
	})
}

// scalarText writes a text so that it reads back as that text. What a terminal would
// obey or not show is escaped.
func scalarText(s string) string {
	if s != "" && shown(s) && isWord(s) {
		return s
	}
	if shown(s) && !strings.ContainsAny(s, "'") {
		return "'" + s + "'"
	}
	return strconv.QuoteToGraphic(s)
}

// isWord reports whether YAML takes a text without quotes for that text.
func isWord(s string) bool {
	switch strings.ToLower(s) {
	case "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", "-.inf", "+.inf", ".nan", "<<", "=":
		return false
	}
	if strings.TrimSpace(s) != s || strings.ContainsAny(s[:1], "-?:,[]{}#&*!|>'\"%@`=<") && !isFlag(s) || strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") {
		return false
	}
	return !isNumber(s)
}

// isFlag reports whether a text begins with a dash as a flag does.
func isFlag(s string) bool {
	return len(s) > 1 && s[0] == '-' && (s[1] == '-' || unicode.IsLetter(rune(s[1]))) && s != "---"
}

// isNumber reports whether a text could be read as a number or a time.
func isNumber(s string) bool {
	c := s[0]
	if c == '+' || c == '-' || c == '.' {
		if len(s) == 1 {
			return c == '-'
		}
		c = s[1]
	}
	if c < '0' || c > '9' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("0123456789abcdefABCDEFxXoO_+-.:eETZ ", r)
	})
}
