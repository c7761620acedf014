package shell

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// runTimeout is `timeout [-s SIG] [-k SECS] SECS COMMAND ARG…`.
func runTimeout(ctx context.Context, p *proc.Process) int {
	args := p.Args[1:]
	sig, killAfter := proc.SIGTERM, time.Duration(0)
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		option, value := args[0][1], args[0][2:]
		args = args[1:]
		if value == "" && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		switch option {
		case 's':
			var ok bool
			if sig, ok = parseSignal(value); !ok {
				return p.Fail(1, "bad signal name '%s'", value)
			}
		case 'k', 't':
			d, ok := parseSleep(value)
			if !ok {
				return p.Fail(1, "invalid number '%s'", value)
			}
			if option == 't' {
				args = append([]string{value}, args...)
				break
			}
			killAfter = d
		default:
			return p.Fail(1, "invalid option -- '%c'", option)
		}
	}
	if len(args) < 2 {
		return p.Fail(1, "requires at least 2 arguments")
	}
	d, ok := parseSleep(args[0])
	if !ok {
		return p.Fail(1, "invalid number '%s'", args[0])
	}
	program, err := lookUp(p, args[1])
	if err != nil {
		return p.Fail(cannotExecute(err), "can't execute '%s': %s", args[1], reason(err))
	}
	child := p.Child(args[1:]...)
	limit := time.AfterFunc(d, func() { child.Signal(sig) })
	defer limit.Stop()
	if killAfter > 0 {
		hard := time.AfterFunc(d+killAfter, func() { child.Signal(proc.SIGKILL) })
		defer hard.Stop()
	}
	return child.Run(ctx, wired(program))
}

// runEnv prints the environment, or runs `env [-i] [-u NAME] [NAME=VALUE…] COMMAND…`.
func runEnv(ctx context.Context, p *proc.Process) int {
	args := p.Args[1:]
	env := p.Child().Env
	if env == nil {
		env = map[string]string{}
	}
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch {
		case args[0] == "-i", args[0] == "-", args[0] == "--ignore-environment":
			clear(env)
		case args[0] == "-u" && len(args) > 1:
			args = args[1:]
			delete(env, args[0])
		case args[0] == "-S" && len(args) > 1:
			args = append(append(args[:1:1], strings.Fields(args[1])...), args[2:]...)
		case args[0] == "--":
		default:
			return invalidOption(p, rune(args[0][1]))
		}
		args = args[1:]
	}
	for len(args) > 0 && strings.Contains(args[0], "=") {
		k, v, _ := strings.Cut(args[0], "=")
		env[k] = v
		args = args[1:]
	}
	if len(args) == 0 {
		for _, line := range environ(env) {
			fmt.Fprintln(p.Stdout, line)
		}
		return 0
	}
	p.Env = env
	return replace(ctx, p, args...)
}

func runWhich(_ context.Context, p *proc.Process) int {
	code := 0
	for _, name := range p.Args[1:] {
		if name == "-a" {
			continue
		}
		if _, err := lookUp(p, name); err != nil {
			code = 1
			continue
		}
		if !strings.Contains(name, "/") {
			name = programPath(p, name, p.Env["PATH"])
		}
		fmt.Fprintln(p.Stdout, name)
	}
	return code
}

// runNohup is `nohup COMMAND ARG…`.
func runNohup(ctx context.Context, p *proc.Process) int {
	if len(p.Args) < 2 {
		return p.Fail(125, "usage: nohup PROG ARGS")
	}
	p.Notify(proc.SIGHUP)
	return replace(ctx, p, p.Args[1:]...)
}

// runSetsid is `setsid COMMAND ARG…`, and other commands that only run another.
func runWrapper(skip string) proc.Program {
	return func(ctx context.Context, p *proc.Process) int {
		args := p.Args[1:]
		for len(args) > 0 && strings.HasPrefix(args[0], "-") {
			if len(args[0]) == 2 && strings.Contains(skip, args[0][1:]) && len(args) > 1 {
				args = args[1:]
			}
			args = args[1:]
		}
		if len(args) == 0 {
			return p.Fail(1, "command is missing")
		}
		return replace(ctx, p, args...)
	}
}

func runTime(ctx context.Context, p *proc.Process) int {
	args := p.Args[1:]
	posix := false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		posix = posix || args[0] == "-p"
		args = args[1:]
	}
	if len(args) == 0 {
		return 0
	}
	start := time.Now()
	code, err := run(ctx, p, args...)
	if err != nil {
		return p.Fail(cannotExecute(err), "can't execute '%s': %s", args[0], reason(err))
	}
	printTime(p.Stderr, time.Since(start), posix)
	return code
}

// runWatch is `watch [-n SECS] COMMAND`.
func runWatch(ctx context.Context, p *proc.Process) int {
	set, args := flags(p, "n")
	_, untitled := set['t']
	period := 2 * time.Second
	if text, ok := set['n']; ok {
		d, ok := parseSleep(text)
		if !ok {
			return p.Fail(1, "invalid number '%s'", text)
		}
		period = max(d, 100*time.Millisecond)
	}
	if len(args) == 0 {
		return p.Fail(1, "requires at least 1 argument")
	}
	for {
		fmt.Fprint(p.Stdout, "\x1b[H\x1b[J")
		if !untitled {
			fmt.Fprintf(p.Stdout, "Every %.1fs: %-58s%s\n\n", period.Seconds(), strings.Join(args, " "), time.Now().UTC().Format("2006-01-02 15:04:05"))
		}
		if _, err := run(ctx, p, "/bin/sh", "-c", strings.Join(args, " ")); err != nil {
			return p.Fail(127, "can't execute 'sh': %s", reason(err))
		}
		if !proc.Sleep(ctx, period) {
			return killedCode
		}
	}
}

// runXargs is xargs with -n, -I, -0, -r, -t and -d.
func runXargs(ctx context.Context, p *proc.Process) int {
	args := p.Args[1:]
	count, placeholder, null, noEmpty, trace := 0, "", false, false, false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		letters := args[0][1:]
		args = args[1:]
		for i := 0; i < len(letters); i++ {
			c := letters[i]
			if strings.IndexByte("nILsPEed", c) < 0 {
				switch c {
				case '0':
					null = true
				case 'r':
					noEmpty = true
				case 't':
					trace = true
				case 'p', 'x', 'o':
				default:
					return invalidOption(p, rune(c))
				}
				continue
			}
			value := letters[i+1:]
			if value == "" && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			switch c {
			case 'n', 'L':
				n, err := strconv.Atoi(value)
				if err != nil || n < 1 {
					return p.Fail(1, "invalid number '%s'", value)
				}
				count = n
			case 'I':
				placeholder, count = value, 1
			}
			break
		}
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		args = []string{"echo"}
	}
	mem := &memory{p: p}
	defer mem.free()
	items, err := xargsItems(p, mem, null, placeholder != "")
	if err != nil {
		return p.Fail(1, "%s", err)
	}
	if len(items) == 0 && (noEmpty || placeholder != "") {
		return 0
	}
	code := 0
	for first := true; first || len(items) > 0; first = false {
		n := len(items)
		if count > 0 {
			n = min(count, n)
		}
		n = min(n, 5000) // as many as fit a command line
		command := slices.Clone(args)
		if placeholder != "" {
			for i, a := range command {
				command[i] = strings.ReplaceAll(a, placeholder, items[0])
			}
		} else {
			command = append(command, items[:n]...)
		}
		items = items[n:]
		if trace {
			fmt.Fprintln(p.Stderr, strings.Join(command, " "))
		}
		child := p.Child()
		child.Stdin = strings.NewReader("")
		status, err := run(ctx, child, command...)
		switch {
		case ctx.Err() != nil:
			return killedCode
		case err != nil:
			return p.Fail(cannotExecute(err), "can't execute '%s': %s", command[0], reason(err))
		case status == 255:
			return p.Fail(124, "%s: exited with status 255; aborting", command[0])
		case status != 0:
			code = 123
		}
	}
	return code
}

func xargsItems(p *proc.Process, mem *memory, null, byLine bool) (items []string, err error) {
	text, err := readAll(mem, p.Stdin)
	if err == nil {
		items := 1
		for _, c := range text {
			if c == 0 || isSpace(c) {
				items++
			}
		}
		err = mem.grow(len(text) + items*stringSize)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case null:
		items = strings.Split(string(text), "\x00")
		if len(items) > 0 && items[len(items)-1] == "" {
			items = items[:len(items)-1]
		}
		return items, nil
	case byLine:
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimLeft(strings.TrimSuffix(line, "\n"), " \t"); line != "" {
				items = append(items, line)
			}
		}
		return items, nil
	}
	var word strings.Builder
	in, quoted, began := false, byte(0), false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted != 0 && c == quoted:
			quoted = 0
		case quoted != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quoted, in, began = c, true, true
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
			in = true
		case c == ' ' || c == '\t' || c == '\n':
			if in || began {
				items = append(items, word.String())
			}
			word.Reset()
			in, began = false, false
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if quoted != 0 {
		return nil, errors.New("unmatched " + map[byte]string{'"': "double", '\'': "single"}[quoted] + " quote")
	}
	if in || began {
		items = append(items, word.String())
	}
	return items, nil
}
