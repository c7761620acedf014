package shell

import (
	"bytes"
	"io"
	"os"
)

// replaceFile gives a file the content that sed -i made.
func (s *sedRun) replaceFile(name string, out *boundedBuffer) int {
	info, err := s.p.Files.Stat(s.p.Path(name))
	if err == nil {
		var file io.WriteCloser
		if file, err = s.p.Files.Open(s.p.Path(name), os.O_WRONLY|os.O_TRUNC|os.O_CREATE, info.Mode().Perm()); err == nil {
			_, err = file.Write(out.Bytes())
			_ = file.Close()
		}
	}
	if err != nil {
		return s.p.Fail(1, "can't create temp file %s: %s", name, reason(err))
	}
	return 0
}

// boundedBuffer is a buffer that counts as its command's memory.
type boundedBuffer struct {
	bytes.Buffer
	mem *memory
}

// Write implements io.Writer.
func (b *boundedBuffer) Write(text []byte) (int, error) {
	if err := b.mem.grow(2 * len(text)); err != nil {
		return 0, err
	}
	return b.Buffer.Write(text)
}

// sedInput is the lines of some files, one after the other.
type sedInput struct {
	f      *filter
	names  []string
	file   io.Closer // the one that is open, unless it is standard input
	in     *lineReader
	ahead  []string // read, but not taken yet
	code   int
	failed error
}

// more reports whether there is another line.
func (i *sedInput) more() bool {
	for len(i.ahead) == 0 && i.failed == nil {
		if i.in == nil && !i.open() {
			return false
		}
		if i.in == nil {
			continue
		}
		line, err := i.in.line()
		if err == nil {
			i.ahead = append(i.ahead, line)
			break
		}
		if err != io.EOF {
			i.failed = err
		}
		i.close()
	}
	return len(i.ahead) > 0
}

// open opens the next file, and reports whether there was one to try.
func (i *sedInput) open() bool {
	if len(i.names) == 0 {
		return false
	}
	name := i.names[0]
	i.names = i.names[1:]
	if name == "-" {
		i.in = newLineReader(i.f.reader(untilKilled{i.f.ctx, i.f.p.Stdin}), &i.f.mem)
		return true
	}
	file, err := i.f.p.Files.Open(i.f.p.Path(name), os.O_RDONLY, 0)
	if err != nil {
		i.code = i.f.p.Fail(1, "%s: %s", name, reason(err))
		return true
	}
	i.file, i.in = file, newLineReader(i.f.reader(untilKilled{i.f.ctx, file}), &i.f.mem)
	return true
}

func (i *sedInput) close() {
	if i.file != nil {
		_ = i.file.Close()
	}
	i.file, i.in = nil, nil
}
