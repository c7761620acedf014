//go:build !unix

package tui

import "github.com/k8stutor/k8stutor/tui/paint"

// repaintResumed does nothing where processes are not stopped and resumed.
func repaintResumed(*paint.Painter) (stop func()) { return func() {} }
