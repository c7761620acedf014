package shell_test

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/sandbox/pocket/catalogue"
	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// result is what a command printed and how it ended.
type result struct {
	Out, Err string
	Code     int
}

// runIn runs a command of an image with the files of the host's directory dir
// nowhere to be seen.
func runIn(t *testing.T, imageName string, argv ...string) result {
	t.Helper()
	return runTask(t, t.Context(), newTestTask(t, imageName, argv...))
}

func newTestTask(t *testing.T, imageName string, args ...string) *proc.Process {
	t.Helper()
	ref, err := catalogue.ParseReference(imageName)
	if err != nil {
		t.Fatal(err)
	}
	product, err := catalogue.Find(ref)
	if err != nil {
		t.Fatal(err)
	}
	host, err := vnet.New().AddHost(netip.MustParseAddr("10.244.0.2"))
	if err != nil {
		t.Fatal(err)
	}
	container := &proc.Container{
		Files: files.New(), Net: host, Hostname: "web-0", Table: proc.NewTable(), Usage: proc.NewUsage(nil),
		Image: proc.Image{Ref: ref.String(), Repository: ref.Name(), Version: product.Version, LookUp: product.LookUp},
	}
	return container.NewProcess(args, map[string]string{"HOME": "/root", "GREETING": "hi there", "PATH": "/usr/bin:/bin"}, "/")
}

func runTask(t *testing.T, ctx context.Context, p *proc.Process) result {
	t.Helper()
	program, ok := p.Image.LookUp(p.Args[0])
	if !ok {
		t.Fatalf("%s has no %q", p.Image.Ref, p.Args[0])
	}
	var out, errOut bytes.Buffer
	p.Stdout, p.Stderr = &out, &errOut
	code := p.Run(ctx, program)
	return result{out.String(), errOut.String(), code}
}

func TestScriptsDoWhatBusyboxDoes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script string
		want   result
	}{
		"exit gives its code":                  {"echo a; exit 7; echo b", result{"a\n", "", 7}},
		"the last command gives the code":      {"true; false", result{"", "", 1}},
		"an unknown command is not found":      {"kubectl get pods; echo $?", result{"127\n", "sh: kubectl: not found\n", 0}},
		"an unknown last command ends it":      {"nosuch", result{"", "sh: nosuch: not found\n", 127}},
		"the environment is visible":           {`echo "$GREETING"; env | grep GREETING; printenv GREETING`, result{"hi there\nGREETING=hi there\nhi there\n", "", 0}},
		"arithmetic and loops":                 {"i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done", result{"1\n2\n3\n", "", 0}},
		"pipes":                                {"printf 'b\\na\\nb\\n' | sort | uniq -c | wc -l", result{"2\n", "", 0}},
		"files of the container":               {"echo x > /tmp/f; echo y >> /tmp/f; cat /tmp/f; rm /tmp/f; cat /tmp/f", result{"x\ny\n", "cat: can't open '/tmp/f': No such file or directory\n", 1}},
		"redirection to the standard streams":  {"echo out > /dev/stdout; echo err > /dev/stderr; echo gone > /dev/null", result{"out\n", "err\n", 0}},
		"set -e ends at the first failure":     {"set -e; false; echo not reached", result{"", "", 1}},
		"a trap on EXIT runs":                  {"trap 'echo bye' EXIT; echo hi", result{"hi\nbye\n", "", 0}},
		"functions and substitution":           {"f() { echo \"<$1>\"; }; x=$(f a); echo $x", result{"<a>\n", "", 0}},
		"command -v knows the image's own":     {"command -v sleep; command -v go || echo none", result{"/bin/sleep\nnone\n", "", 0}},
		"a syntax error":                       {"if true", result{"", "sh: syntax error: unexpected end of file (expecting \"then\")\n", 2}},
		"test on files":                        {"[ -d /tmp ] && [ ! -e /etc/nothing ] && echo ok", result{"ok\n", "", 0}},
		"globs see the container's files":      {"touch /tmp/b /tmp/a; echo /tmp/*", result{"/tmp/a /tmp/b\n", "", 0}},
		"hostname":                             {"hostname", result{"web-0\n", "", 0}},
		"false in an or list":                  {"false || echo rescued", result{"rescued\n", "", 0}},
		"exec replaces the shell":              {"exec echo replaced; echo never", result{"replaced\n", "", 0}},
		"cut and tr":                           {"echo a:b:c | cut -d: -f2 | tr a-z A-Z", result{"B\n", "", 0}},
		"head and tail":                        {"seq 5 | head -n 4 | tail -2", result{"3\n4\n", "", 0}},
		"test as a command of its own":         {"/bin/test 1 = 1 && busybox echo yes", result{"yes\n", "", 0}},
		"a user's home is not looked up":       {"echo ~root ~nosuchuser", result{"/root ~nosuchuser\n", "", 0}},
		"the user is root, whoever runs it":    {"id -u; whoami", result{"0\nroot\n", "", 0}},
		"grep tells whether it found":          {"echo abc | grep -q b && echo abc | grep -q z", result{"", "", 1}},
		"expr counts":                          {"expr 2 + 3", result{"5\n", "", 0}},
		"a heredoc":                            {"cat <<E\nhi $GREETING\nE", result{"hi hi there\n", "", 0}},
		"background jobs are waited for":       {"(sleep 0.01; echo late) & wait; echo done", result{"late\ndone\n", "", 0}},
		"source is the container's":            {". /etc/profile", result{"", "sh: .: line 0: can't open '/etc/profile': No such file or directory\n", 2}},
		"process substitution needs the host":  {"cat <(echo x)", result{"", "sh: syntax error: unexpected \"(\"\n", 2}},
		"nor does eval get at it":              {"eval 'cat <(echo x)'", result{"", "sh: syntax error: unexpected \"(\"\n", 2}},
		"a trap cannot get at it either":       {"trap 'cat <(echo x)' EXIT", result{"", "sh: syntax error: unexpected \"(\"\n", 2}},
		"sleep refuses what is no number":      {"sleep x", result{"", "sleep: invalid number 'x'\n", 1}},
		"timeout ends a command":               {"timeout 0.01 sleep 5; echo $?", result{"143\n", "", 0}},
		"a directory is not a file":            {"cat /tmp", result{"", "cat: read error: Is a directory\n", 1}},
		"a file in a missing folder":           {"echo x > /no/f", result{"", "sh: can't create /no/f: nonexistent directory\n", 1}},
		"working directories":                  {"mkdir -p /a/b && cd /a/b && pwd && cd ../.. && pwd", result{"/a/b\n/\n", "", 0}},
		"cp and mv":                            {"echo 1 > /tmp/a; cp /tmp/a /tmp/b; mv /tmp/b /tmp/c; cat /tmp/a /tmp/c; ls /tmp", result{"1\n1\na\nc\n", "", 0}},
		"printf as a command of an env":        {"env A=b sh -c 'printf %s $A'", result{"b", "", 0}},
		"sed substitutes and deletes":          {"printf 'a1\\nb2\\n' | sed -e 's/\\([a-z]\\)\\([0-9]\\)/\\2\\1/' -e '/2b/d'", result{"1a\n", "", 0}},
		"awk prints fields":                    {"echo 'x y z' | awk '{print $2, $NF}'", result{"y z\n", "", 0}},
		"tar carries files":                    {"mkdir /tmp/d; echo 1 > /tmp/d/f; tar cf - -C /tmp d | tar xf - -C /var/tmp; cat /var/tmp/d/f", result{"1\n", "", 0}},
		"a background job has a PID":           {"sleep 100 & kill $!; wait $!; echo $?", result{"143\n", "Terminated\n", 0}},
		"pipefail":                             {"set -o pipefail; false | true; echo $?", result{"1\n", "", 0}},
		"the end of a pipe kills its writer":   {"yes | head -n 1", result{"y\n", "", 0}},
		"wc counts in columns":                 {"echo a b | wc", result{"        1         2         4\n", "", 0}},
		"base64 goes both ways":                {"echo hi | base64 | base64 -d", result{"hi\n", "", 0}},
		"find finds":                           {"mkdir -p /tmp/x/y; touch /tmp/x/y/z; find /tmp/x -name z -type f", result{"/tmp/x/y/z\n", "", 0}},
		"links are shown":                      {"ln -s /etc/hosts /tmp/l; readlink /tmp/l", result{"/etc/hosts\n", "", 0}},
		"grep counts lines":                    {"printf 'a\\nb\\na\\n' | grep -n a", result{"1:a\n3:a\n", "", 0}},
		"the mutation of x by a subshell ends": {"x=1; (x=2); echo $x", result{"1\n", "", 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, runIn(t, "busybox", "sh", "-c", tc.script)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.script, diff)
			}
		})
	}
}

func TestNoScriptReachesTheHost(t *testing.T) {
	t.Parallel()
	host := t.TempDir()
	secret := filepath.Join(host, "secret")
	if err := os.WriteFile(secret, []byte("host secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	trap := filepath.Join(host, "trap")
	program := filepath.Join(host, "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\ntouch "+trap+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{
		"cat " + secret, "cat < " + secret, "read x < " + secret + "; echo $x", ". " + secret, "source " + secret,
		"echo " + host + "/*", "ls " + host, "cd " + host + " && cat secret", "[ -e " + secret + " ] && echo host secret",
		"head " + secret, "tail " + secret, "grep host " + secret, "sort " + secret, "cp " + secret + " /tmp/s; cat /tmp/s",
		"while read l; do echo $l; done < " + secret, "mapfile -t a < " + secret + "; echo $a", "sh " + secret,
		"x=$(< " + secret + "); echo $x", "eval 'cat " + secret + "'", "busybox cat " + secret, "env cat " + secret,
		program, "exec " + program, "sh -c " + program, "env " + program, "timeout 1 " + program, "PATH=" + host + " program",
		"PATH=" + host + "; command -v program && echo host secret", "type " + program + " && echo host secret",
		"echo x > " + trap, "touch " + trap, "tee " + trap + " < /dev/null", "mkdir -p " + trap, "mv /etc/hostname " + trap,
		"cd /; ls | grep -v '^\\(bin\\|dev\\)' | grep -x 'boot\\|lib64' && echo host secret", "rm -rf " + host, "trap 'touch " + trap + "' EXIT",
	} {
		got := runIn(t, "busybox", "sh", "-c", script)
		if strings.Contains(got.Out+got.Err, "host secret") {
			t.Errorf("%s printed %q", script, got.Out+got.Err)
		}
	}
	if _, err := os.Stat(trap); err == nil {
		t.Error("a script wrote to the host or ran a program of it")
	}
	if _, err := os.Stat(secret); err != nil {
		t.Errorf("a script removed a file of the host: %v", err)
	}
}

func TestKillEndsEveryKindOfWait(t *testing.T) {
	t.Parallel()
	for _, script := range []string{
		"sleep infinity", "sleep 1000", "tail -f /dev/null", "while true; do sleep 1; done", "while :; do :; done",
		"yes > /dev/null", "yes | cat > /dev/null", "sleep 1000 & wait", "cat | sleep 1000", "for i in $(seq 3); do sleep 100; done",
		"nginx", "true | while true; do true; done", "trap '' TERM; sleep 1000",
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			ctx, kill := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer kill()
			done := make(chan struct{})
			tk := newTestTask(t, "nginx", "sh", "-c", script)
			go func() {
				defer close(done)
				runTask(t, ctx, tk)
			}()
			select {
			case <-done:
			case <-time.After(20 * time.Second):
				t.Error("still running long after it was killed")
			}
		})
	}
}

func TestATrapRunsAfterTheCommandThatWaited(t *testing.T) {
	t.Parallel()
	tk := newTestTask(t, "busybox", "sh", "-c", "trap 'echo caught; exit 5' TERM; while true; do sleep 0.01; done")
	time.AfterFunc(50*time.Millisecond, func() { tk.Signal(proc.SIGTERM) })
	if diff := cmp.Diff(result{"caught\n", "", 5}, runTask(t, t.Context(), tk)); diff != "" {
		t.Error(diff)
	}
}

func TestBusyLoopsAreSlowedDown(t *testing.T) {
	t.Parallel()
	ctx, kill := context.WithTimeout(t.Context(), 3*time.Second)
	defer kill()
	tk := newTestTask(t, "busybox", "sh", "-c", "i=0; trap 'echo $i' EXIT; while [ $i -lt 100000 ]; do i=$((i+1)); done")
	if got := runTask(t, ctx, tk); got.Code != 128+9 {
		t.Errorf("a hundred thousand commands ran within 3 seconds: %+v", got)
	}
}
