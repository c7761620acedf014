// Package pictures makes the pictures of the documents from the real programs:
// it learns in a terminal emulator, on a sandbox that it starts, and draws the
// screen at the moments that are worth showing, in both languages, dark and
// light; and it films the first exercise.
//
// It is a test, so that it can drive the program as other tests do, and runs
// only when it is told where to write: `make pictures`.
package pictures

import (
	"flag"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/tui/tuitest"
)

var folder = flag.String("pictures", "", "write the pictures to this folder")

const (
	// maxSize is what a picture may have, so that a page with some of them loads
	// fast and the repository stays small.
	maxSize = 300_000
	// maxFilm is what the animation may have.
	maxFilm = 1_500_000
)

func TestPictures(t *testing.T) {
	if *folder == "" {
		t.Skip("make pictures writes them")
	}
	c := newCamera(t)
	c.start(t)
	c.film(t)
	c.expose(t)
	for _, lang := range []string{"en", "zh"} {
		for _, light := range []bool{false, true} {
			c.screens(t, lang, light)
		}
	}
}

// start opens a cluster for the first time.
func (c *camera) start(t *testing.T) {
	tt := c.open(t, 80, 24, "--lang", "en")
	tt.WaitRE(`Services|Welcome`)
	tt.Keys("esc") // the welcome, where there is one
	tt.WaitRE(`Services +new`)
	tt.Keys("G", "enter")
	tt.Wait("page 1 of")
	tt.Keys("c")
	tt.Wait("no cluster yet")
	tt.Keys("enter")
	// For a second at least, so that the screen has been drawn completely: it
	// is never at rest while a cluster starts.
	tt.WaitRE(`kube-apiserver +starting +[1-9]`)
	c.shoot(t, tt, "cluster-start")
	tt.Wait("is open.")
	tt.Keys("q")
	tt.Exit(0)
	// From now on it stays open between one program and the next.
	if out, err := c.command("sandbox", "up").CombinedOutput(); err != nil {
		t.Fatalf("start the sandbox: %v\n%s", err, out)
	}
}

// prompt is the shell's, with nothing typed behind it.
var prompt = regexp.MustCompile(`│\$ +│\n`)

// command types a command into the shell, and waits for what it leads to.
func command(tt *tuitest.T, line, shows string) {
	tt.Until("the shell waits", func(screen string) bool { return prompt.MatchString(screen) })
	tt.Keys("f6")
	tt.Type(line + "\r")
	tt.WaitRE(shows)
	tt.Keys("f6")
}

// expose does half of the exercise on Services.
func (c *camera) expose(t *testing.T) {
	tt := c.open(t, 120, 36, "--lang", "en", "services")
	tt.Wait("page 1 of")
	tt.Keys("e")
	tt.WaitRE(`Create the Deployment +not yet`)
	command(tt, "kubectl create deployment web --image=nginx:1.27 --replicas=3", `Create the Deployment +pass`)
	tt.Keys("n")
	tt.Wait("Put a Service in front")
	command(tt, "kubectl expose deployment web --port=80 --target-port=8080", `found +80→8080`)
	atRest(tt)
	tt.Keys("q")
	tt.Exit(0)
}

// screens draws the main screens in a language, on a dark or a light terminal.
func (c *camera) screens(t *testing.T, lang string, light bool) {
	say := func(en, zh string) string {
		if lang == "zh" {
			return zh
		}
		return en
	}
	c.light = light
	name := func(screen string) string {
		if screen += "-" + lang; light {
			screen += "-light"
		}
		return screen
	}
	tt := c.open(t, 120, 36, "--lang", lang)
	take := func(screen string) {
		t.Helper()
		tt.Gone("◆") // the mark of what has just changed
		atRest(tt)
		c.shoot(t, tt, name(screen))
	}
	tt.Wait(say("Continue:", "继续："))
	take("home")
	tt.Keys("ctrl+p")
	tt.Wait(say("─ Go to ─", "─ 查找 ─"))
	tt.Type(say("serv", "fuwu"))
	tt.WaitRE(say(`lesson +Services`, `> fuwu[^\n]*\n[^\n]*\n[^\n]*服务`))
	take("palette")
	tt.Keys("esc")
	tt.Gone(say("─ Go to ─", "─ 查找 ─"))

	// The exercise comes last, so that the next round goes on with it.
	tt.Keys("g", "enter")
	if at := tt.WaitRE(say(`step ([1-5]) of 5`, `第 ([1-5]) 步，共 5 步`)); at[1] == "1" {
		tt.Keys("enter")
	}
	found := say(`found +80→8080`, `实际 +80→8080`)
	tt.WaitRE(found)
	tt.Keys("z")
	tt.Wait(say("question 1 of", "第 1 题"))
	tt.Keys("1", "enter")
	tt.WaitRE(say(`✓ Right|✗ Not right|Not right`, `答对了|没答对`))
	take("quiz")
	tt.Keys("esc")
	tt.WaitRE(found)
	tt.Keys("v")
	tt.Wait(say("page 1 of", "第 1 页"))
	take("lesson")
	tt.Keys("e")
	tt.WaitRE(found)
	command(tt, "kubectl get service web", `<none> +80/TCP`)
	take("exercise")
	tt.Keys("H")
	tt.Wait(say("what you know", "掌握情况"))
	tt.Keys("M")
	tt.WaitRE(say(`k8stutor › `, `k8stutor › `))
	take("known")
	tt.Keys("q")
	tt.Exit(0)
}

// atRest waits until nothing has been drawn for a while, so that what is on the
// screen is a whole frame and not the beginning of one. It is less than a second,
// in which the exercise's ages change.
func atRest(tt *tuitest.T) {
	const quiet = 400 * time.Millisecond
	for before := ^uint64(0); before != tt.Terminal().Version(); {
		before = tt.Terminal().Version()
		<-time.After(quiet)
	}
}

// onScreen is the screen for the log.
func onScreen(tt *tuitest.T) string { return strings.TrimRight(tt.Screen(), "\n") }
