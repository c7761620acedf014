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

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// listing is what ls was asked for.
type listing struct {
	p                                                         *proc.Process
	long, all, almost, one, dirs, recursive, numeric, inode   bool
	human, classify, slash, byTime, bySize, reverse, unsorted bool
	follow, full, headers, printedSomething                   bool
	names                                                     map[int64]string
	code                                                      int
}

// listed is a file with the name to show.
type listed struct {
	name string // as shown
	path string
	info fs.FileInfo
}

func runLS(_ context.Context, p *proc.Process) int {
	set, operands := flags(p, "wTI")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	l := &listing{
		p: p, long: has('l') || has('n') || has('g') || has('o'), all: has('a') || has('f'), almost: has('A'), one: has('1'), dirs: has('d'), recursive: has('R'),
		numeric: has('n'), inode: has('i'), human: has('h'), classify: has('F'), slash: has('p'), byTime: has('t'), bySize: has('S'), reverse: has('r'),
		unsorted: has('U') || has('f'), follow: has('L'), full: has('e'), names: groups(p),
	}
	if len(operands) == 0 {
		operands = []string{"."}
	}
	l.headers = len(operands) > 1 || l.recursive
	var plain, dirs []listed
	for _, name := range operands {
		abs := p.Path(name)
		info, err := p.Files.Stat(abs)
		if err != nil || l.long && !l.follow && !strings.HasSuffix(name, "/") {
			if linfo, lerr := p.Files.Lstat(abs); lerr == nil && (err != nil || linfo.Mode()&fs.ModeSymlink != 0) {
				info, err = linfo, nil
			}
		}
		if err != nil {
			l.code = p.Fail(1, "%s: %s", name, reason(err))
			continue
		}
		if info.IsDir() && !l.dirs {
			dirs = append(dirs, listed{name, abs, info})
		} else {
			plain = append(plain, listed{name, abs, info})
		}
	}
	l.sort(plain)
	l.sort(dirs)
	l.print(plain)
	for _, d := range dirs {
		l.directory(d, 0)
	}
	return l.code
}

// maxFileDepth bounds how deep a tree of files is followed.
const maxFileDepth = 200

func (l *listing) directory(d listed, depth int) {
	entries, err := l.p.Files.ReadDir(d.path)
	if err != nil {
		l.code = l.p.Fail(1, "can't open '%s': %s", d.name, reason(err))
		return
	}
	if l.headers {
		if l.printedSomething {
			fmt.Fprintln(l.p.Stdout)
		}
		fmt.Fprintf(l.p.Stdout, "%s:\n", d.name)
		l.printedSomething = true
	}
	var list []listed
	if l.all {
		for _, name := range []string{".", ".."} {
			if info, err := l.p.Files.Stat(path.Join(d.path, name)); err == nil {
				list = append(list, listed{name, path.Join(d.path, name), info})
			}
		}
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && !l.all && !l.almost {
			continue
		}
		full := path.Join(d.path, e.Name())
		info, err := l.p.Files.Lstat(full)
		if err == nil && l.follow {
			if followed, ferr := l.p.Files.Stat(full); ferr == nil {
				info = followed
			}
		}
		if err == nil {
			list = append(list, listed{e.Name(), full, info})
		}
	}
	l.sort(list)
	if l.long {
		var blocks int64
		for _, f := range list {
			blocks += blocksOf(f.info)
		}
		fmt.Fprintf(l.p.Stdout, "total %s\n", l.size(blocks, true))
	}
	l.print(list)
	if !l.recursive || depth >= maxFileDepth {
		return
	}
	for _, f := range list {
		if f.info.IsDir() && f.name != "." && f.name != ".." {
			sub := f
			sub.name = strings.TrimSuffix(d.name, "/") + "/" + f.name
			l.directory(sub, depth+1)
		}
	}
}

// blocksOf is how many KiB a file takes on a disk of 4 KiB blocks.
func blocksOf(info fs.FileInfo) int64 {
	if info.Mode()&fs.ModeSymlink != 0 || info.Mode()&fs.ModeDevice != 0 {
		return 0
	}
	if info.IsDir() {
		return 4
	}
	return (info.Size() + 4095) / 4096 * 4
}

func (l *listing) sort(list []listed) {
	if l.unsorted {
		return
	}
	slices.SortStableFunc(list, func(a, b listed) int {
		c := 0
		switch {
		case l.byTime:
			c = b.info.ModTime().Compare(a.info.ModTime())
		case l.bySize:
			c = int(b.info.Size() - a.info.Size())
		}
		if c == 0 {
			c = strings.Compare(a.name, b.name)
		}
		return c
	})
	if l.reverse {
		slices.Reverse(list)
	}
}

func (l *listing) size(n int64, kilobytes bool) string {
	if !l.human {
		return strconv.FormatInt(n, 10)
	}
	if kilobytes {
		n <<= 10
	}
	return humanSize(n)
}

// humanSize prints bytes as BusyBox' -h does.
func humanSize(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	f := float64(n)
	for _, unit := range "KMGTPE" {
		if f /= 1024; f < 1024 {
			return fmt.Sprintf("%.1f%c", f, unit)
		}
	}
	return strconv.FormatInt(n, 10)
}

func (l *listing) print(list []listed) {
	if len(list) == 0 {
		return
	}
	l.printedSomething = true
	if !l.long {
		l.columns(list)
		return
	}
	for _, f := range list {
		uid, gid := files.Owner(f.info)
		owner, group := nameOrNumber(userName(l.p, uid), uid), nameOrNumber(l.names[gid], gid)
		if l.numeric {
			owner, group = strconv.FormatInt(uid, 10), strconv.FormatInt(gid, 10)
		}
		links := 1
		attr, ok := f.info.Sys().(files.Attr)
		if ok && attr.Links > 0 {
			links = attr.Links
		}
		size := l.size(f.info.Size(), false)
		if f.info.Mode()&fs.ModeDevice != 0 {
			size = "  1,   3"
		}
		if f.info.IsDir() && f.info.Size() == 0 {
			size = l.size(4096, false)
		}
		if l.inode {
			fmt.Fprintf(l.p.Stdout, "%7d ", attr.Inode)
		}
		width := 9
		if l.human {
			width = 9
		}
		fmt.Fprintf(l.p.Stdout, "%s %4d %-8s %-8s %*s %s %s\n", ModeString(f.info.Mode()), links, owner, group, width, size, listTime(f.info.ModTime(), l.full), l.decorated(f))
	}
}

// listTime is a time as ls shows it: with the year when it is not of the last half.
func listTime(at time.Time, full bool) string {
	at = at.UTC()
	if full {
		return at.Format("Mon Jan _2 15:04:05 2006")
	}
	if age := time.Since(at); age > 365*12*time.Hour || age < -365*12*time.Hour {
		return at.Format("Jan _2  2006")
	}
	return at.Format("Jan _2 15:04")
}

// ModeString is a file's type and permissions as ls shows them.
func ModeString(m fs.FileMode) string {
	b := []byte("----------")
	switch {
	case m.IsDir():
		b[0] = 'd'
	case m&fs.ModeSymlink != 0:
		b[0] = 'l'
	case m&fs.ModeCharDevice != 0:
		b[0] = 'c'
	case m&fs.ModeDevice != 0:
		b[0] = 'b'
	case m&fs.ModeNamedPipe != 0:
		b[0] = 'p'
	case m&fs.ModeSocket != 0:
		b[0] = 's'
	}
	for i, c := range "rwxrwxrwx" {
		if m.Perm()&(1<<(8-i)) != 0 {
			b[i+1] = byte(c)
		}
	}
	special := func(set bool, at int, on, off byte) {
		if !set {
			return
		}
		if b[at] == 'x' {
			b[at] = on
		} else {
			b[at] = off
		}
	}
	special(m&fs.ModeSetuid != 0, 3, 's', 'S')
	special(m&fs.ModeSetgid != 0, 6, 's', 'S')
	special(m&fs.ModeSticky != 0, 9, 't', 'T')
	return string(b)
}

// decorated is a file's name with what -F, -p and -l add.
func (l *listing) decorated(f listed) string {
	name := f.name
	if l.long && f.info.Mode()&fs.ModeSymlink != 0 {
		if target, err := l.p.Files.Readlink(f.path); err == nil {
			name += " -> " + target
		}
		return name
	}
	switch {
	case f.info.IsDir() && (l.classify || l.slash):
		name += "/"
	case !l.classify:
	case f.info.Mode()&fs.ModeSymlink != 0:
		name += "@"
	case f.info.Mode().Perm()&0o111 != 0 && f.info.Mode().IsRegular():
		name += "*"
	}
	return name
}

// columns prints names: one a line, or side by side on a terminal.
func (l *listing) columns(list []listed) {
	names := make([]string, len(list))
	width := 0
	for i, f := range list {
		names[i] = l.decorated(f)
		if l.inode {
			attr, _ := f.info.Sys().(files.Attr)
			names[i] = fmt.Sprintf("%7d %s", attr.Inode, names[i])
		}
		width = max(width, len([]rune(names[i]))+2)
	}
	screen := 0
	if tty := terminalOf(l.p); tty != nil && !l.one {
		screen, _ = tty.Size()
	}
	across := max(1, screen/max(width, 1))
	rows := (len(names) + across - 1) / across
	for r := range rows {
		var b strings.Builder
		for c := 0; c*rows+r < len(names); c++ {
			name := names[c*rows+r]
			b.WriteString(name)
			if (c+1)*rows+r < len(names) {
				b.WriteString(strings.Repeat(" ", width-len([]rune(name))))
			}
		}
		fmt.Fprintln(l.p.Stdout, b.String())
	}
}

// terminalOf is the terminal that a process writes to, or nil.
func terminalOf(p *proc.Process) *proc.TTY {
	t, _ := p.Stdout.(*proc.TTY)
	return t
}
