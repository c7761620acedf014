package shell

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// runDF is df with -h, -k, -m, -T and -P.
func runDF(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "Bt")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	mounts := p.Files.Mounts()
	code := 0
	if len(names) > 0 {
		mounts = nil
		for _, name := range names {
			m, err := p.Files.Mountpoint(p.Path(name))
			if err == nil {
				_, err = p.Files.Stat(p.Path(name))
			}
			if err != nil {
				code = p.Fail(1, "%s: can't find mount point: %s", name, reason(err))
				continue
			}
			mounts = append(mounts, m)
		}
		if len(mounts) == 0 {
			return code
		}
	}
	unit, header := int64(1<<10), "1K-blocks"
	switch {
	case has('h'):
		header = "     Size"
	case has('m'):
		unit, header = 1<<20, "1M-blocks"
	case has('P'):
		header = "1024-blocks"
	}
	kind := ""
	if has('T') {
		kind = "Type       "
	}
	available := "Available"
	if has('P') && !has('h') {
		fmt.Fprintf(p.Stdout, "Filesystem           %s%s       Used Available Capacity Mounted on\n", kind, header)
	} else {
		fmt.Fprintf(p.Stdout, "Filesystem           %s%s      Used %s Use%% Mounted on\n", kind, header, available)
	}
	amount := func(n int64) string {
		if has('h') {
			return humanSize(n)
		}
		return strconv.FormatInt((n+unit-1)/unit, 10)
	}
	for _, m := range mounts {
		if m.Total == 0 && len(names) == 0 && (m.Type == "proc" || m.Type == "sysfs" || m.Type == "cgroup2") {
			continue
		}
		total := m.Total
		if total == 0 {
			total = nodeDisk
		}
		percent := int64(0)
		if total > 0 {
			percent = (m.Used*100 + total - 1) / total
		}
		column := ""
		if has('T') {
			column = fmt.Sprintf("%-10s ", m.Type)
		}
		source := fmt.Sprintf("%-20s", m.Source)
		if len(m.Source) > 20 {
			source = m.Source + "\n" + strings.Repeat(" ", 20)
		}
		fmt.Fprintf(p.Stdout, "%s %s%9s %9s %9s %3d%% %s\n", source, column, amount(total), amount(m.Used), amount(max(total-m.Used, 0)), percent, m.Path)
	}
	return code
}

// nodeDisk is the size that a mount without one of its own shows, in bytes.
const nodeDisk = 50 << 30

func runMount(_ context.Context, p *proc.Process) int {
	set, operands := flags(p, "to")
	kinds, filtered := set['t']
	if len(operands) > 0 {
		return p.Fail(1, "permission denied (are you root?)")
	}
	for _, m := range p.Files.Mounts() {
		if filtered && !mountKind(kinds, m.Type) {
			continue
		}
		fmt.Fprintf(p.Stdout, "%s on %s type %s (%s)\n", m.Source, m.Path, m.Type, m.Options)
	}
	return 0
}

// mountKind reports whether a type is in the list of mount -t: separated by
// commas, and after "no" those that are not meant.
func mountKind(list, kind string) bool {
	without, negated := strings.CutPrefix(list, "no")
	return slices.Contains(strings.Split(without, ","), kind) != negated
}

// runDU is du with -s, -h, -k, -m, -a and -c.
func runDU(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "d")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	deepest := maxFileDepth
	if n, err := strconv.Atoi(set['d']); err == nil {
		deepest = n
	}
	if has('s') {
		deepest = 0
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	show := func(kilobytes int64, name string) {
		size := strconv.FormatInt(kilobytes, 10)
		switch {
		case has('h'):
			size = humanSize(kilobytes << 10)
		case has('m'):
			size = strconv.FormatInt((kilobytes+1023)>>10, 10)
		}
		fmt.Fprintf(p.Stdout, "%s\t%s\n", size, name)
	}
	code := 0
	var visit func(name string, depth int) int64
	visit = func(name string, depth int) int64 {
		info, err := p.Files.Lstat(p.Path(name))
		if err != nil {
			code = p.Fail(1, "%s: %s", name, reason(err))
			return 0
		}
		total := blocksOf(info)
		if info.IsDir() && depth < maxFileDepth && ctx.Err() == nil {
			entries, err := p.Files.ReadDir(p.Path(name))
			if err != nil {
				code = p.Fail(1, "can't open '%s': %s", name, reason(err))
			}
			for _, e := range entries {
				total += visit(strings.TrimSuffix(name, "/")+"/"+e.Name(), depth+1)
			}
		}
		if depth == 0 || depth <= deepest && (info.IsDir() || has('a')) {
			show(total, name)
		}
		return total
	}
	sum := int64(0)
	for _, name := range names {
		sum += visit(name, 0)
	}
	if has('c') {
		show(sum, "total")
	}
	return code
}

func runFree(_ context.Context, p *proc.Process) int {
	set, _ := flags(p, "")
	unit := int64(1 << 10)
	for o, u := range map[rune]int64{'b': 1, 'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30} {
		if _, ok := set[o]; ok {
			unit = u
		}
	}
	_, human := set['h']
	amount := func(n int64) string {
		if human {
			return humanSize(n)
		}
		return strconv.FormatInt(n/unit, 10)
	}
	total, free := freeMemory(p)
	fmt.Fprintf(p.Stdout, "              total        used        free      shared  buff/cache   available\n")
	fmt.Fprintf(p.Stdout, "Mem:    %11s %11s %11s %11s %11s %11s\n", amount(total), amount(total-free), amount(free), amount(0), amount(0), amount(free))
	fmt.Fprintf(p.Stdout, "Swap:   %11s %11s %11s\n", amount(0), amount(0), amount(0))
	return 0
}

func runUptime(_ context.Context, p *proc.Process) int {
	up := uptime(p)
	text := fmt.Sprintf("%d min", int(up.Minutes()))
	if up >= time.Hour {
		text = fmt.Sprintf("%2d:%02d", int(up.Hours())%24, int(up.Minutes())%60)
	}
	if days := int(up.Hours()) / 24; days > 0 {
		text = fmt.Sprintf("%d day%s, %s", days, map[bool]string{true: "s"}[days > 1], text)
	}
	fmt.Fprintf(p.Stdout, " %s up %s,  load average: 0.08, 0.03, 0.01\n", time.Now().UTC().Format("15:04:05"), text)
	return 0
}

// runStat is stat, with -c FORMAT, -f and -L.
func runStat(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "c")
	if len(names) == 0 {
		return p.Fail(1, "requires at least 1 argument")
	}
	_, follow := set['L']
	_, system := set['f']
	format, formatted := set['c']
	code := 0
	for _, name := range names {
		stat := p.Files.Lstat
		if follow {
			stat = p.Files.Stat
		}
		info, err := stat(p.Path(name))
		if err != nil {
			code = p.Fail(1, "can't stat '%s': %s", name, reason(err))
			continue
		}
		switch {
		case system:
			m, _ := p.Files.Mountpoint(p.Path(name))
			if formatted {
				fmt.Fprintln(p.Stdout, strings.NewReplacer("%n", name, "%T", m.Type, "%s", "4096", "%S", "4096").Replace(format))
				continue
			}
			fmt.Fprintf(p.Stdout, "  File: \"%s\"\n    ID: 0        Namelen: 255     Type: %s\nBlock size: 4096\n", name, m.Type)
		case formatted:
			fmt.Fprintln(p.Stdout, statFormat(p, format, name, info))
		default:
			printStat(p, name, info)
		}
	}
	return code
}

func fileKind(info fs.FileInfo) string {
	switch m := info.Mode(); {
	case m.IsDir():
		return "directory"
	case m&fs.ModeSymlink != 0:
		return "symbolic link"
	case m&fs.ModeCharDevice != 0:
		return "character special file"
	case m&fs.ModeDevice != 0:
		return "block special file"
	case m&fs.ModeNamedPipe != 0:
		return "fifo"
	case m&fs.ModeSocket != 0:
		return "socket"
	case info.Size() == 0:
		return "regular empty file"
	}
	return "regular file"
}

// octalMode is a mode as chmod takes it.
func octalMode(m fs.FileMode) uint32 {
	n := uint32(m.Perm())
	for i, bit := range []fs.FileMode{fs.ModeSticky, fs.ModeSetgid, fs.ModeSetuid} {
		if m&bit != 0 {
			n |= 0o1000 << i
		}
	}
	return n
}

func statFormat(p *proc.Process, format, name string, info fs.FileInfo) string {
	uid, gid := files.Owner(info)
	attr, _ := info.Sys().(files.Attr)
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] == '\\' && i+1 < len(format) {
			i++
			b.WriteString(map[byte]string{'n': "\n", 't': "\t"}[format[i]])
			continue
		}
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		at := info.ModTime().UTC()
		switch c := format[i]; c {
		case 'n':
			b.WriteString(name)
		case 'N':
			b.WriteString("'" + name + "'")
			if target, err := p.Files.Readlink(p.Path(name)); err == nil {
				b.WriteString(" -> '" + target + "'")
			}
		case 's':
			fmt.Fprint(&b, info.Size())
		case 'a':
			fmt.Fprintf(&b, "%o", octalMode(info.Mode()))
		case 'A':
			b.WriteString(ModeString(info.Mode()))
		case 'f':
			kinds := map[byte]uint32{'d': 0o040000, 'l': 0o120000, 'c': 0o020000, 'p': 0o010000, 's': 0o140000, 'b': 0o060000, '-': 0o100000}
			fmt.Fprintf(&b, "%x", kinds[ModeString(info.Mode())[0]]|octalMode(info.Mode()))
		case 'F':
			b.WriteString(fileKind(info))
		case 'u':
			fmt.Fprint(&b, uid)
		case 'g':
			fmt.Fprint(&b, gid)
		case 'U':
			b.WriteString(orElse(userName(p, uid), "UNKNOWN"))
		case 'G':
			b.WriteString(orElse(groups(p)[gid], "UNKNOWN"))
		case 'i':
			fmt.Fprint(&b, attr.Inode)
		case 'h':
			fmt.Fprint(&b, max(attr.Links, 1))
		case 'b':
			fmt.Fprint(&b, blocksOf(info)*2)
		case 'B':
			b.WriteString("512")
		case 'o':
			b.WriteString("4096")
		case 'x', 'y', 'z':
			b.WriteString(at.Format("2006-01-02 15:04:05.000000000 -0700"))
		case 'X', 'Y', 'Z':
			fmt.Fprint(&b, at.Unix())
		case 'm':
			m, _ := p.Files.Mountpoint(p.Path(name))
			b.WriteString(m.Path)
		case '%':
			b.WriteByte('%')
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func printStat(p *proc.Process, name string, info fs.FileInfo) {
	uid, gid := files.Owner(info)
	attr, _ := info.Sys().(files.Attr)
	shown := name
	if target, err := p.Files.Readlink(p.Path(name)); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		shown = fmt.Sprintf("'%s' -> '%s'", name, target)
	}
	at := info.ModTime().UTC().Format("2006-01-02 15:04:05.000000000 -0700")
	fmt.Fprintf(p.Stdout, "  File: %s\n  Size: %-10d\tBlocks: %-10d IO Block: %-6d %s\nDevice: %s\tInode: %-10d  Links: %d\n",
		shown, info.Size(), blocksOf(info)*2, 4096, fileKind(info), "2eh/46d", attr.Inode, max(attr.Links, 1))
	fmt.Fprintf(p.Stdout, "Access: (%04o/%s)  Uid: (%5d/%8s)   Gid: (%5d/%8s)\nAccess: %s\nModify: %[7]s\nChange: %[7]s\n",
		octalMode(info.Mode()), ModeString(info.Mode()), uid, orElse(userName(p, uid), "UNKNOWN"), gid, orElse(groups(p)[gid], "UNKNOWN"), at)
}

// runDD is dd with if, of, bs, count, skip, seek and conv=notrunc.
func runDD(ctx context.Context, p *proc.Process) int {
	in, out := "", ""
	block, count, skip, seek := int64(512), int64(-1), int64(0), int64(0)
	noTrunc, quiet := false, false
	for _, arg := range p.Args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		to := map[string]*int64{"bs": &block, "ibs": &block, "obs": &block, "count": &count, "skip": &skip, "seek": &seek}[name]
		switch {
		case to != nil:
			n, ok := parseSize(value)
			if !ok || name == "bs" && n == 0 {
				return p.Fail(1, "invalid number '%s'", value)
			}
			*to = n
		case name == "if":
			in = value
		case name == "of":
			out = value
		case name == "conv":
			noTrunc = strings.Contains(value, "notrunc")
		case name == "status":
			quiet = value == "none" || value == "noxfer"
		case name == "iflag" || name == "oflag":
		default:
			return p.Fail(1, "invalid argument '%s'", arg)
		}
	}
	mem := memory{p: p}
	defer mem.free()
	if err := mem.grow(int(min(block, 2*maxInput))); err != nil {
		return p.Fail(1, "%s", err)
	}
	reader, writer := p.Stdin, p.Stdout
	if in != "" {
		file, err := p.Files.Open(p.Path(in), os.O_RDONLY, 0)
		if err != nil {
			return p.Fail(1, "can't open '%s': %s", in, reason(err))
		}
		defer file.Close()
		reader = file
	}
	if out != "" {
		flag := os.O_CREATE | os.O_WRONLY
		if !noTrunc && seek == 0 {
			flag |= os.O_TRUNC
		}
		file, err := p.Files.Open(p.Path(out), flag, 0o666)
		if err != nil {
			return p.Fail(1, "can't open '%s': %s", out, reason(err))
		}
		defer file.Close()
		if seek > 0 {
			if _, err := file.Seek(seek*block, io.SeekStart); err != nil {
				return p.Fail(1, "%s: %s", out, reason(err))
			}
		}
		writer = file
	}
	start := time.Now()
	buf := make([]byte, block)
	for range skip {
		if _, err := io.ReadFull(reader, buf); err != nil {
			break
		}
	}
	var fullIn, partIn, fullOut, partOut, total int64
	code := 0
	for n := int64(0); (count < 0 || n < count) && ctx.Err() == nil; n++ {
		got, err := reader.Read(buf)
		if got == 0 {
			if err != nil && err != io.EOF {
				code = p.Fail(1, "%s: %s", orElse(in, "standard input"), reason(err))
			}
			break
		}
		if int64(got) == block {
			fullIn++
		} else {
			partIn++
		}
		wrote, err := writer.Write(buf[:got])
		total += int64(wrote)
		if err != nil {
			code = p.Fail(1, "error writing '%s': %s", orElse(out, "standard output"), reason(err))
			break
		}
		if int64(wrote) == block {
			fullOut++
		} else {
			partOut++
		}
	}
	if ctx.Err() != nil {
		return killedCode
	}
	if !quiet {
		took := max(time.Since(start).Seconds(), 1e-6)
		fmt.Fprintf(p.Stderr, "%d+%d records in\n%d+%d records out\n", fullIn, partIn, fullOut, partOut)
		fmt.Fprintf(p.Stderr, "%d bytes (%sB) copied, %f seconds, %sB/s\n", total, humanSize(total), took, humanSize(int64(float64(total)/took)))
	}
	return code
}
