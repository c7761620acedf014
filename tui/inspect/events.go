package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// Event is what was said of an object, as often as it was said.
type Event struct {
	Type, Reason, Message, From string
	Count                       int64
	First, Last                 time.Time
}

// Events groups the events of an object by what they say; the newest are last.
func Events(objects []lessons.Object) []Event {
	var all []Event
	for _, o := range objects {
		e := Event{Type: lessons.TextAt(o, "type"), Reason: lessons.TextAt(o, "reason"), Message: strings.TrimSpace(lessons.TextAt(o, "message")), Count: 1}
		e.From = cmp.Or(lessons.TextAt(o, "reportingComponent"), lessons.TextAt(o, "source", "component"))
		e.Count = max(1, lessons.NumberAt(1, o, "count"), lessons.NumberAt(1, o, "series", "count"))
		for _, field := range [][]string{{"lastTimestamp"}, {"series", "lastObservedTime"}, {"eventTime"}, {"metadata", "creationTimestamp"}} {
			if t, err := time.Parse(time.RFC3339, lessons.TextAt(o, field...)); err == nil && t.After(e.Last) {
				e.Last = t
			}
		}
		e.First = e.Last
		if t, err := time.Parse(time.RFC3339, lessons.TextAt(o, "firstTimestamp")); err == nil {
			e.First = t
		}
		i := slices.IndexFunc(all, func(a Event) bool { return a.Type == e.Type && a.Reason == e.Reason && a.Message == e.Message })
		if i < 0 {
			all = append(all, e)
			continue
		}
		all[i].Count += e.Count
		if e.Last.After(all[i].Last) {
			all[i].Last = e.Last
		}
		if e.First.Before(all[i].First) {
			all[i].First = e.First
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int { return a.Last.Compare(b.Last) })
	return all
}

// EventLines writes events as lines: age, reason, how often, and the message below.
// Age writes how long ago a time is.
func EventLines(events []Event, w *Words, age func(time.Time) string) []Line {
	if len(events) == 0 {
		return []Line{{{w.NoEvents, Dim}}}
	}
	reasons := 0
	for _, e := range events {
		reasons = max(reasons, markdown.Width(markdown.Clean(e.Reason)))
	}
	reasons = min(reasons, 28)
	var lines []Line
	for _, e := range events {
		role := Good
		if e.Type == "Warning" {
			role = Bad
		}
		often := ""
		if e.Count > 1 {
			often = "  ×" + fmt.Sprint(e.Count)
		}
		kind := e.Type
		if kind == "" {
			kind = w.Unknown
		}
		lines = append(lines, Line{{fmt.Sprintf("%5s  ", age(e.Last)), Dim}, {markdown.Pad(kind, 8), role}, {markdown.Pad(e.Reason, reasons), Heading}, {often, Wait}, {"  " + markdown.Clean(e.From), Dim}})
		for part := range strings.SplitSeq(e.Message, "\n") {
			lines = append(lines, Line{{"       ", Plain}, {markdown.Clean(part), Plain}})
		}
	}
	return lines
}
