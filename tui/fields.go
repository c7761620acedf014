package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// show returns a number or a string as text: a port may be either.
func show(v any, path ...string) string {
	if f := lessons.FieldAt(v, path...); f != nil {
		return fmt.Sprint(f)
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
		image := lessons.TextAt(c, "image")
		images = append(images, image[strings.LastIndexByte(image, '/')+1:])
	}
	return strings.Join(images, ",")
}
