package review

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheFirstAnswerIsRememberedAsPublished holds the vectors of ts-fsrs 5
// (FSRS-6.test.ts, "first repeat").
func TestTheFirstAnswerIsRememberedAsPublished(t *testing.T) {
	t.Parallel()
	w := defaultWeights()
	for i, want := range []memory{{0.212, 6.4133}, {1.2931, 5.11217071}, {2.3065, 2.11810397}, {8.2956, 1}} {
		m := w.first(Grade(i + 1))
		if m.stability != want.stability || math.Abs(m.difficulty-want.difficulty) > 5e-9 {
			t.Errorf("after grade %d: %+v, published is %+v", i+1, m, want)
		}
	}
}

// TestIntervalsAreThoseThatTheFSRSProjectPublished holds the vector of py-fsrs 6
// (tests/test_basic.py, test_review_card) and ts-fsrs 5. Those ask a new card
// again after ten minutes, and after a lapse too, before days are counted.
func TestIntervalsAreThoseThatTheFSRSProjectPublished(t *testing.T) {
	t.Parallel()
	w := defaultWeights()
	grades := []Grade{Good, Good, Good, Good, Good, Good, Again, Again, Good, Good, Good, Good, Good}
	want := []int{0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21}
	m, days := w.first(grades[0]), 0
	got := []int{days}
	for _, g := range grades[1:] {
		m = w.next(m, days, g)
		if days = w.interval(m, 36500); g == Again {
			days = 0
		}
		got = append(got, days)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("intervals in days (-published +got):\n%s", diff)
	}
}

// TestMemoryIsThatWhichTheFSRSProjectPublished holds the vectors of fsrs-rs
// (test_memo_state), with the formula for the same day and without it.
func TestMemoryIsThatWhichTheFSRSProjectPublished(t *testing.T) {
	t.Parallel()
	frozen := defaultWeights()
	frozen[17], frozen[18], frozen[19] = 0, 0, 0
	for _, c := range []struct {
		w                     weights
		stability, difficulty float64
	}{
		{defaultWeights(), 53.62691, 6.3574867},
		{frozen, 53.335106, 6.3574867},
	} {
		m := c.w.first(Again)
		for _, days := range []int{0, 1, 3, 8, 21} {
			m = c.w.next(m, days, Good)
		}
		if math.Abs(m.stability-c.stability) > 1e-4 || math.Abs(m.difficulty-c.difficulty) > 1e-6 {
			t.Errorf("got %+v, published are %v and %v", m, c.stability, c.difficulty)
		}
	}
}

// TestEasyAnswersEndAtTheLowestDifficulty follows test_repeated_correct_reviews.
func TestEasyAnswersEndAtTheLowestDifficulty(t *testing.T) {
	t.Parallel()
	w := defaultWeights()
	m := w.first(Easy)
	for range 9 {
		m = w.next(m, 0, Easy)
	}
	if m.difficulty != 1 {
		t.Errorf("difficulty %v, published is 1", m.difficulty)
	}
}

func TestTheChanceFallsFromOneToNineTenthsAtTheStability(t *testing.T) {
	t.Parallel()
	w := defaultWeights()
	m := memory{stability: 20, difficulty: 5}
	if c := w.chance(m, 0); c != 1 {
		t.Errorf("at once the chance is %v", c)
	}
	if c := w.chance(m, 20); math.Abs(c-0.9) > 1e-9 {
		t.Errorf("after the stability the chance is %v", c)
	}
	last := 1.0
	for days := 1.0; days < 1e5; days *= 1.5 {
		c := w.chance(m, days)
		if c >= last || c <= 0 {
			t.Fatalf("after %.0f days the chance is %v, before it was %v", days, c, last)
		}
		last = c
	}
}

// TestAWrongAnswerNeverHelps compares the grades on memories of every kind.
func TestAWrongAnswerNeverHelps(t *testing.T) {
	t.Parallel()
	w := defaultWeights()
	for s := minStability; s < maxStability; s *= 3 {
		for d := 1.0; d <= 10; d++ {
			for _, days := range []int{0, 1, 5, 30, 1000, 1 << 30} {
				m := memory{s, d}
				again, good := w.next(m, days, Again), w.next(m, days, Good)
				if again.stability > s && s > minStability || good.stability < s && good.stability < maxStability {
					t.Errorf("from %+v after %d days: again %+v, good %+v", m, days, again, good)
				}
				for _, n := range []memory{again, good} {
					if math.IsNaN(n.stability) || math.IsInf(n.stability, 0) || n.difficulty < 1 || n.difficulty > 10 {
						t.Errorf("from %+v after %d days comes %+v", m, days, n)
					}
				}
			}
		}
	}
}
