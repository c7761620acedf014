package nginx

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// directive is one statement of a configuration: its words, and what stands in
// its braces.
type directive struct {
	name  string
	args  []string
	block []directive // nil when it ends with a semicolon
	file  string
	line  int
}

// configError is what nginx says of a configuration it cannot use.
type configError struct {
	text string
	file string
	line int
}

func (e *configError) Error() string { return fmt.Sprintf("%s in %s:%d", e.text, e.file, e.line) }

func (d directive) errorf(format string, args ...any) error {
	return &configError{fmt.Sprintf(format, args...), d.file, d.line}
}

// misplaced is the error for a directive in a block that it does not belong to.
func (d directive) misplaced() error { return d.errorf("%q directive is not allowed here", d.name) }

// arg is the i-th argument, or nothing.
func (d directive) arg(i int) string {
	if i < len(d.args) {
		return d.args[i]
	}
	return ""
}

// find returns the directives with a name.
func find(block []directive, name string) (found []directive) {
	for _, d := range block {
		if d.name == name {
			found = append(found, d)
		}
	}
	return found
}

// last returns the arguments of the last directive with a name, or nil.
func last(block []directive, name string) []string {
	var args []string
	for _, d := range block {
		if d.name == name {
			args = d.args
		}
	}
	return args
}

// source is where configuration files are read.
type source interface {
	ReadFile(name string) ([]byte, error)
	Glob(pattern string) []string
}

// parseFile reads a configuration file with all that it includes.
func parseFile(files source, name string) ([]directive, error) {
	return parseIncluded(files, name, 0)
}

// maxIncludes bounds how deep files may include one another.
const maxIncludes = 20

func parseIncluded(files source, name string, depth int) ([]directive, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("open() %q failed (2: No such file or directory)", name)
	}
	s := &scanner{text: string(text), file: name, line: 1}
	block, err := s.block(false)
	if err != nil {
		return nil, err
	}
	return include(files, block, depth)
}

// include puts the content of included files in the place of the directive.
func include(files source, block []directive, depth int) ([]directive, error) {
	var all []directive
	for _, d := range block {
		if d.block != nil {
			inner, err := include(files, d.block, depth)
			if err != nil {
				return nil, err
			}
			if inner == nil {
				inner = []directive{}
			}
			d.block = inner
		}
		if d.name != "include" {
			all = append(all, d)
			continue
		}
		if len(d.args) != 1 || depth >= maxIncludes {
			return nil, d.errorf("invalid number of arguments in %q directive", "include")
		}
		pattern := d.args[0]
		if !path.IsAbs(pattern) {
			pattern = path.Join("/etc/nginx", pattern)
		}
		names := []string{pattern}
		if strings.ContainsAny(pattern, "*?[") {
			names = files.Glob(pattern) // none is no error
		}
		for _, name := range names {
			inner, err := parseIncluded(files, name, depth+1)
			if err != nil {
				if _, ok := err.(*configError); ok {
					return nil, err
				}
				return nil, d.errorf("%s", err)
			}
			all = append(all, inner...)
		}
	}
	return all, nil
}

// parseText parses what -g gives.
func parseText(text string) ([]directive, error) {
	s := &scanner{text: text, file: "command line", line: 0}
	return s.block(false)
}

// scanner cuts a configuration into words.
type scanner struct {
	text string
	at   int
	file string
	line int
}

// block reads directives up to the closing brace, or to the end of the file.
func (s *scanner) block(inner bool) ([]directive, error) {
	list := []directive{}
	for {
		d := directive{}
		for {
			word, quoted, ok := s.word()
			switch {
			case !ok && len(d.args) == 0 && d.name == "":
				if inner {
					return nil, &configError{"unexpected end of file, expecting \"}\"", s.file, s.line}
				}
				return list, nil
			case !ok:
				return nil, &configError{"unexpected end of file, expecting \";\" or \"}\"", s.file, s.line}
			case word == ";" && !quoted:
				if d.name == "" {
					return nil, &configError{"unexpected \";\"", s.file, s.line}
				}
				list = append(list, d)
			case word == "{" && !quoted:
				if d.name == "" {
					return nil, &configError{"unexpected \"{\"", s.file, s.line}
				}
				var err error
				if d.block, err = s.block(true); err != nil {
					return nil, err
				}
				list = append(list, d)
			case word == "}" && !quoted:
				if d.name != "" {
					return nil, &configError{"unexpected \"}\"", s.file, s.line}
				}
				if !inner {
					return nil, &configError{"unexpected \"}\"", s.file, s.line}
				}
				return list, nil
			case d.name == "":
				d.name, d.file, d.line = word, s.file, s.line
				if !slices.Contains(known, word) {
					return nil, d.errorf("unknown directive %q", word)
				}
				continue
			default:
				d.args = append(d.args, word)
				continue
			}
			break
		}
	}
}

// word reads the next word; the marks ; { } are words of their own.
func (s *scanner) word() (word string, quoted, ok bool) {
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == '\n':
			s.line++
			s.at++
		case c == ' ' || c == '\t' || c == '\r':
			s.at++
		case c == '#':
			for s.at < len(s.text) && s.text[s.at] != '\n' {
				s.at++
			}
		case strings.IndexByte(";{}", c) >= 0:
			s.at++
			return string(c), false, true
		case c == '"' || c == '\'':
			return s.quoted(c), true, true
		default:
			return s.plain(), false, true
		}
	}
	return "", false, false
}

func (s *scanner) quoted(mark byte) string {
	var b strings.Builder
	for s.at++; s.at < len(s.text) && s.text[s.at] != mark; s.at++ {
		c := s.text[s.at]
		if c == '\n' {
			s.line++
		}
		if c == '\\' && s.at+1 < len(s.text) {
			s.at++
			switch c = s.text[s.at]; c {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			case 'r':
				c = '\r'
			case '"', '\'', '\\':
			default:
				b.WriteByte('\\')
			}
		}
		b.WriteByte(c)
	}
	s.at++
	return b.String()
}

func (s *scanner) plain() string {
	start := s.at
	for s.at < len(s.text) {
		c := s.text[s.at]
		if c == '$' && s.at+1 < len(s.text) && s.text[s.at+1] == '{' {
			s.at += 2 // a variable in braces is no block
			for s.at < len(s.text) && s.text[s.at] != '}' {
				s.at++
			}
			s.at++
			continue
		}
		if strings.IndexByte(" \t\r\n;{}", c) >= 0 {
			break
		}
		s.at++
	}
	return s.text[start:min(s.at, len(s.text))]
}

// known are the directives that are accepted. Those that the server here does
// not act on change nothing that a client could see, or little.
var known = strings.Fields(`
absolute_redirect accept_mutex access_log add_header aio alias allow auth_basic auth_basic_user_file autoindex charset client_body_buffer_size
client_body_timeout client_header_buffer_size client_header_timeout client_max_body_size daemon debug_connection default_type deny directio env error_log
error_page etag events expires fastcgi_buffers fastcgi_index fastcgi_param fastcgi_pass fastcgi_read_timeout gzip gzip_comp_level gzip_disable
gzip_http_version gzip_min_length gzip_proxied gzip_static gzip_types gzip_vary hash http http2 if if_modified_since ignore_invalid_headers include index internal ip_hash keepalive
keepalive_disable keepalive_requests keepalive_timeout large_client_header_buffers least_conn limit_conn limit_conn_zone limit_except limit_rate limit_req limit_req_zone
listen load_module location log_format log_not_found map map_hash_bucket_size merge_slashes multi_accept open_file_cache open_file_cache_valid pid port_in_redirect proxy_buffer_size proxy_buffering
proxy_buffers proxy_cache proxy_cache_path proxy_connect_timeout proxy_hide_header proxy_http_version proxy_intercept_errors proxy_next_upstream proxy_pass proxy_pass_request_headers
proxy_read_timeout proxy_redirect proxy_request_buffering proxy_send_timeout proxy_set_header proxy_ssl_server_name proxy_ssl_verify real_ip_header reset_timedout_connection resolver resolver_timeout
return rewrite root sendfile sendfile_max_chunk send_timeout server server_name server_name_in_redirect server_names_hash_bucket_size server_names_hash_max_size server_tokens set set_real_ip_from ssl_certificate
ssl_certificate_key ssl_ciphers ssl_prefer_server_ciphers ssl_protocols ssl_session_cache ssl_session_timeout stub_status sub_filter tcp_nodelay tcp_nopush try_files
types types_hash_bucket_size types_hash_max_size underscores_in_headers upstream use user variables_hash_max_size worker_connections worker_priority worker_processes worker_rlimit_nofile zone
text/html text/css text/xml text/plain text/javascript application/javascript application/json application/xml image/gif image/jpeg image/png image/svg+xml image/webp image/x-icon
font/woff font/woff2 application/pdf application/zip application/gzip application/octet-stream application/wasm video/mp4 audio/mpeg
`)
