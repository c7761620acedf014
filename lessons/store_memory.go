package lessons

import "time"

// Memory is what is remembered of a question for asking it again. Package review
// makes it and says what it means; here it is only kept. A program that does not
// know it leaves it alone, and counts its answers in QuestionProgress: Last is
// then later than At.
type Memory struct {
	At         time.Time `json:"at"`         // of the last answer that is in here
	Grade      int       `json:"grade"`      // of that answer
	Stability  float64   `json:"stability"`  // days until the chance of a right answer is 90 %
	Difficulty float64   `json:"difficulty"` // 1 to 10
	Days       int       `json:"days"`       // after which it is due
	// Missed is when it was last answered wrong, if it has not been answered right
	// since, later than in the same sitting.
	Missed time.Time `json:"missed,omitzero"`
}

// memoryKey is the name of a Memory in the tree of a progress file. Its fields
// belong together: of two that were changed apart from each other the later one
// counts as a whole.
const memoryKey = "memory"

// mergeMemory returns the later of two memories that both were changed; what this
// program does not know of theirs is kept.
func mergeMemory(mine, theirs map[string]any) map[string]any {
	if at(theirs).After(at(mine)) {
		return theirs
	}
	if _, missed := mine["missed"]; !missed {
		theirs = tree(theirs).without("missed")
	}
	return merge(nil, mine, theirs)
}

func at(memory map[string]any) time.Time {
	s, _ := memory["at"].(string)
	t, _ := time.Parse(time.RFC3339Nano, s) // what is no time is earlier than all
	return t
}

func (t tree) without(key string) tree {
	out := tree{}
	for k, v := range t {
		if k != key {
			out[k] = v
		}
	}
	return out
}
