package dig

import (
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// query is one question and how to ask and print it.
type query struct {
	name          string
	server        string // name or address; empty is what resolv.conf says
	port          int
	qtype, qclass uint16
	timeout       time.Duration // of one try
	tries         int
	ndots         int // -1: what resolv.conf says
	options       map[string]bool
	line          string // the command line, for the banner
}

func (q query) on(option string) bool { return q.options[option] }

func newQuery() query {
	return query{
		port: 53, qtype: dns.TypeA, qclass: dns.ClassINET, timeout: 5 * time.Second, tries: 3, ndots: -1,
		options: map[string]bool{
			"cmd": true, "comments": true, "question": true, "answer": true, "authority": true, "additional": true, "stats": true,
			"recurse": true, "edns": true, "adflag": true, "ttlid": true, "class": true,
		},
	}
}

// sections are the parts of the output that +all stands for.
var sections = [...]string{"cmd", "comments", "question", "answer", "authority", "additional", "stats"}

// flag finds an option that is on or off by any name it has. One that has no
// effect here is the empty word.
func flag(name string) (option string, known bool) {
	option, known = map[string]string{
		"short": "short", "tcp": "tcp", "vc": "tcp", "search": "search", "defname": "search", "recurse": "recurse", "rec": "recurse", "rdflag": "recurse",
		"cmd": "cmd", "comments": "comments", "question": "question", "answer": "answer", "authority": "authority", "additional": "additional", "stats": "stats",
		"ttlid": "ttlid", "ttl": "ttlid", "class": "class", "cl": "class", "edns": "edns", "adflag": "adflag", "ignore": "ignore",
		"aaflag": "", "aaonly": "", "cdflag": "", "cookie": "", "dnssec": "", "do": "", "fail": "", "identify": "", "keepopen": "", "multiline": "",
		"nsid": "", "onesoa": "", "opcode": "", "qr": "", "rrcomments": "", "showsearch": "", "split": "", "besteffort": "", "badcookie": "", "idnin": "", "idnout": "", "mapped": "", "crypto": "",
	}[name]
	return option, known
}

// usageError is what dig says about its command line, in its own words.
type usageError string

func (e usageError) Error() string { return string(e) }

func complaint(format string, args ...any) error { return usageError(fmt.Sprintf(format, args...)) }

var errVersion = errors.New("the version is asked for")

// parse reads a command line. What comes before the first name holds for all
// questions, what follows a name for its own.
func parse(args []string) ([]query, error) {
	global := newQuery()
	global.line = strings.Join(args, " ")
	var list []query
	current := &global
	add := func(name string) {
		q := global
		q.options = maps.Clone(global.options)
		q.name = name
		list = append(list, q)
		current = &list[len(list)-1]
	}
	typed := false // a type that stands before its name is the name's
	for i := 0; i < len(args); i++ {
		arg := args[i]
		next := func() (string, error) {
			if i++; i >= len(args) {
				return "", complaint("Invalid option: %s", arg)
			}
			return args[i], nil
		}
		switch {
		case strings.HasPrefix(arg, "@"):
			current.server = arg[1:]
		case strings.HasPrefix(arg, "+"):
			if err := current.option(arg[1:]); err != nil {
				return nil, err
			}
		case arg == "-v":
			return nil, errVersion
		case arg == "-4", arg == "-u", arg == "-m", arg == "-r":
		case strings.HasPrefix(arg, "-x"):
			value := arg[2:]
			if value == "" {
				var err error
				if value, err = next(); err != nil {
					return nil, err
				}
			}
			reverse, err := dns.ReverseAddr(value)
			if err != nil {
				return nil, complaint("Invalid IP address %s", value)
			}
			add(reverse)
			current.qtype = dns.TypePTR
		case len(arg) >= 2 && arg[0] == '-' && strings.ContainsRune("pqtcb", rune(arg[1])):
			value := arg[2:]
			if value == "" {
				var err error
				if value, err = next(); err != nil {
					return nil, err
				}
			}
			if arg[1] == 'q' {
				add(value)
			} else if err := current.set(arg[1], value); err != nil {
				return nil, err
			}
		case strings.HasPrefix(arg, "-"):
			return nil, complaint("Invalid option: %s", arg)
		default:
			if qtype, ok := dns.StringToType[strings.ToUpper(arg)]; ok && qtype != dns.TypeNone && (len(list) == 0 || !typed) {
				current.qtype, typed = qtype, true
				continue
			}
			if class, ok := dns.StringToClass[strings.ToUpper(arg)]; ok {
				current.qclass = class
				continue
			}
			add(arg)
			typed = current.qtype != dns.TypeA
		}
	}
	if len(list) == 0 {
		add(".")
		if !typed {
			current.qtype = dns.TypeNS
		}
	}
	return list, nil
}

// set handles the options that are a letter with a value.
func (q *query) set(letter byte, value string) error {
	switch letter {
	case 'p':
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return complaint("Couldn't parse port number '%s'", value)
		}
		q.port = int(n)
	case 't':
		qtype, ok := dns.StringToType[strings.ToUpper(value)]
		if !ok {
			return complaint(";; Warning, ignoring invalid type %s", value)
		}
		q.qtype = qtype
	case 'c':
		class, ok := dns.StringToClass[strings.ToUpper(value)]
		if !ok {
			return complaint(";; Warning, ignoring invalid class %s", value)
		}
		q.qclass = class
	}
	return nil
}

// option handles +word, +noword and +word=value.
func (q *query) option(text string) error {
	word, value, hasValue := strings.Cut(strings.ToLower(text), "=")
	number := func(into *int) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return complaint("Couldn't parse %s '%s'", word, value)
		}
		*into = n
		return nil
	}
	switch {
	case word == "time" || word == "timeout":
		seconds := 5
		if err := number(&seconds); err != nil {
			return err
		}
		q.timeout = time.Duration(max(1, seconds)) * time.Second
		return nil
	case word == "tries" && hasValue:
		return number(&q.tries)
	case word == "retry" && hasValue:
		err := number(&q.tries)
		q.tries++
		return err
	case word == "ndots" && hasValue:
		return number(&q.ndots)
	case word == "bufsize", word == "padding", word == "subnet", word == "domain", word == "ednsopt", word == "ednsflags":
		return nil
	}
	name, off := word, false
	if _, known := flag(name); !known && name != "all" {
		name, off = strings.CutPrefix(word, "no")
	}
	if name == "all" {
		for _, s := range sections {
			q.options[s] = !off
		}
		return nil
	}
	set, known := flag(name)
	if !known {
		return complaint("Invalid option: +%s", text)
	}
	q.options[set] = !off
	return nil
}
