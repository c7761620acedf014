package shell

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// runUniq is uniq with -c, -d, -u, -i, -f, -s and -w, and the operands INPUT and
// OUTPUT.
func runUniq(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "fsw")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	number := map[rune]int{}
	for _, o := range "fsw" {
		if !has(o) {
			continue
		}
		n, err := strconv.Atoi(set[o])
		if err != nil || n < 0 {
			return p.Fail(1, "invalid number '%s'", set[o])
		}
		number[o] = n
	}
	f := newFilter(ctx, p)
	if len(names) > 1 && names[1] != "-" {
		file, err := p.Files.Open(p.Path(names[1]), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o666)
		if err != nil {
			return f.end(p.Fail(1, "can't open '%s': %s", names[1], reason(err)))
		}
		defer file.Close()
		f.out.Reset(file)
	}
	key := func(line string) string {
		line = line[skipFields(line, "", number['f']):]
		line = line[min(number['s'], len(line)):]
		if has('w') {
			line = line[:min(number['w'], len(line))]
		}
		if has('i') {
			line = strings.ToLower(line)
		}
		return line
	}
	var first, firstKey string
	count := 0
	show := func() {
		switch {
		case count == 0, has('d') && count == 1, has('u') && count > 1:
		case has('c'):
			fmt.Fprintf(f.out, "%7d %s\n", count, first)
		default:
			f.println(first)
		}
	}
	code := f.lines(names[:min(1, len(names))], func(line string) error {
		if k := key(line); count == 0 || k != firstKey {
			show()
			f.mem.shrink(len(first))
			first, firstKey, count = line, k, 0
			if err := f.mem.grow(len(line)); err != nil {
				return err
			}
		}
		count++
		return nil
	})
	show()
	return f.end(code)
}

// runComm is comm with -1, -2 and -3.
func runComm(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	if len(names) != 2 {
		return p.Fail(1, "requires exactly 2 arguments")
	}
	f := newFilter(ctx, p)
	show := func(column int, line string) {
		indent := 0
		for i, o := range "123" {
			if i == column && has(o) {
				return
			}
			if i < column && !has(o) {
				indent++
			}
		}
		f.println(strings.Repeat("\t", indent) + line)
	}
	err := with(ctx, p, names[0], func(_ string, r io.Reader) error {
		return with(ctx, p, names[1], func(_ string, s io.Reader) error {
			in := [2]*lineReader{newLineReader(f.reader(r), &f.mem), newLineReader(f.reader(s), &f.mem)}
			var line [2]string
			var end [2]error
			next := func(i int) {
				line[i], end[i] = in[i].line()
				line[i] = strings.TrimSuffix(line[i], "\n")
			}
			next(0)
			next(1)
			for end[0] == nil || end[1] == nil {
				switch {
				case end[1] != nil || end[0] == nil && line[0] < line[1]:
					show(0, line[0])
					next(0)
				case end[0] != nil || line[1] < line[0]:
					show(1, line[1])
					next(1)
				default:
					show(2, line[0])
					next(0)
					next(1)
				}
			}
			for _, err := range end {
				if err != io.EOF {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return f.end(p.Fail(1, "%s", reason(err)))
	}
	return f.end(0)
}
