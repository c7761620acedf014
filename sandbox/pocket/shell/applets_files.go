package shell

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

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// each calls do with the content of every file named, or of standard input.
func each(t *proc.Process, names []string, do func(name string, r io.Reader) error) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, name := range names {
		if err := with(t, name, do); err != nil {
			code = t.Fail(1, "%s: %s", name, reason(err))
		}
	}
	return code
}

func with(t *proc.Process, name string, do func(string, io.Reader) error) error {
	if name == "-" || name == "/dev/stdin" {
		return do(name, t.Stdin)
	}
	file, err := t.Files.Open(t.Path(name), os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	return do(name, file)
}

// flags splits single-letter options, some of which take a value, from operands.
func flags(t *proc.Process, valued string) (set map[rune]string, operands []string) {
	set = map[rune]string{}
	args := t.Args[1:]
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

func runCat(_ context.Context, t *proc.Process) int {
	_, names := flags(t, "")
	return each(t, names, func(_ string, r io.Reader) error {
		_, err := io.Copy(t.Stdout, r)
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

func runHead(_ context.Context, t *proc.Process) int {
	shortCount(t)
	set, names := flags(t, "nc")
	n, names, ok := lineCount(set, names)
	if !ok {
		return t.Fail(1, "invalid number '%s'", set['n'])
	}
	return each(t, names, func(_ string, r io.Reader) error {
		if c, ok := set['c']; ok {
			limit, _ := strconv.ParseInt(c, 10, 64)
			_, err := io.CopyN(t.Stdout, r, limit)
			if err == io.EOF {
				return nil
			}
			return err
		}
		lines := bufio.NewScanner(r)
		for i := 0; i < n && lines.Scan(); i++ {
			fmt.Fprintln(t.Stdout, lines.Text())
		}
		return lines.Err()
	})
}

// shortCount turns the old form `head -5` into `head -n 5`.
func shortCount(t *proc.Process) {
	if len(t.Args) > 1 {
		if n, ok := strings.CutPrefix(t.Args[1], "-"); ok {
			if _, err := strconv.Atoi(n); err == nil {
				t.Args = slices.Concat([]string{t.Args[0], "-n", n}, t.Args[2:])
			}
		}
	}
}

func runTail(ctx context.Context, t *proc.Process) int {
	shortCount(t)
	set, names := flags(t, "ncs")
	n, names, ok := lineCount(set, names)
	if !ok {
		return t.Fail(1, "invalid number '%s'", set['n'])
	}
	seen := map[string]int{}
	code := each(t, names, func(name string, r io.Reader) error {
		text, err := io.ReadAll(io.LimitReader(r, files.MaxFileSize))
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
		_, err = t.Stdout.Write(bytes.Join(lines, nil))
		return err
	})
	_, follow := set['f']
	_, followName := set['F']
	if !follow && !followName || len(seen) == 0 {
		return code
	}
	// As tail itself does where it cannot be told of changes: look every second.
	for proc.Sleep(ctx, time.Second) {
		for name, at := range seen {
			text, err := t.Files.ReadFile(t.Path(name))
			if err == nil && len(text) > at {
				_, _ = t.Stdout.Write(text[at:])
			}
			seen[name] = len(text)
		}
	}
	return killedCode
}

func runWC(_ context.Context, t *proc.Process) int {
	set, names := flags(t, "")
	if len(set) == 0 {
		set = map[rune]string{'l': "", 'w': "", 'c': ""}
	}
	return each(t, names, func(name string, r io.Reader) error {
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
		fmt.Fprintln(t.Stdout, strings.Join(columns, " "))
		return nil
	})
}

func runLS(_ context.Context, t *proc.Process) int {
	set, names := flags(t, "")
	if len(names) == 0 {
		names = []string{"."}
	}
	_, long := set['l']
	_, all := set['a']
	show := func(info fs.FileInfo, name string) {
		if long {
			fmt.Fprintf(t.Stdout, "%s    1 root     root     %8d %s %s\n", info.Mode(), info.Size(), info.ModTime().UTC().Format("Jan _2 15:04"), name)
		} else {
			fmt.Fprintln(t.Stdout, name)
		}
	}
	code := 0
	for _, name := range names {
		info, err := t.Files.Stat(t.Path(name))
		if err != nil {
			code = t.Fail(1, "%s: %s", name, reason(err))
			continue
		}
		if !info.IsDir() {
			show(info, name)
			continue
		}
		entries, err := t.Files.ReadDir(t.Path(name))
		if err != nil {
			code = t.Fail(1, "%s: %s", name, reason(err))
			continue
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") && !all {
				continue
			}
			if info, err := t.Files.Stat(path.Join(t.Path(name), e.Name())); err == nil {
				show(info, e.Name())
			}
		}
	}
	return code
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

func runMkdir(_ context.Context, t *proc.Process) int {
	set, names := flags(t, "m")
	_, parents := set['p']
	code := 0
	for _, name := range names {
		if err := t.Files.Mkdir(t.Path(name), parents); err != nil {
			code = t.Fail(1, "can't create directory '%s': %s", name, reason(err))
		}
	}
	return code
}

func runRM(_ context.Context, t *proc.Process) int {
	set, names := flags(t, "")
	_, lower := set['r']
	_, upper := set['R']
	_, force := set['f']
	code := 0
	for _, name := range names {
		if err := t.Files.Remove(t.Path(name), lower || upper); err != nil && !(force && os.IsNotExist(err)) {
			code = t.Fail(1, "can't remove '%s': %s", name, reason(err))
		}
	}
	return code
}

func runTouch(_ context.Context, t *proc.Process) int {
	_, names := flags(t, "dtr")
	code := 0
	for _, name := range names {
		file, err := t.Files.Open(t.Path(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			code = t.Fail(1, "%s: %s", name, reason(err))
			continue
		}
		file.Close()
	}
	return code
}

func runCP(_ context.Context, t *proc.Process) int {
	_, names := flags(t, "")
	if len(names) != 2 {
		return t.Fail(1, "the sandbox copies one file: cp SOURCE DEST")
	}
	return copyFile(t, names[0], names[1])
}

func runMV(_ context.Context, t *proc.Process) int {
	_, names := flags(t, "")
	if len(names) != 2 {
		return t.Fail(1, "the sandbox moves one file: mv SOURCE DEST")
	}
	if code := copyFile(t, names[0], names[1]); code != 0 {
		return code
	}
	if err := t.Files.Remove(t.Path(names[0]), false); err != nil {
		return t.Fail(1, "can't rename '%s': %s", names[0], reason(err))
	}
	return 0
}

func copyFile(t *proc.Process, from, to string) int {
	text, err := t.Files.ReadFile(t.Path(from))
	if err != nil {
		return t.Fail(1, "can't stat '%s': %s", from, reason(err))
	}
	if info, err := t.Files.Stat(t.Path(to)); err == nil && info.IsDir() {
		to = path.Join(to, path.Base(from))
	}
	file, err := t.Files.Open(t.Path(to), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return t.Fail(1, "can't create '%s': %s", to, reason(err))
	}
	defer file.Close()
	if _, err := file.Write(text); err != nil {
		return t.Fail(1, "write error: %s", reason(err))
	}
	return 0
}
