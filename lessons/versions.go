package lessons

import (
	"regexp"
	"strconv"
)

// The minor versions of Kubernetes 1 that the tutor is made for. Its client
// library promises none by number: whatever it and an API server have in common
// works (README of k8s.io/client-go, "Compatibility matrix"). So these are
// NewestMinor, the one of that library; the two before it, for the project
// maintains three (kubernetes.io/releases); and the one after it, for a client
// may be one behind its server (kubernetes.io/releases/version-skew-policy).
const (
	NewestMinor          = 37
	OldestMinorSupported = NewestMinor - 2
	NewestMinorSupported = NewestMinor + 1
)

// MinorOf returns the minor version in what an API server calls its version:
// 33 of "v1.33.4-gke.1157000". ok is false when it is no version of Kubernetes 1.
func MinorOf(version string) (minor int, ok bool) {
	m := regexp.MustCompile(`^v?1\.(\d{1,3})([^\d].*)?$`).FindStringSubmatch(version)
	if m == nil {
		return 0, false
	}
	minor, err := strconv.Atoi(m[1])
	return minor, err == nil
}

// VersionWarning says that an API server is of a version that the tutor is not
// made for, and what that means; nil when it is.
func VersionWarning(version string) Text {
	minor, ok := MinorOf(version)
	const oldest, newest = OldestMinorSupported, NewestMinorSupported
	switch {
	case !ok:
		return say("This cluster calls its version %q. k8stutor is made for Kubernetes 1.%d to 1.%d; it goes on, and may be wrong about what it sees.",
			"这个集群自称的版本是 %q。k8stutor 面向 Kubernetes 1.%d 到 1.%d；可以继续，但判断可能有误。", Printable(version), oldest, newest)
	case minor < oldest:
		return say("This cluster runs Kubernetes 1.%d, older than what k8stutor is made for (1.%d to 1.%d). It goes on; a field or an API that a lesson uses may be missing there.",
			"这个集群运行 Kubernetes 1.%d，比 k8stutor 面向的版本（1.%d 到 1.%d）旧。可以继续，但课程用到的某些字段或 API 可能还没有。", minor, oldest, newest)
	case minor > newest:
		return say("This cluster runs Kubernetes 1.%d, newer than what k8stutor is made for (1.%d to 1.%d). It goes on; what the lessons say may have changed since.",
			"这个集群运行 Kubernetes 1.%d，比 k8stutor 面向的版本（1.%d 到 1.%d）新。可以继续，但课程里的说法可能已经过时。", minor, oldest, newest)
	}
	return nil
}

// Older is a lesson as it reads on clusters older than a minor version.
type Older struct {
	Than   int
	Lesson *Lesson
}

// For returns the lesson as it reads on an API server of that version: the same
// one for every version where it says the same. Without a version, and for one
// that cannot be read, it is the lesson for the newest.
func (l *Lesson) For(version string) *Lesson {
	minor, ok := MinorOf(version)
	if !ok {
		return l
	}
	for _, o := range l.Older {
		if minor < o.Than {
			return o.Lesson
		}
	}
	return l
}
