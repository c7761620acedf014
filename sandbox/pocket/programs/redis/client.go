package redis

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// CLI is redis-cli: one command, or those of standard input.
func CLI(ctx context.Context, p *proc.Process) int {
	host, port, password, db := "127.0.0.1", "6379", p.Env["REDISCLI_AUTH"], ""
	raw := p.TTY == nil
	args := p.Args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		value := func(to *string) {
			if len(args) > 1 {
				*to, args = args[1], args[1:]
			}
		}
		switch args[0] {
		case "-h":
			value(&host)
		case "-p":
			value(&port)
		case "-a", "--pass":
			value(&password)
			fmt.Fprintln(p.Stderr, "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.")
		case "-n":
			value(&db)
		case "--raw":
			raw = true
		case "--no-raw":
			raw = false
		case "--no-auth-warning":
		case "-v", "--version":
			fmt.Fprintf(p.Stdout, "redis-cli %s\n", p.Image.Version)
			return 0
		default:
			fmt.Fprintf(p.Stderr, "Unrecognized option or bad number of args for: '%s'\n", args[0])
			return 1
		}
		args = args[1:]
	}
	address := net.JoinHostPort(host, port)
	conn, err := p.Dial(ctx, "tcp", address)
	if err != nil {
		fmt.Fprintf(p.Stderr, "Could not connect to Redis at %s: %s\n", address, cause(err))
		return 1
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	c := newClient(conn)
	if password != "" {
		if answer, err := c.do("AUTH", password); err == nil && strings.HasPrefix(answer.text, "ERR") {
			fmt.Fprintf(p.Stderr, "AUTH failed: %s\n", answer.text)
		}
	}
	if db != "" {
		_, _ = c.do("SELECT", db)
	}
	if len(args) > 0 {
		return c.print(p, raw, args)
	}
	return c.session(p, raw, address)
}

func cause(err error) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return "Name or service not known"
	case strings.Contains(err.Error(), "refused"):
		return "Connection refused"
	case strings.Contains(err.Error(), "timed out"), strings.Contains(err.Error(), "timeout"):
		return "Connection timed out"
	case strings.Contains(err.Error(), "no route"):
		return "No route to host"
	}
	return err.Error()
}

// session carries out the lines of standard input.
func (c *client) session(p *proc.Process, raw bool, address string) int {
	prompt := func() {
		if p.TTY != nil {
			fmt.Fprintf(p.Stdout, "%s> ", address)
		}
	}
	lines := bufio.NewScanner(p.Stdin)
	for prompt(); lines.Scan(); prompt() {
		words := split(lines.Text())
		if len(words) == 0 {
			continue
		}
		if w := strings.ToLower(words[0]); w == "quit" || w == "exit" {
			return 0
		}
		if c.print(p, raw, words) != 0 {
			return 1
		}
	}
	return 0
}

// split cuts a line into words, with quotes.
func split(line string) (words []string) {
	word, quote, inside := "", rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word += string(r)
		case r == '"' || r == '\'':
			quote, inside = r, true
		case r == ' ' || r == '\t':
			if inside {
				words = append(words, word)
			}
			word, inside = "", false
		default:
			word, inside = word+string(r), true
		}
	}
	if inside {
		words = append(words, word)
	}
	return words
}

func (c *client) print(p *proc.Process, raw bool, words []string) int {
	answer, err := c.do(words...)
	if err != nil {
		fmt.Fprintln(p.Stderr, "Error: Server closed the connection")
		return 1
	}
	if raw {
		fmt.Fprintln(p.Stdout, answer.raw())
	} else {
		fmt.Fprintln(p.Stdout, answer.pretty(""))
	}
	return 0
}

// client speaks the protocol of Redis over a connection.
type client struct {
	out io.Writer
	in  *bufio.Reader
}

func newClient(conn net.Conn) *client { return &client{out: conn, in: bufio.NewReader(conn)} }

func (c *client) do(words ...string) (value, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	if _, err := io.WriteString(c.out, b.String()); err != nil {
		return value{}, err
	}
	return c.read(0)
}

// value is an answer of the server.
type value struct {
	kind byte // + - : $ *
	text string
	none bool
	list []value
}

// maxAnswer bounds what a server may send in one answer, in bytes or elements.
const maxAnswer = 16 << 20

func (c *client) read(depth int) (value, error) {
	line, err := c.in.ReadString('\n')
	if err != nil {
		return value{}, err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return value{}, errors.New("an empty answer")
	}
	v := value{kind: line[0], text: line[1:]}
	switch v.kind {
	case '$', '*', '%', '~', '>':
		n, err := strconv.Atoi(v.text)
		if err != nil || n > maxAnswer || depth > 32 {
			return v, fmt.Errorf("a malformed answer: %q", line)
		}
		if n < 0 {
			v.none = true
			return v, nil
		}
		if v.kind == '$' {
			text := make([]byte, n+2)
			if _, err := io.ReadFull(c.in, text); err != nil {
				return v, err
			}
			v.text = string(text[:n])
			return v, nil
		}
		if v.kind == '%' {
			n *= 2
		}
		for range n {
			e, err := c.read(depth + 1)
			if err != nil {
				return v, err
			}
			v.list = append(v.list, e)
		}
		v.kind = '*'
	case '_':
		v.none = true
	}
	return v, nil
}

func (v value) raw() string {
	if v.none {
		return ""
	}
	if v.kind != '*' {
		return v.text
	}
	lines := make([]string, len(v.list))
	for i, e := range v.list {
		lines[i] = e.raw()
	}
	return strings.Join(lines, "\n")
}

func (v value) pretty(indent string) string {
	switch {
	case v.none:
		return "(nil)"
	case v.kind == ':':
		return "(integer) " + v.text
	case v.kind == '-':
		return "(error) " + v.text
	case v.kind == '$':
		return strconv.Quote(v.text)
	case v.kind != '*':
		return v.text
	case len(v.list) == 0:
		return "(empty array)"
	}
	lines := make([]string, len(v.list))
	for i, e := range v.list {
		number := fmt.Sprintf("%d) ", i+1)
		lines[i] = number + e.pretty(indent+strings.Repeat(" ", len(number)))
		if i > 0 {
			lines[i] = indent + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// ReplyError is an answer of the server that begins with -.
type ReplyError struct{ Text string }

// Error implements error.
func (e *ReplyError) Error() string { return e.Text }

// Do sends one command over a connection and returns the answer as text; what
// does not exist is the empty text. A server that refuses is a ReplyError.
func Do(conn net.Conn, words ...string) (string, error) {
	answer, err := newClient(conn).do(words...)
	if err == nil && answer.kind == '-' {
		err = &ReplyError{answer.text}
	}
	if err != nil {
		return "", err
	}
	return answer.raw(), nil
}
