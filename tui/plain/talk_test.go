package plain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// everything is a script that goes through every place and command that needs no
// program of the machine's.
func everything() []string {
	return []string{
		"help", "where", "again", "settings", "page x", "page 30", "doctor", "about", "about 1", "open", "open 9", "nonsense", "memory", "known",
		"glossary", "glossary selektor", "glossary SELECTOR", "find", "find zzz", "find selector", "where", "9999", "back",
		"cluster", "open 7", "nonsense", "1", "restart", "open 2", "retry", "back",
		"1", "help", "contents", "copy", "copy 1", "copy 9", "2", "p", "p", "next", "", // the exercise
		"help", "check", "", "steps", "hint", "h", "hint", "solution", "no", "solution", "y", "objects", "yaml", "yaml pod nothing", "yaml po web",
		"describe", "logs", "wait x", "wait 1", "reset", "no", "reset", "step", "2", "answer", "", "answer lost", "4", "3", "3", "what I think", "where", "pages", "exercise",
		"4", "file", "write", "", "", ".", "write", "apiVersion: v1", "kind: Pod", "metadata: {name: web}", "spec: {containers: [{name: a, image: b}]}", ".", "y", "review", "n", "apply", "edit", ".", "shell",
		"quiz", "help", "x", "", "b", "", "1 2", "next", "对", "", "1", "3 2 1", "", "k get endpointslices", "", "where", "retake", "giveup", "", "skip", "back",
		"memory", "all", "home", "memory all", "giveup", "", "2", "", "again", "language", "帮助", "位置", "1", "目录", "语言 fr", "语言 en", "home", "continue", "！true", "quit",
	}
}

// never are characters that plain mode never writes: what a terminal obeys, what
// is drawn, what fonts have of their own, marks that turn writing.
func never(r rune) bool {
	return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x2500 && r <= 0x25ff || r >= 0x2190 && r <= 0x21ff || r >= 0x2800 && r <= 0x28ff ||
		r >= 0xe000 && r <= 0xf8ff || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r >= 0x2700 && r <= 0x27bf
}

// legible makes sure that what was said keeps the promises of the package. Lines
// between codeFrom and the next prompt are a learner's to copy.
func legible(t *testing.T, said string) {
	t.Helper()
	for i, line := range strings.Split(said, "\n") {
		if at := strings.IndexFunc(line, never); at >= 0 {
			t.Errorf("line %d holds %q: %q", i+1, line[at:min(len(line), at+4)], line)
		}
		if w := markdown.Width(line); w > maxWidth {
			t.Errorf("line %d is %d columns wide: %q", i+1, w, line)
		}
	}
}

// TestEverythingIsSaidInLegibleLines goes through every place and command, with
// texts from outside that try to reach the terminal.
func TestEverythingIsSaidInLegibleLines(t *testing.T) {
	t.Parallel()
	for _, lang := range lessons.Languages() {
		t.Run(string(lang), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lang)
			said := b.run(everything()...)
			legible(t, said)
			w := wordsIn(lang)
			if !strings.Contains(said, fmt.Sprintf(w.Opened, "sandbox")) || !strings.Contains(said, w.PassWord) || !strings.Contains(said, w.RightOrder) {
				t.Errorf("the conversation has gone another way:\n%s", said)
			}
			if b.session.closed == 0 || b.session.restarts != 1 {
				t.Errorf("the cluster was closed %d times and restarted %d times", b.session.closed, b.session.restarts)
			}
			if n := strings.Count(said, "etcd"); n < 2 {
				t.Errorf("the stages of the start were not said")
			}
			if b.session.applied == 0 {
				t.Error("no file was applied")
			}
		})
	}
}

// TestTheInputMayEndAtEveryPrompt ends the input after each line of the script:
// the conversation ends well, and nothing of it remains.
func TestTheInputMayEndAtEveryPrompt(t *testing.T) {
	t.Parallel()
	lines := slices.DeleteFunc(everything(), func(l string) bool { return l == "wait 1" })
	for n := range lines {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, lessons.English)
			said := b.run(lines[:n]...)
			if !strings.HasSuffix(said, "\n") || !strings.HasSuffix(said, wordsEN().Bye+"\n") && !strings.HasSuffix(said, wordsZH().Bye+"\n") {
				t.Errorf("after %q the conversation ends with %q", lines[:n], said[max(0, len(said)-60):])
			}
			if b.session.closed == 0 && strings.Contains(said, "sandbox is open") {
				t.Errorf("after %q the cluster stays open", lines[:n])
			}
			synctest.Wait() // a goroutine that is left fails the bubble
		})
	}
}

func (b *bench) words() *words { return wordsIn(b.o.Lang) }

// TestWhatHappensIsToldOnItsOwnLine passes a step while a line is being typed.
func TestWhatHappensIsToldOnItsOwnLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, lessons.English)
		b.o.InTerminal = true
		p := b.talkTo()
		p.hears("> ")
		p.types("1")
		p.hears("> ")
		p.types("exercise")
		p.hears("Step 1 of 4")
		p.hears("> ")
		synctest.Wait()
		b.exercise.reports <- report(2, "create")
		p.hears("\nStep 1 passed. Enter to hear what happened and the next step.\n> ")
		p.types("")
		p.hears("It was made.")
		p.hears("Step 2 of 4: Count, not yet.")
		p.hears("> ")

		// What is still missing is told when it has stayed so, and once.
		r := report(3, "create")
		r.Steps[1].Checks[0].Found = "2"
		b.exercise.reports <- r
		r = report(4, "create")
		r.Steps[1].Checks[0].Found = "7"
		b.exercise.reports <- r
		began := time.Now()
		p.hears("\nStep 2 not yet: web exists. Expected 3, found 7. There is one.\n> ")
		if took := time.Since(began); took != settleTime {
			t.Errorf("it was told after %v, want %v", took, settleTime)
		}
		if strings.Contains(p.out.String(), "found 2") {
			t.Error("what had passed already was told")
		}

		// A cluster that goes away and comes back, and a step that is taken back.
		r = report(5, "create")
		r.Snapshot.Away = &lessons.ClusterError{Trouble: lessons.Unreachable, Op: "watch", Err: errors.New("refused")}
		b.exercise.reports <- r
		p.hears(b.words().Away)
		p.hears(b.words().RestartHow)
		p.types("restart")
		p.hears("etcd: starting.")
		p.hears("is open.")
		b.exercise.reports <- report(6, "create")
		p.hears(b.words().Back)
		p.hears("> ")
		r = report(7)
		r.Steps[0].Regressed, r.Steps[0].Broke = true, both("`web` is gone.", "`web` 没了。")
		b.exercise.reports <- r
		p.hears("Step 1 was passed and is no longer. `web` is gone.")
		p.leaves()
	})
}

// TestCtrlCEndsWhatIsBeingDone presses Ctrl-C in a wait, in the opening of a
// cluster, and at a prompt: once it says how to leave, twice it leaves.
func TestCtrlCEndsWhatIsBeingDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, lessons.English)
		b.o.InTerminal = true
		open := b.o.Open
		opened := make(chan struct{})
		b.o.Open = func(ctx context.Context, _ string, _ tui.StageFunc) (tui.Session, error) {
			close(opened)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		p := b.talkTo()
		p.hears("> ")
		p.types("1")
		p.hears("> ")
		p.types("e")
		<-opened
		b.o.Open = open
		b.interrupts <- os.Interrupt
		p.hears(b.words().OpeningStopped)
		p.hears("> ")
		b.interrupts <- os.Interrupt
		p.hears(b.words().PressedStop)
		p.hears("> ")
		p.types("where")
		p.hears("> ")
		b.interrupts <- os.Interrupt // a line came between: it is the first again
		p.hears(b.words().PressedStop)
		p.hears("> ")
		b.interrupts <- os.Interrupt
		p.leaves()
	})
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, lessons.English)
		b.o.InTerminal = true
		p := b.talkTo()
		p.hears("> ")
		p.types("1")
		p.hears("> ")
		p.types("e")
		p.hears("Step 1 of 4")
		p.hears("> ")
		p.types("wait")
		p.hears(b.words().WaitingNow)
		b.interrupts <- os.Interrupt
		p.hears(b.words().Stopped)
		p.hears("> ")
		p.types("wait 5")
		began := time.Now()
		p.hears(b.words().WaitedLong)
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("it waited for %v", took)
		}
		p.hears("Step 1 not yet")
		p.types("wait")
		p.hears(b.words().WaitingNow)
		b.exercise.reports <- report(2, "create")
		p.hears("Step 1 passed.")
		p.hears("> ")
		p.leaves()
	})
}

// TestLongTextsPause counts the lines between pauses, and obeys what is typed at
// one.
func TestLongTextsPause(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English)
	b.o.InTerminal, b.o.Page = true, 8
	said := b.run("1", "", "", "where", "again", "stop", "page 0", "again")
	parts := strings.Split(said, b.words().More)
	if len(parts) < 4 {
		t.Fatalf("there were no pauses:\n%s", said)
	}
	for i, part := range parts[:len(parts)-1] {
		_, part, found := strings.Cut(part, "> ")
		if n := strings.Count(part, "\n"); found && i > 0 && n > 12 {
			t.Errorf("%d lines were said before a pause:\n%s", n, part)
		}
	}
	if !strings.Contains(said, "the course map. Then Services, page 1 of 2: Why a Service.") {
		t.Errorf("what was typed at a pause was not obeyed:\n%s", said)
	}
	if tail := parts[len(parts)-1]; !strings.Contains(tail, "End of the page.") {
		t.Errorf("without pauses the page is not read to its end:\n%s", tail)
	}
	// A page counts as read only when its end was reached.
	if lp := b.store.Progress().Lessons["services"]; lp == nil || len(lp.Read) != 1 {
		t.Errorf("what was read: %+v", lp)
	}
	pipe := newBench(t, lessons.English)
	pipe.o.Page = 8
	if said := pipe.run("1"); strings.Contains(said, pipe.words().More) {
		t.Error("without a terminal a text pauses")
	}
}

func TestAPageThatWasStoppedIsNotRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English)
	b.o.InTerminal, b.o.Page = true, 6
	b.run("1", "stop", "stop")
	if lp := b.store.Progress().Lessons["services"]; lp == nil || len(lp.Read) != 0 || lp.Place != lessons.PlacePage {
		t.Errorf("progress: %+v", lp)
	}
}

// TestPlacesOfBothLanguages says the same conversation by Chinese and by English
// words, with the marks of a Chinese keyboard.
func TestCommandsAreUnderstoodInBothLanguages(t *testing.T) {
	t.Parallel()
	en, zh := newBench(t, lessons.English), newBench(t, lessons.English)
	a := en.run("help", "find selector", "back", "1", "contents", "home", "settings", "?", "quit")
	z := zh.run("帮助", "查找　selector", "返回", "１", "目录", "首页", "设置", "？", "退出")
	if a != z {
		t.Errorf("by Chinese words something else was said:\n%s\n---\n%s", a, z)
	}
}

// TestAnswersAreNotTakenForCommands types letters that are commands elsewhere,
// and command lines that are answers.
func TestAnswersAreNotTakenForCommands(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English)
	said := b.run("1", "quiz", "b", "", "c", "", "false", "", "x", "1 2 3", "", "kubectl get endpointslices")
	for _, want := range []string{"Choice 2 is wrong, your choice.\nBecause of all.", "Choice 3 is wrong, your choice.", "Choice false is right, your choice.", "cannot be read as an answer",
		"Right.\n\nA right answer: kubectl get endpointslices\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q was not said:\n%s", want, said)
		}
	}
	q := b.store.Progress().Lessons["services"].Quiz
	if len(q) != 5 || q["list"].Right != 1 || q["which"].Wrong != 1 {
		t.Errorf("what is remembered of the answers: %+v", q)
	}
	// Answered wrong, they come again, and are due for review.
	again := newBench(t, lessons.English)
	said = again.run("1", "quiz", "2", "", "1 2", "", "false", "", "giveup", "", "giveup", "", "", "1", "", "home", "memory all", "1", "")
	for _, want := range []string{"2 of 5 right.", "Enter to answer those that were wrong again, 3 of them", "Question 1 of 3: Which?", "From Services: "} {
		if !strings.Contains(said, want) {
			t.Errorf("%q was not said:\n%s", want, said)
		}
	}
}

// TestWelcomeIsSaidOnce begins twice with the same store.
func TestWelcomeIsSaidOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English)
	b.store.p = lessons.Progress{}
	said := b.run("quit")
	if !strings.HasPrefix(said, "Welcome to k8stutor.") {
		t.Errorf("no welcome: %.80q", said)
	}
	b.out = &transcript{news: make(chan struct{}, 1)}
	b.o.Out = b.out
	if said := b.run("quit"); strings.Contains(said, "Welcome") {
		t.Errorf("welcome again: %.80q", said)
	}
}

// TestProgressThatCannotBeSavedIsSaid breaks the store.
func TestProgressThatCannotBeSavedIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese)
	b.store.err = &lessons.StoreError{Op: "save", Err: syscall.ENOSPC, Notice: both("disk full", "磁盘满了")}
	if said := b.run("1"); !strings.Contains(said, "磁盘满了") {
		t.Errorf("it was not said:\n%s", said)
	}
}

// TestLinesOfAnyLengthAreRead types a line of a megabyte, one without an end,
// and bytes that are no text.
func TestLinesOfAnyLengthAreRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English)
	said := b.run(strings.Repeat("long ", 1<<18), "\xff\xfe\x1b[2J\a", "where")
	legible(t, said)
	if !strings.Contains(said, "the course map.") {
		t.Errorf("the lines after it were lost: %.200q", said[len(said)-200:])
	}
}

// TestNothingToReadIsSaid reads a course that is broken, and a lesson without
// pages, exercise or questions.
func TestACourseThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English)
	b.o.Course = nil
	b.o.LoadAll = func(context.Context) (*lessons.Course, error) { return nil, errors.New("lesson.yaml:3: no") }
	b.o.In = strings.NewReader("")
	if err := Run(t.Context(), b.o); err == nil || !strings.Contains(err.Error(), "lesson.yaml:3: no") {
		t.Errorf("it ended with %v", err)
	}
	empty := newBench(t, lessons.English)
	empty.o.Course = &lessons.Course{Title: both("t", "t"), Modules: []lessons.Module{{Title: both("m", "m"), Lessons: []*lessons.Lesson{{ID: "none", Title: both("None", "无")}}}}}
	said := empty.run("1", "contents", "copy", "next", "previous", "exercise", "quiz", "again", "where")
	legible(t, said)
}
