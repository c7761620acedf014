package tui

import (
	"context"
	"sync"

	tea "charm.land/bubbletea/v2"
)

// crew owns what outlives one Update: the goroutines behind commands, and what
// they opened. Bubble Tea neither cancels commands nor waits for them; the crew
// does both when the program ends.
type crew struct {
	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	ended  bool
	work   sync.WaitGroup
	things map[any]func()
}

func newCrew(ctx context.Context) *crew {
	ctx, cancel := context.WithCancel(ctx)
	return &crew{ctx: ctx, cancel: cancel, things: map[any]func(){}}
}

// begin reports whether work may start; it must be followed by work.Done.
func (c *crew) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	c.work.Add(1)
	return true
}

// cmd returns a command that runs fn with a context that ends with the program.
func (c *crew) cmd(fn func(context.Context) tea.Msg) tea.Cmd {
	return func() tea.Msg {
		if !c.begin() {
			return nil
		}
		defer c.work.Done()
		return fn(c.ctx)
	}
}

// own makes sure that end is called for a thing when the program ends, if
// release was not called before. Only commands of the crew may call it.
func (c *crew) own(thing any, end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.things[thing] = end
}

// release ends a thing that the crew owns, once. It blocks until it has ended.
func (c *crew) release(thing any) {
	c.mu.Lock()
	end := c.things[thing]
	delete(c.things, thing)
	c.mu.Unlock()
	if end != nil {
		end()
	}
}

// end cancels all work, waits for it and ends all things.
func (c *crew) end() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.cancel()
	c.work.Wait()
	c.mu.Lock()
	things := c.things
	c.things = map[any]func(){}
	c.mu.Unlock()
	for _, end := range things {
		end()
	}
}

// latest hands over the newest of a series of values: one that nobody has taken
// yet is replaced.
type latest[T any] chan T

func newLatest[T any]() latest[T] { return make(latest[T], 1) }

// put never blocks. It must be called from one goroutine at a time.
func (l latest[T]) put(v T) {
	for {
		select {
		case l <- v:
			return
		default:
		}
		select {
		case <-l:
		default:
		}
	}
}

// take waits for the next value; false when ctx has ended.
func (l latest[T]) take(ctx context.Context) (T, bool) {
	select {
	case v := <-l:
		return v, true
	case <-ctx.Done():
		var none T
		return none, false
	}
}
