package shell

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// maxInput bounds what a command keeps in memory of its input, in bytes.
const maxInput = 64 << 20

// errOutOfMemory ends a command that would keep more of its input than it may.
var errOutOfMemory = errors.New("out of memory")

// memory is what a command keeps of its input, counted as its container's.
type memory struct {
	p       *proc.Process
	used    int64
	counted int64 // in the container's account
}

// memoryStep is how much a command's memory grows at a time, as malloc's does.
const memoryStep = 128 << 10

// grow counts bytes more. errOutOfMemory says that there is not that much: then
// the command ends, unless its container is killed first.
func (m *memory) grow(bytes int) error {
	m.used += int64(bytes)
	if m.used > maxInput {
		return errOutOfMemory
	}
	if m.used <= m.counted {
		return nil
	}
	step := max(m.used-m.counted, memoryStep)
	if err := m.p.Usage.Allocate(step); err != nil {
		return errOutOfMemory
	}
	m.counted += step
	return nil
}

// shrink says that bytes are used no more; they stay the command's.
func (m *memory) shrink(bytes int) { m.used -= int64(bytes) }

// free gives everything back.
func (m *memory) free() {
	if m.counted > 0 {
		_ = m.p.Usage.Allocate(-m.counted)
	}
	m.used, m.counted = 0, 0
}

// readAll reads an input as a whole.
func readAll(m *memory, r io.Reader) ([]byte, error) {
	var text []byte
	for {
		if len(text) == cap(text) {
			size := max(2*cap(text), 4<<10)
			if err := m.grow(size); err != nil {
				return nil, err
			}
			text = append(make([]byte, 0, size), text...)
			m.shrink(size / 2)
		}
		n, err := r.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		if err == io.EOF {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// lineReader reads an input line by line.
type lineReader struct {
	in    *bufio.Reader
	mem   *memory
	stdin bool
}

func newLineReader(r io.Reader, mem *memory) *lineReader {
	return &lineReader{in: bufio.NewReader(r), mem: mem}
}

// line is the next line with the newline that ends it. At the end of the input
// it is empty and err is io.EOF.
func (l *lineReader) line() (string, error) {
	part, err := l.in.ReadSlice('\n')
	if err != bufio.ErrBufferFull {
		if len(part) > 0 && err == io.EOF {
			err = nil
		}
		return string(part), err
	}
	var b strings.Builder
	defer func() { l.mem.shrink(b.Cap()) }()
	for {
		before := b.Cap()
		b.Write(part)
		if gerr := l.mem.grow(b.Cap() - before); gerr != nil {
			return "", gerr
		}
		if err == io.EOF {
			return b.String(), nil
		}
		if err != bufio.ErrBufferFull {
			return b.String(), err
		}
		part, err = l.in.ReadSlice('\n')
	}
}

// filter is a command that makes an output of its inputs as they come. What it
// wrote goes on before it waits for more.
type filter struct {
	ctx context.Context
	p   *proc.Process
	out *bufio.Writer
	mem memory
}

func newFilter(ctx context.Context, p *proc.Process) *filter {
	return &filter{ctx, p, bufio.NewWriter(p.Stdout), memory{p: p}}
}

// end gives the filter's memory back and returns the command's exit code.
func (f *filter) end(code int) int {
	f.mem.free()
	if err := f.out.Flush(); err != nil && code == 0 {
		return 1
	}
	return code
}

// reader is an input whose reads come after what was written.
func (f *filter) reader(r io.Reader) io.Reader { return flushingReader{f, r} }

type flushingReader struct {
	f *filter
	r io.Reader
}

// Read implements io.Reader.
func (r flushingReader) Read(b []byte) (int, error) {
	if err := r.f.out.Flush(); err != nil {
		return 0, errWrite
	}
	return r.r.Read(b)
}

// errWrite says that the output is at its end: nobody reads it.
var errWrite = errors.New("write error")

// each calls do with the content of every file named, or of standard input.
func (f *filter) each(names []string, do func(name string, r io.Reader) error) int {
	return each(f.ctx, f.p, names, func(name string, r io.Reader) error { return do(name, f.reader(r)) })
}

// lines calls do with every line, without its newline. That do returns io.EOF
// ends a file.
func (f *filter) lines(names []string, do func(line string) error) int {
	return f.each(names, func(_ string, r io.Reader) error {
		in := newLineReader(r, &f.mem)
		for {
			line, err := in.line()
			if err == nil {
				err = do(strings.TrimSuffix(line, "\n"))
			}
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
}

func (f *filter) println(line string) {
	_, _ = f.out.WriteString(line)
	_ = f.out.WriteByte('\n')
}

// kept reads all lines.
func (f *filter) kept(names []string) (list []string, code int) {
	code = f.lines(names, func(line string) error {
		list = append(list, line)
		return f.mem.grow(len(line) + stringSize)
	})
	return list, code
}

// stringSize is what a string in a list takes besides its text, in bytes: the
// list may be half empty.
const stringSize = 32

// each calls do with the content of every file named, or of standard input.
func each(ctx context.Context, p *proc.Process, names []string, do func(name string, r io.Reader) error) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, name := range names {
		err := with(ctx, p, name, do)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return killedCode
		case errors.Is(err, errOutOfMemory), errors.Is(err, errWrite):
			return p.Fail(1, "%s", err)
		case p.Name() != "cat":
			code = p.Fail(1, "%s: %s", name, reason(err))
		case errors.Is(err, syscall.EISDIR):
			code = p.Fail(1, "read error: %s", reason(err))
		default:
			code = p.Fail(1, "can't open '%s': %s", name, reason(err))
		}
	}
	return code
}

// with calls do with the content of a file, or of standard input for "-".
func with(ctx context.Context, p *proc.Process, name string, do func(string, io.Reader) error) error {
	if name == "-" || name == "/dev/stdin" {
		return do(name, untilKilled{ctx, p.Stdin})
	}
	file, err := p.Files.Open(p.Path(name), os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	return do(name, untilKilled{ctx, file})
}

// untilKilled is an input whose reads end when the process was killed, even one
// that never has to wait, such as /dev/zero.
type untilKilled struct {
	ctx context.Context
	in  io.Reader
}

// Read implements io.Reader.
func (r untilKilled) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(b)
}

// flags splits single-letter options, some of which take a value, from operands.
func flags(p *proc.Process, valued string) (set map[rune]string, operands []string) {
	set = map[rune]string{}
	args := p.Args[1:]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		for i, o := range arg[1:] {
			if !strings.ContainsRune(valued, o) {
				set[o] = ""
				continue
			}
			set[o] = arg[1+i+1:]
			if set[o] == "" && len(args) > 0 {
				set[o], args = args[0], args[1:]
			}
			break
		}
	}
	return set, args
}
