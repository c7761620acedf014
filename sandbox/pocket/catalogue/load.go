package catalogue

import (
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/load"
)

// loadImages are images that exist to use CPU and memory.
func loadImages() []Product {
	stress := map[string]proc.Program{"stress": load.Stress}
	one := versions{minMinor: 0, maxMinor: 0, maxPatch: 5, major: 1}
	zero := versions{minMinor: 0, maxMinor: 19, maxPatch: 9, major: 0}
	return []Product{
		{
			Repository: "docker.io/polinux/stress", Cmd: []string{"stress"}, Programs: stress, Shell: true,
			Version: "1.0.4", Size: 4_000_000, Memory: 300 << 10, hasTag: tags(`latest`, "", one, ``),
		},
		{
			Repository: "docker.io/progrium/stress", Entrypoint: []string{"/usr/bin/stress", "--verbose"}, Programs: stress, Shell: true,
			Version: "1.0.4", Size: 105_000_000, Memory: 300 << 10, hasTag: tags(`latest`, "", one, ``),
		},
		{
			Repository: "docker.io/containerstack/alpine-stress", Cmd: []string{"stress"}, Programs: stress, Shell: true,
			Version: "1.0.4", Size: 4_000_000, Memory: 300 << 10, hasTag: tags(`latest`, "", one, ``),
		},
		{
			Repository: "docker.io/polinux/stress-ng", Cmd: []string{"stress-ng"}, Programs: map[string]proc.Program{"stress-ng": load.StressNG}, Shell: true,
			Version: "0.17.4", Size: 5_600_000, Memory: 4 << 20, hasTag: tags(`latest`, "", zero, ``),
		},
		{
			Repository: "docker.io/alexeiled/stress-ng", Entrypoint: []string{"/stress-ng"}, Programs: map[string]proc.Program{"stress-ng": load.StressNG},
			Version: "0.17.4", Size: 2_600_000, Memory: 4 << 20, hasTag: tags(`latest|latest-ubuntu|latest-alpine`, "", zero, ``),
		},
		{
			Repository: "docker.io/vish/stress", Entrypoint: []string{"/stress", "-logtostderr"}, Programs: map[string]proc.Program{"stress": load.Consume},
			Version: "1.0", Size: 2_000_000, Memory: 1 << 20, hasTag: tags(`latest`, "", versions{major: 1}, ``),
		},
		{
			Repository: "registry.k8s.io/hpa-example", Cmd: []string{"apache2-foreground"}, Programs: map[string]proc.Program{"apache2-foreground": load.PHPApache, "apache2": load.PHPApache},
			Dir: "/var/www/html", Shell: true, Version: "5.6.14", Size: 181_000_000, Memory: 9 << 20, hasTag: tags(`latest`, "", versions{major: 1}, ``),
			Files: map[string]string{"/var/www/html/index.php": "<?php\n  $x = 0.0001;\n  for ($i = 0; $i <= 1000000; $i++) {\n    $x += sqrt($x);\n  }\n  echo \"OK!\";\n?>\n"},
		},
	}
}
