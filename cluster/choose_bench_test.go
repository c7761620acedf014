package cluster

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// BenchmarkChoose is choosing the cluster at the start, as auto does it: how long
// the learner waits for it at the median and at most, in milliseconds. The program
// minikube hangs in all of them.
func BenchmarkChoose(b *testing.B) {
	slow := func(wait time.Duration) string {
		return readyz(b, func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(wait):
			case <-r.Context().Done():
			}
		})
	}
	for _, bench := range []struct {
		name   string
		config string
		want   Provider
	}{
		{"none", contexts("production"), ProviderSandbox},
		{"answers", contexts("mk", "mk", serving(b)), ProviderMinikube},
		{"answers-late", contexts("mk", "mk", slow(100*time.Millisecond)), ProviderMinikube},
		{"other-hangs", contexts("other", "mk", serving(b), "other", silent(b)), ProviderMinikube},
		{"stopped", contexts("mk", "mk", refusing(b)), ProviderSandbox},
		{"hangs", contexts("mk", "mk", silent(b)), ProviderSandbox},
	} {
		b.Run(bench.name, func(b *testing.B) {
			o := learner(b, bench.config, "exec sleep 60")
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				got, err := chooseNow(b.Context(), o)
				took = append(took, time.Since(began))
				if err != nil || got.provider != bench.want {
					b.Fatalf("chose %+v, %v", got, err)
				}
			}
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "choose-p50-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "choose-max-ms")
		})
	}
}
