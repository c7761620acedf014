package shell_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// What a command keeps of its input counts as its container's memory, and ends
// it at a bound.
func TestCommandsThatKeepTheirInputAreBounded(t *testing.T) {
	for name, script := range map[string]string{
		"sort":                 "yes | sort",
		"sort of a big line":   "dd if=/dev/zero bs=1M count=100000 | sort",
		"tac":                  "yes | tac",
		"tail":                 "yes | tail -n 1000000000",
		"tail of bytes":        "yes | tail -c 1000000000",
		"head":                 "yes | head -n -1000000000",
		"diff":                 "yes | diff - /dev/null",
		"xargs":                "yes | xargs echo",
		"uniq of a big line":   "cat /dev/zero | uniq",
		"cut of a big line":    "cat /dev/zero | cut -c 1",
		"grep of a big line":   "cat /dev/zero | grep x",
		"grep with a context":  "yes | grep -B 1000000000 x",
		"rev of a big line":    "cat /dev/zero | rev",
		"awk of a big line":    "cat /dev/zero | awk '{print $1}'",
		"sed of a big line":    "cat /dev/zero | sed s/a/b/",
		"sed holding":          "yes | sed -n 'H'",
		"a lot of matches":     "yes | head -n 1000000 | tr -d '\\n' | sed s/y/xxxxxxxxxxxxxxxxxxxx/g",
		"paste of a big line":  "cat /dev/zero | paste - -",
		"comm of a big line":   "cat /dev/zero | comm - /dev/null",
		"wide fields of sort":  "yes 'a b c' | sort -k 2",
		"a file without end":   "sort /dev/zero",
		"checking":             "yes | sort -c",
		"several of it":        "yes | sort | tac | sort",
		"one in the substitut": "x=$(yes | sort | head -n 1)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, kill := context.WithTimeout(t.Context(), 60*time.Second)
			defer kill()
			p := newTestTask(t, "busybox", "sh", "-c", script)
			p.Usage = proc.NewUsage(func() { kill() })
			p.Usage.SetLimits(0, 8<<20)
			got := runTask(t, ctx, p)
			if p.Usage.OutOfMemory() {
				return // as the kernel would have it
			}
			if !strings.Contains(got.Err, "out of memory") {
				t.Errorf("%s ended with %+v, and its container was not killed for its memory", script, got)
			}
		})
	}
}

// What passes through takes no memory, however much it is.
func TestCommandsThatStreamTakeNoMemory(t *testing.T) {
	for script, want := range map[string]string{
		"dd if=/dev/zero bs=1M count=16 2>/dev/null | tr '\\000' b | wc -c":                                "16777216\n",
		"dd if=/dev/zero bs=1M count=16 2>/dev/null | gzip | gunzip | wc -c":                               "16777216\n",
		"dd if=/dev/zero bs=1M count=16 2>/dev/null | base64 | base64 -d | wc -c":                          "16777216\n",
		"dd if=/dev/zero bs=1M count=16 2>/dev/null | od | tail -n 1":                                      "100000000\n",
		"dd if=/dev/zero bs=1M count=16 2>/dev/null | hexdump | tail -n 1":                                 "1000000\n",
		"dd if=/dev/zero bs=1M count=32 2>/dev/null | tail -c 3 | wc -c":                                   "3\n",
		"yes | head -n 100000 | uniq -c":                                                                   " 100000 y\n",
		"yes a:b | head -n 100000 | cut -d: -f2 | uniq":                                                    "b\n",
		"yes | head -n 100000 | grep -c y":                                                                 "100000\n",
		"yes | head -n 100000 | sed s/y/z/ | uniq":                                                         "z\n",
		"yes | head -n 100000 | awk 'END{print NR}'":                                                       "100000\n",
		"yes | head -n 100000 | nl | rev | paste - - | fold -w 3 | tail -n +2 | wc -l | tr -d '[:digit:]'": "\n",
		"yes | head -n 50000 | head -n -49999":                                                             "y\n",
		"dd if=/dev/zero bs=1M count=16 2>/dev/null | sha256sum | cut -c 1-8":                              "080acf35\n",
		"dd if=/dev/zero bs=1M count=32 2>/dev/null | cmp - /dev/zero 2>&1":                                "cmp: EOF on -\n",
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			p := newTestTask(t, "busybox", "sh", "-c", script)
			p.Usage.SetLimits(0, 8<<20)
			if got := runTask(t, t.Context(), p); got.Out != want {
				t.Errorf("%+v, want %q", got, want)
			}
			if held := p.Usage.Memory(); held != 0 {
				t.Errorf("%d bytes were not given back", held)
			}
		})
	}
}
