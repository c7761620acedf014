// Command generate writes readings.txt from the Unihan database:
//
//	go run ./tui/search/pinyin/generate Unihan_Readings.txt >tui/search/pinyin/readings.txt
//
// The file is in Unicode's Unihan.zip, and in Debian's package unicode-data.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: generate Unihan_Readings.txt")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	standard, usual := map[rune][]string{}, map[rune][]string{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		code, rest, _ := strings.Cut(lines.Text(), "\t")
		property, value, ok := strings.Cut(rest, "\t")
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(code, "U+"), 16, 32)
		if err != nil {
			return fmt.Errorf("%s: %q: %w", path, lines.Text(), err)
		}
		switch property {
		case "kTGHZ2013": // "075.110:diào 366.070:tiáo"
			for _, entry := range strings.Fields(value) {
				_, sounds, _ := strings.Cut(entry, ":")
				standard[rune(n)] = append(standard[rune(n)], strings.Split(sounds, ",")...)
			}
		case "kHanyuPinlu": // "diào(390) tiáo(213)", by how usual
			for _, entry := range strings.Fields(value) {
				sound, _, _ := strings.Cut(entry, "(")
				usual[rune(n)] = append(usual[rune(n)], sound)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	bySyllable := map[string][]rune{}
	for char, sounds := range standard {
		var known []string
		for _, sound := range append(usual[char], sounds...) {
			if s := syllable(sound); s != "" && !slices.Contains(known, s) {
				known = append(known, s)
				bySyllable[s] = append(bySyllable[s], char)
			}
		}
	}
	var syllables []string
	for s := range bySyllable {
		syllables = append(syllables, s)
	}
	slices.Sort(syllables)
	out := bufio.NewWriter(os.Stdout)
	for _, s := range syllables {
		chars := bySyllable[s]
		slices.Sort(chars)
		fmt.Fprintf(out, "%s %s\n", s, string(chars))
	}
	return out.Flush()
}

// syllable takes the tone off: "lǜ" is typed as "lv".
func syllable(sound string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(sound) {
		switch r {
		case 'ü', 'ǖ', 'ǘ', 'ǚ', 'ǜ':
			b.WriteByte('v')
			continue
		}
		for _, d := range norm.NFD.String(string(r)) {
			if !unicode.Is(unicode.Mn, d) {
				b.WriteRune(unicode.ToLower(d))
			}
		}
	}
	for _, r := range b.String() {
		if r < 'a' || r > 'z' {
			return ""
		}
	}
	return b.String()
}
