// Package proving gives coursetest what it proves lessons with: a cluster seen
// as a tutor sees it, through a connection that can be cut and as somebody who
// may not read everything, and a shell whose kubectl is the companion's.
//
// It promises to leave the cluster as it was, but for what the commands of a
// lesson did outside its workspace. It must not import tui or cli.
package proving
