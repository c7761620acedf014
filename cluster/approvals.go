package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2/maybe"
)

// approvals are the clusters on which the learner lets k8stutor work, by uid.
type approvals map[string]approval

// approval says how the cluster was known when the learner agreed.
type approval struct {
	Name   string `json:"name"`
	Server string `json:"server"`
}

func (a approvals) has(uid string) bool {
	_, ok := a[uid]
	return ok
}

// approvals is the path of the file.
func (o Options) approvals() string { return filepath.Join(o.StateDir, "approved.json") }

// readApprovals reads the file. One that is missing or cannot be understood holds
// none: to be asked again does no harm.
func readApprovals(path string) approvals {
	all := approvals{}
	data, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(data, &all) != nil || all == nil {
		return approvals{}
	}
	return all
}

// changeApprovals changes the file, one process at a time.
func changeApprovals(path string, change func(approvals)) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return err
	}
	defer lock.Close()
	all := readApprovals(path)
	change(all)
	if len(all) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return maybe.WriteFile(path, append(data, '\n'), 0o600)
}

// Approved is a cluster on which the learner lets k8stutor work.
type Approved struct {
	UID, Name, Server string
}

// Approvals lists the clusters on which the learner lets k8stutor work.
func Approvals(o Options) []Approved {
	all := readApprovals(o.withDefaults().approvals())
	var list []Approved
	for _, uid := range slices.Sorted(maps.Keys(all)) {
		list = append(list, Approved{uid, all[uid].Name, all[uid].Server})
	}
	return list
}

// Forget takes the learner's yes back for the clusters of that name or uid, or
// with "" for all, and returns those. Nothing on them is changed.
func Forget(o Options, name string) ([]Approved, error) {
	path := o.withDefaults().approvals()
	var gone []Approved
	err := changeApprovals(path, func(all approvals) {
		for _, uid := range slices.Sorted(maps.Keys(all)) {
			if a := all[uid]; name == "" || a.Name == name || uid == name {
				gone = append(gone, Approved{uid, a.Name, a.Server})
				delete(all, uid)
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("forget approved clusters: %w", err)
	}
	return gone, nil
}
