package cli

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/k8stutor/k8stutor/lessons"
)

// courseDir is the folder of the course that comes with the program.
const courseDir = "kubernetes"

// loadCourse returns what the learner can choose from, read once.
func (p *Program) loadCourse() (*lessons.Course, error) {
	if p.course == nil {
		c, err := p.readCourses()
		if err != nil {
			return nil, err
		}
		p.course = c
	}
	return p.course, nil
}

// readCourses reads the course that was named, or ours with those in the courses
// folder.
func (p *Program) readCourses() (*lessons.Course, error) {
	if dir := cmp.Or(p.flags.course, p.Getenv("K8STUTOR_COURSE")); dir != "" {
		c, err := lessons.LoadDir(dir)
		if problems, ok := errors.AsType[lessons.Problems](err); ok {
			return nil, usage("", p.t("the course in %s cannot be loaded:\n%w", "无法加载 %s 里的课程：\n%w"), dir, problems)
		}
		if err != nil {
			return nil, usage(p.t("Give the folder that holds course.yaml.", "请给出包含 course.yaml 的文件夹。"), "%w", err)
		}
		return c, nil
	}
	c, err := lessons.LoadProven(p.Courses, courseDir)
	if err != nil {
		return nil, fmt.Errorf("load the course: %w", err)
	}
	if p.CoursesDir == "" {
		return c, nil
	}
	return c.With(lessons.LoadLibrary(p.CoursesDir)), nil
}
