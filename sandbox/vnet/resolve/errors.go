package resolve

import (
	"errors"
	"net"
)

// Code is an error of getaddrinfo(3).
type Code int

// The errors a name can end with.
const (
	NoName      Code = iota // EAI_NONAME: the name does not exist
	NoAddress               // EAI_NODATA: it exists, without an address
	TryAgain                // EAI_AGAIN: no server answered, or one failed
	Unavailable             // EAI_FAIL: the servers refuse
)

// Error is why a name has no address. It is the cause of the *net.DNSError
// that is returned for it.
type Error struct{ Code Code }

// Error is the text of glibc's gai_strerror(3).
func (e Error) Error() string {
	switch e.Code {
	case NoAddress:
		return "No address associated with hostname"
	case TryAgain:
		return "Temporary failure in name resolution"
	case Unavailable:
		return "Non-recoverable failure in name resolution"
	}
	return "Name or service not known"
}

// Musl is the text that Alpine's C library has for the same.
func (e Error) Musl() string {
	switch e.Code {
	case NoAddress:
		return "Name has no usable address"
	case TryAgain:
		return "Try again"
	case Unavailable:
		return "Non-recoverable error"
	}
	return "Name does not resolve"
}

// CodeOf returns the reason for an error of this package; anything else is
// TryAgain.
func CodeOf(err error) Code {
	if e := (Error{}); errors.As(err, &e) {
		return e.Code
	}
	if d := (*net.DNSError)(nil); errors.As(err, &d) && d.IsNotFound {
		return NoName
	}
	return TryAgain
}

// dnsError is the error of Go's own resolver for the same cause.
func dnsError(name, server string, code Code, cause error) error {
	e := &net.DNSError{Name: name, UnwrapErr: errors.Join(Error{code}, cause)}
	switch code {
	case NoName, NoAddress:
		e.Err, e.IsNotFound = "no such host", true
	default:
		e.Err, e.Server, e.IsTemporary = "server misbehaving", server, true
		if t, ok := cause.(net.Error); ok && t.Timeout() {
			e.Err, e.IsTimeout = "i/o timeout", true
		}
	}
	if e.Server != "" {
		e.Server = net.JoinHostPort(e.Server, "53")
	}
	return e
}
