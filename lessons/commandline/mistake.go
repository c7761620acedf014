package commandline

import (
	"strings"
)

// How much of what a command has printed, and of the line, is looked at, in
// bytes. An error stands at the beginning or at the end.
const (
	outputMost = 8 << 10
	lineMost   = 4 << 10
)

// The exit codes of a shell that are looked at.
const (
	exitNotFound = 127
	exitSignal   = 128 // and more: ended by a signal, Ctrl-C most often
)

// failure is a line that has run, and how it ended.
type failure struct {
	line     string
	words    []word
	commands []command
	err      error // of reading the line
	exit     int
	output   string
}

// Mistake says what is likely wrong with a line that a shell has run, from the
// line, its exit code and what it printed, which may be "" when it is not known.
// ok is false when nothing can be said for sure: no hint is better than a wrong
// one. A line that did what it says gets none, except for those that cannot have
// been meant: `kubectl run deployment web` makes a Pod named deployment.
func Mistake(line string, exit int, output string) (s Sentence, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || len(line) > lineMost || exit > exitSignal {
		return s, false
	}
	if len(output) > outputMost {
		output = output[:outputMost/2] + "\n" + output[len(output)-outputMost/2:]
	}
	f := &failure{line: line, exit: exit, output: output}
	if f.words, f.err = split(line); f.err == nil {
		f.commands, _ = parse(line)
	}
	for _, rule := range []func(*failure) *Sentence{prompted, placeholder, fullWidth, unfinished} {
		if said := rule(f); said != nil {
			return *said, true
		}
	}
	if f.err != nil {
		return s, false
	}
	for i := range f.commands {
		if said := f.about(&f.commands[i]); said != nil {
			return *said, true
		}
	}
	return s, false
}

// about says what is wrong with one of the commands of the line.
func (f *failure) about(c *command) *Sentence {
	rules := []func(*failure, *command) *Sentence{otherProgram, throughSudo, throughMinikube}
	if c.program == "kubectl" && f.exit != exitNotFound {
		rules = append(rules, clusterAway, oneDash, unknownVerb, subcommand, spacedEquals, unknownLong, unknownShort, shortWithName,
			detachedValue, noValue, dashless, behindDashes, withoutFile, noSuchFile, podNamedLikeKind, kindApart, execWithoutDashes,
			containerMissing, typeTwice, unknownKind, howMany, asImage, labelInTwo, noNamespace, notALowerName, outputFormat)
	}
	for _, rule := range rules {
		if said := rule(f, c); said != nil {
			return said
		}
	}
	return nil
}

// failed reports whether the line failed in the way that one of the texts tells:
// it was printed, or nothing is known of what was printed.
func (f *failure) failed(with ...string) bool {
	for _, text := range with {
		if strings.Contains(f.output, text) {
			return true
		}
	}
	return f.exit != 0 && strings.TrimSpace(f.output) == ""
}

// between returns the first text of the output between two others.
func (f *failure) between(before, after string) (string, bool) {
	_, rest, ok := strings.Cut(f.output, before)
	if !ok {
		return "", false
	}
	text, _, ok := strings.Cut(rest, after)
	return text, ok && len(text) < 200
}

// spelt returns the line with one of its words replaced.
func (c *command) spelt(from, to string) string {
	words := []string{c.program}
	for _, w := range c.positional {
		if w == from {
			w = to
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
