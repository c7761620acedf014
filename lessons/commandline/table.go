package commandline

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
)

// kubectlText is kubectl.txt: a line for each command of kubectl,
//
//	create deployment/deploy @print image= r,replicas= …
//
// its words and their other names, then the flags: a short name before the comma,
// "=" behind a flag that takes a value, "?" behind one that may stand without it.
// A word with "@" stands for the flags of the line that begins with it; those of
// the line "*" are flags of every command.
//
//go:embed kubectl.txt
var kubectlText string

// option is a flag of kubectl.
type option struct {
	name     string
	short    byte // 0: none
	value    bool // it takes one
	optional bool // it may stand without it
}

// table is what kubectl knows, as far as its --help tells.
type table struct {
	commands map[string][]option // by path, "create deployment"; every flag of the command
	aliases  map[string]string   // path with other names -> path
	flags    map[string]option   // by long name, of any command
	under    map[string][]string // path -> words that may follow; "" is kubectl itself
}

// kubectl returns the table, read once.
var kubectl = sync.OnceValue(func() *table { return readTable(kubectlText) })

func readTable(text string) *table {
	t := &table{commands: map[string][]option{}, aliases: map[string]string{}, flags: map[string]option{}, under: map[string][]string{}}
	sets := map[string][]option{}
	var global []option
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		head, rest, _ := strings.Cut(line, ":")
		var flags []option
		for f := range strings.FieldsSeq(rest) {
			if set, ok := sets[f]; ok {
				flags = append(flags, set...)
				continue
			}
			flags = append(flags, readFlag(f))
		}
		switch {
		case strings.HasPrefix(head, "@"):
			sets[head] = flags
			continue
		case head == "*":
			global = flags
		}
		t.add(head, flags)
	}
	delete(t.commands, "*")
	for path := range t.commands {
		t.commands[path] = append(t.commands[path], global...)
	}
	t.commands[""] = global
	return t
}

func readFlag(s string) option {
	var f option
	if strings.HasSuffix(s, "=") {
		f.value, s = true, s[:len(s)-1]
	} else if strings.HasSuffix(s, "?") {
		f.value, f.optional, s = true, true, s[:len(s)-1]
	}
	if short, name, ok := strings.Cut(s, ","); ok {
		f.short, s = short[0], name
	}
	f.name = s
	return f
}

// add adds a command under all its names. Of the words before the last, the
// other names have been added before.
func (t *table) add(head string, flags []option) {
	words := strings.Fields(head)
	names := strings.Split(words[len(words)-1], "/")
	parent := strings.Join(words[:len(words)-1], " ")
	path := strings.TrimSpace(parent + " " + names[0])
	t.commands[path] = flags
	for _, f := range flags {
		if known, ok := t.flags[f.name]; !ok || known.short == 0 {
			t.flags[f.name] = f
		}
	}
	if head == "*" {
		return
	}
	t.under[parent] = append(t.under[parent], names...)
	for _, n := range names[1:] {
		t.aliases[strings.TrimSpace(parent+" "+n)] = path
	}
}

// path returns the command that words begin with, and how many of them name it;
// 0 when the first is none.
func (t *table) path(words []string) (path string, count int) {
	for _, w := range words {
		next := strings.TrimSpace(path + " " + w)
		if p, ok := t.aliases[next]; ok {
			next = p
		}
		if _, ok := t.commands[next]; !ok {
			break
		}
		path = next
		count++
	}
	return path, count
}

// flag returns the flag of a command by its long name.
func (t *table) flag(path, name string) (option, bool) {
	for _, f := range t.commands[path] {
		if f.name == name {
			return f, true
		}
	}
	return option{}, false
}

// short returns the flag of a command by its letter.
func (t *table) short(path string, letter byte) (option, bool) {
	for _, f := range t.commands[path] {
		if f.short == letter {
			return f, true
		}
	}
	return option{}, false
}

// long lists the long flags of a command.
func (t *table) long(path string) []string {
	var names []string
	for _, f := range t.commands[path] {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

// having lists the commands that have a flag.
func (t *table) having(name string) []string {
	var paths []string
	for _, path := range slices.Sorted(maps.Keys(t.commands)) {
		if _, ok := t.flag(path, name); ok && path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// verbs lists the words that may stand directly behind kubectl.
func (t *table) verbs() []string { return t.under[""] }
