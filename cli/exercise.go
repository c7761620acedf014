package cli

import (
	"context"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// settleTime is how much longer than asked a judgement may take to come to
// rest: connecting, the first answers, states that must be held.
const settleTime = 20 * time.Second

// linger is how long a sandbox that a command started stays up after the
// command, so that the next command finds it.
const linger = 30 * time.Minute

// exercise opens the cluster and returns the exercise of a lesson on it. done
// lets go of the cluster.
func (p *Program) exercise(ctx context.Context, l *lessons.Lesson) (ex *lessons.Exercise, done func(), err error) {
	store, err := p.progressStore()
	if err != nil {
		return nil, nil, err
	}
	c, err := p.openCluster(ctx)
	if err != nil {
		return nil, nil, err
	}
	p.remember(store, l)
	return lessons.NewExercise(l.For(c.Info().Version), c, store, p.Now), c.Close, nil
}
