package lessons

// Lang is a language of the prose, as an ISO 639-1 code.
type Lang string

// The languages every text of a course is written in.
const (
	English Lang = "en"
	Chinese Lang = "zh"
)

// Languages lists the languages of a course, in the order in which problems
// are reported.
func Languages() []Lang { return []Lang{English, Chinese} }

// Text is one piece of prose in every language. Course texts are Markdown
// source; titles are one line of plain text.
type Text map[Lang]string

// In returns the text in language l, or in English where l is missing.
func (t Text) In(l Lang) string {
	if s, ok := t[l]; ok {
		return s
	}
	return t[English]
}

// Same returns a Text that reads s in every language: for values that come
// from a cluster and are not translated.
func Same(s string) Text {
	t := Text{}
	for _, l := range Languages() {
		t[l] = s
	}
	return t
}
