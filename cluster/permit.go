package cluster

import (
	"errors"
	"sync"

	"github.com/k8stutor/k8stutor/lessons"
)

// permit says what may be changed on a cluster now. It may be used concurrently.
type permit struct {
	readOnly bool

	mu   sync.Mutex
	asks bool // nothing may be made before the learner agrees
}

func (p *permit) ask(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asks = yes
}

func (p *permit) asking() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asks
}

// permitted returns nil when op may change the cluster; see change.
func (g guard) permitted(op string, makes bool) error {
	switch {
	case g.permit == nil || g.permit.readOnly:
		return g.refuse(op, errors.New("nothing may be changed: --read-only is set"),
			say("Leave --read-only out to let k8stutor work on this cluster.", "去掉 --read-only，k8stutor 才能在这个集群上操作。"))
	case makes && g.permit.asking():
		return &lessons.ClusterError{Trouble: lessons.Unapproved, Op: op, Server: g.at.server,
			Err: errors.New("nothing is made on this cluster before you agree"),
			Hint: say("`k8stutor start LESSON` shows what would be made on context %[1]q, and asks; --yes agrees. The sandbox needs no question: `k8stutor --cluster sandbox`.",
				"`k8stutor start LESSON` 会列出要在上下文 %[1]q 上创建的内容并请你确认，也可以加 --yes 直接同意。沙箱不需要确认：`k8stutor --cluster sandbox`。", g.at.name)}
	}
	return nil
}

// Unapproved reports whether the learner has to agree before anything is made on
// this cluster; see Terms and Approve.
func (c *Cluster) Unapproved() bool { return !c.permit.readOnly && c.permit.asking() }

// Approve says that the learner agrees to the Terms. It is remembered for this
// cluster, whatever its address, until Forget. An error means that it could not
// be remembered; it holds for as long as c is open all the same.
func (c *Cluster) Approve() error {
	conn := c.current()
	c.permit.ask(false)
	if !conn.foreign() {
		return nil
	}
	err := changeApprovals(c.options.approvals(), func(all approvals) {
		all[c.identity()] = approval{Name: c.chosen.name, Server: conn.at.server}
	})
	return conn.at.fail("remember that you agreed", err)
}
