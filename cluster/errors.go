package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/k8stutor/k8stutor/lessons"
)

// place is where an operation was tried, as error messages and hints need it.
type place struct {
	provider Provider
	name     string // "sandbox", or the context
	server   string
}

// explain turns what client-go, the network or this package said into the
// error the learner sees. It returns nil for nil.
func (p place) explain(op string, err error) *lessons.ClusterError {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*lessons.ClusterError](err); ok {
		return known
	}
	trouble := troubleOf(err)
	return &lessons.ClusterError{
		Trouble: trouble,
		Op:      op,
		Server:  p.server,
		Err:     plain(err),
		Hint:    p.hint(trouble, err),
	}
}

// fail is explain as an error, so that nil stays nil.
func (p place) fail(op string, err error) error {
	if explained := p.explain(op, err); explained != nil {
		return explained
	}
	return nil
}

// explainedTrouble returns the trouble that an explained error tells of, "" for any
// other error.
func explainedTrouble(err error) lessons.Trouble {
	if e, ok := errors.AsType[*lessons.ClusterError](err); ok {
		return e.Trouble
	}
	return ""
}

// troubleOf sorts an error of a request into the kinds of trouble.
func troubleOf(err error) lessons.Trouble {
	if t, ok := troubleOfTransport(err); ok {
		return t
	}
	switch {
	case apierrors.IsUnauthorized(err):
		return lessons.Unauthorized
	case apierrors.HasStatusCause(err, namespaceTerminating):
		return lessons.Refused
	case apierrors.IsForbidden(err):
		return lessons.Forbidden
	case apierrors.IsTimeout(err), apierrors.IsServerTimeout(err):
		return lessons.TimedOut
	case apierrors.IsServiceUnavailable(err), gatewayFailed(err):
		return lessons.Unreachable
	case isPlainHTTP(err):
		return lessons.BadConfig
	case isUnknownKind(err):
		return lessons.UnknownKind
	case apierrors.ReasonForError(err) != metav1.StatusReasonUnknown, isStatus(err):
		return lessons.Refused
	}
	return lessons.Unreachable
}

// namespaceTerminating is the cause the API server gives for refusing to
// create objects in a namespace that is being deleted.
const namespaceTerminating metav1.CauseType = "NamespaceTerminating"

// troubleOfTransport recognises what goes wrong before the API server could
// answer: the network, TLS, and the programs that supply credentials.
func troubleOfTransport(err error) (lessons.Trouble, bool) {
	if verification, ok := errors.AsType[*tls.CertificateVerificationError](err); ok && verification != nil {
		return lessons.BadConfig, true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return lessons.BadConfig, true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return lessons.BadConfig, true
	}
	// The server's TLS alert about our client certificate has no exported type
	// that names the reason; its text is fixed by crypto/tls.
	if s := err.Error(); strings.Contains(s, "remote error: tls:") || strings.Contains(s, "getting credentials:") {
		return lessons.Unauthorized, true
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return lessons.TimedOut, true
	}
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return lessons.TimedOut, true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return lessons.Unreachable, true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return lessons.Unreachable, true
	}
	for _, gone := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET, http.ErrServerClosed} {
		if errors.Is(err, gone) {
			return lessons.Unreachable, true
		}
	}
	return "", false
}

func isStatus(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status)
}

// gatewayFailed reports whether a proxy in front of the API server answered
// in its place.
func gatewayFailed(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false
	}
	code := status.Status().Code
	return code == http.StatusBadGateway || code == http.StatusGatewayTimeout
}

// isPlainHTTP reports whether a server that speaks TLS was spoken to without; the
// words are those of Go's net/http, which API servers are made with.
func isPlainHTTP(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	for _, cause := range status.Status().Details.Causes {
		if strings.Contains(cause.Message, "HTTP request to an HTTPS server") {
			return true
		}
	}
	return false
}

// isUnknownKind tells "the server does not serve this resource" from "there
// is no object of that name": only the latter answer names an object.
func isUnknownKind(err error) bool {
	if !apierrors.IsNotFound(err) {
		return false
	}
	return apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
}

// isAway reports whether an error means that no API server answers, rather
// than that it answered no.
func isAway(err error) bool {
	switch troubleOf(err) {
	case lessons.Unreachable, lessons.TimedOut, lessons.BadConfig:
		return true
	}
	return false
}

// plain drops the wrapping that repeats what Op and Server say already: the
// method and address that net/http puts before every failed request.
func plain(err error) error {
	if request, ok := errors.AsType[*url.Error](err); ok {
		return request.Err
	}
	return err
}
