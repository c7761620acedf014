package shell_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The network's commands say what BusyBox's say, and end as they do.
func TestTheNetworksCommands(t *testing.T) {
	t.Parallel()
	// listening waits until a command of the background listens on port 8080.
	const listening = "until netstat -tln | grep -q ':8080 '; do sleep 0.01; done; "
	const web = "mkdir /www; echo hello > /www/index.html; httpd -f -p 8080 -h /www & " + listening
	for script, want := range map[string]result{
		web + "wget -q -O - http://127.0.0.1:8080/":                   {"hello\n", "", 0},
		web + "wget -q -O - http://10.244.0.2:8080/index.html":        {"hello\n", "", 0},
		web + "wget -q -O - http://127.0.0.1:8080/nosuch":             {"", "wget: server returned error: HTTP/1.1 404 Not Found\n", 1},
		web + "wget -q --spider http://127.0.0.1:8080/ && echo there": {"there\n", "", 0},
		web + "netstat -tln":                {"Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \ntcp        0      0 0.0.0.0:8080            0.0.0.0:*               LISTEN      \n", "", 0},
		"wget -q -O - http://127.0.0.1:81/": {"", "wget: can't connect to remote host (127.0.0.1): Connection refused\n", 1},
		"wget -q -O - http://nosuch/":       {"", "wget: bad address 'nosuch'\n", 1},
		// the listener's input lasts until it has got something: at its end the client would stop
		"until test -s /tmp/got; do sleep 0.01; done | nc -l -p 8080 > /tmp/got & " + listening + "echo hi | nc 127.0.0.1 8080; wait; cat /tmp/got": {"hi\n", "", 0},
		"nc -l -p 8080 > /dev/null & " + listening + "nc -z 127.0.0.1 8080; echo $?":                                                                {"0\n", "", 0},
		"nc -z 127.0.0.1 81; echo $?":                     {"1\n", "", 0},
		"ping -c 1 -q 10.244.0.2 | tail -n 2 | head -n 1": {"1 packets transmitted, 1 packets received, 0% packet loss\n", "", 0},
		"ping -c 1 nosuch":                                {"", "ping: bad address 'nosuch'\n", 1},
		"telnet 127.0.0.1 81":                             {"", "telnet: can't connect to remote host (127.0.0.1): Connection refused\n", 1},
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, runIn(t, "busybox", "sh", "-c", script)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", script, diff)
			}
		})
	}
}
