package commandline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWordsAreSplitAsAShellDoes(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		`a 'b c' "d \" e" f\ g ''`:     {"a", "b c", `d " e`, "f g", ""},
		`a|b&&c>d`:                     {"a", "|", "b", "&&", "c", ">", "d"},
		"a \\\n b":                     {"a", "b"},
		`-o jsonpath='{.x["y"]}'`:      {"-o", `jsonpath={.x["y"]}`},
		`"a\b" 'c\d'`:                  {`a\b`, `c\d`},
		"  ":                           nil,
		"获取 'Pod 列表'":                  {"获取", "Pod 列表"},
		`kubectl get po -l 'a in (b)'`: {"kubectl", "get", "po", "-l", "a in (b)"},
	} {
		got, err := Words(line)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Words(%q) = %v (-want +got):\n%s", line, err, diff)
		}
	}
	for _, line := range []string{`a "b`, `a 'b`, `a\`} {
		if got, err := Words(line); err == nil {
			t.Errorf("Words(%q) = %q; want an error", line, got)
		}
	}
}
