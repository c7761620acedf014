package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"path"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mvdan.cc/sh/v3/pattern"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// reason is an error's cause in the words of strerror(3).
func reason(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		err = errno
	} else if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "No such file or directory"
	case errors.Is(err, fs.ErrPermission) && errno != syscall.EPERM:
		return "Permission denied"
	case errors.Is(err, syscall.ENXIO):
		return "No such device or address"
	case errors.Is(err, syscall.EBUSY):
		return "Device or resource busy" // strerror(3) and Go differ in these
	case errors.Is(err, syscall.EROFS):
		return "Read-only file system"
	}
	text := err.Error()
	if text == "" {
		return "Unknown error"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// compile makes a regular expression of a shell pattern.
func compile(pat string, mode pattern.Mode) (*regexp.Regexp, error) {
	expr, err := pattern.Regexp(pat, mode)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(expr)
}

// userEntry is a line of /etc/passwd.
type userEntry struct {
	name     string
	uid, gid int64
	home     string
}

// lookUpUser finds a user by name. Every image has root.
func lookUpUser(p *proc.Process, name string) (userEntry, bool) {
	for _, u := range users(p) {
		if u.name == name {
			return u, true
		}
	}
	return userEntry{}, false
}

// userName is the name of a user, or empty.
func userName(p *proc.Process, uid int64) string {
	for _, u := range users(p) {
		if u.uid == uid {
			return u.name
		}
	}
	return ""
}

func users(p *proc.Process) (list []userEntry) {
	text, err := p.Files.ReadFile("/etc/passwd")
	if err != nil {
		return []userEntry{{"root", 0, 0, "/root"}}
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 6 {
			continue
		}
		uid, err1 := strconv.ParseInt(f[2], 10, 64)
		gid, err2 := strconv.ParseInt(f[3], 10, 64)
		if err1 == nil && err2 == nil {
			list = append(list, userEntry{f[0], uid, gid, f[5]})
		}
	}
	return list
}

// groups are the names of groups by number.
func groups(p *proc.Process) map[int64]string {
	list := map[int64]string{}
	text, err := p.Files.ReadFile("/etc/group")
	if err != nil {
		return map[int64]string{0: "root"}
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 3 {
			continue
		}
		if gid, err := strconv.ParseInt(f[2], 10, 64); err == nil && list[gid] == "" {
			list[gid] = f[0]
		}
	}
	return list
}

// programPath is where a program lies along a search path: where a file of that
// name is, or where BusyBox would put it.
func programPath(p *proc.Process, name, search string) string {
	for dir := range strings.SplitSeq(search, ":") {
		if info, err := p.Files.Stat(path.Join("/", dir, name)); err == nil && !info.IsDir() {
			return path.Join("/", dir, name)
		}
	}
	return path.Join("/bin", name)
}

// clip cuts a text for a column of a table.
func clip(s string, width int) string {
	if len(s) > width {
		return s[:width]
	}
	return s
}

// oneOf prints which of a set of flags is wrong, in BusyBox' words.
func invalidOption(p *proc.Process, o rune) int {
	return p.Fail(1, "invalid option -- '%c'", o)
}

// killedCode is what a program returns that was killed; nobody sees it.
const killedCode = 128 + int(proc.SIGKILL)

func gateway(p *proc.Process) netip.Addr {
	b := p.Net.Addr().As4()
	b[3] = 1
	return netip.AddrFrom4(b)
}

func hexAddress(a netip.Addr) string {
	b := a.As4()
	return fmt.Sprintf("%02X%02X%02X%02X", b[3], b[2], b[1], b[0])
}

// forever is what commands like `sleep infinity` wait for.
const forever = time.Duration(1<<63 - 1)

// randomLetters are letters and digits for a file's name.
func randomLetters(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	return string(b)
}
