package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
)

func (p *Program) sandboxStatusCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: p.t("Say whether the sandbox runs, and how its components and nodes are", "查看沙箱是否在运行、组件和节点状态如何"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.sandboxStatus(cmd.Context())
		},
	}
}

func (p *Program) sandboxStatus(ctx context.Context) error {
	status, err := p.sandbox().Status(ctx)
	if err != nil {
		return err
	}
	if p.json() {
		return p.printJSON(public(status))
	}
	p.printSandbox(status)
	return nil
}

// public is a status without what opens the control endpoint.
func public(s cluster.Status) cluster.Status {
	s.Token = ""
	return s
}

// row prints a name and what belongs to it, if there is anything.
func (p *Program) row(name, value string) {
	if value != "" {
		p.printf("%s %s\n", pad(name, 12), value)
	}
}

func (p *Program) printSandbox(s cluster.Status) {
	states := map[string]string{
		cluster.StageStarting: p.t("starting", "启动中"),
		cluster.StageReady:    p.t("ready", "就绪"),
		cluster.StageStopping: p.t("stopping", "停止中"),
		cluster.StageFailed:   p.t("failed", "失败"),
		cluster.StageStopped:  p.t("stopped", "已停止"),
	}
	p.row(p.t("sandbox", "沙箱"), states[s.Stage])
	p.row(p.t("error", "错误"), s.Error)
	if s.Stage == cluster.StageStopped {
		p.row(p.t("data", "数据"), p.sandbox().Dir)
		return
	}
	p.row("Kubernetes", s.Version)
	p.row(p.t("server", "地址"), s.Server)
	p.row("kubeconfig", p.sandbox().Kubeconfig())
	p.row(p.t("process", "进程"), fmt.Sprint(s.PID))
	if !s.ReadyAt.IsZero() {
		p.row(p.t("started in", "启动用时"), s.ReadyAt.Sub(s.StartedAt).Round(10*time.Millisecond).String())
		p.row(p.t("uptime", "已运行"), p.Now().Sub(s.StartedAt).Round(time.Second).String())
	}
	p.row(p.t("memory", "内存"), p.memory(s))
	p.row(p.t("users", "使用者"), fmt.Sprint(s.Leases))
	p.row(p.t("stays", "保留"), p.stays(s))
	p.printComponents(s.Components)
	p.printNodes(s.Nodes)
	p.printPorts(s.Ports)
}

// memory is what all processes of the sandbox take together.
func (p *Program) memory(s cluster.Status) string {
	total := s.MemoryBytes
	for _, n := range s.Nodes {
		if n.PID != s.PID {
			total += n.MemoryBytes
		}
	}
	text := fmt.Sprintf("%d MiB", total>>20)
	if total != s.MemoryBytes {
		text += fmt.Sprintf(p.t(" (%d MiB of them in the processes of further nodes)", "（其中 %d MiB 属于其他节点的进程）"), (total-s.MemoryBytes)>>20)
	}
	return text
}

// stays says until when the sandbox runs if nothing is done.
func (p *Program) stays(s cluster.Status) string {
	idle := time.Duration(s.IdleSeconds) * time.Second
	switch {
	case !s.EndsAt.IsZero():
		return fmt.Sprintf(p.t("until %s, unless somebody uses it", "到 %s 为止，除非有人使用"), s.EndsAt.Local().Format("15:04:05"))
	case s.Keep:
		return fmt.Sprintf(p.t("as long as it is used, and %s longer", "使用期间一直保留，之后再保留 %s"), short(idle))
	case s.Leases > 0:
		return p.t("as long as it is used", "使用期间一直保留")
	}
	return ""
}

// short writes 2h0m0s as 2h.
func short(d time.Duration) string {
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (p *Program) printComponents(list []cluster.Component) {
	if len(list) == 0 {
		return
	}
	p.printf("\n%s %s\n", pad(p.t("COMPONENT", "组件"), 24), p.t("HEALTH", "健康"))
	for _, c := range list {
		health := p.t("ok", "正常")
		if !c.Healthy {
			health = p.t("not healthy: ", "异常：") + c.Message
		}
		p.printf("%s %s\n", pad(c.Name, 24), health)
	}
}

// nodeState says of a node what kubectl would, and what its process does.
func (p *Program) nodeState(n cluster.Node) string {
	text := "NotReady"
	if n.Ready {
		text = "Ready"
	}
	if !n.Schedulable && n.State != "" {
		text += ",SchedulingDisabled"
	}
	return text
}

func (p *Program) printNodes(nodes []cluster.Node) {
	if len(nodes) == 0 {
		return
	}
	states := map[string]string{
		cluster.NodeStarting: p.t("starting", "启动中"),
		cluster.NodeRunning:  p.t("running", "运行中"),
		cluster.NodeFailed:   p.t("failed, is started again", "失败，正在重启"),
		cluster.NodeStopped:  p.t("stopped", "已停止"),
	}
	p.printf("\n%s %s %s %s %s %s\n", pad(p.t("NODE", "节点"), 16), pad(p.t("PROCESS", "进程"), 10), pad(p.t("STATUS", "状态"), 12),
		pad(p.t("ADDRESS", "地址"), 14), pad(p.t("POD CIDR", "Pod 网段"), 16), p.t("MEMORY", "内存"))
	for _, n := range nodes {
		memory := ""
		if n.MemoryBytes > 0 {
			memory = fmt.Sprintf("%d MiB", n.MemoryBytes>>20)
		}
		line := fmt.Sprintf("%s %s %s %s %s %s", pad(n.Name, 16), pad(states[n.State], 10), pad(p.nodeState(n), 12), pad(n.Address, 14), pad(n.PodCIDR, 16), memory)
		p.printf("%s\n", strings.TrimRight(line, " "))
		if n.Message != "" && !n.Ready {
			p.printf("  %s\n", n.Message)
		}
	}
}

func (p *Program) printPorts(ports []cluster.Port) {
	if len(ports) == 0 {
		return
	}
	kinds := map[string]string{
		cluster.PortAPIServer:    p.t("API server", "API 服务器"),
		cluster.PortNodePort:     "NodePort",
		cluster.PortLoadBalancer: "LoadBalancer",
		cluster.PortIngress:      "Ingress",
	}
	p.printf("\n%s %s %s\n", pad(p.t("ON THIS MACHINE", "本机地址"), 22), pad(p.t("KIND", "类型"), 14), p.t("LEADS TO", "通往"))
	for _, port := range ports {
		to := port.Name
		if port.Namespace != "" {
			to = port.Namespace + "/" + port.Name
		}
		if port.Port != 0 {
			to += fmt.Sprintf(":%d", port.Port)
		}
		if port.Protocol != "" && port.Protocol != "TCP" {
			to += "/" + port.Protocol
		}
		address := port.Address
		if address == "" {
			address, to = "-", to+"  "+port.Error
		}
		p.printf("%s %s %s\n", pad(address, 22), pad(kinds[port.Kind], 14), to)
	}
}
