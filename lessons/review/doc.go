// Package review says when a question is to be asked again: spaced repetition
// by the algorithm FSRS-6, from nothing but the answers that a learner has given.
//
// The algorithm (fsrs.go) is that of Ye, Su, Cao: "A Stochastic Shortest Path
// Algorithm for Optimizing Spaced Repetition Scheduling", KDD 2022,
// https://doi.org/10.1145/3534678.3539081, in its sixth version with the default
// parameters of the FSRS project. For each question it keeps how long the memory
// of the answer lasts (stability: the days until the chance of a right answer
// has fallen to 90 %) and how hard the question is.
//
// What has happened becomes a grade, because nobody is asked how an answer felt:
//
//	right                  good
//	wrong                  again
//	the answer was shown   again
//	never                  hard, easy
//
// An answer that is right after a wrong one of the same day is good as well, and
// not hard: the right one has been read minutes ago, so it tells little, and FSRS
// has a formula of its own for the same day, which hardly moves on good. Its hard
// takes a third of the stability away: whoever answers once more would be asked
// sooner than whoever does not.
//
// On top of FSRS stand three rules:
//
//   - A wrong answer comes back on the next day, or when two other lessons have
//     been worked in since, whatever is first. A right one on the same day does
//     not change that.
//   - In a review, what was answered wrong comes again at its end (Session).
//   - No question rests longer than MaxDays.
//
// Days are those of the learner's clock and begin at four in the morning. Nothing
// is random. A clock that was set back or years ahead does no harm: an answer out
// of the future is taken as one that is due now, and how far one answer can move
// a memory is bounded.
//
// The package is pure: it reads no clock, no file and no cluster.
package review
