package coursetest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

func TestAPodIsChosenOnlyOnceNoneIsEnding(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"kubectl label $(kubectl get pods -l app=web -o name | head -1) app-": true,
		"kubectl get pods":       false,
		"kubectl delete pod web": false,
	} {
		if got := choosesPods(line); got != want {
			t.Errorf("%q chooses a Pod: %t, want %t", line, got, want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		pod, _ := lessons.KindNamed("Pod")
		report := func(namespace string, deleted bool) lessons.Report {
			meta := map[string]any{"namespace": namespace, "name": "web-1"}
			if deleted {
				meta["deletionTimestamp"] = "2026-11-23T00:00:00Z"
			}
			return lessons.Report{Snapshot: lessons.Snapshot{Kinds: map[lessons.Kind]lessons.Listing{
				pod: {Objects: []lessons.Object{{"kind": "Pod", "metadata": meta}}}}}}
		}
		waited := func(latest lessons.Report, after func(p *player)) time.Duration {
			p := &player{latest: latest, news: make(chan struct{}), ws: lessons.Workspace{Namespace: "w"}}
			if after != nil {
				go after(p)
			}
			began := time.Now()
			if err := p.untilGone(context.Background()); err != nil {
				t.Error(err)
			}
			return time.Since(began)
		}
		if w := waited(report("w", false), nil); w != 0 {
			t.Errorf("waited %s for a Pod that stays", w)
		}
		if w := waited(report("other", true), nil); w != 0 {
			t.Errorf("waited %s for a Pod of another namespace", w)
		}
		if w := waited(report("w", true), func(p *player) { time.Sleep(10 * time.Second); p.take(report("w", false)) }); w < 10*time.Second || w > 11*time.Second {
			t.Errorf("waited %s for a Pod that takes 10 s to end", w)
		}
		if w := waited(report("w", true), nil); w < leaveTime || w > leaveTime+time.Second {
			t.Errorf("waited %s for a Pod that never ends, want %s", w, leaveTime)
		}
	})
}
