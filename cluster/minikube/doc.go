// Package minikube knows the program minikube: where it is, which profiles it
// has and how they are, how one is started, and what it says when that fails.
// It runs the learner's own minikube and links none of its code.
//
// Nothing here deletes a profile or chooses the current context of a
// kubeconfig. What was recorded of the real program is in testdata.
package minikube

import (
	"fmt"

	"github.com/k8stutor/k8stutor/lessons"
)

// say makes a text in both languages from the same values.
func say(en, zh string, values ...any) lessons.Text {
	return lessons.Text{
		lessons.English: fmt.Sprintf(en, values...),
		lessons.Chinese: fmt.Sprintf(zh, values...),
	}
}
