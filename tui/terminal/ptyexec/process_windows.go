package ptyexec

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// How long a command has to end when its console goes away, and how long its
// output is still read after its end.
const (
	hangupGrace = 250 * time.Millisecond
	drainGrace  = 100 * time.Millisecond
)

// Process is a command running on a pseudo-console (ConPTY, Windows 10 1809 or
// newer). It is experimental.
type Process struct {
	path    string
	pid     uint32
	process windows.Handle
	job     windows.Handle // all that the command starts; closing it ends them
	in      *Input
	input   *os.File // our ends of the pipes
	output  *os.File

	ended   chan struct{} // closed when the command was waited for
	done    chan struct{} // closed when its output is read as well
	code    int           // once ended is closed
	readers sync.WaitGroup
	close   sync.Once

	mu      sync.Mutex
	console windows.Handle // 0 once it is closed
}

// Start runs cmd on a new pseudo-console of the given size. What is written to in
// becomes its input; its output goes to out, from one goroutine. The process owns
// in and closes it. Only the path, the arguments, the folder and the environment
// of cmd count.
func Start(cmd *exec.Cmd, width, height int, in *Input, out io.Writer) (*Process, error) {
	p := &Process{path: cmd.Path, in: in, ended: make(chan struct{}), done: make(chan struct{})}
	if err := p.start(cmd, width, height); err != nil {
		return nil, fmt.Errorf("start %s on a pseudo-console: %w", cmd.Path, err)
	}
	read := make(chan struct{})
	p.readers.Go(func() {
		defer close(read)
		io.Copy(out, p.output) // ends when the console is closed
	})
	p.readers.Go(func() {
		io.Copy(p.input, in)
	})
	go p.wait(read)
	return p, nil
}

// start makes console, job and process. What it made is closed when it fails.
func (p *Process) start(cmd *exec.Cmd, width, height int) (err error) {
	var undo []func()
	defer func() {
		if err != nil {
			for _, f := range undo {
				f()
			}
		}
	}()
	pipe := func() (r, w windows.Handle, err error) {
		if err = windows.CreatePipe(&r, &w, nil, 0); err != nil {
			return 0, 0, fmt.Errorf("make a pipe: %w", err)
		}
		return r, w, nil
	}
	inRead, inWrite, err := pipe()
	if err != nil {
		return err
	}
	p.input = os.NewFile(uintptr(inWrite), "console input")
	undo = append(undo, func() { p.input.Close() })
	defer windows.CloseHandle(inRead) // the console has handles of its own
	outRead, outWrite, err := pipe()
	if err != nil {
		return err
	}
	p.output = os.NewFile(uintptr(outRead), "console output")
	undo = append(undo, func() { p.output.Close() })
	defer windows.CloseHandle(outWrite)

	if err := windows.CreatePseudoConsole(coord(width, height), inRead, outWrite, 0, &p.console); err != nil {
		return fmt.Errorf("make a pseudo-console: %w", err)
	}
	undo = append(undo, p.closeConsole)
	if p.job, err = newJob(); err != nil {
		return err
	}
	undo = append(undo, func() { windows.CloseHandle(p.job) })
	return p.spawn(cmd)
}

// spawn starts the process, stopped until it belongs to the job.
func (p *Process) spawn(cmd *exec.Cmd) error {
	attributes, err := windows.NewProcThreadAttributeList(1)
	if err != nil {
		return fmt.Errorf("list the attributes of a process: %w", err)
	}
	defer attributes.Delete()
	if err := attributes.Update(windows.PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE, consolePointer(p.console), unsafe.Sizeof(p.console)); err != nil {
		return fmt.Errorf("give the console to a process: %w", err)
	}
	path, err := windows.UTF16PtrFromString(cmd.Path)
	if err != nil {
		return err
	}
	line, err := windows.UTF16PtrFromString(windows.ComposeCommandLine(cmd.Args))
	if err != nil {
		return err
	}
	var dir *uint16
	if cmd.Dir != "" {
		if dir, err = windows.UTF16PtrFromString(cmd.Dir); err != nil {
			return err
		}
	}
	info := windows.StartupInfoEx{ProcThreadAttributeList: attributes.List()}
	info.Cb = uint32(unsafe.Sizeof(info))
	info.Flags = windows.STARTF_USESTDHANDLES // none of ours are its own
	environ := cmd.Env
	if environ == nil {
		environ = os.Environ()
	}
	flags := uint32(windows.EXTENDED_STARTUPINFO_PRESENT | windows.CREATE_UNICODE_ENVIRONMENT | windows.CREATE_SUSPENDED)
	var pi windows.ProcessInformation
	if err := windows.CreateProcess(path, line, nil, nil, false, flags, environment(environ), dir, &info.StartupInfo, &pi); err != nil {
		return err
	}
	defer windows.CloseHandle(pi.Thread)
	p.process, p.pid = pi.Process, pi.ProcessId
	if err := windows.AssignProcessToJobObject(p.job, pi.Process); err != nil {
		windows.TerminateProcess(pi.Process, 1)
		windows.CloseHandle(pi.Process)
		return fmt.Errorf("put the process into a job: %w", err)
	}
	if _, err := windows.ResumeThread(pi.Thread); err != nil {
		windows.TerminateProcess(pi.Process, 1)
		windows.CloseHandle(pi.Process)
		return fmt.Errorf("let the process run: %w", err)
	}
	return nil
}

// consolePointer passes a handle where a pointer is wanted: this attribute's value
// is the handle itself.
func consolePointer(h windows.Handle) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&h))
}

// newJob makes a job whose processes end with its last handle.
func newJob() (windows.Handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, fmt.Errorf("make a job: %w", err)
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		windows.CloseHandle(job)
		return 0, fmt.Errorf("set up a job: %w", err)
	}
	return job, nil
}

// environment is a block of "KEY=value" as CreateProcess takes it.
func environment(vars []string) *uint16 {
	block := utf16.Encode([]rune(strings.Join(vars, "\x00") + "\x00\x00"))
	return &block[0]
}

func coord(width, height int) windows.Coord {
	fit := func(n int) int16 { return int16(min(max(n, 1), 32767)) }
	return windows.Coord{X: fit(width), Y: fit(height)}
}

// wait waits for the command and then for its output.
func (p *Process) wait(read chan struct{}) {
	defer close(p.done)
	windows.WaitForSingleObject(p.process, windows.INFINITE)
	var code uint32
	if err := windows.GetExitCodeProcess(p.process, &code); err != nil {
		code = 1
	}
	p.code = int(code)
	close(p.ended)
	p.closeConsole() // it prints what it still has, and ends the output
	timer := time.NewTimer(drainGrace)
	defer timer.Stop()
	select {
	case <-read:
	case <-timer.C:
	}
}

func (p *Process) closeConsole() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.console != 0 {
		windows.ClosePseudoConsole(p.console)
		p.console = 0
	}
}

// Pid is the number of the command's process.
func (p *Process) Pid() int { return int(p.pid) }

// Done is closed when the command has ended and its output has been read.
func (p *Process) Done() <-chan struct{} { return p.done }

// ExitCode returns how the command ended. While it runs ok is false.
func (p *Process) ExitCode() (code int, ok bool) {
	select {
	case <-p.ended:
		return p.code, true
	default:
		return 0, false
	}
}

// Resize changes the size of the console.
func (p *Process) Resize(width, height int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.console == 0 {
		return nil
	}
	if err := windows.ResizePseudoConsole(p.console, coord(width, height)); err != nil {
		return fmt.Errorf("resize the console to %dx%d: %w", width, height, err)
	}
	return nil
}

// Close closes the console, as a closed window would, ends by force what has not
// ended then, and waits until it is gone. It may be called more than once.
func (p *Process) Close() error {
	var err error
	p.close.Do(func() { err = p.end() })
	return err
}

func (p *Process) end() error {
	// Closing waits for the output to be read, and so is not waited for here.
	go p.closeConsole()
	timer := time.NewTimer(hangupGrace)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		windows.TerminateJobObject(p.job, 1)
		<-p.ended
	}
	p.in.Close()
	err := errors.Join(windows.CloseHandle(p.job), p.input.Close())
	<-p.done
	if e := p.output.Close(); e != nil && !errors.Is(e, os.ErrClosed) {
		err = errors.Join(err, e)
	}
	windows.CloseHandle(p.process)
	if err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close the console of %s: %w", p.path, err)
	}
	return nil
}
