package shell

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// amount is how much of a file head or tail prints, in lines or bytes.
type amount struct {
	n     int64
	bytes bool
	sign  byte // of the number: '-', '+' or 0
}

// headTail reads what options head and tail have in common. A code other than 0
// says that they are wrong.
func headTail(p *proc.Process, valued string) (a amount, headers func(name string) string, set map[rune]string, names []string, code int) {
	if len(p.Args) > 1 && len(p.Args[1]) > 1 && (p.Args[1][0] == '-' || p.Args[1][0] == '+') {
		if _, err := strconv.Atoi(p.Args[1][1:]); err == nil { // the old form: head -5, tail +2
			n := strings.TrimPrefix(p.Args[1], "-")
			p.Args = slices.Concat([]string{p.Args[0], "-n", n}, p.Args[2:])
		}
	}
	set, names = flags(p, valued)
	a.n = 10
	for _, o := range "nc" {
		text, ok := set[o]
		if !ok {
			continue
		}
		number := text
		if text != "" && (text[0] == '-' || text[0] == '+') {
			a.sign, number = text[0], text[1:]
		}
		if a.n, ok = parseSize(number); !ok {
			return a, nil, nil, nil, p.Fail(1, "invalid number '%s'", text)
		}
		a.bytes = o == 'c'
	}
	_, quiet := set['q']
	_, verbose := set['v']
	shown := 0
	headers = func(name string) string {
		if quiet || len(names) < 2 && !verbose {
			return ""
		}
		if name == "-" {
			name = "standard input"
		}
		shown++
		return strings.Repeat("\n", min(shown-1, 1)) + "==> " + name + " <==\n"
	}
	return a, headers, set, names, 0
}

func runCat(ctx context.Context, t *proc.Process) int {
	_, names := flags(t, "")
	return each(ctx, t, names, func(_ string, r io.Reader) error {
		_, err := io.Copy(t.Stdout, r)
		return err
	})
}

func runHead(ctx context.Context, p *proc.Process) int {
	a, header, _, names, code := headTail(p, "nc")
	if code != 0 {
		return code
	}
	f := newFilter(ctx, p)
	return f.end(f.each(names, func(name string, r io.Reader) error {
		_, _ = f.out.WriteString(header(name))
		switch {
		case a.sign == '-':
			return f.allButLast(r, a)
		case a.bytes:
			if _, err := io.CopyN(f.out, r, a.n); err != io.EOF {
				return err
			}
			return nil
		}
		in := newLineReader(r, &f.mem)
		for range a.n {
			line, err := in.line()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			_, _ = f.out.WriteString(line)
		}
		return nil
	}))
}

// pieces splits an input into lines or bytes.
func (f *filter) pieces(r io.Reader, a amount) func() (string, error) {
	in := newLineReader(r, &f.mem)
	if !a.bytes {
		return in.line
	}
	return func() (string, error) {
		c, err := in.in.ReadByte()
		return string([]byte{c}), err
	}
}

// allButLast copies an input but for its last lines or bytes.
func (f *filter) allButLast(r io.Reader, a amount) error {
	held := window{f: f, most: a.n}
	next := f.pieces(r, a)
	for {
		piece, err := next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		dropped, err := held.push(piece)
		if err != nil {
			return err
		}
		_, _ = f.out.WriteString(dropped)
	}
}

// window keeps the last pieces of an input.
type window struct {
	f      *filter
	most   int64
	pieces []string
	first  int // of those kept
}

// push adds a piece and returns the one that is not among the last any more.
func (w *window) push(piece string) (dropped string, err error) {
	if err := w.f.mem.grow(len(piece) + stringSize); err != nil {
		return "", err
	}
	w.pieces = append(w.pieces, piece)
	if int64(len(w.pieces)-w.first) <= w.most {
		return "", nil
	}
	dropped = w.pieces[w.first]
	w.pieces[w.first] = ""
	w.f.mem.shrink(len(dropped) + stringSize)
	if w.first++; w.first > len(w.pieces)/2 {
		w.pieces = slices.Clone(w.pieces[w.first:])
		w.first = 0
	}
	return dropped, nil
}

func runTail(ctx context.Context, p *proc.Process) int {
	a, header, set, names, code := headTail(p, "ncs")
	if code != 0 {
		return code
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	_, follow := set['f']
	_, again := set['F']
	f := newFilter(ctx, p)
	type followed struct {
		name string
		at   int64
	}
	var open []followed
	for _, name := range names {
		err := with(ctx, p, name, func(_ string, r io.Reader) error {
			counted := &countingReader{r: f.reader(r)}
			_, _ = f.out.WriteString(header(name))
			err := f.tail(counted, a)
			open = append(open, followed{name, counted.n})
			return err
		})
		f.mem.free()
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return f.end(killedCode)
		}
		if err == errOutOfMemory || err == errWrite {
			return f.end(p.Fail(1, "%s", err))
		}
		code = p.Fail(1, "can't open '%s': %s", name, reason(err))
		if again {
			open = append(open, followed{name, 0})
		}
	}
	if len(open) == 0 {
		return f.end(p.Fail(1, "no files"))
	}
	follow = (follow || again) && (len(open) > 1 || open[0].name != "-")
	// As tail itself does where it cannot be told of changes: look every second.
	last := open[len(open)-1].name
	for follow && f.out.Flush() == nil && proc.Sleep(ctx, time.Second) {
		for i := range open {
			o := &open[i]
			file, err := p.Files.Open(p.Path(o.name), os.O_RDONLY, 0)
			if err != nil {
				continue
			}
			if err := f.follow(file, &o.at, func() {
				if last != o.name {
					last = o.name
					_, _ = f.out.WriteString(header(o.name))
				}
			}); err != nil {
				code = p.Fail(1, "%s: %s", o.name, reason(err))
			}
			_ = file.Close()
		}
	}
	if follow {
		return f.end(killedCode)
	}
	return f.end(code)
}

// tail copies the end of an input.
func (f *filter) tail(r io.Reader, a amount) error {
	next := f.pieces(r, a)
	if a.sign == '+' {
		for range a.n - 1 {
			if _, err := next(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
		for {
			piece, err := next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			_, _ = f.out.WriteString(piece)
		}
	}
	held := window{f: f, most: a.n}
	for {
		piece, err := next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if _, err := held.push(piece); err != nil {
			return err
		}
	}
	for _, piece := range held.pieces[held.first:] {
		_, _ = f.out.WriteString(piece)
	}
	return nil
}

// follow copies what a file has got since it was looked at. One that became
// shorter was written anew.
func (f *filter) follow(file files.File, at *int64, begin func()) error {
	info, err := file.Stat()
	if err != nil || info.Size() == *at {
		return err
	}
	if info.Size() < *at {
		*at = 0
	}
	if _, err := file.Seek(*at, io.SeekStart); err != nil {
		return err
	}
	begin()
	n, err := io.Copy(f.out, io.LimitReader(file, info.Size()-*at))
	*at += n
	return err
}

// countingReader counts what is read.
type countingReader struct {
	r io.Reader
	n int64
}

// Read implements io.Reader.
func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// runWC is wc with -l, -w, -c, -m and -L.
func runWC(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "")
	for o := range set {
		if !strings.ContainsRune("lwcmL", o) {
			return invalidOption(p, o)
		}
	}
	if len(set) == 0 {
		set = map[rune]string{'l': "", 'w': "", 'c': ""}
	}
	show := func(count wordCount, name string) {
		var columns []string
		for i, o := range "lwmcL" {
			if _, ok := set[o]; ok {
				columns = append(columns, strconv.FormatInt([]int64{count.lines, count.words, count.chars, count.bytes, count.longest}[i], 10))
			}
		}
		if len(columns) > 1 || len(names) > 1 {
			for i, c := range columns {
				columns[i] = fmt.Sprintf("%9s", c)
			}
		}
		if name != "-" {
			columns = append(columns, name)
		}
		fmt.Fprintln(p.Stdout, strings.Join(columns, " "))
	}
	var total wordCount
	code := each(ctx, p, names, func(name string, r io.Reader) error {
		var count wordCount
		if err := count.read(r); err != nil {
			return err
		}
		show(count, name)
		total.lines += count.lines
		total.words += count.words
		total.chars += count.chars
		total.bytes += count.bytes
		total.longest = max(total.longest, count.longest)
		return nil
	})
	if len(names) > 1 && ctx.Err() == nil {
		show(total, "total")
	}
	return code
}

// wordCount is what wc counts of a file.
type wordCount struct {
	lines, words, chars, bytes, longest int64

	inWord bool
	column int64
}

func (c *wordCount) read(r io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		c.bytes += int64(n)
		c.lines += int64(bytes.Count(buf[:n], []byte{'\n'}))
		for _, b := range buf[:n] {
			if b&0xc0 != 0x80 { // not the rest of a character
				c.chars++
				c.column++
			}
			switch space := isSpace(b); {
			case !space && !c.inWord && b > ' ':
				c.inWord = true
				c.words++
			case space:
				c.inWord = false
			}
			if b == '\n' {
				c.longest = max(c.longest, c.column-1)
				c.column = 0
			}
		}
		if err == io.EOF {
			c.longest = max(c.longest, c.column)
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func runTee(_ context.Context, t *proc.Process) int {
	set, names := flags(t, "")
	flag := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if _, ok := set['a']; ok {
		flag = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	outputs := []io.Writer{t.Stdout}
	code := 0
	for _, name := range names {
		file, err := t.Files.Open(t.Path(name), flag, 0o644)
		if err != nil {
			code = t.Fail(1, "%s: %s", name, reason(err))
			continue
		}
		defer file.Close()
		outputs = append(outputs, file)
	}
	if _, err := io.Copy(io.MultiWriter(outputs...), t.Stdin); err != nil {
		return t.Fail(1, "%s", reason(err))
	}
	return code
}
