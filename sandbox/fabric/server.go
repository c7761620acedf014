package fabric

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"sync"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Server lets other nodes into a network.
type Server struct {
	network  *vnet.Network
	listener *net.UnixListener
	ctx      context.Context
	cancel   context.CancelFunc
	running  sync.WaitGroup
}

// Listen lets other nodes into a network through a socket at path, which only
// its owner may open. A socket that a killed process left there is replaced.
func Listen(path string, network *vnet.Network) (*Server, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("replace the socket of a node: %w", err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listen for other nodes: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("protect the socket of a node: %w", err)
	}
	s := &Server{network: network, listener: listener}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.running.Go(s.accept)
	return s, nil
}

// Close shuts everybody out: streams that are open break.
func (s *Server) Close() {
	_ = s.listener.Close()
	s.cancel()
	s.running.Wait()
}

func (s *Server) accept() {
	for {
		c, err := s.listener.AcceptUnix()
		if err != nil {
			if s.ctx.Err() == nil && !errors.Is(err, net.ErrClosed) {
				continue // this one is lost, say for want of descriptors
			}
			return
		}
		s.running.Go(func() {
			stop := context.AfterFunc(s.ctx, func() { _ = c.Close() })
			defer stop()
			defer c.Close()
			s.serve(c)
		})
	}
}

// serve answers the requests of one connection until it ends, or becomes a
// stream.
func (s *Server) serve(c *net.UnixConn) {
	in := bufio.NewReaderSize(c, 4<<10)
	for {
		kind, err := in.ReadByte()
		if err != nil {
			return
		}
		switch kind {
		case askStream:
			s.stream(c, in)
			return
		case askDatagram:
			err = s.datagram(in)
		case askPing:
			err = s.ping(in)
		default:
			return
		}
		var broken *requestError
		if errors.As(err, &broken) {
			return
		}
		if _, err := c.Write([]byte{answerFor(err)}); err != nil {
			return
		}
	}
}

// requestError is a request that could not be read.
type requestError struct{ error }

func (s *Server) datagram(in *bufio.Reader) error {
	f, err := readFlow(in)
	if err != nil {
		return &requestError{err}
	}
	var size [2]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return &requestError{err}
	}
	data := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(in, data); err != nil {
		return &requestError{err}
	}
	return s.network.Send(f, data)
}

func (s *Server) ping(in *bufio.Reader) error {
	var ip [4]byte
	if _, err := io.ReadFull(in, ip[:]); err != nil {
		return &requestError{err}
	}
	return s.network.Ping(netip.AddrFrom4(ip))
}

// stream joins a connection with a stream to one of the network's hosts.
func (s *Server) stream(c *net.UnixConn, in *bufio.Reader) {
	f, err := readFlow(in)
	if err != nil {
		return
	}
	inner, err := s.network.Connect(s.ctx, f)
	if _, failed := c.Write([]byte{answerFor(err)}); failed != nil || err != nil {
		if inner != nil {
			reset(inner)
		}
		return
	}
	outer := newConn(c, net.TCPAddrFromAddrPort(f.To), net.TCPAddrFromAddrPort(f.From))
	outer.in = in
	var both sync.WaitGroup
	both.Go(func() { forward(outer, inner) })
	both.Go(func() {
		forward(inner, outer)
		// Only now is it known whether the client is still there.
		if _, err := in.ReadByte(); err != nil {
			_ = inner.Close()
		}
	})
	both.Wait()
	_ = inner.Close()
}

// forward copies one direction: its end is passed on as an end, its break as a
// break.
func forward(to, from net.Conn) {
	_, err := io.Copy(plainWriter{to}, plainReader{from})
	if err != nil {
		reset(to)
		reset(from)
		return
	}
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// plainReader and plainWriter keep io.Copy to Read and Write.
type plainReader struct{ io.Reader }

type plainWriter struct{ io.Writer }

// reset breaks a stream, or closes it where it cannot be broken.
func reset(c net.Conn) {
	if r, ok := c.(interface{ Reset() }); ok {
		r.Reset()
		return
	}
	_ = c.Close()
}
