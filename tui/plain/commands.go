package plain

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/k8stutor/k8stutor/lessons"
)

// command is something that can be typed. Its names and what is said of it are
// in the words of each language, by id.
type command struct {
	id  string
	run func(ctx context.Context, arg string) error
}

// commandWords are the names of a command and what it does, in one language.
// The first name is the word, a second one of a single letter is for the quick.
type commandWords struct{ names, does string }

// everywhere are the commands that work in every place.
func (t *talk) everywhere() []command {
	plain := func(id string, run func(context.Context) error) command {
		return command{id, func(ctx context.Context, _ string) error { return run(ctx) }}
	}
	return []command{
		plain("help", t.help),
		plain("again", t.arrive),
		plain("where", t.sayWhere),
		plain("back", t.back),
		plain("home", t.goHome),
		{"find", t.find},
		{"glossary", t.glossary},
		{"memory", t.review},
		{"known", t.memory},
		plain("welcome", t.greet),
		plain("cluster", func(ctx context.Context) error { return t.goTo(ctx, &clusterPlace{}) }),
		{"language", t.language},
		{"page", t.setPage},
		plain("settings", t.settings),
		plain("doctor", t.doctor),
		{"run", t.runCommand},
		plain("shell", t.shell),
		plain("quit", func(context.Context) error { return errLeave }),
	}
}

// obey does what a line asks for.
func (t *talk) obey(ctx context.Context, line string) error {
	line = strings.TrimSpace(lessons.Printable(line))
	here := t.here()
	expected := expects(here)
	if shell, ok := shellLine(line, expected == freeText); ok {
		return t.runCommand(ctx, shell)
	}
	if c, arg, ok := t.match(line, here.commands(t), t.everywhere()); ok &&
		(expected == nothing || utf8.RuneCountInString(line) > 1 || line == "?" || line == "？") &&
		(expected != freeText || arg == "") {
		return c.run(ctx, arg)
	}
	understood, err := here.other(ctx, t, line)
	if err != nil || understood || line == "" {
		return err
	}
	t.sayf(t.words.NotUnderstood, line)
	return nil
}

// expectation is what a place wants to hear beside commands.
type expectation int

const (
	nothing  expectation = iota
	letters              // a single letter is an answer
	freeText             // a whole line is an answer; commands are single words
)

func expects(p place) expectation {
	if a, ok := p.(interface{ expects() expectation }); ok {
		return a.expects()
	}
	return nothing
}

// shellLine takes the command out of "!kubectl get pods". What begins with
// kubectl is meant for the shell too.
func shellLine(line string, free bool) (string, bool) {
	for _, mark := range []string{"!", "！"} {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			return strings.TrimSpace(rest), true
		}
	}
	first, _, more := strings.Cut(line, " ")
	return line, !free && more && (first == "kubectl" || first == "k")
}

// match finds the command that a line names: by its word or letter, in either
// language. Letters count as they are typed, as the keys of the screens do.
func (t *talk) match(line string, lists ...[]command) (c command, arg string, ok bool) {
	name, arg, _ := strings.Cut(normal(line), " ")
	for _, list := range lists {
		for _, c := range list {
			if slices.Contains(t.names(c.id), fold(name)) {
				return c, strings.TrimSpace(arg), true
			}
		}
	}
	return command{}, "", false
}

// fold makes words of more than one letter lower case.
func fold(name string) string {
	if utf8.RuneCountInString(name) > 1 {
		return strings.ToLower(name)
	}
	return name
}

// names are the names of a command in all languages.
func (t *talk) names(id string) []string {
	var names []string
	for _, w := range t.tongues {
		names = append(names, strings.Fields(w.Commands[id].names)...)
	}
	return names
}

// normal writes the marks of a Chinese keyboard as commands have them.
func normal(line string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\u3000':
			return ' '
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xfee0
		}
		return r
	}, line))
}

// number reads a line that is a number from 1 to n, as an index.
func number(line string, n int) (int, bool) {
	i, err := strconv.Atoi(strings.TrimSuffix(normal(line), "."))
	return i - 1, err == nil && i >= 1 && i <= n
}

// help says what can be typed here.
func (t *talk) help(ctx context.Context) error {
	wordsOnly := expects(t.here()) != nothing // a letter is an answer there
	list := func(head string, commands []command) []string {
		lines := t.paragraph(head)
		for _, c := range commands {
			w := t.words.Commands[c.id]
			names := strings.Join(slices.DeleteFunc(strings.Fields(w.names), func(name string) bool {
				return wordsOnly && utf8.RuneCountInString(name) == 1 && name != "?" && name != "？" && name != "!"
			}), t.words.Or)
			lines = append(lines, t.out.wrap("  ", "    ", names+t.words.Colon+w.does)...)
		}
		return lines
	}
	here := t.here().commands(t)
	var own []command
	for _, c := range t.everywhere() { // a place may mean something of its own by a word
		if !slices.ContainsFunc(here, func(h command) bool { return h.id == c.id }) {
			own = append(own, c)
		}
	}
	var blocks [][]string
	if len(here) > 0 {
		blocks = append(blocks, list(t.words.HelpHere, here))
	}
	blocks = append(blocks, list(t.words.HelpEverywhere, own), t.paragraph(t.words.HelpMore))
	_, err := t.recite(ctx, blocks)
	return err
}

func (t *talk) sayWhere(context.Context) error {
	var names []string
	for _, p := range t.places {
		names = append(names, p.where(t))
	}
	t.say(strings.Join(names, t.words.Within) + t.words.Stop)
	return nil
}

// language changes the language, to the one named or to the other one.
func (t *talk) language(ctx context.Context, arg string) error {
	lang := lessons.Chinese
	if t.lang == lessons.Chinese {
		lang = lessons.English
	}
	switch strings.ToLower(arg) {
	case "en", "english", "英文", "英语":
		lang = lessons.English
	case "zh", "chinese", "中文", "汉语":
		lang = lessons.Chinese
	case "":
	default:
		t.sayf(t.words.NoLanguage, arg)
		return nil
	}
	t.speak(lang)
	t.save(func(p *lessons.Progress) { p.Lang = lang })
	t.say(t.words.Speaking)
	return t.arrive(ctx)
}

// setPage sets after how many lines long texts pause.
func (t *talk) setPage(ctx context.Context, arg string) error {
	n, err := strconv.Atoi(normal(arg))
	if err != nil || n < 0 || n > 10000 {
		t.say(t.words.PageHow)
		return nil
	}
	t.page = n
	return t.settings(ctx)
}

// settings says what is set, and how it is changed.
func (t *talk) settings(context.Context) error {
	pause := t.words.NoPause
	if n := t.pageLines(); n > 0 {
		pause = strconv.Itoa(n)
	}
	cluster := t.words.NoCluster
	if t.session != nil {
		cluster = t.info.Name
	}
	t.sayf(t.words.Settings, t.words.LanguageName, pause, cluster)
	return nil
}

func (t *talk) doctor(ctx context.Context) error {
	if t.o.Doctor == nil {
		t.say(t.words.NoDoctor)
		return nil
	}
	var blocks [][]string
	for line := range strings.SplitSeq(strings.TrimSpace(t.o.Doctor(ctx, t.lang)), "\n") {
		blocks = append(blocks, t.out.wrap("", "  ", line))
	}
	_, err := t.recite(ctx, [][]string{slices.Concat(blocks...)})
	return err
}
