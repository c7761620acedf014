package pocket

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// account is a line of /etc/passwd.
type account struct {
	name     string
	uid, gid int64
	home     string
}

// accounts reads /etc/passwd of a container; one that is not there is empty.
func accounts(tree *files.Tree) []account {
	var list []account
	for fields := range databaseLines(tree, "/etc/passwd", 6) {
		uid, err := strconv.ParseInt(fields[2], 10, 64)
		gid, err2 := strconv.ParseInt(fields[3], 10, 64)
		if err == nil && err2 == nil {
			list = append(list, account{fields[0], uid, gid, fields[5]})
		}
	}
	return list
}

// databaseLines yields the fields of the lines of a file like /etc/passwd that
// have enough of them.
func databaseLines(tree *files.Tree, name string, atLeast int) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		text, err := tree.ReadFile(name)
		if err != nil {
			return
		}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			if fields := strings.Split(lines.Text(), ":"); len(fields) >= atLeast && !yield(fields) {
				return
			}
		}
	}
}

// groupNumber finds a group by name or number.
func groupNumber(tree *files.Tree, group string) (int64, error) {
	if gid, err := strconv.ParseInt(group, 10, 64); err == nil {
		return gid, nil
	}
	for fields := range databaseLines(tree, "/etc/group", 3) {
		if gid, err := strconv.ParseInt(fields[2], 10, 64); err == nil && fields[0] == group {
			return gid, nil
		}
	}
	return 0, fmt.Errorf("unable to find group %s: no matching entries in group file", group)
}

// groupsOf lists the groups that name a user as their member.
func groupsOf(tree *files.Tree, user string) []int64 {
	var list []int64
	for fields := range databaseLines(tree, "/etc/group", 4) {
		gid, err := strconv.ParseInt(fields[2], 10, 64)
		if err == nil && slices.Contains(strings.Split(fields[3], ","), user) {
			list = append(list, gid)
		}
	}
	return list
}

// userOf is who the processes of a container run as: what its security context
// says, else what the image says, with the groups that /etc/group adds unless
// the policy is Strict. imageUser is USER[:GROUP] of the image; empty is root.
func userOf(tree *files.Tree, imageUser string, sc *runtimeapi.LinuxContainerSecurityContext) (proc.User, account, error) {
	name, group, _ := strings.Cut(imageUser, ":")
	switch {
	case sc.GetRunAsUser() != nil:
		name, group = strconv.FormatInt(sc.GetRunAsUser().GetValue(), 10), ""
	case sc.GetRunAsUsername() != "":
		name, group = sc.GetRunAsUsername(), ""
	case name == "":
		name = "0"
	}
	who, known := account{home: "/"}, false
	uid, err := strconv.ParseInt(name, 10, 64)
	for _, a := range accounts(tree) {
		if known = err == nil && a.uid == uid || err != nil && a.name == name; known {
			who = a
			break
		}
	}
	switch {
	case !known && err != nil:
		return proc.User{}, who, fmt.Errorf("unable to find user %s: no matching entries in passwd file", name)
	case !known:
		who.uid = uid
		if uid == 0 {
			who.name, who.home = "root", "/root"
		}
	}
	user := proc.User{UID: who.uid, GID: who.gid}
	switch {
	case sc.GetRunAsGroup() != nil:
		user.GID = sc.GetRunAsGroup().GetValue()
	case group != "":
		if user.GID, err = groupNumber(tree, group); err != nil {
			return proc.User{}, who, err
		}
	}
	user.Groups = append(user.Groups, user.GID)
	if who.name != "" && sc.GetSupplementalGroupsPolicy() == runtimeapi.SupplementalGroupsPolicy_Merge {
		user.Groups = append(user.Groups, groupsOf(tree, who.name)...)
	}
	user.Groups = append(user.Groups, sc.GetSupplementalGroups()...)
	slices.Sort(user.Groups)
	user.Groups = slices.Compact(user.Groups)
	return user, who, nil
}

// imageUser is the user of an image as the kubelet asks for it, to refuse root
// where runAsNonRoot is set: a number, or a name that it cannot judge.
func imageUser(user string) (*runtimeapi.Int64Value, string) {
	name, _, _ := strings.Cut(user, ":")
	if name == "" {
		return &runtimeapi.Int64Value{}, ""
	}
	if uid, err := strconv.ParseInt(name, 10, 64); err == nil {
		return &runtimeapi.Int64Value{Value: uid}, ""
	}
	return nil, name
}

// defaultCapabilities are those that containerd gives to a container.
func defaultCapabilities() []string {
	return []string{
		"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
		"CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
	}
}

// securityOf is what the kernel would hold against the container's processes.
func securityOf(sc *runtimeapi.LinuxContainerSecurityContext, user proc.User) proc.Security {
	s := proc.Security{Privileged: sc.GetPrivileged(), NoNewPrivileges: sc.GetNoNewPrivs(), Capabilities: defaultCapabilities()}
	if !s.Privileged && sc.GetSeccomp() != nil && sc.GetSeccomp().GetProfileType() != runtimeapi.SecurityProfile_Unconfined {
		s.Seccomp = proc.SeccompFilter
	}
	name := func(c string) string {
		if c = strings.ToUpper(c); !strings.HasPrefix(c, "CAP_") {
			c = "CAP_" + c
		}
		return c
	}
	drop, add := sc.GetCapabilities().GetDropCapabilities(), sc.GetCapabilities().GetAddCapabilities()
	if s.Privileged || slices.ContainsFunc(add, func(c string) bool { return name(c) == "CAP_ALL" }) {
		s.Capabilities = proc.AllCapabilities()
	}
	for _, c := range drop {
		if name(c) == "CAP_ALL" {
			s.Capabilities = nil
		}
		s.Capabilities = slices.DeleteFunc(s.Capabilities, func(have string) bool { return have == name(c) })
	}
	for _, c := range add {
		if name(c) != "CAP_ALL" && !slices.Contains(s.Capabilities, name(c)) {
			s.Capabilities = append(s.Capabilities, name(c))
		}
	}
	s.BoundingCapabilities = s.Capabilities
	if user.UID != 0 { // a process that is not root's keeps them only as a bound
		s.Capabilities = nil
	}
	return s
}
