package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

const (
	// addTime bounds the waiting until something that was added works: its images
	// may have to be downloaded.
	addTime = 6 * time.Minute
	// addPause is how often it is looked at.
	addPause = time.Second
)

// Add implements lessons.Supplier.
func (c *Cluster) Add(ctx context.Context, need string, progress func(stage, state, detail string)) error {
	if progress == nil {
		progress = func(string, string, string) {}
	}
	s := supplies{Cluster: c, conn: c.current()}
	if c.chosen.provider == ProviderMinikube {
		s.askMinikube(ctx)
	}
	now := s.supply(ctx, need)
	switch now.State {
	case lessons.Supplied:
		return nil
	case lessons.Addable:
	default:
		return s.cannotAdd(need, now.How)
	}
	if count, ok := strings.CutPrefix(need, "nodes>="); ok {
		return s.addNodes(ctx, need, count, progress)
	}
	for _, addon := range addonsFor(need) {
		progress(addon, "running", "minikube addons enable "+addon)
		if err := s.program.Enable(ctx, s.profile.Name, addon); err != nil {
			progress(addon, "failed", "")
			return minikubeTrouble("enable the addon "+addon, err)
		}
		progress(addon, "done", "")
	}
	return s.await(ctx, need, progress)
}

func addonsFor(need string) []string {
	switch need {
	case "ingress":
		return []string{"ingress"}
	case "metrics":
		return []string{"metrics-server"}
	case "storage":
		return []string{"storage-provisioner", "default-storageclass"}
	}
	return nil
}

func (s *supplies) cannotAdd(need string, how lessons.Text) error {
	return &lessons.ClusterError{Trouble: lessons.Refused, Op: "add " + need, Server: s.chosen.name,
		Err: errors.New("k8stutor cannot add it here"), Hint: how}
}

// addNodes starts nodes of the sandbox until there are enough.
func (s *supplies) addNodes(ctx context.Context, need, count string, progress func(stage, state, detail string)) error {
	want, err := strconv.Atoi(count)
	if err != nil || s.chosen.provider != ProviderSandbox {
		return s.cannotAdd(need, s.supply(ctx, need).How)
	}
	for range want {
		if s.nodes(ctx, want).State == lessons.Supplied {
			return nil
		}
		progress("node", "running", "")
		name, _, err := s.options.sandbox().AddNode(ctx, "")
		if refusal, ok := errors.AsType[*NodeRefusal](err); ok {
			err = s.cannotAdd(need, say("the sandbox refuses another node: %s", "沙箱拒绝增加节点：%s", refusal.Error()))
		}
		if err != nil {
			progress("node", "failed", "")
			return err
		}
		progress("node", "done", name)
	}
	return s.await(ctx, need, progress)
}

// await waits until the cluster has what was added.
func (s *supplies) await(ctx context.Context, need string, progress func(stage, state, detail string)) error {
	ctx, cancel := context.WithTimeout(ctx, addTime)
	defer cancel()
	again := time.NewTicker(addPause)
	defer again.Stop()
	began := time.Now()
	for {
		now := s.supply(ctx, need)
		if now.State == lessons.Supplied {
			progress(need, "done", fmt.Sprintf("%.1f s", time.Since(began).Seconds()))
			return nil
		}
		waits := s.waitsFor(ctx, need)
		if ctx.Err() == nil {
			progress(need, "running", waits)
		}
		select {
		case <-ctx.Done():
			progress(need, "failed", waits)
			return s.neverWorked(ctx, need, waits)
		case <-again.C:
		}
	}
}

// waitsFor says what the Pods behind a need are about, "" when that is not known.
func (s *supplies) waitsFor(ctx context.Context, need string) string {
	namespace, selector := podsOf(need)
	if selector == "" {
		return ""
	}
	_, waits, err := s.podReady(ctx, namespace, selector)
	if err != nil {
		return ""
	}
	return waits
}

// podsOf tells where minikube runs the Pods of an addon.
func podsOf(need string) (namespace, selector string) {
	switch need {
	case "ingress":
		return "ingress-nginx", "app.kubernetes.io/component=controller"
	case "metrics":
		return "kube-system", "k8s-app=metrics-server"
	}
	return "", ""
}

func (s *supplies) neverWorked(ctx context.Context, need, waits string) error {
	err := ctx.Err()
	if waits != "" {
		err = fmt.Errorf("its Pod says %s: %w", waits, err)
	}
	trouble := &lessons.ClusterError{Trouble: lessons.TimedOut, Op: "wait until " + need + " works", Server: s.chosen.name, Err: err}
	look := "kubectl --context " + s.chosen.name + " get events -A"
	if namespace, selector := podsOf(need); selector != "" {
		look = "kubectl --context " + s.chosen.name + " -n " + namespace + " describe pods -l " + selector
	}
	trouble.Hint = say("It was added and does not work yet; the next look may find it so. `%s` says what it waits for. ImagePullBackOff means that its image could not be downloaded.",
		"已经添加，但还不能用，稍后可能会好。`%s` 会说明它在等什么。ImagePullBackOff 表示镜像下载失败。", look)
	return trouble
}
