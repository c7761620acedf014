package load

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/phpapache"
)

// pageCost is the CPU time that index.php of the example takes: a million
// square roots.
const pageCost = 100 * time.Millisecond

// PHPApache is the server of registry.k8s.io/hpa-example: Apache with a page in
// PHP that computes a while and says OK.
func PHPApache(ctx context.Context, p *proc.Process) int {
	return phpapache.Server{Apache: "2.4.10", PHP: "5.6.14", Scripts: map[string]phpapache.Script{"/index.php": page}}.Run(ctx, p)
}

func page(ctx context.Context, p *proc.Process, w http.ResponseWriter, _ *http.Request) error {
	if err := p.Usage.Burn(ctx, pageCost); err != nil {
		return err
	}
	_, err := io.WriteString(w, "OK!")
	return err
}
