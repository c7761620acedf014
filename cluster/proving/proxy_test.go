package proving

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

func TestACutProxyIsAServerThatIsAway(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "here") }))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newProxy(t.Context(), u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	get := func() string {
		response, err := client.Get("http://" + p.addr)
		if err != nil {
			return "away"
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return "away"
		}
		return string(body)
	}
	for i, want := range []string{"here", "away", "here", "away"} {
		switch {
		case want == "away":
			p.cut()
		case i > 0:
			if err := p.mend(); err != nil {
				t.Fatal(err)
			}
		}
		if got := get(); got != want {
			t.Fatalf("%d: %s, want %s", i, got, want)
		}
	}
}
