package plain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// sayFile reads the file of the open step aloud, with the number of each line.
func (e *exercise) sayFile(ctx context.Context, t *talk) error {
	text, err := t.o.Files.Text(e.lesson.ID, e.step(t))
	if err != nil {
		t.say(err.Error())
		return nil
	}
	head := t.paragraph(t.words.File + t.o.Files.Path(e.lesson.ID, e.step(t)))
	var lines []string
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, fmt.Sprintf("%3d  %s", i+1, lessons.Printable(strings.ReplaceAll(line, "\t", "    "))))
	}
	_, err = t.recite(ctx, [][]string{head, lines})
	return err
}

// edit opens the file in the learner's own editor, and has it reviewed after.
func (e *exercise) edit(ctx context.Context, t *talk) error {
	s := e.step(t)
	path, err := t.o.Files.Lay(e.lesson.ID, s)
	if err != nil {
		t.say(err.Error())
		return nil
	}
	var editor []string
	if t.o.Editor != nil {
		editor, err = t.o.Editor()
	}
	switch {
	case err != nil:
		t.say(err.Error())
		return nil
	case !t.o.InTerminal || len(editor) == 0:
		t.sayf(t.words.NoEditor, path)
		return e.write(ctx, t)
	}
	env := os.Environ()
	if ws, ok := t.workspace(); ok {
		env = append(env, t.session.ShellEnv(ws)...)
	}
	if err := t.foreground(ctx, append(editor, path), env, filepath.Dir(path)); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.sayf(t.words.EditorFailed, strings.Join(editor, " "), err)
		return nil
	}
	return e.review(ctx, t)
}

// write takes the lines of the file as they are typed, up to a line with a dot.
func (e *exercise) write(ctx context.Context, t *talk) error {
	s := e.step(t)
	if _, err := t.o.Files.Lay(e.lesson.ID, s); err != nil {
		t.say(err.Error())
		return nil
	}
	t.say(t.words.TypeFile)
	var text strings.Builder
	for n := 1; ; n++ {
		line, err := t.read(ctx, fmt.Sprintf("%3d  ", n))
		if err != nil {
			return err
		}
		if strings.TrimSpace(line) == "." || strings.TrimSpace(line) == "。" {
			break
		}
		if text.Len()+len(line) > lessons.MaxManifest {
			t.say(t.words.FileTooLong)
			return nil
		}
		text.WriteString(line + "\n")
	}
	if text.Len() == 0 {
		t.say(t.words.NothingDone)
		return nil
	}
	if err := t.o.Files.Write(e.lesson.ID, s, text.String()); err != nil {
		t.say(err.Error())
		return nil
	}
	return e.review(ctx, t)
}

// review asks the API server about the file, and whether to apply it when it
// has nothing against it.
func (e *exercise) review(ctx context.Context, t *talk) error {
	ok, err := e.send(ctx, t, false)
	if err != nil || !ok {
		return err
	}
	t.say(t.words.FileAccepted)
	yes, err := t.confirm(ctx, t.words.AskApply)
	if err != nil || !yes {
		return err
	}
	return e.apply(ctx, t)
}

func (e *exercise) apply(ctx context.Context, t *talk) error {
	ok, err := e.send(ctx, t, true)
	if ok {
		t.say(t.words.FileApplied)
	}
	return err
}

// send has the API server look at the file, or apply it, and says what is wrong
// with it.
func (e *exercise) send(ctx context.Context, t *talk, apply bool) (bool, error) {
	ws, ok := t.workspace()
	if !ok || !e.running(t) {
		if !ok {
			t.say(t.words.NotRunningYet)
		}
		return false, nil
	}
	m, err := t.o.Files.Read(e.lesson.ID, e.step(t))
	if err != nil {
		t.say(err.Error())
		return false, nil
	}
	var faults []lessons.Fault
	err = t.busy(ctx, reviewTime, func(ctx context.Context) (err error) {
		if apply {
			faults, err = m.Apply(ctx, t.session, ws)
		} else {
			faults, err = m.Review(ctx, t.session, ws)
		}
		return err
	})
	switch {
	case errors.Is(err, errStopped):
		t.say(t.words.Stopped)
		return false, nil
	case err != nil && ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		t.say(t.words.FileUntold + t.explain(err))
		return false, nil
	}
	if len(faults) == 0 {
		return true, nil
	}
	blocks := [][]string{t.paragraph(fmt.Sprintf(t.words.FileRefused, len(faults)))}
	for i, f := range faults {
		blocks = append(blocks, t.fault(i+1, f))
	}
	_, err = t.recite(ctx, append(blocks, t.paragraph(t.words.FileMend)))
	return false, err
}

// fault is one thing that is wrong with a file: its line, what is said of it,
// and what that means. The column is told in words.
func (t *talk) fault(n int, f lessons.Fault) []string {
	w := t.words
	head := fmt.Sprintf(w.FaultFile, n)
	if f.Line > 0 {
		head = fmt.Sprintf(w.FaultLine, n, f.Line)
	}
	lines := t.out.wrap("", "   ", head+strings.ReplaceAll(f.Said, "\n", " "))
	if f.Source != "" {
		lines = append(lines, t.out.wrap("   ", "   ", w.FaultSource+strings.TrimSpace(f.Source))...)
	}
	if f.Path != "" {
		lines = append(lines, t.out.wrap("   ", "   ", w.FaultPath+f.Path)...)
	}
	for _, block := range t.markdown(t.text(f.Advice)) {
		for _, line := range block {
			lines = append(lines, t.out.wrap("   ", "   ", line)...)
		}
	}
	return lines
}
