package shell

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
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
			if t.Name() == "cat" && !errors.Is(err, syscall.EISDIR) {
				code = t.Fail(1, "can't open '%s': %s", name, reason(err))
				continue
			}
			if t.Name() == "cat" {
				code = t.Fail(1, "read error: %s", reason(err))
				continue
			}
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
		if len(columns) > 1 {
			for i, c := range columns {
				columns[i] = fmt.Sprintf("%9s", c)
			}
		}
		if name != "-" {
			columns = append(columns, name)
		}
		fmt.Fprintln(t.Stdout, strings.Join(columns, " "))
		return nil
	})
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
