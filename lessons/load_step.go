package lessons

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// step reads one step of lesson.yaml, nil when it has no id.
func (l *loader) step(dir string, f yamlFile, n *yaml.Node, scoped []Kind) *Step {
	m, ok := f.mapping(n, "a step", shapeOf[StepFile](l))
	if !ok {
		return nil
	}
	s := &Step{
		ID:       m.id("id", maxID),
		Kind:     StepKind(m.word("kind", stepKinds()...)),
		Until:    m.str("until"),
		Setup:    l.setup(dir, m, scoped),
		Queries:  l.queries(m),
		Baseline: m.named("baseline", "expressions"),
		Values:   m.named("values", "expressions"),
		Solution: m.strs("solution"),
		Draft:    l.draft(dir, m),
		Fine:     l.fine(f, m),
		Pos:      m.at,
	}
	for _, v := range s.Values {
		if v.Name == "expected" || v.Name == "found" {
			l.problems.add(v.Expr.Pos, "a value cannot be named %s; that is what the check says", v.Name)
		}
	}
	for _, n := range m.list("variants") {
		if n.Kind != yaml.SequenceNode {
			l.problems.add(f.pos(n), "%s, where a list of command lines was expected", describe(n))
			continue
		}
		s.Variants = append(s.Variants, f.strs(n.Content))
	}
	for _, n := range m.list("checks") {
		if c := l.check(f, n, s); c != nil {
			s.Checks = append(s.Checks, c)
		}
	}
	if m.has("answer") {
		if am, ok := f.mapping(m.values["answer"], "an answer", shapeOf[AnswerFile](l)); ok {
			s.Answer = &Answer{Expect: am.expr("expect")}
		}
	}
	for _, n := range m.list("mistakes") {
		if mistake := l.mistake(f, n, s); mistake != nil {
			s.Mistakes = append(s.Mistakes, mistake)
		}
	}
	l.suits(m, s)
	if s.ID == "" {
		return nil
	}
	return s
}

// suits reports what the step's kind lacks or forbids.
func (l *loader) suits(m mapping, s *Step) {
	switch s.Kind {
	case Ask:
		m.require("answer")
		if m.has("checks") {
			l.problems.add(m.pos("checks"), "an ask step is judged by its answer; checks are for the other kinds")
		}
	case Predict:
		m.require("answer", "checks")
	case Manifest:
		m.require("draft", "checks")
		fallthrough
	case Do, Repair:
		m.require("checks")
		if m.has("answer") {
			l.problems.add(m.pos("answer"), "a %s step is judged by its checks; an answer is for ask and predict", s.Kind)
		}
	}
	if s.Kind != Manifest && m.has("draft") {
		l.problems.add(m.pos("draft"), "a draft is the file of a manifest step; this one is of kind %s", s.Kind)
	}
	if s.Kind == Repair && !m.has("setup") {
		l.problems.add(m.at, `a repair step needs "setup": the objects with the fault to mend`)
	}
}

// queries reads the objects that a step's expressions speak of.
func (l *loader) queries(m mapping) []Query {
	var out []Query
	m.eachNamed("objects", "queries", func(name, value *yaml.Node) {
		qm, ok := m.file.mapping(value, "a query", shapeOf[QueryFile](l))
		if !ok {
			return
		}
		q := Query{
			Name: name.Value, Kind: l.kind(qm), Object: qm.str("name"), Selector: l.selector(qm),
			Namespace: qm.str("namespace"), Terminating: qm.bool("terminating"), Single: qm.bool("single"), Pos: m.file.pos(name),
		}
		if qm.has("name") && qm.has("selector") {
			l.problems.add(qm.at, "query %q has a name and a selector; a name finds one object, a selector a list", q.Name)
		}
		if qm.has("name") && q.Single {
			l.problems.add(qm.pos("single"), "query %q has a name, which finds one object anyway; single is for a selector", q.Name)
		}
		out = append(out, q)
	})
	return out
}

// draft reads the file that a manifest step begins with.
func (l *loader) draft(dir string, m mapping) Draft {
	name := m.str("draft")
	if name == "" {
		return Draft{}
	}
	if !fs.ValidPath(name) || name == "." {
		l.problems.add(m.pos("draft"), "%q leads out of the lesson's folder; a draft is named from there, as drafts/web.yaml", name)
		return Draft{}
	}
	file := path.Join(dir, name)
	text, err := l.readSmall(file)
	if err != nil {
		l.problems.add(m.pos("draft"), "draft %s: %v", name, err)
		return Draft{}
	}
	text, _ = l.text(file, text)
	return Draft{Name: path.Base(name), Text: text}
}

// fine reads the mutations that a step accepts.
func (l *loader) fine(f yamlFile, m mapping) []Fine {
	var out []Fine
	for _, n := range m.list("fine") {
		fm, ok := f.mapping(n, "a mutation that is fine", shapeOf[FineFile](l))
		if !ok {
			continue
		}
		out = append(out, Fine{Mutation: fm.str("mutation"), Because: fm.str("because"), Pos: fm.at})
	}
	return out
}

// kind reads the kind of a query: a built-in one, or one that the query says
// where to find.
func (l *loader) kind(m mapping) Kind {
	name := m.str("kind")
	if m.has("apiVersion") || m.has("resource") {
		m.require("apiVersion", "resource")
		group, version, ok := strings.Cut(m.str("apiVersion"), "/")
		if !ok {
			group, version = "", group
		}
		return Kind{Group: group, Version: version, Kind: name, Resource: m.str("resource"), Namespaced: true}
	}
	kind, ok := KindNamed(name)
	if !ok && name != "" {
		l.problems.add(m.pos("kind"), "unknown kind %q%s; for a kind of your own give apiVersion and resource too", name, didYouMean(name, KindNames()))
	}
	return kind
}

func (l *loader) selector(m mapping) map[string]string {
	n := m.values["selector"]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		l.problems.add(m.file.pos(n), "%s, where labels were expected: {app: web}", describe(n))
		return nil
	}
	labels := map[string]string{}
	m.file.pairs(n, func(key, value *yaml.Node) {
		if value.Kind != yaml.ScalarNode || value.ShortTag() != "!!str" {
			l.problems.add(m.file.pos(value), "%s as a label's value, where a string was expected; quote it", describe(value))
			return
		}
		labels[key.Value] = value.Value
	})
	return labels
}

func (l *loader) check(f yamlFile, n *yaml.Node, s *Step) *Check {
	m, ok := f.mapping(n, "a check", shapeOf[CheckFile](l))
	if !ok {
		return nil
	}
	c := &Check{
		ID: m.id("id", maxID), About: m.str("about"), Absent: m.bool("absent"), Path: m.str("path"),
		Expr: m.expr("expr"), Expected: m.expr("expected"), Found: m.expr("found"),
		Hold: m.duration("hold", maxHold), Converge: m.bool("converge"), Within: m.duration("within", maxHold), Pos: m.at,
	}
	if m.has("within") && !c.Converge {
		l.problems.add(m.pos("within"), "within bounds the waiting of a check that converges; add converge: true")
	}
	var names []string
	for _, q := range s.Queries {
		names = append(names, q.Name)
	}
	if c.About != "" && !slices.Contains(names, c.About) {
		l.problems.add(m.pos("about"), "the check is about %q, which is none of the step's objects%s", c.About, didYouMean(c.About, names))
	}
	if slices.ContainsFunc(s.Checks, func(other *Check) bool { return other.ID == c.ID }) {
		l.problems.add(m.at, "the step has a check %q already", c.ID)
		return nil
	}
	return c
}

func (l *loader) mistake(f yamlFile, n *yaml.Node, s *Step) *Mistake {
	m, ok := f.mapping(n, "a mistake", shapeOf[MistakeFile](l))
	if !ok {
		return nil
	}
	x := &Mistake{
		ID: m.id("id", maxID), Check: m.str("check"), When: m.expr("when"),
		Try: m.strs("try"), TryAnswer: m.expr("tryAnswer"), Pos: m.at,
	}
	var checks []string
	for _, c := range s.Checks {
		checks = append(checks, c.ID)
	}
	if x.Check != "" && !slices.Contains(checks, x.Check) {
		l.problems.add(m.pos("check"), "mistake %q explains check %q, which the step does not have%s", x.ID, x.Check, didYouMean(x.Check, checks))
	}
	switch {
	case s.Kind == Ask:
		m.require("tryAnswer")
	case s.Kind == Predict && m.has("tryAnswer"): // a prediction that deserves its own words
	case m.has("tryAnswer"):
		l.problems.add(m.pos("tryAnswer"), "tryAnswer is for ask and predict steps; in a %s step try makes the mistake", s.Kind)
	default:
		m.require("try")
	}
	if slices.ContainsFunc(s.Mistakes, func(other *Mistake) bool { return other.ID == x.ID }) {
		l.problems.add(m.at, "the step has a mistake %q already", x.ID)
		return nil
	}
	return x
}

// compile reports the expressions of a step that do not compile.
func (l *loader) compile(s *Step) {
	var exprs []Expr
	for _, e := range slices.Concat(s.Baseline, s.Values) {
		exprs = append(exprs, e.Expr)
	}
	for _, c := range s.Checks {
		exprs = append(exprs, c.Expr, c.Expected, c.Found)
	}
	if s.Answer != nil {
		exprs = append(exprs, s.Answer.Expect)
	}
	for _, m := range s.Mistakes {
		exprs = append(exprs, m.When, m.TryAnswer)
	}
	c, err := newCompiler(s)
	if err != nil {
		l.problems.add(s.Pos, "%v", err)
		return
	}
	for _, e := range exprs {
		if e.Source == "" {
			continue
		}
		if _, err := c.compile(e); err != nil {
			l.problems.add(e.Pos, "%v", err)
		}
	}
}
