package cluster

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/cluster/minikube"
	"github.com/k8stutor/k8stutor/lessons"
)

// Options say which cluster to open and where to keep files.
type Options struct {
	// Choice is auto (the zero value too), sandbox, minikube, or the name of a
	// context of the learner's kubeconfig.
	Choice string
	// StateDir is k8stutor's folder; empty means $XDG_STATE_HOME/k8stutor.
	StateDir string
	// Env looks up environment variables; nil means os.Getenv.
	Env func(string) string
	// Log takes what is not for the learner's eyes; nil discards it.
	Log io.Writer
	// Keep and Linger say how long the sandbox stays after Close.
	Keep   bool
	Linger time.Duration
	// ReadOnly refuses every change of the cluster, whoever asks for it.
	ReadOnly bool
	// Owner is the learner's id on shared clusters, 16 hexadecimal digits; empty
	// means the one that is kept in StateDir.
	Owner string
	// Unlimited makes workspaces as on the sandbox wherever they are: for proofs
	// that see the sandbox as any cluster.
	Unlimited bool
}

func (o Options) withDefaults() Options {
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.StateDir == "" {
		o.StateDir = filepath.Join(cmp.Or(o.Env("XDG_STATE_HOME"), filepath.Join(o.Env("HOME"), ".local", "state")), "k8stutor")
	}
	return o
}

// sandbox returns the client of the sandbox in the state folder.
func (o Options) sandbox() Sandbox {
	return Sandbox{Dir: filepath.Join(o.StateDir, "sandbox"), Env: o.Env}
}

// kubeconfig is the path of the kubeconfig that k8stutor writes.
func (o Options) kubeconfig() string { return filepath.Join(o.StateDir, "kubeconfig") }

func (o Options) userFiles() []string { return userFiles(o.Env, o.kubeconfig()) }

// NewSandbox returns the client of the sandbox that these options mean.
func NewSandbox(o Options) Sandbox { return o.withDefaults().sandbox() }

// Progress is one change in the course of opening a cluster.
type Progress struct {
	Stage  string // "etcd", "kube-apiserver", …
	State  string // waiting, running, done, failed
	Detail string // how long it took, or what it said
}

// Title is the stage in words. The sandbox's stages are the names of programs.
func (p Progress) Title() lessons.Text {
	if p.Stage == settling {
		return say("Waiting until the tutor reaches it", "等待教程连接到它")
	}
	return minikube.StepText(p.Stage, p.Stage)
}

// Info says which cluster was opened.
type Info struct {
	Name       string // "sandbox", or the context
	Provider   Provider
	Engine     string // of another cluster on this machine: "kind", "k3d", "Docker Desktop"; "" for none
	Server     string
	Version    string       // of the API server: "v1.37.2"
	Why        lessons.Text // why this one
	Kubeconfig string       // path of the kubeconfig that k8stutor writes
	ReadOnly   bool         // nothing may be changed there
}

// Cluster is an open cluster. It implements lessons.Cluster; its methods may
// be called concurrently.
type Cluster struct {
	options Options
	chosen  choice
	log     *slog.Logger
	owner   string // see ownerID
	permit  *permit

	ctx       context.Context // ends with Close
	stop      context.CancelFunc
	followers sync.WaitGroup

	mu      sync.Mutex
	conn    *conn
	lease   *Lease // of the sandbox, else nil
	version string
	uid     string             // of the cluster; see adopt
	spare   string             // folder used when the state folder cannot be written, else ""
	written *lessons.Workspace // whose kubeconfig was written last
	closed  bool
}

var _ lessons.Cluster = (*Cluster)(nil)

// Open chooses a cluster, starts the sandbox if it is the choice, and makes
// sure that the API server answers. Close must be called in the end.
func Open(ctx context.Context, options Options, progress func(Progress)) (*Cluster, error) {
	options = options.withDefaults()
	log := slog.New(slog.NewTextHandler(options.Log, nil))
	chosen, err := choose(ctx, options, func(config *api.Config) []reply { return askMinikubes(ctx, config, log, false) })
	if err != nil {
		return nil, err
	}
	c := &Cluster{options: options, chosen: chosen, log: log, permit: &permit{readOnly: options.ReadOnly}}
	c.owner = c.ownerID()
	c.ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := c.open(ctx, progress); err != nil {
		c.Close()
		if chosen.provider == ProviderMinikube {
			err = options.explainMinikube(ctx, chosen.name, err)
		}
		return nil, err
	}
	return c, nil
}

func (c *Cluster) open(ctx context.Context, progress func(Progress)) error {
	if err := c.startSandbox(ctx, progress); err != nil {
		return err
	}
	conn, err := c.dial()
	if err != nil {
		return err
	}
	c.conn = conn
	if c.version, err = conn.version(ctx); err != nil {
		return conn.at.fail("ask the API server for its version", err)
	}
	uid, err := conn.uid(ctx)
	if err != nil {
		return conn.at.fail("look at namespace kube-system", err)
	}
	c.adopt(conn, uid)
	return nil
}

// startSandbox takes a lease on the sandbox when it is the choice.
func (c *Cluster) startSandbox(ctx context.Context, progress func(Progress)) error {
	if c.chosen.provider != ProviderSandbox {
		return nil
	}
	lease, err := c.options.sandbox().Up(ctx, LeaseOptions{Keep: c.options.Keep, Linger: c.options.Linger}, progress)
	if err != nil {
		return err
	}
	c.mu.Lock()
	old := c.lease
	c.lease = lease
	c.mu.Unlock()
	if old != nil {
		old.Close()
	}
	return nil
}

// Restart brings a sandbox that has died up again, with everything that was
// in it. For other clusters it only tries whether they answer.
func (c *Cluster) Restart(ctx context.Context, progress func(Progress)) error {
	if err := c.startSandbox(ctx, progress); err != nil {
		return err
	}
	return c.reconnect(ctx)
}

// Close ends everything that was started: followers, and the lease on the
// sandbox.
func (c *Cluster) Close() {
	c.stop()
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.followers.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lease != nil {
		c.lease.Close()
		c.lease = nil
	}
	if c.conn != nil {
		c.conn.close()
	}
	if c.spare != "" {
		if err := os.RemoveAll(c.spare); err != nil {
			c.log.Warn("remove spare folder", "err", err)
		}
		c.spare = ""
	}
}

// Info says which cluster this is.
func (c *Cluster) Info() Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Info{
		Name:       c.chosen.name,
		Provider:   c.chosen.provider,
		Engine:     c.conn.engine,
		Server:     c.conn.at.server,
		Version:    c.version,
		Why:        c.chosen.why,
		Kubeconfig: c.kubeconfig(),
		ReadOnly:   c.permit.readOnly,
	}
}

// current returns the connection in use.
func (c *Cluster) current() *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

// source reads the kubeconfig of the chosen cluster as it is now.
func (c *Cluster) source() (*api.Config, *lessons.ClusterError) {
	files, context := c.options.userFiles(), c.chosen.context
	if c.chosen.provider == ProviderSandbox {
		files, context = []string{c.options.sandbox().Kubeconfig()}, sandboxContext
	}
	config, trouble := loadUser(files)
	if trouble != nil {
		return nil, trouble
	}
	return pick(config, context, strings.Join(files, string(filepath.ListSeparator)))
}

func (c *Cluster) dial() (*conn, error) {
	one, trouble := c.source()
	if trouble != nil {
		return nil, trouble
	}
	conn, trouble := c.connect(one)
	if trouble != nil {
		return nil, trouble
	}
	return conn, nil
}

// connect is dial for the chosen cluster, with what may be changed there.
func (c *Cluster) connect(one *api.Config) (*conn, *lessons.ClusterError) {
	conn, trouble := dial(one, place{provider: c.chosen.provider, name: c.chosen.name}, c.log)
	if trouble != nil {
		return nil, trouble
	}
	conn.permit, conn.unlimited = c.permit, c.options.Unlimited
	return conn, nil
}

// reload follows the cluster to where its kubeconfig says it is now: a
// restarted cluster often has another port or other credentials.
func (c *Cluster) reload() *conn {
	old := c.current()
	one, trouble := c.source()
	if trouble != nil {
		c.log.Warn("reload kubeconfig", "err", trouble)
		return old
	}
	if reflect.DeepEqual(one, old.config) {
		return old
	}
	fresh, trouble := c.connect(one)
	if trouble != nil {
		c.log.Warn("reload kubeconfig", "err", trouble)
		return old
	}
	c.mu.Lock()
	c.conn = fresh
	written := c.written
	c.mu.Unlock()
	old.close()
	c.log.Info("the cluster has moved", "server", fresh.at.server)
	if written != nil {
		if _, err := c.WriteKubeconfig(*written); err != nil {
			c.log.Warn("rewrite kubeconfig", "err", err)
		}
	}
	return fresh
}

// kubeconfig returns the path of the kubeconfig that k8stutor writes. The
// caller holds mu.
func (c *Cluster) kubeconfig() string {
	if c.spare != "" {
		return filepath.Join(c.spare, "kubeconfig")
	}
	return c.options.kubeconfig()
}

// WriteKubeconfig writes the kubeconfig with which the learner works in a
// workspace and returns its path. Where the state folder cannot be written it
// goes into a folder that Close removes.
func (c *Cluster) WriteKubeconfig(ws lessons.Workspace) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := renamed(c.conn.config, ws.Namespace)
	err := writeKubeconfig(c.kubeconfig(), own)
	if err != nil && c.spare == "" {
		c.log.Warn("write kubeconfig", "err", err)
		if spare, spareErr := os.MkdirTemp("", "k8stutor-"); spareErr == nil {
			c.spare = spare
			err = writeKubeconfig(c.kubeconfig(), own)
		}
	}
	if err != nil {
		return c.kubeconfig(), &lessons.ClusterError{
			Trouble: lessons.BadConfig,
			Op:      "write k8stutor's kubeconfig",
			Server:  c.kubeconfig(),
			Err:     err,
			Hint: say("kubectl cannot be pinned to the exercise without it. Make room or choose another folder with XDG_STATE_HOME.",
				"没有它就无法把 kubectl 固定到练习环境。请清理磁盘空间，或者用 XDG_STATE_HOME 指定其他目录。"),
		}
	}
	c.written = &ws
	return c.kubeconfig(), nil
}

// describe names objects in operations: "Deployment/web in k8stutor-services".
func describe(ref lessons.Ref) string {
	if ref.Namespace == "" {
		return ref.String()
	}
	return fmt.Sprintf("%s in %s", ref, ref.Namespace)
}
