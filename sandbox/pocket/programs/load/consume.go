package load

import (
	"context"
	"flag"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// Consume is vish/stress, which the documentation of Kubernetes uses to show
// CPU limits: it computes on a number of threads, and takes memory bit by bit.
func Consume(ctx context.Context, p *proc.Process) int {
	flags := flag.NewFlagSet("stress", flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	total := flags.String("mem-total", "0", "total memory to be consumed. Memory will be consumed via multiple allocations.")
	step := flags.String("mem-alloc-size", "4Ki", "amount of memory to be consumed in each allocation")
	pause := flags.Duration("mem-alloc-sleep", time.Millisecond, "duration to sleep between allocations")
	cpus := flags.Int("cpus", 0, "total number of CPUs to utilize")
	flags.Bool("logtostderr", true, "log to standard error instead of files")
	if err := flags.Parse(p.Args[1:]); err != nil {
		return 2
	}
	log := func(line int, format string, args ...any) {
		fmt.Fprintf(p.Stderr, "I%s %7d main.go:%d] %s\n", time.Now().UTC().Format("0102 15:04:05.000000"), p.PID, line, fmt.Sprintf(format, args...))
	}
	size, err := resource.ParseQuantity(*total)
	if err == nil {
		_, err = resource.ParseQuantity(*step)
	}
	if err != nil {
		fmt.Fprintf(p.Stderr, "panic: cannot parse '%s': %v\n", *total, err)
		return 2
	}
	chunk := resource.MustParse(*step)
	signals := p.Notify(proc.SIGTERM, proc.SIGINT)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan struct{})
	threads := max(min(*cpus, maxWorkers), 0)
	log(26, "Allocating %q memory, in %q chunks, with a %v sleep between allocations", size.String(), chunk.String(), *pause)
	for range threads {
		log(39, "Spawning a thread to consume CPU")
		go func() {
			spin(ctx, p)
			ended <- struct{}{}
		}()
	}
	go func() {
		if takeMemory(ctx, p.Usage, size.Value(), chunk.Value(), *pause) {
			log(29, "Allocated %q memory", size.String())
		}
		ended <- struct{}{}
	}()
	code := killedCode
	select {
	case <-signals:
		code = 2 // so ends a Go program that is PID 1
	case <-ctx.Done():
	}
	cancel()
	for range threads + 1 {
		<-ended
	}
	return code
}

// takeMemory takes memory in chunks until it has all of it; false means that
// the process was killed.
func takeMemory(ctx context.Context, u *proc.Usage, total, chunk int64, pause time.Duration) bool {
	const tick = 20 * time.Millisecond // many small chunks are taken at once
	if chunk <= 0 {
		return true
	}
	each := chunk
	if pause < tick {
		each, pause = chunk*int64(tick/max(pause, 10*time.Microsecond)), tick
	}
	for taken := int64(0); taken < total; {
		part := min(each, total-taken)
		if u.Claim(part) != nil {
			<-ctx.Done()
			return false
		}
		taken += part
		if u.Spend(ctx, time.Duration(part/(4<<10))*time.Microsecond) != nil || !proc.Sleep(ctx, pause) {
			return false
		}
	}
	return true
}
