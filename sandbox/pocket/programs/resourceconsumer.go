package programs

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// ResourceConsumer is the image resource-consumer of Kubernetes' tests of
// autoscaling: it uses as much CPU and memory, for as long, as it is asked to
// over HTTP.
func ResourceConsumer(ctx context.Context, p *proc.Process) int {
	flags := flag.NewFlagSet("consumer", flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	port := flags.Int("port", 8080, "Port number.")
	if err := flags.Parse(p.Args[1:]); err != nil {
		return 2
	}
	ctx, end := context.WithCancel(ctx)
	c := &consumer{Process: p, ctx: ctx, metrics: map[string]float64{}}
	defer c.wait.Wait()
	defer end()
	l, err := p.Listen(ctx, "tcp", fmt.Sprintf(":%d", *port))
	if err != nil {
		c.logf("%v", err)
		return 1
	}
	server := &http.Server{Handler: c}
	defer server.Close()
	c.start(func() { _ = server.Serve(l) })
	// A Go program that is the first process exits with 2 at a signal.
	return untilTerminated(2)(ctx, p)
}

// consumer is one running resource consumer.
type consumer struct {
	*proc.Process
	ctx context.Context

	mu      sync.Mutex
	wait    sync.WaitGroup
	running int
	metrics map[string]float64
}

// maxTasks bounds what one consumer does at the same time.
const maxTasks = 1000

// start does something beside the rest; false is that the program has ended or
// does too much.
func (c *consumer) start(task func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil || c.running >= maxTasks {
		return false
	}
	c.running++
	c.wait.Go(func() {
		defer func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.running--
		}()
		task()
	})
	return true
}

func (c *consumer) logf(format string, args ...any) {
	fmt.Fprintf(c.Stderr, "%s %s\n", time.Now().UTC().Format("2006/01/02 15:04:05"), fmt.Sprintf(format, args...))
}

var (
	errNotGiven  = errors.New("not given function argument")
	errIncorrect = errors.New("incorrect function argument")
)

// ServeHTTP implements http.Handler.
func (c *consumer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/metrics" {
		c.serveMetrics(w)
		return
	}
	if r.Method != http.MethodPost {
		http.Error(w, "Bad request. Not a POST request", http.StatusBadRequest)
		return
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var err error
	switch r.URL.Path {
	case "/ConsumeCPU":
		err = c.ask(w, r.Form, "ConsumeCPU", "millicores", func(amount int, d time.Duration) { c.consumeCPU(amount, d) })
	case "/ConsumeMem":
		err = c.ask(w, r.Form, "ConsumeMem", "megabytes", func(amount int, d time.Duration) { c.consumeMemory(amount, d) })
	case "/GetCurrentStatus":
		c.logf("GetCurrentStatus")
		fmt.Fprint(w, "Warning: not implemented!\nGetCurrentStatus")
	case "/BumpMetric":
		err = c.bump(w, r.Form)
	default:
		http.Error(w, "unknown function: "+r.URL.Path, http.StatusNotFound)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

// ask begins to consume an amount of something for a number of seconds.
func (c *consumer) ask(w io.Writer, form url.Values, name, unit string, consume func(int, time.Duration)) error {
	amount, seconds := form.Get(unit), form.Get("durationSec")
	if amount == "" || seconds == "" {
		return errNotGiven
	}
	n, err := strconv.Atoi(amount)
	s, err2 := strconv.Atoi(seconds)
	if err != nil || err2 != nil {
		return errIncorrect
	}
	if !c.start(func() { consume(n, time.Duration(s)*time.Second) }) {
		return errors.New("too many requests at the same time")
	}
	fmt.Fprintf(w, "%s\n%d %s\n%d durationSec\n", name, n, unit, s)
	return nil
}

// slice is how often CPU time is spent: often enough for a limit to be felt
// evenly.
const slice = 50 * time.Millisecond

// consumeCPU uses CPU time as a busy process does: evenly, and less where a limit
// makes it wait.
func (c *consumer) consumeCPU(millicores int, duration time.Duration) {
	c.logf("ConsumeCPU millicores: %v, durationSec: %v", millicores, int(duration.Seconds()))
	ctx, cancel := context.WithTimeout(c.ctx, duration)
	defer cancel()
	ticker := time.NewTicker(slice)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if c.Usage.Spend(ctx, slice*time.Duration(millicores)/1000) != nil {
				return
			}
		}
	}
}

func (c *consumer) consumeMemory(megabytes int, duration time.Duration) {
	c.logf("ConsumeMem megabytes: %v, durationSec: %v", megabytes, int(duration.Seconds()))
	bytes := int64(megabytes) << 20
	if err := c.Usage.Claim(bytes); err != nil {
		c.logf("Error while consuming memory: %v", err)
		return
	}
	defer func() { _ = c.Usage.Claim(-bytes) }()
	proc.Sleep(c.ctx, duration)
}

// bump adds to a metric for a while.
func (c *consumer) bump(w io.Writer, form url.Values) error {
	name, deltaText, secondsText := form.Get("metric"), form.Get("delta"), form.Get("durationSec")
	if name == "" || deltaText == "" || secondsText == "" {
		return errNotGiven
	}
	seconds, err := strconv.Atoi(secondsText)
	delta, err2 := strconv.ParseFloat(deltaText, 64)
	if err != nil || err2 != nil {
		return errIncorrect
	}
	add := func(delta float64) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.metrics[name] += delta
	}
	c.start(func() {
		add(delta)
		proc.Sleep(c.ctx, time.Duration(seconds)*time.Second)
		add(-delta)
	})
	fmt.Fprintf(w, "BumpMetric\n%s metric\n%v delta\n%d durationSec\n", name, delta, seconds)
	return nil
}

func (c *consumer) serveMetrics(w io.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, value := range c.metrics {
		fmt.Fprintf(w, "# HELP %s info message.\n# TYPE %s gauge\n%s %f\n", name, name, name, value)
	}
}
