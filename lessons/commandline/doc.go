// Package commandline reads the command lines that a learner types: it splits
// them as a shell does, understands kubectl's verbs, kinds and flags, compares
// two lines by what they do, and says in words what differs (Compare) or what is
// likely wrong with a line that did not do what was meant (Mistake).
//
// What kubectl has is taken from kubectl itself: kubectl.txt is written from its
// --help by a test (go test ./lessons/commandline -run Table -update). The
// package runs nothing, asks no cluster, and promises that no line makes it
// panic and that Mistake keeps silent unless it is sure.
//
// It must not import package lessons, which judges typed answers with it.
package commandline
