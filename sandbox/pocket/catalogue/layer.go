package catalogue

import (
	"path"
	"strings"
	"sync"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// layers are the contents of the catalogue's images by repository, and of any
// other image under the empty name. They are made at first use.
var layers = sync.OnceValue(func() map[string]*files.Layer {
	made := map[string]*files.Layer{"": standIn("").newLayer()}
	for _, p := range all {
		made[p.Repository] = p.newLayer()
	}
	return made
})

// Layer is the content of the product's images, which all their containers
// share.
func (p Product) Layer() *files.Layer {
	if l := layers()[p.Repository]; l != nil {
		return l
	}
	return layers()[""]
}

// executable is what a program's file holds: the beginning of one.
const executable = "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00\x01\x00\x00\x00"

func (p Product) newLayer() *files.Layer {
	programs := map[string]files.Entry{}
	if p.Shell {
		programs["/bin/busybox"] = files.Entry{Content: executable, Mode: 0o755}
		for name := range applets {
			programs["/bin/"+name] = files.Entry{Link: "/bin/busybox"}
		}
	}
	for name := range p.Programs {
		programs[p.home(name)] = files.Entry{Content: executable, Mode: 0o755}
	}
	content := map[string]files.Entry{}
	for name, text := range p.Files {
		e := files.Entry{Content: text}
		if strings.HasPrefix(text, "#!") {
			e.Mode = 0o755
		}
		content[name] = e
	}
	return files.NewLayer(programs, content, p.Entries)
}

// home is where the file of a program is.
func (p Product) home(program string) string {
	for _, line := range [][]string{p.Entrypoint, p.Cmd} {
		if len(line) > 0 && path.IsAbs(line[0]) && path.Base(line[0]) == program {
			return line[0]
		}
	}
	return "/usr/local/bin/" + program
}
