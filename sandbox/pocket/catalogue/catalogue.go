// Package catalogue lists the images of the sandbox: which names and tags can
// be pulled, and which programs, files and settings an image brings.
package catalogue

import (
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/nginx"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/redis"
)

// Product is one repository of the catalogue and what its images run.
type Product struct {
	Repository string // full, without tag
	Entrypoint []string
	Cmd        []string
	Env        []string                // KEY=value, beside PATH
	Dir        string                  // working directory; empty is /
	User       string                  // UID or UID:GID; empty is root
	StopSignal proc.Signal             // what asks it to end; 0 is SIGTERM
	Programs   map[string]proc.Program // by base name, beside the shell's own
	Files      map[string]string       // content by absolute path
	Entries    map[string]files.Entry  // files with other modes, directories and links, over Files
	Shell      bool                    // the image has a shell and the usual small commands
	StandsIn   bool                    // nothing is known of the image: any other command is stood in for
	Size       uint64                  // bytes, of a typical tag
	Memory     int64                   // bytes that its first process begins with; 0 is as little as a shell
	Version    string                  // the one that "latest" stands for

	ownTags bool // tags count the image's versions, not its program's
	hasTag  func(tag string) bool
}

// products lists the images that run as themselves. Tags that never existed
// fail to pull; every version line that has existed is accepted.
func products() []Product {
	return []Product{
		{
			Repository: "docker.io/library/nginx",
			StopSignal: proc.SIGQUIT,
			Entrypoint: []string{"/docker-entrypoint.sh"},
			Cmd:        []string{"nginx", "-g", "daemon off;"},
			Version:    "1.29.3",
			Memory:     4 << 20,
			Programs:   map[string]proc.Program{"docker-entrypoint.sh": programs.Entrypoint, "nginx": nginx.Run, "curl": programs.Curl},
			Files:      nginx.Files(),
			Shell:      true,
			Size:       72_300_000,
			hasTag: tags(`latest|stable|mainline|alpine|perl|otel|bookworm|trixie`, "1", versions{
				minMinor: 0, maxMinor: 31, maxPatch: 31, major: 1,
			}, `perl|otel|alpine|alpine-slim|alpine-perl|alpine-otel|alpine3\.\d\d?|bookworm|bookworm-perl|bullseye|trixie`),
		},
		{
			Repository: "docker.io/library/httpd",
			StopSignal: proc.SIGWINCH,
			Cmd:        []string{"httpd-foreground"},
			Version:    "2.4.65",
			Memory:     7 << 20,
			Programs:   map[string]proc.Program{"httpd-foreground": programs.HTTPD, "httpd": programs.HTTPD},
			Dir:        "/usr/local/apache2",
			Files:      programs.HTTPDFiles(),
			Shell:      true,
			Size:       45_100_000,
			hasTag: tags(`latest|alpine|bookworm|trixie|2`, "2", versions{
				minMinor: 2, maxMinor: 4, maxPatch: 68, major: 2,
			}, `alpine|alpine3\.\d\d?|bookworm|bullseye|trixie`),
		},
		{
			Repository: "docker.io/library/redis",
			Entrypoint: []string{"docker-entrypoint.sh"},
			Cmd:        []string{"redis-server"},
			Version:    "8.2.2",
			Memory:     5 << 20,
			Programs:   map[string]proc.Program{"docker-entrypoint.sh": programs.Entrypoint, "redis-server": redis.Server, "redis-cli": redis.CLI},
			Dir:        "/data",
			Shell:      true,
			Size:       52_700_000,
			hasTag: tags(`latest|alpine|bookworm|trixie`, "", versions{
				minMinor: 0, maxMinor: 8, maxPatch: 22, major: 5, maxMajor: 8,
			}, `alpine|alpine3\.\d\d?|bookworm|bullseye|buster|trixie`),
		},
		{
			Repository: "docker.io/library/busybox",
			Version:    "1.37.0",
			Cmd:        []string{"sh"},
			Shell:      true,
			Size:       2_200_000,
			hasTag: tags(`latest|stable|unstable|musl|glibc|uclibc|1`, "", versions{
				minMinor: 21, maxMinor: 37, maxPatch: 4, major: 1,
			}, `musl|glibc|uclibc`),
		},
		{
			Repository: "docker.io/library/alpine",
			Version:    "3.22.2",
			Cmd:        []string{"/bin/sh"},
			Files:      alpineFiles,
			Shell:      true,
			Size:       3_800_000,
			hasTag: tags(`latest|edge`, "3", versions{
				minMinor: 1, maxMinor: 23, maxPatch: 12, major: 3,
			}, ``),
		},
		{
			Repository: "docker.io/curlimages/curl",
			Entrypoint: []string{"/entrypoint.sh"},
			Cmd:        []string{"curl"},
			Version:    "8.17.0",
			User:       "100:101",
			Dir:        "/home/curl_user",
			Env:        []string{"CURL_CA_BUNDLE=/cacert.pem"},
			Programs:   map[string]proc.Program{"entrypoint.sh": programs.CurlEntrypoint, "curl": programs.Curl},
			Files: map[string]string{
				"/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\ncurl_user:x:100:101::/home/curl_user:/bin/sh\n",
				"/etc/group":  "root:x:0:root\nnobody:x:65534:\ncurl_group:x:101:curl_user\n",
			},
			Entries: map[string]files.Entry{"/home/curl_user": {Mode: fs.ModeDir | 0o755, UID: 100, GID: 101}},
			Shell:   true,
			Size:    9_600_000,
			hasTag: tags(`latest`, "", versions{
				minMinor: 0, maxMinor: 88, maxPatch: 2, major: 7, maxMajor: 8,
			}, ``),
		},
		{
			Repository: "docker.io/library/postgres",
			StopSignal: proc.SIGINT,
			Entrypoint: []string{"docker-entrypoint.sh"},
			Cmd:        []string{"postgres"},
			Env:        []string{"PGDATA=/var/lib/postgresql/data", "LANG=en_US.utf8"},
			Version:    "18.1",
			Programs:   map[string]proc.Program{"docker-entrypoint.sh": programs.Entrypoint, "postgres": programs.Postgres, "pg_isready": programs.PostgresReady},
			Shell:      true,
			Size:       160_400_000,
			hasTag: tags(`latest|alpine|bookworm|trixie`, "", versions{
				minMinor: 0, maxMinor: 24, maxPatch: 24, major: 9, maxMajor: 18,
			}, `alpine|alpine3\.\d\d?|bookworm|bullseye|buster|trixie`),
		},
		{
			Repository: "docker.io/library/mysql",
			Entrypoint: []string{"docker-entrypoint.sh"},
			Cmd:        []string{"mysqld"},
			Version:    "9.5.0",
			Programs:   map[string]proc.Program{"docker-entrypoint.sh": programs.Entrypoint, "mysqld": programs.MySQL, "mysqladmin": programs.MySQLAdmin},
			Shell:      true,
			Size:       269_000_000,
			hasTag: tags(`latest|lts|innovation|oracle`, "", versions{
				minMinor: 0, maxMinor: 7, maxPatch: 51, major: 5, maxMajor: 9,
			}, `oracle|debian|oraclelinux\d`),
		},
		{
			Repository: "docker.io/hashicorp/http-echo",
			Entrypoint: []string{"/http-echo"},
			Version:    "1.0.0",
			Programs:   map[string]proc.Program{"http-echo": programs.HTTPEcho},
			Size:       3_900_000,
			hasTag:     tags(`latest|alpine`, "", versions{minMinor: 0, maxMinor: 2, maxPatch: 4, major: 0, maxMajor: 1}, ``),
		},
		{
			Repository: "registry.k8s.io/pause",
			Entrypoint: []string{"/pause"},
			Version:    "3.10.2",
			Programs:   map[string]proc.Program{"pause": programs.Pause},
			Size:       320_000,
			hasTag: tags(`latest`, "", versions{
				minMinor: 0, maxMinor: 10, maxPatch: 2, major: 3,
			}, ``),
		},
	}
}

// alpineFiles are what images that are made upon Alpine Linux say they are.
var alpineFiles = map[string]string{
	"/etc/os-release": "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.2\nPRETTY_NAME=\"Alpine Linux v3.22\"\n" +
		"HOME_URL=\"https://alpinelinux.org/\"\nBUG_REPORT_URL=\"https://gitlab.alpinelinux.org/alpine/aports/-/issues\"\n",
	"/etc/alpine-release": "3.22.2\n",
}

// versions is a range of MAJOR.MINOR and MAJOR.MINOR.PATCH tags, ends included.
type versions struct {
	major, maxMajor    int // maxMajor 0: only major
	minMinor, maxMinor int
	maxPatch           int
}

// tags builds the test for a repository's tags: words that stand alone, bare
// major versions ("1"), version numbers, and variants after a hyphen.
func tags(words, majors string, v versions, variants string) func(string) bool {
	wordRE := regexp.MustCompile(`^(?:` + words + `)$`)
	variantRE := regexp.MustCompile(`^(?:` + variants + `)$`)
	v.maxMajor = max(v.major, v.maxMajor)
	return func(tag string) bool {
		version, variant, hasVariant := strings.Cut(tag, "-")
		if hasVariant && (variants == "" || !variantRE.MatchString(variant)) {
			return false
		}
		return wordRE.MatchString(version) || majors != "" && version == majors || v.contains(version)
	}
}

func (v versions) contains(version string) bool {
	parts := strings.Split(version, ".")
	if len(parts) > 3 {
		return false
	}
	numbers := make([]int, len(parts))
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || strconv.Itoa(n) != p {
			return false
		}
		numbers[i] = n
	}
	if numbers[0] < v.major || numbers[0] > v.maxMajor {
		return false
	}
	if len(numbers) == 1 {
		return v.maxMajor > v.major // "redis:7" exists; "1" and "2" are named where they do
	}
	if numbers[1] < v.minMinor || numbers[1] > v.maxMinor {
		return false
	}
	return len(numbers) == 2 || numbers[2] <= v.maxPatch
}

// standIn is what an image outside the catalogue runs as: it has a shell, and
// any other command only stays up.
func standIn(repository string) Product {
	return Product{
		Repository: repository,
		Cmd:        []string{standInCommand},
		Shell:      true,
		StandsIn:   true,
		Size:       48_000_000,
		hasTag:     func(string) bool { return true },
	}
}

// Find answers as a registry would: with the product that a reference names, or
// with one of the errors.
func Find(ref Reference) (Product, error) {
	p, known, missing := find(ref.Name())
	switch {
	case missing:
		return Product{}, ErrNoRepository
	case known && ref.Tag != "" && !p.hasTag(ref.Tag):
		return Product{}, ErrNoTag
	case !known:
		p = standIn(ref.Name())
	}
	p.Version = p.version(ref.Tag)
	return p, nil
}

// Why an image cannot be pulled.
var (
	ErrNoRepository = errors.New("no such repository")
	ErrNoTag        = errors.New("no such tag")
)

// all is made once: it holds compiled expressions.
var all = slices.Concat(products(), e2eImages(), addonImages(), loadImages(), sampleImages())

// find returns the product of a repository, and whether there is no such
// repository: among the official images only those exist that Docker lists;
// elsewhere a name does not exist that is a likely slip of the pen for one that
// is known (one or two letters away), and any other may be somebody's own.
func find(name string) (p Product, known, missing bool) {
	i := slices.IndexFunc(all, func(p Product) bool { return p.Repository == name })
	if i >= 0 {
		return all[i], true, false
	}
	dir, base := splitRepository(name)
	if dir == library {
		return Product{}, false, !isOfficial(name)
	}
	for _, p := range all {
		pdir, pbase := splitRepository(p.Repository)
		if pdir == dir && distance(base, pbase) <= 2 {
			return Product{}, false, true
		}
	}
	return Product{}, false, false
}

func splitRepository(name string) (dir, base string) {
	i := strings.LastIndex(name, "/")
	return name[:i], name[i+1:]
}

// distance is the number of letters to insert, delete, change or swap with
// their neighbour to turn a into b.
func distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// version is the version number that a program of an image with this tag reports.
func (p Product) version(tag string) string {
	v, _, _ := strings.Cut(tag, "-")
	if p.ownTags || v == "" || v[0] < '0' || v[0] > '9' || !strings.Contains(v, ".") {
		return p.Version
	}
	if strings.Count(v, ".") == 1 {
		return v + ".1"
	}
	return v
}
