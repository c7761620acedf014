package terminal

import (
	"crypto/rand"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// setup holds what is added to each shell's own start-up files.
//
//go:embed setup
var setup embed.FS

// launch is how to start a shell.
type launch struct {
	path string
	args []string
	env  []string
	dir  string // start-up files made for it, to be removed at the end
	// nonce is what tells the shell's own marks from those that a program prints.
	nonce string
	clean bool // without the learner's own start-up files
	marks bool // the shell tells when it is ready
}

// prepare finds the shell and writes its start-up files. A clean shell reads
// none of the learner's own.
func prepare(cfg Config, clean bool) (launch, error) {
	base := cfg.Environ
	if base == nil {
		base = os.Environ()
	}
	path, err := findShell(cfg.Shell, lookup(base, "SHELL"))
	if err != nil {
		return launch{}, err
	}
	dir, err := os.MkdirTemp("", "k8stutor-shell-")
	if err != nil {
		return launch{}, fmt.Errorf("make a directory for the shell's start-up files: %w", err)
	}
	l := launch{path: path, dir: dir, env: environment(base, cfg), nonce: rand.Text(), clean: clean}
	if err := l.writeSetup(base, cfg); err != nil {
		os.RemoveAll(dir)
		return launch{}, fmt.Errorf("write the shell's start-up files: %w", err)
	}
	return l, nil
}

// findShell returns the path of the wanted shell, or of the first there is.
func findShell(wanted, login string) (string, error) {
	if wanted != "" {
		path, err := exec.LookPath(wanted)
		if err != nil {
			return "", fmt.Errorf("the shell %s cannot be run: %w", wanted, err)
		}
		return path, nil
	}
	names := []string{login, "bash", "sh"}
	if runtime.GOOS == "windows" {
		// A bash there is more often that of another system in the machine.
		names = []string{"pwsh", "powershell", "cmd"}
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no shell was found: none of %s can be run", strings.Join(slices.DeleteFunc(names, func(s string) bool { return s == "" }), ", "))
}

// writeSetup writes the start-up files for the kind of shell this is, and has
// the shell read them.
func (l *launch) writeSetup(base []string, cfg Config) error {
	cache := cfg.Cache
	if cache == "" {
		cache = l.dir
	}
	files := map[string]string{}
	in := func(name string) string { return filepath.Join(l.dir, name) }
	script := func(name string, quote func(string) string) string {
		b, _ := setup.ReadFile("setup/" + name) // there by construction
		return strings.NewReplacer("@NONCE@", l.nonce, "@DIR@", quote(l.dir), "@CACHE@", quote(cache)).Replace(string(b))
	}
	// own has the shell read one of the learner's files; what fails in it is seen
	// to by whoever waits for the first prompt.
	own := func(line string) string {
		if l.clean {
			return ""
		}
		return line + "\n"
	}
	l.marks = true
	switch kind := strings.TrimSuffix(filepath.Base(l.path), ".exe"); kind {
	case "bash":
		files["rc.bash"] = own("[ -r ~/.bashrc ] && . ~/.bashrc") + exports(cfg) + script("rc.bash", quote)
		l.args = []string{"--rcfile", in("rc.bash"), "-i"}
	case "zsh":
		files[".zshenv"], files[".zshrc"] = script("zshenv", quote), script("zshrc", quote)
		l.args = []string{"-i"}
		if l.clean {
			files[".zshenv"], files[".zshrc"] = "", "unset ZDOTDIR\nsource "+quote(in("rc.zsh"))+"\n"
			l.args = []string{"--no-globalrcs", "-i"}
		}
		files["rc.zsh"] = exports(cfg) + script("rc.zsh", quote)
		l.env = append(l.env, "ZDOTDIR="+l.dir, "K8STUTOR_ZDOTDIR="+lookup(base, "ZDOTDIR"))
	case "fish":
		files["rc.fish"] = fishExports(cfg) + script("rc.fish", fishQuote)
		files["completions/kubectl.fish"] = script("kubectl.fish", fishQuote)
		l.args = []string{"--init-command", "source " + fishQuote(in("rc.fish")), "-i"}
		if l.clean {
			l.args = append([]string{"--no-config"}, l.args...)
		}
	case "sh", "dash", "ash", "ksh", "mksh", "busybox":
		theirs := ""
		if f := lookup(base, "ENV"); f != "" {
			theirs = own("[ -r " + quote(f) + " ] && . " + quote(f))
		}
		files["rc.sh"] = theirs + exports(cfg) + script("rc.sh", quote)
		l.env = append(l.env, "ENV="+in("rc.sh"))
		l.args = []string{"-i"}
		if kind == "busybox" {
			l.args = []string{"sh", "-i"}
		}
	case "pwsh", "powershell":
		files["rc.ps1"] = powershellExports(cfg) + script("rc.ps1", powershellQuote)
		l.args = []string{"-NoLogo", "-NoExit", "-Command", ". " + powershellQuote(in("rc.ps1"))}
		l.marks = false // it tells of no prompt
	default: // all we know to do is in the environment
		l.marks = false
		return nil
	}
	files["completion.sh"] = script("completion.sh", quote)
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(in(name)), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(in(name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// exports sets what the configuration asks for, in the language of POSIX shells.
func exports(cfg Config) string {
	var b strings.Builder
	// An alias or a function could carry a context of its own past ours.
	// And a shell told to end when a command fails would end here.
	b.WriteString("set +eu\nunalias kubectl 2>/dev/null\nunset -f kubectl 2>/dev/null\n")
	if len(cfg.Path) > 0 {
		fmt.Fprintf(&b, "export PATH=%s:\"$PATH\"\n", quote(joinPath(cfg.Path)))
	}
	for _, kv := range cfg.Env {
		key, value, _ := strings.Cut(kv, "=")
		fmt.Fprintf(&b, "export %s=%s\n", key, quote(value))
	}
	return b.String()
}

func fishExports(cfg Config) string {
	var b strings.Builder
	b.WriteString("functions --erase kubectl\n")
	if len(cfg.Path) > 0 {
		b.WriteString("set -gx PATH")
		for _, dir := range cfg.Path {
			b.WriteString(" " + fishQuote(dir))
		}
		b.WriteString(" $PATH\n")
	}
	for _, kv := range cfg.Env {
		key, value, _ := strings.Cut(kv, "=")
		fmt.Fprintf(&b, "set -gx %s %s\n", key, fishQuote(value))
	}
	return b.String()
}

func powershellExports(cfg Config) string {
	var b strings.Builder
	for _, dir := range slices.Backward(cfg.Path) {
		fmt.Fprintf(&b, "$env:PATH = %s + [IO.Path]::PathSeparator + $env:PATH\n", powershellQuote(dir))
	}
	for _, kv := range cfg.Env {
		key, value, _ := strings.Cut(kv, "=")
		fmt.Fprintf(&b, "$env:%s = %s\n", key, powershellQuote(value))
	}
	return b.String()
}

// powershellQuote makes s one word of PowerShell.
func powershellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// quote makes s one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// fishQuote makes s one word of fish.
func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

func joinPath(dirs []string) string { return strings.Join(dirs, string(os.PathListSeparator)) }

// environment is that of the shell: base without what describes the terminal
// around us, and with what describes ours.
func environment(base []string, cfg Config) []string {
	env := slices.DeleteFunc(slices.Clone(base), func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return describesTerminal(key)
	})
	env = append(env, "TERM=xterm-256color", "COLORTERM=truecolor", "TERM_PROGRAM=k8stutor")
	// Without any locale, shells would take Chinese for single bytes.
	if lookup(base, "LC_ALL") == "" && lookup(base, "LC_CTYPE") == "" && lookup(base, "LANG") == "" {
		if runtime.GOOS == "darwin" {
			env = append(env, "LC_CTYPE=UTF-8")
		} else {
			env = append(env, "LC_CTYPE=C.UTF-8")
		}
	}
	if len(cfg.Path) > 0 {
		env = append(env, "PATH="+joinPath(append(slices.Clone(cfg.Path), lookup(base, "PATH"))))
	}
	return append(env, cfg.Env...)
}

// describesTerminal reports whether a variable tells programs about the
// terminal they run in, or about a multiplexer in it.
func describesTerminal(key string) bool {
	switch key {
	case "TERM", "TERMCAP", "COLORTERM", "COLORFGBG", "TERM_PROGRAM", "TERM_PROGRAM_VERSION",
		"LINES", "COLUMNS", "TMUX", "TMUX_PANE", "STY", "ZELLIJ", "VTE_VERSION", "WINDOWID",
		"WT_SESSION", "WT_PROFILE_ID", "LC_TERMINAL", "LC_TERMINAL_VERSION", "INSIDE_EMACS":
		return true
	}
	for _, prefix := range []string{"KITTY_", "ITERM_", "ALACRITTY_", "WEZTERM_", "GHOSTTY_", "KONSOLE_", "VSCODE_"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// lookup returns the value of key in env; of several the last counts.
func lookup(env []string, key string) string {
	for _, kv := range slices.Backward(env) {
		if k, v, ok := strings.Cut(kv, "="); ok && k == key {
			return v
		}
	}
	return ""
}
