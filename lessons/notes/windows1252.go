package notes

// high1252 holds what Windows-1252 has in 0x80 to 0x9F; 0 for its five holes.
// Source: https://encoding.spec.whatwg.org/index-windows-1252.txt, which fills
// the holes with control characters, as windows1252 does.
const high1252 = "€\x00‚ƒ„…†‡ˆ‰Š‹Œ\x00Ž\x00\x00‘’“”•–—˜™š›œ\x00žŸ"

// windows1252 returns the character of a byte.
func windows1252(c byte) rune {
	if c < 0x80 || c > 0x9f {
		return rune(c)
	}
	n := byte(0x80)
	for _, r := range high1252 {
		if n == c {
			if r == 0 {
				return rune(c)
			}
			return r
		}
		n++
	}
	return rune(c)
}

// byteOf returns the byte from 0x80 on that a decoder of Windows-1252 or Latin-1
// made r of; ok is false when r comes from no such byte.
func byteOf(r rune) (c byte, ok bool) {
	switch {
	case r < 0x80:
		return 0, false
	case r <= 0xff:
		return byte(r), true
	}
	switch r {
	case '€':
		return 0x80, true
	case '‚':
		return 0x82, true
	case 'ƒ':
		return 0x83, true
	case '„':
		return 0x84, true
	case '…':
		return 0x85, true
	case '†':
		return 0x86, true
	case '‡':
		return 0x87, true
	case 'ˆ':
		return 0x88, true
	case '‰':
		return 0x89, true
	case 'Š':
		return 0x8a, true
	case '‹':
		return 0x8b, true
	case 'Œ':
		return 0x8c, true
	case 'Ž':
		return 0x8e, true
	case '‘':
		return 0x91, true
	case '’':
		return 0x92, true
	case '“':
		return 0x93, true
	case '”':
		return 0x94, true
	case '•':
		return 0x95, true
	case '–':
		return 0x96, true
	case '—':
		return 0x97, true
	case '˜':
		return 0x98, true
	case '™':
		return 0x99, true
	case 'š':
		return 0x9a, true
	case '›':
		return 0x9b, true
	case 'œ':
		return 0x9c, true
	case 'ž':
		return 0x9e, true
	case 'Ÿ':
		return 0x9f, true
	}
	return 0, false
}

// usualAfterLetter reports whether the character of a byte may well follow a
// letter in ordinary text: closing quotes, dashes, marks of trade. A letter
// before one of these proves no damage.
func usualAfterLetter(c byte) bool {
	switch c {
	case 0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99, 0x9b, // … ‘ ’ “ ” • – — ™ ›
		0xa0, 0xa9, 0xab, 0xad, 0xae, 0xb0, 0xb2, 0xb3, 0xb7, 0xb9, 0xbb: // NBSP © « SHY ® ° ² ³ · ¹ »
		return true
	}
	return false
}

// usualAfterCapital is usualAfterLetter for Â and Ã, which end words in capitals
// only: marks of trade and raised digits do not follow them.
func usualAfterCapital(c byte) bool {
	switch c {
	case 0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xa0, 0xad, 0xbb: // … ‘ ’ “ ” – — NBSP SHY »
		return true
	}
	return false
}
