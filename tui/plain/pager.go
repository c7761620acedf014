package plain

import (
	"context"
	"strings"
)

// pageLines is after how many lines a text pauses; 0 is never.
func (t *talk) pageLines() int {
	switch {
	case !t.o.InTerminal:
		return 0
	case t.page >= 0:
		return t.page
	case t.o.Height > 5:
		return t.o.Height - 3
	}
	return 20
}

// read aloud: blocks are said with an empty line between them, and a pause where
// the next would be more than a page. It reports whether the end was reached.
// What is typed at a pause and is no wish to go on is obeyed as a command.
func (t *talk) recite(ctx context.Context, blocks [][]string) (end bool, err error) {
	room := t.pageLines()
	said := 0
	for i, block := range blocks {
		if i > 0 {
			t.out.lines("")
			said++
		}
		for start := 0; start < len(block); {
			n := len(block) - start
			if room > 0 {
				if said > 0 && said+min(n, room) > room {
					on, err := t.more(ctx)
					if err != nil || !on {
						return false, err
					}
					said = 0
				}
				n = min(n, room)
			}
			t.out.lines(block[start : start+n]...)
			start, said = start+n, said+n
		}
	}
	return true, nil
}

// more asks at a pause whether to go on.
func (t *talk) more(ctx context.Context) (bool, error) {
	line, err := t.read(ctx, t.words.More)
	if err != nil {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(normal(line))) {
	case "", "more", "m", "继续":
		return true, nil
	case "s", "stop", "停", "停止":
		return false, nil
	}
	t.pushed = append(t.pushed, line)
	return false, nil
}
