package lessons

import "testing"

func TestTrapsAreFound(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"web.spec.ports.exists(p, p.targetPort == 80)":                                                       "int-or-string",
		"web.spec.ports.exists(p, 'http' == p.targetPort)":                                                   "int-or-string",
		"web.spec.ports.exists(p, p.?targetPort.orValue(80) != 80)":                                          "int-or-string",
		"web.spec.strategy.rollingUpdate.maxSurge == '25%'":                                                  "int-or-string",
		"web.spec.ports.exists(p, p.port == 80)":                                                             "",
		"web.spec.ports.exists(p, same(p.targetPort, 80))":                                                   "",
		"web.spec.ports.exists(p, p.targetPort == p.port)":                                                   "",
		"has(web.spec.targetPort) == true":                                                                   "",
		"web.spec.template.spec.containers[0].resources.requests.cpu == '100m'":                              "amount",
		"web.spec.template.spec.containers[0].resources.requests['memory'] == '1Gi'":                         "amount",
		"web.spec.template.spec.containers[0].?resources.?limits.?cpu.orValue('') == '1'":                    "amount",
		"sameQuantity(web.spec.template.spec.containers[0].resources.requests.cpu, '100m')":                  "",
		"request(containers(web)[0], 'cpu') == quantity('100m')":                                             "",
		"web.spec.template.spec.containers.exists(c, c.image == 'nginx:1.27')":                               "image-name",
		"web.spec.template.spec.containers.exists(c, image(c, 'nginx', '1.27'))":                             "",
		"web.spec.template.spec.containers.exists(c, pods.exists(p, p.spec.containers[0].image == c.image))": "",
		"web.nonsense(": "",
	} {
		found := Traps(webStep(expr))
		switch {
		case want == "" && len(found) > 0:
			t.Errorf("%s: found %s", expr, found[0].Rule)
		case want != "" && (len(found) != 1 || found[0].Rule != want):
			t.Errorf("%s: found %v, want %s", expr, found, want)
		case want != "" && (found[0].Said[English] == "" || found[0].Said[Chinese] == "" || found[0].Expected == nil):
			t.Errorf("%s: %v is not said in both languages", expr, found)
		}
	}
	step := webStep("true")
	step.Mistakes = []*Mistake{{When: Expr{Source: "pods.exists(p, p.spec.containers[0].image == 'ngnix')"}}}
	if found := Traps(step); len(found) > 0 {
		t.Errorf("a mistake may be about one spelling: %v", found)
	}
}
