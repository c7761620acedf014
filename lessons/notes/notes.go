// Package notes reads Markdown notes of any origin and makes pages of them: it
// finds out how a file is encoded, mends text that was decoded wrongly and
// encoded again, skips the front matter and cuts what is left at its headings.
//
// It promises that its functions are pure, that text which was not damaged is
// left as it is, and that whatever was changed is counted, so that it can be
// said. It must not import Bubble Tea, client-go or any package that reads files.
package notes

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// MaxSize is how many bytes of a file are read; what is left of a longer one is
// not shown. A book has about 1 MB.
const MaxSize = 8 << 20

// ErrBinary says that a file holds no text.
var ErrBinary = errors.New("this is no text: it holds bytes that no text has")

// Document is a file of notes, cut into pages.
type Document struct {
	Title string
	Pages []Page
	// Text is the whole text, as Markdown, without its front matter.
	Text    string
	Reading Reading
}

// Page is one section of notes.
type Page struct {
	Title string // plain text
	Level int    // of its heading, 1 to 6; 0 for text before the first one
	Body  string // Markdown, without the heading
}

// Reading says what was done to read a file.
type Reading struct {
	// Encoding is how the bytes were read: "UTF-8", "UTF-16", "GB18030" or
	// "Windows-1252".
	Encoding string
	// Invalid counts the places in which the bytes were not of that encoding.
	Invalid int
	Mending
	// LeftOut is how many bytes of the file were not read.
	LeftOut int64
}

// Options says how notes are read.
type Options struct {
	Raw     bool  // mend nothing
	LeftOut int64 // how many bytes of the file the caller has left out
}

// Read makes pages of the bytes of a file. Its name, without folders and .md,
// becomes the title where the text has none.
func Read(data []byte, name string, o Options) (*Document, error) {
	text, reading, err := decode(data, o.LeftOut > 0)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	if !o.Raw {
		text, reading.Mending = Mend(text)
	}
	text = strings.TrimPrefix(text, "\ufeff")
	reading.LeftOut = o.LeftOut
	title, text := cutFrontMatter(text)
	doc := &Document{Text: text, Reading: reading, Pages: cut(text)}
	doc.Title = titleOf(title, doc.Pages, name)
	for i := range doc.Pages {
		if doc.Pages[i].Title == "" {
			doc.Pages[i].Title = doc.Title
		}
	}
	return doc, nil
}

// titleOf is the title of the front matter, else the first heading if it is one
// of the first level, else the file's name.
func titleOf(front string, pages []Page, name string) string {
	if front != "" {
		return front
	}
	for _, p := range pages {
		if p.Level == 1 {
			return p.Title
		}
		if p.Level > 1 {
			break
		}
	}
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	return strings.TrimSuffix(base, path.Ext(base))
}

// cutFrontMatter splits a text into the title that its front matter gives (YAML
// between lines of ---, TOML between lines of +++) and what comes after.
func cutFrontMatter(text string) (title, rest string) {
	for _, fence := range []string{"---", "+++"} {
		body, ok := strings.CutPrefix(text, fence+"\n")
		if !ok {
			continue
		}
		front, rest, ok := strings.Cut("\n"+body, "\n"+fence+"\n")
		if !ok {
			front, ok = strings.CutSuffix(strings.TrimRight("\n"+body, "\n"), "\n"+fence)
			rest = ""
		}
		if !ok || !isFrontMatter(front) {
			return "", text // a thematic break, and text
		}
		return frontTitle(front), rest
	}
	return "", text
}

// isFrontMatter reports whether lines are keys and values rather than prose.
func isFrontMatter(front string) bool {
	const longest = 16 << 10
	if len(front) > longest {
		return false
	}
	for line := range strings.SplitSeq(front, "\n") {
		switch {
		case strings.TrimSpace(line) == "", strings.HasPrefix(line, " "), strings.HasPrefix(line, "\t"),
			strings.HasPrefix(line, "#"), strings.HasPrefix(line, "- "), strings.HasPrefix(line, "["), strings.HasPrefix(line, "]"):
		default:
			key, _, ok := strings.Cut(line, ":")
			if !ok {
				key, _, ok = strings.Cut(line, "=")
			}
			if !ok || len(strings.Fields(key)) != 1 {
				return false
			}
		}
	}
	return true
}

func frontTitle(front string) string {
	for line := range strings.SplitSeq(front, "\n") {
		rest, ok := strings.CutPrefix(line, "title")
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		if value, ok := strings.CutPrefix(rest, ":"); ok {
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
		if value, ok := strings.CutPrefix(rest, "="); ok {
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return ""
}
