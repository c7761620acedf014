package lessons

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxVersions is at how many minor versions what a lesson says may change: it is
// read once for each.
const maxVersions = 8

// always is a minor version later than any.
const always = 1000

// versionMark is a line of Markdown that says from here on for which versions of
// Kubernetes the text is:
//
//	<!-- kubernetes since 1.37 -->
//	<!-- kubernetes before 1.37 -->
//	<!-- kubernetes 1.34 to 1.36 -->
//	<!-- kubernetes end -->
type versionMark struct {
	from, below int // minor versions; from is in, below is not
	end         bool
}

func (m versionMark) has(minor int) bool { return m.from <= minor && minor < m.below }

func (m versionMark) String() string {
	switch {
	case m.end:
		return "end"
	case m.from == 0:
		return fmt.Sprintf("before 1.%d", m.below)
	case m.below == always:
		return fmt.Sprintf("since 1.%d", m.from)
	}
	return fmt.Sprintf("1.%d to 1.%d", m.from, m.below-1)
}

// parseVersionMark reads what stands between "<!-- kubernetes" and "-->".
func parseVersionMark(said string) (versionMark, error) {
	minor := func(s string) (int, bool) {
		n, err := strconv.Atoi(strings.TrimPrefix(s, "1."))
		return n, err == nil && strings.HasPrefix(s, "1.") && n > 0 && n < always
	}
	switch words := strings.Fields(said); {
	case len(words) == 1 && words[0] == "end":
		return versionMark{end: true}, nil
	case len(words) == 2 && words[0] == "since":
		if n, ok := minor(words[1]); ok {
			return versionMark{from: n, below: always}, nil
		}
	case len(words) == 2 && words[0] == "before":
		if n, ok := minor(words[1]); ok {
			return versionMark{below: n}, nil
		}
	case len(words) == 3 && words[1] == "to":
		first, ok := minor(words[0])
		last, also := minor(words[2])
		if ok && also && first <= last {
			return versionMark{from: first, below: last + 1}, nil
		}
		if ok && also {
			return versionMark{}, fmt.Errorf("the range 1.%d to 1.%d is empty; the older version stands first", first, last)
		}
	}
	return versionMark{}, fmt.Errorf("%q is no range of Kubernetes versions; write since 1.37, before 1.37, 1.34 to 1.36, or end", strings.TrimSpace(said))
}

// markedVersions says which ranges a heading's text is written for, in order.
type markedVersions struct {
	heading string
	marks   []versionMark
	line    int // of the first mark
}

// forVersion takes out of a Markdown file what is not for the loader's version.
// Lines taken out, and those of marks, stay as empty lines: what is wrong
// further on is reported at its place.
func (l *loader) forVersion(file string, source []byte) []byte {
	if !bytes.Contains(source, []byte("<!-- kubernetes")) {
		return source
	}
	var (
		out     bytes.Buffer
		fence   string
		open    []versionMark // of the passage being read; the last one is in force
		opened  int
		heading string
		summary bool
		found   []markedVersions
		n       int
	)
	minor := cmp.Or(l.minor, always-1)
	report := func(format string, args ...any) { l.problems.add(Position{file, n}, format, args...) }
	for line := range bytes.Lines(source) {
		n++
		text := strings.TrimSpace(string(line))
		fence = fenceAfter(fence, text)
		said, isMark := strings.CutPrefix(text, "<!-- kubernetes ")
		said, closed := strings.CutSuffix(said, "-->")
		switch id := headingIDIn(text); {
		case fence != "":
		case isMark && !closed:
			report("a mark of a version stands on a line of its own, and ends with -->")
		case isMark:
			mark, err := parseVersionMark(said)
			switch {
			case err != nil:
				report("%v", err)
			case summary:
				report("a summary is the same for all versions of Kubernetes; it is shown where no cluster is known")
			case mark.end && open == nil:
				report("<!-- kubernetes end --> ends nothing")
			case mark.end:
				open = nil
			default:
				if open == nil {
					opened = n
				}
				for _, other := range open {
					if other.from < mark.below && mark.from < other.below {
						report("%s and %s overlap; each version has one text", other, mark)
					}
				}
				open = append(open, mark)
			}
			if err == nil {
				if len(found) == 0 || found[len(found)-1].heading != heading {
					found = append(found, markedVersions{heading: heading, line: n})
				}
				last := &found[len(found)-1]
				last.marks = append(last.marks, mark)
				l.boundary(mark)
			}
			out.WriteByte('\n')
			continue
		case id != "" && open != nil:
			report("the heading {#%s} stands in a text for some versions; end that with <!-- kubernetes end -->", id)
		case id != "":
			heading, summary = id, strings.HasPrefix(text, "# ")
		}
		if len(open) > 0 && !open[len(open)-1].has(minor) {
			out.WriteByte('\n')
			continue
		}
		out.Write(line)
	}
	if open != nil {
		n = opened
		report("this text for some versions has no end; write <!-- kubernetes end --> behind it")
	}
	if l.marked == nil {
		l.marked = map[string][]markedVersions{}
	}
	l.marked[file] = found
	return out.Bytes()
}

// fenceAfter returns the fence of the code block that is open after a line.
func fenceAfter(fence, line string) string {
	switch {
	case fence == "" && (strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~")):
		return line[:3]
	case fence != "" && strings.Trim(line, fence[:1]) == "" && strings.HasPrefix(line, fence):
		return ""
	}
	return fence
}

// headingIDIn returns the id of a heading, "" of any other line.
func headingIDIn(line string) string {
	if m := regexp.MustCompile(`^#{1,6}\s.*\{#([^}]*)\}$`).FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return ""
}

// boundary remembers the versions at which a text changes.
func (l *loader) boundary(m versionMark) {
	for _, at := range []int{m.from, m.below} {
		if !m.end && at > 0 && at < always && !slices.Contains(l.boundaries, at) {
			l.boundaries = append(l.boundaries, at)
		}
	}
}

// alikeMarked reports where the files of a folder do not have the same ranges
// under the same heading: a fact is as old in every language.
func (l *loader) alikeMarked(files []prose) {
	if len(files) == 0 || !files[0].ok {
		return
	}
	first := files[0]
	for _, p := range files[1:] {
		if !p.ok {
			continue
		}
		here, there := l.marked[p.file], l.marked[first.file]
		compare := func(at string, here, there []markedVersions, in Lang) {
			for _, m := range here {
				i := slices.IndexFunc(there, func(o markedVersions) bool { return o.heading == m.heading })
				if i < 0 || !slices.Equal(m.marks, there[i].marks) {
					l.problems.add(Position{at, m.line}, "%s.md has other versions of Kubernetes under {#%s} than this; both have the same ranges in the same order", in, m.heading)
				}
			}
		}
		compare(p.file, here, there, first.lang)
		for _, m := range there {
			if !slices.ContainsFunc(here, func(o markedVersions) bool { return o.heading == m.heading }) {
				compare(first.file, []markedVersions{m}, nil, p.lang)
			}
		}
	}
}

// olderLessons reads a lesson again as it is for each range of older versions.
// What is wrong in those texts only is reported too.
func (l *loader) olderLessons(dir, id string, boundaries []int) []Older {
	slices.Sort(boundaries)
	if len(boundaries) > maxVersions {
		l.problems.add(Position{File: dir}, "what this lesson says changes at %d versions of Kubernetes; %d are the most", len(boundaries), maxVersions)
		return nil
	}
	var all []Older
	for _, b := range boundaries {
		again := &loader{fsys: l.fsys, compiles: l.compiles, foreign: l.foreign, shapes: l.shapes, minor: b - 1}
		lesson := again.lesson(dir, id)
		for _, p := range again.problems {
			if !slices.Contains(l.problems, p) {
				l.problems = append(l.problems, p)
			}
		}
		if lesson == nil {
			return nil
		}
		all = append(all, Older{b, lesson})
	}
	return all
}
