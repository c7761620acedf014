package minikube

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// started runs a start and returns the steps it told.
func started(t *testing.T, ctx context.Context, p Program) ([]Step, error) {
	t.Helper()
	var steps []Step
	err := p.Start(ctx, "minikube", func(s Step) { steps = append(steps, s) })
	return steps, err
}

func TestAStartTellsItsSteps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, want string }{
		{"the first", "start-fresh-json.txt", "0 1 3 6 7 11 12 13 14 15 16 17 18 19"},
		{"again", "start-again-json.txt", "0 1 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			program, dir := fake(t, part{Args: "start", File: test.file})
			steps, err := started(t, t.Context(), program)
			if err != nil {
				t.Fatal(err)
			}
			var numbers []string
			warnings := 0
			for _, s := range steps {
				if s.Warning {
					warnings++
					continue
				}
				numbers = append(numbers, string(rune('0'+s.Index/10))+string(rune('0'+s.Index%10)))
				if s.Total != 19 {
					t.Errorf("%s is one of %d", s.Name, s.Total)
				}
				if en, zh := s.Text.In(lessons.English), s.Text.In(lessons.Chinese); en == "" || en == zh || en == s.Detail {
					t.Errorf("the step %q has the words %q, %q", s.Name, en, zh)
				}
			}
			got := strings.ReplaceAll(strings.Join(slices.Compact(numbers), " "), " 0", " ")
			if got = strings.TrimPrefix(got, "0"); !strings.HasPrefix(got, test.want) || !strings.HasSuffix(got, "19") {
				t.Errorf("steps %s, want %s", got, test.want)
			}
			if warnings == 0 {
				t.Error("its warnings were not told")
			}
			want := "start -p minikube -o json --interactive=false --keep-context=true --delete-on-failure=false"
			if all := calls(t, dir); !strings.HasPrefix(all, want) {
				t.Errorf("called %q, want %q", all, want)
			}
		})
	}
}

func TestEveryStepOfTheRegisterHasWords(t *testing.T) {
	t.Parallel()
	// As in pkg/minikube/out/register of v1.38.1.
	for _, name := range []string{"Initial Minikube Setup", "Selecting Driver", "Downloading Artifacts", "Starting Node", "Updating Driver",
		"Pulling Base Image", "Running on Localhost", "Running Remotely", "Local OS Release", "Creating Container", "Creating VM",
		"Configuring Localhost Environment", "Preparing Kubernetes", "Generating certificates", "Booting control plane",
		"Configuring RBAC rules", "Configuring CNI", "Verifying Kubernetes", "Enabling Addons", "Done", "Stopping", "PowerOff", "Pausing", "Unpausing", "Deleting"} {
		text := StepText(name, "its own words")
		if en, zh := text.In(lessons.English), text.In(lessons.Chinese); en == "its own words" || zh == "its own words" || en == zh {
			t.Errorf("%s: %q, %q", name, en, zh)
		}
	}
	if got := StepText("A step of 2030", "its own words").In(lessons.Chinese); got != "its own words" {
		t.Errorf("an unknown step is told as %q", got)
	}
}

func fatalEvent(name, code, message, advice string) string {
	return `{"type":"io.k8s.sigs.minikube.error","data":{"advice":"` + advice + `","exitcode":"` + code + `","message":"` + message + `","name":"` + name + `","url":"https://example.org/x"}}` + "\n"
}

const booting = `{"type":"io.k8s.sigs.minikube.step","data":{"currentstep":"13","message":"Booting up control plane ...","name":"Booting control plane","totalsteps":"19"}}` + "\n"

func TestAStartThatFailsIsExplained(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		part   part
		reason string
		says   string
		hint   string
		step   string
	}{
		{"Docker does not run", part{File: "start-error-driver.txt", Code: 63}, "PROVIDER_DOCKER_NOT_RUNNING", "Cannot connect to the Docker daemon", "Start the Docker service", "Selecting Driver"},
		{"no driver", part{File: "start-error-nodriver.txt", Code: 55}, "DRV_DOCKER_NOT_RUNNING", "service isn't running", "Docker does not run", "Selecting Driver"},
		{"another profile than the driver has", part{File: "start-error-profile.txt", Code: 56}, "DRV_UNSUPPORTED_PROFILE", "multiple profiles", "cluster start minikube", "Selecting Driver"},
		{"an old Kubernetes, recorded", part{File: "start-error-old.txt", Code: 106}, "K8S_OLD_UNSUPPORTED", "1.20.0 is not supported", "--kubernetes-version=stable", "Initial Minikube Setup"},
		{"a step back, recorded", part{File: "start-error-downgrade.txt", Code: 106}, "K8S_DOWNGRADE_UNSUPPORTED", "downgrade", "newer Kubernetes", "Initial Minikube Setup"},
		{"a Kubernetes that nobody has", part{File: "start-error-new.txt", Code: 48}, "INET_LOOKUP_HOST", "no such host", "HTTPS_PROXY", "Initial Minikube Setup"},
		{"a name that it does not take", part{File: "start-error-name.txt", Code: 14}, "MK_USAGE", "alphanumeric", "letters, digits and dashes", "Initial Minikube Setup"},
		{"no room", part{Out: booting + fatalEvent("RSRC_DOCKER_STORAGE", "26", "Docker is out of disk space! (/var is at 100% of capacity)", "Try docker system prune"), Code: 26},
			"RSRC_DOCKER_STORAGE", "out of disk space", "df -h", "Booting control plane"},
		{"no memory", part{Out: fatalEvent("RSRC_INSUFFICIENT_SYS_MEMORY", "23", "System only has 900MiB available", ""), Code: 23}, "RSRC_INSUFFICIENT_SYS_MEMORY", "900MiB", "1.8 GB", ""},
		{"one processor", part{Out: fatalEvent("RSRC_INSUFFICIENT_CORES", "29", "has less than 2 CPUs", ""), Code: 29}, "RSRC_INSUFFICIENT_CORES", "2 CPUs", "two processors", ""},
		{"an old Kubernetes", part{Out: fatalEvent("K8S_OLD_UNSUPPORTED", "106", "too old", ""), Code: 106}, "K8S_OLD_UNSUPPORTED", "too old", "--kubernetes-version=stable", ""},
		{"a step back", part{Out: fatalEvent("K8S_DOWNGRADE_UNSUPPORTED", "106", "Unable to safely downgrade", ""), Code: 106}, "K8S_DOWNGRADE_UNSUPPORTED", "downgrade", "newer Kubernetes", ""},
		{"no network", part{Out: fatalEvent("INET_CACHE_KUBECTL", "40", "dial tcp: lookup dl.k8s.io", ""), Code: 40}, "INET_CACHE_KUBECTL", "dl.k8s.io", "--image-mirror-country=cn", ""},
		{"an unknown name with a known exit code", part{Out: fatalEvent("RSRC_OF_2030", "26", "?", ""), Code: 26}, "RSRC_OF_2030", "?", "df -h", ""},
		{"an unknown name that says what it is", part{Out: fatalEvent("MK_X", "80", "write /x: no space left on device", ""), Code: 80}, "MK_X", "no space", "df -h", ""},
		{"an unknown name", part{Out: fatalEvent("MK_X", "80", "boom", ""), Code: 80}, "MK_X", "boom", "Nothing was deleted", ""},
		{"no event at all", part{Out: booting, Err: "panic: runtime error\nexit\n", Code: 2}, "", "exit code 2: exit", "minikube logs", "Booting control plane"},
		{"half a line", part{Out: booting + `{"type":"io.k8s.sigs.mini`, Code: 1}, "", "exit code 1", "minikube logs", "Booting control plane"},
		{"an error that was no end of it, then an end", part{Out: booting + `{"type":"io.k8s.sigs.minikube.error","data":{"message":"E1 write /var: No space left on device"}}` + "\n", Code: 80}, "", "No space left", "df -h", "Booting control plane"},
		{"an unknown flag", part{Err: "Error: unknown flag: --keep-context\n", Code: 64}, "", "--keep-context", "minikube version", ""},
		{"no memory for minikube itself", part{Out: booting, Killed: true}, "", "killed", "without memory", "Booting control plane"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.part.Args = "start"
			program, _ := fake(t, test.part)
			_, err := started(t, t.Context(), program)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			if e.Reason != test.reason || !strings.Contains(e.Err.Error(), test.says) || e.Step != test.step {
				t.Errorf("%s at %q: %v", e.Reason, e.Step, e)
			}
			if en, zh := e.Hint.In(lessons.English), e.Hint.In(lessons.Chinese); !strings.Contains(en, test.hint) || strings.Contains(en, "{{") || en == zh || zh == "" {
				t.Errorf("hint %q, %q; want %q", en, zh, test.hint)
			}
		})
	}
}

func TestErrorsThatDoNotEndAStartAreWarnings(t *testing.T) {
	t.Parallel()
	program, _ := fake(t, part{Args: "start", Out: booting + `{"type":"io.k8s.sigs.minikube.error","data":{"message":"E1 a line of its log"}}` + "\n" + strings.Replace(booting, "13", "19", 1)})
	steps, err := started(t, t.Context(), program)
	if err != nil || len(steps) != 3 || !steps[1].Warning || steps[2].Warning {
		t.Errorf("%v, %+v", err, steps)
	}
}

func TestDownloadsAreToldInPercent(t *testing.T) {
	t.Parallel()
	program, _ := fake(t, part{Args: "start", Out: booting + `{"type":"io.k8s.sigs.minikube.download.progress","data":{"artifact":"kubelet","currentstep":"2","progress":"0.625","totalsteps":"19"}}` + "\n"})
	steps, err := started(t, t.Context(), program)
	if err != nil || len(steps) != 2 || steps[1].Detail != "62%" || !strings.Contains(steps[1].Text.In(lessons.Chinese), "kubelet") {
		t.Errorf("%v, %+v", err, steps)
	}
}

func TestAStartThatIsCanceledEndsWithAllItRuns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		part part
	}{
		{"one that obeys", part{Out: booting, Hang: true, Child: true}},
		{"one that does not", part{Out: booting, Hang: true, Child: true, Stay: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.part.Args = "start"
			program, dir := fake(t, test.part)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var canceled time.Time
			err := program.Start(ctx, "minikube", func(Step) {
				canceled = time.Now()
				cancel()
			})
			if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Canceled || !errors.Is(err, context.Canceled) || e.Step != "Booting control plane" {
				t.Errorf("error %v", err)
			}
			if took := time.Since(canceled); took > dyingTime+3*time.Second {
				t.Errorf("it took %s to end it", took)
			}
			gone(t, dir)
		})
	}
}

func TestUnpausing(t *testing.T) {
	t.Parallel()
	program, dir := fake(t, part{Args: "unpause -p a -o json", File: "unpause.txt"})
	if err := program.Unpause(t.Context(), "a", nil); err != nil {
		t.Error(err)
	}
	if all := calls(t, dir); !strings.HasPrefix(all, "unpause -p a -o json") {
		t.Errorf("called %q", all)
	}
	program, _ = fake(t, part{Args: "unpause", Out: fatalEvent("GUEST_UNPAUSE", "80", "boom", ""), Code: 80})
	if err := program.Unpause(t.Context(), "a", nil); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("error %v", err)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	t.Parallel()
	var got []int
	l := &lines{tell: func(line []byte) { got = append(got, len(line)) }}
	for range 3 {
		if n, err := l.Write(slices.Repeat([]byte("x"), maxLine)); n != maxLine || err != nil {
			t.Fatal(n, err)
		}
	}
	l.Write([]byte("\n\nab\nc"))
	l.close()
	if want := []int{maxLine, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("lines of %v bytes, want %v", got, want)
	}
}

func TestAddonsAreTold(t *testing.T) {
	t.Parallel()
	program, dir := fake(t, part{Args: "addons list -p a -o json", File: "addons-list.json"}, part{Args: "addons enable metrics-server -p a", File: "addons-enable-metrics-server.txt"},
		part{Args: "addons enable ingress", Err: "X Exiting due to MK_ADDON_ENABLE_PAUSED: enabled failed: cluster is paused\n", Code: 11})
	addons, err := program.Addons(t.Context(), "a")
	if err != nil || !addons["storage-provisioner"] || addons["ingress"] || len(addons) < 30 {
		t.Errorf("%v, %v", addons, err)
	}
	if err := program.Enable(t.Context(), "a", "metrics-server"); err != nil {
		t.Error(err)
	}
	err = program.Enable(t.Context(), "a", "ingress")
	if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), "MK_ADDON_ENABLE_PAUSED") || !strings.Contains(e.Hint.In(lessons.Chinese), "minikube addons enable ingress -p a") {
		t.Errorf("error %v", err)
	}
	if all := calls(t, dir); strings.Contains(all, "delete") {
		t.Errorf("called %q", all)
	}
	program, _ = fake(t, part{Args: "addons list", File: "status-never-started.json", Code: 85})
	if addons, err := program.Addons(t.Context(), "a"); err == nil {
		t.Errorf("addons of a profile that is not there: %v", addons)
	}
}

func TestAServiceIsReachedAsTheDriverAllows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		driver, goos, says string
		held               bool
	}{
		{"docker", "linux", "minikube ip -p a", false},
		{"docker", "darwin", "as long as it runs", true},
		{"podman", "windows", "as long as it runs", true},
		{"kvm2", "linux", "minikube ip -p a", false},
		{"none", "linux", "127.0.0.1", false},
		{"", "darwin", "minikube ip -p a", false},
	} {
		r := ReachWith(test.driver, test.goos, "a")
		if !strings.Contains(r.NodePort.In(lessons.English), test.says) || r.Held != test.held {
			t.Errorf("%s on %s: %+v", test.driver, test.goos, r)
		}
		for _, text := range []lessons.Text{r.NodePort, r.LoadBalancer, r.Ingress} {
			if en, zh := text.In(lessons.English), text.In(lessons.Chinese); en == zh || strings.Contains(en+zh, "%!") {
				t.Errorf("%s on %s: %q, %q", test.driver, test.goos, en, zh)
			}
		}
	}
}
