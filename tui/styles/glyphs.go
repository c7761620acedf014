package styles

// Glyphs are the marks that go with words and colours. Each is one cell wide.
type Glyphs struct {
	Pass, NotYet, Waiting, CannotTell string
	New, UnderWay, Done               string // how far a lesson is
	Cursor                            string // before the selected row
	Changed, Gone                     string // an object that has just changed, was deleted
	Good, Progressing, Broken         string // state of an object
	Open, Folded                      string // a step that is shown, one that is not
	Right, Wrong                      string // a choice, after the answer
	Picked, Unpicked                  string // a choice of a multiple choice question
	Alert, Dot, Arrow, Separator      string
	Tree                              string // before an object that belongs to the one above
	Box                               Box
	Track, Thumb                      string // scroll bar
	Spinner                           []string
}

// Box are the lines around a pane.
type Box struct {
	TopLeft, TopRight, BottomLeft, BottomRight, Across, Down string
}

func glyphsFor(plain bool) Glyphs {
	if plain {
		return Glyphs{
			Pass: "+", NotYet: "o", Waiting: ".", CannotTell: "?",
			New: "o", UnderWay: "~", Done: "+",
			Cursor: ">", Changed: "*", Gone: "-",
			Good: "+", Progressing: "~", Broken: "!",
			Open: "v", Folded: ">",
			Right: "+", Wrong: "x", Picked: "x", Unpicked: "_",
			Alert: "!", Dot: "-", Arrow: ">", Separator: ">", Tree: "-",
			Box:   Box{"+", "+", "+", "+", "-", "|"},
			Track: "|", Thumb: "#",
			Spinner: []string{"|", "/", "-", "\\"},
		}
	}
	return Glyphs{
		Pass: "✓", NotYet: "○", Waiting: "…", CannotTell: "?",
		New: "○", UnderWay: "◐", Done: "✓",
		Cursor: "▸", Changed: "◆", Gone: "✗",
		Good: "●", Progressing: "◐", Broken: "✗",
		Open: "▾", Folded: "▸",
		Right: "✓", Wrong: "✗", Picked: "■", Unpicked: "□",
		Alert: "!", Dot: "·", Arrow: "→", Separator: "›", Tree: "└",
		Box:   Box{"╭", "╮", "╰", "╯", "─", "│"},
		Track: "│", Thumb: "┃",
		Spinner: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"},
	}
}
