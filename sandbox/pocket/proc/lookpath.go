package proc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"
)

// LookupError says why a command cannot be run, in the words that runc has
// from Go's os/exec.
type LookupError struct {
	Name string
	Err  error
}

func (e *LookupError) Error() string { return fmt.Sprintf("exec: %q: %s", e.Name, e.Err) }
func (e *LookupError) Unwrap() error { return e.Err }

// ErrNotFound is the cause of a LookupError for a name that no directory of
// PATH has.
var ErrNotFound = errors.New("executable file not found in $PATH")

// Find finds what the process would run as args: a program of the image, or an
// executable file of the container, which is a script. It returns the arguments
// to run the program with: those of a script begin with its interpreter. A file
// that the kernel could not run is found nevertheless; running it says so.
func (p *Process) Find(args []string) (Program, []string, error) {
	if len(args) == 0 {
		return nil, nil, errors.New("no command specified")
	}
	name := args[0]
	if strings.Contains(name, "/") {
		full := p.Path(name)
		if program, ok := p.Image.LookUp(full); ok {
			return program, args, nil
		}
		if err := p.executable(full); err != nil {
			return nil, nil, &LookupError{name, err}
		}
		return p.script(full, args)
	}
	if program, ok := p.Image.LookUp(name); ok && name != "" {
		return program, args, nil
	}
	denied := false
	for dir := range strings.SplitSeq(p.Env["PATH"], ":") {
		full := path.Join("/", dir, name)
		switch err := p.executable(full); {
		case name == "":
		case err == nil:
			return p.script(full, args)
		case errors.Is(err, fs.ErrPermission):
			denied = true
		}
	}
	if denied {
		return nil, nil, &LookupError{name, fs.ErrPermission}
	}
	return nil, nil, &LookupError{name, ErrNotFound}
}

// executable reports what keeps a file from being run.
func (p *Process) executable(full string) error {
	info, err := p.Files.Stat(full)
	var pe *fs.PathError
	switch {
	case errors.As(err, &pe):
		return fmt.Errorf("stat %s: %w", full, pe.Err)
	case err != nil:
		return err
	case info.IsDir():
		return syscall.EISDIR
	case info.Mode().Perm()&0o111 == 0:
		return fs.ErrPermission
	}
	return nil
}

// script finds the interpreter that the first line of a file names.
func (p *Process) script(full string, args []string) (Program, []string, error) {
	text, err := p.Files.ReadFile(full)
	if err != nil {
		return nil, nil, &LookupError{args[0], fs.ErrPermission}
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	command, ok := bytes.CutPrefix(line, []byte("#!"))
	interpreter := strings.Fields(string(command))
	if !ok || len(interpreter) == 0 {
		return cannotRun(args[0], "exec format error"), args, nil
	}
	if path.Base(interpreter[0]) == "env" && len(interpreter) > 1 {
		interpreter = interpreter[1:]
	}
	program, found := p.Image.LookUp(interpreter[0])
	if !found {
		return cannotRun(args[0], "no such file or directory"), args, nil
	}
	if len(interpreter) > 2 { // the kernel gives all that follows as one argument
		interpreter = []string{interpreter[0], strings.Join(interpreter[1:], " ")}
	}
	return program, append(append(interpreter, full), args[1:]...), nil
}

// cannotRun is what runc's own process does when the kernel refuses a file.
func cannotRun(name, cause string) Program {
	return func(_ context.Context, p *Process) int {
		fmt.Fprintf(p.Stderr, "exec %s: %s\n", name, cause)
		return 255
	}
}
