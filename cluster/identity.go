package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/renameio/v2/maybe"

	"github.com/k8stutor/k8stutor/lessons"
)

// A cluster is known by the uid of its namespace kube-system, and a learner on
// it by a random id: names and addresses of both change, or are given to others.

// adopt takes the cluster that answers now for the one in use. What may be made
// there is a question of its own: a yes was given for one cluster, not for an
// address.
func (c *Cluster) adopt(conn *conn, uid string) {
	asks := conn.foreign() && !readApprovals(c.options.approvals()).has(uid)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.uid = uid
	c.permit.ask(asks)
}

// identity returns the uid of the cluster in use.
func (c *Cluster) identity() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.uid
}

// identify asks the cluster again who it is, and takes another one for the one
// in use. It follows a kubeconfig that has changed.
func (c *Cluster) identify(ctx context.Context) (*conn, error) {
	conn := c.reload()
	return conn, c.recognise(ctx, conn)
}

// recognise is identify on the connection that is in use.
func (c *Cluster) recognise(ctx context.Context, conn *conn) error {
	uid, err := conn.uid(ctx)
	if err != nil {
		return conn.at.fail("look at namespace kube-system", err)
	}
	if uid != c.identity() {
		c.log.Warn("another cluster answers now", "server", conn.at.server, "uid", uid)
		c.adopt(conn, uid)
	}
	return nil
}

// reconnect makes sure that the API server can serve, and finds out which
// cluster it is.
func (c *Cluster) reconnect(ctx context.Context) error {
	conn := c.reload()
	if err := conn.ready(ctx); err != nil {
		return conn.at.fail("ask the API server whether it is ready", err)
	}
	return c.recognise(ctx, conn)
}

// replaced is what followers say of a workspace when another cluster answers.
func (c *Cluster) replaced(ws lessons.Workspace) *lessons.ClusterError {
	conn, uid := c.current(), c.identity()
	if ws.ClusterUID == "" || ws.ClusterUID == uid {
		return nil
	}
	return &lessons.ClusterError{
		Trouble: lessons.Replaced,
		Op:      "come back to the cluster",
		Server:  conn.at.server,
		Err:     errors.New("another cluster answers there now; what you made is not in it"),
		Hint: say("The exercise begins anew on this cluster. What you have passed is remembered.",
			"练习会在这个集群上重新开始，已经通过的步骤仍然记着。"),
	}
}

// Owner is the learner's id on shared clusters; see Options.Owner.
func (c *Cluster) Owner() string { return c.owner }

// ownerID returns the learner's id, by which workspaces on a shared cluster are
// told apart: random, made once, kept in the state folder. Where that cannot be
// written, each start of the program is a learner of its own.
func (c *Cluster) ownerID() string {
	if c.options.Owner != "" {
		return c.options.Owner
	}
	path := filepath.Join(c.options.StateDir, "owner")
	if data, err := os.ReadFile(path); err == nil {
		if id := strings.TrimSpace(string(data)); wellFormedOwner.MatchString(id) {
			return id
		}
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails, as documented
	id := hex.EncodeToString(random[:])
	err := os.MkdirAll(c.options.StateDir, 0o700)
	if err == nil {
		err = maybe.WriteFile(path, []byte(id+"\n"), 0o600)
	}
	if err != nil {
		c.log.Warn("keep the learner's id", "err", err)
	}
	return id
}

var wellFormedOwner = regexp.MustCompile(`^[0-9a-f]{16}$`)
