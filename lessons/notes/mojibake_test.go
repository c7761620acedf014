package notes

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// damage reads the bytes of s as Windows-1252, whose holes become what hole says.
func damage(s string, hole func(c byte) string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch c {
		case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
			b.WriteString(hole(c))
		default:
			b.WriteRune(windows1252(c))
		}
	}
	return b.String()
}

func asControl(c byte) string { return string(rune(c)) }
func asMark(byte) string      { return "\uFFFD" }
func gone(byte) string        { return "" }

func latin1(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// goodTexts are texts of the kinds that notes are made of, whole as they are.
func goodTexts() []string {
	return []string{
		"Kubernetes 的服务（Service）给一组 Pod 一个不变的地址——“名字”和‘地址’都不变……",
		"部署 → 副本集 → Pod：「滚动更新」时，旧的先不删；×3，≥2，100％，①②③。",
		"┌─ Pod ─┐\n│ web   │ ▶ ✓ ✗ ● █\n└───────┘",
		"Der Spaß“ sagte er, „das ist größer“, Äpfel–Birnen, »Öl«, Straße… naïve Ärzte’ Übung, MÜ®",
		"« Il a été… » dit-elle ; l’été”, à “Orléans”, où ça ? ÇA ! garçon—élève, Nestlé® café™ Œuvre œil dès",
		"Él dijo: «¿Qué? ¡No!» año—mañana, 1º y 2ª, “pingüino”, Ñandú… 20°C",
		"SÃO JOÃO — “MANHÔ, IRMÃ’s, “ROMÂ”, não… coração",
		"Привет, мир! Ελληνικά, שלום, مرحبا, हिन्दी, ไทย, 한국어, 日本語のテキスト、ひらがな",
		"emoji 😀👩‍👩‍👧‍👦🇨🇳 ❤️ ☸ é́ ﬁ",
		"Åse går på øya; þetta er ðað… Łódź, žluťoučký kůň, İstanbul’da ğ",
		"pīnyīn: lǜ, lüè…”, nǚ’ér, xī’ān; à…”, é…”, ç…»",
		"ÄÖÜäöüß ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ ÐÑÒÓÔÕÖ àáâãäåæçèéêëìíîï ðñòóôõö øùúûüýþÿ",
		"3×½, ±5 µm, ¼ ½ ¾, §1, £5 ¥6 €7, ¶, ©2024 «x» ©®™",
		"x² + y³ = z¹, Ø ÷ ·, ª º ¡ ¿",
		"Tiếng Việt: Đã đến “Hà Nội”… ngã, lã—Ã, Ạ ả ấ",
		"",
		"plain ASCII only, 100% ok? yes.",
	}
}

func TestGoodTextIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	for _, s := range goodTexts() {
		if got, m := Mend(s); got != s || m != (Mending{}) {
			t.Errorf("%q\nbecame %q (%+v)", s, got, m)
		}
	}
}

// TestAnyMixtureOfGoodTextIsLeftAsItIs cuts good texts into pieces, at any place,
// and puts the pieces together.
func TestAnyMixtureOfGoodTextIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	texts := goodTexts()
	for range 20000 {
		var b strings.Builder
		for range 1 + random.IntN(4) {
			words := strings.Fields(texts[random.IntN(len(texts))])
			for range random.IntN(6) {
				if len(words) > 0 {
					b.WriteString(words[random.IntN(len(words))] + " ")
				}
			}
			if random.IntN(4) == 0 {
				b.WriteString("\n")
			}
		}
		if got, _ := Mend(b.String()); got != b.String() {
			t.Fatalf("%q\nbecame %q", b.String(), got)
		}
	}
}

// damagedTexts are texts as they were before the damage; each has a letter that
// shows it.
func damagedTexts() []string {
	return []string{
		"Kubernetes 的服务（Service）给一组 Pod 一个不变的地址——“名字”和‘地址’都不变……",
		"你好，世界！这是一个测试。",
		"# 标题：不要直接改 Pod\n\n- 先看 `kubectl get pods`，再说。\n",
		"It’s “quoted” – and costs 5 € … naïve café, größer",
		"Привет, мир",
		"部署 → 副本集 ✓ 😀",
		"┌──┐\n│ab│\n└──┘",
	}
}

func TestDamageIsMended(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(string) string{
		"Windows-1252":             func(s string) string { return damage(s, asControl) },
		"Latin-1":                  latin1,
		"twice":                    func(s string) string { return damage(damage(s, asControl), asControl) },
		"Latin-1 thrice":           func(s string) string { return latin1(latin1(latin1(s))) },
		"first one then the other": func(s string) string { return latin1(damage(s, asControl)) },
	} {
		for _, want := range damagedTexts() {
			got, m := Mend(harm(want))
			if got != want || m.Mended == 0 || m.Lost != 0 || m.Guessed != 0 {
				t.Errorf("%s:\n got %q\nwant %q (%+v)", name, got, want, m)
			}
		}
	}
}

func TestTypicalNotes(t *testing.T) {
	t.Parallel()
	for damaged, want := range map[string]string{
		"ä½ å¥½":                      "你好", // a space for the no-break space
		"ä½\u00a0å¥½":                 "你好",
		"â€œquotedâ€\u009d":           "“quoted”",
		"â€œquotedâ€":                 "“quoted”", // the last byte is gone
		"â€œquotedâ€?":                "“quoted”",
		"CafÃ© au lait":               "Café au lait",
		"voilÃ  le cafÃ©":             "voilà le café",
		"10â‚¬":                       "10€",
		"ï»¿# Title":                  "# Title",
		"good 你好 and bad ä½ å¥½ ã€‚":  "good 你好 and bad 你好 。",
		"fine é line\nä½ å¥½\nfine ü": "fine é line\n你好\nfine ü",
		"ä¸\u008dè¦\u0081":            "不要",
		"ä¸è¦":                        "不要", // both last bytes are gone
		"ä¸\uFFFDè¦\uFFFD":            "不要",
		"ä¸ºä»€ä¹ˆä¸å¯ä»¥":            "为什么不可以",
		"ä¸\u00adå›½":                 "中国", // with its soft hyphen
		"Ð¿Ñ€Ð¸Ð²ÐµÑ‚":                "привет",
		"ÃƒÂ©tÃƒÂ©":                   "été",
		"ÄãºÃ£¬ÕâÊÇÒ»¸ö²âÊÔ¡£":        "你好，这是一个测试。",
	} {
		got, m := Mend(damaged)
		if strings.TrimPrefix(got, "\ufeff") != want || m.Mended == 0 {
			t.Errorf("%q\n got %q\nwant %q (%+v)", damaged, got, want, m)
		}
	}
}

func TestWhatIsLostIsCounted(t *testing.T) {
	t.Parallel()
	got, m := Mend("ä½\u00a0å¥½ ã\uFFFD\uFFFD\uFFFD å¥½ ð\uFFFD\uFFFD\uFFFD å¥½")
	if m.Lost+strings.Count(got, "\uFFFD") == 0 || !strings.HasPrefix(got, "你好") || !strings.HasSuffix(got, "好") {
		t.Errorf("%q, %+v", got, m)
	}
	_, m = Mend("ä¸\uFFFDå¥½ä½ å¥½")
	if m.Guessed != 1 || m.Lost != 0 {
		t.Errorf("a guess is not told: %+v", m)
	}
}

func TestGBKReadAsLatin1(t *testing.T) {
	t.Parallel()
	const text = "# 标题\n\n这是我的笔记：容器和节点，都是程序。\n中文\n- first 第一\n"
	raw, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{"once": latin1(raw), "then UTF-8 too": damage(latin1(raw), asControl)} {
		got, m := Mend(s)
		if name == "once" && !m.GBK {
			t.Errorf("%s: %+v", name, m)
		}
		if !strings.Contains(got, "这是我的笔记：容器和节点，都是程序。") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestMostOfALossyFileComesBack damages a page of Chinese as the learner's notes
// were: holes gone or marked, no-break spaces turned into spaces.
func TestMostOfALossyFileComesBack(t *testing.T) {
	t.Parallel()
	page := strings.Repeat("为什么不可以直接访问 Pod 的地址？因为它会变。这个服务（Service）把请求转给就绪的 Pod，不关心名字。\n"+
		"创建之后，先看看状态，再检查事件；如果镜像拉取失败，就修改配置，重新发布。\n", 10)
	for name, tc := range map[string]struct {
		hole func(byte) string
		nbsp string
		most float64
	}{
		"controls":         {asControl, "\u00a0", 0},
		"controls, spaces": {asControl, " ", 0},
		"marks, spaces":    {asMark, " ", 0.04},
		"gone, spaces":     {gone, " ", 0.06},
	} {
		got, m := Mend(strings.ReplaceAll(damage(page, tc.hole), "\u00a0", tc.nbsp))
		want, have := []rune(page), []rune(got)
		wrong := 0
		for i := range want {
			if i >= len(have) || have[i] != want[i] {
				wrong++
			}
		}
		if share := float64(wrong) / float64(len(want)); share > tc.most {
			t.Errorf("%s: %.1f %% are wrong (%+v):\n%s", name, 100*share, m, strings.SplitN(got, "\n", 3)[0])
		}
	}
}

// TestMendingTwiceIsMendingOnce also proves that what was mended is good text.
func TestMendingTwiceIsMendingOnce(t *testing.T) {
	t.Parallel()
	for _, s := range damagedTexts() {
		once, _ := Mend(damage(s, gone))
		if twice, _ := Mend(once); twice != once {
			t.Errorf("%q becomes %q", once, twice)
		}
	}
}

// FuzzMend wants valid text of valid text, never longer in characters, and the
// text itself when nothing is said to have been mended.
func FuzzMend(f *testing.F) {
	for _, s := range append(goodTexts(), damagedTexts()...) {
		f.Add(s)
		f.Add(damage(s, asMark))
		f.Add(damage(s, gone))
		f.Add(latin1(s))
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			s = strings.ToValidUTF8(s, "?")
		}
		got, m := Mend(s)
		switch {
		case !utf8.ValidString(got):
			t.Fatalf("%q gives bytes that are no text", s)
		case utf8.RuneCountInString(got) > utf8.RuneCountInString(s):
			t.Fatalf("%q grew to %q", s, got)
		case m.Mended == 0 && got != s:
			t.Fatalf("%q became %q, and nothing is said", s, got)
		case strings.Count(got, "\n") != strings.Count(s, "\n"):
			t.Fatalf("%q has other lines than %q", got, s)
		}
	})
}

func BenchmarkMendGoodText(b *testing.B) {
	s := strings.Repeat(goodTexts()[0]+"\n"+goodTexts()[4]+"\n", 2000)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Mend(s)
	}
}

func BenchmarkMendDamagedText(b *testing.B) {
	s := damage(strings.Repeat(goodTexts()[0]+"\n", 2000), asControl)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Mend(s)
	}
}
