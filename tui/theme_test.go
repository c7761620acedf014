package tui

import (
	"image/color"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

func TestTheThemeIsChosenByTheTerminalUntilTheLearnerChooses(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.send(tea.BackgroundColorMsg{Color: color.White})
	if o := b.app.styles.Options; o.Dark || o.Contrast {
		t.Fatalf("on a white terminal the look is %+v", o)
	}
	if v := b.app.View(); v.BackgroundColor != nil || v.ForegroundColor != nil {
		t.Errorf("the terminal's own page is painted over: %v on %v", v.ForegroundColor, v.BackgroundColor)
	}
	for _, want := range []struct {
		theme   Theme
		look    styles.Options
		painted bool
		says    string
	}{
		{ThemeDark, styles.Options{Dark: true}, true, "Theme: dark"},
		{ThemeLight, styles.Options{}, false, "Theme: light"},
		{ThemeContrast, styles.Options{Contrast: true}, true, "Theme: high contrast"},
		{ThemeAuto, styles.Options{}, false, "Theme: as the terminal"},
	} {
		b.press("T")
		if b.app.styles.Options != want.look {
			t.Errorf("theme %s looks like %+v, want %+v", want.theme, b.app.styles.Options, want.look)
		}
		if b.store.p.Screen.Theme != string(want.theme) {
			t.Errorf("theme %q was saved, want %s", b.store.p.Screen.Theme, want.theme)
		}
		if painted := b.app.View().BackgroundColor != nil; painted != want.painted {
			t.Errorf("theme %s: the page is painted: %v, want %v", want.theme, painted, want.painted)
		}
		b.shows(want.says)
	}
}

func TestATerminalThatDoesNotTellIsNotPaintedOver(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.press("T", "T")
	if b.app.styles.Options.Dark {
		t.Error("the light theme is dark")
	}
	if v := b.app.View(); v.BackgroundColor != nil {
		t.Error("a page that may be light already is painted over")
	}
}

func TestWithoutColoursThemesAreSaidToBeAlike(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	b.send(tea.BackgroundColorMsg{Color: color.Black})
	b.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
	b.press("T")
	b.shows("这个终端不显示颜色")
	if b.store.p.Screen.Theme != "" {
		t.Errorf("theme %q was saved", b.store.p.Screen.Theme)
	}
	b.press("l", "T")
	b.shows("This terminal shows no colours")
}

// TestNothingMovesWithoutMotion draws the start of a cluster at two moments of
// the same second.
func TestNothingMovesWithoutMotion(t *testing.T) {
	t.Parallel()
	for _, still := range []bool{true, false} {
		b := newBench(t, lessons.English, 80, 24)
		b.app.still = still
		b.app.act(goExercise{lesson: "services"}, nil)
		now := fixedTime()
		b.app.now = now
		b.app.resize()
		first := b.frame()
		b.app.now = now.Add(300e6)
		b.app.resize()
		if moved := b.frame() != first; moved == still {
			t.Errorf("without motion %v: the frame moved: %v", still, moved)
		}
		if beat := b.app.beat().Seconds(); still != (beat == 1) {
			t.Errorf("without motion %v: drawn every %v s", still, beat)
		}
	}
}

// TestStatesAreToldWithoutColour wants every verdict and every health to differ
// from the others where there is neither colour nor more than ASCII.
func TestStatesAreToldWithoutColour(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		b := newBench(t, lessons.English, 120, 40)
		b.app.retheme(func(l *terminalLook) { l.colors, l.plain = styles.NoColors, plain })
		seen := map[string]string{}
		for name, report := range map[string]func() lessons.Report{
			"not yet": testReport, "passed": passedReport, "cannot tell": awayReport, "waiting": waitingReport, "stuck": stuckReport,
		} {
			c := newBench(t, lessons.English, 120, 40)
			c.app.retheme(func(l *terminalLook) { l.colors, l.plain = styles.NoColors, plain })
			c.inExercise()
			c.report(report())
			var rows []string
			for line := range strings.SplitSeq(c.frame(), "\n") {
				if strings.Contains(line, "3 replicas") || strings.Contains(line, "Create a Deployment") {
					rows = append(rows, line)
				}
			}
			key := strings.Join(rows, "\n")
			if other, same := seen[key]; same {
				t.Errorf("plain %v: %s and %s look the same without colour:\n%s", plain, name, other, key)
			}
			seen[key] = name
		}
		g := b.app.styles.Glyphs
		states := map[string]string{}
		for name, glyph := range map[string]string{"good": g.Good, "progressing": g.Progressing, "broken": g.Broken} {
			if other, same := states[glyph]; same {
				t.Errorf("plain %v: %s and %s have the same glyph %s", plain, name, other, glyph)
			}
			states[glyph] = name
		}
	}
}
