package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/notes"
	"github.com/k8stutor/k8stutor/tui"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

func (p *Program) readCmd() *cobra.Command {
	raw := false
	cmd := &cobra.Command{
		Use:   "read FILE.md",
		Short: p.t("Read Markdown notes as pages", "把 Markdown 笔记当作一页页来读"),
		Long: p.t(`Read any Markdown notes as pages, cut at their headings, with contents and search. FILE - is stdin.
In a pipe, or with --plain, the text is printed.

UTF-8, UTF-16 and GB18030 (GBK) are read. Text that was decoded wrongly and encoded again
("ä½ å¥½", "â€œ", "Ã©") is mended as far as its bytes are left; what was done is said.`,
			`把任意 Markdown 笔记按标题分页来读，带目录和搜索。FILE 写 - 表示标准输入。
在管道里或加上 --plain 时，直接打印文字。

能读 UTF-8、UTF-16 和 GB18030（GBK）。解码时认错编码、又被重新保存的文字（“ä½ å¥½”、“â€œ”、“Ã©”）
会尽量还原，做了什么会写明。`),
		Args: p.rangeArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.read(cmd.Context(), args[0], raw)
		},
	}
	cmd.Flags().BoolVar(&raw, "raw", false, p.t("mend nothing", "不还原乱码"))
	return cmd
}

func (p *Program) read(ctx context.Context, name string, raw bool) error {
	data, leftOut, err := p.readFile(name)
	if err != nil {
		return err
	}
	if name == "-" {
		name = p.t("stdin", "标准输入")
	}
	doc, err := notes.Read(data, name, notes.Options{Raw: raw, LeftOut: leftOut})
	if errors.Is(err, notes.ErrBinary) {
		return usage(p.t("Give a text file, such as notes.md.", "请给出文本文件，例如 notes.md。"),
			p.t("%s is not text", "%s 不是文本文件"), name)
	}
	if err != nil {
		return usage(p.t("Save it as UTF-8.", "请把它另存为 UTF-8。"), "%w", err)
	}
	if p.json() {
		return p.printJSON(readJSON(doc))
	}
	if p.flags.plain || !p.OutTerminal || p.Getenv("TERM") == "dumb" {
		return p.printNotes(doc)
	}
	return p.readScreen(ctx, doc)
}

// readFile returns what a file holds, and how much of it was left out.
func (p *Program) readFile(name string) (data []byte, leftOut int64, err error) {
	if name == "-" {
		if p.InTerminal {
			return nil, 0, usage(p.t("For example: cat notes.md | k8stutor read -", "例如：cat notes.md | k8stutor read -"),
				"%s", p.t("nothing is piped into read -", "read - 需要从管道读入"))
		}
		return limited(p.In)
	}
	// Opening a named pipe would wait for somebody to write to it.
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, usage(p.t("Check the name; the path starts at the current folder.", "请检查文件名，路径从当前目录算起。"),
			p.t("there is no file %s", "没有文件 %s"), name)
	case err != nil:
		return nil, 0, fmt.Errorf(p.t("read %s: %w", "读取 %s：%w"), name, reason(err))
	case info.IsDir():
		return nil, 0, usage(p.t("Give one file of it.", "请给出其中的一个文件。"), p.t("%s is a folder", "%s 是文件夹"), name)
	case !info.Mode().IsRegular():
		return nil, 0, usage(p.t("Pipe it in: k8stutor read - < FILE", "请用管道读入：k8stutor read - < 文件"),
			p.t("%s is not an ordinary file", "%s 不是普通文件"), name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, fmt.Errorf(p.t("read %s: %w", "读取 %s：%w"), name, reason(err))
	}
	defer f.Close()
	return limited(f)
}

// limited reads at most notes.MaxSize bytes, and counts what comes after them.
func limited(r io.Reader) (data []byte, leftOut int64, err error) {
	data, err = io.ReadAll(io.LimitReader(r, notes.MaxSize))
	if err != nil {
		return nil, 0, fmt.Errorf("read: %w", reason(err))
	}
	if len(data) < notes.MaxSize {
		return data, 0, nil
	}
	// Of a stream without end no more than this is counted.
	const most = 1 << 30
	leftOut, _ = io.Copy(io.Discard, io.LimitReader(r, most))
	return data, leftOut, nil
}

// reason is an error of the file system without the path that it repeats.
func reason(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// readingSaid says in sentences what was done to read notes.
func readingSaid(r notes.Reading) []lessons.Text {
	var said []lessons.Text
	add := func(en, zh string, args ...any) {
		said = append(said, lessons.Text{lessons.English: fmt.Sprintf(en, args...), lessons.Chinese: fmt.Sprintf(zh, args...)})
	}
	if r.Encoding != notes.UTF8 {
		add("The file is not UTF-8; it was read as %s.", "文件不是 UTF-8，已按 %s 读取。", r.Encoding)
	}
	if r.Invalid > 0 {
		add("%d places hold bytes that are no text; � stands for them.", "有 %d 处字节不是文字，用 � 代替。", r.Invalid)
	}
	if r.Mended > 0 {
		from := "UTF-8"
		if r.GBK {
			from = "GBK"
		}
		add("Parts of the text were %s that had been read in the wrong encoding and saved again; %d characters were mended.",
			"部分文字原本是 %s，被按错误的编码读取后又保存过；已还原 %d 个字符。", from, r.Mended)
		if r.Guessed > 0 {
			add("Of %d of them a byte was lost: they are guesses.", "其中 %d 个缺了字节，是推测出来的。", r.Guessed)
		}
		if r.Lost > 0 {
			add("%d could not be mended; � stands for them.", "有 %d 个无法还原，用 � 代替。", r.Lost)
		}
		add("`--raw` shows the file as it is.", "加上 `--raw` 可以看原样。")
	}
	if r.LeftOut > 0 {
		add("The file is longer than %d MB; %s of it are not shown.", "文件超过 %d MB，后面的 %s 没有显示。", notes.MaxSize>>20, megabytes(r.LeftOut))
	}
	return said
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", (n+1023)>>10)
	}
	return fmt.Sprintf("%d MB", (n+1<<20-1)>>20)
}

// printNotes prints notes as text; what was done to read them goes to stderr.
func (p *Program) printNotes(doc *notes.Document) error {
	for _, said := range readingSaid(doc.Reading) {
		p.notef("k8stutor: %s\n", strings.ReplaceAll(said.In(p.lang), "`", ""))
	}
	laid := markdown.Render([]byte(doc.Text), p.width(), markdown.Options{Plain: p.flags.plain, CalloutTitle: p.calloutTitle, HTML: true})
	_, err := io.WriteString(p.Out, p.paint(laid))
	return err
}

func readJSON(doc *notes.Document) any {
	type page struct {
		Title string `json:"title"`
		Level int    `json:"level"`
		Text  string `json:"text"`
	}
	pages := []page{}
	for _, one := range doc.Pages {
		pages = append(pages, page{one.Title, one.Level, one.Body})
	}
	r := doc.Reading
	return map[string]any{"title": doc.Title, "encoding": r.Encoding, "invalid": r.Invalid, "mended": r.Mended, "guessed": r.Guessed,
		"lost": r.Lost, "leftOut": r.LeftOut, "pages": pages}
}

// readScreen shows notes full-screen. When they came in on stdin, keys are read
// from the terminal itself.
func (p *Program) readScreen(ctx context.Context, doc *notes.Document) error {
	in := p.In
	if !p.InTerminal {
		tty, err := os.OpenFile(terminalDevice(), os.O_RDWR, 0)
		if err != nil {
			return p.printNotes(doc) // there is nobody to press keys
		}
		defer tty.Close()
		in = tty
	}
	deps := tui.Deps{
		Load:     func(context.Context) (*lessons.Course, error) { return p.readAll() },
		Notes:    &tui.Notes{Title: doc.Title, Pages: doc.Pages, Said: readingSaid(doc.Reading)},
		Lang:     p.lang,
		Now:      p.Now,
		NoColor:  p.colourless(),
		Plain:    p.flags.plain || p.asciiOnly(),
		Dark:     true,
		Theme:    p.theme(),
		NoMotion: p.flags.look.noMotion,
		Version:  p.Version,
	}
	return tui.Run(ctx, deps, in, p.Out)
}

// terminalDevice is the file that is the terminal of this process.
func terminalDevice() string {
	if runtime.GOOS == "windows" {
		return "CONIN$"
	}
	return "/dev/tty"
}
