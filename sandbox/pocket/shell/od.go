package shell

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// odFormat is one of the ways that od shows a block in.
type odFormat struct {
	kind byte // a, c, d, o, u or x
	size int  // bytes of an item
}

// width is how wide an item is, with the blank before it.
func (f odFormat) width() int {
	switch f.kind {
	case 'a', 'c':
		return 4
	case 'o':
		return map[int]int{1: 4, 2: 7, 4: 12, 8: 23}[f.size]
	case 'd':
		return map[int]int{1: 5, 2: 7, 4: 12, 8: 21}[f.size]
	case 'u':
		return map[int]int{1: 4, 2: 6, 4: 11, 8: 21}[f.size]
	}
	return 2*f.size + 1
}

func (f odFormat) text(item []byte) string {
	var n uint64
	for i, c := range item {
		n |= uint64(c) << (8 * i)
	}
	switch f.kind {
	case 'a':
		return odName(item[0] & 0x7f)
	case 'c':
		return odChar(item[0])
	case 'o':
		return fmt.Sprintf("%0*o", f.width()-1, n)
	case 'u':
		return strconv.FormatUint(n, 10)
	case 'd':
		shift := 64 - 8*f.size
		return strconv.FormatInt(int64(n<<shift)>>shift, 10)
	}
	return fmt.Sprintf("%0*x", f.width()-1, n)
}

func odChar(c byte) string {
	if at := strings.IndexByte("\x00\a\b\t\n\v\f\r", c); at >= 0 {
		return `\` + "0abtnvfr"[at:at+1]
	}
	if c < ' ' || c > '~' {
		return fmt.Sprintf("%03o", c)
	}
	return string(rune(c))
}

func odName(c byte) string {
	names := strings.Fields("nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp")
	switch {
	case int(c) < len(names):
		return names[c]
	case c == 0x7f:
		return "del"
	}
	return string(rune(c))
}

// runOD is od with -A, -t, -j, -N, -v, -w and the old letters for formats.
func runOD(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "AtjNwS")
	var formats []odFormat
	for _, old := range []struct {
		option rune
		format odFormat
	}{{'a', odFormat{'a', 1}}, {'b', odFormat{'o', 1}}, {'c', odFormat{'c', 1}}, {'d', odFormat{'u', 2}}, {'o', odFormat{'o', 2}}, {'x', odFormat{'x', 2}}, {'i', odFormat{'d', 4}}, {'D', odFormat{'u', 4}}, {'O', odFormat{'o', 4}}, {'X', odFormat{'x', 4}}} {
		if _, ok := set[old.option]; ok {
			formats = append(formats, old.format)
		}
	}
	for text := set['t']; text != ""; {
		f := odFormat{text[0], 4}
		text = text[1:]
		if strings.IndexByte("acdoux", f.kind) < 0 {
			return p.Fail(1, "invalid type string '%s'", set['t'])
		}
		if f.kind == 'a' || f.kind == 'c' {
			f.size = 1
		} else if text != "" {
			if size := map[byte]int{'1': 1, '2': 2, '4': 4, '8': 8, 'C': 1, 'S': 2, 'I': 4, 'L': 8}[text[0]]; size > 0 {
				f.size, text = size, text[1:]
			}
		}
		formats = append(formats, f)
	}
	if len(formats) == 0 {
		formats = []odFormat{{'o', 2}}
	}
	skip, ok := parseSize(orElse(set['j'], "0"))
	limit, ok2 := parseSize(orElse(set['N'], "0"))
	if !ok || !ok2 {
		return p.Fail(1, "invalid number '%s'", orElse(set['j'], set['N']))
	}
	if _, given := set['N']; !given {
		limit = math.MaxInt64
	}
	block := int64(16)
	if text, ok := set['w']; ok {
		if block, ok = parseSize(orElse(text, "32")); !ok || block < 1 || block > 4096 || block%8 != 0 && block%int64(formats[0].size) != 0 {
			return p.Fail(1, "invalid number '%s'", text)
		}
	}
	address := func(n int64) string {
		switch set['A'] {
		case "n":
			return ""
		case "d":
			return fmt.Sprintf("%07d", n)
		case "x":
			return fmt.Sprintf("%06x", n)
		}
		return fmt.Sprintf("%07o", n)
	}
	_, all := set['v']
	f := newFilter(ctx, p)
	offset, pending, previous, starred := int64(0), []byte(nil), []byte(nil), false
	show := func(part []byte) {
		if !all && int64(len(part)) == block && bytes.Equal(part, previous) {
			if !starred {
				f.println("*")
			}
			starred = true
		} else {
			starred = false
			previous = append(previous[:0], part...)
			for i, format := range formats {
				at := address(offset)
				if i > 0 {
					at = strings.Repeat(" ", len(at))
				}
				f.println(at + format.line(part))
			}
		}
		offset += int64(len(part))
	}
	code := f.each(names, func(_ string, r io.Reader) error {
		if skip > 0 {
			n, err := io.CopyN(io.Discard, r, skip)
			skip -= n
			offset += n
			if err != nil && err != io.EOF {
				return err
			}
		}
		buf := make([]byte, 4096)
		for limit > 0 {
			n, err := r.Read(buf[:min(int64(len(buf)), limit)])
			limit -= int64(n)
			for pending = append(pending, buf[:n]...); int64(len(pending)) >= block; pending = pending[block:] {
				show(pending[:block])
			}
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if len(pending) > 0 {
		show(pending)
	}
	if set['A'] != "n" {
		f.println(address(offset))
	}
	return f.end(code)
}

// line shows a block. What is missing of its last item counts as zeros.
func (f odFormat) line(block []byte) string {
	var b strings.Builder
	var item [8]byte
	for at := 0; at < len(block); at += f.size {
		clear(item[:])
		copy(item[:f.size], block[at:])
		fmt.Fprintf(&b, "%*s", f.width(), f.text(item[:f.size]))
	}
	return b.String()
}
