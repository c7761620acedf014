package coursecheck

import (
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"go.yaml.in/yaml/v3"

	"github.com/k8stutor/k8stutor/lessons"
)

// section looks at one section of one language.
func (c *checker) section(d *document, s section) {
	s.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Link:
			c.link(d, n, string(n.Destination))
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL {
				c.link(d, n, string(n.URL(d.source)))
			}
		case *ast.Image:
			c.image(d, n)
		case *ast.CodeSpan:
			c.codeSpan(d, n)
		case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
			c.placeholders(d, n)
		}
	})
	for _, b := range d.code(s) {
		if b.lang == "yaml" && !strings.Contains(b.info, "wrong") && isManifest(b.text) {
			c.manifest(lessons.Position{File: d.file, Line: b.line}, b.text)
		}
	}
}

// isManifest reports whether a YAML text is of whole objects, and not a few
// lines out of one.
func isManifest(text string) bool {
	dec := yaml.NewDecoder(strings.NewReader(text))
	objects := 0
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); err != nil {
			// What begins as a manifest and is no YAML is worth a word.
			return objects > 0 || err.Error() != "EOF" && strings.HasPrefix(strings.TrimSpace(text), "apiVersion:")
		}
		if len(doc.Content) == 0 || at(doc.Content[0], "apiVersion") == nil || at(doc.Content[0], "kind") == nil {
			return false
		}
		objects++
	}
}

// link looks at where a link leads.
func (c *checker) link(d *document, n ast.Node, to string) {
	bad := func(said, expected lessons.Text) { c.add(d.pos(n), Error, "link", said, expected) }
	u, err := url.Parse(to)
	switch {
	case err != nil:
		bad(say("the link %q is no address", "链接 %q 不是合法的地址", to), say("https://…, a file of the course, or #heading", "https://…、课程里的文件，或 #标题 id"))
	case to == "":
		bad(say("this link leads nowhere", "这个链接没有地址"), say("an address", "一个地址"))
	case u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"):
	case u.Scheme == "https" || u.Scheme == "http":
		if u.Hostname() == "" || strings.ContainsAny(u.Host, " ") {
			bad(say("the link %q names no host", "链接 %q 没有主机名", to), say("https://HOST/PATH", "https://主机/路径"))
		}
	case u.Scheme != "":
		bad(say("the link %q is of a kind that is not opened", "链接 %q 的类型不会被打开", to), say("https, http or mailto", "https、http 或 mailto"))
	case u.Path == "":
		if !d.has(u.Fragment) {
			bad(say("the link leads to #%s, and no heading here has that id", "链接指向 #%s，但这个文件里没有这个 id 的标题", u.Fragment), say("the id of a heading", "某个标题的 id"))
		}
	default:
		c.relativeLink(d, u, bad)
	}
}

func (c *checker) relativeLink(d *document, u *url.URL, bad func(said, expected lessons.Text)) {
	file, ok := c.resolve(d, u.Path)
	if !ok {
		bad(say("the link %q leads to no file of the course", "链接 %q 指向的文件不在课程里", u.Path), say("a file in the course's folder, named from here", "课程目录里的文件，路径从当前文件算起"))
		return
	}
	c.used[file] = true
	if u.Fragment == "" || path.Ext(file) != ".md" {
		return
	}
	if other := c.document(file, d.lang); !other.missing && !other.has(u.Fragment) {
		bad(say("the link leads to #%s, and no heading of %s has that id", "链接指向 #%s，但 %s 里没有这个 id 的标题", u.Fragment, file), say("the id of a heading", "某个标题的 id"))
	}
}

// resolve finds the file of the course that a path in a document names.
func (c *checker) resolve(d *document, to string) (file string, ok bool) {
	file = path.Join(path.Dir(d.file), to)
	if path.IsAbs(to) || !fs.ValidPath(file) || c.dir != "." && !strings.HasPrefix(file, c.dir+"/") {
		return file, false
	}
	info, err := fs.Stat(c.fsys, file)
	return file, err == nil && info.Mode().IsRegular()
}

func (c *checker) image(d *document, n *ast.Image) {
	to := string(n.Destination)
	if n.FirstChild() == nil {
		c.add(d.pos(n), Warning, "image-caption", say("the picture %s has no caption", "图片 %s 没有说明文字", to),
			say("![what it shows](%s): a terminal shows the caption", "![图片内容](%s)：终端里显示的是说明文字", to))
	}
	if u, err := url.Parse(to); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return
	}
	file, ok := c.resolve(d, to)
	if !ok {
		c.add(d.pos(n), Error, "image", say("the picture %q is no file of the course", "图片 %q 不在课程里", to), say("a file in the course's folder, named from here", "课程目录里的文件，路径从当前文件算起"))
		return
	}
	c.used[file] = true
}

// codeSpan looks at a command that stands in a sentence.
func (c *checker) codeSpan(d *document, n *ast.CodeSpan) {
	var b strings.Builder
	for t := n.FirstChild(); t != nil; t = t.NextSibling() {
		if t, ok := t.(*ast.Text); ok {
			b.Write(t.Segment.Value(d.source))
		}
	}
	code := strings.ReplaceAll(strings.TrimSpace(b.String()), "\n", " ")
	if strings.HasPrefix(code, "kubectl ") || strings.HasPrefix(code, "k8stutor kubectl ") {
		c.shell(shellText{pos: d.pos(n), text: code, oneLine: true, named: true})
	}
}

var (
	codeSpans   = regexp.MustCompile("(?s)``[^`].*?``|`[^`]*`")
	placeholder = regexp.MustCompile(`\{\{[ \t]*\w+[ \t]*\}\}`)
)

// placeholders reports each {{name}} outside of code: a value from a cluster may
// be <none> or hold a *, which Markdown would swallow.
func (c *checker) placeholders(d *document, n ast.Node) {
	for i := range n.Lines().Len() {
		if i > 0 {
			break
		}
		source := string(n.Lines().Value(d.source))
		start := d.line(n.Lines().At(0).Start)
		bare := codeSpans.ReplaceAllStringFunc(source, func(code string) string { return strings.Repeat("\n", strings.Count(code, "\n")) })
		for _, m := range placeholder.FindAllStringIndex(bare, -1) {
			pos := lessons.Position{File: d.file, Line: start + strings.Count(bare[:m[0]], "\n")}
			c.add(pos, Error, "placeholder", say("%s stands outside of code", "%s 没有写在代码里", bare[m[0]:m[1]]), say("`%s`", "`%s`", bare[m[0]:m[1]]))
		}
	}
}

// compare looks at what both languages must have in common.
func (c *checker) compare(docs map[lessons.Lang]*document) {
	en, zh := docs[lessons.English], docs[lessons.Chinese]
	commands := map[*document]map[string][]string{en: {}, zh: {}}
	for _, d := range []*document{en, zh} {
		for _, s := range d.sections {
			for _, b := range d.code(s) {
				commands[d][s.id] = append(commands[d][s.id], c.blockCommands(d, b)...)
			}
		}
	}
	for _, s := range zh.sections {
		i := slices.IndexFunc(en.sections, func(other section) bool { return other.id == s.id })
		if i < 0 {
			continue
		}
		other := en.sections[i]
		pos := lessons.Position{File: zh.file, Line: s.line}
		if here, there := len(zh.code(s)), len(en.code(other)); here != there {
			c.add(pos, Warning, "languages-code", say("{#%s} has %d code blocks here and %d in %s:%d", "{#%[1]s} 在这里有 %[2]d 个代码块，在 %[4]s:%[5]d 有 %[3]d 个", s.id, here, there, en.file, other.line), say("the same in both languages", "两种语言一致"))
		}
		c.sameCommands(pos, s.id, commands[zh][s.id], commands[en][s.id], lessons.Position{File: en.file, Line: other.line})
		c.sameLength(pos, s.id, zh.minutes(s), en.minutes(other), lessons.Position{File: en.file, Line: other.line})
	}
}

// sameCommands reports the first command that one language teaches and the
// other does not.
func (c *checker) sameCommands(pos lessons.Position, id string, here, there []string, other lessons.Position) {
	missing := func(of, in []string) string {
		in = slices.Clone(in)
		for _, line := range of {
			i := slices.Index(in, line)
			if i < 0 {
				return line
			}
			in = slices.Delete(in, i, i+1)
		}
		return ""
	}
	if line := missing(there, here); line != "" {
		c.add(pos, Error, "languages-commands", say("{#%s} lacks a command that %s has: `%s`", "{#%s} 缺少 %s 里的命令：`%s`", id, other, line), say("the same commands in both languages", "两种语言里的命令一致"))
	}
	if line := missing(here, there); line != "" {
		c.add(pos, Error, "languages-commands", say("{#%s} has a command that %s lacks: `%s`", "{#%s} 多出一条 %s 里没有的命令：`%s`", id, other, line), say("the same commands in both languages", "两种语言里的命令一致"))
	}
}
