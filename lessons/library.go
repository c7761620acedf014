package lessons

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxCourses is how many folders of a courses folder are looked at.
const maxCourses = 50

// BrokenCourse is a course of somebody else's that could not be loaded, and why: Err
// is of type Problems when its files are at fault.
type BrokenCourse struct {
	Dir string
	Err error
}

// Sentence says it in one line, with what to do.
func (r BrokenCourse) Sentence() Text {
	problems, _ := errors.AsType[Problems](r.Err)
	if len(problems) > 1 {
		return say("The course in %[1]s cannot be loaded: it has %[2]d faults. `k8stutor course check %[1]s` lists them.",
			"无法加载 %[1]s 里的课程：有 %[2]d 处错误。`k8stutor course check %[1]s` 会列出它们。", r.Dir, len(problems))
	}
	return say("The course in %s cannot be loaded: %v", "无法加载 %s 里的课程：%v", r.Dir, r.Err)
}

// LoadDir reads a course that somebody else made from a folder of this machine.
// Nothing outside of the folder is read, whatever links in it lead to; objects
// that reach beyond a workspace are faults; and the ids of its lessons become
// COURSE/LESSON, so that its progress and its workspaces are its own. Problems
// name the files as the shell does, dir first.
func LoadDir(dir string) (*Course, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of the course: %w", err)
	}
	defer root.Close()
	course, err := load(&loader{fsys: root.FS(), compiles: true, foreign: true}, ".")
	if problems, ok := errors.AsType[Problems](err); ok {
		for i := range problems {
			problems[i].Pos.File = filepath.Join(dir, filepath.FromSlash(problems[i].Pos.File))
		}
		return nil, problems
	}
	if err != nil {
		return nil, err
	}
	course.qualify()
	return course, nil
}

// qualify makes the ids of the course's lessons those of no other course.
func (c *Course) qualify() {
	for _, l := range c.Lessons() {
		l.qualify(c.ID)
		for _, o := range l.Older {
			o.Lesson.qualify(c.ID)
		}
	}
	for i := range c.Glossary {
		t := &c.Glossary[i]
		t.Course = c.ID
		if t.Lesson != "" {
			t.Lesson = c.ID + "/" + t.Lesson
		}
	}
}

func (l *Lesson) qualify(course string) {
	l.Course, l.ID = course, course+"/"+l.ID
	for i, id := range l.After {
		l.After[i] = course + "/" + id
	}
}

// LoadLibrary reads the courses in the folders of dir, which need not exist, in
// the order of their folders' names. Those that cannot be loaded, and those
// whose id another has, are refused whole.
func LoadLibrary(dir string) (courses []*Course, broken []BrokenCourse) {
	found, err := foldersIn(dir)
	if err != nil {
		return nil, []BrokenCourse{{dir, err}}
	}
	taken := map[string]string{} // by course id: the folder
	for _, folder := range found {
		course, err := LoadDir(folder)
		if err == nil && taken[course.ID] != "" {
			err = fmt.Errorf("its id %q is that of the course in %s", course.ID, taken[course.ID])
		}
		if err != nil {
			broken = append(broken, BrokenCourse{folder, err})
			continue
		}
		taken[course.ID] = folder
		courses = append(courses, course)
	}
	return courses, broken
}

// foldersIn lists the folders of dir, links to folders too, that are not hidden.
func foldersIn(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the courses folder: %w", reasonOf(err))
	}
	defer f.Close()
	names, err := f.Readdirnames(10 * maxCourses)
	if len(names) == 0 && err != nil {
		if info, statErr := f.Stat(); statErr == nil && info.IsDir() {
			return nil, nil // it is empty
		}
		return nil, fmt.Errorf("read the courses folder: %w", reasonOf(err))
	}
	slices.Sort(names)
	var folders []string
	for _, name := range names {
		folder := filepath.Join(dir, name)
		if info, err := os.Stat(folder); err == nil && info.IsDir() && !strings.HasPrefix(name, ".") {
			folders = append(folders, folder)
		}
	}
	if len(folders) > maxCourses {
		return nil, fmt.Errorf("the courses folder holds more than %d courses", maxCourses)
	}
	return folders, nil
}

// With returns the course followed by the modules of others, each under the
// title of its course, so that all can be chosen from in one place.
func (c *Course) With(others []*Course, broken []BrokenCourse) *Course {
	if len(others) == 0 && len(broken) == 0 {
		return c
	}
	all := *c
	all.Modules, all.Broken, all.Glossary = slices.Clone(c.Modules), broken, slices.Clone(c.Glossary)
	for _, other := range others {
		all.Glossary = append(all.Glossary, other.Glossary...)
		for _, m := range other.Modules {
			title := Text{}
			for _, lang := range Languages() {
				title[lang] = other.Title.In(lang) + " · " + m.Title.In(lang)
			}
			m.Title = title
			all.Modules = append(all.Modules, m)
		}
	}
	return &all
}

// Find returns the lesson of an id as a person gives it: whole, or without its
// course where that leaves no doubt. several are the ids it may mean when it
// leaves some.
func (c *Course) Find(id string) (l *Lesson, several []string) {
	if l, ok := c.Lesson(id); ok {
		return l, nil
	}
	for _, other := range c.Lessons() {
		if other.Course != "" && strings.TrimPrefix(other.ID, other.Course+"/") == id {
			l = other
			several = append(several, other.ID)
		}
	}
	if len(several) == 1 {
		return l, nil
	}
	return nil, several
}

// Foreign reports whether somebody else made the lesson: what it brings is
// trusted less than what comes with the program.
func (l *Lesson) Foreign() bool { return l.Course != "" }

// checkNames reports ids of the course and its lessons that cannot become names
// of namespaces.
func (l *loader) checkNames(course *Course, at Position, folders map[string]Position) {
	type named struct {
		id  string
		pos Position
	}
	all := []named{{course.ID, at}}
	for id, pos := range folders {
		all = append(all, named{id, pos})
	}
	slices.SortFunc(all, func(a, b named) int { return cmp.Compare(a.id, b.id) })
	for _, n := range all {
		if strings.Contains(n.id, "--") {
			l.problems.add(n.pos, "the id %q has two - in a row, which part the course from the lesson in names of namespaces", n.id)
		}
		if n.pos != at && len(course.ID)+len(n.id) > maxQualifiedID {
			l.problems.add(n.pos, "the ids %q and %q have %d characters together; there can be %d, because both are part of the workspace's name",
				course.ID, n.id, len(course.ID)+len(n.id), maxQualifiedID)
		}
	}
}
