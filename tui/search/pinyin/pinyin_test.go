package pinyin

import (
	"slices"
	"strings"
	"testing"
)

func TestWordsDecideBetweenReadings(t *testing.T) {
	t.Parallel()
	table := New()
	for text, want := range map[string]string{
		"重启":   "chong qi",
		"重要":   "zhong yao",
		"容器":   "rong qi",
		"调度":   "diao du",
		"调试":   "tiao shi",
		"服务":   "fu wu",
		"命令行":  "ming ling hang",
		"运行":   "yun xing",
		"命名空间": "ming ming kong jian",
		"副本":   "fu ben",
		"探针":   "tan zhen",
		"滚动更新": "gun dong geng xin",
		"存储卷":  "cun chu juan",
		"标签":   "biao qian",
		"重试重要": "chong shi zhong yao",
	} {
		var got []string
		for _, syllables := range table.Read([]rune(text)) {
			if len(syllables) == 0 {
				got = append(got, "-")
				continue
			}
			got = append(got, strings.Join(syllables, "/"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is read %v, want %s", text, got, want)
		}
	}
	// In a word a character has one reading, alone it has all.
	if got := table.Read([]rune("重启"))[0]; !slices.Equal(got, []string{"chong"}) {
		t.Errorf("重 of 重启 is read %v", got)
	}
	if got := table.Read([]rune("重"))[0]; !slices.Contains(got, "chong") || !slices.Contains(got, "zhong") {
		t.Errorf("重 alone is read %v", got)
	}
	for _, syllables := range table.Read([]rune("Pod 1，。🙂")) {
		if syllables != nil {
			t.Errorf("what is not Chinese is read %v", syllables)
		}
	}
}

// TestTheTablesAreWellFormed reads every line of both files.
func TestTheTablesAreWellFormed(t *testing.T) {
	t.Parallel()
	table := New()
	if len(table.chars) < 8000 {
		t.Errorf("%d characters are known, want the 8,105 of the standard", len(table.chars))
	}
	for line := range strings.Lines(readings) {
		syllable, chars, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok || chars == "" || strings.Trim(syllable, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("readings.txt: %q", line)
		}
	}
	seen := map[string]bool{}
	for line := range strings.Lines(words) {
		fields := strings.Fields(line)
		if len(fields) != 1+len([]rune(fields[0])) || seen[fields[0]] {
			t.Errorf("words.txt: %q is not a word with a syllable for each character, once", line)
			continue
		}
		seen[fields[0]] = true
		for i, c := range []rune(fields[0]) {
			if !slices.Contains(table.chars[c], fields[i+1]) {
				t.Errorf("words.txt: %c of %s is not read %s but %v", c, fields[0], fields[i+1], table.chars[c])
			}
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New()
	}
}
