// Package markdown lays Markdown out for a terminal: it turns source text into
// lines of styled spans that fit a given width.
//
// It promises that
//
//   - Render and the other functions are pure: the same input gives the same
//     lines, nothing is read or written, and all may be called concurrently;
//   - no line is wider than the width asked for, in terminal cells;
//   - Chinese text breaks by the rules of Chinese typesetting: no closing mark
//     starts a line, no opening mark ends one, and joining two source lines
//     puts no space between ideographs;
//   - no control character of the source is ever part of a span, so a document
//     cannot send escape sequences to the learner's terminal.
//
// Spans carry roles (a heading, a YAML key, the border of a table), never
// colours; what a role looks like is decided by the package that draws it. The
// package therefore must not import Bubble Tea or Lip Gloss.
//
// The way through the code: markdown.go walks the blocks of goldmark's tree,
// inline.go fills a paragraph with the text of one block, kinsoku.go says where
// a line may end and wrap.go breaks it there. code.go and table.go lay out the
// two blocks that do not flow; highlight.go gives code its roles, by the rules in
// lexers/, one file a language. text.go holds the same machinery for plain
// strings, which the rest of the user interface uses.
package markdown
