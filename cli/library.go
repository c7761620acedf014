package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"

	"github.com/k8stutor/k8stutor/lessons"
)

// courseDir is the folder of the course that comes with the program.
const courseDir = "kubernetes"

// ourCourse returns the course that was named, or outlines of ours, read once.
func (p *Program) ourCourse() (*lessons.Course, error) {
	if p.course == nil {
		c, err := p.readCourses(lessons.Outline)
		if err != nil {
			return nil, err
		}
		p.course = c
	}
	return p.course, nil
}

// loadCourse returns all that the learner can choose from, read once.
func (p *Program) loadCourse() (*lessons.Course, error) {
	if p.library == nil {
		c, err := p.ourCourse()
		if err != nil {
			return nil, err
		}
		if p.courseNamed() == "" {
			c = p.withLibrary(c)
		}
		p.library = c
	}
	return p.library, nil
}

// findLesson looks for a lesson in ours before other people's courses are read,
// which takes time: they are proven each time.
func (p *Program) findLesson(id string) (l *lessons.Lesson, several []string, err error) {
	c, err := p.ourCourse()
	if err != nil {
		return nil, nil, err
	}
	if l, _ := c.Find(id); l != nil {
		return l, nil, nil
	}
	if c, err = p.loadCourse(); err != nil {
		return nil, nil, err
	}
	l, several = c.Find(id)
	return l, several, nil
}

// courseNamed is the folder of the course that was asked for, "" for ours.
func (p *Program) courseNamed() string { return cmp.Or(p.flags.course, p.Getenv("K8STUTOR_COURSE")) }

// readCourses reads the course that was named, or else ours by ourWay.
func (p *Program) readCourses(ourWay func(fs.FS, string) (*lessons.Course, error)) (*lessons.Course, error) {
	dir := p.courseNamed()
	if dir == "" {
		c, err := ourWay(p.Courses, courseDir)
		if err != nil {
			return nil, fmt.Errorf("load the course: %w", err)
		}
		return c, nil
	}
	c, err := lessons.LoadDir(dir)
	if problems, ok := errors.AsType[lessons.Problems](err); ok {
		return nil, usage("", p.t("the course in %s cannot be loaded:\n%w", "无法加载 %s 里的课程：\n%w"), dir, problems)
	}
	if err != nil {
		return nil, usage(p.t("Give the folder that holds course.yaml.", "请给出包含 course.yaml 的文件夹。"), "%w", err)
	}
	return c, nil
}

// withLibrary adds the courses in the courses folder.
func (p *Program) withLibrary(c *lessons.Course) *lessons.Course {
	if p.CoursesDir == "" {
		return c
	}
	return c.With(lessons.LoadLibrary(p.CoursesDir))
}

// readAll reads everything whole.
func (p *Program) readAll() (*lessons.Course, error) {
	c, err := p.readCourses(lessons.LoadProven)
	if err != nil || p.courseNamed() != "" {
		return c, err
	}
	return p.withLibrary(c), nil
}

// whole returns a lesson with everything in it.
func (p *Program) whole(l *lessons.Lesson) (*lessons.Lesson, error) {
	if !l.Outlined {
		return l, nil
	}
	l, err := lessons.LoadLesson(p.Courses, courseDir, l.ID)
	if err != nil {
		return nil, fmt.Errorf("load the lesson: %w", err)
	}
	return l, nil
}
