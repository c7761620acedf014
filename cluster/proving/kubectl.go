package proving

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// kubectl runs commands in one long-lived process of the companion: to start
// one for each command would cost most of the processor time of a proof.
type kubectl struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	done chan struct{} // closed when nothing comes back any more

	writing sync.Mutex
	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan said
	err     error // why it ended
}

// said is what a command printed and its exit code. The names of the fields
// are those of the companion's answers.
type said struct {
	ID     uint64 `json:"id"`
	Stdout []byte `json:"stdout"`
	Stderr []byte `json:"stderr"`
	Code   int    `json:"code"`
}

// startKubectl starts the process; home is where kubectl keeps its cache.
func startKubectl(program, home string, errs io.Writer) (*kubectl, error) {
	k := &kubectl{cmd: exec.Command(program, "kubectl-server"), done: make(chan struct{}), waiting: map[uint64]chan said{}}
	k.cmd.Env, k.cmd.Dir, k.cmd.Stderr = []string{"HOME=" + home}, home, errs
	var err error
	if k.in, err = k.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := k.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := k.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start kubectl: %w", err)
	}
	go k.read(out)
	return k, nil
}

func (k *kubectl) read(out io.Reader) {
	defer close(k.done)
	answers := json.NewDecoder(out)
	for {
		var s said
		if err := answers.Decode(&s); err != nil {
			k.mu.Lock()
			defer k.mu.Unlock()
			if k.err = err; errors.Is(err, io.EOF) {
				k.err = errors.New("its process has ended")
			}
			return
		}
		k.mu.Lock()
		back := k.waiting[s.ID]
		delete(k.waiting, s.ID)
		k.mu.Unlock()
		if back != nil {
			back <- s
		}
	}
}

// commandTime bounds one command: lessons wait for a minute at most.
const commandTime = 90 * time.Second

// run runs one command and waits for its end. When ctx ends first, the command
// goes on until it ends or the process does.
func (k *kubectl) run(ctx context.Context, kubeconfig string, args []string, stdin []byte) (said, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	back := make(chan said, 1)
	k.mu.Lock()
	k.last++
	id := k.last
	k.waiting[id] = back
	k.mu.Unlock()
	line, err := json.Marshal(map[string]any{"id": id, "args": args, "kubeconfig": kubeconfig, "stdin": stdin})
	if err != nil {
		return said{}, err
	}
	k.writing.Lock()
	_, err = k.in.Write(append(line, '\n'))
	k.writing.Unlock()
	if err != nil {
		return said{}, fmt.Errorf("run kubectl: %w", err)
	}
	select {
	case s := <-back:
		return s, nil
	case <-k.done:
		k.mu.Lock()
		defer k.mu.Unlock()
		return said{}, fmt.Errorf("run kubectl: %w", k.err)
	case <-ctx.Done():
		return said{}, fmt.Errorf("kubectl %s: %w", strings.Join(args, " "), ctx.Err())
	}
}

// close ends the process with everything that runs in it.
func (k *kubectl) close() {
	k.in.Close()
	_ = k.cmd.Process.Kill() // a command that waits for something would keep it
	<-k.done
	_ = k.cmd.Wait() // killed, as told
}
