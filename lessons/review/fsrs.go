package review

import "math"

// Grade is how well an answer was remembered.
type Grade int

// The grades of FSRS.
const (
	Again Grade = 1 + iota
	Hard
	Good
	Easy
)

const (
	// retention is the chance of a right answer at which a question is due.
	retention = 0.9
	// MaxDays is the longest time between two askings, in days.
	MaxDays = 365

	minStability, maxStability   = 0.001, 36500 // days
	minDifficulty, maxDifficulty = 1, 10
)

// weights are the default parameters of FSRS-6, fitted by the FSRS project to the
// reviews of some ten thousand people:
// https://github.com/open-spaced-repetition/py-fsrs/blob/main/fsrs/scheduler.py
// (DEFAULT_PARAMETERS), described in
// https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm.
type weights [21]float64

func defaultWeights() weights {
	return weights{
		0.212, 1.2931, 2.3065, 8.2956, // stability after the first answer, by grade
		6.4133, 0.8334, 3.0194, 0.001, // difficulty
		1.8722, 0.1666, 0.796, // stability after a right answer
		1.4835, 0.0614, 0.2629, 1.6483, // stability after a wrong one
		0.6014, 1.8729, // hard, easy
		0.5425, 0.0912, 0.0658, // the same day
		0.1542, // how the curve of forgetting falls
	}
}

// memory is what FSRS keeps of a question.
type memory struct {
	stability  float64 // days, minStability to maxStability
	difficulty float64 // 1 to 10
}

// first is the memory after the first answer.
func (w *weights) first(g Grade) memory {
	return memory{
		stability:  clamp(w[g-1], minStability, maxStability),
		difficulty: clamp(w.firstDifficulty(g), minDifficulty, maxDifficulty),
	}
}

func (w *weights) firstDifficulty(g Grade) float64 { return w[4] - math.Exp(w[5]*float64(g-1)) + 1 }

// next is the memory after an answer so many days after the one before; 0 is the
// same day.
func (w *weights) next(m memory, days int, g Grade) memory {
	var s float64
	switch {
	case days < 1:
		s = w.sameDay(m.stability, g)
	case g == Again:
		s = w.forgotten(m, w.chance(m, float64(days)))
	default:
		s = w.recalled(m, w.chance(m, float64(days)), g)
	}
	return memory{clamp(s, minStability, maxStability), w.harder(m.difficulty, g)}
}

// chance is the chance of a right answer so many days after the last one, 0 to 1:
// the curve of forgetting, 0.9 when the stability has passed.
func (w *weights) chance(m memory, days float64) float64 {
	decay := -w[20]
	factor := math.Pow(retention, 1/decay) - 1
	return math.Pow(1+factor*max(0, days)/m.stability, decay)
}

// interval is after how many days the chance has fallen to retention, at least
// one and at most limit. (It is the stability, because that is measured at the
// same chance.)
func (w *weights) interval(m memory, limit int) int {
	return int(clamp(math.RoundToEven(m.stability), 1, float64(limit)))
}

func (w *weights) sameDay(s float64, g Grade) float64 {
	grows := math.Exp(w[17]*(float64(g)-3+w[18])) * math.Pow(s, -w[19])
	if g >= Good {
		grows = max(1, grows)
	}
	return s * grows
}

func (w *weights) recalled(m memory, chance float64, g Grade) float64 {
	bonus := 1.0
	switch g {
	case Hard:
		bonus = w[15]
	case Easy:
		bonus = w[16]
	}
	return m.stability * (1 + math.Exp(w[8])*(11-m.difficulty)*math.Pow(m.stability, -w[9])*(math.Exp((1-chance)*w[10])-1)*bonus)
}

func (w *weights) forgotten(m memory, chance float64) float64 {
	long := w[11] * math.Pow(m.difficulty, -w[12]) * (math.Pow(m.stability+1, w[13]) - 1) * math.Exp((1-chance)*w[14])
	return min(long, m.stability/math.Exp(w[17]*w[18]))
}

// harder is the difficulty after an answer: damped near its end, and drawn back a
// little to that of an easy question.
func (w *weights) harder(d float64, g Grade) float64 {
	moved := d - w[6]*float64(g-3)*(10-d)/9
	return clamp(w[7]*w.firstDifficulty(Easy)+(1-w[7])*moved, minDifficulty, maxDifficulty)
}

// clamp bounds v; what is no number becomes low.
func clamp(v, low, high float64) float64 {
	if math.IsNaN(v) {
		return low
	}
	return min(max(v, low), high)
}
