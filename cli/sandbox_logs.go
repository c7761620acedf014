package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
)

func (p *Program) sandboxLogsCmd() *cobra.Command {
	var node string
	var follow bool
	tail := -1
	cmd := &cobra.Command{
		Use:   "logs [COMPONENT]",
		Short: p.t("Print the sandbox's logs, of one component or all", "打印沙箱日志（某个组件或全部）"),
		Args:  p.maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := p.sandbox().Logs(node, strings.Join(args, ""))
			if unknown, ok := errors.AsType[*cluster.UnknownComponent](err); ok {
				return p.unknownComponent(unknown, node)
			}
			if err != nil {
				return err
			}
			if follow && len(files) != 1 {
				return usage(p.t("The components: ", "组件：")+strings.Join(components(files), ", "), "%s", p.t("-f follows one component", "-f 只能跟踪一个组件"))
			}
			for i, f := range files {
				if len(files) > 1 {
					if i > 0 {
						p.printf("\n")
					}
					p.printf("==> %s <==\n", f.Component)
				}
				if err := p.printLog(cmd.Context(), f.Path, tail, follow); err != nil {
					return err
				}
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			files, _ := p.sandbox().Logs(node, "")
			return components(files), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, p.t("go on with what is added", "持续输出新的日志"))
	cmd.Flags().IntVar(&tail, "tail", -1, p.t("only the last lines, so many", "只输出最后若干行"))
	cmd.Flags().StringVar(&node, "node", "", p.t("the logs of a further node", "某个其他节点的日志"))
	return cmd
}

func components(files []cluster.LogFile) []string {
	var names []string
	for _, f := range files {
		names = append(names, f.Component)
	}
	return names
}

func (p *Program) unknownComponent(u *cluster.UnknownComponent, node string) error {
	if node == u.Name {
		return usage(p.offer(u.Name, u.Known, p.t("The further nodes: ", "其他节点：")+strings.Join(u.Known, ", ")),
			p.t("there is no further node %q", "没有其他节点 %q"), u.Name)
	}
	return usage(p.offer(u.Name, u.Known, p.t("The components: ", "组件：")+strings.Join(u.Known, ", ")),
		p.t("there is no component %q", "没有组件 %q"), u.Name)
}

// lookAgain is how often a log that is followed is looked at.
const lookAgain = 200 * time.Millisecond

// printLog prints a log file, or its last lines, and goes on with it if it is
// to be followed: also when the file is replaced, as a log is that grew long.
func (p *Program) printLog(ctx context.Context, path string, tail int, follow bool) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer func() { f.Close() }()
	if tail >= 0 {
		if err := seekTail(f, tail); err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
	}
	out := &tamed{w: p.Out}
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for {
		if _, err := io.Copy(out, f); err != nil || !follow {
			return err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil // it was followed for as long as was wanted
		}
		if next := replaced(f, path); next != nil {
			_, err := io.Copy(out, f) // what came last
			f.Close()
			if f = next; err != nil {
				return err
			}
		}
	}
}

// replaced opens the file at path if it is another than f, else returns nil.
func replaced(f *os.File, path string) *os.File {
	was, err := f.Stat()
	if err != nil {
		return nil
	}
	now, err := os.Stat(path)
	if err != nil || os.SameFile(was, now) {
		return nil
	}
	next, err := os.Open(path)
	if err != nil {
		return nil
	}
	return next
}

// seekTail sets a file to the beginning of its last lines.
func seekTail(f *os.File, lines int) error {
	at, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	end := at
	block := make([]byte, 64<<10)
	for at > 0 {
		n := min(at, int64(len(block)))
		at -= n
		if _, err := f.ReadAt(block[:n], at); err != nil {
			return err
		}
		part := block[:n]
		if at+n == end && n > 0 && part[n-1] == '\n' {
			part = part[:n-1] // the end of the last line begins none
		}
		for lines > 0 {
			i := bytes.LastIndexByte(part, '\n')
			if i < 0 {
				break
			}
			if lines--; lines == 0 {
				_, err := f.Seek(at+int64(i)+1, io.SeekStart)
				return err
			}
			part = part[:i]
		}
		if lines == 0 {
			_, err := f.Seek(end, io.SeekStart)
			return err
		}
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}
