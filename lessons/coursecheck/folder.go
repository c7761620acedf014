package coursecheck

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/k8stutor/k8stutor/lessons"
)

// maxFiles is how many files and folders a course may have. It keeps a check of
// the wrong folder short.
const maxFiles = 5000

// maxFileSize is the largest file that is read, in bytes: the loader's limit.
const maxFileSize = 1 << 20

// walk lists the files of the course. It reports false when there is no course,
// or when reading it could not end.
func (c *checker) walk() bool {
	manifest := path.Join(c.dir, "course.yaml")
	if _, err := fs.Stat(c.fsys, manifest); errors.Is(err, fs.ErrNotExist) {
		c.add(lessons.Position{File: manifest}, Error, "format", say("this file is missing, so the folder holds no course", "缺少这个文件，所以这个目录里没有课程"),
			say("a course; `k8stutor course new DIR` makes one", "一门课程；`k8stutor course new DIR` 可以新建"))
		return false
	}
	fine, seen := true, 0
	err := fs.WalkDir(c.fsys, c.dir, func(name string, d fs.DirEntry, err error) error {
		if seen++; seen > maxFiles {
			c.add(lessons.Position{File: manifest}, Error, "folder", say("the folder holds more than %d files", "这个目录里的文件超过 %d 个", maxFiles), say("a folder with a course and nothing else", "只放一门课程的目录"))
			fine = false
			return fs.SkipAll
		}
		at := lessons.Position{File: name}
		switch {
		case err != nil:
			c.add(at, Error, "folder", say("this cannot be read: %v", "无法读取：%v", err), say("a file or folder that you may read", "你有权读取的文件或目录"))
			fine = false
			return fs.SkipDir
		case name != c.dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		info, err := fs.Stat(c.fsys, name) // of what a link leads to
		switch {
		case err != nil && d.Type()&fs.ModeSymlink != 0:
			c.add(at, Error, "folder", say("this link leads nowhere, or out of the course's folder", "这个链接指向不存在的文件，或者指到了课程目录之外"), say("a file in the course's folder", "课程目录里的文件"))
		case err != nil:
			c.add(at, Error, "folder", say("this cannot be read: %v", "无法读取：%v", err), say("a file that you may read", "你有权读取的文件"))
		case info.IsDir(): // a link to a folder
			c.add(at, Error, "folder", say("this is a link to a folder", "这是一个指向目录的链接"), say("the folder itself", "目录本身"))
		case !info.Mode().IsRegular():
			// Reading a pipe would wait for ever.
			c.add(at, Error, "folder", say("this is no regular file but %s", "这不是普通文件，而是 %s", info.Mode().Type()), say("a regular file", "普通文件"))
			fine = false
		default:
			c.files = append(c.files, name)
		}
		return nil
	})
	if err != nil {
		c.add(lessons.Position{File: manifest}, Error, "folder", say("the folder cannot be read: %v", "无法读取这个目录：%v", err), nil)
		return false
	}
	return fine
}

// read returns the text of a file. ok is false when it is none that the loader
// would read; that the loader says.
func (c *checker) read(name string) (text string, ok bool) {
	if !fs.ValidPath(name) {
		return "", false
	}
	info, err := fs.Stat(c.fsys, name)
	if err != nil || !info.Mode().IsRegular() {
		return "", false
	}
	f, err := c.fsys.Open(name)
	if err != nil {
		return "", false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil || len(data) > maxFileSize || !utf8.Valid(data) {
		return "", false
	}
	c.report.Files++
	text = strings.TrimPrefix(string(data), "\ufeff")
	return strings.ReplaceAll(text, "\r\n", "\n"), true
}

// yaml reads a file of one YAML document, nil when it is none.
func (c *checker) yaml(name string) *yaml.Node {
	text, ok := c.read(name)
	var doc yaml.Node
	if !ok || yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// at returns the value under a path of keys, nil when there is none.
func at(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		var value *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				value = n.Content[i+1]
			}
		}
		n = value
	}
	return n
}

// items returns the items of a list, none when n is no list.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// course looks at the course's own files, then at every lesson it names. It
// reports false when the course is not for this program to judge.
func (c *checker) course() bool {
	manifest := path.Join(c.dir, "course.yaml")
	c.used[manifest] = true
	root := c.yaml(manifest)
	if v := at(root, "format"); v == nil || v.Value != strconv.Itoa(lessons.Format) {
		return false // the loader says so
	}
	terms := c.terms()
	c.texts(c.dir, nil, terms)
	for _, module := range items(at(root, "modules")) {
		for _, n := range items(at(module, "lessons")) {
			dir := path.Join(c.dir, n.Value)
			if !fs.ValidPath(dir) || c.used[dir] {
				continue
			}
			c.used[dir] = true
			c.report.Lessons++
			c.lesson(dir, terms)
		}
	}
	return true
}

// orphans reports files that nothing refers to.
func (c *checker) orphans() {
	said := map[string]bool{}
	for _, name := range c.files {
		folder := path.Dir(name)
		top := folder == c.dir
		switch {
		case c.used[name], top && keptBeside(path.Base(name)):
		case !top && !c.inLesson(name):
			// One line for a whole folder.
			rel := strings.TrimPrefix(strings.TrimPrefix(name, c.dir), "/")
			first, _, _ := strings.Cut(rel, "/")
			first = path.Join(c.dir, first)
			if !said[first] {
				said[first] = true
				c.add(lessons.Position{File: name}, Warning, "orphan-file", say("nothing uses the folder %s", "没有任何地方用到目录 %s", first),
					say("a lesson that course.yaml names, or no such folder", "写进 course.yaml 的 lessons，或者删掉这个目录"))
			}
		default:
			c.add(lessons.Position{File: name}, Warning, "orphan-file", say("nothing uses this file", "没有任何地方用到这个文件"),
				say("a setup or draft of a step, a link to it, or no such file", "作为某一步的 setup 或 draft，或者被链接，否则删掉"))
		}
	}
}

// inLesson reports whether a file lies in the folder of a lesson.
func (c *checker) inLesson(name string) bool {
	for dir := path.Dir(name); dir != c.dir && dir != "." && dir != "/"; dir = path.Dir(dir) {
		if c.used[dir] {
			return true
		}
	}
	return false
}

// keptBeside reports whether a file is one that repositories have.
func keptBeside(name string) bool {
	for _, prefix := range []string{"README", "LICENSE", "LICENCE", "NOTICE", "CHANGELOG", "CONTRIBUTING", "Makefile"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return strings.HasSuffix(name, ".schema.json")
}
