// Package inspect says what there is to know of one object: its YAML with the noise
// folded (yaml.go), a short description of what matters (describe.go), and its events
// (events.go), as lines of spans with roles.
//
// The package promises that all of it is pure and takes any decoded JSON; that what
// YAML writes reads back as the same object; and that no control character of an
// object is part of a line. It must not import Bubble Tea, Lip Gloss or client-go.
package inspect

import "strings"

// Role says what a piece of text is.
type Role uint8

// The roles.
const (
	Plain Role = iota
	Heading
	Key
	String
	Number
	Dim
	Good
	Wait
	Bad

	// RoleCount is the number of roles, for tables indexed by Role.
	RoleCount = int(iota)
)

// Span is a run of text in one role. It holds no line end.
type Span struct {
	Text string
	Role Role
}

// Line is one line, of any width.
type Line []Span

// Text returns the line without roles.
func (l Line) Text() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Text returns lines as text, each with its end.
func Text(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.Text() + "\n")
	}
	return b.String()
}
