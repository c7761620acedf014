package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/cluster/minikube"
	"github.com/k8stutor/k8stutor/lessons"
)

// serving is an API server that is ready.
func serving(t testing.TB) string {
	t.Helper()
	return readyz(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
}

func readyz(t testing.TB, answer http.HandlerFunc) string {
	t.Helper()
	return quietServer(t, answer, nil).URL
}

// silent is a server that accepts connections and never says a word.
func silent(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return "https://" + listener.Addr().String()
}

// refusing is an address at which nothing listens.
func refusing(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	return "https://" + listener.Addr().String()
}

// contexts is a kubeconfig with minikubes (name, server) besides one called
// production, which is current unless another is.
func contexts(current string, pairs ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: v1\nkind: Config\ncurrent-context: %s\nusers:\n- {name: me, user: {token: t}}\ncontexts:\n", current)
	b.WriteString("- {name: production, context: {cluster: production, user: me, namespace: shop}}\n")
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "- {name: %[1]s, context: {cluster: %[1]s, user: me}}\n", pairs[i])
	}
	b.WriteString("clusters:\n- {name: production, cluster: {server: 'https://10.1.2.3:6443'}}\n")
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "- name: %s\n  cluster:\n    server: %s\n    insecure-skip-tls-verify: true\n    extensions:\n    - {name: cluster_info, extension: {provider: minikube.sigs.k8s.io}}\n", pairs[i], pairs[i+1])
	}
	return b.String()
}

// recorded prints a file that was recorded of minikube.
func recorded(t testing.TB, file string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("minikube", "testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return "cat " + path
}

// answering is a minikube that answers the questions for its profiles and for
// the status of one.
func answering(list, status string) string {
	return "case $1 in profile) " + list + " ;; status) " + status + " ;; *) exit 97 ;; esac"
}

func TestTheClusterThatIsChosen(t *testing.T) {
	t.Parallel()
	ready, other := serving(t), serving(t)
	for _, test := range []struct {
		name, choice, config, minikube string
		want                           string // provider and context
		why                            string // in English
	}{
		{"auto without anything", "", "", "", "sandbox ", "no minikube is running"},
		{"auto leaves the current context alone", "auto", contexts("production"), "", "sandbox ", "no minikube is running"},
		{"auto with a running minikube", "auto", contexts("production", "mk", ready), "", "minikube mk", "minikube is running"},
		{"auto with two that run takes the current one", "auto", contexts("mk2", "mk", ready, "mk2", other), "", "minikube mk2", "minikube is running"},
		{"auto with two that run, neither current, takes the first", "auto", contexts("production", "mk2", other, "mk", ready), "", "minikube mk", "minikube is running"},
		{"auto with a current one that does not run takes the other", "auto", contexts("mk2", "mk", ready, "mk2", refusing(t)), "", "minikube mk", "minikube is running"},
		{"auto with a current one that hangs takes the other", "auto", contexts("mk2", "mk", ready, "mk2", silent(t)), "", "minikube mk", "minikube is running"},
		{"auto with a stopped minikube", "auto", contexts("production", "mk", refusing(t)), "", "sandbox ", "does not serve now"},
		{"auto with one that is starting", "auto", contexts("production", "mk", readyz(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })), "", "sandbox ", "does not serve now"},
		{"auto with one that may not be asked", "auto", contexts("production", "mk", readyz(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) })), "", "minikube mk", "minikube is running"},
		{"auto with one whose token it does not take", "auto", contexts("production", "mk", readyz(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })), "", "sandbox ", "does not serve now"},
		{"auto with a minikube that hangs", "auto", contexts("production", "mk", silent(t)), "", "sandbox ", "hangs"},
		{"auto does not wait for the program minikube", "auto", contexts("production", "mk", ready), "exec sleep 60", "minikube mk", "minikube is running"},
		{"auto with a kubeconfig that cannot be read", "auto", "contexts: [", "", "sandbox ", "no minikube is running"},
		{"the sandbox although a minikube runs", "sandbox", contexts("production", "mk", ready), "", "sandbox ", "you chose it"},
		{"a context", "production", contexts("production", "mk", ready), "", "existing production", "you chose it"},
		{"a minikube by its context", "mk", contexts("production", "mk", refusing(t)), "", "minikube mk", "you chose it"},
		{"minikube, which has another name", "minikube", contexts("production", "mk", ready), "", "minikube mk", "minikube is running"},
		{"minikube by its name", "minikube", contexts("production", "mk", ready, "minikube", refusing(t)), "", "minikube minikube", "you chose it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := learner(t, test.config, test.minikube)
			o.Choice = test.choice
			began := time.Now()
			got, err := chooseNow(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("it took %s", took)
			}
			if s := string(got.provider) + " " + got.context; s != test.want {
				t.Errorf("chose %q, want %q", s, test.want)
			}
			if !strings.Contains(got.why.In(lessons.English), test.why) || got.why.In(lessons.Chinese) == got.why.In(lessons.English) {
				t.Errorf("why %q", got.why)
			}
		})
	}
}

func chooseNow(ctx context.Context, o Options) (choice, error) {
	return choose(ctx, o, func(config *api.Config) []reply {
		return askMinikubes(ctx, config, slog.New(slog.DiscardHandler), false)
	})
}

func TestAChoiceThatDoesNotRunIsExplained(t *testing.T) {
	t.Parallel()
	absent := recorded(t, "status-never-started.json") + "; exit 85"
	for _, test := range []struct {
		name, choice, config, minikube string
		trouble                        lessons.Trouble
		says, hint                     string // in English
	}{
		{"minikube, stopped", "minikube", contexts("production"), answering("", recorded(t, "status-stopped.json")+"; exit 7"), lessons.NotRunning, "it is stopped", "minikube start -p minikube"},
		{"minikube, paused", "minikube", contexts("production"), answering("", recorded(t, "status-paused.json")+"; exit 2"), lessons.NotRunning, "paused", "minikube unpause -p minikube"},
		{"minikube, half deleted", "minikube", contexts("production"), answering("", recorded(t, "status-half-deleted.json")+"; exit 7"), lessons.NotRunning, "half deleted", "minikube start -p minikube"},
		{"minikube, running elsewhere", "minikube", contexts("production"), answering("", recorded(t, "status-running.json")), lessons.NotRunning, "kubeconfig has an old address", "minikube update-context -p minikube"},
		{"minikube, never started", "minikube", contexts("production"), answering("", absent), lessons.NotRunning, "never started", "minikube start -p minikube"},
		{"minikube without a kubeconfig", "minikube", "", answering("", absent), lessons.NotRunning, "never started", "minikube start -p minikube"},
		{"minikube, not installed", "minikube", contexts("production"), "", lessons.NotRunning, "not installed", "https://minikube.sigs.k8s.io"},
		{"minikube, broken", "minikube", contexts("production"), "echo boom >&2; exit 3", lessons.NotRunning, "exit code 3: boom", "minikube version"},
		{"a stopped profile", "lab", contexts("production"), answering("", recorded(t, "status-stopped.json")+"; exit 7"), lessons.NotRunning, "it is stopped", "minikube start -p lab"},
		{"a context that nobody knows", "prodution", contexts("production"), answering("", absent), lessons.BadConfig, "no such context", "production"},
		{"a context that nobody knows, without minikube", "prodution", contexts("production"), "", lessons.BadConfig, "no such context", "production"},
		{"a context without a kubeconfig", "production", "", "", lessons.BadConfig, "does not exist", "no kubeconfig"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := learner(t, test.config, test.minikube)
			if test.minikube == "" {
				o = without(o)
			}
			o.Choice = test.choice
			_, err := chooseNow(t.Context(), o)
			explained(t, err, test.trouble, test.says, test.hint)
		})
	}
}

// without is a learner with nothing on the PATH.
func without(o Options) Options {
	env := o.Env
	o.Env = func(name string) string {
		if name == "PATH" {
			return ""
		}
		return env(name)
	}
	return o
}

func explained(t *testing.T, err error, kind lessons.Trouble, says, hint string) {
	t.Helper()
	trouble, ok := err.(*lessons.ClusterError)
	if !ok {
		t.Fatalf("error %v", err)
	}
	en, zh := trouble.Hint.In(lessons.English), trouble.Hint.In(lessons.Chinese)
	if trouble.Trouble != kind || !strings.Contains(trouble.Error(), says) || !strings.Contains(en, hint) || en == zh {
		t.Errorf("%s: %v\nhint %q, %q\nwant %s: %q, %q", trouble.Trouble, trouble, en, zh, kind, says, hint)
	}
}

func TestOpeningAMinikubeThatDoesNotAnswerIsExplained(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, status, says, hint string }{
		{"stopped", recorded(t, "status-stopped.json") + "; exit 7", "it is stopped", "minikube start -p mk"},
		{"paused", recorded(t, "status-paused.json") + "; exit 2", "paused", "minikube unpause -p mk"},
		{"at another address", recorded(t, "status-running.json"), "old address", "minikube update-context -p mk"},
		{"gone", recorded(t, "status-deleted.json") + "; exit 85", "was deleted", "minikube start -p mk"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := learner(t, contexts("production", "mk", refusing(t)), answering("", test.status))
			o.Choice = "mk"
			c, err := Open(t.Context(), o, nil)
			if err == nil {
				c.Close()
			}
			explained(t, err, lessons.NotRunning, test.says, test.hint)
		})
	}
	t.Run("and minikube does not say why", func(t *testing.T) {
		t.Parallel()
		o := learner(t, contexts("production", "mk", refusing(t)), "echo boom; exit 1")
		o.Choice = "mk"
		_, err := Open(t.Context(), o, nil)
		explained(t, err, lessons.Unreachable, "refused", "minikube start -p mk")
	})
}

// row is what is looked at of a Candidate.
type row struct {
	Name     string
	Provider Provider
	Running  bool
	Chosen   bool
	Problem  lessons.Trouble
	State    minikube.State
	Start    bool
}

func rows(t *testing.T, found []Candidate) []row {
	t.Helper()
	var got []row
	for _, c := range found {
		r := row{Name: c.Name, Provider: c.Provider, Running: c.Running, Chosen: c.Chosen, Start: c.Startable}
		if c.Problem != nil {
			r.Problem = c.Problem.Trouble
			if c.Problem.Hint.In(lessons.Chinese) == "" {
				t.Errorf("%s: no hint with %v", c.Name, c.Problem)
			}
			if c.Provider == ProviderMinikube && c.Note.In(lessons.Chinese) == "" {
				t.Errorf("%s: no note with %v", c.Name, c.Problem)
			}
		}
		if c.Minikube != nil {
			r.State = c.Minikube.State
		}
		got = append(got, r)
	}
	return got
}

const twoProfiles = `echo '{"invalid":[],"valid":[{"Name":"mk","Status":"OK","Config":{"Driver":"docker","KubernetesConfig":{"KubernetesVersion":"v1.35.1"},"Nodes":[{}]}},{"Name":"old","Status":"Stopped","Config":{"Driver":"kvm2","KubernetesConfig":{"KubernetesVersion":"v1.20.1"},"Nodes":[{}]}}]}'`

func TestFoundListsEveryClusterAndMarksTheChosen(t *testing.T) {
	t.Parallel()
	sandbox := row{"sandbox", ProviderSandbox, false, false, lessons.NoSandbox, "", false}
	production := row{"production", ProviderExisting, false, false, "", "", false}
	chosen := sandbox
	chosen.Chosen = true
	for _, test := range []struct {
		name, config, minikube string
		want                   []row
		why                    string // of the chosen one, in English
	}{
		{"one runs, one is stopped", contexts("production", "mk", serving(t)), twoProfiles,
			[]row{sandbox, {"mk", ProviderMinikube, true, true, "", minikube.Running, false}, production, {"old", ProviderMinikube, false, false, lessons.NotRunning, minikube.Stopped, true}}, "is running"},
		{"one runs and the kubeconfig leads elsewhere", contexts("production", "mk", refusing(t)), twoProfiles,
			[]row{chosen, {"mk", ProviderMinikube, false, false, lessons.NotRunning, minikube.Broken, false}, production, {"old", ProviderMinikube, false, false, lessons.NotRunning, minikube.Stopped, true}}, "does not serve"},
		{"a profile with the name of another cluster's context", contexts("production"), strings.ReplaceAll(twoProfiles, `"mk"`, `"production"`),
			[]row{chosen, production, {"old", ProviderMinikube, false, false, lessons.NotRunning, minikube.Stopped, true}, {"production", ProviderMinikube, false, false, lessons.BadConfig, minikube.Running, false}}, "no minikube is running"},
		{"a context was left over", contexts("production", "mk", refusing(t)), recorded(t, "profile-list-none.json"),
			[]row{chosen, {"mk", ProviderMinikube, false, false, lessons.Unreachable, "", false}, production}, "does not serve"},
		{"installed and never started", contexts("production"), recorded(t, "profile-list-none.json"),
			[]row{chosen, production, {"minikube", ProviderMinikube, false, false, lessons.NotRunning, minikube.Absent, true}}, "no minikube is running"},
		{"the program hangs", contexts("production"), "exec sleep 60",
			[]row{chosen, production, {"minikube", ProviderMinikube, false, false, lessons.TimedOut, "", false}}, "hangs"},
		{"the program hangs and the cluster runs", contexts("production", "mk", serving(t)), "exec sleep 60",
			[]row{sandbox, {"mk", ProviderMinikube, true, true, "", "", false}, production}, "is running"},
		{"the program is none", contexts("production"), "echo hello", []row{chosen, production, {"minikube", ProviderMinikube, false, false, lessons.NotRunning, "", false}}, "no minikube is running"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found := Found(t.Context(), learner(t, test.config, test.minikube))
			got := rows(t, found)
			if diff := cmp.Diff(test.want, got, cmp.Transformer("sorted", func(all []row) map[string]row {
				m := map[string]row{}
				for _, r := range all {
					m[r.Name+" "+string(r.Provider)] = r
				}
				return m
			})); diff != "" {
				t.Error(diff)
			}
			for _, c := range found {
				if c.Chosen && !strings.Contains(c.Why.In(lessons.English), test.why) {
					t.Errorf("why %q", c.Why)
				}
			}
		})
	}
}

func TestVersionsThatTheTutorDoesNotKnowAreTold(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"v1.20.1": "older", "v1.34.9": "older", "v1.35.0": "", "v1.37.2": "", "v1.38.0": "", "v1.39.0": "newer", "": "", "nonsense": ""} {
		note := skew(version)
		if en := note.In(lessons.English); want == "" && note != nil || !strings.Contains(en, want) {
			t.Errorf("%s: %q, want %q", version, en, want)
		}
	}
	list := strings.ReplaceAll(twoProfiles, "v1.35.1", "v1.20.0")
	for _, c := range Found(t.Context(), learner(t, contexts("production", "mk", serving(t)), list)) {
		if c.Name == "mk" && (!strings.Contains(c.Note.In(lessons.Chinese), "旧") || c.Minikube.Version != "v1.20.0" || c.Problem != nil) {
			t.Errorf("%+v", c)
		}
	}
}

func TestStartingAMinikube(t *testing.T) {
	t.Parallel()
	start := "case $* in *keep-context=true*delete-on-failure=false) " + recorded(t, "start-again-json.txt") + " ;; *) exit 9 ;; esac"
	for _, test := range []struct {
		name, config, minikube string
		stages                 string // the first and the last
		trouble                lessons.Trouble
		says, hint             string
	}{
		{"stopped", contexts("production", "mk", serving(t)), "case $1 in status) " + recorded(t, "status-stopped.json") + "; exit 7 ;; start) " + start + " ;; esac", "Initial Minikube Setup … k8stutor: settling done", "", "", ""},
		{"paused", contexts("production", "mk", serving(t)), "case $1 in status) " + recorded(t, "status-paused.json") + "; exit 2 ;; unpause) " + recorded(t, "unpause.txt") + " ;; esac", "k8stutor: settling … k8stutor: settling done", "", "", ""},
		{"running", contexts("production", "mk", serving(t)), "case $1 in status) " + recorded(t, "status-running.json") + " ;; *) exit 9 ;; esac", "", "", "", ""},
		{"running at another address", contexts("production", "mk", refusing(t)), "case $1 in status) " + recorded(t, "status-running.json") + " ;; *) exit 9 ;; esac", "", lessons.NotRunning, "old address", "update-context"},
		{"started, and the kubeconfig does not have it", contexts("production"), "case $1 in status) " + recorded(t, "status-stopped.json") + "; exit 7 ;; start) " + start + " ;; esac", "Initial Minikube Setup … k8stutor: settling failed", lessons.NotRunning, "old address of it or none", "update-context"},
		{"started, and there is no kubeconfig", "", "case $1 in status) exit 85 ;; start) " + start + " ;; esac", "Initial Minikube Setup … k8stutor: settling failed", lessons.NotRunning, "old address of it or none", "update-context"},
		{"without a driver", contexts("production"), "case $1 in status) exit 85 ;; start) " + recorded(t, "start-error-nodriver.txt") + "; exit 55 ;; esac", "Initial Minikube Setup … Selecting Driver failed", lessons.NotRunning, "DRV_DOCKER_NOT_RUNNING", "Docker does not run"},
		{"the status cannot be had", contexts("production"), "echo boom >&2; exit 1", "", lessons.NotRunning, "boom", "minikube version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := learner(t, test.config, test.minikube)
			before, _ := os.ReadFile(o.Env("KUBECONFIG"))
			var stages []Progress
			err := StartMinikube(t.Context(), o, "mk", func(p Progress) { stages = append(stages, p) })
			if test.trouble == "" && err != nil {
				t.Fatal(err)
			}
			if test.trouble != "" {
				explained(t, err, test.trouble, test.says, test.hint)
			}
			got := ""
			if len(stages) > 0 {
				last := stages[len(stages)-1]
				got = stages[0].Stage + " … " + last.Stage + " " + last.State
				for _, s := range stages {
					if title := s.Title(); title.In(lessons.Chinese) == title.In(lessons.English) {
						t.Errorf("the title of %s is %q", s.Stage, title)
					}
				}
			}
			if got != test.stages {
				t.Errorf("stages %q, want %q", got, test.stages)
			}
			if after, _ := os.ReadFile(o.Env("KUBECONFIG")); string(after) != string(before) {
				t.Error("the learner's kubeconfig was changed")
			}
		})
	}
	t.Run("not installed", func(t *testing.T) {
		t.Parallel()
		err := StartMinikube(t.Context(), without(learner(t, "", "")), "", nil)
		explained(t, err, lessons.NotRunning, "not installed", "https://minikube.sigs.k8s.io")
	})
}
