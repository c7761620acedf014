// Package content holds the courses that come with k8stutor, as files inside
// the program. docs/COURSES.md describes their format; lessons.Load reads them.
//
// It promises nothing but the bytes, and imports only embed: whoever reads the
// files judges them.
package content

import "embed"

// Courses holds one folder for each course: "kubernetes".
//
//go:embed all:kubernetes
var Courses embed.FS
