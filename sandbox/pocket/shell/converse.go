package shell

import (
	"context"
	"errors"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// commandSource gives a shell its commands line by line. more says that the
// line goes on with what was begun. The error ends the shell.
type commandSource func(ctx context.Context, more bool) (line string, err error)

// fromInput reads commands from standard input and takes no byte more than a
// line, because what follows may be for the command.
func (sh *shell) fromInput(ctx context.Context, _ bool) (string, error) {
	return readLine(ctx, sh.files.reader(0), '\n', true, 0)
}

// obey runs commands as they come until the source ends or the shell does.
func (sh *shell) obey(ctx context.Context, next commandSource) int {
	var pending strings.Builder
	for ctx.Err() == nil {
		line, err := next(ctx, pending.Len() > 0)
		if errors.Is(err, errInterrupted) {
			pending.Reset()
			continue
		}
		if err != nil && line == "" {
			if pending.Len() > 0 && !sh.opts.interactive {
				_, _, err := parseScript(pending.String())
				return sh.finish(ctx, sh.badSyntax(err))
			}
			break
		}
		pending.WriteString(line)
		pending.WriteByte('\n')
		text := pending.String()
		_, perr := newParser().Parse(strings.NewReader(limited(text)), "")
		if perr != nil && syntax.IsIncomplete(perr) && len(text) < maxScript && err == nil {
			continue
		}
		if strings.HasSuffix(line, `\`) && err == nil && perr == nil {
			continue
		}
		pending.Reset()
		stmts, nest, serr := parseScript(text)
		if serr != nil {
			sh.badSyntax(serr)
			if !sh.opts.interactive {
				return sh.finish(ctx, sh.status)
			}
			sh.exiting = false
			continue
		}
		sh.nest = max(sh.nest, nest)
		sh.foreground(ctx, stmts)
		if sh.opts.interactive && sh.exiting && sh.failed {
			sh.exiting, sh.failed = false, false // a person's shell survives its errors
		}
		sh.returning, sh.breaking, sh.continuing = false, 0, 0
		if sh.exiting {
			break
		}
	}
	return sh.finish(ctx, sh.status)
}

// limited is text that the parser may be asked whether it is complete; what
// nests too deep is refused later.
func limited(text string) string {
	if bounded(text) != nil {
		return ""
	}
	return text
}

// converse runs the commands that come from standard input.
func (sh *shell) converse(ctx context.Context) int {
	if tty := sh.p.Terminal(); tty != nil {
		return sh.interact(ctx, tty)
	}
	return sh.obey(ctx, sh.fromInput)
}
