package shell

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// tarRun is a run of tar.
type tarRun struct {
	p                                         *proc.Process
	mode                                      byte // c, x or t
	file, dir                                 string
	gzip, verbose, keepOwner, noTimes, stdout bool
	exclude                                   []string
	strip                                     int
	operands                                  []string
	code                                      int
}

func runTar(ctx context.Context, p *proc.Process) int {
	t := &tarRun{p: p, dir: p.Dir, file: "-", keepOwner: p.User.UID == 0}
	args := slices.Clone(p.Args[1:])
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		args[0] = "-" + args[0] // the old form: tar xf FILE
	}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if long, ok := strings.CutPrefix(arg, "--"); ok && long != "" {
			name, value, has := strings.Cut(long, "=")
			if !has && (name == "exclude" || name == "strip-components" || name == "directory" || name == "file") && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			switch name {
			case "exclude":
				t.exclude = append(t.exclude, value)
			case "strip-components":
				if _, err := fmt.Sscan(value, &t.strip); err != nil {
					return p.Fail(1, "invalid number '%s'", value)
				}
			case "directory":
				t.dir = path.Join(t.dir, value)
			case "file":
				t.file = value
			case "no-same-owner":
				t.keepOwner = false
			case "warning", "no-same-permissions", "same-permissions", "numeric-owner", "overwrite", "no-recursion", "totals", "ignore-failed-read":
			default:
				return p.Fail(1, "unrecognized option: %s", name)
			}
			continue
		}
		if len(arg) < 2 || arg[0] != '-' {
			t.operands = append(t.operands, arg)
			continue
		}
		for i := 1; i < len(arg); i++ {
			switch c := arg[i]; c {
			case 'c', 'x', 't':
				t.mode = c
			case 'f', 'C', 'X', 'T':
				value := arg[i+1:]
				if value == "" || arg[1] != c && i > 1 {
					if value != "" { // tar -xfz is -x -f with more letters after
						arg, value = arg[:i+1]+value, ""
					}
					if len(args) == 0 {
						return p.Fail(1, "option requires an argument -- '%c'", c)
					}
					value, args = args[0], args[1:]
				} else {
					i = len(arg)
				}
				switch c {
				case 'f':
					t.file = value
				case 'C':
					t.dir = p.Path(value)
				}
			case 'z':
				t.gzip = true
			case 'v':
				t.verbose = true
			case 'm':
				t.noTimes = true
			case 'o':
				t.keepOwner = false
			case 'O':
				t.stdout = true
			case 'p', 'h', 'k', 'a', 'P':
			default:
				return invalidOption(p, rune(c))
			}
		}
	}
	if info, err := p.Files.Stat(t.dir); err != nil || !info.IsDir() {
		if err == nil {
			err = fs.ErrInvalid
		}
		return p.Fail(1, "can't change directory to '%s': %s", t.dir, reason(err))
	}
	var err error
	switch t.mode {
	case 'c':
		err = t.create(ctx)
	case 'x', 't':
		err = t.read(ctx)
	default:
		return p.Fail(1, "must specify one of -c, -x or -t")
	}
	switch {
	case ctx.Err() != nil:
		return killedCode
	case err != nil:
		return p.Fail(1, "%s", err)
	}
	return t.code
}

func (t *tarRun) create(ctx context.Context) error {
	if len(t.operands) == 0 {
		return errors.New("empty archive")
	}
	var out io.Writer = t.p.Stdout
	if t.file != "-" {
		file, err := t.p.Files.Open(t.p.Path(t.file), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o666)
		if err != nil {
			return fmt.Errorf("can't open '%s': %s", t.file, reason(err))
		}
		defer file.Close()
		out = file
	}
	if t.gzip || t.mode == 'c' && strings.HasSuffix(t.file, "gz") && t.gzip {
		zip := gzip.NewWriter(out)
		defer zip.Close()
		out = zip
	}
	w := tar.NewWriter(out)
	for _, name := range t.operands {
		if err := t.add(ctx, w, name, 0); err != nil {
			return err
		}
	}
	return w.Close()
}

func (t *tarRun) excluded(name string) bool {
	for _, pat := range t.exclude {
		if matches(strings.TrimSuffix(pat, "/"), strings.TrimSuffix(name, "/")) || matches(pat, path.Base(name)) {
			return true
		}
	}
	return false
}

// add puts a file, and what is below it, into an archive.
func (t *tarRun) add(ctx context.Context, w *tar.Writer, name string, depth int) error {
	if ctx.Err() != nil || depth > maxFileDepth || t.excluded(name) {
		return ctx.Err()
	}
	full := name
	if !path.IsAbs(name) {
		full = path.Join(t.dir, name)
	}
	info, err := t.p.Files.Lstat(full)
	if err != nil {
		t.code = t.p.Fail(1, "%s: %s", name, reason(err))
		return nil
	}
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		target, _ = t.p.Files.Readlink(full)
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		t.code = t.p.Fail(1, "%s: unknown file type", name)
		return nil
	}
	header.Name = strings.TrimLeft(name, "/")
	if info.IsDir() && !strings.HasSuffix(header.Name, "/") {
		header.Name += "/"
	}
	uid, gid := files.Owner(info)
	header.Uid, header.Gid, header.Format = int(uid), int(gid), tar.FormatGNU
	header.Uname, header.Gname = userName(t.p, uid), groups(t.p)[gid]
	var content []byte
	if info.Mode().IsRegular() {
		if content, err = t.p.Files.ReadFile(full); err != nil {
			t.code = t.p.Fail(1, "can't open '%s': %s", name, reason(err))
			return nil
		}
		header.Size = int64(len(content)) // it may have grown since
	}
	if t.verbose {
		fmt.Fprintln(t.p.Stderr, header.Name)
	}
	if err := w.WriteHeader(header); err != nil {
		return fmt.Errorf("write error: %w", err)
	}
	if _, err := w.Write(content); err != nil {
		return fmt.Errorf("write error: %w", err)
	}
	if !info.IsDir() {
		return nil
	}
	entries, err := t.p.Files.ReadDir(full)
	if err != nil {
		t.code = t.p.Fail(1, "can't open '%s': %s", name, reason(err))
		return nil
	}
	for _, e := range entries {
		if err := t.add(ctx, w, strings.TrimSuffix(name, "/")+"/"+e.Name(), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (t *tarRun) read(ctx context.Context) error {
	in := t.p.Stdin
	if t.file != "-" {
		file, err := t.p.Files.Open(t.p.Path(t.file), os.O_RDONLY, 0)
		if err != nil {
			return fmt.Errorf("can't open '%s': %s", t.file, reason(err))
		}
		defer file.Close()
		in = file
	}
	buffered := bufio.NewReader(in)
	if magic, _ := buffered.Peek(2); t.gzip || len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		zip, err := gzip.NewReader(buffered)
		if err != nil {
			return errors.New("invalid magic")
		}
		in = zip
	} else {
		in = buffered
	}
	r := tar.NewReader(in)
	type later struct {
		name string
		h    *tar.Header
	}
	var dirs []later
	for first := true; ctx.Err() == nil; first = false {
		h, err := r.Next()
		if err == io.EOF {
			if first && t.mode == 'x' && t.file == "-" {
				_, _ = io.Copy(io.Discard, in)
			}
			break
		}
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return errors.New("short read")
			}
			return errors.New("invalid tar magic")
		}
		if t.skipped(h.Name) {
			continue
		}
		if t.mode == 't' {
			t.list(h)
			continue
		}
		name := h.Name
		for range t.strip {
			_, rest, ok := strings.Cut(strings.TrimLeft(name, "/"), "/")
			if !ok {
				rest = ""
			}
			name = rest
		}
		if name == "" {
			continue
		}
		if t.verbose {
			fmt.Fprintln(t.p.Stdout, name)
		}
		if t.stdout {
			if _, err := io.Copy(t.p.Stdout, r); err != nil {
				return err
			}
			continue
		}
		if slices.Contains(strings.Split(name, "/"), "..") {
			return fmt.Errorf("name with '..' in archive: '%s'", name)
		}
		full := path.Join(t.dir, name)
		if err := t.extract(h, full, r); err != nil {
			t.code = t.p.Fail(1, "%s", err)
			continue
		}
		if h.Typeflag == tar.TypeDir {
			dirs = append(dirs, later{full, h})
		}
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		t.settle(dirs[i].h, dirs[i].name)
	}
	return nil
}

// skipped reports whether an entry is not among those asked for.
func (t *tarRun) skipped(name string) bool {
	if t.excluded(name) {
		return true
	}
	if len(t.operands) == 0 {
		return false
	}
	clean := strings.TrimSuffix(name, "/")
	for _, o := range t.operands {
		o = strings.TrimSuffix(o, "/")
		if clean == o || strings.HasPrefix(clean, o+"/") || matches(o, clean) {
			return false
		}
	}
	return true
}

func (t *tarRun) list(h *tar.Header) {
	if !t.verbose {
		fmt.Fprintln(t.p.Stdout, h.Name)
		return
	}
	owner := fmt.Sprintf("%s/%s", orNumber(h.Uname, h.Uid), orNumber(h.Gname, h.Gid))
	line := fmt.Sprintf("%s %s %9d %s %s", ModeString(h.FileInfo().Mode()), owner, h.Size, h.ModTime.UTC().Format("2006-01-02 15:04:05"), h.Name)
	if h.Linkname != "" {
		line += " -> " + h.Linkname
	}
	fmt.Fprintln(t.p.Stdout, line)
}

func orNumber(name string, n int) string {
	if name == "" {
		return fmt.Sprint(n)
	}
	return name
}

// extract makes one entry of an archive.
func (t *tarRun) extract(h *tar.Header, full string, content io.Reader) error {
	tree := t.p.Files
	if parent := path.Dir(full); parent != "/" {
		if err := tree.MkdirAll(parent, 0o755); err != nil {
			return fmt.Errorf("can't create directory '%s': %s", parent, reason(err))
		}
	}
	switch h.Typeflag {
	case tar.TypeDir:
		if err := tree.MkdirMode(full, fs.FileMode(h.Mode).Perm()|0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("can't make dir %s: %s", h.Name, reason(err))
		}
		return nil
	case tar.TypeSymlink, tar.TypeLink:
		_ = tree.Remove(full, false)
		err := error(nil)
		if h.Typeflag == tar.TypeSymlink {
			err = tree.Symlink(h.Linkname, full)
		} else {
			err = tree.Link(path.Join(t.dir, h.Linkname), full)
		}
		if err != nil {
			return fmt.Errorf("can't create link '%s' to '%s': %s", h.Name, h.Linkname, reason(err))
		}
		return nil
	case tar.TypeReg:
	default:
		return nil
	}
	if info, err := tree.Lstat(full); err == nil && !info.IsDir() {
		_ = tree.Remove(full, false) // as tar does: what exists is replaced, not written through
	}
	file, err := tree.Open(full, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, fs.FileMode(h.Mode).Perm())
	if err != nil {
		return fmt.Errorf("can't open '%s': %s", h.Name, reason(err))
	}
	_, err = io.Copy(file, content)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("write error: %s", reason(err))
	}
	t.settle(h, full)
	return nil
}

// settle gives a file the owner, mode and time that the archive says.
func (t *tarRun) settle(h *tar.Header, full string) {
	if t.keepOwner {
		_ = t.p.Files.Chown(full, int64(h.Uid), int64(h.Gid))
	}
	_ = t.p.Files.Chmod(full, fs.FileMode(h.Mode).Perm())
	if !t.noTimes {
		_ = t.p.Files.Chtimes(full, h.ModTime)
	}
}

// runGzip is gzip, gunzip and zcat.
func runGzip(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "S")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	unpack := has('d') || p.Name() == "gunzip" || p.Name() == "zcat"
	toStdout := has('c') || p.Name() == "zcat" || len(names) == 0
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, name := range names {
		err := with(ctx, p, name, func(_ string, r io.Reader) error {
			out := p.Stdout
			dest := strings.TrimSuffix(name, ".gz")
			if !unpack {
				dest = name + ".gz"
			} else if !toStdout && dest == name {
				return errors.New("unknown suffix - ignored")
			}
			if !toStdout && name != "-" {
				flag := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
				if !has('f') {
					flag |= os.O_EXCL
				}
				file, err := p.Files.Open(p.Path(dest), flag, 0o644)
				if err != nil {
					return fmt.Errorf("can't open '%s': %s", dest, reason(err))
				}
				defer file.Close()
				out = file
			}
			if unpack {
				zip, err := gzip.NewReader(r)
				if err != nil {
					return errors.New("invalid magic")
				}
				_, err = io.Copy(out, zip)
				return err
			}
			zip := gzip.NewWriter(out)
			if _, err := io.Copy(zip, r); err != nil {
				return err
			}
			return zip.Close()
		})
		if err == nil && !toStdout && name != "-" && !has('k') {
			err = p.Files.Remove(p.Path(name), false)
		}
		if err != nil {
			code = p.Fail(1, "%s: %s", name, reason(err))
		}
	}
	return code
}
