package commandline

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write kubectl.txt anew, from the companion's --help")

// companion returns a kubectl: the companion, called by that name. It is the one
// that K8STUTOR_SANDBOX names.
func companion(t *testing.T) string {
	t.Helper()
	path := os.Getenv("K8STUTOR_SANDBOX")
	if path == "" {
		t.Skip("K8STUTOR_SANDBOX names no companion to ask")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no companion to ask: %v", err)
	}
	link := filepath.Join(t.TempDir(), "kubectl")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	return link
}

// helpOf is what kubectl says of one of its commands.
type helpOf struct {
	path, aliases, under []string
	flags                []string // as they stand in kubectl.txt
}

// TestTableIsWhatKubectlHas asks the companion for the help of each command.
func TestTableIsWhatKubectlHas(t *testing.T) {
	t.Parallel()
	link := companion(t)
	text := func(args ...string) string {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, link, args...)
		cmd.Env = append(os.Environ(), "HOME="+filepath.Dir(link), "LANG=C", "KUBECONFIG="+os.DevNull)
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("kubectl %s: %v", strings.Join(args, " "), err)
		}
		return string(out)
	}
	all := map[string]helpOf{}
	var mu sync.Mutex
	var visit func(path []string)
	visit = func(path []string) {
		h := readHelp(path, text(append(slices.Clone(path), "--help")...))
		mu.Lock()
		all[strings.Join(path, " ")] = h
		mu.Unlock()
		var wg sync.WaitGroup
		for _, sub := range h.under {
			next := append(slices.Clone(path), sub)
			if len(path) > 0 {
				visit(next)
				continue
			}
			wg.Go(func() { visit(next) })
		}
		wg.Wait()
	}
	visit(nil)
	all[""] = helpOf{path: []string{"*"}, flags: append(readHelp(nil, text("options")).flags, "h,help")}
	for _, unlisted := range []string{"help", "options"} {
		all[unlisted] = helpOf{path: []string{unlisted}}
	}
	version := regexp.MustCompile(`v\d+\.\d+\.\d+`).FindString(text("version", "--client"))
	got := writeTable(version, all)
	if *update {
		if err := os.WriteFile("kubectl.txt", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("kubectl.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), string(want)); diff != "" {
		t.Errorf("kubectl.txt is not what this kubectl has; run go test ./lessons/commandline -run Table -update (-kubectl +kubectl.txt):\n%s", diff)
	}
}

func readHelp(path []string, text string) helpOf {
	h := helpOf{path: path}
	section := ""
	option := regexp.MustCompile(`^    (?:-(\w), )?--([a-z0-9-]+)=(.*):$`)
	command := regexp.MustCompile(`^  ([a-z][a-z-]*) +\S`)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line != "" && line[0] != ' ' && line[0] != '\t' {
			if section == "Aliases" {
				h.aliases = strings.Split(line, ", ")
			}
			section = strings.TrimSuffix(line, ":")
			continue
		}
		switch m := option.FindStringSubmatch(line); {
		case m != nil:
			h.flags = append(h.flags, spellFlag(m[1], m[2], m[3]))
		case strings.Contains(section, "Commands") || strings.HasPrefix(section, "Available"):
			if m := command.FindStringSubmatch(line); m != nil {
				h.under = append(h.under, m[1])
			}
		}
	}
	return h
}

func spellFlag(short, name, preset string) string {
	s := name
	if short != "" {
		s = short + "," + name
	}
	switch {
	case slices.Contains([]string{"dry-run", "cascade", "validate"}, name):
		return s + "?" // pflag's NoOptDefVal, of which --help says nothing
	case preset == "true" || preset == "false":
		return s
	}
	return s + "="
}

// writeTable writes kubectl.txt. Flags that many commands share are written once.
func writeTable(version string, all map[string]helpOf) []byte {
	sets := map[string][]string{
		"@print":  {"allow-missing-template-keys", "o,output=", "show-managed-fields", "template="},
		"@files":  {"f,filename=", "k,kustomize=", "R,recursive"},
		"@create": {"dry-run?", "field-manager=", "save-config", "validate?"},
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The commands and flags of kubectl %s. Written by go test ./lessons/commandline -run Table -update\n", version)
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(sets[name], " "))
	}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		h := all[path]
		names := slices.Clone(h.path)
		for _, a := range h.aliases {
			if a != names[len(names)-1] && !strings.Contains(names[len(names)-1], "/"+a) {
				names[len(names)-1] += "/" + a
			}
		}
		flags := slices.Clone(h.flags)
		slices.Sort(flags)
		for _, name := range slices.Sorted(maps.Keys(sets)) {
			whole := !slices.ContainsFunc(sets[name], func(f string) bool { return !slices.Contains(flags, f) })
			if whole {
				flags = slices.DeleteFunc(flags, func(f string) bool { return slices.Contains(sets[name], f) })
				flags = append(flags, name)
			}
		}
		fmt.Fprintf(&b, "%s: %s\n", strings.Join(names, " "), strings.Join(flags, " "))
	}
	return b.Bytes()
}
