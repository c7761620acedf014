package tui

import (
	"strconv"
	"time"
)

// age is an age as kubectl shows it, with its greatest unit alone.
func age(d time.Duration) string {
	switch d = max(0, d); {
	case d < 2*time.Minute:
		return strconv.Itoa(int(d.Seconds())) + "s"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Minutes())) + "m"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + "h"
	}
	return strconv.Itoa(int(d.Hours()/24)) + "d"
}
