package coursetest

import (
	"context"
	"strings"
	"time"
)

// leaveTime bounds the wait for Pods that are ending: they have 30 seconds.
const leaveTime = 40 * time.Second

// choosesPods reports whether a command line takes some Pod of those that are
// there. One that is about to go would do for kubectl and not for the proof.
func choosesPods(line string) bool {
	return strings.Contains(line, "$(kubectl get po")
}

// untilGone waits until no Pod of the workspace is ending, for leaveTime at
// most: real containers take their time.
func (p *player) untilGone(ctx context.Context) error {
	deadline := time.Now().Add(leaveTime)
	for p.ending() && time.Now().Before(deadline) {
		if err := pause(ctx, lookInterval); err != nil {
			return err
		}
	}
	return nil
}

// ending reports whether the newest report has a Pod of the workspace that is
// being deleted.
func (p *player) ending() bool {
	p.mu.Lock()
	snap := p.latest.Snapshot
	p.mu.Unlock()
	for kind, listing := range snap.Kinds {
		if kind.Kind != "Pod" {
			continue
		}
		for _, o := range listing.Objects {
			if text(o, "metadata", "namespace") == p.ws.Namespace && leaving(o) {
				return true
			}
		}
	}
	return false
}
