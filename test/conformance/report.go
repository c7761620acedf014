package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
)

// spec is one spec of the suite and how it ended.
type spec struct {
	Name    string
	SIG     string
	State   string // passed, failed, timedout, skipped ...
	Failure string // first line of what went wrong
}

// sigName finds the SIG that a spec's name begins with.
var sigName = regexp.MustCompile(`^\[(sig-[a-z-]+)\]`)

// readReport reads Ginkgo's JSON report. Specs that the focus left out are not
// in it; one that skipped itself is.
func readReport(name string) ([]spec, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var suites []struct {
		SpecReports []struct {
			ContainerHierarchyTexts []string
			LeafNodeType            string
			LeafNodeText            string
			State                   string
			Failure                 struct{ Message string }
		}
	}
	if err := json.Unmarshal(text, &suites); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	var specs []spec
	for _, suite := range suites {
		for _, r := range suite.SpecReports {
			if r.LeafNodeType != "It" || r.State == "skipped" && r.Failure.Message == "" {
				continue
			}
			s := spec{Name: strings.Join(append(r.ContainerHierarchyTexts, r.LeafNodeText), " "), State: r.State}
			if m := sigName.FindStringSubmatch(s.Name); m != nil {
				s.SIG = m[1]
			}
			s.Failure, _, _ = strings.Cut(strings.TrimSpace(r.Failure.Message), "\n")
			specs = append(specs, s)
		}
	}
	slices.SortFunc(specs, func(a, b spec) int { return cmp.Compare(a.Name, b.Name) })
	return specs, nil
}

// readKnown reads the specs that are known to fail, with the reason:
// "REASON: NAME", where the reason is "kernel" for what needs one, "missing"
// for what is not done yet, or a short text.
func readKnown(name string) (map[string]string, error) {
	lines, err := readLines(name)
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	for _, line := range lines {
		reason, spec, ok := strings.Cut(line, ": [")
		if !ok {
			return nil, fmt.Errorf("%s: %q is not REASON: [sig-...] NAME", name, line)
		}
		known["["+spec] = reason
	}
	return known, nil
}

// summarize prints what happened and fails when a spec failed that was not
// known to.
func summarize(out io.Writer, specs []spec, known map[string]string) error {
	type count struct{ passed, failed, skipped int }
	counts, total := map[string]*count{}, count{}
	var unexpected, cured []spec
	for _, s := range specs {
		c := counts[s.SIG]
		if c == nil {
			c = &count{}
			counts[s.SIG] = c
		}
		_, expected := known[s.Name]
		switch s.State {
		case "passed":
			c.passed++
			total.passed++
			if expected {
				cured = append(cured, s)
			}
		case "skipped":
			c.skipped++
			total.skipped++
		default:
			c.failed++
			total.failed++
			if !expected {
				unexpected = append(unexpected, s)
			}
		}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SIG\tpassed\tfailed\tskipped")
	for _, sig := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\n", sig, counts[sig].passed, counts[sig].failed, counts[sig].skipped)
	}
	fmt.Fprintf(table, "all\t%d\t%d\t%d\n", total.passed, total.failed, total.skipped)
	table.Flush()
	for _, s := range cured {
		fmt.Fprintf(out, "\npassed, though failing.txt has it: %s\n", s.Name)
	}
	for _, s := range unexpected {
		fmt.Fprintf(out, "\n%s: %s\n    %s\n", s.State, s.Name, s.Failure)
	}
	if len(unexpected) > 0 {
		return fmt.Errorf("%d specs failed that are not in failing.txt", len(unexpected))
	}
	return nil
}
