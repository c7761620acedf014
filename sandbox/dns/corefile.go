package dns

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// block is a server block of a Corefile: zones, a port, plugins.
type block struct {
	zones      []string // with a final dot
	port       string
	directives []directive
}

// directive is a plugin with its arguments and the lines of its own block.
type directive struct {
	name string
	args []string
	body [][]string
	line int
}

// known lists CoreDNS's plugins in the order in which they see a query; those
// in able are here.
var known = strings.Fields(`root metadata geoip cancel proxyproto quic grpc_server https https3 timeouts multisocket reload nsid
	bufsize bind debug trace ready health pprof shed prometheus errors log dnstap local dns64 any chaos loadbalance tsig rewrite autopath acl
	cache header dnssec tls minimal template transfer hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward
	grpc erratic whoami on sign view nomad`)

// parseCorefile reads a Corefile; file is its name in errors, which are those
// of CoreDNS.
func parseCorefile(file, text string) ([]block, error) {
	p := parser{file: file, tokens: tokenize(text)}
	var blocks []block
	for !p.end() {
		b, err := p.block()
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, b)
	}
	return blocks, nil
}

// token is a word; first is set for the first one of its line.
type token struct {
	text  string
	line  int
	first bool
}

// tokenize splits a Corefile: words at blanks, "quoted words", # comments.
func tokenize(text string) (tokens []token) {
	line, first := 1, true
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '\n':
			line, first = line+1, true
			i++
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '#':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case c == '"':
			var b strings.Builder
			start := line
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' && i+1 < len(text) && text[i+1] == '"' {
					i++
				}
				if text[i] == '\n' {
					line++
				}
				b.WriteByte(text[i])
			}
			i++
			tokens = append(tokens, token{b.String(), start, first})
			first = false
		default:
			start := i
			for i < len(text) && !strings.ContainsRune(" \t\r\n", rune(text[i])) {
				i++
			}
			tokens = append(tokens, token{text[start:i], line, first})
			first = false
		}
	}
	return tokens
}

type parser struct {
	file   string
	tokens []token
	at     int
}

func (p *parser) end() bool { return p.at >= len(p.tokens) }

func (p *parser) fail(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d - Error during parsing: %s", p.file, line, fmt.Sprintf(format, args...))
}

// rest takes the tokens that are left of a line; an opening brace at its end
// is taken and reported.
func (p *parser) rest() (words []string, opens bool) {
	for !p.end() && !p.tokens[p.at].first {
		words = append(words, p.tokens[p.at].text)
		p.at++
	}
	if n := len(words); n > 0 && words[n-1] == "{" {
		return words[:n-1], true
	}
	return words, false
}

func (p *parser) block() (block, error) {
	b := block{}
	line := p.tokens[p.at].line
	var keys []string
	opens := false
	for !p.end() && !opens {
		t := p.tokens[p.at]
		if opens = t.text == "{"; !opens {
			if len(keys) > 0 && t.first && !strings.HasSuffix(keys[len(keys)-1], ",") {
				break
			}
			keys = append(keys, t.text)
		}
		p.at++
	}
	if !opens && len(keys) > 0 && !p.end() {
		return b, p.fail(line, "Unexpected token '%s', expecting '{'", p.tokens[p.at].text)
	}
	for _, k := range keys {
		zone, port, err := parseKey(strings.TrimSuffix(k, ","))
		if err != nil {
			return b, p.fail(line, "%v", err)
		}
		b.zones, b.port = append(b.zones, zone), port
	}
	for opens {
		if p.end() {
			return b, p.fail(line, "Unexpected EOF")
		}
		t := p.tokens[p.at]
		p.at++
		if t.text == "}" {
			return b, nil
		}
		d := directive{name: t.text, line: t.line}
		if !slices.Contains(known, d.name) {
			return b, p.fail(t.line, "Unknown directive '%s'", d.name)
		}
		var braces bool
		if d.args, braces = p.rest(); braces {
			if err := p.body(&d); err != nil {
				return b, err
			}
		}
		b.directives = append(b.directives, d)
	}
	return b, nil
}

// body reads the lines of a plugin's block. Blocks in it belong to the line
// that opens them.
func (p *parser) body(d *directive) error {
	depth := 0
	for {
		if p.end() {
			return p.fail(d.line, "Unexpected EOF")
		}
		t := p.tokens[p.at]
		p.at++
		if t.text == "}" {
			if depth == 0 {
				return nil
			}
			depth--
			continue
		}
		words, opens := p.rest()
		d.body = append(d.body, append([]string{t.text}, words...))
		if opens {
			depth++
		}
	}
}

// parseKey reads ".:53", "example.org", "dns://example.org:1053".
func parseKey(key string) (zone, port string, err error) {
	key, port = strings.TrimPrefix(key, "dns://"), "53"
	if strings.Contains(key, "://") {
		return "", "", fmt.Errorf("the sandbox's CoreDNS listens with plain DNS only, not with %q", key)
	}
	if host, p, err := net.SplitHostPort(key); err == nil {
		key, port = host, p
	}
	if _, ok := dns.IsDomainName(key); !ok {
		return "", "", fmt.Errorf("invalid zone %q", key)
	}
	return dns.CanonicalName(key), port, nil
}
