package content_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/content"
)

// A value from a cluster may be `<none>` or hold `*`: Markdown would swallow it
// anywhere but in a code span.
func TestPlaceholdersStandInCodeSpans(t *testing.T) {
	code := regexp.MustCompile("`[^`\n]*`")
	placeholder := regexp.MustCompile(`\{\{\w+\}\}`)
	err := fs.WalkDir(content.Courses, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".md") {
			return err
		}
		text, err := fs.ReadFile(content.Courses, path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			if bare := placeholder.FindString(code.ReplaceAllString(line, "")); bare != "" {
				t.Errorf("%s:%d: %s is not in a code span", path, i+1, bare)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
