package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const tmpfs = "tmpfs"

// Mounted is one entry of the table of mounts.
type Mounted struct{ Source, Target, Type string }

// Mount does what mount(8) would: from now on target shows source, or an empty
// tmpfs. Only targets in the kubelet's folder are taken.
func (d *Disk) Mount(source, target, fstype string, options []string) error {
	rel, ok := d.InKubelet(target)
	if !ok {
		return &fs.PathError{Op: "mount", Path: target, Err: syscall.EPERM}
	}
	target = filepath.Join(d.kubelet, rel)
	entry := tableEntry{source: source, fstype: fstype}
	if fstype == tmpfs && !d.Mounted(target) {
		for _, o := range options {
			if size, ok := strings.CutPrefix(o, "size="); ok {
				entry.size, _ = strconv.ParseInt(size, 10, 64) // 0 without a number: no bound
			}
		}
		// What a tmpfs held is gone after a reboot.
		if err := empty(target); err != nil {
			return err
		}
		if err := os.Chmod(target, fs.ModeSticky|0o777); err != nil { // as the kernel makes one
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.table[target] = entry
	return nil
}

// empty removes what is in a directory, following no link.
func empty(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	for _, e := range entries {
		err = errors.Join(err, root.RemoveAll(e.Name()))
	}
	return err
}

// Unmount ends a mount.
func (d *Disk) Unmount(target string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	target = d.canonical(target)
	if e := d.table[target]; e.root != nil {
		e.root.Close()
	}
	delete(d.table, target)
}

// Mounted reports whether something is mounted at target.
func (d *Disk) Mounted(target string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.table[d.canonical(target)]
	return ok
}

// Mounts lists what is mounted.
func (d *Disk) Mounts() []Mounted {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []Mounted
	for target, e := range d.table {
		list = append(list, Mounted{Source: e.source, Target: target, Type: e.fstype})
		if rel, ok := d.InKubelet(target); ok && d.alias != "" {
			list = append(list, Mounted{Source: e.source, Target: filepath.Join(d.alias, rel), Type: e.fstype})
		}
	}
	slices.SortFunc(list, func(a, b Mounted) int { return strings.Compare(a.Target, b.Target) })
	return list
}

// BindSubPath makes target show what lies at sub in a volume: the directory or
// file that is there now, whatever becomes of its name. A symbolic link that
// leads out of the volume is an error.
func (d *Disk) BindSubPath(volume, sub, target string) error {
	loc, err := d.locate(volume)
	if err != nil {
		return err
	}
	rel, ok := d.InKubelet(target)
	if !ok {
		return errOutside
	}
	target = filepath.Join(d.kubelet, rel)
	top := loc.root
	if top == nil {
		base, err := os.OpenRoot(loc.base)
		if err != nil {
			return err
		}
		defer base.Close()
		if top, err = base.OpenRoot(loc.rel); err != nil {
			return err
		}
		defer top.Close()
	}
	if dir, err := top.OpenRoot(sub); err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		if old := d.table[target]; old.root != nil {
			old.root.Close()
		}
		d.table[target] = tableEntry{source: filepath.Join(volume, sub), volume: volume, root: dir}
		return os.MkdirAll(target, 0o750)
	}
	// A file: another name of it, so that it stays what it is when the kubelet
	// writes a new version of the volume.
	file, err := top.OpenFile(sub, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := linkTo(file, filepath.Join(loc.base, loc.rel, sub), target); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.table[target] = tableEntry{source: filepath.Join(volume, sub), volume: volume}
	return nil
}

// linkTo makes target another name of an open file. name is where the file was
// found: what it leads to must still be that file.
func linkTo(file *os.File, name, target string) error {
	want, err := file.Stat()
	if err != nil {
		return err
	}
	if have, err := os.Lstat(target); err == nil && os.SameFile(want, have) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		return err
	}
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if name, err = filepath.EvalSymlinks(name); err != nil {
		return err
	}
	if err := os.Link(name, target); err != nil {
		return err
	}
	if have, err := os.Lstat(target); err != nil || !os.SameFile(want, have) {
		return errors.Join(syscall.ESTALE, os.Remove(target))
	}
	return nil
}
