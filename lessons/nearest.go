package lessons

import (
	"strings"

	"github.com/k8stutor/k8stutor/lessons/spelling"
)

// Nearest returns up to three of the names that someone who typed word may have
// meant, best first.
func Nearest(word string, of []string) []string { return spelling.Nearest(word, of) }

// didYouMean is the end of a message about an unknown word: "", or what was
// likely meant.
func didYouMean(word string, of []string) string {
	if near := Nearest(word, of); len(near) > 0 {
		return "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return ""
}
