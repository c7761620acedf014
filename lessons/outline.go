package lessons

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// Outline reads of a course what a map of it shows: titles, summaries, minutes,
// and the ids and titles of pages, steps and questions, without parsing the rest.
// Its lessons are Outlined; LoadLesson and LoadProven read them whole. Like
// LoadProven it is for a course that comes with the program: a lesson that is
// not written as ours are is read whole.
func Outline(fsys fs.FS, dir string) (*Course, error) {
	dir = path.Clean(dir)
	l := &loader{fsys: fsys, outline: true}
	course, err := load(l, dir)
	if err != nil {
		return nil, err
	}
	course.Outlined = true
	return course, nil
}

// LoadLesson reads one lesson of the course in folder dir, as LoadProven does.
func LoadLesson(fsys fs.FS, dir, id string) (*Lesson, error) {
	l := &loader{fsys: fsys}
	lesson := l.lesson(path.Join(path.Clean(dir), id), id)
	if len(l.problems) > 0 {
		return nil, l.problems.sorted()
	}
	return lesson, nil
}

// The lines of lesson.yaml that an outline is made of. A file in which one of
// them is written in another way is read whole.
var (
	outlineKey  = regexp.MustCompile(`^([a-zA-Z]+):[ \t]*(.*?)[ \t]*$`)
	outlineItem = regexp.MustCompile(`^-[ \t]+(?:\{[ \t]*)?id:[ \t]*([a-z0-9-]+)[ \t]*(?:,.*|#.*|\})?$`)
	outlineFlow = regexp.MustCompile(`^\[([a-z0-9-]+(?:,[ \t]*[a-z0-9-]+)*)\](?:[ \t]+#.*)?$`)
)

// outlined reads the outline of a lesson. ok is false when it must be read whole.
func (l *loader) outlined(dir, id string) (lesson *Lesson, ok bool) {
	data, err := l.readSmall(path.Join(dir, "lesson.yaml"))
	if err != nil {
		return nil, false
	}
	lesson = &Lesson{ID: id, Outlined: true}
	list := ""
	for line := range bytes.Lines(data) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 || line[0] == ' ' || line[0] == '#' {
			continue
		}
		if line[0] == '-' {
			item := outlineItem.FindSubmatch(line)
			if item == nil {
				return nil, false
			}
			switch id := string(item[1]); list {
			case "steps":
				lesson.Steps = append(lesson.Steps, &Step{ID: id})
			case "questions":
				lesson.Questions = append(lesson.Questions, &Question{ID: id})
			default:
				return nil, false
			}
			continue
		}
		key := outlineKey.FindSubmatch(line)
		if key == nil {
			return nil, false
		}
		value := string(key[2])
		switch list = string(key[1]); list {
		case "format":
			if value != strconv.Itoa(Format) {
				return nil, false
			}
		case "id":
			if value != id {
				return nil, false
			}
		case "minutes":
			if lesson.Minutes, err = strconv.Atoi(value); err != nil {
				return nil, false
			}
		case "pages":
			ids := outlineFlow.FindStringSubmatch(value)
			if ids == nil {
				return nil, false
			}
			for id := range strings.SplitSeq(ids[1], ",") {
				lesson.Pages = append(lesson.Pages, Page{ID: strings.TrimSpace(id)})
			}
		case "steps", "questions":
			if value != "" {
				return nil, false
			}
		case "needs", "after", "clusterScoped": // no map shows them
			if value == "" {
				return nil, false // a list over several lines
			}
		default:
			return nil, false
		}
	}
	return lesson, l.outlineTexts(dir, lesson) == nil
}

// outlineTexts fills in the titles of an outline and the lesson's summary. The
// error says what is missing.
func (l *loader) outlineTexts(dir string, lesson *Lesson) error {
	titles, summary := map[string]Text{}, Text{}
	for _, lang := range Languages() {
		data, err := l.readSmall(path.Join(dir, string(lang)+".md"))
		if err != nil {
			return err
		}
		for id, title := range headingsOf(data, lesson.ID, lang, summary) {
			if titles[id] == nil {
				titles[id] = Text{}
			}
			titles[id][lang] = title
		}
	}
	var missing error
	title := func(id string) Text {
		if len(titles[id]) != len(Languages()) {
			missing = fmt.Errorf("the heading {#%s} is missing", id)
		}
		return titles[id]
	}
	lesson.Title, lesson.Summary = title(lesson.ID), summary
	for i := range lesson.Pages {
		lesson.Pages[i].Title = title(lesson.Pages[i].ID)
	}
	for _, s := range lesson.Steps {
		s.Title = title(s.ID)
	}
	for _, q := range lesson.Questions {
		q.Title = title(q.ID)
	}
	if len(summary) != len(Languages()) {
		missing = fmt.Errorf("lesson %s has no summary", lesson.ID)
	}
	return missing
}

// headingsOf returns the titles of the # and ## headings by their ids, and puts
// the text under the first of them, the lesson's own, into summary.
func headingsOf(data []byte, lesson string, lang Lang, summary Text) map[string]string {
	titles := map[string]string{}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	fence := "" // the one that a code block is open with
	under, from, at := "", 0, 0
	for line := range bytes.Lines(data) {
		start := at
		at += len(line)
		trimmed := bytes.TrimLeft(line, " \t")
		if len(trimmed) >= 3 && (trimmed[0] == '`' || trimmed[0] == '~') && trimmed[1] == trimmed[0] && trimmed[2] == trimmed[0] {
			switch mark := string(trimmed[:3]); fence {
			case "":
				fence = mark
			case mark:
				fence = ""
			}
			continue
		}
		if fence != "" || line[0] != '#' {
			continue
		}
		text, rest, _ := strings.Cut(strings.TrimRight(string(line), " \t\n"), "{#")
		id, ok := strings.CutSuffix(rest, "}")
		if !ok {
			continue
		}
		if under == lesson {
			summary[lang] = strings.TrimSpace(string(data[from:start]))
		}
		under, from = id, at
		hashes := len(text) - len(strings.TrimLeft(text, "#"))
		if hashes <= 2 {
			titles[id] = plainTitle(strings.TrimSpace(text[hashes:]))
		}
	}
	if under == lesson {
		summary[lang] = strings.TrimSpace(string(data[from:]))
	}
	return titles
}
