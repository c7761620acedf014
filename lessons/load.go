package lessons

import (
	"cmp"
	"io/fs"
	"path"
	"reflect"
	"slices"
)

// Load reads the course in folder dir of fsys. All faults of all its files are
// reported at once: the error is of type Problems, and the course nil, when
// there is any. The format is described in docs/COURSES.md.
func Load(fsys fs.FS, dir string) (*Course, error) {
	return load(&loader{fsys: fsys, compiles: true}, dir)
}

// LoadForeign is Load for a course that somebody else made: objects that reach
// beyond a workspace are faults as well.
func LoadForeign(fsys fs.FS, dir string) (*Course, error) {
	return load(&loader{fsys: fsys, compiles: true, foreign: true}, dir)
}

// LoadProven is Load without compiling the expressions, which takes most of its
// time: for a course that comes with the program and was loaded by its tests.
// An expression that does not compile all the same makes its step cannot-tell.
func LoadProven(fsys fs.FS, dir string) (*Course, error) {
	return load(&loader{fsys: fsys}, dir)
}

func load(l *loader, dir string) (*Course, error) {
	course := l.course(path.Clean(dir))
	if len(l.problems) > 0 {
		return nil, l.problems.sorted()
	}
	return course, nil
}

// Kinds returns the kinds that the queries of the lesson's steps name, each
// once, ordered by name.
func (l *Lesson) Kinds() []Kind {
	var kinds []Kind
	for _, s := range l.Steps {
		for _, q := range s.Queries {
			if !slices.Contains(kinds, q.Kind) {
				kinds = append(kinds, q.Kind)
			}
		}
	}
	slices.SortFunc(kinds, func(a, b Kind) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Group, b.Group))
	})
	return kinds
}

// loader reads the files of one course and gathers their faults.
type loader struct {
	fsys     fs.FS
	compiles bool // expressions too
	foreign  bool // made by somebody else: its objects must be harmless
	outline  bool // read no more than a map of the course shows
	shapes   map[reflect.Type]shape
	size     int64 // bytes read so far
	lessons  int   // read so far
	after    []afterNode
	minor    int // of the Kubernetes that texts are read for; 0: of the newest
	// boundaries are the minor versions at which texts of the lesson change, and
	// marked where they stand, by file.
	boundaries []int
	marked     map[string][]markedVersions
	problems   Problems
}

// course reads course.yaml, the course's titles, and every lesson it names.
func (l *loader) course(dir string) *Course {
	m, ok := l.mapping(path.Join(dir, "course.yaml"), "course.yaml", shapeOf[CourseFile](l))
	if !ok || !m.format() {
		return nil
	}
	course := &Course{ID: m.id("id", maxID)}
	headings := []string{course.ID}
	folders := map[string]Position{}
	for _, n := range m.list("modules") {
		mm, ok := m.file.mapping(n, "a module", shapeOf[ModuleFile](l))
		if !ok {
			continue
		}
		module := Module{ID: mm.id("id", maxID)}
		if slices.Contains(headings, module.ID) {
			l.problems.add(mm.pos("id"), "the id %q is used twice; every module needs one of its own", module.ID)
			continue
		}
		headings = append(headings, module.ID)
		for _, item := range mm.list("lessons") {
			id, ok := m.file.str(item)
			if !ok || !m.file.wellFormed(item, id, maxLessonID) {
				continue
			}
			if first, again := folders[id]; again {
				l.problems.add(m.file.pos(item), "lesson %q is already listed in line %d; a lesson stands in one module", id, first.Line)
				continue
			}
			folders[id] = m.file.pos(item)
			if l.lessons++; l.lessons == maxLessons+1 {
				l.problems.add(m.file.pos(item), "the course has more than %d lessons; the rest is not read", maxLessons)
			}
			if l.lessons > maxLessons {
				continue
			}
			if lesson := l.lesson(path.Join(dir, id), id); lesson != nil {
				module.Lessons = append(module.Lessons, lesson)
			}
		}
		if len(mm.list("lessons")) == 0 {
			l.problems.add(mm.at, "module %q has no lessons; it needs one at least", module.ID)
		}
		course.Modules = append(course.Modules, module)
	}
	if len(course.Modules) == 0 {
		l.problems.add(m.at, "the course has no modules; it needs one at least")
	}
	l.courseTexts(dir, course, headings)
	l.checkNames(course, m.pos("id"), folders)
	l.checkAfter(folders)
	if !l.outline {
		course.Glossary = l.glossary(dir)
		l.checkTerms(course)
	}
	return course
}

func (l *loader) courseTexts(dir string, course *Course, headings []string) {
	t := l.texts(dir)
	course.Title, course.Summary = t.title(course.ID), t.body(course.ID)
	for i := range course.Modules {
		m := &course.Modules[i]
		m.Title = t.title(m.ID)
		for lang, s := range t.find(m.ID) {
			if s.body != "" {
				l.problems.add(s.bodyPos(), "this text under module %q is shown nowhere (%s); a module has a title only", m.ID, lang)
			}
		}
	}
	t.finish(headings)
}

// isID reports whether s is a well-formed id: lower case letters, digits and
// single or repeated "-" between them. Ids stand in file names, headings and
// command lines.
func isID(s string, longest int) bool {
	if s == "" || len(s) > longest || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, c := range []byte(s) {
		if c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
