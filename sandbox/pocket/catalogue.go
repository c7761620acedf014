package pocket

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// product is one repository of the catalogue and what its images run.
type product struct {
	repository string // full, without tag
	entrypoint []string
	cmd        []string
	env        []string // beside PATH
	commands   []string // programs beyond the shell's own, by base name
	shell      bool     // the image has a shell and the usual small commands
	standIn    bool     // nothing is known of the image: any other command is stood in for
	size       uint64   // bytes, of a typical tag
	hasTag     func(tag string) bool
}

// catalogue lists the images that run as themselves. Tags that never existed
// fail to pull; every version line that has existed is accepted.
func catalogue() []product {
	return []product{
		{
			repository: "docker.io/library/nginx",
			entrypoint: []string{"/docker-entrypoint.sh"},
			cmd:        []string{"nginx", "-g", "daemon off;"},
			commands:   []string{"docker-entrypoint.sh", "nginx"},
			shell:      true,
			size:       72_300_000,
			hasTag: tags(`latest|stable|mainline|alpine|perl|otel|bookworm|trixie`, "1", versions{
				minMinor: 0, maxMinor: 31, maxPatch: 31, major: 1,
			}, `perl|otel|alpine|alpine-slim|alpine-perl|alpine-otel|alpine3\.\d\d?|bookworm|bookworm-perl|bullseye|trixie`),
		},
		{
			repository: "docker.io/library/httpd",
			cmd:        []string{"httpd-foreground"},
			commands:   []string{"httpd-foreground", "httpd"},
			shell:      true,
			size:       45_100_000,
			hasTag: tags(`latest|alpine|bookworm|trixie|2`, "2", versions{
				minMinor: 2, maxMinor: 4, maxPatch: 68, major: 2,
			}, `alpine|alpine3\.\d\d?|bookworm|bullseye|trixie`),
		},
		{
			repository: "docker.io/library/redis",
			entrypoint: []string{"docker-entrypoint.sh"},
			cmd:        []string{"redis-server"},
			commands:   []string{"docker-entrypoint.sh", "redis-server"},
			shell:      true,
			size:       52_700_000,
			hasTag: tags(`latest|alpine|bookworm|trixie`, "", versions{
				minMinor: 0, maxMinor: 8, maxPatch: 22, major: 5, maxMajor: 8,
			}, `alpine|alpine3\.\d\d?|bookworm|bullseye|buster|trixie`),
		},
		{
			repository: "docker.io/library/busybox",
			cmd:        []string{"sh"},
			shell:      true,
			size:       2_200_000,
			hasTag: tags(`latest|stable|unstable|musl|glibc|uclibc|1`, "", versions{
				minMinor: 21, maxMinor: 37, maxPatch: 4, major: 1,
			}, `musl|glibc|uclibc`),
		},
		{
			repository: "docker.io/library/alpine",
			cmd:        []string{"/bin/sh"},
			shell:      true,
			size:       3_800_000,
			hasTag: tags(`latest|edge`, "3", versions{
				minMinor: 1, maxMinor: 23, maxPatch: 12, major: 3,
			}, ``),
		},
		{
			repository: "registry.k8s.io/pause",
			entrypoint: []string{"/pause"},
			commands:   []string{"pause"},
			size:       320_000,
			hasTag: tags(`latest`, "", versions{
				minMinor: 0, maxMinor: 10, maxPatch: 1, major: 3,
			}, ``),
		},
	}
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
func standIn(repository string) product {
	return product{
		repository: repository,
		cmd:        []string{standInCommand},
		shell:      true,
		standIn:    true,
		size:       48_000_000,
		hasTag:     func(string) bool { return true },
	}
}

// find returns the product of a repository, and whether the name is a likely
// slip of the pen for one (one or two letters away).
func find(products []product, name string) (p product, known, misspelt bool) {
	i := slices.IndexFunc(products, func(p product) bool { return p.repository == name })
	if i >= 0 {
		return products[i], true, false
	}
	dir, base := splitRepository(name)
	for _, p := range products {
		pdir, pbase := splitRepository(p.repository)
		if pdir == dir && distance(base, pbase) <= 2 {
			return product{}, false, true
		}
	}
	return product{}, false, false
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
