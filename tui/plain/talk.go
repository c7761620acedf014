package plain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// talk is one conversation with a learner. Everything in it belongs to the
// goroutine that runs converse; others speak to it by channels.
type talk struct {
	o     Options
	in    *input
	out   *voice
	words *words
	lang  lessons.Lang
	// tongues are the words of every language, in which commands may be typed.
	tongues map[lessons.Lang]*words

	course *lessons.Course
	places []place // where the learner is, from the outside in; the first is home
	pushed []string
	stops  int // presses of Ctrl-C since the last line
	page   int // lines between pauses; negative: as fits the terminal

	session tui.Session // nil while no cluster is open
	info    tui.Info
	choice  string // of the cluster that was opened last
	found   []tui.Candidate
	work    *work // the exercise that is under way, nil before the first
}

// place is where a learner can be.
type place interface {
	// arrive says where one has come and what there is.
	arrive(context.Context, *talk) error
	// where says it in a few words.
	where(*talk) string
	// commands are those that work here beside those that work everywhere.
	commands(*talk) []command
	// other takes a line that is no command: a number, an answer, or nothing. It
	// reports whether it could be understood.
	other(ctx context.Context, t *talk, line string) (bool, error)
}

func newTalk(o Options) (*talk, error) {
	in, err := newInput(o.In)
	if err != nil {
		return nil, err
	}
	t := &talk{o: o, in: in, out: newVoice(o.Out, o.Width), page: o.Page, tongues: map[lessons.Lang]*words{}}
	for _, lang := range lessons.Languages() {
		t.tongues[lang] = wordsIn(lang)
	}
	t.speak(o.Lang)
	return t, nil
}

// close ends everything that was started.
func (t *talk) close() {
	t.stopWork()
	t.closeCluster()
	t.in.close()
	t.out.fresh()
}

func (t *talk) speak(lang lessons.Lang) {
	t.lang, t.words = lang, t.tongues[lessons.English]
	if w := t.tongues[lang]; w != nil {
		t.words = w
	}
}

func (t *talk) text(x lessons.Text) string { return x.In(t.lang) }

// say says words of the program's own, or of the cluster.
func (t *talk) say(text string) { t.out.say(text) }

func (t *talk) sayf(format string, args ...any) { t.out.say(fmt.Sprintf(format, args...)) }

// paragraph is text as one block of recite.
func (t *talk) paragraph(text string) []string { return t.out.wrap("", "", text) }

// markdown is Markdown as blocks of recite.
func (t *talk) markdown(source string) [][]string { return t.out.speak(source, t.words) }

// converse runs the conversation. It returns errLeave when the learner leaves.
func (t *talk) converse(ctx context.Context) error {
	if err := t.readCourse(ctx); err != nil {
		return err
	}
	if text := t.text(t.o.Notice); text != "" {
		t.say(text)
	}
	if err := t.welcome(ctx); err != nil {
		return err
	}
	t.places = []place{&home{}}
	var err error
	if l := t.lesson(t.o.Start); l != nil {
		err = t.goOn(ctx, l)
	} else {
		err = t.arrive(ctx)
	}
	for err == nil {
		var line string
		if line, err = t.read(ctx, t.words.Prompt); err == nil {
			err = t.obey(ctx, line)
		}
	}
	if errors.Is(err, errLeave) {
		t.say(t.words.Bye)
	}
	return err
}

func (t *talk) readCourse(ctx context.Context) error {
	t.course = t.o.Course
	load := t.o.LoadAll
	if load == nil {
		load = t.o.Load
	}
	if t.course != nil && !t.course.Outlined || load == nil {
		return nil
	}
	course, err := load(ctx)
	if err != nil {
		return fmt.Errorf("%s %w", t.words.NoCourse, err)
	}
	t.course = course
	return nil
}

// welcome greets who has never been here, and remembers that it did.
func (t *talk) welcome(ctx context.Context) error {
	p := t.o.Store.Progress()
	if p.Lang != "" || len(p.Lessons) > 0 || !p.Screen.Welcomed.IsZero() {
		return nil
	}
	if err := t.greet(ctx); err != nil {
		return err
	}
	lang, now := t.lang, t.now()
	t.save(func(p *lessons.Progress) { p.Lang, p.Screen.Welcomed = lang, now })
	return nil
}

// greet says what this is, why the cluster is safe, and three things to know.
func (t *talk) greet(ctx context.Context) error {
	var blocks [][]string
	for _, text := range t.words.Welcome {
		blocks = append(blocks, t.paragraph(text))
	}
	_, err := t.recite(ctx, append(blocks, nil))
	return err
}

func (t *talk) here() place { return t.places[len(t.places)-1] }

func (t *talk) arrive(ctx context.Context) error { return t.here().arrive(ctx, t) }

// goTo puts a place on top, in place of one of the same kind and of all above
// it, so that "back" never goes in circles.
func (t *talk) goTo(ctx context.Context, p place) error {
	for i, old := range t.places {
		if fmt.Sprintf("%T", old) == fmt.Sprintf("%T", p) {
			t.places = t.places[:i]
			break
		}
	}
	t.places = append(t.places, p)
	return t.arrive(ctx)
}

func (t *talk) back(ctx context.Context) error {
	if len(t.places) > 1 {
		t.places = t.places[:len(t.places)-1]
	}
	return t.arrive(ctx)
}

func (t *talk) goHome(ctx context.Context) error {
	t.places = t.places[:1]
	return t.arrive(ctx)
}

// goOn opens a lesson where the learner was.
func (t *talk) goOn(ctx context.Context, l *lessons.Lesson) error {
	lp := t.progress(l.ID)
	t.places = append(t.places[:1], newReading(l, lp.Page))
	switch {
	case lp.Place == lessons.PlaceExercise && len(l.Steps) > 0:
		return t.goTo(ctx, newExercise(l, lp.Page))
	case lp.Place == lessons.PlaceQuiz && len(l.Questions) > 0:
		return t.goTo(ctx, newQuiz(l))
	}
	return t.arrive(ctx)
}

// lesson returns a lesson of the course, as it reads on the cluster that is
// open; nil when there is none of that id.
func (t *talk) lesson(id string) *lessons.Lesson {
	if t.course == nil || id == "" {
		return nil
	}
	l, ok := t.course.Lesson(id)
	if !ok {
		return nil
	}
	return l.For(t.info.Version)
}

// progress is what is known of a learner's way through a lesson; never nil, and
// not to be changed.
func (t *talk) progress(lesson string) *lessons.LessonProgress {
	if lp := t.o.Store.Progress().Lessons[lesson]; lp != nil {
		return lp
	}
	return &lessons.LessonProgress{}
}

// save changes the learner's progress, and says when that cannot be kept.
func (t *talk) save(change func(*lessons.Progress)) {
	err := t.o.Store.Update(change)
	if err == nil {
		return
	}
	text := t.words.NotSaved + err.Error()
	if store, ok := errors.AsType[*lessons.StoreError](err); ok {
		text = t.text(store.Notice)
	}
	t.say(text)
}

// remember notes where in a lesson the learner is.
func (t *talk) remember(lesson, where, page string) {
	t.save(func(p *lessons.Progress) {
		lp := p.Lesson(lesson)
		p.LastLesson, lp.Place, lp.Page = lesson, where, page
	})
}

// explain says what went wrong, and what to do about it.
func (t *talk) explain(err error) string {
	ce, ok := errors.AsType[*lessons.ClusterError](err)
	if !ok {
		return err.Error()
	}
	text := ce.Error()
	if hint := t.text(ce.Hint); hint != "" {
		text = strings.TrimRight(text, ".") + ". " + hint
	}
	return text
}

// now is the time.
func (t *talk) now() time.Time { return t.o.Now() }
