package shell

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/syntax"
)

// descriptor is an open file of a shell, by number.
type descriptor struct {
	r io.Reader
	w io.Writer
}

// descriptors are the open files of a shell; 0 to 2 are what commands get.
type descriptors [10]descriptor

func (d *descriptors) reader(n int) io.Reader {
	if r := d[n].r; r != nil {
		return r
	}
	return badDescriptor{}
}

func (d *descriptors) writer(n int) io.Writer {
	if w := d[n].w; w != nil {
		return w
	}
	return badDescriptor{}
}

// badDescriptor is a closed file.
type badDescriptor struct{}

func (badDescriptor) Read([]byte) (int, error)  { return 0, syscall.EBADF }
func (badDescriptor) Write([]byte) (int, error) { return 0, syscall.EBADF }

// redirect applies the redirections of a command. The files that it opened must
// be closed by the caller, also when it fails.
func (sh *shell) redirect(list []*syntax.Redirect) (opened []io.Closer, ok bool) {
	for _, rd := range list {
		c, ok := sh.redirectOne(rd)
		if c != nil {
			opened = append(opened, c)
		}
		if !ok {
			return opened, false
		}
	}
	return opened, true
}

func (sh *shell) redirectOne(rd *syntax.Redirect) (io.Closer, bool) {
	n := 1
	switch rd.Op {
	case syntax.RdrIn, syntax.RdrInOut, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc, syntax.DplIn:
		n = 0
	}
	if rd.N != nil {
		var err error
		if n, err = strconv.Atoi(rd.N.Value); err != nil || n >= len(sh.files) {
			sh.fail(1, "%s: bad file descriptor", rd.N.Value)
			return nil, false
		}
	}
	switch rd.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		body, ok := sh.hereDocument(rd)
		sh.files[n] = descriptor{r: strings.NewReader(body)}
		return nil, ok
	case syntax.WordHdoc:
		body, ok := sh.literal(rd.Word)
		sh.files[n] = descriptor{r: strings.NewReader(body + "\n")}
		return nil, ok
	}
	target, ok := sh.literal(rd.Word)
	if !ok {
		return nil, false
	}
	switch rd.Op {
	case syntax.DplIn, syntax.DplOut:
		if target == "-" {
			sh.files[n] = descriptor{}
			return nil, true
		}
		if m, err := strconv.Atoi(target); err == nil {
			if m < 0 || m >= len(sh.files) || sh.files[m] == (descriptor{}) {
				sh.fail(1, "%s: bad file descriptor", target)
				return nil, false
			}
			sh.files[n] = sh.files[m]
			return nil, true
		}
		if rd.Op == syntax.DplIn || n != 1 {
			sh.fail(2, "syntax error: bad fd number")
			return nil, false
		}
	}
	flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	switch rd.Op {
	case syntax.RdrIn:
		flag = os.O_RDONLY
	case syntax.RdrInOut:
		flag = os.O_RDWR | os.O_CREATE
	case syntax.AppOut, syntax.AppAll:
		flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	case syntax.RdrOut:
		if info, err := sh.p.Files.Stat(sh.path(target)); sh.opts.noclobber && err == nil && info.Mode().IsRegular() {
			sh.fail(1, "can't create %s: File exists", target)
			return nil, false
		}
	}
	file, d, err := sh.openFile(target, flag)
	if err != nil {
		verb := "create"
		if rd.Op == syntax.RdrIn {
			verb = "open"
		}
		sh.fail(1, "can't %s %s: %s", verb, target, openReason(err, verb))
		return nil, false
	}
	sh.files[n] = d
	switch rd.Op {
	case syntax.RdrAll, syntax.AppAll, syntax.DplOut:
		sh.files[2] = d
	}
	return file, true
}

// openReason is what ash says of a file that it cannot open.
func openReason(err error, verb string) string {
	if errors.Is(err, fs.ErrNotExist) {
		if verb == "create" {
			return "nonexistent directory"
		}
		return "no such file"
	}
	return reason(err)
}

// openFile opens a file of the container, or one of the process's own streams
// by the names that Linux has for them.
func (sh *shell) openFile(name string, flag int) (io.Closer, descriptor, error) {
	abs := sh.path(name)
	if n, ok := ownStream(abs, sh.p.PID); ok && n < len(sh.files) {
		return nil, sh.files[n], nil
	}
	if strings.HasPrefix(abs, "/proc/") {
		if pid, n, ok := processStream(abs); ok {
			if other := sh.p.Table.Find(pid); other != nil {
				return nil, descriptor{r: other.Stdin, w: []io.Writer{nil, other.Stdout, other.Stderr}[n]}, nil
			}
			return nil, descriptor{}, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT}
		}
	}
	if flag != os.O_RDONLY {
		if info, err := sh.p.Files.Stat(abs); err == nil && info.IsDir() {
			return nil, descriptor{}, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
		}
	}
	file, err := sh.p.Files.Open(abs, flag, 0o666)
	if err != nil {
		return nil, descriptor{}, err
	}
	d := descriptor{r: file}
	if flag&(os.O_WRONLY|os.O_RDWR) != 0 {
		d.w = file
	}
	return file, d, nil
}

// ownStream recognises /dev/stdout and its other names.
func ownStream(name string, pid int) (int, bool) {
	switch name {
	case "/dev/stdin":
		return 0, true
	case "/dev/stdout":
		return 1, true
	case "/dev/stderr":
		return 2, true
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/", fmt.Sprintf("/proc/%d/fd/", pid)} {
		if text, ok := strings.CutPrefix(name, dir); ok {
			n, err := strconv.Atoi(text)
			return n, err == nil
		}
	}
	return 0, false
}

// processStream recognises /proc/PID/fd/N of another process: what writes to
// /proc/1/fd/1 goes into the container's log.
func processStream(name string) (pid, n int, ok bool) {
	if _, err := fmt.Sscanf(name, "/proc/%d/fd/%d", &pid, &n); err != nil || n < 0 || n > 2 {
		return 0, 0, false
	}
	return pid, n, true
}

// hereDocument is the text of <<WORD; that of a quoted WORD is not expanded.
func (sh *shell) hereDocument(rd *syntax.Redirect) (string, bool) {
	if rd.Hdoc == nil {
		return "", true
	}
	body, ok := "", true
	if quotedWord(rd.Word) {
		for _, part := range rd.Hdoc.Parts {
			if lit, isLit := part.(*syntax.Lit); isLit {
				body += lit.Value
			}
		}
	} else {
		body, ok = sh.document(rd.Hdoc)
	}
	if rd.Op == syntax.DashHdoc {
		lines := strings.SplitAfter(body, "\n")
		for i, line := range lines {
			lines[i] = strings.TrimLeft(line, "\t")
		}
		body = strings.Join(lines, "")
	}
	return body, ok
}

func quotedWord(w *syntax.Word) bool {
	for _, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			return true
		case *syntax.Lit:
			if strings.Contains(part.Value, `\`) {
				return true
			}
		}
	}
	return false
}

// path makes a name absolute in the shell's directory.
func (sh *shell) path(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(sh.dir, name)
}

func (sh *shell) readDir(name string) ([]fs.DirEntry, error) {
	return sh.p.Files.ReadDir(sh.path(name))
}
