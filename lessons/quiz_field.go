package lessons

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Likeness says how the value of a Field question is compared with a right one.
type Likeness string

// The ways to compare a value. All take it as YAML does: quotes around a word,
// spaces, a comment and the way a list is written do not matter; "3" and 3 do.
const (
	AsValue    Likeness = "value"    // as YAML reads it
	AsQuantity Likeness = "quantity" // as an amount: 0.5 is 500m
	AsAnyCase  Likeness = "anycase"  // in capitals or not, as the name of an HTTP header
)

// likenesses lists the words that the key "as" may have.
func likenesses() []string { return []string{string(AsValue), string(AsQuantity), string(AsAnyCase)} }

// blankPattern matches what stands for the value in the manifest of a Field
// question.
var blankPattern = regexp.MustCompile(`_{4,}`)

// Blank returns the line of the manifest with the blank, from 0, and the text
// before and after the blank in that line.
func (q *Question) Blank() (line int, before, after string) {
	for i, l := range q.ManifestLines() {
		if at := blankPattern.FindStringIndex(l); at != nil {
			return i, l[:at[0]], l[at[1]:]
		}
	}
	return -1, "", ""
}

// Filled returns the manifest of a Field question with a text in place of the
// blank.
func (q *Question) Filled(text string) string {
	at := blankPattern.FindStringIndex(q.Manifest)
	if at == nil {
		return q.Manifest
	}
	return q.Manifest[:at[0]] + text + q.Manifest[at[1]:]
}

// ManifestLines are the lines of the question's manifest.
func (q *Question) ManifestLines() []string {
	if q.Manifest == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(q.Manifest, "\n"), "\n")
}

// markField judges what was typed into the blank. note says what differs, when
// it can be said.
func (q *Question) markField(typed string) (right bool, want string, note Text) {
	if len(q.Accept) == 0 {
		return false, "", nil
	}
	want = q.Accept[0]
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return false, want, nil
	}
	got, err := parseYAML([]byte(q.Filled(typed)))
	if err != nil {
		return false, want, say("With %s in its place the manifest is no YAML: %s.", "填入 %s 后，这份清单不是合法的 YAML：%s。", quote(typed), quote(err.Error()))
	}
	for i, accepted := range q.Accept {
		right, err := parseYAML([]byte(q.Filled(accepted)))
		if err != nil {
			continue // Load reports it
		}
		a, b := firstDifference(docsNode(got), docsNode(right), q.As)
		if a == nil && b == nil {
			return true, accepted, nil
		}
		if i == 0 {
			note = q.fieldNote(a, b)
		}
	}
	return false, want, note
}

// docsNode makes one node of the documents of a text.
func docsNode(docs []*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: docs}
}

// firstDifference returns the first nodes in which two texts differ, nil when
// they say the same; one of them may be nil when the other has something more.
func firstDifference(a, b *yaml.Node, as Likeness) (x, y *yaml.Node) {
	if a == nil || b == nil || a.Kind != b.Kind || a.Kind == yaml.AliasNode {
		return a, orBlank(a, b)
	}
	switch a.Kind {
	case yaml.ScalarNode:
		if sameScalar(a, b, as) {
			return nil, nil
		}
		return a, b
	case yaml.MappingNode:
		for i := 0; i+1 < len(b.Content); i += 2 {
			key, value := b.Content[i], b.Content[i+1]
			mine, mineKey := valueOf(a, key.Value)
			if mine == nil {
				if i < len(a.Content) { // most likely another key in its place
					return a.Content[i], key
				}
				return a, b
			}
			if x, y := firstDifference(mineKey, key, AsValue); x != nil || y != nil {
				return x, y
			}
			if x, y := firstDifference(mine, value, as); x != nil || y != nil {
				return x, y
			}
		}
	case yaml.SequenceNode:
		for i := range min(len(a.Content), len(b.Content)) {
			if x, y := firstDifference(a.Content[i], b.Content[i], as); x != nil || y != nil {
				return x, y
			}
		}
	}
	if len(a.Content) != len(b.Content) {
		return a, b
	}
	return nil, nil
}

// orBlank keeps a difference from looking like none.
func orBlank(a, b *yaml.Node) *yaml.Node {
	if a == nil && b == nil {
		return &yaml.Node{}
	}
	return b
}

func valueOf(mapping *yaml.Node, key string) (value, keyNode *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1], mapping.Content[i]
		}
	}
	return nil, nil
}

func sameScalar(a, b *yaml.Node, as Likeness) bool {
	tagA, valueA := scalarValue(a)
	tagB, valueB := scalarValue(b)
	switch {
	case tagA == tagB && valueA == valueB:
		return true
	case as == AsQuantity:
		return sameQuantity(a.Value, b.Value)
	case as == AsAnyCase:
		return tagA == tagB && strings.EqualFold(valueA, valueB)
	}
	return false
}

// scalarValue is a scalar as Kubernetes reads it: numbers by their value, and
// the booleans of YAML 1.1, in which yes is true.
func scalarValue(n *yaml.Node) (tag, value string) {
	tag, value = n.ShortTag(), n.Value
	plain := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	switch lower := strings.ToLower(value); {
	case plain && (tag == "!!bool" || tag == "!!str") && (lower == "true" || lower == "yes" || lower == "on"):
		return "!!bool", "true"
	case plain && (tag == "!!bool" || tag == "!!str") && (lower == "false" || lower == "no" || lower == "off"):
		return "!!bool", "false"
	case tag == "!!int":
		if i, err := strconv.ParseInt(strings.ReplaceAll(value, "_", ""), 0, 64); err == nil {
			return tag, strconv.FormatInt(i, 10)
		}
	case tag == "!!float":
		f, err := strconv.ParseFloat(value, 64)
		if err == nil && f == float64(int64(f)) {
			return "!!int", strconv.FormatInt(int64(f), 10)
		}
		if err == nil {
			return tag, strconv.FormatFloat(f, 'g', -1, 64)
		}
	}
	return tag, value
}

// fieldNote says what differs, in words that do not give the answer away.
func (q *Question) fieldNote(got, want *yaml.Node) Text {
	if got == nil || want == nil || got.Kind != yaml.ScalarNode || want.Kind != yaml.ScalarNode {
		return nil
	}
	gotTag, gotValue := scalarValue(got)
	wantTag, wantValue := scalarValue(want)
	switch {
	case q.As == AsQuantity:
		amount, err := parseQuantity(got.Value)
		if err != nil {
			return say("%s is no amount.", "%s 不是一个合法的数量。", quote(got.Value))
		}
		if plain := amount.AsDec().String(); plain != got.Value {
			return say("%s is %s in plain numbers; another amount is asked for.", "%s 换算成普通数字是 %s，要的不是这个数量。", quote(got.Value), plain)
		}
	case got.Value == want.Value && gotTag == "!!str":
		return say("In quotes it is a string, and that is not what is asked for.", "加了引号就成了字符串，这里要的不是字符串。")
	case got.Value == want.Value:
		return say("Without quotes YAML does not read it as a string, and a string is asked for.", "不加引号时，YAML 不会把它读成字符串，而这里要的是字符串。")
	case strings.EqualFold(gotValue, wantValue) && gotTag == wantTag:
		return say("Capital and small letters are not the same here.", "这里区分大小写。")
	}
	return nil
}
