package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

func runMkdir(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "m")
	_, parents := set['p']
	if len(names) == 0 {
		return p.Fail(1, "requires at least 1 argument")
	}
	code := 0
	for _, name := range names {
		abs := p.Path(name)
		err := p.Files.Mkdir(abs, parents)
		if mode, ok := set['m']; ok && err == nil {
			var m fs.FileMode
			if m, ok = parseMode(mode, 0o777, true); !ok {
				return p.Fail(1, "invalid mode '%s'", mode)
			}
			err = p.Files.Chmod(abs, m)
		}
		if err != nil {
			code = p.Fail(1, "can't create directory '%s': %s", name, reason(err))
		}
	}
	return code
}

func runRmdir(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "")
	_, parents := set['p']
	code := 0
	for _, name := range names {
		for {
			if err := p.Files.Rmdir(p.Path(name)); err != nil {
				code = p.Fail(1, "'%s': %s", name, reason(err))
				break
			}
			if name = path.Dir(name); !parents || name == "." || name == "/" {
				break
			}
		}
	}
	return code
}

func runRM(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "")
	_, lower := set['r']
	_, upper := set['R']
	_, force := set['f']
	if len(names) == 0 && !force {
		return p.Fail(1, "requires at least 1 argument")
	}
	code := 0
	for _, name := range names {
		if base := path.Base(name); base == "." || base == ".." {
			code = p.Fail(1, "can't remove '.' or '..'")
			continue
		}
		info, err := p.Files.Lstat(p.Path(name))
		if err == nil && info.IsDir() && !lower && !upper {
			err = syscall.EISDIR
			code = p.Fail(1, "'%s' is a directory", name)
			continue
		}
		if err == nil {
			err = p.Files.Remove(p.Path(name), lower || upper)
		}
		if err != nil && !(force && errors.Is(err, fs.ErrNotExist)) {
			code = p.Fail(1, "can't remove '%s': %s", name, reason(err))
		}
	}
	return code
}

func runTouch(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "dtr")
	_, noCreate := set['c']
	at := time.Now()
	if text, ok := set['d']; ok {
		if at, ok = parseDate(text); !ok {
			return p.Fail(1, "invalid date '%s'", text)
		}
	}
	if name, ok := set['r']; ok {
		info, err := p.Files.Stat(p.Path(name))
		if err != nil {
			return p.Fail(1, "%s: %s", name, reason(err))
		}
		at = info.ModTime()
	}
	code := 0
	for _, name := range names {
		abs := p.Path(name)
		err := p.Files.Chtimes(abs, at)
		if errors.Is(err, fs.ErrNotExist) {
			if noCreate {
				continue
			}
			var file io.Closer
			if file, err = p.Files.Open(abs, os.O_CREATE|os.O_WRONLY, 0o666); err == nil {
				err = file.Close()
				if len(set) > 0 && err == nil {
					err = p.Files.Chtimes(abs, at)
				}
			}
		}
		if err != nil {
			code = p.Fail(1, "%s: %s", name, reason(err))
		}
	}
	return code
}

// transfer is what cp, mv and install were asked for.
type transfer struct {
	p                                               *proc.Process
	recursive, preserve, noFollow, force, noReplace bool
	verbose, link, symbolic                         bool
	code                                            int
}

// targets resolves the operands of cp, mv and ln: where each source goes.
func targets(p *proc.Process, set map[rune]string, operands []string) (pairs [][2]string, code int) {
	dir, given := set['t']
	_, notDir := set['T']
	if len(operands) == 0 || len(operands) == 1 && !given {
		return nil, p.Fail(1, "requires at least 2 arguments")
	}
	if !given {
		dir = operands[len(operands)-1]
		operands = operands[:len(operands)-1]
	}
	info, err := p.Files.Stat(p.Path(dir))
	into := err == nil && info.IsDir() && !notDir
	if !into && (len(operands) > 1 || given) {
		if err == nil {
			err = syscall.ENOTDIR
		}
		return nil, p.Fail(1, "target '%s': %s", dir, reason(err))
	}
	for _, source := range operands {
		dest := dir
		if into {
			dest = strings.TrimSuffix(dir, "/") + "/" + path.Base(strings.TrimRight(source, "/"))
		}
		pairs = append(pairs, [2]string{source, dest})
	}
	return pairs, 0
}

func runCP(_ context.Context, p *proc.Process) int {
	set, operands := flags(p, "t")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	t := &transfer{
		p: p, recursive: has('r') || has('R') || has('a'), preserve: has('p') || has('a'), noFollow: has('P') || has('d') || has('a') || (has('r') || has('R')) && !has('L'),
		force: has('f'), verbose: has('v'), noReplace: has('n'), link: has('l'), symbolic: has('s'),
	}
	pairs, code := targets(p, set, operands)
	if code != 0 {
		return code
	}
	for _, pair := range pairs {
		t.copy(pair[0], pair[1], 0)
	}
	return t.code
}

func (t *transfer) copy(from, to string, depth int) {
	p := t.p
	source, dest := p.Path(from), p.Path(to)
	stat := p.Files.Stat
	if t.noFollow {
		stat = p.Files.Lstat
	}
	info, err := stat(source)
	if err != nil {
		t.code = p.Fail(1, "can't stat '%s': %s", from, reason(err))
		return
	}
	existing, derr := p.Files.Stat(dest)
	if derr == nil && t.noReplace && !info.IsDir() {
		return
	}
	switch {
	case derr == nil && source == dest:
		t.code = p.Fail(1, "'%s' and '%s' are the same file", from, to)
		return
	case info.IsDir():
		t.copyDir(from, to, info, existing, depth)
		return
	case derr == nil && existing.IsDir():
		t.code = p.Fail(1, "can't overwrite directory '%s' with non-directory", to)
		return
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := p.Files.Readlink(source)
		if err == nil {
			_ = p.Files.Remove(dest, false)
			err = p.Files.Symlink(target, dest)
		}
		if err != nil {
			t.code = p.Fail(1, "can't create symlink '%s': %s", to, reason(err))
		}
		return
	}
	if t.verbose {
		fmt.Fprintf(p.Stdout, "'%s' -> '%s'\n", from, to)
	}
	if t.link || t.symbolic {
		link := p.Files.Link
		if t.symbolic {
			link = p.Files.Symlink
		}
		if err := link(source, dest); err != nil {
			t.code = p.Fail(1, "can't create link '%s': %s", to, reason(err))
		}
		return
	}
	in, err := p.Files.Open(source, os.O_RDONLY, 0)
	if err != nil {
		t.code = p.Fail(1, "can't open '%s': %s", from, reason(err))
		return
	}
	defer in.Close()
	out, err := p.Files.Open(dest, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, info.Mode().Perm())
	if err != nil && t.force {
		_ = p.Files.Remove(dest, false)
		out, err = p.Files.Open(dest, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, info.Mode().Perm())
	}
	if err != nil {
		t.code = p.Fail(1, "can't create '%s': %s", to, reason(err))
		return
	}
	_, err = io.Copy(out, in)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		t.code = p.Fail(1, "write error: %s", reason(err))
	}
	t.keep(dest, info)
}

// keep gives a copy what -p preserves.
func (t *transfer) keep(dest string, info fs.FileInfo) {
	if !t.preserve {
		return
	}
	uid, gid := files.Owner(info)
	if t.p.User.UID == 0 {
		_ = t.p.Files.Chown(dest, uid, gid)
	}
	_ = t.p.Files.Chmod(dest, info.Mode().Perm())
	_ = t.p.Files.Chtimes(dest, info.ModTime())
}

func (t *transfer) copyDir(from, to string, info, existing fs.FileInfo, depth int) {
	p := t.p
	if !t.recursive {
		t.code = p.Fail(1, "omitting directory '%s'", from)
		return
	}
	if dest := p.Path(to) + "/"; strings.HasPrefix(dest, p.Path(from)+"/") {
		t.code = p.Fail(1, "recursion detected, omitting directory '%s'", from)
		return
	}
	if depth > maxFileDepth {
		t.code = p.Fail(1, "%s: File name too long", from)
		return
	}
	if existing != nil && !existing.IsDir() {
		t.code = p.Fail(1, "target '%s' is not a directory", to)
		return
	}
	if existing == nil {
		if err := p.Files.MkdirMode(p.Path(to), info.Mode().Perm()); err != nil {
			t.code = p.Fail(1, "can't create directory '%s': %s", to, reason(err))
			return
		}
	}
	entries, err := p.Files.ReadDir(p.Path(from))
	if err != nil {
		t.code = p.Fail(1, "can't open '%s': %s", from, reason(err))
		return
	}
	for _, e := range entries {
		t.copy(from+"/"+e.Name(), to+"/"+e.Name(), depth+1)
	}
	t.keep(p.Path(to), info)
}

func runMV(_ context.Context, p *proc.Process) int {
	set, operands := flags(p, "t")
	pairs, code := targets(p, set, operands)
	if code != 0 {
		return code
	}
	_, noReplace := set['n']
	_, verbose := set['v']
	for _, pair := range pairs {
		from, to := p.Path(pair[0]), p.Path(pair[1])
		if _, err := p.Files.Lstat(to); err == nil && noReplace {
			continue
		}
		err := p.Files.Rename(from, to)
		if errors.Is(err, syscall.EXDEV) {
			t := &transfer{p: p, recursive: true, preserve: true, noFollow: true, force: true}
			if t.copy(pair[0], pair[1], 0); t.code == 0 {
				err = p.Files.Remove(from, true)
			} else {
				code = t.code
				continue
			}
		}
		if err != nil {
			code = p.Fail(1, "can't rename '%s': %s", pair[0], reason(err))
		} else if verbose {
			fmt.Fprintf(p.Stdout, "'%s' -> '%s'\n", pair[0], pair[1])
		}
	}
	return code
}

func runMktemp(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "p")
	dir := p.Env["TMPDIR"]
	if dir == "" {
		dir = "/tmp"
	}
	if d, ok := set['p']; ok {
		dir = d
	}
	template := path.Join(dir, "tmp.XXXXXX")
	if len(names) > 0 {
		template = names[0]
		_, t := set['t']
		if _, ok := set['p']; ok || t {
			template = path.Join(dir, names[0])
		}
	}
	if !strings.HasSuffix(template, "XXXXXX") {
		return p.Fail(1, "Invalid argument")
	}
	for range 100 {
		name := strings.TrimSuffix(template, "XXXXXX") + randomLetters(6)
		var err error
		if _, isDir := set['d']; isDir {
			err = p.Files.MkdirMode(p.Path(name), 0o700)
		} else {
			var file io.Closer
			if file, err = p.Files.Open(p.Path(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
				err = file.Close()
			}
		}
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return p.Fail(1, "%s: %s", template, reason(err))
		}
		fmt.Fprintln(p.Stdout, name)
		return 0
	}
	return 1
}

func runTruncate(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "s")
	size, ok := parseSize(set['s'])
	if !ok {
		return p.Fail(1, "invalid number '%s'", set['s'])
	}
	code := 0
	for _, name := range names {
		file, err := p.Files.Open(p.Path(name), os.O_CREATE|os.O_WRONLY, 0o666)
		if err == nil {
			err = file.Truncate(size)
			_ = file.Close()
		}
		if err != nil {
			code = p.Fail(1, "%s: truncate: %s", name, reason(err))
		}
	}
	return code
}

// parseSize reads a number with a suffix such as k, M or G.
func parseSize(text string) (int64, bool) {
	shift := 0
	if n := len(text); n > 0 {
		switch text[n-1] {
		case 'b':
			n, err := strconv.ParseInt(text[:n-1], 10, 64)
			return n * 512, err == nil && n >= 0
		case 'k', 'K':
			shift = 10
		case 'm', 'M':
			shift = 20
		case 'g', 'G':
			shift = 30
		}
		if shift > 0 {
			text = text[:n-1]
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n << shift, err == nil && n >= 0 && n < 1<<40
}
