package pocket

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// each calls do with the content of every file named, or of standard input.
func (t *task) each(names []string, do func(name string, r io.Reader) error) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, name := range names {
		if err := t.with(name, do); err != nil {
			code = t.fail(1, "%s: %s", name, reason(err))
		}
	}
	return code
}

func (t *task) with(name string, do func(string, io.Reader) error) error {
	if name == "-" || name == "/dev/stdin" {
		return do(name, t.stdin)
	}
	file, err := t.files.open(t.path(name), os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	return do(name, file)
}

// flags splits single-letter options, some of which take a value, from operands.
func (t *task) flags(valued string) (set map[rune]string, operands []string) {
	set = map[rune]string{}
	args := t.argv[1:]
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

func runCat(_ context.Context, t *task) int {
	_, names := t.flags("")
	return t.each(names, func(_ string, r io.Reader) error {
		_, err := io.Copy(t.stdout, r)
		return err
	})
}

func lineCount(set map[rune]string, args []string) (int, []string, bool) {
	text, ok := set['n']
	for o := range set {
		if o >= '0' && o <= '9' { // `head -5`, `tail -20`
			return 0, args, false
		}
	}
	if !ok {
		return 10, args, true
	}
	n, err := strconv.Atoi(strings.TrimPrefix(text, "+"))
	return n, args, err == nil && n >= 0
}

func runHead(_ context.Context, t *task) int {
	shortCount(t)
	set, names := t.flags("nc")
	n, names, ok := lineCount(set, names)
	if !ok {
		return t.fail(1, "invalid number '%s'", set['n'])
	}
	return t.each(names, func(_ string, r io.Reader) error {
		if c, ok := set['c']; ok {
			limit, _ := strconv.ParseInt(c, 10, 64)
			_, err := io.CopyN(t.stdout, r, limit)
			if err == io.EOF {
				return nil
			}
			return err
		}
		lines := bufio.NewScanner(r)
		for i := 0; i < n && lines.Scan(); i++ {
			fmt.Fprintln(t.stdout, lines.Text())
		}
		return lines.Err()
	})
}

// shortCount turns the old form `head -5` into `head -n 5`.
func shortCount(t *task) {
	if len(t.argv) > 1 {
		if n, ok := strings.CutPrefix(t.argv[1], "-"); ok {
			if _, err := strconv.Atoi(n); err == nil {
				t.argv = slices.Concat([]string{t.argv[0], "-n", n}, t.argv[2:])
			}
		}
	}
}

func runTail(ctx context.Context, t *task) int {
	shortCount(t)
	set, names := t.flags("ncs")
	n, names, ok := lineCount(set, names)
	if !ok {
		return t.fail(1, "invalid number '%s'", set['n'])
	}
	seen := map[string]int{}
	code := t.each(names, func(name string, r io.Reader) error {
		text, err := io.ReadAll(io.LimitReader(r, maxFileSize))
		if err != nil {
			return err
		}
		seen[name] = len(text)
		lines := bytes.SplitAfter(text, []byte("\n"))
		if len(lines) > 0 && len(lines[len(lines)-1]) == 0 {
			lines = lines[:len(lines)-1]
		}
		if strings.HasPrefix(set['n'], "+") {
			lines = lines[min(max(n-1, 0), len(lines)):]
		} else {
			lines = lines[max(len(lines)-n, 0):]
		}
		_, err = t.stdout.Write(bytes.Join(lines, nil))
		return err
	})
	_, follow := set['f']
	_, followName := set['F']
	if !follow && !followName || len(seen) == 0 {
		return code
	}
	// As tail itself does where it cannot be told of changes: look every second.
	for sleep(ctx, time.Second) {
		for name, at := range seen {
			text, err := t.readFile(name)
			if err == nil && len(text) > at {
				_, _ = t.stdout.Write(text[at:])
			}
			seen[name] = len(text)
		}
	}
	return killedCode
}

func runWC(_ context.Context, t *task) int {
	set, names := t.flags("")
	if len(set) == 0 {
		set = map[rune]string{'l': "", 'w': "", 'c': ""}
	}
	return t.each(names, func(name string, r io.Reader) error {
		text, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		var columns []string
		for _, c := range []struct {
			option rune
			count  int
		}{{'l', bytes.Count(text, []byte("\n"))}, {'w', len(bytes.Fields(text))}, {'c', len(text)}, {'m', len([]rune(string(text)))}} {
			if _, ok := set[c.option]; ok {
				columns = append(columns, strconv.Itoa(c.count))
			}
		}
		if name != "-" {
			columns = append(columns, name)
		}
		fmt.Fprintln(t.stdout, strings.Join(columns, " "))
		return nil
	})
}

func runLS(_ context.Context, t *task) int {
	set, names := t.flags("")
	if len(names) == 0 {
		names = []string{"."}
	}
	_, long := set['l']
	_, all := set['a']
	show := func(info fs.FileInfo, name string) {
		if long {
			fmt.Fprintf(t.stdout, "%s    1 root     root     %8d %s %s\n", info.Mode(), info.Size(), info.ModTime().UTC().Format("Jan _2 15:04"), name)
		} else {
			fmt.Fprintln(t.stdout, name)
		}
	}
	code := 0
	for _, name := range names {
		info, err := t.files.stat(t.path(name))
		if err != nil {
			code = t.fail(1, "%s: %s", name, reason(err))
			continue
		}
		if !info.IsDir() {
			show(info, name)
			continue
		}
		entries, err := t.files.readDir(t.path(name))
		if err != nil {
			code = t.fail(1, "%s: %s", name, reason(err))
			continue
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") && !all {
				continue
			}
			if info, err := t.files.stat(path.Join(t.path(name), e.Name())); err == nil {
				show(info, e.Name())
			}
		}
	}
	return code
}

func runTee(_ context.Context, t *task) int {
	set, names := t.flags("")
	flag := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if _, ok := set['a']; ok {
		flag = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	outputs := []io.Writer{t.stdout}
	code := 0
	for _, name := range names {
		file, err := t.files.open(t.path(name), flag, 0o644)
		if err != nil {
			code = t.fail(1, "%s: %s", name, reason(err))
			continue
		}
		defer file.Close()
		outputs = append(outputs, file)
	}
	if _, err := io.Copy(io.MultiWriter(outputs...), t.stdin); err != nil {
		return t.fail(1, "%s", reason(err))
	}
	return code
}

func runMkdir(_ context.Context, t *task) int {
	set, names := t.flags("m")
	_, parents := set['p']
	code := 0
	for _, name := range names {
		if err := t.files.mkdir(t.path(name), parents); err != nil {
			code = t.fail(1, "can't create directory '%s': %s", name, reason(err))
		}
	}
	return code
}

func runRM(_ context.Context, t *task) int {
	set, names := t.flags("")
	_, lower := set['r']
	_, upper := set['R']
	_, force := set['f']
	code := 0
	for _, name := range names {
		if err := t.files.remove(t.path(name), lower || upper); err != nil && !(force && os.IsNotExist(err)) {
			code = t.fail(1, "can't remove '%s': %s", name, reason(err))
		}
	}
	return code
}

func runTouch(_ context.Context, t *task) int {
	_, names := t.flags("dtr")
	code := 0
	for _, name := range names {
		file, err := t.files.open(t.path(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			code = t.fail(1, "%s: %s", name, reason(err))
			continue
		}
		file.Close()
	}
	return code
}

func runCP(_ context.Context, t *task) int {
	_, names := t.flags("")
	if len(names) != 2 {
		return t.fail(1, "the sandbox copies one file: cp SOURCE DEST")
	}
	return t.copyFile(names[0], names[1])
}

func runMV(_ context.Context, t *task) int {
	_, names := t.flags("")
	if len(names) != 2 {
		return t.fail(1, "the sandbox moves one file: mv SOURCE DEST")
	}
	if code := t.copyFile(names[0], names[1]); code != 0 {
		return code
	}
	if err := t.files.remove(t.path(names[0]), false); err != nil {
		return t.fail(1, "can't rename '%s': %s", names[0], reason(err))
	}
	return 0
}

func (t *task) copyFile(from, to string) int {
	text, err := t.readFile(from)
	if err != nil {
		return t.fail(1, "can't stat '%s': %s", from, reason(err))
	}
	if info, err := t.files.stat(t.path(to)); err == nil && info.IsDir() {
		to = path.Join(to, path.Base(from))
	}
	file, err := t.files.open(t.path(to), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return t.fail(1, "can't create '%s': %s", to, reason(err))
	}
	defer file.Close()
	if _, err := file.Write(text); err != nil {
		return t.fail(1, "write error: %s", reason(err))
	}
	return 0
}
