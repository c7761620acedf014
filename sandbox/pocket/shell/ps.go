package shell

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// runPS prints the processes of the container.
func runPS(_ context.Context, p *proc.Process) int {
	columns := []string{"pid", "user", "time", "args"}
	headers := map[string]string{}
	args := p.Args[1:]
	for i := 0; i < len(args); i++ {
		if spec, ok := strings.CutPrefix(args[i], "-o"); ok {
			if spec == "" && i+1 < len(args) {
				i++
				spec = args[i]
			}
			if columns[0] == "pid" && len(columns) == 4 && columns[3] == "args" && len(headers) == 0 {
				columns = nil
			}
			for c := range strings.SplitSeq(spec, ",") {
				name, header, named := strings.Cut(c, "=")
				if named {
					headers[name] = header
				}
				columns = append(columns, name)
			}
		}
	}
	type column struct {
		header string
		width  int // negative is flush right
		value  func(*proc.Process) string
	}
	known := map[string]column{
		"pid":  {"PID", -5, func(q *proc.Process) string { return strconv.Itoa(q.PID) }},
		"ppid": {"PPID", -5, func(q *proc.Process) string { return strconv.Itoa(q.Parent) }},
		"pgid": {"PGID", -5, func(q *proc.Process) string { return strconv.Itoa(q.Group()) }},
		"user": {"USER", 8, func(q *proc.Process) string { return nameOrNumber(userName(p, q.User.UID), q.User.UID) }},
		"time": {"TIME", 5, func(q *proc.Process) string { return "  0:00" }},
		"args": {"COMMAND", 0, commandLine}, "comm": {"COMMAND", 16, func(q *proc.Process) string { return clip(q.Name(), 15) }},
		"vsz": {"VSZ", -5, func(*proc.Process) string { return "4408" }}, "rss": {"RSS", -4, func(*proc.Process) string { return "1024" }},
		"stat": {"STAT", 4, func(q *proc.Process) string {
			if q == p {
				return "R"
			}
			return "S"
		}},
		"tty": {"TT", 6, func(q *proc.Process) string {
			if q.TTY != nil {
				return "136,0"
			}
			return "?"
		}},
		"etime": {"ELAPSED", -7, func(q *proc.Process) string {
			d := int(time.Since(q.Started).Seconds())
			return fmt.Sprintf("%d:%02d", d/60, d%60)
		}},
		"group": {"GROUP", 8, func(q *proc.Process) string { return nameOrNumber(groups(p)[q.User.GID], q.User.GID) }},
	}
	row := func(value func(column) string) {
		var b strings.Builder
		for i, name := range columns {
			c, last := known[name], i == len(columns)-1
			if i > 0 {
				b.WriteByte(' ')
			}
			switch v := value(c); {
			case c.width < 0:
				fmt.Fprintf(&b, "%*s", -c.width, v)
			case last:
				b.WriteString(v)
			default:
				fmt.Fprintf(&b, "%-*s", c.width, v)
			}
		}
		fmt.Fprintln(p.Stdout, b.String())
	}
	for _, name := range columns {
		c, ok := known[name]
		if !ok {
			return p.Fail(1, "bad -o argument '%s', supported arguments: user,group,comm,args,pid,ppid,pgid,etime,rss,stat,time,tty,vsz", name)
		}
		if h, ok := headers[name]; ok {
			c.header = h
			known[name] = c
		}
	}
	if len(columns) == 4 && columns[2] == "time" { // the usual table has a column of its own width
		c := known["time"]
		c.header, c.width = "  TIME", 6
		known["time"] = c
	}
	row(func(c column) string { return c.header })
	for _, q := range p.Table.List() {
		row(func(c column) string { return c.value(q) })
	}
	return 0
}

func nameOrNumber(name string, n int64) string {
	if name == "" {
		return strconv.FormatInt(n, 10)
	}
	return clip(name, 8)
}

func commandLine(p *proc.Process) string { return strings.Join(p.Args, " ") }

// runTop prints one table with -b, else one after the other.
func runTop(ctx context.Context, p *proc.Process) int {
	set, _ := flags(p, "nd")
	rounds := -1
	if text, ok := set['n']; ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return p.Fail(1, "invalid number '%s'", text)
		}
		rounds = n
	}
	period := 5 * time.Second
	if d, ok := parseSleep(set['d']); ok {
		period = max(d, 100*time.Millisecond)
	}
	_, batch := set['b']
	last, at := p.Usage.CPU(), time.Now()
	for round := 1; ; round++ {
		total, free := freeMemory(p)
		if !batch {
			fmt.Fprint(p.Stdout, "\x1b[H\x1b[J")
		}
		used := p.Usage.CPU()
		share := 0.0
		if d := time.Since(at); d > 0 {
			share = min(100, float64(used-last)/float64(d)/nodeCPUs*100)
		}
		last, at = used, time.Now()
		fmt.Fprintf(p.Stdout, "Mem: %dK used, %dK free, 0K shrd, 0K buff, 0K cached\n", (total-free)>>10, free>>10)
		fmt.Fprintf(p.Stdout, "CPU: %3.0f%% usr   0%% sys   0%% nic %3.0f%% idle   0%% io   0%% irq   0%% sirq\n", share, 100-share)
		fmt.Fprintf(p.Stdout, "Load average: 0.08 0.03 0.01 1/%d %d\n", p.Table.Len(), p.PID)
		fmt.Fprintln(p.Stdout, "  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND")
		for _, q := range p.Table.List() {
			state := "S"
			if q == p {
				state = "R"
			}
			fmt.Fprintf(p.Stdout, "%5d %5d %-8s %-4s %5d %3d%% %3d %3d%% %s\n", q.PID, q.Parent, nameOrNumber(userName(p, q.User.UID), q.User.UID), state, 4408, 0, 0, 0, commandLine(q))
		}
		if round == rounds {
			return 0
		}
		if !proc.Sleep(ctx, period) {
			return killedCode
		}
	}
}

func runPidof(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "o")
	_, single := set['s']
	var found []string
	list := p.Table.List()
	slices.Reverse(list)
	for _, q := range list {
		for _, name := range names {
			if q.Name() == path.Base(name) && q != p {
				found = append(found, strconv.Itoa(q.PID))
			}
		}
	}
	if len(found) == 0 {
		return 1
	}
	if single {
		found = found[:1]
	}
	fmt.Fprintln(p.Stdout, strings.Join(found, " "))
	return 0
}

// runKillall is `killall [-SIG] NAME…`; runPkill matches a part of the name.
func runKillall(_ context.Context, p *proc.Process) int {
	sig, args, quiet := proc.SIGTERM, p.Args[1:], false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		name := args[0][1:]
		args = args[1:]
		switch {
		case name == "l":
			listSignals(p.Stdout)
			return 0
		case name == "q":
			quiet = true
		case name == "f" || name == "x":
		default:
			if name == "s" && len(args) > 0 {
				name, args = args[0], args[1:]
			}
			var ok bool
			if sig, ok = parseSignal(name); !ok {
				return p.Fail(1, "bad signal name '%s'", name)
			}
		}
	}
	if len(args) == 0 {
		return p.Fail(1, "you need to specify whom to kill")
	}
	code := 0
	for _, name := range args {
		found := false
		for _, q := range p.Table.List() {
			if q == p || q.Name() != name && !(p.Name() == "pkill" && strings.Contains(q.Name(), name)) {
				continue
			}
			found = true
			send(q, sig)
		}
		if !found {
			code = 1
			if !quiet && p.Name() == "killall" {
				p.Fail(1, "%s: no process killed", name)
			}
		}
	}
	return code
}

func runPgrep(_ context.Context, p *proc.Process) int {
	set, args := flags(p, "")
	_, full := set['f']
	_, list := set['l']
	if len(args) != 1 {
		return p.Fail(1, "requires exactly one argument")
	}
	code := 1
	for _, q := range p.Table.List() {
		subject := q.Name()
		if full {
			subject = commandLine(q)
		}
		if q == p || !strings.Contains(subject, args[0]) {
			continue
		}
		code = 0
		if list {
			fmt.Fprintln(p.Stdout, q.PID, q.Name())
		} else {
			fmt.Fprintln(p.Stdout, q.PID)
		}
	}
	return code
}

// runID is id and, by name, whoami and groups.
func runID(_ context.Context, p *proc.Process) int {
	set, operands := flags(p, "")
	user := p.User
	if len(operands) > 0 {
		entry, ok := lookUpUser(p, operands[0])
		if !ok {
			return p.Fail(1, "unknown user %s", operands[0])
		}
		user = proc.User{UID: entry.uid, GID: entry.gid}
	}
	names := groups(p)
	ids := []int64{user.GID}
	for _, g := range user.Groups {
		if !slices.Contains(ids, g) {
			ids = append(ids, g)
		}
	}
	_, byName := set['n']
	show := func(id int64, name string) string {
		if byName && name != "" {
			return name
		}
		return strconv.FormatInt(id, 10)
	}
	for _, o := range []rune{'u', 'g', 'G'} {
		if _, ok := set[o]; !ok {
			continue
		}
		switch o {
		case 'u':
			fmt.Fprintln(p.Stdout, show(user.UID, userName(p, user.UID)))
		case 'g':
			fmt.Fprintln(p.Stdout, show(user.GID, names[user.GID]))
		case 'G':
			var list []string
			for _, g := range ids {
				list = append(list, show(g, names[g]))
			}
			fmt.Fprintln(p.Stdout, strings.Join(list, " "))
		}
		return 0
	}
	named := func(id int64, name string) string {
		if name == "" {
			return strconv.FormatInt(id, 10)
		}
		return fmt.Sprintf("%d(%s)", id, name)
	}
	line := "uid=" + named(user.UID, userName(p, user.UID)) + " gid=" + named(user.GID, names[user.GID])
	var list []string
	for _, g := range ids {
		list = append(list, named(g, names[g]))
	}
	if len(user.Groups) > 0 || user.UID == 0 {
		line += " groups=" + strings.Join(list, ",")
	}
	fmt.Fprintln(p.Stdout, line)
	return 0
}

func runWhoami(_ context.Context, p *proc.Process) int {
	name := userName(p, p.User.UID)
	if name == "" {
		return p.Fail(1, "unknown uid %d", p.User.UID)
	}
	fmt.Fprintln(p.Stdout, name)
	return 0
}

func runNproc(_ context.Context, p *proc.Process) int {
	fmt.Fprintln(p.Stdout, nodeCPUs)
	return 0
}

var _ = fs.ErrNotExist
