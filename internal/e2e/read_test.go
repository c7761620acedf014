package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// TestNotesOnTheScreen reads notes with every key that reading has, in a terminal
// and, with the notes coming from a pipe, in one that is no stdin.
func TestNotesOnTheScreen(t *testing.T) {
	home := t.TempDir()
	notes := filepath.Join(home, "notes.md")
	text := "# Meine Notizen\n\nä½ å¥½ï¼Œä¸–ç•Œ. A Pod and [docs](https://kubernetes.io/docs/)[^1].\n\n```bash\nkubectl get pods\n```\n\n" +
		"## Zwei\n\nA Service needle.\n\n## Drei\n\n" + strings.Repeat("Words of a long page.\n\n", 200) + "the needle is here\n\n[^1]: The footnote.\n"
	if err := os.WriteFile(notes, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func(args ...string) *tuitest.T {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = environment(home, "C.UTF-8")
		cmd.Dir = home
		return tuitest.Setup{Timeout: time.Minute}.Command(t, cmd, 80, 24)
	}
	tt := start(built.tutor, "read", "notes.md")
	tt.Wait("page 1 of 3")
	tt.Wait("你好，世界")
	tt.Wait("characters were mended")
	tt.Keys("y")
	tt.Wait("Copied: kubectl get pods")
	tt.Wait("explain terms") // the glossary has been read
	tt.Keys("K")
	tt.Wait("The smallest thing that Kubernetes runs.")
	tt.Keys("esc")
	tt.Gone("The smallest thing that Kubernetes runs.")
	tt.Keys("f", "2")
	tt.Wait("─ Footnote [1] ")
	tt.Keys("esc")
	tt.ClickText("docs")
	tt.Wait("https://kubernetes.io/docs/")
	tt.Keys("esc", "/")
	tt.Type("needle\r")
	tt.Wait("not found  2 on other pages")
	tt.Keys("n")
	tt.Wait("On the page: Zwei")
	tt.Keys("n")
	tt.Wait("the needle is here")
	tt.Resize(120, 40)
	tt.Wait("Contents")
	tt.Wait("the needle is here")
	tt.Keys("esc", "t", "g", "enter")
	tt.Wait("page 1 of 3")
	tt.Keys("l")
	tt.Wait("第 1 页，共 3 页")
	tt.Keys("q")
	tt.Exit(0)

	tt = start("sh", "-c", "cat notes.md | '"+built.tutor+"' read -")
	tt.Wait("page 1 of 3")
	tt.Keys("n")
	tt.Wait("A Service needle")
	tt.Keys("q")
	tt.Exit(0)
}
