package vnet

import (
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
)

// BenchmarkRequests makes HTTP requests from a Pod through a Service, as wget
// does: each with a connection of its own.
func BenchmarkRequests(b *testing.B) {
	for name, keepAlive := range map[string]bool{"connection each": false, "one connection": true} {
		b.Run(name, func(b *testing.B) {
			bed := newBed(b)
			bed.network.SetTranslate(func(f Flow) (Flow, error) {
				f.To = netip.MustParseAddrPort("10.244.0.3:80")
				return f, nil
			})
			server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "<h1>Welcome to nginx!</h1>\n")
			})}
			l := listen(b, b.Context(), bed.b, ":80")
			go func() { _ = server.Serve(l) }()
			defer server.Close()
			client := &http.Client{Transport: &http.Transport{DialContext: bed.a.DialContext, DisableKeepAlives: !keepAlive}}
			b.ReportAllocs()
			for b.Loop() {
				answer, err := client.Get("http://10.96.0.5/")
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}

// BenchmarkThroughput copies through one stream.
func BenchmarkThroughput(b *testing.B) {
	bed := newBed(b)
	client, server := bed.pair(b, b.Context())
	go func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }(server)
	block := make([]byte, 32<<10)
	b.SetBytes(int64(len(block)))
	for b.Loop() {
		if _, err := client.Write(block); err != nil {
			b.Fatal(err)
		}
	}
}
