package tui

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// scene is what every screen reads and only the App changes: words and look,
// course and progress, the cluster, the time.
type scene struct {
	words   *words
	keys    keys
	styles  *styles.Styles
	prose   *prose
	still   bool // nothing moves by itself
	lang    lessons.Lang
	version string
	// tty is where the program is shown; nil in tests without one.
	tty    io.Writer
	notes  string               // title of the notes that are read instead of a course
	places map[string]pagePlace // where one was in pages, by lesson and page

	course    *lessons.Course // nil while it is being read
	courseErr error
	progress  lessons.Progress
	cluster   clusterState
	now       time.Time // of the newest message
}

// in returns a text in the learner's language.
func (s *scene) in(t lessons.Text) string { return t.In(s.lang) }

// speak sets the language and everything that depends on it.
func (s *scene) speak(lang lessons.Lang) {
	s.lang = lang
	s.words = wordsIn(lang)
	s.keys = newKeys(s.words)
	s.prose = newProse(s.styles, s.words.callout)
}

// look sets the styles and everything that depends on them.
func (s *scene) look(o styles.Options) {
	s.styles = styles.New(o)
	s.prose = newProse(s.styles, s.words.callout)
}

// lesson returns a lesson of the course, as it reads on the cluster that is
// open; nil when there is none of that id.
func (s *scene) lesson(id string) *lessons.Lesson {
	if s.course == nil {
		return nil
	}
	l, ok := s.course.Lesson(id)
	if !ok {
		return nil
	}
	return l.For(s.cluster.info.Version)
}

// lessonProgress returns what is known of a learner's way through a lesson;
// never nil, and not to be changed.
func (s *scene) lessonProgress(id string) *lessons.LessonProgress {
	if lp := s.progress.Lessons[id]; lp != nil {
		return lp
	}
	return &lessons.LessonProgress{}
}

// clusterPhase says how far the way to a cluster is.
type clusterPhase int

const (
	clusterClosed clusterPhase = iota
	clusterOpening
	clusterOpen
	clusterFailed
	clusterRestarting
)

// clusterState is what is known of the cluster.
type clusterState struct {
	phase   clusterPhase
	opening *opening // the newest; nil before the first
	stages  []stage  // of the newest opening
	session Session
	info    Info
	err     error // why the newest opening failed
	// away is the obstacle while an open cluster does not answer, since when.
	away      *lessons.ClusterError
	awaySince time.Time
	// candidates are the clusters there are; nil until they have been looked for.
	candidates []Candidate
}

// busy reports whether a cluster is on its way.
func (c *clusterState) busy() bool {
	return c.phase == clusterOpening || c.phase == clusterRestarting
}

// answered notes whether a snapshot said that the cluster is away.
func (c *clusterState) answered(away *lessons.ClusterError, now time.Time) {
	if away != nil && c.away == nil {
		c.awaySince = now
	}
	c.away = away
}

// stage is one part of the start of a cluster.
type stage struct {
	name, state, detail string
	began, ended        time.Time
}

// opening is one attempt at opening or restarting a cluster. Its stages are told
// from other goroutines.
type opening struct {
	id     uint64
	choice string
	began  time.Time
	ctx    context.Context
	cancel context.CancelFunc // ends the watching, not the opening
	news   latest[[]stage]
	now    func() time.Time

	mu     sync.Mutex
	stages []stage
}

func newOpening(ctx context.Context, id uint64, choice string, now func() time.Time) *opening {
	ctx, cancel := context.WithCancel(ctx)
	return &opening{id: id, choice: choice, began: now(), ctx: ctx, cancel: cancel, news: newLatest[[]stage](), now: now}
}

// stage is a StageFunc.
func (o *opening) stage(name, state, detail string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at := -1
	for i := range o.stages {
		if o.stages[i].name == name {
			at = i
		}
	}
	if at < 0 {
		at = len(o.stages)
		o.stages = append(o.stages, stage{name: name})
	}
	s := &o.stages[at]
	now := o.now()
	if s.began.IsZero() && state != stageWaiting {
		s.began = now
	}
	if s.ended.IsZero() && (state == stageDone || state == stageFailed) {
		s.ended = now
	}
	s.state, s.detail = state, detail
	o.news.put(append([]stage(nil), o.stages...))
}

// The states of a stage.
const (
	stageWaiting = "waiting"
	stageRunning = "running"
	stageDone    = "done"
	stageFailed  = "failed"
)
