// Package samples plays the sample applications that tutorials on Kubernetes use:
// Google's guestbook and hello-app, and servers that answer with the request.
package samples

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/phpapache"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/redis"
)

const (
	// scriptCost is the CPU time of the guestbook's script.
	scriptCost = 2 * time.Millisecond
	// dialLimit is Predis' own.
	dialLimit = 5 * time.Second
	// connectionFile is where Predis throws when it cannot connect.
	connectionFile = "/usr/local/lib/php/Predis/Connection/AbstractConnection.php"
	clientFile     = "/usr/local/lib/php/Predis/Client.php"
)

// GuestbookFrontend is the web server of the image gb-frontend: a page, and a
// script that writes to one Redis and reads from others. Their names were
// redis-master and redis-slave up to version 4.
func GuestbookFrontend(ctx context.Context, p *proc.Process) int {
	g := guestbook{leader: "redis-leader", follower: "redis-follower"}
	switch tag := p.Image.Ref[strings.LastIndex(p.Image.Ref, ":")+1:]; tag {
	case "v1", "v2", "v3", "v4":
		g = guestbook{leader: "redis-master", follower: "redis-slave"}
	}
	return phpapache.Server{Apache: "2.4.38", PHP: "7.4.7", Scripts: map[string]phpapache.Script{"/guestbook.php": g.script}}.Run(ctx, p)
}

// GuestbookFiles are what the image gb-frontend serves.
func GuestbookFiles() map[string]string {
	return map[string]string{
		phpapache.Root + "/index.html":     guestbookPage,
		phpapache.Root + "/controllers.js": guestbookControllers,
		phpapache.Root + "/guestbook.php":  "<?php\n// Played by the sandbox: cmd=set stores value under key at the leader, any other cmd reads key from a follower.\n",
	}
}

// FollowerScript is /run.sh of an image whose Redis follows the server of a name.
func FollowerScript(leader string) string {
	variable := strings.ToUpper(strings.ReplaceAll(leader, "-", "_")) + "_SERVICE_HOST"
	return "#!/bin/sh\n# GET_HOSTS_FROM=env finds the server by environment variables, anything else by DNS.\n" +
		"host=" + leader + "\nif [ \"$GET_HOSTS_FROM\" = env ]; then\n  host=$" + variable + "\nfi\nexec redis-server --replicaof \"$host\" 6379\n"
}

// guestbook are the names of the Services that the script uses.
type guestbook struct{ leader, follower string }

// script is guestbook.php.
func (g guestbook) script(ctx context.Context, p *proc.Process, w http.ResponseWriter, r *http.Request) error {
	if err := p.Usage.Spend(ctx, scriptCost); err != nil {
		return err
	}
	q := r.URL.Query()
	if !q.Has("cmd") {
		fmt.Fprintf(w, "<!DOCTYPE html>\n<html><head><title>PHP 7.4.7 - phpinfo()</title></head>\n<body><h1>PHP Version 7.4.7</h1></body></html>\n")
		return nil
	}
	w.Header().Set("Content-Type", "application/json")
	if q.Get("cmd") == "set" {
		if _, err := g.call(ctx, p, g.leader, "SET", q.Get("key"), q.Get("value")); err != nil {
			return err
		}
		fmt.Fprint(w, `{"message": "Updated"}`)
		return nil
	}
	value, err := g.call(ctx, p, g.follower, "GET", q.Get("key"))
	if err != nil {
		return err
	}
	fmt.Fprint(w, `{"data": "`+value+`"}`)
	return nil
}

// call sends one command to a Service, on a connection of its own as PHP does.
func (g guestbook) call(ctx context.Context, p *proc.Process, service string, words ...string) (string, error) {
	host := service
	if p.Env["GET_HOSTS_FROM"] == "env" {
		host = p.Env[strings.ToUpper(strings.ReplaceAll(service, "-", "_"))+"_SERVICE_HOST"]
	}
	limit, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	conn, err := p.Dial(limit, "tcp", net.JoinHostPort(host, "6379"))
	if err != nil {
		return "", connectionError(host, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	answer, err := redis.Do(conn, words...)
	var refused *redis.ReplyError
	switch {
	case errors.As(err, &refused):
		return "", &phpapache.Fatal{Exception: `Predis\Response\ServerException`, Message: refused.Text, File: clientFile, Line: 370}
	case err != nil:
		return "", &phpapache.Fatal{
			Exception: `Predis\Connection\ConnectionException`, File: connectionFile, Line: 155,
			Message: "Error while reading line from the server. [tcp://" + host + ":6379]",
		}
	}
	return answer, nil
}

// connectionError says why there is no connection as PHP does.
func connectionError(host string, err error) error {
	message := err.Error()
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown) && unknown.IsNotFound:
		message = "php_network_getaddresses: getaddrinfo failed: Name or service not known"
	case errors.As(err, &unknown):
		message = "php_network_getaddresses: getaddrinfo failed: Temporary failure in name resolution"
	case strings.Contains(message, "refused"):
		message = "Connection refused"
	case strings.Contains(message, "no route"):
		message = "No route to host"
	case errors.Is(err, context.DeadlineExceeded) || strings.Contains(message, "timed out"):
		message = "Connection timed out"
	}
	return &phpapache.Fatal{
		Exception: `Predis\Connection\ConnectionException`, Message: message + " [tcp://" + host + ":6379]", File: connectionFile, Line: 155,
	}
}

// The page is our own: it needs nothing from elsewhere.
const guestbookPage = `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>Guestbook</title>
<style>
body { font-family: sans-serif; max-width: 35em; margin: 2em auto; }
</style>
</head>
<body>
<h2>Guestbook</h2>
<form id="form">
<input id="message" placeholder="Messages" autofocus>
<button>Submit</button>
</form>
<div id="messages"></div>
<script src="controllers.js"></script>
</body>
</html>
`

const guestbookControllers = `const messages = [];

function show() {
  const box = document.getElementById('messages');
  box.replaceChildren(...messages.map(text => {
    const line = document.createElement('p');
    line.textContent = text;
    return line;
  }));
}

function call(query) {
  return fetch('guestbook.php?' + new URLSearchParams({key: 'messages', ...query})).then(answer => answer.json());
}

document.getElementById('form').addEventListener('submit', event => {
  event.preventDefault();
  const field = document.getElementById('message');
  messages.push(field.value);
  field.value = '';
  show();
  call({cmd: 'set', value: messages.join()});
});

call({cmd: 'get'}).then(answer => {
  messages.push(...answer.data.split(',').filter(Boolean));
  show();
});
`
