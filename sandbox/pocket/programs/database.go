package programs

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// serveConnections accepts connections until the listener is closed, and waits
// for those under way.
func serveConnections(l net.Listener, serve func(net.Conn)) (stop func()) {
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	return func() {
		_ = l.Close()
		all.Wait()
	}
}

// writeFile makes a file with its directories.
func writeFile(p *proc.Process, name, text string) error {
	if err := p.Files.Mkdir(path.Dir(name), true); err != nil {
		return err
	}
	file, err := p.Files.Open(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// postgresMemory is what a new PostgreSQL server takes, in bytes.
const postgresMemory = 48 << 20

// Postgres is the image's entrypoint and the server: it prepares the data
// directory, which it asks a password for, listens, and lets clients log in.
// It runs no SQL but answers every query with what it is.
func Postgres(ctx context.Context, p *proc.Process) int {
	if len(p.Args) > 1 && (p.Args[1] == "--version" || p.Args[1] == "-V") {
		fmt.Fprintf(p.Stdout, "postgres (PostgreSQL) %s\n", p.Image.Version)
		return 0
	}
	signals := p.Notify(proc.SIGTERM, proc.SIGINT, proc.SIGQUIT)
	data := p.Env["PGDATA"]
	if data == "" {
		data = "/var/lib/postgresql/data"
	}
	password, code := secretFrom(p, "POSTGRES_PASSWORD")
	if code != 0 {
		return code
	}
	fresh := true
	if _, err := p.Files.Stat(path.Join(data, "PG_VERSION")); err == nil {
		fresh = false
	}
	if fresh {
		if entries, err := p.Files.ReadDir(data); err == nil && len(entries) > 0 {
			fmt.Fprintf(p.Stderr, "initdb: error: directory %q exists but is not empty\ninitdb: hint: If you want to create a new database system, either remove or empty the directory %q or run initdb with an argument other than %q.\n", data, data, data)
			return 1
		}
		if password == "" && p.Env["POSTGRES_HOST_AUTH_METHOD"] != "trust" {
			fmt.Fprint(p.Stderr, `Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html
`)
			return 1
		}
		user := p.Env["POSTGRES_USER"]
		if user == "" {
			user = "postgres"
		}
		if !proc.Sleep(ctx, 300*time.Millisecond) { // initdb takes its time
			return killedCode
		}
		major, _, _ := strings.Cut(p.Image.Version, ".")
		if err := writeFile(p, path.Join(data, "PG_VERSION"), major+"\n"); err != nil {
			fmt.Fprintf(p.Stderr, "initdb: error: could not create directory %q: %s\n", data, errno(err))
			return 1
		}
		if err := writeFile(p, path.Join(data, "pg_superuser"), user+"\n"+password+"\n"); err != nil {
			fmt.Fprintf(p.Stderr, "initdb: error: could not write to %q: %s\n", data, errno(err))
			return 1
		}
		fmt.Fprintf(p.Stdout, "The files belonging to this database system will be owned by user \"postgres\".\nThis user must also own the server process.\n\n"+
			"fixing permissions on existing directory %s ... ok\ncreating subdirectories ... ok\nperforming post-bootstrap initialization ... ok\nsyncing data to disk ... ok\n\n\n"+
			"PostgreSQL init process complete; ready for start up.\n\n", data)
	} else {
		fmt.Fprint(p.Stdout, "\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n")
	}
	if p.Usage.Claim(postgresMemory) != nil {
		return killedCode
	}
	defer func() { _ = p.Usage.Claim(-postgresMemory) }()
	logf := func(level, format string, args ...any) {
		fmt.Fprintf(p.Stderr, "%s UTC [%d] %s:  %s\n", time.Now().UTC().Format("2006-01-02 15:04:05.000"), p.PID, level, fmt.Sprintf(format, args...))
	}
	port := "5432"
	if v := p.Env["PGPORT"]; v != "" {
		port = v
	}
	l, err := p.Listen(ctx, "tcp", ":"+port)
	if err != nil {
		logf("LOG", "could not bind IPv4 address \"0.0.0.0\": Address already in use")
		logf("HINT", "Is another postmaster already running on port %s? If not, wait a few seconds and retry.", port)
		logf("FATAL", "could not create any TCP/IP sockets")
		return 1
	}
	logf("LOG", "starting PostgreSQL %s on x86_64-pc-linux-gnu, compiled by gcc (Debian 14.2.0-19) 14.2.0, 64-bit", p.Image.Version)
	logf("LOG", "listening on IPv4 address \"0.0.0.0\", port %s", port)
	logf("LOG", "listening on Unix socket \"/var/run/postgresql/.s.PGSQL.%s\"", port)
	logf("LOG", "database system was shut down at %s UTC", time.Now().UTC().Format("2006-01-02 15:04:05"))
	logf("LOG", "database system is ready to accept connections")
	stored, _ := p.Files.ReadFile(path.Join(data, "pg_superuser"))
	user, secret, _ := strings.Cut(strings.TrimSpace(string(stored)), "\n")
	server := &postgres{version: p.Image.Version, user: user, password: secret, logf: logf}
	stop := serveConnections(l, server.serve)
	select {
	case <-ctx.Done():
		stop()
		return killedCode
	case sig := <-signals:
		if sig == proc.SIGTERM {
			logf("LOG", "received smart shutdown request")
		} else {
			logf("LOG", "received fast shutdown request")
			logf("LOG", "aborting any active transactions")
		}
	}
	_ = l.Close()
	logf("LOG", "shutting down")
	logf("LOG", "database system is shut down")
	return 0
}

// secretFrom reads a variable, or the file that VARIABLE_FILE names.
func secretFrom(p *proc.Process, name string) (value string, code int) {
	value, file := p.Env[name], p.Env[name+"_FILE"]
	if value != "" && file != "" {
		fmt.Fprintf(p.Stderr, "error: both %s and %s_FILE are set (but are exclusive)\n", name, name)
		return "", 1
	}
	if file == "" {
		return value, 0
	}
	text, err := p.Files.ReadFile(file)
	if err != nil {
		fmt.Fprintf(p.Stderr, "/usr/local/bin/docker-entrypoint.sh: line 21: %s: No such file or directory\n", file)
		return "", 1
	}
	return strings.TrimRight(string(text), "\n"), 0
}

func errno(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// postgres speaks the PostgreSQL protocol, version 3, up to the log in.
type postgres struct {
	version, user, password string
	logf                    func(level, format string, args ...any)
}

// maxMessage bounds a message of a client, in bytes.
const maxMessage = 1 << 20

func (s *postgres) serve(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(conn)
	user, ok := s.startup(conn, in)
	if !ok {
		return
	}
	if s.password != "" {
		_, _ = conn.Write(message('R', []byte{0, 0, 0, 3})) // a password in clear text
		kind, body, err := readMessage(in)
		if err != nil || kind != 'p' {
			return
		}
		if user != s.user || strings.TrimRight(string(body), "\x00") != s.password {
			s.logf("FATAL", "password authentication failed for user %q", user)
			_, _ = conn.Write(postgresError("FATAL", "28P01", fmt.Sprintf("password authentication failed for user %q", user)))
			return
		}
	}
	out := message('R', []byte{0, 0, 0, 0})
	out = append(out, message('S', []byte("server_version\x00"+s.version+"\x00"))...)
	out = append(out, message('S', []byte("client_encoding\x00UTF8\x00"))...)
	out = append(out, message('Z', []byte{'I'})...)
	if _, err := conn.Write(out); err != nil {
		return
	}
	for {
		_ = conn.SetDeadline(time.Time{})
		kind, _, err := readMessage(in)
		if err != nil || kind == 'X' {
			return
		}
		if kind != 'Q' {
			continue
		}
		out := postgresError("ERROR", "0A000", "the sandbox's PostgreSQL accepts connections but runs no SQL")
		if _, err := conn.Write(append(out, message('Z', []byte{'I'})...)); err != nil {
			return
		}
	}
}

// startup reads the first message; it declines encryption.
func (s *postgres) startup(conn net.Conn, in *bufio.Reader) (user string, ok bool) {
	for {
		var head [8]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return "", false
		}
		size, code := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
		if size < 8 || size > maxMessage {
			return "", false
		}
		body := make([]byte, size-8)
		if _, err := io.ReadFull(in, body); err != nil {
			return "", false
		}
		if code == 80877103 || code == 80877104 { // SSLRequest, GSSENCRequest
			if _, err := conn.Write([]byte{'N'}); err != nil {
				return "", false
			}
			continue
		}
		if code>>16 != 3 {
			return "", false
		}
		words := strings.Split(string(body), "\x00")
		for i := 0; i+1 < len(words); i += 2 {
			if words[i] == "user" {
				user = words[i+1]
			}
		}
		return user, true
	}
}

func message(kind byte, body []byte) []byte {
	m := []byte{kind, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(m[1:], uint32(len(body)+4))
	return append(m, body...)
}

func postgresError(severity, code, text string) []byte {
	return message('E', []byte("S"+severity+"\x00V"+severity+"\x00C"+code+"\x00M"+text+"\x00\x00"))
}

func readMessage(in *bufio.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size < 4 || size > maxMessage {
		return 0, nil, fmt.Errorf("a message of %d bytes", size)
	}
	body = make([]byte, size-4)
	_, err = io.ReadFull(in, body)
	return head[0], body, err
}

// PostgresReady is pg_isready.
func PostgresReady(ctx context.Context, p *proc.Process) int {
	host, port := "/var/run/postgresql", "5432"
	args := p.Args[1:]
	for i, arg := range args {
		if i+1 < len(args) {
			switch arg {
			case "-h":
				host = args[i+1]
			case "-p":
				port = args[i+1]
			}
		}
	}
	address := "127.0.0.1"
	if !strings.HasPrefix(host, "/") {
		address = host
	}
	limit, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	conn, err := p.Dial(limit, "tcp", net.JoinHostPort(address, port))
	if err != nil {
		fmt.Fprintf(p.Stdout, "%s:%s - no response\n", host, port)
		return 2
	}
	conn.Close()
	fmt.Fprintf(p.Stdout, "%s:%s - accepting connections\n", host, port)
	return 0
}
