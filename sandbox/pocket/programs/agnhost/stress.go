package agnhost

import (
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/load"
)

// stress is the program of the image vish/stress.
func (a *app) stress() subcommand {
	var total, step string
	var pause time.Duration
	var cpus int
	return subcommand{
		use: "stress", short: "Lightweight compute resource stress utlity",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&total, "mem-total", "0", "total memory to be consumed. Memory will be consumed via multiple allocations.")
			f.StringVar(&step, "mem-alloc-size", "4Ki", "amount of memory to be consumed in each allocation")
			f.DurationVar(&pause, "mem-alloc-sleep", time.Millisecond, "duration to sleep between allocations")
			f.IntVar(&cpus, "cpus", 0, "total number of CPUs to utilize")
		},
		run: func([]string) int {
			return a.Exec(a.ctx, load.Consume, "stress", "-mem-total="+total, "-mem-alloc-size="+step, "-mem-alloc-sleep="+pause.String(), "-cpus="+strconv.Itoa(cpus))
		},
	}
}
