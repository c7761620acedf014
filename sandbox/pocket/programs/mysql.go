package programs

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"
	"path"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// mysqlMemory is what a new MySQL server takes, in bytes.
const mysqlMemory = 380 << 20

// MySQL is the image's entrypoint and the server, as far as starting: it wants
// to be told about the root password, initialises the data directory, listens,
// and greets clients; it lets nobody log in.
func MySQL(ctx context.Context, p *proc.Process) int {
	if len(p.Args) > 1 && (p.Args[1] == "--version" || p.Args[1] == "-V") {
		fmt.Fprintf(p.Stdout, "/usr/sbin/mysqld  Ver %s for Linux on x86_64 (MySQL Community Server - GPL)\n", p.Image.Version)
		return 0
	}
	signals := p.Notify(proc.SIGTERM, proc.SIGINT)
	note := func(level, format string, args ...any) {
		fmt.Fprintf(p.Stdout, "%s [%s] [Entrypoint]: %s\n", time.Now().UTC().Format("2006-01-02 15:04:05+00:00"), level, fmt.Sprintf(format, args...))
	}
	note("Note", "Entrypoint script for MySQL Server %s-1.el9 started.", p.Image.Version)
	const data = "/var/lib/mysql"
	password, code := secretFrom(p, "MYSQL_ROOT_PASSWORD")
	if code != 0 {
		return code
	}
	if _, err := p.Files.Stat(path.Join(data, "mysql")); err != nil {
		if password == "" && p.Env["MYSQL_ALLOW_EMPTY_PASSWORD"] == "" && p.Env["MYSQL_RANDOM_ROOT_PASSWORD"] == "" {
			note("ERROR", "Database is uninitialized and password option is not specified\n"+
				"    You need to specify one of the following as an environment variable:\n"+
				"    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD")
			return 1
		}
		note("Note", "Initializing database files")
		if !proc.Sleep(ctx, 500*time.Millisecond) {
			return killedCode
		}
		if err := writeFile(p, path.Join(data, "mysql", "initialized"), p.Image.Version+"\n"); err != nil {
			fmt.Fprintf(p.Stderr, "mysqld: Can't create directory '%s/' (OS errno 13 - %s)\n", data, errno(err))
			return 1
		}
		note("Note", "Database files initialized")
		if db := p.Env["MYSQL_DATABASE"]; db != "" {
			note("Note", "Creating database %s", db)
		}
		if user := p.Env["MYSQL_USER"]; user != "" {
			note("Note", "Creating user %s", user)
		}
		note("Note", "MySQL init process done. Ready for start up.")
	}
	if p.Usage.Claim(mysqlMemory) != nil {
		return killedCode
	}
	defer func() { _ = p.Usage.Claim(-mysqlMemory) }()
	logf := func(level, code, format string, args ...any) {
		fmt.Fprintf(p.Stderr, "%s 0 [%s] [%s] [Server] %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), level, code, fmt.Sprintf(format, args...))
	}
	logf("System", "MY-010116", "/usr/sbin/mysqld (mysqld %s) starting as process %d", p.Image.Version, p.PID)
	l, err := p.Listen(ctx, "tcp", ":3306")
	if err != nil {
		logf("ERROR", "MY-010262", "Can't start server: Bind on TCP/IP port: Address already in use")
		logf("ERROR", "MY-010257", "Do you already have another mysqld server running on port: 3306 ?")
		logf("ERROR", "MY-010119", "Aborting")
		return 1
	}
	logf("System", "MY-010931", "/usr/sbin/mysqld: ready for connections. Version: '%s'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.", p.Image.Version)
	stop := serveConnections(l, func(conn net.Conn) { greet(conn, p.Image.Version) })
	select {
	case <-ctx.Done():
		stop()
		return killedCode
	case <-signals:
	}
	_ = l.Close()
	logf("System", "MY-013172", "Received SHUTDOWN from user <via user signal>. Shutting down mysqld (Version: %s).", p.Image.Version)
	logf("System", "MY-010910", "/usr/sbin/mysqld: Shutdown complete (mysqld %s)  MySQL Community Server - GPL.", p.Image.Version)
	return 0
}

// greet sends the handshake of protocol version 10 and refuses the log in.
func greet(conn net.Conn, version string) {
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	salt := make([]byte, 20)
	rand.Read(salt) // never fails, see crypto/rand
	body := append([]byte{10}, version...)
	body = append(body, 0, 1, 0, 0, 0)
	body = append(body, salt[:8]...)
	body = append(body, 0, 0xff, 0xf7, 0xff, 2, 0, 0xff, 0xdf, 21)
	body = append(body, make([]byte, 10)...)
	body = append(body, salt[8:]...)
	body = append(body, 0)
	body = append(body, "caching_sha2_password\x00"...)
	if _, err := conn.Write(packet(0, body)); err != nil {
		return
	}
	buf := make([]byte, 4<<10)
	if n, err := conn.Read(buf); err != nil || n < 5 {
		return
	}
	refused := append([]byte{0xff, 0x15, 0x04}, "#28000Access denied: the sandbox's MySQL accepts connections but runs no SQL"...)
	_, _ = conn.Write(packet(2, refused))
}

func packet(sequence byte, body []byte) []byte {
	head := make([]byte, 4)
	binary.LittleEndian.PutUint32(head, uint32(len(body)))
	head[3] = sequence
	return append(head, body...)
}

// MySQLAdmin is mysqladmin, of which `ping` matters: probes call it.
func MySQLAdmin(ctx context.Context, p *proc.Process) int {
	host := "127.0.0.1"
	for i, arg := range p.Args {
		if (arg == "-h" || arg == "--host") && i+1 < len(p.Args) {
			host = p.Args[i+1]
		} else if h, ok := strings.CutPrefix(arg, "-h"); ok && h != "" {
			host = h
		}
	}
	limit, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	conn, err := p.Dial(limit, "tcp", net.JoinHostPort(host, "3306"))
	if err != nil {
		fmt.Fprintf(p.Stderr, "mysqladmin: connect to server at '%s' failed\nerror: 'Can't connect to MySQL server on '%s:3306' (111)'\nCheck that mysqld is running on %s and that the port is 3306.\n", host, host, host)
		return 1
	}
	conn.Close()
	fmt.Fprintln(p.Stdout, "mysqld is alive")
	return 0
}
