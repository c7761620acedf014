package programs_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc/proctest"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// pods are a server and a client on one network.
func pods(t *testing.T, version string, found map[string]proc.Program) (server, client *proctest.Pod) {
	t.Helper()
	n := vnet.New()
	return proctest.New(t, n, "10.244.0.5", version, found), proctest.New(t, n, "10.244.0.6", "1", nil)
}

func TestApacheServesAndLogs(t *testing.T) {
	t.Parallel()
	server, client := pods(t, "2.4.65", nil)
	for name, content := range programs.HTTPDFiles() {
		server.Files.Put(name, content)
	}
	run := server.Start(programs.HTTPD, nil, "httpd-foreground")
	run.Until("AH00094: Command line: 'httpd -D FOREGROUND'")
	answer, text := proctest.Get(t, client.Client(), "http://10.244.0.5/")
	if answer.StatusCode != 200 || text != "<html><body><h1>It works!</h1></body></html>\n" || answer.Header.Get("Server") != "Apache/2.4.65 (Unix)" {
		t.Errorf("the first page is %d %q %v", answer.StatusCode, text, answer.Header)
	}
	if answer, text := proctest.Get(t, client.Client(), "http://10.244.0.5/no"); answer.StatusCode != 404 || !strings.Contains(text, "<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>") {
		t.Errorf("a missing page is %d %q", answer.StatusCode, text)
	}
	run.Until(`] "GET / HTTP/1.1" 200 45`)
	run.Until(`] "GET /no HTTP/1.1" 404 `)
	run.Signal(proc.SIGTERM)
	if code := run.Wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	run.Until("AH00491: caught SIGTERM, shutting down")
}

func TestHTTPEchoSaysOneThing(t *testing.T) {
	t.Parallel()
	server, client := pods(t, "1.0.0", nil)
	run := server.Start(programs.HTTPEcho, nil, "/http-echo", "-text=hello from blue", "-status-code=201")
	run.Until("[INFO] server is listening on :5678")
	answer, text := proctest.Get(t, client.Client(), "http://10.244.0.5:5678/any/path")
	if answer.StatusCode != 201 || text != "hello from blue\n" || answer.Header.Get("X-App-Version") != "1.0.0" {
		t.Errorf("it answers %d %q %v", answer.StatusCode, text, answer.Header)
	}
	silent := server.Start(programs.HTTPEcho, nil, "/http-echo")
	if code := silent.Wait(); code != 127 || silent.Err.String() != "Missing -text option or ECHO_TEXT env var!\n" {
		t.Errorf("without a text it ended with %d: %s", code, silent.Err)
	}
}

func TestDatabasesWantAPassword(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		program proc.Program
		want    string
	}{
		"postgres": {programs.Postgres, "Error: Database is uninitialized and superuser password is not specified.\n"},
		"mysqld":   {programs.MySQL, "Database is uninitialized and password option is not specified\n"},
	} {
		server, _ := pods(t, "1", map[string]proc.Program{name: tc.program})
		run := server.Start(programs.Entrypoint, nil, "docker-entrypoint.sh", name)
		if code := run.Wait(); code != 1 || !strings.Contains(run.Out.String()+run.Err.String(), tc.want) {
			t.Errorf("%s ended with %d and said %s%s", name, code, run.Out, run.Err)
		}
	}
}

func TestPostgresLetsInWhoKnowsThePassword(t *testing.T) {
	t.Parallel()
	server, client := pods(t, "17.2", nil)
	server.Files.Put("/run/secrets/pw", "s3cret\n")
	run := server.Start(programs.Postgres, map[string]string{"POSTGRES_PASSWORD_FILE": "/run/secrets/pw", "PGDATA": "/data"}, "postgres")
	run.Until("database system is ready to accept connections")
	login := func(password string) byte {
		t.Helper()
		conn, err := client.Net.DialContext(t.Context(), "tcp", "10.244.0.5:5432")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		start := append([]byte{0, 3, 0, 0}, "user\x00postgres\x00\x00"...)
		send(t, conn, append(binary.BigEndian.AppendUint32(nil, uint32(len(start)+4)), start...))
		if kind, _ := receive(t, conn); kind != 'R' {
			t.Fatalf("the server does not ask for a password but sends %q", kind)
		}
		secret := password + "\x00"
		send(t, conn, append(binary.BigEndian.AppendUint32([]byte{'p'}, uint32(len(secret)+4)), secret...))
		kind, _ := receive(t, conn)
		return kind
	}
	if kind := login("s3cret"); kind != 'R' {
		t.Errorf("the right password is answered with %q", kind)
	}
	if kind := login("wrong"); kind != 'E' {
		t.Errorf("a wrong password is answered with %q", kind)
	}
	run.Until(`FATAL:  password authentication failed for user "postgres"`)
	if ready := server.Start(programs.PostgresReady, nil, "pg_isready"); ready.Wait() != 0 || !strings.Contains(ready.Out.String(), "accepting connections") {
		t.Errorf("pg_isready says %s", ready.Out)
	}
	run.Signal(proc.SIGTERM)
	if code := run.Wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	again := server.Start(programs.Postgres, map[string]string{"PGDATA": "/data"}, "postgres")
	again.Until("Skipping initialization")
	again.Until("ready to accept connections")
}

func send(t *testing.T, conn net.Conn, b []byte) {
	t.Helper()
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, conn net.Conn) (kind byte, message []byte) {
	t.Helper()
	var head [5]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		t.Fatal(err)
	}
	message = make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	if _, err := io.ReadFull(conn, message); err != nil {
		t.Fatal(err)
	}
	return head[0], message
}

func TestMySQLGreets(t *testing.T) {
	t.Parallel()
	server, client := pods(t, "8.4.0", nil)
	run := server.Start(programs.MySQL, map[string]string{"MYSQL_ROOT_PASSWORD": "x"}, "mysqld")
	run.Until("ready for connections. Version: '8.4.0'")
	conn, err := client.Net.DialContext(t.Context(), "tcp", "10.244.0.5:3306")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	greeting := make([]byte, 11)
	if _, err := io.ReadFull(conn, greeting); err != nil || greeting[4] != 10 || string(greeting[5:10]) != "8.4.0" {
		t.Errorf("the greeting is %q, %v", greeting, err)
	}
	if ping := server.Start(programs.MySQLAdmin, nil, "mysqladmin", "ping", "-h", "127.0.0.1"); ping.Wait() != 0 || ping.Out.String() != "mysqld is alive\n" {
		t.Errorf("mysqladmin ping says %s%s", ping.Out, ping.Err)
	}
}
