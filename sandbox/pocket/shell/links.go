package shell

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

func runLN(_ context.Context, p *proc.Process) int {
	set, operands := flags(p, "tS")
	_, symbolic := set['s']
	_, force := set['f']
	_, noDeref := set['n']
	if len(operands) == 1 {
		operands = append(operands, ".")
	}
	if noDeref && len(operands) == 2 {
		if info, err := p.Files.Lstat(p.Path(operands[1])); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			set['T'] = ""
		}
	}
	pairs, code := targets(p, set, operands)
	if code != 0 {
		return code
	}
	for _, pair := range pairs {
		dest := p.Path(pair[1])
		if force {
			if info, err := p.Files.Lstat(dest); err == nil && !info.IsDir() {
				_ = p.Files.Remove(dest, false)
			}
		}
		var err error
		if symbolic {
			err = p.Files.Symlink(pair[0], dest)
		} else {
			err = p.Files.Link(p.Path(pair[0]), dest)
		}
		if err != nil {
			code = p.Fail(1, "%s: %s", pair[1], reason(err))
		}
	}
	return code
}

func runReadlink(_ context.Context, p *proc.Process) int {
	set, names := flags(p, "")
	_, canonical := set['f']
	_, noNewline := set['n']
	code := 0
	for _, name := range names {
		var target string
		var err error
		if canonical {
			target, err = p.Files.RealPath(p.Path(name))
		} else {
			target, err = p.Files.Readlink(p.Path(name))
		}
		if err != nil {
			code = 1
			continue
		}
		fmt.Fprint(p.Stdout, target)
		if !noNewline {
			fmt.Fprintln(p.Stdout)
		}
	}
	return code
}

func runRealpath(_ context.Context, p *proc.Process) int {
	_, names := flags(p, "")
	code := 0
	for _, name := range names {
		target, err := p.Files.RealPath(p.Path(name))
		if err == nil {
			_, err = p.Files.Lstat(target)
		}
		if err != nil {
			code = p.Fail(1, "%s: %s", name, reason(err))
			continue
		}
		fmt.Fprintln(p.Stdout, target)
	}
	return code
}
