package nginx_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc/proctest"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/nginx"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// newServer makes a container of the nginx image and a client beside it.
func newServer(t *testing.T, config string) (server, client *proctest.Pod) {
	t.Helper()
	n := vnet.New()
	server = proctest.New(t, n, "10.244.0.5", "1.29.3", map[string]proc.Program{"nginx": nginx.Run})
	for name, content := range nginx.Files() {
		server.Files.Put(name, content)
	}
	if config != "" {
		server.Files.Put("/etc/nginx/conf.d/default.conf", config)
	}
	return server, proctest.New(t, n, "10.244.0.6", "1", nil)
}

func get(t *testing.T, c *http.Client, url string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestItServesTheWelcomePageAndLogs(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, "")
	run := server.Start(nginx.Run, nil, "nginx", "-g", "daemon off;")
	run.Until("start worker process")
	answer, body := get(t, client.Client(), "http://10.244.0.5/")
	if answer.StatusCode != 200 || !strings.Contains(body, "<h1>Welcome to nginx!</h1>") || answer.Header.Get("Server") != "nginx/1.29.3" ||
		answer.Header.Get("Content-Type") != "text/html" || answer.Header.Get("Etag") == "" || answer.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("the welcome page is %d %v %q", answer.StatusCode, answer.Header, body)
	}
	answer, body = get(t, client.Client(), "http://10.244.0.5/nothing")
	want := "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.29.3</center>\r\n</body>\r\n</html>\r\n"
	if answer.StatusCode != 404 || body != want {
		t.Errorf("a missing page is %d %q", answer.StatusCode, body)
	}
	run.Until(`"GET /nothing HTTP/1.1" 404 153 "-" "Go-http-client/1.1" "-"`)
	run.Until(`open() "/usr/share/nginx/html/nothing" failed (2: No such file or directory), client: 10.244.0.6, server: localhost, request: "GET /nothing HTTP/1.1", host: "10.244.0.5"`)
	line := regexp.MustCompile(`(?m)^10\.244\.0\.6 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET / HTTP/1\.1" 200 \d+ "-" "Go-http-client/1\.1" "-"$`)
	if !line.MatchString(run.Out.String()) {
		t.Errorf("the access log is\n%s", run.Out)
	}
	run.Signal(proc.SIGQUIT)
	if code := run.Wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

func TestTheConfigurationDecides(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, `
server {
    listen 8080 default_server;
    add_header X-Served-By $hostname;
    location = /health { access_log off; return 200 "ok\n"; }
    location /old/ { return 301 /new/; }
    location /shop/ { alias /data/; autoindex on; }
    location ~ \.secret$ { return 403; }
    location /app { try_files $uri /index.html =404; root /usr/share/nginx/html; }
    location /broken { return 503; }
    error_page 503 /sorry.html;
    location = /sorry.html { root /data; }
    location / { root /usr/share/nginx/html; }
}
server {
    listen 8080;
    server_name shop.example.com *.example.org;
    return 200 "shop of $host";
}
`)
	server.Files.Put("/data/a.txt", "apples")
	server.Files.Put("/data/sorry.html", "sorry")
	server.Start(nginx.Run, nil, "nginx").Until("start worker process")
	for _, tc := range []struct {
		path, host string
		code       int
		body       string
		location   string
	}{
		{path: "/health", code: 200, body: "ok\n"},
		{path: "/old/x", code: 301, location: "http://10.244.0.5:8080/new/"},
		{path: "/shop/a.txt", code: 200, body: "apples"},
		{path: "/shop/", code: 200, body: `<a href="a.txt">a.txt</a>`},
		{path: "/x.secret", code: 403, body: "403 Forbidden"},
		{path: "/app/deep", code: 200, body: "Welcome to nginx!"},
		{path: "/broken", code: 503, body: "sorry"},
		{path: "/", host: "shop.example.com", code: 200, body: "shop of shop.example.com"},
		{path: "/", host: "a.example.org", code: 200, body: "shop of a.example.org"},
		{path: "/", host: "other", code: 200, body: "Welcome to nginx!"},
	} {
		host := tc.host
		if host == "" {
			host = "10.244.0.5:8080"
		}
		answer, body := get(t, client.Client(), "http://10.244.0.5:8080"+tc.path, "Host", host)
		if answer.StatusCode != tc.code || !strings.Contains(body, tc.body) || answer.Header.Get("Location") != tc.location {
			t.Errorf("%s of %s: %d %q %q", tc.path, host, answer.StatusCode, answer.Header.Get("Location"), body)
		}
		if tc.host == "" && answer.Header.Get("X-Served-By") != "web-0" {
			t.Errorf("%s: no X-Served-By in %v", tc.path, answer.Header)
		}
	}
}

func TestItProxies(t *testing.T) {
	t.Parallel()
	front, client := newServer(t, `
upstream api { server 10.244.0.7:8080; }
server {
    listen 80;
    location /api/ { proxy_pass http://api/; proxy_set_header X-Real-IP $remote_addr; proxy_set_header Host $host; }
    location /gone/ { proxy_pass http://10.244.0.7:9999; }
}
`)
	back := proctest.New(t, front.Net.Network(), "10.244.0.7", "1.29.3", nil)
	for name, content := range nginx.Files() {
		back.Files.Put(name, content)
	}
	back.Files.Put("/etc/nginx/conf.d/default.conf", `server { listen 8080; return 200 "$request_uri from $http_x_real_ip for $host"; }`)
	back.Start(nginx.Run, nil, "nginx").Until("start worker process")
	run := front.Start(nginx.Run, nil, "nginx")
	run.Until("start worker process")
	if answer, body := get(t, client.Client(), "http://10.244.0.5/api/v1/x?y=1", "Host", "shop"); answer.StatusCode != 200 || body != "/v1/x?y=1 from 10.244.0.6 for shop" ||
		len(answer.Header.Values("Server")) != 1 {
		t.Errorf("the proxy answered %d %q %v", answer.StatusCode, body, answer.Header)
	}
	if answer, _ := get(t, client.Client(), "http://10.244.0.5/gone/"); answer.StatusCode != 502 {
		t.Errorf("a dead upstream gives %d", answer.StatusCode)
	}
	run.Until("connect() failed (111: Connection refused) while connecting to upstream")
}

func TestABadConfigurationStopsIt(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		"server {\n    lisen 80;\n}\n":                                            `nginx: [emerg] unknown directive "lisen" in /etc/nginx/conf.d/default.conf:2`,
		"server {\n    listen 80;\n":                                              `nginx: [emerg] unexpected end of file, expecting "}" in /etc/nginx/conf.d/default.conf:3`,
		"server {\n    listen 99999;\n}\n":                                        `nginx: [emerg] invalid port in "99999" of the "listen" directive in /etc/nginx/conf.d/default.conf:2`,
		"server { location / { proxy_pass http://backend; } }":                    `nginx: [emerg] host not found in upstream "backend" in /etc/nginx/conf.d/default.conf:1`,
		"server { listen 443 ssl; ssl_certificate /no; ssl_certificate_key /n; }": `nginx: [emerg] cannot load certificate "/no": BIO_new_file() failed`,
		"location / { }": `nginx: [emerg] "location" directive is not allowed here`,
	} {
		server, _ := newServer(t, config)
		run := server.Start(nginx.Run, nil, "nginx")
		if code := run.Wait(); code != 1 || !strings.Contains(run.Err.String(), want) {
			t.Errorf("%s\nended with %d and said %s", config, code, run.Err)
		}
	}
}

func TestReloadTakesTheNewConfiguration(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, `server { listen 80; return 200 "one"; }`)
	run := server.Start(nginx.Run, nil, "nginx")
	run.Until("start worker process")
	server.Files.Put("/etc/nginx/conf.d/default.conf", `server { listen 80; listen 81; return 200 "two"; }`)
	if code := server.Start(nginx.Run, nil, "nginx", "-s", "reload").Wait(); code != 0 {
		t.Fatalf("nginx -s reload ended with %d", code)
	}
	run.Until("reconfiguring\n")
	for _, port := range []string{"80", "81"} {
		for {
			answer, err := client.Client().Get("http://10.244.0.5:" + port)
			if err != nil {
				continue // the new port opens in a moment
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err == nil && string(body) == "two" {
				break
			}
		}
	}
	server.Files.Put("/etc/nginx/conf.d/default.conf", `server { nonsense; }`)
	run.Signal(proc.SIGHUP)
	run.Until(`unknown directive "nonsense"`)
	if _, body := get(t, client.Client(), "http://10.244.0.5"); body != "two" {
		t.Errorf("after a bad reload it answers %q", body)
	}
}

func TestTheSecondServerOfAPodCannotBind(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, "")
	server.Start(nginx.Run, nil, "nginx").Until("start worker process")
	second := server.Start(nginx.Run, nil, "nginx")
	if code := second.Wait(); code != 1 {
		t.Errorf("it ended with %d", code)
	}
	if got := second.Err.String(); !strings.Contains(got, "bind() to 0.0.0.0:80 failed (98: Address already in use)") || !strings.Contains(got, "nginx: [emerg] still could not bind()") {
		t.Errorf("it said %s", got)
	}
}
