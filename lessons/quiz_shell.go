package lessons

import "strings"

// unfinished is the error of a command line that a shell would wait for more of.
type unfinished struct{ notice Text }

func (u unfinished) Error() string { return u.notice.In(English) }

// splitCommand splits a command line into words as a shell does: by spaces,
// with quotes and backslashes, and with the operators | & ; < > as words of
// their own. Variables and patterns are left as they are. The error is of type
// unfinished.
func splitCommand(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	quote := rune(0) // ' or " while inside one
	end := func() {
		if inWord {
			words = append(words, word.String())
			word.Reset()
			inWord = false
		}
	}
	runes := []rune(line)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		next := rune(0)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		switch {
		case quote == '\'' && r != '\'', quote == '"' && r != '"' && r != '\\':
			word.WriteRune(r)
		case quote != 0 && r == quote:
			quote = 0
		case r == '\\' && next == 0 && i+1 >= len(runes):
			return nil, unfinished{say("it ends with a backslash", "以反斜杠结尾")}
		case r == '\\' && next == '\n':
			i++ // a line continued
		case r == '\\' && (quote == 0 || strings.ContainsRune("\"\\$`", next)):
			word.WriteRune(next)
			inWord = true
			i++
		case r == '\\':
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			end()
		case strings.ContainsRune("|&;<>", r):
			end()
			op := string(r)
			if next == r {
				op += string(next)
				i++
			}
			words = append(words, op)
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, unfinished{say("the quote %c is not closed", "引号 %c 没有闭合", quote)}
	}
	end()
	return words, nil
}
