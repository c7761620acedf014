package shell_test

import (
	"bytes"
	"errors"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAppletsDoWhatTheRealBusyboxDoes runs the same scripts in a container and
// with the BusyBox of this machine.
func TestAppletsDoWhatTheRealBusyboxDoes(t *testing.T) {
	t.Parallel()
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox on PATH")
	}
	const numbers = `printf '10\n9\n2\n1\n2\n-3\n0.5\n' | `
	const table = `printf 'bob:3:x\nAlice:20:y\ncarol:3:b\nbob:1:a\n' | `
	const words = `printf 'b a\nb a\nc\nA\na\na\n' | `
	for _, script := range []string{
		numbers + "sort", numbers + "sort -n", numbers + "sort -rn", numbers + "sort -un", numbers + "sort -c",
		table + "sort -t: -k2", table + "sort -t: -k2n", table + "sort -t: -k2,2n -k1,1", table + "sort -t: -k2nr -k3", table + "sort -f", table + "sort -t : -k 1.2",
		table + "sort -t: -k1,1 -s", table + "sort -t: -k1,1 -u", "printf 'v1.10\\nv1.9\\n' | sort -V", "printf 'Mar\\nJan\\n' | sort -M",
		words + "uniq", words + "uniq -c", words + "uniq -d", words + "uniq -u", words + "uniq -i", words + "uniq -cd", words + "uniq -f1", words + "uniq -w1 -c",
		"echo 'aabbcc  dd' | tr -s ' '", "echo aabbcc | tr -s a-c", "echo hello | tr a-y b-z", "echo 'a1b2' | tr -d 0-9", "echo 'a1b2' | tr -cd 0-9", "echo Hi | tr '[:upper:]' '[:lower:]'", "echo 'a b' | tr ' ' '\\n'", "echo abc | tr -c 'a\\n' x", "echo aab | tr -ds a b",
		table + "cut -d: -f1", table + "cut -d: -f2-", table + "cut -c1-3", table + "cut -d: -f1,3", "echo abc | cut -d: -f1", "echo abc | cut -s -d: -f1", "echo abc | cut -b 2",
		"seq 20 | head", "seq 20 | head -3", "seq 20 | head -n -17", "seq 20 | head -c 5", "seq 20 | tail", "seq 20 | tail -n 2", "seq 20 | tail -n +19", "seq 20 | tail -c 4", "seq 20 | tail +19",
		"seq 3 > a; seq 2 > b; head -n 1 a b; tail -n 1 a b; head -q -n 1 a b; wc -l a b; cat a b; seq 2 > a; paste a b", "head -n 1 nosuch; echo $?", "tail -n 1 nosuch; echo $?",
		"seq 3 | paste -s -d,", "seq 4 | paste - -", "seq 3 | tac", "echo abc | rev", "printf 'a\\n\\nb\\n' | nl", "printf 'a\\n\\nb\\n' | nl -ba", "echo abcdefgh | fold -w 3",
		"printf 'a b\\nc' | wc", "printf 'a b\\nc' | wc -l", "printf 'a b\\nc' | wc -c", "printf 'a b\\nc' | wc -w",
		"echo hello world, this is it | od", "echo hello | od -c", "echo hello | od -An -tx1", "echo hello | od -t x1", "echo hello | od -b", "echo hello | od -t d2", "echo hello | od -x",
		"echo hello | base64", "echo aGVsbG8K | base64 -d", "seq 40 | base64", "echo x | md5sum", "echo hello | hexdump -C", "echo hello | hexdump",
		"printf 'a\\nb\\n' > a; printf 'a\\nc\\n' > b; cmp a b", "printf a > a; printf ab > b; cmp a b",
		"seq 9 | grep -n 5", "seq 9 | grep -c .", "seq 9 | grep -A1 -B1 5", "seq 20 | grep -v 1", "echo foobar | grep -o o.", "echo x | grep y; echo $?", "echo a.b | grep -F .", "seq 3 > a; grep 1 a nosuch; echo $?",
		"seq 5 | sed -n 2,3p", "seq 5 | sed 2d", "seq 5 | sed '$!d'", "echo aaa | sed s/a/b/2", "echo abc | sed 's/\\(a\\)\\(b\\)/\\2\\1/'", "printf a | sed p", "seq 2 | sed 'a x'", "seq 4 | sed -n '$='", "seq 4 | sed 'N;s/\\n/-/'", "seq 3 | sed 3q", "seq 3 | sed -n 'H;${x;s/\\n/,/g;p}'", "seq 4 | sed '/2/,/3/s/^/x/'",
		"echo 'a b c' | awk '{print $2}'", table + "awk -F: '$2==3{print $1}'", "seq 5 | awk '{s+=$1} END{print s}'", "seq 5 | awk 'NR==2,NR==3'", "seq 5 | awk 'NR>3'", "echo a b | awk '{printf \"%s-%s\\n\",$2,$1}'",
		"seq 3 | xargs", "seq 3 | xargs -n 1 echo x", "seq 2 | xargs -I{} echo a{}b", "expr 3 + 4", "expr 3 '*' 4", "expr 1 = 2; echo $?", "basename /a/b.c .c", "dirname /a/b", "seq 2 2 6", "seq 3 -1 1",
		"echo -e 'a\\tb'", "echo -n a", "printf '%05d|%-4s|%x\\n' 42 ab 255", "printf '%s\\n' a b", "date -u -d @0", "date -u -d @86400 +%F", "test 1 -lt 2; echo $?", "[ a = b ]; echo $?", "sleep x; echo $?", "yes | head -n 2", "cat nosuch; echo $?", "mkdir a; ls -d a; rmdir a; ls a; echo $?", "ln -s x y; readlink y", "touch f; chmod 600 f; stat -c '%a %n' f", "echo x > f; cp f g; cat g; mv g h; ls", "rm nosuch; echo $?", "rm -f nosuch; echo $?", "mkdir -p a/b; touch a/b/c; find a", "find . -name 'x*'", "echo abc | dd bs=1 count=2 2>/dev/null",
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			real := exec.CommandContext(t.Context(), busybox, "sh", "-c", script)
			real.Dir = t.TempDir()
			// BusyBox, where it is built to prefer its own applets, needs nothing else.
			real.Env = []string{"PATH=" + applets(t, busybox), "LC_ALL=C", "TZ=UTC"}
			var out, errOut bytes.Buffer
			real.Stdout, real.Stderr = &out, &errOut
			err := real.Run()
			if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			p := newTestTask(t, "busybox", "sh", "-c", "mkdir -p /w && cd /w && "+script)
			if diff := cmp.Diff(result{out.String(), errOut.String(), real.ProcessState.ExitCode()}, runTask(t, t.Context(), p)); diff != "" {
				t.Errorf("%s (-BusyBox +here):\n%s", script, diff)
			}
		})
	}
}

// applets makes a directory with a link to BusyBox for every applet.
func applets(t *testing.T, busybox string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), busybox, "--install", "-s", dir).CombinedOutput(); err != nil {
		t.Fatalf("busybox --install: %v: %s", err, out)
	}
	return dir
}
