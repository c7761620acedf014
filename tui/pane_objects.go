package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// changeShown is how long a row that has changed is marked.
const changeShown = 2 * time.Second

// objectList is the living list of what is in the workspace.
type objectList struct {
	*scene
	rows  []objectRow
	gone  []objectRow // deleted a moment ago
	since map[string]time.Time
	known bool // a snapshot has been seen: what comes now is a change
	uid   string
	last  lessons.Report
	lang  lessons.Lang
	w     int
	view  scroll
	text  []string
}

// take shows the objects of a report and marks what has changed.
func (l *objectList) take(r lessons.Report) {
	l.last = r
	if r.Workspace.UID != l.uid {
		l.uid, l.known, l.gone = r.Workspace.UID, false, nil
		l.since = map[string]time.Time{}
	}
	if r.Snapshot.Away != nil {
		return // what was last seen stays
	}
	before := map[string]objectRow{}
	for _, row := range l.rows {
		before[row.key] = row
	}
	l.read()
	complete := l.synced(r.Snapshot)
	if l.known {
		for _, row := range l.rows {
			if old, was := before[row.key]; !was || old.health != row.health || !slices.Equal(old.facts, row.facts) {
				l.since[row.key] = l.now
			}
			delete(before, row.key)
		}
		for key, row := range before {
			l.since[key] = l.now
			row.depth = 0
			l.gone = append(l.gone, row)
		}
	}
	l.known = l.known || complete
	l.settle()
}

func (l *objectList) synced(s lessons.Snapshot) bool {
	for _, listing := range s.Kinds {
		if !listing.Synced && listing.Err == nil {
			return false
		}
	}
	return true
}

// read takes the rows from the newest snapshot.
func (l *objectList) read() {
	l.rows = objectRows(l.last.Snapshot, l.last.Workspace.Namespace, l.words)
	l.lang = l.scene.lang
}

// settle takes away the marks that have been shown long enough.
func (l *objectList) settle() {
	for key, t := range l.since {
		if l.now.Sub(t) >= changeShown {
			delete(l.since, key)
		}
	}
	var gone []objectRow
	for _, row := range l.gone {
		if _, marked := l.since[row.key]; marked {
			gone = append(gone, row)
		}
	}
	l.gone = gone
}

func (l *objectList) layOut(w, h int) {
	if l.lang != l.scene.lang {
		l.read()
	}
	l.w = w
	l.text = l.build()
	l.view.fit(h, len(l.text))
}

func (l *objectList) lines() []string {
	if len(l.rows)+len(l.gone) == 0 {
		return sized(l.nothing(l.w-1), l.w, l.view.height)
	}
	return l.view.window(l.styles, l.text, l.w)
}

// build lays the rows out in lines that leave room for the scroll bar.
func (l *objectList) build() []string {
	w := l.w - 1
	name := 0
	for _, r := range slices.Concat(l.rows, l.gone) {
		name = max(name, 2*r.depth+markdown.Width(r.name))
	}
	name = min(name, max(18, (w-4)*55/100))
	var out []string
	for _, r := range l.rows {
		out = append(out, l.row(r, name, w)...)
	}
	for _, r := range l.gone {
		p := newPen(w).put(l.styles.Changed, l.styles.Glyphs.Gone+" ").put(l.styles.Dim, "  ")
		out = append(out, p.column(l.styles.Dim, r.name, name+1).put(l.styles.Dim, l.words.Objects.Gone).line())
	}
	return out
}

func (l *objectList) nothing(w int) []string {
	text := l.words.Objects.None
	if !l.known {
		text = l.words.Objects.Unknown
	}
	var out []string
	for _, line := range markdown.Wrap(text, w-2) {
		out = append(out, newPen(l.w).space(styles.Style{}, 1).put(l.styles.Dim, line).line())
	}
	return out
}

// row lays out one object. Facts that do not fit go on below.
func (l *objectList) row(r objectRow, name, w int) []string {
	st, g := l.styles, l.styles.Glyphs
	p := newPen(w)
	if _, changed := l.since[r.key]; changed {
		p.put(st.Changed, g.Changed+" ")
	} else {
		p.space(styles.Style{}, 2)
	}
	switch r.health {
	case healthy:
		p.put(st.Good, g.Good+" ")
	case progressing:
		p.put(st.Wait, g.Progressing+" ")
	case broken:
		p.put(st.Bad, g.Broken+" ")
	default:
		p.put(st.Dim, g.Dot+" ")
	}
	room := name
	if r.depth > 0 {
		tree := strings.Repeat("  ", r.depth-1) + g.Tree + " "
		p.put(st.Border, tree)
		room -= markdown.Width(tree)
	}
	kind, _, _ := strings.Cut(r.name, "/")
	shown := markdown.Truncate(r.name, room, "…")
	if strings.HasPrefix(shown, kind+"/") {
		p.put(st.Dim, kind+"/").put(styles.Style{}, shown[len(kind)+1:])
	} else {
		p.put(st.Dim, shown)
	}
	p.space(styles.Style{}, room-markdown.Width(shown)+1)
	made := ""
	if !r.made.IsZero() {
		made = age(l.now.Sub(r.made))
	}
	start := w - p.left
	facts, more := fitting(r.facts, p.left-5)
	lines := []string{p.column(factLook(r.health, st), facts, p.left-5).columnRight(st.Dim, made, 5).line()}
	for len(more) > 0 {
		facts, more = fitting(more, w-start)
		lines = append(lines, newPen(w).space(styles.Style{}, start).put(factLook(r.health, st), facts).line())
	}
	return lines
}

// fitting joins as many facts as fit w cells, one at least, and returns the rest.
func fitting(facts []string, w int) (line string, rest []string) {
	for i, f := range facts {
		longer := f
		if i > 0 {
			longer = line + "  " + f
		}
		if i > 0 && markdown.Width(longer) > w {
			return line, facts[i:]
		}
		line = longer
	}
	return line, nil
}

func factLook(h health, st *styles.Styles) styles.Style {
	switch h {
	case broken:
		return st.Bad
	case progressing:
		return st.Wait
	}
	return styles.Style{}
}

// age is an age as kubectl shows it, with its greatest unit alone.
func age(d time.Duration) string {
	switch d = max(0, d); {
	case d < 2*time.Minute:
		return strconv.Itoa(int(d.Seconds())) + "s"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Minutes())) + "m"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + "h"
	}
	return strconv.Itoa(int(d.Hours()/24)) + "d"
}
