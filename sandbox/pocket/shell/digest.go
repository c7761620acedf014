package shell

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// digests are the commands that print checksums.
func digests() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{"md5sum": md5.New, "sha1sum": sha1.New, "sha256sum": sha256.New, "sha512sum": sha512.New}
}

func runDigest(ctx context.Context, p *proc.Process) int {
	make := digests()[p.Name()]
	set, names := flags(p, "")
	if _, ok := set['c']; !ok {
		return each(ctx, p, names, func(name string, r io.Reader) error {
			h := make()
			if _, err := io.Copy(h, r); err != nil {
				return err
			}
			fmt.Fprintf(p.Stdout, "%s  %s\n", hex.EncodeToString(h.Sum(nil)), name)
			return nil
		})
	}
	failed, total := 0, 0
	code := each(ctx, p, names, func(_ string, r io.Reader) error {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			want, name, ok := strings.Cut(lines.Text(), " ")
			name = strings.TrimLeft(name, " *")
			if !ok {
				continue
			}
			total++
			h := make()
			err := with(ctx, p, name, func(_ string, r io.Reader) error { _, err := io.Copy(h, r); return err })
			if err == nil && hex.EncodeToString(h.Sum(nil)) == strings.ToLower(want) {
				fmt.Fprintf(p.Stdout, "%s: OK\n", name)
				continue
			}
			if err != nil {
				p.Fail(1, "can't open '%s': %s", name, reason(err))
			}
			fmt.Fprintf(p.Stdout, "%s: FAILED\n", name)
			failed++
		}
		return lines.Err()
	})
	if failed > 0 {
		return p.Fail(1, "WARNING: %d of %d computed checksums did NOT match", failed, total)
	}
	return code
}

func runBase64(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "w")
	width := 76
	if text, ok := set['w']; ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return p.Fail(1, "invalid number '%s'", text)
		}
		width = n
	}
	_, decode := set['d']
	f := newFilter(ctx, p)
	return f.end(f.each(names, func(_ string, r io.Reader) error {
		if decode {
			in := base64.NewDecoder(base64.StdEncoding, withoutSpaces{r})
			if _, err := io.Copy(f.out, in); err != nil {
				if errors.As(err, new(base64.CorruptInputError)) || errors.Is(err, io.ErrUnexpectedEOF) {
					_ = f.out.Flush()
					return errTruncated
				}
				return err
			}
			return nil
		}
		folded := &foldingWriter{w: f.out, width: width}
		out := base64.NewEncoder(base64.StdEncoding, folded)
		if _, err := io.Copy(out, r); err != nil {
			return err
		}
		if err := out.Close(); err != nil {
			return err
		}
		if folded.column > 0 && width > 0 {
			return f.out.WriteByte('\n')
		}
		return nil
	}))
}

// errTruncated is what is wrong with text that is no base64.
var errTruncated = errors.New("truncated input")

// withoutSpaces is an input without its blanks.
type withoutSpaces struct{ r io.Reader }

// Read implements io.Reader.
func (w withoutSpaces) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	kept := b[:0]
	for _, c := range b[:n] {
		if !isSpace(c) {
			kept = append(kept, c)
		}
	}
	return len(kept), err
}

// foldingWriter begins a new line after so many bytes; a width of 0 is never.
type foldingWriter struct {
	w             io.Writer
	width, column int
}

// Write implements io.Writer.
func (f *foldingWriter) Write(b []byte) (written int, err error) {
	for len(b) > 0 {
		if f.width > 0 && f.column == f.width {
			if _, err := io.WriteString(f.w, "\n"); err != nil {
				return written, err
			}
			f.column = 0
		}
		n := len(b)
		if f.width > 0 {
			n = min(n, f.width-f.column)
		}
		if _, err := f.w.Write(b[:n]); err != nil {
			return written, err
		}
		b, written, f.column = b[n:], written+n, f.column+n
	}
	return written, nil
}

// runHexdump is hexdump, with -C, and hd.
func runHexdump(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "nse")
	_, canonical := set['C']
	canonical = canonical || p.Name() == "hd"
	limit := int64(math.MaxInt64)
	if n, err := strconv.ParseInt(set['n'], 0, 64); err == nil {
		limit = n
	}
	offset, previous, repeated := 0, []byte(nil), false
	code := each(ctx, p, names, func(_ string, r io.Reader) error {
		r = io.LimitReader(r, limit)
		for {
			block := make([]byte, 16)
			n, err := io.ReadFull(r, block)
			if n == 0 {
				if err == io.EOF {
					return nil
				}
				return err
			}
			block = block[:n]
			if n == 16 && bytes.Equal(block, previous) {
				if !repeated {
					fmt.Fprintln(p.Stdout, "*")
				}
				repeated = true
				offset += n
				continue
			}
			repeated, previous = false, block
			if canonical {
				printCanonical(p.Stdout, offset, block)
			} else {
				line := fmt.Sprintf("%07x", offset)
				for i := 0; i < n; i += 2 {
					word := uint16(block[i])
					if i+1 < n {
						word |= uint16(block[i+1]) << 8
					}
					line += fmt.Sprintf(" %04x", word)
				}
				fmt.Fprintf(p.Stdout, "%-47s\n", line)
			}
			offset += n
		}
	})
	if canonical {
		fmt.Fprintf(p.Stdout, "%08x\n", offset)
	} else {
		fmt.Fprintf(p.Stdout, "%07x\n", offset)
	}
	return code
}

func printCanonical(w io.Writer, offset int, block []byte) {
	var left, right strings.Builder
	for i := range 16 {
		if i < len(block) {
			fmt.Fprintf(&left, " %02x", block[i])
			c := block[i]
			if c < 0x20 || c > 0x7e {
				c = '.'
			}
			right.WriteByte(c)
		} else {
			left.WriteString("   ")
		}
		if i == 7 {
			left.WriteByte(' ')
		}
	}
	fmt.Fprintf(w, "%08x %s  |%s|\n", offset, left.String(), right.String())
}

// runCmp is cmp, with -s.
func runCmp(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "n")
	_, silent := set['s']
	if len(names) == 1 {
		names = append(names, "-")
	}
	if len(names) < 2 {
		return p.Fail(2, "requires at least 1 argument")
	}
	var in [2]*bufio.Reader
	code, at := 0, 0
	compare := func() error {
		for line, n := 1, 1; ; n++ {
			var c [2]byte
			var end [2]error
			for i := range in {
				if c[i], end[i] = in[i].ReadByte(); end[i] != nil && end[i] != io.EOF {
					at = i
					return end[i]
				}
			}
			switch {
			case end[0] != nil && end[1] != nil:
				return nil
			case end[0] != nil || end[1] != nil:
				if code = 1; !silent {
					shorter := names[0]
					if end[1] != nil {
						shorter = names[1]
					}
					p.Fail(1, "EOF on %s", shorter)
				}
				return nil
			case c[0] != c[1]:
				if code = 1; !silent {
					fmt.Fprintf(p.Stdout, "%s %s differ: char %d, line %d\n", names[0], names[1], n, line)
				}
				return nil
			case c[0] == '\n':
				line++
			}
		}
	}
	err := with(ctx, p, names[0], func(_ string, r io.Reader) error {
		in[0], at = bufio.NewReader(r), 1
		return with(ctx, p, names[1], func(_ string, r io.Reader) error {
			in[1] = bufio.NewReader(r)
			return compare()
		})
	})
	switch {
	case ctx.Err() != nil:
		return killedCode
	case err != nil && !silent:
		return p.Fail(2, "%s: %s", names[at], reason(err))
	case err != nil:
		return 2
	}
	return code
}

// maxDiffLines bounds the lines that diff compares.
const maxDiffLines = 3000

// runDiff is diff, which in BusyBox always prints the unified form.
func runDiff(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "ULS")
	_, quiet := set['q']
	if len(names) != 2 {
		return p.Fail(2, "requires exactly 2 arguments")
	}
	f := newFilter(ctx, p)
	defer f.mem.free()
	var lines [2][]string
	for i, name := range names {
		var code int
		if lines[i], code = f.kept([]string{name}); code != 0 {
			return 2
		}
		if len(lines[i]) > maxDiffLines {
			return p.Fail(2, "%s: too large", name)
		}
	}
	a, b := lines[0], lines[1]
	if err := f.mem.grow(4 * (len(a) + 1) * (len(b) + 1)); err != nil {
		return p.Fail(2, "%s", err)
	}
	type edit struct {
		mark byte
		text string
		i, j int // lines before it in a and b
	}
	lcs := make([][]int32, len(a)+1)
	for i := range lcs {
		lcs[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				lcs[i][j] = lcs[i+1][j+1] + 1
			} else {
				lcs[i][j] = max(lcs[i+1][j], lcs[i][j+1])
			}
		}
	}
	var edits []edit
	changed := false
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			edits = append(edits, edit{' ', a[i], i, j})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || lcs[i+1][j] >= lcs[i][j+1]):
			edits = append(edits, edit{'-', a[i], i, j})
			i, changed = i+1, true
		default:
			edits = append(edits, edit{'+', b[j], i, j})
			j, changed = j+1, true
		}
	}
	if !changed {
		return 0
	}
	if quiet {
		fmt.Fprintf(p.Stdout, "Files %s and %s differ\n", names[0], names[1])
		return 1
	}
	fmt.Fprintf(p.Stdout, "--- %s\n+++ %s\n", names[0], names[1])
	const context = 3
	for at := 0; at < len(edits); {
		for at < len(edits) && edits[at].mark == ' ' {
			at++
		}
		if at == len(edits) {
			break
		}
		first, last := max(at-context, 0), at
		for k := at; k < len(edits) && k <= last+2*context; k++ {
			if edits[k].mark != ' ' {
				last = k
			}
		}
		end := min(last+context+1, len(edits))
		countA, countB := 0, 0
		for _, e := range edits[first:end] {
			if e.mark != '+' {
				countA++
			}
			if e.mark != '-' {
				countB++
			}
		}
		span := func(start, count int) string {
			switch count {
			case 0:
				return fmt.Sprintf("%d,0", start)
			case 1:
				return strconv.Itoa(start + 1)
			}
			return fmt.Sprintf("%d,%d", start+1, count)
		}
		fmt.Fprintf(p.Stdout, "@@ -%s +%s @@\n", span(edits[first].i, countA), span(edits[first].j, countB))
		for _, e := range edits[first:end] {
			fmt.Fprintf(p.Stdout, "%c%s\n", e.mark, e.text)
		}
		at = end
	}
	return 1
}

func runTTY(_ context.Context, p *proc.Process) int {
	if p.Terminal() == nil {
		fmt.Fprintln(p.Stdout, "not a tty")
		return 1
	}
	fmt.Fprintln(p.Stdout, "/dev/pts/0")
	return 0
}
