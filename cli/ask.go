package cli

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// confirm asks a yes-or-no question. Where nobody can answer, --yes is needed:
// what is asked about cannot be undone.
func (p *Program) confirm(question string) (bool, error) {
	if p.flags.yes {
		return true, nil
	}
	if !p.InTerminal {
		return false, usage(p.t("Add --yes to go ahead.", "确定要执行请加 --yes。"), "%s", question)
	}
	return p.askYesNo(question)
}

// confirmInPerson is confirm for what a script must not answer: --yes is not
// enough.
func (p *Program) confirmInPerson(question string) (bool, error) {
	if !p.InTerminal {
		return false, usage(p.t("This course is not k8stutor's own: a person has to read the commands and say yes, in a terminal; --yes is not enough.",
			"这门课程不是 k8stutor 自带的：需要有人在终端里读过命令后亲自确认，--yes 不够。"), "%s", question)
	}
	return p.askYesNo(question)
}

func (p *Program) askYesNo(question string) (bool, error) {
	p.notef("%s [y/N] ", question)
	line, err := p.readLine()
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "是":
		return true, nil
	}
	p.notef("%s\n", p.t("Nothing was done.", "没有做任何改动。"))
	return false, nil
}

// readLine reads one line of input. At the end of input it returns io.EOF with
// what came before it.
func (p *Program) readLine() (string, error) {
	r, ok := p.In.(*bufio.Reader)
	if !ok {
		r = bufio.NewReader(p.In)
		p.In = r
	}
	return r.ReadString('\n')
}
