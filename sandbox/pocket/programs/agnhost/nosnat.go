package agnhost

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// noSNAT tells whether other Pods see this Pod by its own address.
func (a *app) noSNAT() subcommand {
	var listen string
	return subcommand{
		use: "no-snat-test", short: "Creates the /checknosnat and /whoami endpoints",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&listen, "port", "8080", "The port to serve /checknosnat and /whoami endpoints on.")
		},
		run: func([]string) int {
			for _, name := range []string{"POD_IP", "NODE_IP"} {
				text, ok := a.Env[name]
				if !ok {
					return a.complain("%s env var was not present in the environment", name)
				}
				if _, err := netip.ParseAddr(text); err != nil {
					return a.complain("%s env var contained %q, which is not an IP address", name, text)
				}
			}
			mux := http.NewServeMux()
			mux.HandleFunc("/whoami", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RemoteAddr) })
			mux.HandleFunc("/checknosnat", func(w http.ResponseWriter, r *http.Request) {
				var failures []string
				for ip := range strings.SplitSeq(r.URL.Query().Get("ips"), ",") {
					if err := a.checkNoSNAT(ip); err != nil {
						failures = append(failures, err.Error())
					}
				}
				if len(failures) > 0 {
					w.WriteHeader(http.StatusInternalServerError)
					fmt.Fprint(w, strings.Join(failures, ", "))
				}
			})
			if err := a.serve(a.server(mux), ":"+listen); a.ctx.Err() == nil {
				return a.complain("%v", err)
			}
			return a.forever()
		},
	}
}

// anotherPodLimit is how long one Pod waits for another where the real program
// waits for as long as the kernel does, in seconds.
const anotherPodLimit = 127 * time.Second

func (a *app) checkNoSNAT(ip string) error {
	url := "http://" + ip + "/whoami"
	_, body, err := a.get(anotherPodLimit, url)
	if err != nil {
		return err
	}
	seen, _, _ := strings.Cut(body, ":")
	switch pod, node := a.Env["POD_IP"], a.Env["NODE_IP"]; seen {
	case pod:
		return nil
	case node:
		return complaint("Returned ip %q != my Pod ip %q, == my Node ip %q - SNAT", seen, pod, node)
	default:
		return complaint("Returned ip %q != my Pod ip %q or my Node ip %q - SNAT to unexpected ip (possible SNAT through unexpected interface on the way into another node)", seen, pod, node)
	}
}

// noSNATProxy asks a no-snat-test elsewhere.
func (a *app) noSNATProxy() subcommand {
	var listen string
	return subcommand{
		use: "no-snat-test-proxy", short: "Creates a proxy for the /checknosnat endpoint",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&listen, "port", "31235", "The port to serve /checknosnat endpoint on.")
		},
		run: func([]string) int {
			mux := http.NewServeMux()
			mux.HandleFunc("/checknosnat", func(w http.ResponseWriter, r *http.Request) {
				url := fmt.Sprintf("http://%s/checknosnat?ips=%s", r.URL.Query().Get("target"), r.URL.Query().Get("ips"))
				status, body, err := a.get(anotherPodLimit, url)
				if err != nil {
					status, body = http.StatusInternalServerError, fmt.Sprintf("error querying %q, err: %v", url, err)
				}
				w.WriteHeader(status)
				fmt.Fprint(w, body)
			})
			if err := a.serve(a.server(mux), ":"+listen); a.ctx.Err() == nil {
				return a.complain("%v", err)
			}
			return a.forever()
		},
	}
}
