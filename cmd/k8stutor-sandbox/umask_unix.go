//go:build unix

package main

import "syscall"

// keepPrivate makes every file this process creates its owner's only,
// whatever the code that creates it asks for.
func keepPrivate() { syscall.Umask(0o077) }
