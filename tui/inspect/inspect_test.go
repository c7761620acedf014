package inspect

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/picture"
)

// readBack reads YAML as JSON would be.
func readBack(t *testing.T, text string) map[string]any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// awkward are texts that YAML could take for something else, and that a terminal
// could obey.
var awkward = []string{"", "web", "true", "No", "null", "~", "12", "0x1F", "1e3", "1.5", "-", "- a", "--flag", "-n", "a: b", "a #b", "#c", "it's", `say "hi"`, "'", "a:", ": a",
	"line\nline", "line\nline\n", " line\nline", "line \nline", "\n", "two\n\n", "\ttab", "\x1b[31mred", "\u202egnorw", "数据库：“网站”", "家族👨‍👩‍👧‍👦", "2026-11-23", "12:30:45", "100m", "1Gi",
	"*", "&a", "!tag", "%x", "@x", "`x`", "{a}", "[a]", "a,b", "|", ">", "?", "? a", "a\u00a0b", "a\u2028b", "=", "<<", ".5", "+1", "_1", "0o17", "a\x00b", "\ufeffx", "---", "..."}

func anything(r *rand.Rand, depth int) any {
	switch n := r.IntN(9); {
	case n == 0:
		return nil
	case n == 1:
		return r.IntN(2) == 0
	case n == 2:
		return float64(r.IntN(1000)) / []float64{1, 4}[r.IntN(2)]
	case n < 6 || depth == 0:
		return awkward[r.IntN(len(awkward))]
	case n == 6:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = anything(r, depth-1)
		}
		return list
	default:
		m := map[string]any{}
		for range r.IntN(4) {
			m[awkward[r.IntN(len(awkward))]] = anything(r, depth-1)
		}
		return m
	}
}

func TestYAMLReadsBackAsTheSameObject(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 3))
		o := lessons.Object{"kind": "Thing", "spec": anything(r, 4), "metadata": map[string]any{"name": awkward[r.IntN(len(awkward))]}}
		lines := YAML(o, Fold{})
		text := Text(lines)
		if diff := cmp.Diff(map[string]any(o), readBack(t, text)); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s\n%s", seed, diff, text)
		}
		harmless(t, lines)
	}
}

// harmless looks for what a terminal would obey.
func harmless(t *testing.T, lines []Line) {
	t.Helper()
	for _, l := range lines {
		text := l.Text()
		if strings.ContainsFunc(text, func(r rune) bool {
			return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
		}) {
			t.Fatalf("a terminal would obey %q", text)
		}
	}
}

func TestNoiseIsFoldedAndCounted(t *testing.T) {
	t.Parallel()
	o := lessons.Object{"apiVersion": "v1", "kind": "ConfigMap", "data": map[string]any{"a": "1"}, "metadata": map[string]any{"name": "c", "uid": "u-1", "resourceVersion": "7",
		"managedFields": []any{map[string]any{"manager": "kubectl", "operation": "Update"}}, "annotations": map[string]any{lastApplied: "{}", "mine": "x"}}}
	note := func(fields []string, lines int) string { return fmt.Sprint(strings.Join(fields, " "), " ", lines) }
	want := `apiVersion: v1
kind: ConfigMap
metadata:
  annotations:
    mine: x
  name: c
  # uid resourceVersion managedFields last-applied-configuration 6
data:
  a: '1'
`
	if diff := cmp.Diff(want, Text(YAML(o, Fold{Noise: true, Note: note}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any(o), readBack(t, Text(YAML(o, Fold{})))); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}
	if o["metadata"].(map[string]any)["uid"] == nil {
		t.Error("the object itself has been changed")
	}
}

func TestEventsAreGroupedAndOrdered(t *testing.T) {
	t.Parallel()
	at := func(s int) string {
		return time.Date(2026, 11, 23, 12, 0, s, 0, time.UTC).Format(time.RFC3339)
	}
	got := Events([]lessons.Object{
		{"type": "Warning", "reason": "BackOff", "message": "back-off", "count": 3.0, "firstTimestamp": at(1), "lastTimestamp": at(40)},
		{"type": "Normal", "reason": "Pulled", "message": "pulled", "eventTime": at(20), "reportingComponent": "kubelet"},
		{"type": "Warning", "reason": "BackOff", "message": "back-off", "series": map[string]any{"count": 2.0, "lastObservedTime": at(50)}},
		{"reason": 7.0, "message": nil, "count": "many"},
	})
	var told []string
	for _, e := range got {
		told = append(told, fmt.Sprintf("%s %s ×%d %s", e.Type, e.Reason, e.Count, e.Last.Format("05")))
	}
	want := []string{"  ×1 00", "Normal Pulled ×1 20", "Warning BackOff ×5 50"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAnythingCanBeDescribed describes random objects of every kind.
func TestAnythingCanBeDescribed(t *testing.T) {
	t.Parallel()
	kinds := lessons.KindNames()
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 9))
		k, _ := lessons.KindNamed(kinds[int(seed)%len(kinds)])
		o := lessons.Object{"kind": k.Kind, "metadata": map[string]any{"name": awkward[r.IntN(len(awkward))], "namespace": "shop", "labels": anything(r, 2)},
			"spec":   map[string]any{"containers": []any{anything(r, 3), map[string]any{"name": "c", "image": anything(r, 1), "env": anything(r, 3)}}, "volumes": anything(r, 3), "ports": anything(r, 3)},
			"status": map[string]any{"conditions": anything(r, 3), "containerStatuses": []any{map[string]any{"name": "c", "state": anything(r, 3)}}}}
		lang := lessons.Languages()[seed%2]
		g := picture.Build(picture.Source{Snapshot: lessons.Snapshot{Kinds: map[lessons.Kind]lessons.Listing{k: {Synced: true, Objects: []lessons.Object{o}}}}, Namespace: "shop", Words: picture.WordsIn(lang)})
		for i := range g.Nodes {
			lines := Describe(Subject{Graph: g, Node: &g.Nodes[i], Words: WordsIn(lang), Age: func(time.Time) string { return "1m" },
				Events: Events([]lessons.Object{{"type": "Warning", "reason": awkward[r.IntN(len(awkward))], "message": awkward[r.IntN(len(awkward))]}})})
			harmless(t, lines)
			if len(lines) < 4 {
				t.Errorf("seed %d: a %s is described in %d lines", seed, k.Kind, len(lines))
			}
		}
	}
}
