package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// richSession is an open cluster that knows what it supplies, and asks before it
// is used.
type richSession struct {
	*fakeSession
	info     Info
	supplies []lessons.Supply
	added    []string
	addErr   error
	terms    lessons.Terms
	agreed   int
}

func (s *richSession) Info() Info { return s.info }

func (s *richSession) Supplies(_ context.Context, needs []string) []lessons.Supply {
	var found []lessons.Supply
	for _, n := range needs {
		for _, one := range s.supplies {
			if one.Need == n {
				found = append(found, one)
			}
		}
	}
	return found
}

func (s *richSession) Add(_ context.Context, need string, progress func(stage, state, detail string)) error {
	progress("ingress", "running", "")
	s.added = append(s.added, need)
	for i := range s.supplies {
		if s.supplies[i].Need == need && s.addErr == nil {
			s.supplies[i].State = lessons.Supplied
		}
	}
	return s.addErr
}

func (s *richSession) Terms(context.Context, *lessons.Lesson) (lessons.Terms, error) {
	return s.terms, nil
}

func (s *richSession) Approve() error {
	s.agreed++
	return nil
}

func minikubeInfo() Info {
	return Info{Name: "minikube", Provider: "minikube", Server: "https://192.168.49.2:8443", Version: "v1.35.1", Kubeconfig: "/home/you/kubeconfig",
		Why: both("minikube is running", "minikube 正在运行")}
}

func foreignInfo() Info {
	return Info{Name: "team-dev", Provider: "existing", Shared: true, Server: "https://k8s.example.com:6443", Version: "v1.36.0", Why: both("you chose it", "这是你的选择")}
}

// newRichSession is a minikube without ingress and with one node.
func newRichSession() *richSession {
	return &richSession{fakeSession: &fakeSession{}, info: minikubeInfo(), supplies: []lessons.Supply{
		{Need: "traffic", State: lessons.Supplied, How: both("its Pods run and answer each other", "Pod 会真正运行，并能互相访问")},
		{Need: "metrics", State: lessons.Unsure, How: both("the cluster could not be asked: forbidden", "无法向集群查询：forbidden")},
		{Need: "ingress", State: lessons.Addable, How: both("minikube's addon ingress brings it (`minikube addons enable ingress`)", "启用 minikube 的插件 ingress 即可（`minikube addons enable ingress`）")},
		{Need: "loadbalancer", State: lessons.Lacking, How: both("`minikube tunnel` gives the addresses", "`minikube tunnel` 会分配地址")},
		{Need: "nodes>=2", State: lessons.Addable, How: both("`minikube node add` adds one", "`minikube node add` 可以添加一个")},
	}, terms: lessons.Terms{Context: "team-dev", Server: "https://k8s.example.com:6443", User: "jane", Namespace: "k8stutor-services-x7f2",
		Makes: []lessons.Text{both("the namespace `k8stutor-services-x7f2`", "命名空间 `k8stutor-services-x7f2`"), both("in it the ResourceQuota `k8stutor`", "其中的 ResourceQuota `k8stutor`")},
		Lacks: []string{"create pods/exec in k8stutor-services-x7f2"}}}
}

func foundClusters() []Candidate {
	stopped := &lessons.ClusterError{Trouble: lessons.NotRunning, Op: "use minikube", Server: "lab", Err: errors.New("it is stopped"),
		Hint: both("Start it: `minikube start -p lab`.", "启动它：`minikube start -p lab`。")}
	return []Candidate{
		{Choice: "sandbox", Name: "sandbox", Provider: "sandbox", State: ClusterStopped},
		{Choice: "minikube", Name: "minikube", Provider: "minikube", Context: "minikube", Server: "https://192.168.49.2:8443", User: "minikube", Driver: "docker",
			Version: "v1.35.1", Nodes: 1, Running: true, State: ClusterRunning, Chosen: true, Why: both("minikube is running", "minikube 正在运行")},
		{Choice: "lab", Name: "lab", Provider: "minikube", Driver: "kvm2", Version: "v1.30.0", Nodes: 3, State: ClusterStopped, Startable: true, Problem: stopped},
		{Choice: "slow", Name: "slow", Provider: "minikube", State: ClusterHangs, Problem: &lessons.ClusterError{Trouble: lessons.TimedOut, Op: "ask minikube", Err: errors.New("no answer within 900 ms"),
			Hint: both("Look whether its machine hangs: `minikube status -p slow`.", "看看它的机器是否卡住：`minikube status -p slow`。")}},
		{Choice: "kind-dev", Name: "kind-dev", Provider: "existing", Engine: "kind", Context: "kind-dev", Server: "https://127.0.0.1:37211", User: "kind-dev", Running: true, State: ClusterRunning},
		{Choice: "team-dev", Name: "team-dev", Provider: "existing", Context: "team-dev", Server: "https://k8s.example.com:6443", User: "jane", State: ClusterUnasked, Shared: true},
	}
}

// onClusters shows the cluster screen with a minikube open and all there is found.
func (b *bench) onClusters(s Session) {
	found := foundClusters()
	if r, ok := s.(*richSession); ok && b.nasty {
		found, r.info = poisoned(found), poisoned(r.info)
		b.poisonSupplies(r)
	}
	b.app.deps.Candidates = func(context.Context) []Candidate { return foundClusters() }
	b.app.deps.StartCluster = func(context.Context, string, StageFunc) error { return nil }
	b.app.act(openCluster{"minikube"}, nil)
	b.send(openedMsg{opening: b.app.openings, session: s, info: s.Info()})
	b.keys("c")
	b.send(candidatesMsg{found})
	if r, ok := s.(*richSession); ok {
		b.send(suppliesMsg{b.app.cluster.opening.id, r.supplies})
	}
}

// needing goes to an exercise whose lesson needs something of the cluster.
func (b *bench) needing(s *richSession, needs ...string) {
	b.app.lesson("services").Needs = needs
	if b.nasty {
		s.info = poisoned(s.info)
		b.poisonSupplies(s)
	}
	b.app.act(goExercise{lesson: "services"}, nil)
	b.send(openedMsg{opening: b.app.openings, session: s, info: s.Info()})
	b.send(suppliesMsg{b.app.cluster.opening.id, s.supplies})
}

func (b *bench) poisonSupplies(s *richSession) {
	for i := range s.supplies {
		how := &s.supplies[i].How
		*how = both(how.In(lessons.English)+nasty, how.In(lessons.Chinese)+nasty)
	}
}

func unapproved() *lessons.ClusterError {
	return &lessons.ClusterError{Trouble: lessons.Unapproved, Op: "make the workspace", Server: "https://k8s.example.com:6443", Err: errors.New("nothing is made on this cluster before you agree")}
}

// atTerms goes to an exercise on a cluster that asks first.
func (b *bench) atTerms(t lessons.Terms) *richSession {
	s := newRichSession()
	if b.nasty {
		t = poisoned(t)
	}
	s.info, s.terms = foreignInfo(), t
	b.app.act(goExercise{lesson: "services"}, nil)
	b.send(openedMsg{opening: b.app.openings, session: s, info: s.Info()})
	b.send(runEndedMsg{run: b.app.exercise.run.id, err: unapproved()})
	b.send(termsMsg{opening: b.app.cluster.opening.id, lesson: "services", terms: t})
	return s
}

// clusterScenes are the states of the cluster screen, and what is asked before a
// cluster is used.
func clusterScenes() map[string]func(b *bench) {
	starting := func(b *bench) {
		b.onClusters(newRichSession())
		b.keys("down", "s", "y")
		b.app.titles = func(stage string) lessons.Text {
			return map[string]lessons.Text{"Pulling Base Image": both("Pulling the image of the node", "拉取节点镜像")}[stage]
		}
		b.send(stagesMsg{opening: b.app.cluster.chore.id, stages: []stage{
			{name: "Initial Minikube Setup", state: stageDone, began: fixedTime(), ended: fixedTime()},
			{name: "Pulling Base Image", state: stageRunning, began: fixedTime(), detail: "34%"}}})
	}
	return map[string]func(b *bench){
		"clusters": func(b *bench) { b.onClusters(newRichSession()) },
		"clusters-stopped": func(b *bench) {
			b.onClusters(newRichSession())
			b.send(candidatesMsg{foundClusters()[:3]})
			b.keys("down")
		},
		"clusters-hangs":  func(b *bench) { b.onClusters(newRichSession()); b.keys("down", "down") },
		"clusters-shared": func(b *bench) { b.onClusters(newRichSession()); b.keys("down", "down", "down", "down") },
		"clusters-used": func(b *bench) {
			b.onClusters(newRichSession())
			b.send(candidatesMsg{foundClusters()[:3]})
			b.keys("down", "u")
		},
		"clusters-looking": func(b *bench) { b.onClusters(newRichSession()); b.keys("r") },
		"clusters-read-only": func(b *bench) {
			s := newRichSession()
			s.info.ReadOnly = true
			b.onClusters(s)
		},
		"clusters-start":    func(b *bench) { b.onClusters(newRichSession()); b.keys("down", "enter") },
		"clusters-starting": starting,
		"clusters-start-failed": func(b *bench) {
			starting(b)
			b.send(candidatesMsg{foundClusters()[:3]})
			b.send(choreDoneMsg{b.app.cluster.chore.id, &lessons.ClusterError{Trouble: lessons.NotRunning, Op: "start minikube", Server: "lab", Err: errors.New("no space left on device"),
				Hint: both("Make room: `docker system prune`.", "请清理磁盘：`docker system prune`。")}})
		},
		"clusters-add":   func(b *bench) { b.onClusters(newRichSession()); b.keys("a") },
		"needs-add":      func(b *bench) { b.needing(newRichSession(), "ingress") },
		"needs-lack":     func(b *bench) { b.needing(newRichSession(), "ingress", "loadbalancer") },
		"needs-adding":   func(b *bench) { b.needing(newRichSession(), "ingress"); b.keys("y") },
		"needs-declined": func(b *bench) { b.needing(newRichSession(), "ingress"); b.keys("n") },
		"terms":          func(b *bench) { b.atTerms(newRichSession().terms) },
		"terms-declined": func(b *bench) { b.atTerms(newRichSession().terms); b.keys("n") },
		"terms-refused": func(b *bench) {
			t := newRichSession().terms
			t.Refused = both("You may not make namespaces on this cluster.", "你在这个集群上没有创建命名空间的权限。")
			b.atTerms(t)
		},
	}
}

func TestAStoppedMinikubeIsStartedAfterAYes(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	var started []string
	b.onClusters(newRichSession())
	b.app.deps.StartCluster = func(_ context.Context, choice string, progress StageFunc) error {
		progress("Starting Node", "running", "")
		started = append(started, choice)
		return nil
	}
	b.press("down", "s")
	b.shows("Start the minikube profile lab?", "kubectl context stays", "kvm2")
	b.press("n")
	if len(started) > 0 {
		t.Fatalf("it was started without a yes: %v", started)
	}
	b.press("s", "y")
	if !slices.Equal(started, []string{"lab"}) {
		t.Fatalf("started %v, want lab", started)
	}
	b.shows("Starting lab: done.", "minikube is open.") // the open cluster stays
	b.press("enter")
	b.runOnly(b.send(keyPress("y")), choreDoneMsg{})
	if len(started) != 2 || b.app.cluster.opening.choice != "lab" {
		t.Errorf("enter started %v and opened %q; it should open lab afterwards", started, b.app.cluster.opening.choice)
	}
}

func TestAStartCanBeStopped(t *testing.T) {
	t.Parallel()
	for _, k := range []string{"esc", "ctrl+c"} {
		b := newBench(t, lessons.English, 80, 24)
		b.onClusters(newRichSession())
		var ended error
		b.app.deps.StartCluster = func(ctx context.Context, _ string, _ StageFunc) error {
			<-ctx.Done()
			ended = ctx.Err()
			return ended
		}
		_, cmd := func() (tea.Model, tea.Cmd) { b.keys("down", "s"); return b.app.Update(keyPress("y")) }()
		if !b.app.cluster.doing() {
			t.Fatal("nothing is under way")
		}
		b.shows("Starting lab")
		if quits(b.send(keyPress(k))) {
			t.Fatalf("%s leaves the program instead of stopping the start", k)
		}
		b.run(cmd)
		if !errors.Is(ended, context.Canceled) || b.app.cluster.doing() {
			t.Errorf("after %s it goes on: %v", k, ended)
		}
		b.shows("Starting lab: stopped by you.", "minikube is open.")
	}
}

func TestWhyAStartFailedIsShownWithWhatMendsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	clusterScenes()["clusters-start-failed"](b)
	b.shows("Starting lab: it did not work.", "no space left on device", "docker system prune")
}

func TestAClusterIsUsedFromNowOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.onClusters(newRichSession())
	b.press("down", "down", "down", "u")
	if b.store.p.Cluster != "kind-dev" {
		t.Errorf("kept %q, want kind-dev", b.store.p.Cluster)
	}
	b.press("u") // and back
	if b.store.p.Cluster != "auto" {
		t.Errorf("kept %q, want auto", b.store.p.Cluster)
	}
}

func TestLookingAgainAsksAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.onClusters(newRichSession())
	looked := 0
	b.app.deps.Candidates = func(context.Context) []Candidate { looked++; return foundClusters()[:2] }
	b.press("r")
	b.hides("kind-dev")
	if looked != 1 {
		t.Errorf("it looked %d times", looked)
	}
}

func TestWhatALessonNeedsIsAddedAfterAYes(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	s := newRichSession()
	b.needing(s, "traffic", "ingress")
	b.shows("minikube addons enable ingress", "yes, add it", "go on without it")
	if b.app.exercise.run != nil {
		t.Fatal("the exercise has begun before the learner was asked")
	}
	cmd := b.send(keyPress("enter"))
	b.runOnly(b.runOnly(cmd, choreDoneMsg{}), suppliesMsg{})
	if !slices.Equal(s.added, []string{"ingress"}) || b.app.exercise.run == nil || b.app.top() != screen(b.app.exercise) {
		t.Errorf("added %v, begun %v, on %T", s.added, b.app.exercise.run != nil, b.app.top())
	}
}

func TestALessonCanBeBegunWithoutWhatItNeeds(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	s := newRichSession()
	b.needing(s, "loadbalancer")
	b.shows("cannot add it", "minikube tunnel")
	b.hides("yes, add it")
	b.keys("esc")
	b.shows("load balancers is missing", "Press r to be asked again")
	if b.app.exercise.run != nil {
		t.Fatal("no was taken for a yes")
	}
	b.keys("r", "w")
	if b.app.exercise.run == nil || len(s.added) > 0 {
		t.Errorf("begun %v, added %v; want it begun without", b.app.exercise.run != nil, s.added)
	}
}

func TestALessonThatTheClusterServesIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.needing(newRichSession(), "traffic", "metrics") // what cannot be told is tried
	if b.app.exercise.run == nil || b.app.over != nil {
		t.Errorf("begun %v, asked %T", b.app.exercise.run != nil, b.app.over)
	}
}

func TestTheSandboxIsOfferedInstead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"needs-lack", "terms", "terms-refused"} {
		b := newBench(t, lessons.English, 80, 24)
		clusterScenes()[name](b)
		b.keys("o")
		if got := b.app.cluster.opening.choice; got != "sandbox" {
			t.Errorf("%s: o opens %q", name, got)
		}
	}
}

func TestNothingIsMadeOnASharedClusterBeforeAYes(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	s := b.atTerms(newRichSession().terms)
	b.shows("https://k8s.example.com:6443", "jane", "k8stutor-services-x7f2")
	for _, k := range []string{"enter", "space", "a"} { // none of them may agree
		b.keys(k)
	}
	if s.agreed != 0 {
		t.Fatal("something else than y agreed")
	}
	b.keys("n")
	b.shows("you have not agreed", "Press r to be asked again")
	if b.keys("r"); b.app.exercise.runs != 2 {
		t.Fatalf("r did not try again: %d runs", b.app.exercise.runs)
	}
	b.send(runEndedMsg{run: b.app.exercise.run.id, err: unapproved()})
	b.send(termsMsg{opening: b.app.cluster.opening.id, lesson: "services", terms: s.terms})
	runs := b.app.exercise.runs
	b.runOnly(b.send(keyPress("y")), approvedMsg{})
	if s.agreed != 1 || b.app.exercise.runs != runs+1 {
		t.Errorf("after y: agreed %d times, %d runs after %d", s.agreed, b.app.exercise.runs, runs)
	}
}

// runOnly runs commands until one gives a message of the kind of want, and
// returns what the App asks for then.
func (b *bench) runOnly(cmd tea.Cmd, want tea.Msg) tea.Cmd {
	b.t.Helper()
	todo := []tea.Cmd{cmd}
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		if next == nil {
			continue
		}
		msg := next()
		if batch, ok := msg.(tea.BatchMsg); ok {
			todo = append(todo, batch...)
		} else if fmt.Sprintf("%T", msg) == fmt.Sprintf("%T", want) {
			return b.send(msg)
		}
	}
	b.t.Errorf("no %T came", want)
	return nil
}

func TestTermsThatRefuseCannotBeAgreedTo(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	clusterScenes()["terms-refused"](b)
	b.shows("You may not make namespaces")
	b.hides("yes, make it there")
}

func TestTermsWaitUntilTheExerciseIsLookedAt(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	s := newRichSession()
	s.info = foreignInfo()
	b.app.act(goExercise{lesson: "services"}, nil)
	b.send(openedMsg{opening: b.app.openings, session: s, info: s.Info()})
	run := b.app.exercise.run.id
	b.keys("e") // away from the exercise, or nowhere
	b.app.act(goHome{}, nil)
	b.send(runEndedMsg{run: run, err: unapproved()})
	b.send(termsMsg{opening: b.app.cluster.opening.id, lesson: "services", terms: s.terms})
	if b.app.over != nil {
		t.Fatal("the question lies over another screen")
	}
	b.app.act(goExercise{lesson: "services"}, nil)
	b.send(nil)
	if _, asked := b.app.over.(*proposal); !asked {
		t.Error("back at the exercise, nothing is asked")
	}
}
