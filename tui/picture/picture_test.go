package picture

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func built(lang lessons.Lang, objects []lessons.Object) *Graph {
	return Build(Source{Snapshot: snapshot(objects...), Namespace: "shop", Words: WordsIn(lang)})
}

func TestPicturesLookAsTheyShould(t *testing.T) {
	t.Parallel()
	for name, objects := range scenes() {
		for _, lang := range lessons.Languages() {
			for _, width := range []int{30, 48, 80, 120} {
				full := fmt.Sprintf("%s-%s-%d", name, lang, width)
				t.Run(full, func(t *testing.T) {
					t.Parallel()
					o := Options{Width: width, Away: name == "away"}
					golden(t, full, built(lang, objects).Draw(o).Plain())
				})
			}
		}
	}
}

func TestPicturesAreToldInSentences(t *testing.T) {
	t.Parallel()
	for name, objects := range scenes() {
		if name == "away" || name == "crowd" {
			continue
		}
		for _, lang := range lessons.Languages() {
			full := fmt.Sprintf("%s-%s-text", name, lang)
			golden(t, full, built(lang, objects).Text())
		}
	}
}
