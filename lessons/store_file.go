package lessons

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockTime  = 5 * time.Second      // how long another process may hold the file
	lockRetry = 5 * time.Millisecond // between two attempts to get it
	// maxProgress bounds the progress file, in bytes; a real one has some
	// kilobytes for each lesson.
	maxProgress = 64 << 20
)

var (
	errNewer   = errors.New("written by a newer k8stutor")
	errGarbled = errors.New("not a progress file")
)

// progressFile is the file of a Store. Its methods but lock are called with the
// lock held.
type progressFile struct {
	path  string
	write func(path string, data []byte) error // replaces a file at once
}

// contents is what a progress file held; raw is nil when there was no file.
type contents struct {
	progress Progress
	raw      tree
}

// lock keeps other processes, and other Stores of this one, from the file.
func (f progressFile) lock() (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockTime)
	defer cancel()
	l := flock.New(f.path+".lock", flock.SetPermissions(0o600))
	if _, err := l.TryLockContext(ctx, lockRetry); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("another k8stutor has held %s for %s", l.Path(), lockTime)
		}
		return nil, err
	}
	// Closing the file gives the lock up; there is nothing to do if it fails.
	return func() { _ = l.Unlock() }, nil
}

// read returns errGarbled for a file that is no progress file, errNewer for one
// in a later version, and another error when it cannot be read at all.
func (f progressFile) read() (contents, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return contents{}, nil
	}
	if err != nil {
		return contents{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxProgress+1))
	if err != nil {
		return contents{}, err
	}
	if len(data) > maxProgress {
		return contents{}, fmt.Errorf("%w: larger than %d MB", errGarbled, maxProgress>>20)
	}
	var head struct{ Version int }
	if err := json.Unmarshal(data, &head); err != nil {
		return contents{}, fmt.Errorf("%w: %w", errGarbled, err)
	}
	switch {
	case head.Version > ProgressVersion:
		return contents{}, fmt.Errorf("%w: version %d, this one reads up to %d", errNewer, head.Version, ProgressVersion)
	case head.Version < 1:
		return contents{}, fmt.Errorf("%w: no version", errGarbled)
	}
	raw, err := decodeTree(data)
	if err != nil {
		return contents{}, fmt.Errorf("%w: %w", errGarbled, err)
	}
	p, err := raw.progress()
	if err != nil {
		return contents{}, fmt.Errorf("%w: %w", errGarbled, err)
	}
	return contents{p, raw}, nil
}

func (f progressFile) save(t tree) error {
	data, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return f.write(f.path, append(data, '\n'))
}

// probe finds out whether the folder takes a file of the size of a progress
// file, without waiting for the disk.
func (f progressFile) probe() error {
	file, err := os.CreateTemp(filepath.Dir(f.path), ".probe-*")
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, 16<<10))
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}

// setAside moves the file to a name with .bak that nothing has, and returns it.
func (f progressFile) setAside() (backup string, err error) {
	backup = f.path + ".bak"
	for n := 1; ; n++ {
		if _, err := os.Lstat(backup); errors.Is(err, fs.ErrNotExist) {
			return backup, os.Rename(f.path, backup)
		} else if err != nil {
			return "", err
		}
		backup = fmt.Sprintf("%s.bak.%d", f.path, n)
	}
}

func newLearner() string { return rand.Text() }

// tree is progress as JSON has it. It holds the fields too that this program
// does not know, so that what a newer one of the same version wrote is kept.
type tree map[string]any

func treeOf(p Progress) (tree, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return decodeTree(data)
}

func decodeTree(data []byte) (tree, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // numbers stay as they are written
	var t tree
	if err := dec.Decode(&t); err != nil {
		return nil, err
	}
	return t, nil
}

func (t tree) progress() (Progress, error) {
	var p Progress
	data, err := json.Marshal(t)
	if err != nil {
		return p, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&p); err != nil {
		return p, err
	}
	for _, lp := range p.Lessons {
		if lp == nil || lp.Attempt == nil {
			continue
		}
		for _, s := range lp.Attempt.Steps {
			if s != nil && s.Baseline != nil {
				s.Baseline = plainCopy(s.Baseline, plainNumber).(map[string]any)
			}
		}
	}
	return p.clone(), nil // without entries that are null
}

// plainNumber turns a number of JSON into what CEL yields for one.
func plainNumber(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, err := n.Float64()
	if err != nil {
		return n.String()
	}
	return f
}

// merge returns theirs with what changed from base to mine.
func merge(base, mine, theirs tree) tree {
	out := tree{}
	for key := range union(mine, theirs) {
		b, inBase := base[key]
		m, inMine := mine[key]
		t, inTheirs := theirs[key]
		mMap, mIsMap := m.(map[string]any)
		tMap, tIsMap := t.(map[string]any)
		bMap, _ := b.(map[string]any)
		switch {
		case key == memoryKey && mIsMap && tIsMap && !reflect.DeepEqual(m, b) && !reflect.DeepEqual(t, b):
			out[key] = mergeMemory(mMap, tMap)
		case mIsMap && tIsMap:
			out[key] = map[string]any(merge(bMap, mMap, tMap))
		case inMine == inBase && reflect.DeepEqual(m, b):
			if inTheirs {
				out[key] = t
			}
		case inMine:
			out[key] = m
		}
	}
	return out
}

func union(a, b tree) map[string]bool {
	keys := map[string]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}
