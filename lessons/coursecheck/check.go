// Package coursecheck looks at a course without a cluster: everything that the
// loader insists on, and besides whether links lead somewhere, both languages
// teach the same commands, pages are short enough to read, kubectl would take
// every command and the API server every manifest.
//
// It promises to run nothing that stands in a course, to find the same in the
// same files, and to name a file and a line with everything it finds. It must
// not import client-go: what kubectl and the API know is asked through Options.
package coursecheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// Severity says whether a course may be given to learners as it is.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // learners would meet something wrong
	Warning Severity = "warning" // it works; somebody should look at it
)

// Finding is one thing that is not as it should be.
type Finding struct {
	Pos      lessons.Position // Line is 1 when it is about the whole file
	Severity Severity
	Rule     string       // stable, for programs: "link", "kubectl-flag"
	Said     lessons.Text // what is so
	Expected lessons.Text // what should be; nil when Said says it
}

// Options are what a check needs of others.
type Options struct {
	// Lint asks the companion program about commands and manifests. When it is
	// nil or fails they are not looked at, and a warning says so.
	Lint func(context.Context, lint.Request) (lint.Response, error)
}

// Report is everything found in a course, and how much was looked at.
type Report struct {
	Findings                            []Finding // by file and line
	Lessons, Files, Commands, Manifests int
	Kubernetes                          string // whose kubectl and API were asked; "" when none was
}

// Count returns how many findings have a severity.
func (r Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Check looks at the course in folder dir of fsys.
func Check(ctx context.Context, fsys fs.FS, dir string, o Options) Report {
	c := &checker{fsys: fsys, dir: path.Clean(dir), used: map[string]bool{}, docs: map[string]*document{}}
	if c.walk() {
		c.load()
		if c.course() {
			c.orphans()
		}
		c.lint(ctx, o)
	}
	c.report.Findings = sorted(c.report.Findings)
	return c.report
}

// checker gathers what is found in one course.
type checker struct {
	fsys   fs.FS
	dir    string
	files  []string        // every file, in order
	used   map[string]bool // files and folders that something refers to
	docs   map[string]*document
	ask    lint.Request
	report Report
}

func (c *checker) add(pos lessons.Position, severity Severity, rule string, said, expected lessons.Text) {
	pos.Line = max(pos.Line, 1)
	c.report.Findings = append(c.report.Findings, Finding{pos, severity, rule, said, expected})
}

// load has the course read as the program that will show it reads courses that
// did not come with it.
func (c *checker) load() {
	course, err := lessons.LoadForeign(c.fsys, c.dir)
	if course != nil {
		c.traps(course)
	}
	var problems lessons.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			c.add(p.Pos, Error, "format", lessons.Same(p.Message), nil)
		}
	} else if err != nil {
		c.add(lessons.Position{File: path.Join(c.dir, "course.yaml")}, Error, "format", lessons.Same(err.Error()), nil)
	}
}

// traps looks for expressions that work and refuse what is right.
func (c *checker) traps(course *lessons.Course) {
	for _, l := range course.Lessons() {
		for _, step := range l.Steps {
			for _, t := range lessons.Traps(step) {
				c.add(t.Pos, Warning, t.Rule, t.Said, t.Expected)
			}
		}
	}
}

// sorted orders findings by place and makes what they say safe to print: names
// of files and words of a course may hold what a terminal would obey.
func sorted(found []Finding) []Finding {
	clean := func(t lessons.Text) lessons.Text {
		out := lessons.Text{}
		for lang, s := range t {
			out[lang] = printable(s)
		}
		return out
	}
	for i := range found {
		f := &found[i]
		f.Pos.File, f.Said, f.Expected = printable(f.Pos.File), clean(f.Said), clean(f.Expected)
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Rule, b.Rule))
	})
	return slices.CompactFunc(found, func(a, b Finding) bool {
		return a.Pos == b.Pos && a.Rule == b.Rule && a.Said[lessons.English] == b.Said[lessons.English]
	})
}

func printable(s string) string {
	return lessons.Printable(strings.ReplaceAll(strings.ToValidUTF8(s, "?"), lint.Unknown, "…"))
}

// say is one sentence in both languages.
func say(en, zh string, args ...any) lessons.Text {
	return lessons.Text{lessons.English: fmt.Sprintf(en, args...), lessons.Chinese: fmt.Sprintf(zh, args...)}
}
