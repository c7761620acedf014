package lessons

import "time"

// Merge takes over what another progress knows and this one does not: pages
// read, steps passed (the earlier time counts), answers (the more often
// answered record counts, with what is remembered of it). Attempts stay as they
// are: they belong to a cluster of this machine.
func (p *Progress) Merge(other Progress) {
	for id, theirs := range other.Lessons {
		if theirs == nil {
			continue
		}
		ours := p.Lesson(id)
		mergeTimes(ours.Read, theirs.Read)
		mergeTimes(ours.Passed, theirs.Passed)
		if at := theirs.Verified; !at.IsZero() && (ours.Verified.IsZero() || at.Before(ours.Verified)) {
			ours.Verified = at
		}
		for q, record := range theirs.Quiz {
			if record == nil {
				continue
			}
			if have := ours.Quiz[q]; have == nil || have.Right+have.Wrong < record.Right+record.Wrong {
				ours.Quiz[q] = record.copyOf()
			}
		}
		for step, n := range theirs.Hints {
			ours.Hints[step] = max(ours.Hints[step], n)
		}
		if ours.Place == "" {
			ours.Place, ours.Page = theirs.Place, theirs.Page
		}
	}
	if p.LastLesson == "" {
		p.LastLesson = other.LastLesson
	}
	if p.Screen.Theme == "" {
		p.Screen.Theme = other.Screen.Theme
	}
	if p.Screen.Welcomed.IsZero() {
		p.Screen.Welcomed = other.Screen.Welcomed
	}
	if p.Lang == "" {
		p.Lang = other.Lang
	}
}

func mergeTimes(ours, theirs map[string]time.Time) {
	for id, at := range theirs {
		if have, ok := ours[id]; !ok || at.Before(have) {
			ours[id] = at
		}
	}
}
