// Package scaffold holds the course that an author begins with: a small one that
// is right as it is, with a comment at each key.
//
// It promises to write into an empty folder only, and to leave nothing behind
// when it fails. It imports nothing of this module.
package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// files is the course, in the folder "course".
//
//go:embed all:course
var files embed.FS

// templateID stands for the id of the course in its files.
const templateID = "my-course"

// ErrNotEmpty says that the folder holds something already.
var ErrNotEmpty = errors.New("the folder is not empty")

// ErrNoFolder says that what is there is no folder.
var ErrNoFolder = errors.New("this is not a folder")

// Course is the course as it would be written into a folder of that name: its id
// and the text of each file by its path.
func Course(dir string) (id string, texts map[string]string, err error) {
	id, texts = idOf(dir), map[string]string{}
	err = fs.WalkDir(files, "course", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := files.ReadFile(name)
		texts[strings.TrimPrefix(name, "course/")] = strings.ReplaceAll(string(text), templateID, id)
		return err
	})
	return id, texts, err
}

// idOf makes an id out of a folder's name: lower case letters, digits and "-".
func idOf(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	id := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(filepath.Base(dir)), "-")
	id = strings.Trim(id, "-")
	if len(id) > 40 {
		id = strings.Trim(id[:40], "-")
	}
	// The ids of the course's modules and lessons are taken.
	if id == "" || id == "basics" || id == "hello" {
		return templateID
	}
	return id
}

// Write makes the folder, when it is not there, and writes the course into it.
// The error is ErrNotEmpty or ErrNoFolder, or says which file could not be
// written.
func Write(dir string) (id string, err error) {
	made := false // the folder itself
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", fmt.Errorf("make the folder: %w", err)
		}
		made = true
	case err != nil:
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return "", ErrNoFolder
		}
		return "", fmt.Errorf("look into the folder: %w", err)
	default:
		for _, e := range entries {
			if e.Name() != ".git" {
				return "", ErrNotEmpty
			}
		}
	}
	id, texts, err := Course(dir)
	if err != nil {
		return "", err
	}
	if err := write(dir, texts); err != nil {
		for name := range texts {
			_ = os.RemoveAll(filepath.Join(dir, firstPart(name))) // the folder was empty
		}
		if made {
			_ = os.Remove(dir)
		}
		return "", err
	}
	return id, nil
}

func firstPart(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}

func write(dir string, texts map[string]string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for name, text := range texts {
		name = filepath.FromSlash(name)
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
