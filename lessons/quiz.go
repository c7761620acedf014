package lessons

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/k8stutor/k8stutor/lessons/commandline"
)

// Response is a learner's answer to a question.
type Response struct {
	// Choices are indexes into the question's options. For kind Order they are
	// all options, in the learner's order.
	Choices []int
	Text    string // kind Command: the command line; kind Field: the value
	Line    int    // kind Spot: the line of the manifest, from 1
}

// Marking is what is said about a response.
type Marking struct {
	Right bool
	// Options says for each option whether it was chosen, and whether choosing
	// or leaving it was right; in the order of the file. For kind Order there is
	// one for each place in the learner's order: whether that option belongs
	// there.
	Options []OptionMark
	Lines   []LineMark // kind Spot: the lines of which something is said, in order
	Want    string     // a right answer in the form that ParseResponse reads
	Why     Text       // nil when the question has none
	Note    Text       // what differs, when it can be said; kinds Command and Field
}

// OptionMark is what is said about one option.
type OptionMark struct {
	Index  int // in the question's options
	Chosen bool
	Right  bool
	Reason Text
}

// Presented returns the order in which the options are shown, as indexes into
// Options: for kind Order shuffled, always in the same way and never into the
// right order; for the others as in the file. The letters and numbers that
// ParseResponse reads count in this order.
func (q *Question) Presented() []int {
	order := make([]int, len(q.Options))
	for i := range order {
		order[i] = i
	}
	if q.Kind != Order || len(order) < 2 {
		return order
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(q.ID)) // a hash never fails
	random := rand.New(rand.NewPCG(h.Sum64(), uint64(len(order))))
	for slices.IsSorted(order) {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return order
}

// Mark judges a response.
func (q *Question) Mark(r Response) Marking {
	m := Marking{Why: q.Why, Want: q.want()}
	switch q.Kind {
	case Command:
		if want, diff, ok := commandline.Compare(r.Text, q.Accept); ok {
			m.Right, m.Want, m.Note = diff == nil, want, remark(diff)
		}
	case Field:
		m.Right, m.Want, m.Note = q.markField(r.Text)
	case Spot:
		m.Right, m.Lines = q.markSpot(r.Line)
	case Order:
		m.Right = len(r.Choices) == len(q.Options)
		for place, i := range r.Choices {
			if i < 0 || i >= len(q.Options) {
				m.Right = false
				continue
			}
			m.Options = append(m.Options, OptionMark{Index: i, Chosen: true, Right: i == place, Reason: q.Options[i].Reason})
			m.Right = m.Right && i == place
		}
	default:
		m.Right = true
		for i, o := range q.Options {
			chosen := slices.Contains(r.Choices, i)
			m.Options = append(m.Options, OptionMark{Index: i, Chosen: chosen, Right: chosen == o.Right, Reason: o.Reason})
			m.Right = m.Right && chosen == o.Right
		}
	}
	return m
}

// remark is what is said about a command line, as a text of a course.
func remark(s *commandline.Sentence) Text {
	if s == nil {
		return nil
	}
	return Text{English: s.English, Chinese: s.Chinese}
}

// want returns a right answer in the form that ParseResponse reads.
func (q *Question) want() string {
	switch q.Kind {
	case Spot:
		return q.wantedSpot()
	case Command, Field:
		if len(q.Accept) > 0 {
			return q.Accept[0]
		}
		return ""
	case Order:
		shown := q.Presented()
		places := make([]string, len(shown))
		for place, i := range shown {
			places[i] = strconv.Itoa(place + 1)
		}
		return strings.Join(places, " ")
	case TrueFalse:
		return strconv.FormatBool(len(q.Options) > 0 && q.Options[0].Right)
	default:
		var letters []string
		for i, o := range q.Options {
			if o.Right {
				letters = append(letters, string(rune('a'+i)))
			}
		}
		return strings.Join(letters, ",")
	}
}

// ResponseError says why an answer could not be read, and what was expected.
type ResponseError struct {
	Answer string
	Notice Text
}

func (e *ResponseError) Error() string { return e.Notice.In(English) }

// ParseResponse reads an answer as it is typed: "b", "a,c", "true", "2 1 3", or
// a command line. Letters and numbers are alike ("b" is "2"), and count in the
// order that Presented gives. The error is a *ResponseError.
func ParseResponse(q *Question, s string) (Response, error) {
	s = strings.TrimSpace(s)
	if q.Kind == Spot {
		line, ok := q.spotted(s)
		if !ok {
			return Response{}, q.unreadable(s)
		}
		return Response{Line: line}, nil
	}
	if q.Kind == Command || q.Kind == Field {
		if s == "" {
			return Response{}, q.unreadable(s)
		}
		return Response{Text: s}, nil
	}
	if i, ok := truth(s); ok && q.Kind == TrueFalse && i < len(q.Options) {
		return Response{Choices: []int{i}}, nil
	}
	shown := q.Presented()
	var choices []int
	for _, c := range strings.ToLower(s) {
		place := -1
		switch {
		case unicode.IsSpace(c), strings.ContainsRune(",;.)，、；。）", c):
			continue
		case c >= '1' && c <= '9':
			place = int(c - '1')
		case c >= 'a' && c <= 'z':
			place = int(c - 'a')
		}
		if place < 0 || place >= len(shown) {
			return Response{}, q.unreadable(s)
		}
		choices = append(choices, shown[place])
	}
	different := len(slices.Compact(slices.Sorted(slices.Values(choices))))
	switch q.Kind {
	case Multiple:
		if different == 0 {
			return Response{}, q.unreadable(s)
		}
	case Order:
		if different != len(shown) || len(choices) != len(shown) {
			return Response{}, q.unreadable(s)
		}
	default:
		if len(choices) != 1 {
			return Response{}, q.unreadable(s)
		}
	}
	return Response{Choices: choices}, nil
}

// truth reads true or false as the index of that option.
func truth(s string) (option int, ok bool) {
	switch strings.ToLower(s) {
	case "true", "t", "yes", "y", "对", "是", "真", "正确":
		return 0, true
	case "false", "f", "no", "n", "错", "否", "假", "不对", "错误", "不正确":
		return 1, true
	}
	return 0, false
}

// unreadable says what an answer to the question looks like.
func (q *Question) unreadable(answer string) error {
	last := string(rune('a' + max(len(q.Options), 1) - 1))
	var want Text
	switch q.Kind {
	case Command:
		want = say("the answer is a command line, such as: kubectl get pods", "请输入一条命令，例如：kubectl get pods")
	case Field:
		want = say("the answer is the value that stands in place of ____", "请输入 ____ 处应填的值")
	case Spot:
		want = say("the answer is the number of a line that says something, from 1 to %d", "请回答一个有内容的行的行号，从 1 到 %d", len(q.ManifestLines()))
	case TrueFalse:
		want = say("the answer is true or false", "请回答 true（对）或 false（错）")
	case Order:
		want = say("the answer is every number from 1 to %[1]d once, such as: %[2]s", "请把 1 到 %[1]d 每个数字各写一次，例如：%[2]s",
			len(q.Options), q.anOrder())
	case Multiple:
		want = say("the answer is one or more letters from a to %s, such as: a,%[1]s", "请回答 a 到 %s 中的一个或几个字母，例如：a,%[1]s", last)
	default:
		want = say("the answer is one letter from a to %s", "请回答 a 到 %s 中的一个字母", last)
	}
	said := say("%q cannot be read as an answer", "看不懂回答 %q", answer)
	if answer == "" {
		said = say("there is no answer", "没有作答")
	}
	return &ResponseError{answer, Text{English: said[English] + "; " + want[English], Chinese: said[Chinese] + "；" + want[Chinese]}}
}

// anOrder returns an order as an example: the one in which the lines are shown,
// backwards.
func (q *Question) anOrder() string {
	var places []string
	for i := len(q.Options); i > 0; i-- {
		places = append(places, strconv.Itoa(i))
	}
	return strings.Join(places, " ")
}
