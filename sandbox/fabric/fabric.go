// Package fabric joins the networks of nodes that are processes of their own:
// what the switch and the cables are to real machines.
//
// Each process listens on a Unix socket for flows to its hosts, and reaches the
// hosts of another through a Peer, which vnet.Network takes as a route. A stream
// has a connection of its own; datagrams and pings share a few and are answered
// one by one, so that their sender learns what an ICMP message would tell it.
//
// The sockets belong in a folder that only their owner can enter: who can open
// one is inside the network.
package fabric

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"syscall"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// The first byte of a request says what it is.
const (
	askStream   = 'S' // a flow; after a good answer the connection is the stream
	askDatagram = 'D' // a flow, 2 bytes of length, the data
	askPing     = 'P' // an address
)

// The answer to every request is one byte.
const (
	answerOK byte = iota
	answerRefused
	answerUnreachable
	answerTimedOut
	answerDropped
	answerFailed // anything else
)

// verdicts are the answers that stand for an error.
var verdicts = [...]struct {
	answer byte
	err    error
}{
	{answerRefused, syscall.ECONNREFUSED},
	{answerUnreachable, syscall.EHOSTUNREACH},
	{answerTimedOut, syscall.ETIMEDOUT},
	{answerDropped, vnet.ErrDropped},
	{answerFailed, syscall.ENETUNREACH},
}

func answerFor(err error) byte {
	if err == nil {
		return answerOK
	}
	for _, v := range verdicts {
		if errors.Is(err, v.err) {
			return v.answer
		}
	}
	return answerFailed
}

func errorFor(answer byte) error {
	if answer == answerOK {
		return nil
	}
	for _, v := range verdicts {
		if v.answer == answer {
			return v.err
		}
	}
	return fmt.Errorf("unknown answer %d of another node", answer)
}

// A flow takes 13 bytes: the protocol, then both sockets. The network has
// version 4 of IP only.
const flowSize = 1 + 2*socketSize

const socketSize = 4 + 2

func appendFlow(b []byte, f vnet.Flow) ([]byte, error) {
	protocol := byte('t')
	if f.Protocol == vnet.UDP {
		protocol = 'u'
	}
	b = append(b, protocol)
	for _, s := range []netip.AddrPort{f.From, f.To} {
		if !s.Addr().Is4() {
			return nil, syscall.EAFNOSUPPORT
		}
		ip := s.Addr().As4()
		b = binary.BigEndian.AppendUint16(append(b, ip[:]...), s.Port())
	}
	return b, nil
}

func readFlow(r io.Reader) (vnet.Flow, error) {
	var b [flowSize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return vnet.Flow{}, err
	}
	f := vnet.Flow{Protocol: vnet.TCP}
	if b[0] == 'u' {
		f.Protocol = vnet.UDP
	}
	socket := func(b []byte) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b)), binary.BigEndian.Uint16(b[4:]))
	}
	f.From, f.To = socket(b[1:]), socket(b[1+socketSize:])
	return f, nil
}
