package commandline

import (
	"slices"
	"strings"
)

// command is one command of a line by its meaning: commands that do the same are
// equal, as far as these few rules go.
type command struct {
	program   string
	env       []string            // NAME=value before it, sorted
	path      string              // in kubectl's table: "create deployment"
	verb      []string            // "get"; "create", "deployments"; "rollout", "status"
	verbTyped string              // the verb as it was typed
	kinds     []string            // plural, sorted
	names     []string            // "kind/name", sorted
	args      []string            // what else stands there, in order
	flags     map[string][]string // by long name; sorted values
	written   map[string]string   // by long name: as it was typed
	remainder []string            // behind --, in order
	redirects []string
	op        string // the operator behind it
	longDash  string // a word that begins with a dash that is no ASCII one

	given      []givenFlag // in order
	positional []string    // the words that are no flags, in order, the verb too
	dashes     bool        // there is a --
}

// givenFlag is a flag as it was typed.
type givenFlag struct {
	word  string // "--image=nginx", "-n"
	name  string // long; the letters that are unknown, as they are
	value string
	known bool
	next  bool // its value is the next word
}

// parse reads a line. A prompt before it, and k for kubectl, are as good.
func parse(line string) ([]command, error) {
	words, err := split(line)
	if err != nil {
		return nil, err
	}
	var out []command
	for _, s := range commands(withoutPrompt(words)) {
		out = append(out, parseCommand(s))
	}
	return out, nil
}

// withoutPrompt drops a prompt that was copied with a command.
func withoutPrompt(words []word) []word {
	for len(words) > 0 && (words[0].raw == "$" || words[0].raw == "#") {
		words = words[1:]
	}
	return words
}

func parseCommand(s simple) command {
	c := command{flags: map[string][]string{}, written: map[string]string{}, env: s.env, redirects: s.redirects, op: s.op}
	slices.Sort(c.env)
	var words []string
	for _, w := range s.words {
		words = append(words, w.text)
	}
	if len(words) > 1 && (words[0] == "k8stutor" && words[1] == "kubectl" || words[0] == "time" || words[0] == "command") {
		words = words[1:] // these run what stands behind them
	}
	if len(words) == 0 {
		return c
	}
	c.program, words = words[0], words[1:]
	if c.program == "k" {
		c.program = "kubectl"
	}
	if i := slices.Index(words, "--"); i >= 0 {
		words, c.remainder, c.dashes = words[:i], words[i+1:], true
	}
	if i := slices.IndexFunc(words, func(w string) bool { return strings.IndexAny(w, "–—－−") == 0 }); i >= 0 {
		c.longDash = words[i]
	}
	c.path = pathOf(words)
	c.positional = c.takeFlags(words)
	c.takeArgs(c.positional)
	c.verbTyped = strings.Join(c.positional[:min(len(c.positional), len(c.verb))], " ")
	for name := range c.flags {
		slices.Sort(c.flags[name])
	}
	slices.Sort(c.kinds)
	slices.Sort(c.names)
	return c
}

// pathOf finds kubectl's command among words, between which flags may stand. A
// flag's value before the verb is not taken for one, unless it is one.
func pathOf(words []string) string {
	var bare []string
	for i, w := range words {
		if strings.HasPrefix(w, "-") && len(w) > 1 {
			continue
		}
		if _, n := kubectl().path([]string{w}); len(bare) == 0 && n == 0 && i > 0 && takesNext(words[i-1]) {
			continue
		}
		bare = append(bare, w)
	}
	path, _ := kubectl().path(bare)
	return path
}

// takesNext reports whether a flag of any command takes the next word.
func takesNext(w string) bool {
	if !strings.HasPrefix(w, "-") || strings.Contains(w, "=") {
		return false
	}
	if name, ok := strings.CutPrefix(w, "--"); ok {
		f, known := kubectl().flags[name]
		return !known || f.value && !f.optional
	}
	for _, f := range kubectl().flags {
		if len(w) == 2 && f.short == w[1] && f.value {
			return true
		}
	}
	return false
}

// find returns a flag of the command, or of any other when the command has none
// of that name.
func (c *command) find(name string) (o option, known bool) {
	if o, known = kubectl().flag(c.path, name); known || c.program != "kubectl" {
		return o, known
	}
	o, ok := kubectl().flags[name]
	return o, ok && c.path == ""
}

// takeFlags takes the flags out of words and returns the rest.
func (c *command) takeFlags(words []string) (rest []string) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		if len(w) < 2 || w[0] != '-' {
			rest = append(rest, w)
			continue
		}
		value := func() (string, bool) { // the next word, when it can be a value
			if i+1 < len(words) && (words[i+1] == "-" || !strings.HasPrefix(words[i+1], "-")) {
				i++
				return words[i], true
			}
			return "", false
		}
		if strings.HasPrefix(w, "--") {
			name, v, has := strings.Cut(w[2:], "=")
			o, known := c.find(name)
			g := givenFlag{word: w, name: name, known: known}
			switch {
			case has:
			case known && (!o.value || o.optional), !known && c.begunBy(name) != "":
				v = c.preset(name)
			default:
				if v, g.next = value(); !g.next {
					v = c.preset(name)
				}
			}
			g.value = v
			c.addFlag(g)
			continue
		}
		for j := 1; j < len(w); j++ {
			o, known := kubectl().short(c.path, w[j])
			if !known {
				c.addFlag(givenFlag{word: w, name: w[j:]})
				break
			}
			g := givenFlag{word: w, name: o.name, known: true}
			v, has := strings.CutPrefix(w[j+1:], "=")
			if !o.value {
				g.value = "true"
				if has { // -A=true
					g.value = v
					c.addFlag(g)
					break
				}
				c.addFlag(g)
				continue
			}
			if v == "" {
				v, g.next = value()
			}
			g.value = v
			c.addFlag(g)
			break
		}
	}
	return rest
}

// begunBy returns the flag of the command that an unknown one begins with, as
// image in image-nginx; "" when there is none.
func (c *command) begunBy(name string) string {
	best := ""
	for _, f := range kubectl().commands[c.path] {
		if rest, ok := strings.CutPrefix(name, f.name); ok && len(f.name) > len(best) && rest != "" && strings.Contains("-:_", rest[:1]) {
			best = f.name
		}
	}
	return best
}

// preset is the value of a flag that stands without one.
func (c *command) preset(name string) string {
	switch name {
	case "dry-run":
		return "unchanged"
	case "cascade":
		return "background"
	case "validate":
		return "strict"
	}
	return "true"
}

// isSwitch reports whether a flag takes no value.
func (c *command) isSwitch(name string) bool {
	o, known := c.find(name)
	if !known {
		o, known = kubectl().flags[name]
	}
	return known && !o.value
}

func (c *command) addFlag(g givenFlag) {
	c.given = append(c.given, g)
	if c.isSwitch(g.name) && g.value == "false" {
		return // as if it were not there
	}
	value := g.value
	if g.name == "selector" || g.name == "labels" {
		value = canonicalSelector(value)
	}
	c.flags[g.name] = append(c.flags[g.name], value)
	if _, ok := c.written[g.name]; !ok {
		c.written[g.name] = g.word
	}
}

// canonicalSelector orders the requirements of a label selector; == is =.
func canonicalSelector(s string) string {
	if strings.ContainsRune(s, '(') {
		return strings.ReplaceAll(s, " ", "") // a set; its commas do not part requirements
	}
	parts := strings.Split(s, ",")
	for i, p := range parts {
		parts[i] = strings.Replace(strings.ReplaceAll(p, " ", ""), "==", "=", 1)
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// takeArgs sorts what is left without flags into verb, kinds, names and rest.
func (c *command) takeArgs(words []string) {
	if c.program != "kubectl" || len(words) == 0 {
		c.args = words
		return
	}
	start, typed := resourceArgs(words)
	switch {
	case words[0] == "create" && len(words) > 1:
		n := max(2, len(strings.Fields(c.path)))
		n = min(n, len(words))
		c.verb, c.args = append([]string{"create", pluralOf(words[1])}, words[2:n]...), words[n:]
	case words[0] == "top" && len(words) > 1:
		c.verb, c.args = []string{"top", pluralOf(words[1])}, words[2:]
	case podArgs(words[0]) && len(words) > 1:
		c.verb = words[:1]
		kind, name, ok := strings.Cut(words[1], "/")
		if !ok {
			kind, name = "pods", words[1]
		}
		c.names, c.args = []string{pluralOf(kind) + "/" + name}, words[2:]
		if words[0] != "port-forward" && len(c.args) > 0 { // logs POD CONTAINER
			c.flags["container"] = append(c.flags["container"], c.args[0])
			if _, ok := c.written["container"]; !ok {
				c.written["container"] = c.args[0]
			}
			c.args = c.args[1:]
		}
	case words[0] == "explain" && len(words) > 1:
		kind, path, _ := strings.Cut(words[1], ".")
		c.verb, c.kinds, c.args = words[:1], []string{pluralOf(kind)}, append([]string{path}, words[2:]...)
	case typed && len(words) > start:
		c.verb = words[:start]
		c.takeResources(words[start:])
	default:
		c.verb, c.args = words[:1], words[1:]
	}
}

// takeResources reads TYPE, TYPE NAME… or TYPE/NAME…, up to the first word that
// is neither (app=web, app-).
func (c *command) takeResources(words []string) {
	if strings.Contains(words[0], "/") {
		for len(words) > 0 && strings.Contains(words[0], "/") && !strings.Contains(words[0], "=") {
			kind, name, _ := strings.Cut(words[0], "/")
			c.names = append(c.names, pluralOf(kind)+"/"+name)
			words = words[1:]
		}
		c.args = words
		return
	}
	for k := range strings.SplitSeq(words[0], ",") {
		c.kinds = append(c.kinds, pluralOf(k))
	}
	words = words[1:]
	for len(words) > 0 && !strings.Contains(words[0], "=") && !strings.HasSuffix(words[0], "-") {
		for _, k := range c.kinds {
			c.names = append(c.names, k+"/"+words[0])
		}
		words = words[1:]
	}
	if len(c.names) > 0 {
		c.kinds = nil // said by the names
	}
	c.args = words
}

// resourceArgs returns how many words of a kubectl command stand before its
// TYPE/NAME arguments; ok is false when it has none.
func resourceArgs(words []string) (start int, ok bool) {
	if len(words) == 0 {
		return 0, false
	}
	switch words[0] {
	case "get", "describe", "delete", "edit", "scale", "expose", "label", "annotate", "patch", "wait", "autoscale", "replace", "explain", "events":
		return 1, true
	case "rollout", "set":
		return 2, len(words) > 2
	}
	return 0, false
}

// podArgs reports whether a verb's first argument is a Pod unless it names
// another kind.
func podArgs(verb string) bool {
	switch verb {
	case "logs", "exec", "attach", "port-forward", "debug":
		return true
	}
	return false
}
