package tui

import (
	"reflect"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// hostile are texts whose width terminals and programs disagree about, or that
// terminals lay out in their own way.
func hostile() []string {
	return []string{
		"שלום עולם",                                             // right to left
		"مرحبا بالعالم",                                         // right to left, joining
		"e\u0301a\u0308o\u0302",                                 // combining
		"Z\u0351\u036b\u0343\u0321a\u0324l\u0342g\u0304o\u0348", // many of them
		"a\u200bb\u200cc\u200dd\u2060e\ufefff",                  // zero width
		"👩‍👩‍👧‍👦 family",                                        // joined by ZWJ
		"❤️ ☁️ ⚠️ 1️⃣",                                          // VS16
		"❤\ufe0e ☁\ufe0e",                                       // VS15
		"🇨🇳🇫🇷🇩🇪 flags",                                          // regional indicators
		"🇨 alone",
		"👍🏽 skin",
		"ภาษาไทย กำลัง",             // Thai, with SARA AM
		"हिन्दी क्षत्रिय",           // Indic conjuncts
		"한국어 \u1112\u1161\u11ab",    // Hangul, and its parts
		"𠮷野家 𝒜",                     // beyond the first plane
		"ｆｕｌｌ ﾊﾝｶｸ",                 // full and half width
		"“引号”…—·±×",                 // ambiguous width
		"\u1160 \u3164 \u00ad",      // fillers, soft hyphen
		"\x1b[31mred\x1b[m \x9b31m", // sequences
		"a\tb\vc\x00d\x7f",
		"\ud7b0\U000e0001\U0001f3fb",
		"\xff\xfe broken \xc3",
	}
}

// hostileCourse has one of the hostile texts at the end of every text.
func hostileCourse(c *lessons.Course) *lessons.Course {
	n := 0
	texts := hostile()
	seen := map[uintptr]bool{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.Kind() == reflect.Pointer && !v.IsNil() {
				if seen[v.Pointer()] {
					return
				}
				seen[v.Pointer()] = true
			}
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if f := v.Field(i); f.CanSet() {
					walk(f)
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			if v.Type() == reflect.TypeFor[lessons.Text]() {
				for _, k := range v.MapKeys() {
					text := texts[n%len(texts)]
					n++
					v.SetMapIndex(k, reflect.ValueOf(v.MapIndex(k).String()+strings.ToValidUTF8(text, "�")))
				}
			}
		}
	}
	walk(reflect.ValueOf(c))
	return c
}
