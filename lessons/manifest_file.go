package lessons

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Files is the folder in which learners edit the files of manifest steps: each
// lesson has one of its own in it.
type Files struct{ Dir string }

// Lesson is the folder of a lesson's files.
func (f Files) Lesson(lesson string) string { return filepath.Join(f.Dir, lesson) }

// Path is where the file of a manifest step is.
func (f Files) Path(lesson string, step *Step) string {
	return filepath.Join(f.Lesson(lesson), step.Draft.Name)
}

// Lay puts the draft of a step there, unless the learner has the file already,
// and returns its path.
func (f Files) Lay(lesson string, step *Step) (string, error) {
	path := f.Path(lesson, step)
	if step.Draft.Name == "" {
		return path, fmt.Errorf("step %s has no file", step.ID)
	}
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = writeFile(path, step.Draft.Text)
		}
	}
	if err != nil {
		return path, fmt.Errorf("lay out the file of step %s: %w", step.ID, err)
	}
	return path, nil
}

// LayAll does the same for all manifest steps of a lesson. It returns the
// lesson's folder, "" when no step has a file.
func (f Files) LayAll(l *Lesson) (dir string, err error) {
	for _, s := range l.Steps {
		if s.Kind != Manifest {
			continue
		}
		dir = f.Lesson(l.ID)
		_, e := f.Lay(l.ID, s)
		err = errors.Join(err, e)
	}
	return dir, err
}

// Read reads the file of a manifest step. One that was deleted is laid out
// again, as the draft is.
func (f Files) Read(lesson string, step *Step) (*ManifestFile, error) {
	path, err := f.Lay(lesson, step)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the file of step %s: %w", step.ID, err)
	}
	defer file.Close()
	// A pipe or a device in its place would keep the reader for ever.
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read the file of step %s: %s is no regular file: remove it", step.ID, path)
	}
	text, err := io.ReadAll(io.LimitReader(file, MaxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("read the file of step %s: %w", step.ID, err)
	}
	return ReadManifest(step.Draft.Name, text), nil
}

// Text returns the text of the file of a manifest step, for an editor.
func (f Files) Text(lesson string, step *Step) (string, error) {
	path, err := f.Lay(lesson, step)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the file of step %s: %w", step.ID, err)
	}
	return string(text), nil
}

// Write replaces the file of a manifest step.
func (f Files) Write(lesson string, step *Step, text string) error {
	path := f.Path(lesson, step)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = writeFile(path, []byte(text))
	}
	if err != nil {
		return fmt.Errorf("save the file of step %s: %w", step.ID, err)
	}
	return nil
}

// Reset puts the drafts of the manifest steps from the given one on back, of all
// when from is "". What the learner had written is kept beside as NAME.bak; the
// paths of what was kept are returned.
func (f Files) Reset(l *Lesson, from string) (kept []string, err error) {
	reached := from == ""
	for _, s := range l.Steps {
		reached = reached || s.ID == from
		if !reached || s.Kind != Manifest {
			continue
		}
		path := f.Path(l.ID, s)
		have, readErr := os.ReadFile(path)
		switch {
		case errors.Is(readErr, fs.ErrNotExist), readErr == nil && string(have) == string(s.Draft.Text):
		default:
			// Also what cannot be read is the learner's.
			if e := os.Rename(path, path+".bak"); e != nil {
				err = errors.Join(err, fmt.Errorf("keep the file of step %s: %w", s.ID, e))
				continue
			}
			kept = append(kept, path+".bak")
		}
		_, e := f.Lay(l.ID, s)
		err = errors.Join(err, e)
	}
	return kept, err
}
