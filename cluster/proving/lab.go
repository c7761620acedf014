package proving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursetest"
)

// Options say where lessons are proved.
type Options struct {
	Program string    // the companion, for its kubectl
	Dir     string    // for kubeconfigs, kubectl's cache and the commands' files; must be ours alone
	Path    string    // where commands other than kubectl are found
	Log     io.Writer // what kubectl says past its commands
	// Run tells what the lab makes outside of namespaces from what another one
	// makes on the same cluster.
	Run string
}

// Lab makes benches on one cluster. Its methods may be called concurrently.
type Lab struct {
	o       Options
	config  *api.Config // with which the cluster is reached, one context
	kubectl *kubectl
	sandbox bool   // which cluster it is
	owner   string // of all workspaces, whoever looks at them

	mu    sync.Mutex
	count int
	users map[lessons.Kind]string // who may not read a kind
}

// NewLab prepares for proving on an open cluster, which must stay open. Close
// must be called in the end.
func NewLab(c *cluster.Cluster, o Options) (*Lab, error) {
	path, err := c.WriteKubeconfig(lessons.Workspace{Namespace: "default"})
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the cluster's kubeconfig: %w", err)
	}
	k, err := startKubectl(o.Program, o.Dir, o.Log)
	if err != nil {
		return nil, err
	}
	return &Lab{o: o, config: config, kubectl: k, owner: c.Owner(), sandbox: c.Info().Provider == cluster.ProviderSandbox, users: map[lessons.Kind]string{}}, nil
}

// Close deletes what the lab made on the cluster outside of workspaces, and
// ends kubectl.
func (l *Lab) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	defer l.kubectl.close()
	var failed []error
	for _, user := range l.users {
		out, err := l.admin(ctx, "delete", "clusterrole,clusterrolebinding", user, "--ignore-not-found")
		if err != nil {
			failed = append(failed, fmt.Errorf("%w: %s", err, out))
		}
	}
	return errors.Join(failed...)
}

// Bench makes a bench of its own connection to the cluster.
func (l *Lab) Bench(ctx context.Context) (*coursetest.Bench, error) {
	l.mu.Lock()
	l.count++
	dir := filepath.Join(l.o.Dir, fmt.Sprintf("bench-%d", l.count))
	l.mu.Unlock()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	server, err := url.Parse(l.current().Server)
	if err != nil || server.Host == "" {
		return nil, errors.Join(errNoServer, err)
	}
	proxy, err := newProxy(ctx, server.Host)
	if err != nil {
		return nil, err
	}
	tutor, err := l.open(ctx, filepath.Join(dir, "tutor"), func(c *api.Config) { stand(c, server, proxy.addr) })
	if err != nil {
		proxy.close()
		return nil, err
	}
	direct, err := l.open(ctx, filepath.Join(dir, "direct"), nil)
	if err != nil {
		tutor.Close()
		proxy.close()
		return nil, err
	}
	return &coursetest.Bench{
		Cluster: tutor,
		List:    direct.List,
		Run: func(ctx context.Context, ws lessons.Workspace, line string) (string, error) {
			kubeconfig, err := direct.WriteKubeconfig(ws)
			if err != nil {
				return "", err
			}
			return l.kubectl.shell(ctx, dir, l.o.Path, kubeconfig, line)
		},
		Apply: func(ctx context.Context, ws lessons.Workspace, args []string, stdin []byte) (string, error) {
			kubeconfig, err := direct.WriteKubeconfig(ws)
			if err != nil {
				return "", err
			}
			s, err := l.kubectl.run(ctx, kubeconfig, args, stdin)
			if err == nil && s.Code != 0 {
				err = fmt.Errorf("kubectl %s: exit status %d: %s", strings.Join(args, " "), s.Code, s.Stderr)
			}
			return string(s.Stdout) + string(s.Stderr), err
		},
		Cut: func() (func() error, error) {
			proxy.cut()
			return proxy.mend, nil
		},
		Deny: func(ctx context.Context, kind lessons.Kind, others []lessons.Kind) (lessons.Cluster, func(), error) {
			c, err := l.deny(ctx, filepath.Join(dir, "no-"+kind.Resource), kind, others)
			if err != nil {
				return nil, nil, err
			}
			return c, c.Close, nil
		},
		Close: func() {
			tutor.Close()
			direct.Close()
			proxy.close()
		},
	}, nil
}

func (l *Lab) current() *api.Cluster {
	return l.config.Clusters[l.config.Contexts[l.config.CurrentContext].Cluster]
}

// stand puts a proxy before the API server. The server's certificate does not
// name the proxy, so the name to look for is told.
func stand(c *api.Config, server *url.URL, at string) {
	one := c.Clusters[c.Contexts[c.CurrentContext].Cluster]
	if host := server.Hostname(); one.TLSServerName == "" && net.ParseIP(host) == nil {
		one.TLSServerName = host
	} else if ip := net.ParseIP(host); one.TLSServerName == "" && !ip.IsLoopback() {
		one.TLSServerName = host
	}
	fronted := *server
	fronted.Host = at
	one.Server = fronted.String()
}

// open opens the cluster with a kubeconfig that change has made of the lab's.
func (l *Lab) open(ctx context.Context, dir string, change func(*api.Config)) (*cluster.Cluster, error) {
	config := l.config.DeepCopy()
	if change != nil {
		change(config)
	}
	from := filepath.Join(dir, "from")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := clientcmd.WriteToFile(*config, from); err != nil {
		return nil, err
	}
	env := map[string]string{"KUBECONFIG": from, "HOME": dir, "K8STUTOR_SANDBOX": l.o.Program, "PATH": l.o.Path}
	c, err := cluster.Open(ctx, cluster.Options{
		Choice:    config.CurrentContext,
		StateDir:  dir,
		Env:       func(name string) string { return env[name] },
		Owner:     l.owner,
		Unlimited: l.sandbox,
	}, nil)
	if err != nil {
		return nil, err
	}
	// Whoever has a course proved on a cluster has agreed to it.
	if err := c.Approve(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// admin runs kubectl with all the rights that the lab has.
func (l *Lab) admin(ctx context.Context, args ...string) (string, error) {
	path := filepath.Join(l.o.Dir, "admin")
	if _, err := os.Stat(path); err != nil {
		if err := clientcmd.WriteToFile(*l.config, path); err != nil {
			return "", err
		}
	}
	s, err := l.kubectl.run(ctx, path, args, nil)
	if err == nil && s.Code != 0 {
		err = fmt.Errorf("kubectl %s: exit status %d", strings.Join(args, " "), s.Code)
	}
	return string(s.Stdout) + string(s.Stderr), err
}

// deny opens the cluster as a user who may read the others but not one kind.
func (l *Lab) deny(ctx context.Context, dir string, kind lessons.Kind, others []lessons.Kind) (*cluster.Cluster, error) {
	user, err := l.user(ctx, kind, others)
	if err != nil {
		return nil, err
	}
	return l.open(ctx, dir, func(c *api.Config) {
		c.AuthInfos[c.Contexts[c.CurrentContext].AuthInfo].Impersonate = user
	})
}

func (l *Lab) user(ctx context.Context, kind lessons.Kind, others []lessons.Kind) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if user := l.users[kind]; user != "" {
		return user, nil
	}
	user := strings.TrimSuffix("k8stutor-proof-"+l.o.Run, "-") + "-no-" + kind.Resource
	resources := []string{"namespaces", "serviceaccounts"}
	for _, name := range lessons.KindNames() {
		k, _ := lessons.KindNamed(name)
		others = append(slices.Clone(others), k)
	}
	for _, k := range others {
		if k != kind {
			resources = append(resources, strings.TrimSuffix(k.Resource+"."+k.Group, "."))
		}
	}
	slices.Sort(resources)
	resources = slices.Compact(resources)
	resources = slices.DeleteFunc(resources, func(r string) bool { return r == kind.Resource })
	l.users[kind] = user
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for _, args := range [][]string{
		{"create", "clusterrole", user, "--verb=get,list,watch", "--resource=" + strings.Join(resources, ",")},
		{"create", "clusterrolebinding", user, "--clusterrole=" + user, "--user=" + user},
		{"label", "clusterrole/" + user, "clusterrolebinding/" + user, "app.kubernetes.io/managed-by=k8stutor"},
	} {
		if out, err := l.admin(ctx, args...); err != nil {
			return "", fmt.Errorf("make a user who may not read %s: %w: %s", kind.Resource, err, out)
		}
	}
	// The API server learns of rights with a delay. Before, it is another cluster
	// to this user, who may not even see which one it is.
	for {
		out, err := l.admin(ctx, "get", "namespace", "kube-system", "--as="+user)
		if err == nil {
			return user, nil
		}
		if failed := sleep(ctx, 50*time.Millisecond); failed != nil {
			return "", fmt.Errorf("wait for the rights of %s: %w: %s", user, err, out)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
