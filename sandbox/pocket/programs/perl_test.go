package programs_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
)

func runPerl(t *testing.T, args ...string) (out, errOut string, code int) {
	t.Helper()
	c := &proc.Container{Table: proc.NewTable(), Usage: proc.NewUsage(nil)}
	p := c.NewProcess(append([]string{"perl"}, args...), nil, "/")
	var o, e bytes.Buffer
	p.Stdout, p.Stderr = &o, &e
	code = p.Run(t.Context(), programs.Perl)
	return o.String(), e.String(), code
}

func TestPerlComputesPi(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out, _, code := runPerl(t, "-Mbignum=bpi", "-wle", "print bpi(1001)")
		if code != 0 || len(out) != 1003 || !strings.HasPrefix(out, "3.14159265358979323846264338327950288419716939937510582097494459") || !strings.HasSuffix(out, "2164201989\n") {
			t.Errorf("exit code %d, %d characters: %s", code, len(out), out)
		}
		if out, _, _ := runPerl(t, "-Mbignum=bpi", "-we", "print bpi(5)"); out != "3.1416" {
			t.Errorf("5 digits: %q", out)
		}
	})
}

func TestPerlSaysThatItIsNoPerl(t *testing.T) {
	t.Parallel()
	if _, errOut, code := runPerl(t, "-e", "print 1"); code != 2 || !strings.Contains(errOut, "the sandbox has no Perl") {
		t.Errorf("exit code %d: %s", code, errOut)
	}
}
