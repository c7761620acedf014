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
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// digests are the commands that print checksums.
func digests() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{"md5sum": md5.New, "sha1sum": sha1.New, "sha256sum": sha256.New, "sha512sum": sha512.New}
}

func runDigest(_ context.Context, p *proc.Process) int {
	make := digests()[p.Name()]
	set, names := flags(p, "")
	if _, ok := set['c']; !ok {
		return each(p, names, func(name string, r io.Reader) error {
			h := make()
			if _, err := io.Copy(h, r); err != nil {
				return err
			}
			fmt.Fprintf(p.Stdout, "%s  %s\n", hex.EncodeToString(h.Sum(nil)), name)
			return nil
		})
	}
	failed, total := 0, 0
	code := each(p, names, func(_ string, r io.Reader) error {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			want, name, ok := strings.Cut(lines.Text(), " ")
			name = strings.TrimLeft(name, " *")
			if !ok {
				continue
			}
			total++
			h := make()
			err := with(p, name, func(_ string, r io.Reader) error { _, err := io.Copy(h, r); return err })
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

func runBase64(_ context.Context, p *proc.Process) int {
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
	return each(p, names, func(_ string, r io.Reader) error {
		text, err := readAll(p, r)
		if err != nil {
			return err
		}
		if decode {
			clean := strings.Map(func(r rune) rune {
				if r == '\n' || r == '\r' || r == ' ' || r == '\t' {
					return -1
				}
				return r
			}, string(text))
			out, err := base64.StdEncoding.DecodeString(clean)
			if err != nil {
				if out, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(clean, "=")); err != nil {
					return errors.New("truncated input")
				}
			}
			_, err = p.Stdout.Write(out)
			return err
		}
		line := base64.StdEncoding.EncodeToString(text)
		for width > 0 && len(line) > width {
			fmt.Fprintln(p.Stdout, line[:width])
			line = line[width:]
		}
		if line != "" || len(text) == 0 && width > 0 {
			fmt.Fprint(p.Stdout, line)
			if width > 0 && line != "" {
				fmt.Fprintln(p.Stdout)
			}
		}
		return nil
	})
}

// runHexdump is hexdump, with -C, and hd.
func runHexdump(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "nse")
	_, canonical := set['C']
	canonical = canonical || p.Name() == "hd"
	limit := int64(maxInput)
	if n, err := strconv.ParseInt(set['n'], 0, 64); err == nil {
		limit = n
	}
	offset, previous, repeated := 0, []byte(nil), false
	code := each(p, names, func(_ string, r io.Reader) error {
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
				fmt.Fprintln(p.Stdout, fmt.Sprintf("%-47s", line))
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
func runCmp(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "n")
	_, silent := set['s']
	if len(names) == 1 {
		names = append(names, "-")
	}
	if len(names) < 2 {
		return p.Fail(2, "requires at least 1 argument")
	}
	var text [2][]byte
	for i, name := range names[:2] {
		if err := with(p, name, func(_ string, r io.Reader) (err error) { text[i], err = readAll(p, r); return err }); err != nil {
			return p.Fail(2, "%s: %s", name, reason(err))
		}
	}
	line := 1
	for i := range min(len(text[0]), len(text[1])) {
		if text[0][i] != text[1][i] {
			if !silent {
				fmt.Fprintf(p.Stdout, "%s %s differ: char %d, line %d\n", names[0], names[1], i+1, line)
			}
			return 1
		}
		if text[0][i] == '\n' {
			line++
		}
	}
	if len(text[0]) == len(text[1]) {
		return 0
	}
	shorter := names[0]
	if len(text[1]) < len(text[0]) {
		shorter = names[1]
	}
	if !silent {
		return p.Fail(1, "EOF on %s", shorter)
	}
	return 1
}

// maxDiffLines bounds the lines that diff compares.
const maxDiffLines = 4000

// runDiff is diff, which in BusyBox always prints the unified form.
func runDiff(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "ULS")
	_, quiet := set['q']
	if len(names) != 2 {
		return p.Fail(2, "requires exactly 2 arguments")
	}
	var lines [2][]string
	for i, name := range names {
		if err := with(p, name, func(_ string, r io.Reader) (err error) { lines[i], err = sedLines(r); return err }); err != nil {
			return p.Fail(2, "%s: %s", name, reason(err))
		}
		if len(lines[i]) > maxDiffLines {
			return p.Fail(2, "%s: too large", name)
		}
	}
	a, b := lines[0], lines[1]
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

// runTac is tac and rev.
func runTac(_ context.Context, p *proc.Process) int {
	_, names := flags(p, "")
	list, code := lines(p, names)
	for i := range list {
		if p.Name() == "tac" {
			fmt.Fprintln(p.Stdout, list[len(list)-1-i])
			continue
		}
		r := []rune(list[i])
		for a, b := 0, len(r)-1; a < b; a, b = a+1, b-1 {
			r[a], r[b] = r[b], r[a]
		}
		fmt.Fprintln(p.Stdout, string(r))
	}
	return code
}

func runNL(_ context.Context, p *proc.Process) int {
	_, names := flags(p, "bwsv")
	list, code := lines(p, names)
	n := 0
	for _, line := range list {
		if line == "" {
			fmt.Fprintln(p.Stdout, "       ")
			continue
		}
		n++
		fmt.Fprintf(p.Stdout, "%6d\t%s\n", n, line)
	}
	return code
}

func runTTY(_ context.Context, p *proc.Process) int {
	if p.Terminal() == nil {
		fmt.Fprintln(p.Stdout, "not a tty")
		return 1
	}
	fmt.Fprintln(p.Stdout, "/dev/pts/0")
	return 0
}
