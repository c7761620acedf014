package minikube

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// startTime bounds a start. The first one downloads a gigabyte.
const startTime = 40 * time.Minute

// unpauseTime bounds letting a paused profile go on.
const unpauseTime = 2 * time.Minute

// Step is something that a start is told to be doing.
type Step struct {
	Name string // minikube's own, never translated: "Booting control plane"
	// Index and Total say how far it is. Steps that a driver does not need are
	// left out, so that numbers skip.
	Index, Total int
	Text         lessons.Text // the step in words
	// Detail is what minikube says about it, in the language of the machine; of a
	// download, how much of it is done: "62%".
	Detail string
	// Warning says that this is no step but something minikube warns of.
	Warning bool
}

// Start starts a profile, making it if it was never started, and tells each step.
// The current context of the kubeconfig stays as it is. The end of ctx ends
// minikube and everything that it started. Errors are *Error.
func (p Program) Start(ctx context.Context, profile string, tell func(Step)) error {
	return p.follow(ctx, startTime, tell, "start", "-p", profile, "-o", "json", "--interactive=false", "--keep-context=true", "--delete-on-failure=false")
}

// Unpause lets a paused profile go on. Errors are *Error.
func (p Program) Unpause(ctx context.Context, profile string, tell func(Step)) error {
	return p.follow(ctx, unpauseTime, tell, "unpause", "-p", profile, "-o", "json")
}

// follow runs minikube and tells its events as they come.
func (p Program) follow(ctx context.Context, limit time.Duration, tell func(Step), args ...string) error {
	if tell == nil {
		tell = func(Step) {}
	}
	var (
		step Step
		end  *fatal
		said last // what is no event, or warns
	)
	out := &lines{tell: func(line []byte) {
		e, ok := parseEvent(line)
		if !ok {
			fmt.Fprintf(&said, "%s\n", line)
			return
		}
		switch e.kind {
		case "step":
			step = stepOf(e, step)
			tell(step)
		case "download", "download.progress":
			tell(downloadOf(e, step))
		case "warning", "error":
			if f, is := e.fatal(); is {
				end = &f
				return
			}
			fmt.Fprintf(&said, "%s\n", e.data["message"])
			tell(Step{Name: step.Name, Index: step.Index, Total: step.Total, Text: lessons.Same(e.data["message"]), Warning: true})
		}
	}}
	a, err := p.run(ctx, limit, out, args...)
	out.close()
	if e, ok := err.(*Error); ok {
		e.Step = step.Name
		return e
	}
	if a.code == 0 {
		return nil
	}
	if end != nil {
		return end.error(args, step.Name, a.code)
	}
	text := strings.TrimSpace(string(said.kept) + "\n" + a.stderr)
	e := &Error{Command: command(args), Kind: Failed, Step: step.Name, Code: a.code, Hint: knownTrouble(text)}
	e.Err = fmt.Errorf("it ended with exit code %d", a.code)
	if line := lastLine(text); line != "" {
		e.Err = fmt.Errorf("it ended with exit code %d: %s", a.code, line)
	}
	if e.Hint == nil {
		e.Hint = byExitCode(a.code)
	}
	if e.Hint == nil {
		e.Hint = say("Nothing was deleted. Start it again; if it fails at the same place, `minikube logs` says why, and the sandbox needs no minikube: `k8stutor --cluster sandbox`.",
			"没有删除任何东西。可以再启动一次；如果在同一步失败，`minikube logs` 会说明原因。沙箱不需要 minikube：`k8stutor --cluster sandbox`。")
	}
	return e
}

// stepOf reads a step. Those that have no number, as stopping within a start,
// keep that of the one before.
func stepOf(e event, before Step) Step {
	s := Step{Name: e.data["name"], Index: before.Index, Total: before.Total, Detail: e.data["message"]}
	if n, err := strconv.Atoi(e.data["currentstep"]); err == nil {
		s.Index = n
	}
	if n, err := strconv.Atoi(e.data["totalsteps"]); err == nil {
		s.Total = n
	}
	s.Text = StepText(s.Name, s.Detail)
	return s
}

// downloadOf reads how far a download is. Its progress is a number from 0 to 1.
func downloadOf(e event, during Step) Step {
	artifact := e.data["artifact"]
	s := Step{Name: during.Name, Index: during.Index, Total: during.Total,
		Text: say("Downloading %s", "正在下载 %s", artifact)}
	if part, err := strconv.ParseFloat(e.data["progress"], 64); err == nil && part >= 0 && part <= 1 {
		s.Detail = fmt.Sprintf("%d%%", int(part*100))
	}
	return s
}

// StepText says a step in words. The names are those of minikube's register of
// steps (pkg/minikube/out/register, v1.38.1); of any other step its own message
// is shown.
func StepText(name, message string) lessons.Text {
	switch name {
	case "Initial Minikube Setup":
		return say("Looking at this machine", "检查本机环境")
	case "Selecting Driver":
		return say("Choosing what runs the machine (driver)", "选择运行虚拟机或容器的驱动（driver）")
	case "Downloading Artifacts":
		return say("Downloading what Kubernetes needs", "下载 Kubernetes 所需的文件")
	case "Starting Node":
		return say("Starting the node", "启动节点")
	case "Updating Driver":
		return say("Updating the driver", "更新驱动")
	case "Pulling Base Image":
		return say("Pulling the image of the node", "拉取节点镜像")
	case "Running on Localhost":
		return say("Running on this machine itself, without a virtual one", "直接在本机运行，不用虚拟机")
	case "Running Remotely":
		return say("Running on another machine", "在远程机器上运行")
	case "Local OS Release":
		return say("Looking at the operating system", "查看操作系统版本")
	case "Creating Container":
		return say("Making the container of the node", "创建节点容器")
	case "Creating VM":
		return say("Making the virtual machine", "创建虚拟机")
	case "Configuring Localhost Environment":
		return say("Setting up this machine", "配置本机环境")
	case "Preparing Kubernetes":
		return say("Preparing Kubernetes and its container runtime", "准备 Kubernetes 和容器运行时")
	case "Generating certificates":
		return say("Making certificates and keys", "生成证书和密钥")
	case "Booting control plane":
		return say("Starting the control plane", "启动控制平面")
	case "Configuring RBAC rules":
		return say("Setting up who may do what (RBAC)", "配置权限（RBAC）")
	case "Configuring CNI":
		return say("Setting up the network of the Pods (CNI)", "配置 Pod 网络（CNI）")
	case "Verifying Kubernetes":
		return say("Waiting until Kubernetes answers", "等待 Kubernetes 就绪")
	case "Enabling Addons":
		return say("Switching the addons on", "启用插件（addon）")
	case "Done":
		return say("Done", "完成")
	case "Stopping", "PowerOff":
		return say("Stopping what ran before", "停止之前的运行")
	case "Deleting":
		return say("Removing a machine that could not be started", "移除无法启动的机器")
	case "Pausing":
		return say("Pausing", "暂停")
	case "Unpausing":
		return say("Letting it go on", "恢复运行")
	}
	if message == "" {
		message = name
	}
	return lessons.Same(message)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return short(line)
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return short(s[strings.LastIndexByte(s, '\n')+1:])
}

// short cuts a line to what an error message can hold.
func short(line string) string {
	r := []rune(strings.TrimSpace(strings.ToValidUTF8(line, "\uFFFD")))
	if len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return string(r)
}
