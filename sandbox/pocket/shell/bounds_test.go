package shell_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// A script may do its worst: it ends by itself or when it is killed, and what it
// took is bounded.
func TestNoScriptHarmsTheDaemon(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("(", 200_000)
	for name, script := range map[string]string{
		"doubling a variable":          "a=xxxxxxxxxxxxxxxx; while true; do a=$a$a; done",
		"doubling without a command":   "a=xxxxxxxxxxxxxxxx; for i in 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9; do a=$a$a$a$a; done",
		"doubling in a substitution":   "a=xxxxxxxxxxxxxxxx; while true; do a=$(echo $a$a); done",
		"doubling the parameters":      `set -- x x x x; while true; do set -- "$@" "$@"; done`,
		"replacing by something long":  "a=$(printf %65000s x); a=$a$a$a$a$a$a$a$a; while true; do a=${a//x/$a}; a=${a// /$a}; done",
		"forking without end":          ":(){ :|:& };:; sleep 100",
		"subshells in subshells":       "f(){ (f); }; f",
		"recursion":                    "f(){ f; }; f",
		"recursion in a substitution":  "f(){ echo $(f); }; f",
		"recursion by eval":            "a='eval \"$a\"'; eval \"$a\"",
		"a script that runs itself":    "echo 'sh /tmp/s' > /tmp/s; sh /tmp/s",
		"a script that sources itself": "echo '. /tmp/s' > /tmp/s; . /tmp/s",
		"recursion of arithmetic":      "a=b; b=a; echo $((a))",
		"a trap in a trap":             "trap 'kill -USR1 $$' USR1; kill -USR1 $$; while true; do :; done",
		"brackets without end":         deep,
		"substitutions without end":    strings.Repeat("$(", 200_000),
		"arithmetic without end":       "echo $((" + strings.Repeat("!", 300_000) + "1))",
		"an operator chain":            "echo $((" + strings.Repeat("1=", 150_000) + "1))",
		"a chain of lists":             strings.Repeat("true && ", 60_000) + "true",
		"ifs without end":              strings.Repeat("if true; then ", 20_000),
		"quotes in quotes":             strings.Repeat(`"${a:-`, 50_000),
		"a wide format":                "printf %999999999s x; printf '%*s' 999999999 x",
		"a long count":                 "seq 1 9999999999 > /dev/null",
		"files without end":            "while true; do yes > /tmp/$i; i=x$i; done",
		"many files":                   "i=0; while true; do echo > /tmp/$i; i=$((i+1)); done",
		"background jobs without end":  "while true; do sleep 1000 & done",
		"a pipe that nobody reads":     "yes | sleep 1000",
		"a huge glob":                  "i=0; while [ $i -lt 300 ]; do echo > /tmp/$i; i=$((i+1)); done; echo /tmp/*/../*/../*/../*/../* | wc -c",
		"a regular expression":         "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | grep -E '((a*)*)*b'; echo x | grep -E '((((x{100}){100}){100}){100})'",
		"xargs of itself":              "echo 'xargs sh /tmp/s < /tmp/s' > /tmp/s; sh /tmp/s",
		"sort of everything":           "yes | sort",
		"tail of everything":           "yes | tail -n 1000000000",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, kill := context.WithTimeout(t.Context(), 3*time.Second)
			defer kill()
			done := make(chan struct{})
			p := newTestTask(t, "busybox", "sh", "-c", script)
			go func() {
				defer close(done)
				runTask(t, ctx, p)
			}()
			select {
			case <-done:
			case <-time.After(30 * time.Second):
				t.Error("still running long after it was killed")
			}
		})
	}
}
