package tui

import (
	"time"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// stageLines lists the stages of a start, each with a glyph, a word and the time.
func (s *clusterScreen) stageLines(w int, stages []stage) []string {
	st, g, words := s.styles, s.styles.Glyphs, s.words.Cluster
	name := 8
	for _, stage := range stages {
		name = max(name, min(markdown.Width(s.stageTitle(stage.name))+2, w/2))
	}
	var out []string
	for _, stage := range stages {
		glyph, word, look, took := g.Waiting, words.StageWaiting, st.Dim, ""
		detail := stage.detail
		measured, err := time.ParseDuration(detail)
		if err == nil { // the cluster knows better than the arrival of its messages
			detail = ""
		}
		switch stage.state {
		case stageRunning:
			glyph, word, look, took = g.Progressing, words.StageRunning, st.Active, s.elapsed(s.now.Sub(stage.began))
		case stageDone:
			glyph, word, look, took = g.Pass, words.StageDone, st.Good, duration(stage.ended.Sub(stage.began))
			if err == nil {
				took = duration(measured)
			}
		case stageFailed:
			glyph, word, look = g.Broken, words.StageFailed, st.Bad
		}
		p := newPen(w).put(look, glyph+" ").column(styles.Style{}, s.stageTitle(stage.name), name).column(look, word, 10)
		p.columnRight(st.Dim, took, 8)
		out = append(out, p.put(st.Dim, "  "+detail).line())
	}
	return out
}

// stageTitle is what a stage is, in words where there are any.
func (s *scene) stageTitle(name string) string {
	if s.titles != nil {
		if text := s.in(s.titles(name)); text != "" {
			return text
		}
	}
	return name
}
