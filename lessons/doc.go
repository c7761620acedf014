// Package lessons is the core of k8stutor: what a course, a lesson, a step, a
// check and a quiz question are; when a step is passed; what is said when it
// is not; and what is remembered of a learner.
//
// The package promises that a verdict is never a guess: a check that could not
// be judged (API server away, access denied, kind unknown) is CannotTell and
// never Pass or NotYet.
//
// It must not import client-go, Bubble Tea or any package of this module but
// commandline and spelling, which know nothing of courses. A cluster reaches it
// through the Cluster interface, course files through fs.FS.
package lessons
