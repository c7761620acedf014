package tui

import (
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

func TestEveryTextIsWrittenInBothLanguages(t *testing.T) {
	t.Parallel()
	verb := regexp.MustCompile(`%[-+# 0-9.]*[a-z]`)
	en, zh := map[string]string{}, map[string]string{}
	collect(t, reflect.ValueOf(*wordsIn(lessons.English)), "", en)
	collect(t, reflect.ValueOf(*wordsIn(lessons.Chinese)), "", zh)
	if len(en) < 150 {
		t.Fatalf("only %d texts were found", len(en))
	}
	for name, text := range en {
		if text == "" || zh[name] == "" {
			t.Errorf("%s is empty: en %q, zh %q", name, text, zh[name])
		}
		if a, b := verb.FindAllString(text, -1), verb.FindAllString(zh[name], -1); !slices.Equal(a, b) {
			t.Errorf("%s is formatted with %v in en and %v in zh", name, a, b)
		}
		if text != markdown.Clean(text) || zh[name] != markdown.Clean(zh[name]) {
			t.Errorf("%s holds control characters", name)
		}
	}
}

func collect(t *testing.T, v reflect.Value, path string, into map[string]string) {
	for i := range v.NumField() {
		name := path + v.Type().Field(i).Name
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			into[name] = f.String()
		case reflect.Struct:
			collect(t, f, name+".", into)
		default:
			t.Fatalf("%s is a %s", name, f.Kind())
		}
	}
}

func TestEveryKeyIsNamedAndExplained(t *testing.T) {
	t.Parallel()
	for _, lang := range lessons.Languages() {
		k := reflect.ValueOf(newKeys(wordsIn(lang)))
		for i := range k.NumField() {
			name := k.Type().Field(i).Name
			binding := k.Field(i)
			keys := binding.FieldByName("keys")
			help := binding.FieldByName("help")
			if keys.Len() == 0 || help.Field(0).String() == "" || help.Field(1).String() == "" {
				t.Errorf("%s in %s has no keys or no help", name, lang)
			}
		}
	}
}
