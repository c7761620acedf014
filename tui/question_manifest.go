package tui

import (
	"strings"
)

// yamlRows draws lines of YAML in w cells, with the colours of code. A line that
// is too long goes on in further rows; there is one row at least for each.
func (s *scene) yamlRows(lines []string, w int) [][]string {
	const fence = "~~~~"
	draw := func(text string) []string {
		return s.prose.lines(fence+"yaml\n"+text+"\n"+fence, w)
	}
	out := make([][]string, len(lines))
	whole := draw(strings.Join(lines, "\n"))
	for i, line := range lines {
		switch {
		case len(whole) == len(lines):
			out[i] = whole[i : i+1]
		case strings.TrimSpace(line) != "":
			out[i] = draw(line)
		}
		if len(out[i]) == 0 {
			out[i] = []string{blank(w)}
		}
	}
	return out
}
