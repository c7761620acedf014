package programs

import (
	"context"
	"fmt"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// NoNewPrivs is nnp of the image nonewprivs: a program that belongs to root and
// has the set-user-ID bit, and that says as whom it runs. Where no process may
// gain privileges, the bit has no effect.
func NoNewPrivs(_ context.Context, p *proc.Process) int {
	uid := int64(0)
	if p.Security.NoNewPrivileges {
		uid = p.User.UID
	}
	fmt.Fprintf(p.Stdout, "Effective uid: %d\n", uid)
	return 0
}
