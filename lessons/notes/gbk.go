package notes

import (
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// mendGBK puts back a line of GBK that was read as Latin-1: "ÄãºÃ" is 你好. It
// wants least pairs of bytes, all of which are Chinese, and a third of them
// frequent: accented letters in a row can be read as characters that nobody uses.
func mendGBK(line string, least int) (out string, pairs int, ok bool) {
	var b strings.Builder
	var raw []byte
	known := 0
	ranks := commonRanks()
	flush := func() bool {
		if len(raw) == 0 {
			return true
		}
		if len(raw)%2 != 0 {
			return false
		}
		text, err := simplifiedchinese.GBK.NewDecoder().Bytes(raw)
		if err != nil {
			return false
		}
		for _, r := range string(text) {
			switch {
			case isHan(r), r >= 0x3000 && r <= 0x303f, r >= 0xff01 && r <= 0xff5e, r >= 0x2010 && r <= 0x2030:
			default:
				return false
			}
			if ranks[r] > 0 {
				known++
			}
			pairs++
		}
		b.Write(text)
		raw = raw[:0]
		return true
	}
	for _, r := range line {
		if r >= 0xa1 && r <= 0xfe {
			raw = append(raw, byte(r))
			continue
		}
		if !flush() || r >= 0x80 && r <= 0xa0 {
			return "", 0, false
		}
		b.WriteRune(r)
	}
	if !flush() || pairs < least || known*3 < pairs {
		return "", 0, false
	}
	return b.String(), pairs, true
}
