package lessons

import (
	"slices"
	"strconv"
	"strings"
)

// SpotLine is a line of the manifest of a Spot question of which something of
// its own is said.
type SpotLine struct {
	Number int // from 1
	Right  bool
	Reason Text
}

// LineMark is what is said about a line of a Spot question's manifest.
type LineMark struct {
	Number int // from 1
	Chosen bool
	Right  bool // the mistake is in it
	Reason Text
}

// Choosable reports whether a line of the manifest, counted from 1, can be chosen:
// whether it says anything.
func (q *Question) Choosable(line int) bool {
	lines := q.ManifestLines()
	if line < 1 || line > len(lines) {
		return false
	}
	text := strings.TrimSpace(lines[line-1])
	return text != "" && text != "---" && !strings.HasPrefix(text, "#")
}

// markSpot judges which line was chosen, 0 for none.
func (q *Question) markSpot(line int) (right bool, marks []LineMark) {
	for _, l := range q.Spots {
		chosen := l.Number == line
		right = right || chosen && l.Right
		marks = append(marks, LineMark{l.Number, chosen, l.Right, l.Reason})
	}
	own := slices.ContainsFunc(q.Spots, func(l SpotLine) bool { return l.Number == line })
	if !own && q.Choosable(line) {
		marks = append(marks, LineMark{Number: line, Chosen: true, Reason: q.Other})
	}
	slices.SortFunc(marks, func(a, b LineMark) int { return a.Number - b.Number })
	return right, marks
}

// wantedSpot is the number of the line with the mistake.
func (q *Question) wantedSpot() string {
	for _, l := range q.Spots {
		if l.Right {
			return strconv.Itoa(l.Number)
		}
	}
	return ""
}

// spotted reads which line is meant: by its number, or by what stands in it.
func (q *Question) spotted(answer string) (line int, ok bool) {
	answer = strings.TrimSpace(answer)
	if n, err := strconv.Atoi(answer); err == nil {
		return n, q.Choosable(n)
	}
	for i, text := range q.ManifestLines() {
		if strings.TrimSpace(text) == answer && q.Choosable(i+1) {
			if ok {
				return 0, false // it stands there twice
			}
			line, ok = i+1, true
		}
	}
	return line, ok
}

// Figure is the manifest of the question as Markdown, for those who do not draw
// it themselves: that of a Spot question with the numbers of its lines. It is ""
// when there is none.
func (q *Question) Figure() string {
	lines := q.ManifestLines()
	if len(lines) == 0 {
		return ""
	}
	if q.Kind != Spot {
		return "```yaml\n" + strings.Join(lines, "\n") + "\n```"
	}
	width := len(strconv.Itoa(len(lines)))
	for i, l := range lines {
		n := strconv.Itoa(i + 1)
		lines[i] = strings.TrimRight(strings.Repeat(" ", width-len(n))+n+"  "+l, " ")
	}
	return "```text\n" + strings.Join(lines, "\n") + "\n```"
}
