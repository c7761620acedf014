package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// lookFlags say how the full screen looks and moves.
type lookFlags struct {
	theme              string
	noMotion, noNotify bool
}

func (p *Program) addLookFlags(f *pflag.FlagSet) {
	f.StringVar(&p.flags.look.theme, "theme", "", p.t("theme of the full screen: auto, dark, light or contrast", "全屏界面的主题：auto、dark、light 或 contrast"))
	f.BoolVar(&p.flags.look.noMotion, "no-motion", false, p.t("nothing on the full screen moves by itself", "全屏界面上没有动画"))
	f.BoolVar(&p.flags.look.noNotify, "no-notify", false, p.t("no desktop notification when a long wait ends", "等待很久的事情结束时不发桌面通知"))
}

func (p *Program) checkTheme() error {
	t := p.flags.look.theme
	if t == "" || slices.Contains(tui.Themes(), tui.Theme(t)) {
		return nil
	}
	return usage(p.t("Use --theme auto, dark, light or contrast.", "请用 --theme auto、dark、light 或 contrast。"), p.t("unknown theme %q", "没有主题 %q"), t)
}

// theme is the one asked for, then the one chosen in the tutor.
func (p *Program) theme() tui.Theme {
	if t := p.flags.look.theme; t != "" {
		return tui.Theme(t)
	}
	if store, _ := p.openStore(); store != nil {
		// A newer tutor may have more themes.
		if t := tui.Theme(store.Progress().Screen.Theme); slices.Contains(tui.Themes(), t) {
			return t
		}
	}
	return tui.ThemeAuto
}

// asciiOnly reports whether the terminal can be trusted with no more than ASCII
// as marks and frames: its locale is not UTF-8, or it is one of those whose fonts
// have few glyphs. What is written in Chinese is shown as it is all the same.
func (p *Program) asciiOnly() bool {
	switch term, _, _ := strings.Cut(p.Getenv("TERM"), "-"); term {
	case "linux", "vt52", "vt100", "vt102", "vt220", "ansi", "cons25", "dumb":
		return true
	}
	if p.UTF8 {
		return false
	}
	// The first that is set counts: POSIX.1-2017, 8.2 Internationalization Variables.
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := p.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return true
}

// firstTime reports whether nobody has been here before: no lesson was begun, no
// language chosen, nor the welcome seen. Who says the language does not need to be
// asked.
func (p *Program) firstTime(store *lessons.Store) bool {
	was := store.Progress()
	return p.flags.lang == "" && was.Lang == "" && len(was.Lessons) == 0 && was.Screen.Welcomed.IsZero()
}
