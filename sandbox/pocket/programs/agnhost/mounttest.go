package agnhost

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/pflag"
)

// newContent is what mounttest writes into new files.
const newContent = "mount-tester new file\n"

// mounttest says what a container sees of its files, and writes new ones.
func (a *app) mounttest() subcommand {
	var fsType, mode, perm, owner, content, loop string
	var retry int
	var breakOnExpected bool
	created := map[fs.FileMode]*string{0o644: new(string), 0o666: new(string), 0o660: new(string), 0o777: new(string)}
	order := []fs.FileMode{0o644, 0o666, 0o660, 0o777}
	return subcommand{
		use:   "mounttest",
		short: "Creates files with given permissions and outputs FS type, owner, mode, permissions, contents of files",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&fsType, "fs_type", "", "Path to print the fs type for")
			f.StringVar(&mode, "file_mode", "", "Path to print the mode bits of")
			f.StringVar(&perm, "file_perm", "", "Path to print the perms of")
			f.StringVar(&owner, "file_owner", "", "Path to print the owning UID and GID of")
			for _, p := range order {
				f.StringVar(created[p], fmt.Sprintf("new_file_0%o", p), "", fmt.Sprintf("Path to write to and read from with perm 0%o", p))
			}
			f.StringVar(&content, "file_content", "", "Path to read the file content from")
			f.StringVar(&loop, "file_content_in_loop", "", "Path to read the file content in loop from")
			f.IntVar(&retry, "retry_time", 180, "Retry time during the loop")
			f.BoolVar(&breakOnExpected, "break_on_expected_content", true, "Break out of loop on expected content, (use with --file_content_in_loop flag only)")
		},
		run: func([]string) int {
			a.SetUmask(0)
			// The order matters to those who combine flags: the type of a file
			// system, then new files in it, then what they look like.
			ok := a.each(fsType, a.printType)
			for _, p := range order {
				ok = a.each(*created[p], func(name string) bool { return a.writeNew(name, p) }) && ok
			}
			ok = a.each(mode, a.printMode) && ok
			ok = a.each(perm, a.printPerm) && ok
			ok = a.each(owner, a.printOwner) && ok
			ok = a.each(content, a.printContent) && ok
			ok = a.each(loop, func(name string) bool { return a.printInLoop(name, secondsOf(retry), breakOnExpected) }) && ok
			if !ok {
				return 1
			}
			return 0
		},
	}
}

// each does something for a file that a flag names.
func (a *app) each(name string, do func(string) bool) bool { return name == "" || do(name) }

func (a *app) say(format string, args ...any) { fmt.Fprintf(a.Stdout, format, args...) }

func (a *app) printType(name string) bool {
	kind, err := a.fsType(name)
	if err != nil {
		a.say("error from statfs(%q): %v\n", name, err)
		return false
	}
	a.say("mount type of %q: %s\n", name, kind)
	return true
}

func (a *app) writeNew(name string, perm fs.FileMode) bool {
	if err := a.writeFile(name, []byte(newContent), perm); err != nil {
		a.say("error writing new file %q: %v\n", name, err)
		return false
	}
	return a.printContent(name)
}

func (a *app) printMode(name string) bool {
	info, err := a.stat(name)
	if err != nil {
		a.say("error from Stat(%q): %v\n", name, err)
		return false
	}
	a.say("mode of file %q: %v\n", name, info.Mode())
	return true
}

func (a *app) printPerm(name string) bool {
	info, err := a.stat(name)
	if err != nil {
		a.say("error from Stat(%q): %v\n", name, err)
		return false
	}
	a.say("perms of file %q: %v\n", name, info.Mode().Perm())
	return true
}

func (a *app) printOwner(name string) bool {
	uid, gid, err := a.owner(name)
	if err != nil {
		a.say("error from stat(%q): %v\n", name, err)
		return false
	}
	a.say("owner UID of %q: %v\n", name, uid)
	a.say("owner GID of %q: %v\n", name, gid)
	return true
}

func (a *app) printContent(name string) bool {
	data, err := a.readFile(name)
	if err != nil {
		a.say("error reading file content for %q: %v\n", name, err)
		return false
	}
	a.say("content of file %q: %v\n", name, string(data))
	return true
}

// printInLoop prints a file every two seconds: a test watches it change.
func (a *app) printInLoop(name string, limit time.Duration, breakOnExpected bool) bool {
	var err error
	for began := time.Now(); time.Since(began) < limit; {
		var data []byte
		if data, err = a.readFile(name); err != nil {
			a.say("Error reading file %s: %v, retrying\n", name, err)
		} else {
			a.say("content of file %q: %v\n", name, string(data))
			if breakOnExpected {
				if string(data) == newContent {
					break
				}
				a.say("Unexpected content. Expected: %s. Retrying\n", newContent)
			}
		}
		if !a.sleep(2) {
			return false
		}
	}
	return err == nil
}
