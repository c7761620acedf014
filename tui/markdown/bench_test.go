package markdown

import (
	"bytes"
	"testing"
)

// BenchmarkLessonPage lays out an ordinary lesson page: 3 KB of mixed Chinese
// with a list, a table and highlighted YAML.
func BenchmarkLessonPage(b *testing.B) {
	benchmarkRender(b, read(b, "testdata/lesson.md"))
}

// Benchmark200KB lays out what a long file of notes may be.
func Benchmark200KB(b *testing.B) {
	page := append(read(b, "testdata/lesson.md"), '\n')
	benchmarkRender(b, bytes.Repeat(page, 200<<10/len(page)+1))
}

func benchmarkRender(b *testing.B, source []byte) {
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		Render(source, 80, Options{})
	}
}

func BenchmarkWrap(b *testing.B) {
	text := string(read(b, "testdata/kinsoku.md"))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Wrap(text, 40)
	}
}
