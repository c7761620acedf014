package tui

import "time"

// spinner is the glyph of something under way. Without motion it is one that
// stands still; what goes on is told by the word and the seconds beside it.
func (s *scene) spinner() string {
	g := s.styles.Glyphs
	if s.still {
		return g.Progressing
	}
	return g.Spinner[int(s.now.UnixMilli()/100)%len(g.Spinner)]
}

// beat is how often what is under way is drawn.
func (s *scene) beat() time.Duration {
	if s.still {
		return time.Second
	}
	return 100 * time.Millisecond
}

// elapsed is how long something has been under way: whole seconds where nothing
// is to move.
func (s *scene) elapsed(d time.Duration) string {
	if s.still {
		return age(d)
	}
	return duration(d)
}
