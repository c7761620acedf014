package lessons

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Store keeps the progress of a learner in a file. Every change is on the disk
// when Update returns. Several Stores, also of several processes, may use the
// same file. A Store is safe for concurrent use.
type Store struct {
	file progressFile
	now  func() time.Time

	mu    sync.Mutex
	known Progress // what is known, with what could not be saved
	// base is known as it last was in the file. The difference between the two
	// is what is yet to be saved.
	base tree
	// seen is the file as it was when it was last read or written here.
	seen fs.FileInfo
}

// StoreError says why progress could not be read or saved.
type StoreError struct {
	Op   string // "read", "lock", "save"
	Path string
	Err  error
	// Notice says it to the learner, with what it means for them.
	Notice Text
}

func (e *StoreError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.Path, e.Err) }

func (e *StoreError) Unwrap() error { return e.Err }

// OpenStore opens the progress file at path; it and its folder need not exist.
// now is the clock.
//
// What is wrong with the file is no error: the notice says it, and progress is
// kept in memory. A file that cannot be understood, or that a newer k8stutor
// wrote, is kept as path.bak (path.bak.1, … when that is taken). The error is
// for a path that can never work.
func OpenStore(path string, now func() time.Time) (*Store, Text, error) {
	if path == "" {
		return nil, nil, errors.New("open progress: no file was named")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open progress: %w", err)
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // replacing the file must not replace a link to it
	}
	s := &Store{file: progressFile{path: path, write: writeFile}, now: now}
	s.known = Progress{Version: ProgressVersion}
	notice := s.open()
	if s.base, err = treeOf(s.known); err != nil {
		return nil, nil, fmt.Errorf("open progress: %w", err)
	}
	return s, notice, nil
}

// open reads the file for the first time and finds out whether it can be
// written. The notice says what is wrong, nil when nothing is.
func (s *Store) open() Text {
	path := s.file.path
	dirErr := os.MkdirAll(filepath.Dir(path), 0o700)
	unlock, lockErr := s.file.lock()
	if lockErr == nil {
		defer unlock()
	}
	s.seen, _ = os.Stat(path) // without one, Refresh reads
	found, err := s.file.read()
	if errors.Is(err, errNewer) || errors.Is(err, errGarbled) {
		if lockErr != nil {
			return sayInMemory(path, lockErr)
		}
		backup, moveErr := s.file.setAside()
		if moveErr != nil {
			return sayInMemory(path, fmt.Errorf("%w; %w", err, moveErr))
		}
		return saySetAside(path, backup, err)
	}
	if err != nil {
		return sayInMemory(path, err)
	}
	if found.raw != nil {
		s.known = found.progress
	}
	for _, err := range []error{dirErr, lockErr} {
		if err != nil {
			return sayInMemory(path, err)
		}
	}
	if err := s.file.probe(); err != nil {
		return sayInMemory(path, err)
	}
	return nil
}

// Progress returns a copy of what is known.
func (s *Store) Progress() Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known.clone()
}

// Update changes the progress: under the file's lock it reads the file again,
// calls fn once, and saves. When it cannot be saved the change is kept in
// memory and goes to the file with the next one that can; the error is then a
// *StoreError. It is one too when the file had become unreadable and was set
// aside before saving. fn must not use the Store.
func (s *Store) Update(fn func(*Progress)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = os.MkdirAll(filepath.Dir(s.file.path), 0o700) // when this fails so does the lock, and says why
	unlock, err := s.file.lock()
	if err != nil {
		s.change(fn)
		return s.failed("lock", err)
	}
	defer unlock()
	found, err := s.file.read()
	var aside error
	if errors.Is(err, errGarbled) {
		var backup string
		if backup, err = s.file.setAside(); err == nil {
			aside = &StoreError{"read", s.file.path, fmt.Errorf("damaged; kept as %s and saved anew", backup), saySavedAnew(s.file.path, backup)}
		}
	}
	if err != nil {
		s.change(fn)
		return s.failed("read", err)
	}
	if found.raw == nil {
		found.raw = s.base // the file is gone; what is known is not
	} else if err := s.catchUp(found); err != nil {
		s.change(fn)
		return s.failed("read", err)
	}
	s.change(fn)
	if s.known.Learner == "" {
		s.known.Learner = newLearner()
	}
	s.known.Version, s.known.SavedAt = ProgressVersion, s.now().UTC()
	mine, err := treeOf(s.known)
	if err != nil {
		return s.failed("save", err)
	}
	if err := s.file.save(merge(s.base, mine, found.raw)); err != nil {
		return s.failed("save", err)
	}
	s.base = mine
	s.seen, _ = os.Stat(s.file.path)
	return aside
}

// change calls fn on what is known.
func (s *Store) change(fn func(*Progress)) {
	fn(&s.known)
	s.known = s.known.clone() // fn may have kept, or given, a pointer
}

// catchUp brings what others saved since into what is known, on which changes
// that could not be saved stay.
func (s *Store) catchUp(found contents) error {
	mine, err := treeOf(s.known)
	if err != nil {
		return err
	}
	known, err := merge(s.base, mine, found.raw).progress()
	if err != nil {
		return err
	}
	base, err := treeOf(found.progress)
	if err != nil {
		return err
	}
	s.known, s.base = known, base
	return nil
}

func (s *Store) failed(op string, err error) error {
	return &StoreError{Op: op, Path: s.file.path, Err: err, Notice: sayInMemory(s.file.path, err)}
}

// sayInMemory gives the reason first: a line of state may have room for no more.
func sayInMemory(path string, err error) Text {
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		err = file.Err // the path is named below
	}
	return say("Progress cannot be saved: %v. You can go on; it is kept until k8stutor ends. (%s)",
		"进度无法保存：%v。可以继续学习，进度会保留到 k8stutor 退出。（%s）", err, path)
}

func saySetAside(path, backup string, err error) Text {
	if errors.Is(err, errNewer) {
		return say("The progress in %s was written by a newer k8stutor. It is kept as %s, and progress starts anew; update k8stutor to use it.",
			"%s 里的进度由更新版本的 k8stutor 写入，已保留为 %s，进度从头开始。升级 k8stutor 后可以继续用它。", path, backup)
	}
	return say("The progress in %[1]s could not be read (%[3]v). It is kept as %[2]s, and progress starts anew.",
		"%[1]s 里的进度无法读取（%[3]v），已保留为 %[2]s，进度从头开始。", path, backup, err)
}

func saySavedAnew(path, backup string) Text {
	return say("The progress file %s was damaged while k8stutor ran. It is kept as %s, and your progress was saved anew.",
		"进度文件 %s 在运行期间损坏，已保留为 %s，你的进度已重新保存。", path, backup)
}
