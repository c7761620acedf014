package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/content"
)

// editRun runs `edit pods write` with an editor that is a shell script and with
// what the learner answers to questions, and tells what came of it.
func editRun(t *testing.T, script, answers string, env map[string]string, more ...string) (said string, code int, file string) {
	t.Helper()
	state := t.TempDir()
	editor := filepath.Join(t.TempDir(), "my editor")
	if script != "" {
		if err := os.WriteFile(editor, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	in, typed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := typed.WriteString(answers); err != nil {
		t.Fatal(err)
	}
	if err := typed.Close(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := &Program{
		Streams: Streams{In: in, Out: &out, Err: &out, InTerminal: true, OutTerminal: true, Width: 80},
		Getenv: func(name string) string {
			if v, ok := env[name]; ok {
				return strings.ReplaceAll(v, "EDIT", "'"+editor+"'")
			}
			return ""
		},
		Now: time.Now, Version: "test", StateDir: state, Courses: content.Courses,
	}
	err = p.Run(t.Context(), append([]string{"--no-color", "edit", "pods", "write"}, more...))
	p.Explain(&out, err)
	text, _ := os.ReadFile(filepath.Join(state, "files", "pods", "site.yaml"))
	return out.String(), ExitCode(err), string(text)
}

func TestEditGoesBackToTheEditorUntilTheFileIsRightOrTheLearnerHasEnough(t *testing.T) {
	t.Parallel()
	// The faults are of the kind that is seen without a cluster.
	said, code, file := editRun(t, `[ "$1" = --wait ] && echo "kind：Pod # $$" >>"$2"`, "y\nn\n", map[string]string{"EDITOR": "EDIT --wait"})
	if n := strings.Count(file, "kind：Pod"); n != 2 {
		t.Errorf("the editor was run %d times, want twice", n)
	}
	if code != ExitNotYet || strings.Count(said, "Edit again?") != 2 {
		t.Errorf("exit code %d:\n%s", code, said)
	}
	for _, want := range []string{"site.yaml:14", "   14 | kind：Pod", "      |     ^", "full-width"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said:\n%s", want, said)
		}
	}
	said, code, _ = editRun(t, `echo "kind：Pod" >>"$1"`, "", map[string]string{"EDITOR": "EDIT"}, "--yes")
	if code != ExitNotYet || strings.Contains(said, "again") {
		t.Errorf("--yes goes on for ever: exit code %d:\n%s", code, said)
	}
}

func TestEditSaysWhatIsWrongWithTheEditorAndKeepsTheFile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, script string
		env          map[string]string
		code         int
		want         string
	}{
		{"it fails", `echo mine >"$1"; exit 7`, map[string]string{"EDITOR": "EDIT"}, ExitInternal, "exit status 7"},
		{"it is not there", "", map[string]string{"EDITOR": "no-such-editor --wait"}, ExitUsage, "$EDITOR names cannot be run"},
		{"its words cannot be split", "", map[string]string{"VISUAL": `"open`, "EDITOR": "EDIT"}, ExitUsage, "$VISUAL names cannot be run"},
		{"VISUAL goes before EDITOR", `echo mine >"$1"; exit 3`, map[string]string{"VISUAL": "EDIT", "EDITOR": "no-such-editor"}, ExitInternal, "exit status 3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			said, code, file := editRun(t, tc.script, "", tc.env)
			if code != tc.code || !strings.Contains(said, tc.want) {
				t.Errorf("exit code %d, want %d, %q:\n%s", code, tc.code, tc.want, said)
			}
			if tc.script != "" && file != "mine\n" || tc.script == "" && !strings.Contains(file, "kind: Pod") {
				t.Errorf("the file holds %q", file)
			}
		})
	}
}

func TestEditRefusesWhatIsNoManifestBeforeAnyClusterIsOpened(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ script, want string }{
		"emptied":            {`: >"$1"`, "is empty"},
		"binary":             {`printf 'a\000b' >"$1"`, "not text in UTF-8"},
		"a hundred megabyte": {`truncate -s 100M "$1"`, "larger than 1 MB"},
		"tabs":               {`printf 'kind: Pod\nmetadata:\n\tname: a\n' >"$1"`, "site.yaml:3"},
		"deleted":            {`rm "$1"; printf 'a：b' >"$1"`, "U+FF1A"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, code, _ := editRun(t, tc.script, "n\n", map[string]string{"EDITOR": "EDIT"})
			if code != ExitNotYet || !strings.Contains(said, tc.want) {
				t.Errorf("exit code %d, want %q:\n%s", code, tc.want, said)
			}
		})
	}
}
