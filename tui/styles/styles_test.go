package styles

import (
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// every returns the styles of all tokens and roles by name.
func every(s *Styles) map[string]string {
	all := map[string]string{}
	v := reflect.ValueOf(*s)
	for i := range v.NumField() {
		if v.Field(i).Type() == reflect.TypeFor[Style]() {
			all[v.Type().Field(i).Name] = v.Field(i).FieldByName("open").String()
		}
	}
	for r := range markdown.RoleCount {
		open, _ := s.Span(markdown.Style{Role: markdown.Role(r)}).Sequences()
		all[markdown.Role(r).String()] = open
	}
	for mark, name := range map[markdown.Mark]string{markdown.MarkTerm: "term", markdown.MarkFocus: "focus", markdown.MarkMatch: "match", markdown.MarkCurrent: "current"} {
		open, _ := s.Span(markdown.Style{Mark: mark}).Sequences()
		all[name] = open
		open, _ = s.Span(markdown.Style{Role: markdown.RoleQuote, Mark: mark}).Sequences()
		all[name+" in a quote"] = open
	}
	return all
}

func TestWithoutColoursOnlyAttributesAreUsed(t *testing.T) {
	t.Parallel()
	for _, dark := range []bool{true, false} {
		for name, open := range every(New(Options{Dark: dark, Colors: NoColors})) {
			for _, code := range strings.FieldsFunc(strings.Trim(open, "\x1b[m"), func(r rune) bool { return r == ';' }) {
				if len(code) != 1 {
					t.Errorf("%s writes %q, which is a colour", name, open)
				}
			}
		}
	}
}

func TestSixteenColoursAreEnough(t *testing.T) {
	t.Parallel()
	for _, dark := range []bool{true, false} {
		for name, open := range every(New(Options{Dark: dark, Colors: SixteenColors})) {
			if strings.Contains(open, "38;") || strings.Contains(open, "48;") {
				t.Errorf("%s writes %q, which is more than 16 colours", name, open)
			}
		}
	}
}

func TestLightAndDarkDiffer(t *testing.T) {
	t.Parallel()
	dark, light := every(New(Options{Dark: true})), every(New(Options{}))
	for _, name := range []string{"Title", "Good", "Bad", "Wait", "Unknown", "Selected", "Banner", "CodeBlock", "Key"} {
		if dark[name] == "" || dark[name] == light[name] {
			t.Errorf("%s is %q in the dark and %q in the light", name, dark[name], light[name])
		}
	}
}

func TestPaintPutsTheTerminalBack(t *testing.T) {
	t.Parallel()
	s := New(Options{Dark: true})
	if got := s.Good.Paint("ok"); ansi.Strip(got) != "ok" || !strings.HasSuffix(got, ansi.ResetStyle) {
		t.Errorf("Paint gives %q", got)
	}
	if got := (Style{}).Paint("ok"); got != "ok" {
		t.Errorf("the zero style gives %q", got)
	}
	if got := s.Good.Paint(""); got != "" {
		t.Errorf("nothing is painted as %q", got)
	}
}

func TestGlyphsAreOneCell(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		check := func(name, glyph string) {
			if markdown.Width(glyph) != 1 {
				t.Errorf("glyph %s, %q, is %d cells wide", name, glyph, markdown.Width(glyph))
			}
			if plain && glyph[0] >= 0x80 {
				t.Errorf("plain glyph %s is %q", name, glyph)
			}
		}
		var walk func(name string, v reflect.Value)
		walk = func(name string, v reflect.Value) {
			switch v.Kind() {
			case reflect.String:
				check(name, v.String())
			case reflect.Struct:
				for i := range v.NumField() {
					walk(v.Type().Field(i).Name, v.Field(i))
				}
			case reflect.Slice:
				for i := range v.Len() {
					walk(name, v.Index(i))
				}
			}
		}
		walk("", reflect.ValueOf(New(Options{Plain: plain}).Glyphs))
	}
}
