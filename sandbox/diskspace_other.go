//go:build !linux && !darwin

package sandbox

import "math"

// diskSpace takes the disk for empty where it is not known how to ask.
func diskSpace(string) (uint64, error) { return math.MaxUint64, nil }
