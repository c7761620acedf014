package review

// Session is one sitting: the questions in the order in which they are asked.
// What was answered wrong comes again at the end, until it is right. What was
// answered is in the progress at once, so a session may be left at any time.
type Session struct {
	queue []Item
	asked []Asking // in the order in which they were first asked
}

// Asking is a question of a session and how it went.
type Asking struct {
	Item  Item
	Right bool // at the first time
	Tries int
}

// Begin starts a session.
func Begin(items []Item) *Session { return &Session{queue: append([]Item(nil), items...)} }

// Now is the question to be asked; false when the session is over.
func (s *Session) Now() (Item, bool) {
	if len(s.queue) == 0 {
		return Item{}, false
	}
	return s.queue[0], true
}

// Answered notes the answer to the question of now and goes on to the next.
func (s *Session) Answered(right bool) {
	if len(s.queue) == 0 {
		return
	}
	item := s.queue[0]
	s.queue = s.queue[1:]
	if !right {
		s.queue = append(s.queue, item)
	}
	for i := range s.asked {
		if s.asked[i].Item.Question == item.Question {
			s.asked[i].Tries++
			return
		}
	}
	s.asked = append(s.asked, Asking{item, right, 1})
}

// Left is how many questions are still to be asked.
func (s *Session) Left() int { return len(s.queue) }

// Again reports whether the question of now was answered wrong in this session.
func (s *Session) Again() bool {
	return len(s.queue) > 0 && s.tried(s.queue[0])
}

// Askings says how each question went that was answered.
func (s *Session) Askings() []Asking { return s.asked }

// Keep drops the questions that are still to be asked for the first time and are
// not wanted any more, but not the one of now: it may be on a screen.
func (s *Session) Keep(wanted func(Item) bool) {
	if len(s.queue) == 0 {
		return
	}
	kept := s.queue[:1:1]
	for _, item := range s.queue[1:] {
		if s.tried(item) || wanted(item) {
			kept = append(kept, item)
		}
	}
	s.queue = kept
}

func (s *Session) tried(item Item) bool {
	for _, a := range s.asked {
		if a.Item.Question == item.Question {
			return true
		}
	}
	return false
}
