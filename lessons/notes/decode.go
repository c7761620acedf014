package notes

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The encodings that are told apart.
const (
	UTF8        = "UTF-8"
	UTF16       = "UTF-16"
	GB18030     = "GB18030"
	Windows1252 = "Windows-1252"
)

// errUTF32 says that a file is UTF-32, which next to nobody writes.
var errUTF32 = errors.New("this is UTF-32 text; save it as UTF-8")

// decode makes text of bytes. cut says that the end of the file is missing, so
// that the last character may be torn.
func decode(data []byte, cut bool) (string, Reading, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(data, []byte{0, 0, 0xfe, 0xff}):
		return "", Reading{}, errUTF32
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		return decodeUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return decodeUTF16(data[2:], binary.BigEndian)
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	}
	if order := unmarkedUTF16(data); order != nil {
		return decodeUTF16(data, order)
	}
	if isBinary(data) {
		return "", Reading{}, ErrBinary
	}
	if cut {
		data = wholeRunes(data)
	}
	if utf8.Valid(data) {
		return string(data), Reading{Encoding: UTF8}, nil
	}
	good, bad := countUTF8(data)
	if good >= 4*bad {
		return strings.ToValidUTF8(string(data), "\uFFFD"), Reading{Encoding: UTF8, Invalid: bad}, nil
	}
	if text, invalid, ok := decodeGB18030(data, cut); ok {
		return text, Reading{Encoding: GB18030, Invalid: invalid}, nil
	}
	return decodeWindows1252(data), Reading{Encoding: Windows1252}, nil
}

func decodeUTF16(data []byte, order binary.ByteOrder) (string, Reading, error) {
	r := Reading{Encoding: UTF16, Invalid: len(data) % 2}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	runes := utf16.Decode(units)
	controls := 0
	for _, c := range runes {
		switch {
		case c == utf8.RuneError:
			r.Invalid++
		case c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f':
			controls++
		}
	}
	if controls > len(runes)/50 {
		return "", Reading{}, ErrBinary
	}
	return string(runes), r, nil
}

// unmarkedUTF16 returns the byte order of UTF-16 text without a mark: every
// second byte of its ASCII is zero. Nil when it is none.
func unmarkedUTF16(data []byte) binary.ByteOrder {
	const sample = 4096
	data = data[:min(len(data), sample)&^1]
	if len(data) < 8 {
		return nil
	}
	var zero [2]int
	for i, c := range data {
		if c == 0 {
			zero[i&1]++
		}
	}
	half := len(data) / 2
	switch {
	case zero[0] == 0 && zero[1] > half/3:
		return binary.LittleEndian
	case zero[1] == 0 && zero[0] > half/3:
		return binary.BigEndian
	}
	return nil
}

// isBinary reports whether data has a zero byte, or more control characters than
// text with colours has.
func isBinary(data []byte) bool {
	controls := 0
	for _, c := range data {
		switch {
		case c == 0:
			return true
		case c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b:
			controls++
		}
	}
	return controls > len(data)/50
}

// wholeRunes cuts off a character that was torn at the end of data.
func wholeRunes(data []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax, len(data)); i++ {
		if tail := data[len(data)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return data[:len(data)-i]
			}
			break
		}
	}
	return data
}

// countUTF8 counts the characters beyond ASCII that are UTF-8, and the places
// that are none.
func countUTF8(data []byte) (good, bad int) {
	within := false
	for len(data) > 0 {
		if data[0] < utf8.RuneSelf {
			data, within = data[1:], false
			continue
		}
		r, n := utf8.DecodeRune(data)
		switch {
		case r != utf8.RuneError || n > 1:
			good++
			within = false
		case !within:
			bad++
			within = true
		}
		data = data[n:]
	}
	return good, bad
}

// decodeGB18030 reads data as GB18030, of which GBK and GB2312 are parts. ok is
// false when what comes out is not mostly Chinese.
func decodeGB18030(data []byte, cut bool) (text string, invalid int, ok bool) {
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil {
		return "", 0, false
	}
	text = string(out)
	if cut {
		text = strings.TrimSuffix(text, "\uFFFD")
	}
	han, known, high := 0, 0, 0
	ranks := commonRanks()
	for _, r := range text {
		switch {
		case r == utf8.RuneError:
			invalid++
		case r >= 0x80:
			high++
			if isHan(r) {
				han++
				if ranks[r] > 0 {
					known++
				}
			}
		}
	}
	return text, invalid, invalid*20 <= high && han > 0 && known*5 >= han
}

func decodeWindows1252(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		b.WriteRune(windows1252(c))
	}
	return b.String()
}
