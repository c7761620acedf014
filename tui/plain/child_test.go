package plain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// TestCommandsRunWithTheWorkspace runs real commands: with the environment of
// the workspace, without the input of the conversation, told how they end.
func TestCommandsRunWithTheWorkspace(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	b := newBench(t, lessons.English)
	b.session.env = []string{"KUBECONFIG=/the/file"}
	said := b.run("kubectl get pods", "1", "e", "!echo file=$KUBECONFIG; cat; echo done", "!exit 7", "!kill -9 $$", "where")
	for _, want := range []string{"There is no workspace for kubectl yet.", "file=/the/file\ndone\n", "The command ended with code 7.", "The command was ended: signal: killed.", "Services, step\n1 of 4"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q was not said:\n%s", want, said)
		}
	}
}

// TestAMistypedCommandIsExplained runs a kubectl that fails, as the real one
// would, and wants the line's fault named after it.
func TestAMistypedCommandIsExplained(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "kubectl"), []byte("#!/bin/sh\nexit $CODE\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]bool{"1": true, "0": false} {
		b := newBench(t, lessons.English)
		b.session.env = []string{"CODE=" + code, "PATH=" + dir + ":" + os.Getenv("PATH")}
		said := b.run("1", "e", "!kubectl create deployment web --image-nginx:1.27")
		if strings.Contains(said, "--image=nginx:1.27") != want {
			t.Errorf("after exit code %s the fault was named: %v, want %v\n%s", code, !want, want, said[max(0, len(said)-300):])
		}
	}
}

// TestCtrlCEndsTheCommandOnly interrupts a command without a terminal, and ends
// the conversation while another runs: neither is left.
func TestCtrlCEndsTheCommandOnly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	b := newBench(t, lessons.English)
	p := b.talkTo()
	p.hears("> ")
	p.types("!echo pid=$$; sleep 600; echo not reached")
	p.hears("pid=")
	b.interrupts <- os.Interrupt
	p.hears("The command")
	p.hears("> ")

	ctx, cancel := context.WithCancel(t.Context())
	other := newBench(t, lessons.English)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	other.o.In = r
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, other.o) }()
	q := &person{bench: other, ended: ended}
	fmt.Fprintln(w, "!echo pid=$$=; sleep 600 | sleep 601")
	q.hears("pid=")
	q.hears("=")
	began := time.Now()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the conversation ended with %v", err)
	}
	// The command's output is at its end when the last process of it has ended.
	if took := time.Since(began); took >= graceTime {
		t.Errorf("a process of the command was left: it took %v", took)
	}
	if strings.Contains(p.out.String(), "not reached") {
		t.Error("the command went on")
	}
	p.leaves()
}
