package cluster

import "net/http"

// impatient ends a request when its context does. The client library waits for a
// program that gives credentials however long it takes, and some of them wait for
// somebody to log in.
type impatient struct{ next http.RoundTripper }

// WrappedRoundTripper lets the idle connections below be closed.
func (i impatient) WrappedRoundTripper() http.RoundTripper { return i.next }

// RoundTrip leaves behind, when the context ends first, a goroutine that ends with
// the program: the client library gives no way to end that.
func (i impatient) RoundTrip(r *http.Request) (*http.Response, error) {
	type answer struct {
		response *http.Response
		err      error
	}
	answers := make(chan answer, 1)
	go func() {
		response, err := i.next.RoundTrip(r)
		select {
		case <-r.Context().Done():
			if response != nil {
				response.Body.Close() // nobody reads it
			}
			answers <- answer{nil, r.Context().Err()}
		default:
			answers <- answer{response, err}
		}
	}()
	select {
	case a := <-answers:
		return a.response, a.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
