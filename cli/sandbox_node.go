package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
)

func (p *Program) sandboxNodeCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "node",
		Short: p.t("The sandbox's nodes: add, stop, start, remove, list", "沙箱的节点：add、stop、start、remove、list"),
		Long: p.t(`The sandbox's nodes. The first one runs in the sandbox's own process; each further one is a process with a kubelet of its own.

`+"`stop`"+` is a power cut: the node turns NotReady after 20 seconds, and 30 seconds later its Pods are made anew elsewhere.`,
			`沙箱的节点。第一个节点在沙箱自己的进程里；其余每个节点都是一个独立的进程，有自己的 kubelet。

`+"`stop`"+` 相当于拔掉电源：20 秒后节点变为 NotReady，再过 30 秒它上面的 Pod 会在别处重建。`),
		Args: p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.nodeList(cmd.Context()) },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "add [NAME]",
			Short: p.t("Add a node, and wait until it is ready", "添加一个节点，并等它就绪"),
			Args:  p.maxArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return p.withNodes(cmd.Context(), func(ctx context.Context, s cluster.Sandbox) ([]cluster.Node, error) {
					name, nodes, err := s.AddNode(ctx, strings.Join(args, ""))
					p.sayNode(err, p.t("The node %s is ready.", "节点 %s 已就绪。"), name)
					return nodes, err
				})
			},
		},
		p.nodeCmd("stop NAME", p.t("Cut a node's power: its process is killed", "拔掉节点的电源：它的进程会被杀掉"),
			p.t("The node %s is off. It turns NotReady in 20 seconds; 30 seconds later its Pods move.", "节点 %s 已断电。20 秒后它变为 NotReady，再过 30 秒它的 Pod 会在别处重建。"),
			cluster.Sandbox.StopNode, false),
		p.nodeCmd("start NAME", p.t("Start a node that was stopped, and wait until it is ready", "启动已停止的节点，并等它就绪"),
			p.t("The node %s is ready.", "节点 %s 已就绪。"), cluster.Sandbox.StartNode, false),
		p.nodeCmd("remove NAME", p.t("Take a node out of the cluster, with its Pods and its data", "从集群移除一个节点，连同它的 Pod 和数据"),
			p.t("The node %s is gone.", "节点 %s 已移除。"), cluster.Sandbox.RemoveNode, true),
		&cobra.Command{
			Use:   "list",
			Short: p.t("List the nodes", "列出节点"),
			Args:  p.maxArgs(0),
			RunE:  func(cmd *cobra.Command, _ []string) error { return p.nodeList(cmd.Context()) },
		},
	)
	return cmd
}

// nodeCmd is a command that does one thing to one node.
func (p *Program) nodeCmd(use, help, done string, do func(cluster.Sandbox, context.Context, string) ([]cluster.Node, error), asks bool) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: help,
		Args:  p.rangeArgs(1, 1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			nodes, _ := p.sandbox().KeptNodes()
			for _, n := range nodes {
				names = append(names, n.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if asks {
				ok, err := p.confirm(fmt.Sprintf(p.t("Remove the node %s with its Pods and its data?", "移除节点 %s，连同它的 Pod 和数据？"), args[0]))
				if err != nil || !ok {
					return err
				}
			}
			return p.withNodes(cmd.Context(), func(ctx context.Context, s cluster.Sandbox) ([]cluster.Node, error) {
				nodes, err := do(s, ctx, args[0])
				p.sayNode(err, done, args[0])
				return nodes, err
			})
		},
	}
}

// sayNode tells of what was done, unless it failed or is told in JSON.
func (p *Program) sayNode(err error, sentence, name string) {
	if err == nil && !p.json() {
		p.printf(sentence+"\n", name)
	}
}

// withNodes does something to the nodes of the sandbox, which is started for it
// if need be.
func (p *Program) withNodes(ctx context.Context, do func(context.Context, cluster.Sandbox) ([]cluster.Node, error)) error {
	s := p.sandbox()
	lease, err := s.Up(ctx, cluster.LeaseOptions{Linger: linger}, p.startProgress())
	if err != nil {
		return err
	}
	defer lease.Close()
	nodes, err := do(ctx, s)
	if refusal, ok := errors.AsType[*cluster.NodeRefusal](err); ok {
		return p.refusedNode(refusal)
	}
	if err != nil {
		return err
	}
	if p.json() {
		return p.printJSON(map[string]any{"nodes": nodes})
	}
	return nil
}

// refusedNode words a refusal for the learner: the command line was wrong.
func (p *Program) refusedNode(r *cluster.NodeRefusal) error {
	names := p.t("There are no further nodes yet: `k8stutor sandbox node add` makes one.", "还没有其他节点：用 `k8stutor sandbox node add` 添加。")
	if len(r.Names) > 0 {
		names = p.t("The further nodes: ", "其他节点：") + strings.Join(r.Names, ", ")
	}
	switch r.Reason {
	case cluster.NodeUnknown:
		return usage(p.offer(r.Name, r.Names, names), p.t("there is no node %q", "没有节点 %q"), r.Name)
	case cluster.NodeExists:
		return usage(names, p.t("there is a node %q already", "节点 %q 已经存在"), r.Name)
	case cluster.NodeBadName:
		return usage(p.t("Use small letters, digits and hyphens, or give no name.", "请只用小写字母、数字和连字符，或者不写名称。"),
			p.t("%q cannot be the name of a node", "%q 不能用作节点名称"), r.Name)
	case cluster.NodeIsFirst:
		return usage(p.t("`k8stutor sandbox down` stops everything. ", "`k8stutor sandbox down` 会停止整个沙箱。")+names,
			p.t("the node %q is the sandbox itself: the control plane runs in its process", "节点 %q 就是沙箱本身：控制平面运行在它的进程里"), r.Name)
	case cluster.NodeTooMany:
		return usage(names, "%s", p.t("the sandbox has as many nodes as it can have", "沙箱的节点数已达上限"))
	}
	return r
}

func (p *Program) nodeList(ctx context.Context) error {
	status, err := p.sandbox().Status(ctx)
	if err != nil {
		return err
	}
	nodes := status.Nodes
	if status.Stage != cluster.StageReady {
		if nodes, err = p.sandbox().KeptNodes(); err != nil {
			return err
		}
		p.notef("%s\n", p.t("The sandbox does not run: `k8stutor sandbox up` starts it.", "沙箱没有在运行：请用 `k8stutor sandbox up` 启动。"))
	}
	if p.json() {
		return p.printJSON(map[string]any{"nodes": slices.Concat([]cluster.Node{}, nodes)})
	}
	p.printNodes(nodes)
	return nil
}
