package lessons

import (
	"slices"
	"strings"
)

// command is a kubectl command line by its meaning: lines that do the same have
// equal commands, as far as these few rules go.
type command struct {
	program   string
	verb      []string            // "get"; "create deployments"; "rollout status"
	verbTyped string              // the verb as it was typed
	kinds     []string            // plural, sorted
	names     []string            // "kind/name", sorted
	args      []string            // what else stands there, in order
	flags     map[string][]string // by long name; sorted values
	written   map[string]string   // by long name: as it was typed
	remainder []string            // behind --, in order
	longDash  string              // a word that begins with a dash that is no ASCII one
}

// parseCommand reads a command line. A prompt before it, and k for kubectl, are
// as good.
func parseCommand(line string) (command, error) {
	words, err := splitCommand(line)
	if err != nil {
		return command{}, err
	}
	for len(words) > 0 && (words[0] == "$" || words[0] == "#" || words[0] == "k8stutor" && len(words) > 1 && words[1] == "kubectl") {
		words = words[1:]
	}
	c := command{flags: map[string][]string{}, written: map[string]string{}}
	if len(words) == 0 {
		return c, nil
	}
	c.program, words = words[0], words[1:]
	if c.program == "k" {
		c.program = "kubectl"
	}
	if i := slices.Index(words, "--"); i >= 0 {
		words, c.remainder = words[:i], words[i+1:]
	}
	if i := slices.IndexFunc(words, func(w string) bool { return strings.IndexAny(w, "–—－−") == 0 }); i >= 0 {
		c.longDash = words[i]
	}
	words = c.takeFlags(words)
	c.takeArgs(words)
	c.verbTyped = strings.Join(words[:min(len(words), len(c.verb))], " ")
	for name := range c.flags {
		slices.Sort(c.flags[name])
	}
	slices.Sort(c.kinds)
	slices.Sort(c.names)
	return c, nil
}

// takeFlags takes the flags out of words and returns the rest.
func (c *command) takeFlags(words []string) (rest []string) {
	verb := ""
	for i, w := range words {
		// A flag's value may stand before the verb; what is known as a verb is not one.
		if !strings.HasPrefix(w, "-") && (i == 0 || !strings.HasPrefix(words[i-1], "-") || isVerb(w)) {
			verb = w
			break
		}
	}
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
			if !has && !isSwitch(name) && flagDefault(name) == "true" {
				v, has = value()
			}
			if !has {
				v = flagDefault(name)
			}
			c.addFlag(name, v, w)
			continue
		}
		short := shortFlags(verb)
		for j := 1; j < len(w); j++ {
			name, ok := short[w[j]]
			if !ok {
				c.addFlag(w[j:], "", w) // unknown
				break
			}
			v, given := strings.CutPrefix(w[j+1:], "=")
			if isSwitch(name) {
				if given { // -A=true
					c.addFlag(name, v, w)
					break
				}
				c.addFlag(name, "true", w)
				continue
			}
			if v == "" {
				v, _ = value()
			}
			c.addFlag(name, v, w)
			break
		}
	}
	return rest
}

func isVerb(w string) bool {
	if _, ok := resourceArgs([]string{w, "", ""}); ok || podArgs(w) {
		return true
	}
	return slices.Contains([]string{"create", "run", "apply", "top", "config", "api-resources", "cordon", "drain", "uncordon", "taint"}, w)
}

func (c *command) addFlag(name, value, written string) {
	switch {
	case isSwitch(name) && value == "false":
		return // as if it were not there
	case name == "selector" || name == "labels":
		value = canonicalSelector(value)
	}
	c.flags[name] = append(c.flags[name], value)
	if _, ok := c.written[name]; !ok {
		c.written[name] = written
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
	kinds := kubectlKinds()
	kindOf := func(s string) string {
		s = strings.ToLower(s)
		if plural, ok := kinds[s]; ok {
			return plural
		}
		if first, _, ok := strings.Cut(s, "."); ok { // deployments.apps
			if plural, ok := kinds[first]; ok {
				return plural
			}
		}
		return s
	}
	start, typed := resourceArgs(words)
	switch {
	case words[0] == "create" && len(words) > 1:
		c.verb, c.args = []string{"create", kindOf(words[1])}, words[2:]
	case words[0] == "top" && len(words) > 1:
		c.verb, c.args = []string{"top", kindOf(words[1])}, words[2:]
	case podArgs(words[0]) && len(words) > 1:
		c.verb = words[:1]
		kind, name, ok := strings.Cut(words[1], "/")
		if !ok {
			kind, name = "pods", words[1]
		}
		c.names, c.args = []string{kindOf(kind) + "/" + name}, words[2:]
		if words[0] != "port-forward" && len(c.args) > 0 { // logs POD CONTAINER
			c.addFlag("container", c.args[0], c.args[0])
			c.args = c.args[1:]
		}
	case words[0] == "explain" && len(words) > 1:
		kind, path, _ := strings.Cut(words[1], ".")
		c.verb, c.kinds, c.args = words[:1], []string{kindOf(kind)}, append([]string{path}, words[2:]...)
	case typed && len(words) > start:
		c.verb = words[:start]
		c.takeResources(words[start:], kindOf)
	default:
		c.verb, c.args = words[:1], words[1:]
	}
}

// takeResources reads TYPE, TYPE NAME… or TYPE/NAME…, up to the first word that
// is neither (app=web, app-).
func (c *command) takeResources(words []string, kindOf func(string) string) {
	if strings.Contains(words[0], "/") {
		for len(words) > 0 && strings.Contains(words[0], "/") && !strings.Contains(words[0], "=") {
			kind, name, _ := strings.Cut(words[0], "/")
			c.names = append(c.names, kindOf(kind)+"/"+name)
			words = words[1:]
		}
		c.args = words
		return
	}
	for _, k := range strings.Split(words[0], ",") {
		c.kinds = append(c.kinds, kindOf(k))
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
