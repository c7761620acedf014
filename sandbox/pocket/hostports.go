package pocket

import (
	"net/netip"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// openHostPorts leads the host ports of a Pod from the node's address to the
// Pod, as the portmap plugin of a real node does. That no two Pods want the same
// one is the scheduler's concern.
func (r *Runtime) openHostPorts(s *sandbox) (undo []func()) {
	for _, m := range s.config.GetPortMappings() {
		protocol := vnet.TCP
		switch m.GetProtocol() {
		case runtimeapi.Protocol_TCP:
		case runtimeapi.Protocol_UDP:
			protocol = vnet.UDP
		default:
			continue
		}
		if m.GetHostPort() <= 0 || m.GetContainerPort() <= 0 {
			continue
		}
		at := netip.IPv4Unspecified()
		if text := m.GetHostIp(); text != "" {
			var err error
			if at, err = netip.ParseAddr(text); err != nil {
				continue
			}
		}
		undo = append(undo, r.nodeHost.Redirect(protocol, at, uint16(m.GetHostPort()), netip.AddrPortFrom(s.address, uint16(m.GetContainerPort()))))
	}
	return undo
}
