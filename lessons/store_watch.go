package lessons

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// Refresh takes in what other processes have saved since the file was read last,
// and reports whether there was anything. A file that cannot be read now changes
// nothing; Update says what is wrong with it.
func (s *Store) Refresh() (changed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := os.Stat(s.file.path)
	if err != nil || unchanged(s.seen, now) {
		return false, nil // when the file is gone, what is known is not
	}
	found, err := s.file.read()
	if err != nil || found.raw == nil {
		return false, err
	}
	if err := s.catchUp(found); err != nil {
		return false, err
	}
	s.seen = now
	return true, nil
}

// Watch calls changed after another process has saved progress, and Refresh has
// taken it in, until ctx ends. It waits for the operating system to tell and does
// nothing meanwhile. The error says why it cannot, such as too many watches.
func (s *Store) Watch(ctx context.Context, changed func()) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch %s: %w", s.file.path, err)
	}
	defer watcher.Close()
	// The file is replaced by each save: what lasts is its folder.
	if err := watcher.Add(filepath.Dir(s.file.path)); err != nil {
		return fmt.Errorf("watch %s: %w", s.file.path, err)
	}
	for {
		if fresh, _ := s.Refresh(); fresh { // also what came before the watch
			changed()
		}
		if !s.touched(ctx, watcher) {
			return ctx.Err()
		}
	}
}

// touched waits until something has happened to the file, or something was
// missed; false when ctx has ended.
func (s *Store) touched(ctx context.Context, w *fsnotify.Watcher) bool {
	for {
		select {
		case event := <-w.Events:
			if filepath.Base(event.Name) == filepath.Base(s.file.path) && !event.Has(fsnotify.Chmod) {
				return true
			}
		case <-w.Errors: // events were lost: look
			return true
		case <-ctx.Done():
			return false
		}
	}
}

// unchanged reports whether two looks at a file found the same one, unchanged.
func unchanged(a, b fs.FileInfo) bool {
	return a != nil && b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
