// Package httpclient makes HTTP requests for programs that show their users the
// wire as it was: wget and curl print header lines in the order and the case in
// which the server sent them, which net/http does not keep.
package httpclient

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Request is what is sent. Its head is written as it is.
type Request struct {
	Method string
	Target string   // of the request line
	Header []string // lines without their ends
	Body   []byte
}

// Response is what came back. The caller closes Body.
type Response struct {
	Status string   // the whole line: HTTP/1.1 200 OK
	Code   int      // 200
	Lines  []string // the header's, as the server wrote them
	Header http.Header
	Length int64 // of the body; -1 when it is not known
	Body   io.ReadCloser
}

// ErrEmpty says that the server closed the connection without an answer.
var ErrEmpty = errors.New("empty reply from server")

// maxHead bounds the head of a response, in bytes.
const maxHead = 1 << 20

// Exchange sends a request over a connection and reads the head of the answer.
// The connection serves only this exchange: it is closed when ctx ends, when
// Body is closed, and on an error.
func Exchange(ctx context.Context, conn net.Conn, r Request) (*Response, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	resp, err := exchange(conn, r)
	if err != nil {
		stop()
		_ = conn.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	resp.Body = &body{resp.Body, ctx, func() { stop(); _ = conn.Close() }}
	return resp, nil
}

type body struct {
	io.ReadCloser
	ctx context.Context
	end func()
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF && b.ctx.Err() != nil {
		err = context.Cause(b.ctx)
	}
	return n, err
}

func (b *body) Close() error {
	b.end()
	return nil
}

func exchange(conn net.Conn, r Request) (*Response, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\n", r.Method, r.Target)
	for _, line := range r.Header {
		out.WriteString(line + "\r\n")
	}
	out.WriteString("\r\n")
	out.Write(r.Body)
	if _, err := conn.Write(out.Bytes()); err != nil {
		return nil, err
	}
	in := bufio.NewReader(conn)
	for {
		resp, err := readHead(in, r.Method)
		if err != nil {
			return nil, err
		}
		if resp.Code < 100 || resp.Code >= 200 || resp.Code == http.StatusSwitchingProtocols {
			return resp, nil
		}
	}
}

// ErrNotHTTP says that the server answered in another protocol.
var ErrNotHTTP = errors.New("the answer is not HTTP")

func readHead(in *bufio.Reader, method string) (*Response, error) {
	var head bytes.Buffer
	resp := &Response{}
	for {
		line, err := in.ReadString('\n')
		head.WriteString(line)
		line = strings.TrimRight(line, "\r\n")
		switch {
		case err != nil && head.Len() == 0:
			if err == io.EOF {
				return nil, ErrEmpty
			}
			return nil, err
		case err != nil:
			return nil, fmt.Errorf("%w: %q", ErrNotHTTP, head.String())
		case head.Len() > maxHead:
			return nil, errors.New("the header is too long")
		case resp.Status == "" && !strings.HasPrefix(line, "HTTP/"):
			return nil, fmt.Errorf("%w: %q", ErrNotHTTP, line)
		case resp.Status == "":
			resp.Status = line
			continue
		case line != "":
			resp.Lines = append(resp.Lines, line)
			continue
		}
		break
	}
	whole := bufio.NewReader(io.MultiReader(&head, in))
	parsed, err := http.ReadResponse(whole, &http.Request{Method: method})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotHTTP, err)
	}
	resp.Code, resp.Header, resp.Length, resp.Body = parsed.StatusCode, parsed.Header, parsed.ContentLength, parsed.Body
	return resp, nil
}

// TLS makes a connection secure.
func TLS(ctx context.Context, conn net.Conn, config *tls.Config) (*tls.Conn, error) {
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}

// ParseURL reads a URL as command line tools take it: http is what no scheme means.
func ParseURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if u.Hostname() == "" {
		return nil, errors.New("no host")
	}
	return u, nil
}

// Port is the port that a URL leads to.
func Port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// Target is what a request line says for a URL.
func Target(u *url.URL) string {
	t := u.EscapedPath()
	if t == "" {
		t = "/"
	}
	if u.RawQuery != "" {
		t += "?" + u.RawQuery
	}
	return t
}
