package tui

import (
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/commandline"
)

// mistaken notes what is likely wrong with the command that has just ended, or
// that there is nothing to say any more. It stands under the open step, which may
// be passed already while the learner goes on in the shell, until the next command
// or until the step is passed. Where the shell hides the steps, it
// is told on the line of state too.
func (s *exerciseScreen) mistaken(msg commandRanMsg) action {
	s.steps.mistake = nil
	said, ok := commandline.Mistake(msg.line, msg.exit, msg.output)
	if !ok {
		return nil
	}
	s.steps.mistake = lessons.Text{lessons.English: said.English, lessons.Chinese: said.Chinese}
	s.steps.toMistake()
	if s.wide() || s.pane == stepsPane {
		return nil
	}
	brief := strings.ReplaceAll(s.in(s.steps.mistake), "`", "")
	return say{notice{text: fmt.Sprintf(s.words.Ran.Brief, brief), bad: true}}
}

// toMistake scrolls to what is said about the command.
func (l *stepList) toMistake() {
	l.layOutText()
	l.view.fit(l.view.height, len(l.text))
	if l.mistakeFrom < l.mistakeTo {
		l.view.show(l.mistakeTo - 1)
		l.view.show(l.mistakeFrom)
	}
}

// mistake lays out what is said about the command that has just run.
func (d *stepDetails) mistake() {
	text := d.in(d.stepList.mistake)
	if text == "" {
		return
	}
	from := d.header + 1 + len(d.out)
	d.section(d.styles.Wait, d.words.Ran.Title)
	d.text(text)
	d.mistakeFrom, d.mistakeTo = from, d.header+1+len(d.out)
}
