package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// field returns what stands at a path in decoded JSON; nil when there is nothing.
func field(v any, path ...string) any {
	for _, name := range path {
		switch m := v.(type) {
		case map[string]any:
			v = m[name]
		case lessons.Object:
			v = m[name]
		default:
			return nil
		}
	}
	return v
}

func text(v any, path ...string) string {
	s, _ := field(v, path...).(string)
	return s
}

func boolean(v any, path ...string) bool {
	b, _ := field(v, path...).(bool)
	return b
}

func list(v any, path ...string) []any {
	l, _ := field(v, path...).([]any)
	return l
}

func object(v any, path ...string) map[string]any {
	m, _ := field(v, path...).(map[string]any)
	return m
}

// number returns an integer, whichever way the decoder has kept it.
func number(v any, path ...string) int64 {
	switch n := field(v, path...).(type) {
	case int64:
		return n
	case int:
		return int64(n)
	case float64:
		return int64(n)
	}
	return 0
}

// show returns a number or a string as text: a port may be either.
func show(v any, path ...string) string {
	if f := field(v, path...); f != nil {
		return fmt.Sprint(f)
	}
	return ""
}

// condition returns the status of one of an object's conditions.
func condition(o lessons.Object, kind string) string {
	for _, c := range list(o, "status", "conditions") {
		if text(c, "type") == kind {
			return text(c, "status")
		}
	}
	return ""
}

// labelText shows labels or a selector as kubectl takes them: "app=web,tier=x".
func labelText(m map[string]any) string {
	var parts []string
	for k, v := range m {
		parts = append(parts, fmt.Sprintf("%s=%v", k, v))
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// imagesOf lists the images of containers without the registry's name.
func imagesOf(containers []any) string {
	var images []string
	for _, c := range containers {
		image := text(c, "image")
		images = append(images, image[strings.LastIndexByte(image, '/')+1:])
	}
	return strings.Join(images, ",")
}
