package lessons

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"unicode/utf8"
)

// read returns the text of a file, with line ends as \n and without a byte
// order mark. ok is false, and the reason reported, when it is no text.
func (l *loader) read(file string) (text []byte, ok bool) {
	text, err := l.readSmall(file)
	if err != nil {
		l.problems.add(Position{File: file}, "%v", err)
		return nil, false
	}
	return l.text(file, text)
}

// text makes sure that what a file holds is text and nothing that hides.
func (l *loader) text(file string, text []byte) (clean []byte, ok bool) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	line, start := 1, 0
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[i:])
		}
		switch {
		case r == utf8.RuneError && size == 1:
			l.problems.add(Position{file, line}, "this is not UTF-8: byte %#02x; course files are UTF-8 text", text[i])
			return nil, false
		case i-start > maxLine:
			l.problems.add(Position{file, line}, "this line is longer than %d bytes; break it", maxLine)
			return nil, false
		case r == '\n':
			line, start = line+1, i+1
		case r >= ' ' && r < 0x7f, r == '\t':
		case deceptive(r):
			// It would reach the learner's terminal as a command, or hide from
			// whoever reads the file.
			l.problems.add(Position{file, line}, "%s; %s", nameOf(r), onlyPlainText)
			return nil, false
		}
		i += size
	}
	return text, true
}

// readSmall returns what a file of the course holds. Anything but a file is
// refused before it is opened: a named pipe would be waited for without end.
func (l *loader) readSmall(file string) ([]byte, error) {
	if !fs.ValidPath(file) {
		return nil, errors.New("the path leads out of the course's folder")
	}
	info, err := fs.Stat(l.fsys, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("this file is missing")
	case err != nil:
		return nil, fmt.Errorf("this file cannot be read: %w", reasonOf(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("this is %s and not a file", sortOf(info.Mode()))
	case info.Size() > maxFileSize:
		return nil, fmt.Errorf("the file has %d bytes; a course file has %d at most (1 MB)", info.Size(), maxFileSize)
	case l.size+info.Size() > maxCourseSize:
		return nil, fmt.Errorf("the files of the course have more than %d MB together; this one and others are not read", maxCourseSize>>20)
	}
	f, err := l.fsys.Open(file)
	if err != nil {
		return nil, fmt.Errorf("this file cannot be read: %w", reasonOf(err))
	}
	defer f.Close()
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead) // so that it is read in one piece
	if _, err := b.ReadFrom(io.LimitReader(f, maxFileSize+1)); err != nil {
		return nil, fmt.Errorf("this file cannot be read: %w", reasonOf(err))
	}
	data := b.Bytes()
	if len(data) > maxFileSize { // it has grown, or lies about its size
		return nil, fmt.Errorf("the file has more than %d bytes (1 MB), which no course file has", maxFileSize)
	}
	l.size += int64(len(data))
	return data, nil
}

// reasonOf is an error without the path, which the problem names already.
func reasonOf(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

func sortOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}
