package minikube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// How much of what minikube prints is kept, in bytes. A list of twenty profiles
// is 60 KB.
const (
	maxOutput = 4 << 20
	maxSaid   = 8 << 10
)

// dyingTime is how long a minikube that is told to end may take until it is killed.
const dyingTime = 2 * time.Second

// output keeps the first bytes that are written to it and forgets the others.
type output struct {
	kept bytes.Buffer
	max  int
	cut  bool // something was forgotten
}

func (o *output) Write(p []byte) (int, error) {
	room := max(o.max-o.kept.Len(), 0)
	o.kept.Write(p[:min(room, len(p))])
	o.cut = o.cut || len(p) > room
	return len(p), nil
}

// last keeps the last bytes that are written to it.
type last struct{ kept []byte }

func (l *last) Write(p []byte) (int, error) {
	l.kept = append(l.kept, p...)
	if over := len(l.kept) - maxSaid; over > 0 {
		l.kept = append(l.kept[:0], l.kept[over:]...)
	}
	return len(p), nil
}

// answer is what a minikube that ended printed.
type answer struct {
	stdout []byte
	stderr string
	code   int // exit code
}

// ask runs minikube and returns what it printed, whatever its exit code. Errors
// are *Error: it could not be run, did not end in time, was ended by a signal,
// or printed without bounds.
func (p Program) ask(ctx context.Context, limit time.Duration, args ...string) (answer, error) {
	out := &output{max: maxOutput}
	a, err := p.run(ctx, limit, out, args...)
	a.stdout = out.kept.Bytes()
	if err == nil && out.cut {
		return a, &Error{Command: command(args), Kind: Unreadable, Err: fmt.Errorf("it printed more than %d MB", maxOutput>>20), Hint: hintUnreadable()}
	}
	return a, err
}

// run runs minikube with its output going to stdout. When ctx or the limit ends,
// the program and everything that it started is ended too.
func (p Program) run(ctx context.Context, limit time.Duration, stdout io.Writer, args ...string) (answer, error) {
	inTime, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	said := &last{}
	cmd := exec.CommandContext(inTime, p.Path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, stdout, said
	cmd.SysProcAttr = family()
	cmd.Cancel = func() error { return endFamily(cmd.Process, inTime) }
	cmd.WaitDelay = dyingTime
	if errors.Is(ctx.Err(), context.Canceled) {
		return answer{}, p.ended(ctx, limit, args)
	}
	err := cmd.Start()
	if err != nil {
		return answer{}, &Error{Command: command(args), Kind: CannotRun, Err: err, Hint: say(
			"minikube could not be run. Does `%s version` work in a terminal?", "无法运行 minikube。在终端里执行 `%s version` 能成功吗？", p.Path)}
	}
	err = cmd.Wait()
	a := answer{stderr: strings.TrimSpace(string(said.kept)), code: cmd.ProcessState.ExitCode()}
	if inTime.Err() != nil && err != nil {
		killFamily(cmd.Process) // whatever did not want to end
		return a, p.ended(ctx, limit, args)
	}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited && !errors.Is(err, exec.ErrWaitDelay) {
		return a, &Error{Command: command(args), Kind: Failed, Err: err, Code: a.code, Hint: hintUnreadable()}
	}
	if a.code < 0 {
		return a, &Error{Command: command(args), Kind: Failed, Code: a.code, Err: fmt.Errorf("something ended it (%v)", cmd.ProcessState), Hint: say(
			"A program that is ended like this often met a machine without memory. Close other programs, or use the sandbox, which needs less: `k8stutor --cluster sandbox`.",
			"程序被这样终止，往往是因为机器内存不足。请关闭其他程序，或者使用占用更少的沙箱：`k8stutor --cluster sandbox`。")}
	}
	return a, nil
}

// ended is the error of a program that did not end by itself.
func (p Program) ended(ctx context.Context, limit time.Duration, args []string) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &Error{Command: command(args), Kind: Canceled, Code: -1, Err: ctx.Err(), Hint: say(
			"You ended it. `minikube status` shows what was done until then.", "已按你的要求中止。`minikube status` 会显示中止前的状态。")}
	}
	return &Error{Command: command(args), Kind: Hung, Code: -1,
		Err: fmt.Errorf("no answer within %s: minikube hangs%w", limit, hidden{context.DeadlineExceeded}), Hint: say(
			"Often the virtual machine or container engine below it hangs (`docker ps` shows it). Restart that, or use the sandbox: `k8stutor --cluster sandbox`.",
			"通常是它下面的虚拟机或容器引擎没有响应（可以用 `docker ps` 确认）。请重启它，或者使用沙箱：`k8stutor --cluster sandbox`。")}
}

// hidden is an error that errors.Is finds and no message shows.
type hidden struct{ error }

func (hidden) Error() string   { return "" }
func (h hidden) Unwrap() error { return h.error }
