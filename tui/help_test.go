package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// helpScenes are the states of the help whose frames are kept.
func helpScenes() map[string]func(b *bench) {
	return map[string]func(b *bench){
		"help":        func(b *bench) { b.app.act(goLesson{lesson: "services"}, nil); b.keys("?") },
		"help-filter": func(b *bench) { b.app.act(goLesson{lesson: "services"}, nil); b.keys("?", "/"); b.typed("re") },
		"help-none":   func(b *bench) { b.keys("?", "/"); b.typed("没有") },
	}
}

// TestTheHelpIsComplete wants every key of the program in the help of every
// screen, each once: under what works now, or under what does not.
func TestTheHelpIsComplete(t *testing.T) {
	t.Parallel()
	for _, lang := range lessons.Languages() {
		for name, set := range scenes() {
			b := newBench(t, lang, 80, 24)
			set(b)
			if b.app.over != nil || b.app.top().capturing() != captureNone {
				continue
			}
			b.keys("?")
			o, open := b.app.over.(*helpOverlay)
			if !open {
				t.Fatalf("%s: ? does not open the help", name)
			}
			var rows []helpRow
			for _, g := range o.groups {
				if g.name == "" {
					t.Errorf("%s: a group has no name", name)
				}
				rows = append(rows, g.rows...)
			}
			for _, bind := range slices.Concat(b.app.top().bindings(), b.app.program()) {
				if !slices.ContainsFunc(rows, func(r helpRow) bool { return r.key == bind.Help().Key && r.what == bind.Help().Desc }) {
					t.Errorf("%s: %s (%s) is not in the help", name, bind.Help().Key, bind.Help().Desc)
				}
			}
			names := b.app.keyNames()
			for i, field := range names.names {
				h := names.here[i].Help()
				if ofOverlay(field) {
					continue
				}
				if !slices.ContainsFunc(rows, func(r helpRow) bool { return r.key == h.Key }) {
					t.Errorf("%s: %s (%s, %s) is not in the help", name, h.Key, field, h.Desc)
				}
			}
		}
	}
}

func TestTheHelpIsFiltered(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	b.app.act(goLesson{lesson: "services"}, nil)
	b.keys("?")
	b.shows("当前界面", "移动")
	b.keys("/")
	b.typed("quiz") // in the other language
	b.shows("测验")
	b.hides("目录", "移动")
	b.keys("ctrl+u")
	b.typed("xyzzy")
	b.shows("没有这样的按键")
	b.keys("esc")
	b.shows("当前界面")
	if b.app.over == nil {
		t.Fatal("esc closes the help instead of ending the filter")
	}
	b.keys("/")
	b.typed("q")
	b.keys("enter")
	if b.app.over == nil {
		t.Fatal("q closed the help while it was typed")
	}
	b.keys("esc")
	if b.app.over != nil {
		t.Error("esc does not close the help")
	}
}

func TestTheHelpScrollsToItsEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 60, 20)
	b.keys("?")
	b.frame()
	b.keys("G")
	b.shows("The wheel scrolls")
	if frame := b.frame(); strings.Contains(frame, "Here") {
		t.Errorf("the help did not scroll:\n%s", frame)
	}
}
