package minikube

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// enableTime bounds switching an addon on: minikube waits up to six minutes for
// the Pods of some.
const enableTime = 8 * time.Minute

// Addons says of every addon that this minikube knows whether it is enabled in a
// profile. Enabled is not the same as working. Errors are *Error.
func (p Program) Addons(ctx context.Context, profile string) (map[string]bool, error) {
	args := []string{"addons", "list", "-p", profile, "-o", "json"}
	a, err := p.ask(ctx, askTime, args...)
	if err != nil {
		return nil, err
	}
	addons, err := parseAddons(a.stdout)
	if err != nil {
		return nil, p.unreadable(args, a, err)
	}
	return addons, nil
}

func parseAddons(output []byte) (map[string]bool, error) {
	var said map[string]struct{ Profile, Status string }
	if err := json.Unmarshal(jsonIn(output), &said); err != nil {
		return nil, err
	}
	addons := map[string]bool{}
	for name, one := range said {
		if one.Profile != "" { // an addon without one belongs to no profile
			addons[name] = one.Status == "enabled"
		}
	}
	if len(addons) == 0 {
		return nil, fmt.Errorf("it listed no addons")
	}
	return addons, nil
}

// Enable switches an addon on. When it returns the addon's objects are made; that
// they work has to be waited for. Errors are *Error.
func (p Program) Enable(ctx context.Context, profile, addon string) error {
	args := []string{"addons", "enable", addon, "-p", profile}
	a, err := p.ask(ctx, enableTime, args...)
	if err != nil || a.code == 0 {
		return err
	}
	text := a.stderr + "\n" + string(a.stdout)
	e := &Error{Command: command(args), Kind: Failed, Code: a.code, Hint: knownTrouble(text)}
	e.Err = fmt.Errorf("it ended with exit code %d: %s", a.code, lastLine(text))
	if e.Hint == nil {
		e.Hint = byExitCode(a.code)
	}
	if e.Hint == nil {
		e.Hint = say("Try `%s` yourself; it says more. The sandbox has all that lessons need: `k8stutor --cluster sandbox`.",
			"请自己执行 `%s`，看看完整的输出。沙箱具备课程所需的一切：`k8stutor --cluster sandbox`。", command(args))
	}
	return e
}

// Reach says how somebody on this machine reaches a Service in a profile.
type Reach struct {
	// NodePort is how a Service of the types NodePort and LoadBalancer is opened.
	NodePort lessons.Text
	// LoadBalancer is what gives a Service of type LoadBalancer its address.
	LoadBalancer lessons.Text
	// Ingress is where an ingress controller is listened to.
	Ingress lessons.Text
	// Held says that what NodePort tells lasts only as long as its command runs.
	Held bool
}

// ReachWith says it for a driver on an operating system (as in runtime.GOOS), as
// minikube v1.38.1 decides in driver.NeedsPortForward: a container of Docker
// Desktop has no address that this machine could reach.
func ReachWith(driver, goos, profile string) Reach {
	service := "minikube service NAME -n NAMESPACE --url -p " + profile
	tunnel := of("tunnel", profile)
	r := Reach{
		LoadBalancer: say("`%s`, left running in a terminal of its own, gives Services of type LoadBalancer an address; it asks for your password.",
			"在另一个终端里一直运行 `%s`，LoadBalancer 类型的 Service 就会得到地址；它会要求输入密码。", tunnel),
		NodePort: say("`%[1]s` prints the address, which is that of the node (`%[2]s`) and the node port.",
			"`%[1]s` 会打印地址，也就是节点的 IP（`%[2]s`）加上 nodePort。", service, of("ip", profile)),
		Ingress: say("It listens at ports 80 and 443 of the node: `curl -H 'Host: NAME' http://$(%s)`.",
			"它监听节点的 80 和 443 端口：`curl -H 'Host: NAME' http://$(%s)`。", of("ip", profile)),
	}
	switch {
	case driver == "none":
		r.NodePort = say("The node is this machine: a node port answers at 127.0.0.1. `%s` prints the address.",
			"节点就是本机：用 127.0.0.1 加 nodePort 即可访问。`%s` 会打印地址。", service)
	case (driver == "docker" || driver == "podman") && goos != "linux":
		r.Held = true
		r.NodePort = say("The node is a container that this machine has no way to: `%s` opens one, as long as it runs, and prints its address.",
			"节点是一个容器，本机无法直接访问它：`%s` 会打开一条通道并打印地址，运行期间有效。", service)
		r.Ingress = say("The node is a container that this machine has no way to: `%s` in a terminal of its own opens ports 80 and 443 at 127.0.0.1.",
			"节点是一个容器，本机无法直接访问它：在另一个终端里运行 `%s`，就可以通过 127.0.0.1 的 80 和 443 端口访问。", tunnel)
	case driver == "docker" || driver == "podman":
		r.NodePort = say("`%[1]s` prints the address. With Docker Desktop or a rootless engine it has to stay running; with an engine on this machine the node's own address (`%[2]s`) answers.",
			"`%[1]s` 会打印地址。使用 Docker Desktop 或 rootless 引擎时，它必须一直运行；引擎就在本机时，可以直接用节点的 IP（`%[2]s`）。", service, of("ip", profile))
	}
	return r
}
