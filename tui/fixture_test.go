package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// fixedTime is now in all tests, so that frames do not change.
func fixedTime() time.Time { return time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC) }

func both(en, zh string) lessons.Text { return lessons.Text{lessons.English: en, lessons.Chinese: zh} }

var podKind = lessons.Kind{Version: "v1", Kind: "Pod", Resource: "pods", Namespaced: true}

// testCourse is a small course with every kind of page, step and question.
func testCourse() *lessons.Course {
	services := &lessons.Lesson{
		ID: "services", Title: both("Services", "服务（Service）"), Minutes: 20,
		Summary: both("Pods come and go, their addresses with them. A **Service** is one address that stays.",
			"Pod 来来去去，地址也跟着变。**Service** 是一个不变的地址。"),
		Pages: []lessons.Page{
			{ID: "why", Title: both("Why a Service", "为什么需要 Service"), Body: both(longPage, longPageZH)},
			{ID: "anatomy", Title: both("What it is made of", "它由什么组成"), Body: both(
				"A Service has a *selector*, ports and an address.\n\n| field | meaning |\n|---|---|\n| `selector` | which Pods |\n| `port` | where it listens |\n",
				"Service 有*选择算符*、端口和地址。\n\n| 字段 | 含义 |\n|---|---|\n| `selector` | 选哪些 Pod |\n| `port` | 在哪里监听 |\n")},
		},
	}
	create := &lessons.Step{ID: "create", Kind: lessons.Do, Title: both("Create a Deployment", "创建一个 Deployment"),
		Goal:  both("Create a Deployment `web` with image `nginx:1.27` and **3** replicas.", "创建名为 `web` 的 Deployment，镜像 `nginx:1.27`，**3** 个副本。"),
		Done:  both("The Deployment made a ReplicaSet, and that made three Pods.", "Deployment 创建了 ReplicaSet，后者又创建了三个 Pod。"),
		Hints: []lessons.Text{both("Think of `kubectl create deployment`.", "想一想 `kubectl create deployment`。"), both("`kubectl create deployment web --image=nginx:1.27 --replicas=3`", "`kubectl create deployment web --image=nginx:1.27 --replicas=3`")},
		Checks: []*lessons.Check{{ID: "exists", Title: both("Deployment web exists", "Deployment web 存在")},
			{ID: "replicas", Title: both("3 replicas", "3 个副本")}},
		Solution: []string{"kubectl create deployment web --image=nginx:1.27 --replicas=3"},
	}
	inspect := &lessons.Step{ID: "inspect", Kind: lessons.Ask, Title: both("Count the endpoints", "数一数端点"),
		Goal:     both("How many ready addresses back the Service `web` now?", "现在有多少个就绪的地址在支撑 Service `web`？"),
		Done:     both("The EndpointSlice lists them.", "它们列在 EndpointSlice 里。"),
		Hints:    []lessons.Text{both("Look at the EndpointSlices.", "看看 EndpointSlice。")},
		Solution: []string{"kubectl get endpointslices"}, Answer: &lessons.Answer{},
	}
	services.Steps = []*lessons.Step{create, inspect}
	services.Questions = testQuestions()
	pods := &lessons.Lesson{ID: "pods", Title: both("Pods", "Pod"), Minutes: 15, Summary: both("The smallest thing that runs.", "能运行的最小单位。"),
		Pages: []lessons.Page{{ID: "what", Title: both("What a Pod is", "Pod 是什么"), Body: both("A Pod.", "一个 Pod。")}}}
	return &lessons.Course{ID: "test", Title: both("Kubernetes, by doing", "动手学 Kubernetes"),
		Summary: both("A small course for tests.", "测试用的小课程。"),
		Modules: []lessons.Module{
			{ID: "workloads", Title: both("Workloads", "工作负载"), Lessons: []*lessons.Lesson{pods}},
			{ID: "networking", Title: both("Networking", "网络"), Lessons: []*lessons.Lesson{services}},
		}}
}

func testQuestions() []*lessons.Question {
	option := func(en, zh string, right bool) lessons.Option {
		return lessons.Option{Text: both(en, zh), Right: right, Reason: both("Because of "+en+".", "因为"+zh+"。")}
	}
	return []*lessons.Question{
		{ID: "which", Kind: lessons.Single, Title: both("Which Pods get traffic?", "哪些 Pod 收到流量？"),
			Prompt:  both("A Service `web` selects `app=web`.", "Service `web` 选择 `app=web`。"),
			Options: []lessons.Option{option("ready ones that match", "匹配且就绪的", true), option("all of the Deployment", "Deployment 的全部", false), option("all in the namespace", "命名空间里的全部", false)}},
		{ID: "ports", Kind: lessons.Multiple, Title: both("What has a Service?", "Service 有什么？"),
			Options: []lessons.Option{option("a selector", "选择算符", true), option("an address", "地址", true), option("containers", "容器", false)}},
		{ID: "stays", Kind: lessons.TrueFalse, Title: both("A Pod keeps its address", "Pod 的地址不变"),
			Options: []lessons.Option{option("true", "对", false), option("false", "错", true)}},
		{ID: "path", Kind: lessons.Order, Title: both("The way of a request", "请求的路径"), Why: both("Names are looked up first.", "先查名字。"),
			Options: []lessons.Option{option("DNS", "DNS", true), option("Service address", "Service 地址", true), option("Pod", "Pod", true)}},
		{ID: "list", Kind: lessons.Command, Title: both("List the EndpointSlices", "列出 EndpointSlice"), Accept: []string{"kubectl get endpointslices"},
			Why: both("`endpointslices` is the resource.", "资源名是 `endpointslices`。")},
	}
}

const longPage = `You ask a Pod for a page. It is deleted, another takes its place, **with another address**. Whom do you ask now?

> [!NOTE]
> A Service does not run anything. It is a name, an address and a rule.

` + "```yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n  ports:\n  - port: 80\n```\n" + `
1. The client looks up the name.
2. It gets one address that stays.
3. The node sends each connection on to one ready Pod; see [the documentation](https://kubernetes.io/docs/concepts/services-networking/service/).

What decides is the label, not the name, and not which Deployment made the Pod.
`

const longPageZH = `你向一个 Pod 请求页面。它被删掉了，另一个 Pod 接替它，**地址却变了**。现在你该找谁？

> [!NOTE]
> Service 本身什么都不运行。它只是一个名字、一个地址和一条规则。

` + "```yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n  ports:\n  - port: 80\n```\n" + `
1. 客户端查询名字。
2. 得到一个不变的地址。
3. 节点把每个连接转给一个就绪的 Pod，见[官方文档](https://kubernetes.io/zh-cn/docs/concepts/services-networking/service/)。

起决定作用的是标签，不是名字，也不是由哪个 Deployment 创建。
`

// pod returns a Pod as the API server gives it.
func pod(name, phase, ip string) lessons.Object {
	return lessons.Object{"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": name, "namespace": "k8stutor-services", "uid": "uid-" + name, "creationTimestamp": "2026-11-23T12:00:05Z"},
		"spec":     map[string]any{"containers": []any{map[string]any{"name": "nginx", "image": "nginx:1.27"}}},
		"status": map[string]any{"phase": phase, "podIP": ip,
			"containerStatuses": []any{map[string]any{"name": "nginx", "ready": phase == "Running", "restartCount": int64(0)}}}}
}

func testWorkspace() lessons.Workspace {
	return lessons.Workspace{Lesson: "services", Namespace: "k8stutor-services", UID: "ws", Cluster: "sandbox", ClusterUID: "c"}
}

// testReport is an exercise with its first step failing one of two checks.
func testReport() lessons.Report {
	return lessons.Report{
		Seq: 1, Time: fixedTime(), Lesson: "services", Workspace: testWorkspace(), Current: "create", Verdict: lessons.NotYet,
		Steps: []lessons.StepResult{
			{ID: "create", Verdict: lessons.NotYet, Begun: true, Checks: []lessons.CheckResult{
				{ID: "exists", Title: both("Deployment web exists", "Deployment web 存在"), Verdict: lessons.Pass},
				{ID: "replicas", Title: both("3 replicas", "3 个副本"), Verdict: lessons.NotYet, Expected: "3", Found: "1",
					Object: lessons.Ref{Kind: lessons.Kind{Kind: "Deployment"}, Name: "web"}, Path: "spec.replicas",
					Why: both("The Deployment asks for 1 Pod; the goal is 3.", "Deployment 只要 1 个 Pod，目标是 3 个。")},
			}, Diagnosis: both("You left out `--replicas`.", "你漏了 `--replicas`。")},
			{ID: "inspect", Verdict: lessons.NotYet},
		},
		Snapshot: lessons.Snapshot{Seq: 1, Time: fixedTime(), Kinds: map[lessons.Kind]lessons.Listing{
			podKind: {Synced: true, Objects: []lessons.Object{pod("web-7d4b9c6f5-k2x8p", "Running", "10.244.0.5")}},
		}},
	}
}

// passedReport is the exercise with its first step passed and the second begun.
func passedReport() lessons.Report {
	r := testReport()
	r.Seq, r.Current = 2, "inspect"
	r.Steps[0] = lessons.StepResult{ID: "create", Verdict: lessons.Pass, Begun: true, Checks: []lessons.CheckResult{
		{ID: "exists", Title: both("Deployment web exists", "Deployment web 存在"), Verdict: lessons.Pass},
		{ID: "replicas", Title: both("3 replicas", "3 个副本"), Verdict: lessons.Pass},
	}}
	r.Steps[1].Begun = true
	return r
}

func awayReport() lessons.Report {
	r := testReport()
	away := awayError()
	r.Seq, r.Verdict, r.Snapshot.Away = 2, lessons.CannotTell, away
	for i := range r.Steps[0].Checks {
		c := &r.Steps[0].Checks[i]
		c.Verdict, c.Found, c.Why = lessons.CannotTell, "", both("The cluster does not answer.", "集群没有应答。")
	}
	r.Steps[0].Verdict, r.Steps[0].Trouble, r.Steps[0].Diagnosis = lessons.CannotTell, away, r.Steps[0].Checks[0].Why
	return r
}

func awayError() *lessons.ClusterError {
	return &lessons.ClusterError{Trouble: lessons.Unreachable, Op: "watch pods in k8stutor-services", Server: "https://127.0.0.1:6443",
		Err: errors.New("connection refused"), Hint: both("Restart the sandbox.", "请重启沙箱。")}
}

// bench is an App with fake surroundings, driven message by message.
type bench struct {
	t        *testing.T
	app      *App
	store    *fakeStore
	session  *fakeSession
	exercise *fakeExercise
	shells   []*fakeShell
	opened   int
	nasty    bool // reports hold what a terminal would obey
}

func newBench(t *testing.T, lang lessons.Lang, w, h int) *bench {
	t.Helper()
	b := &bench{t: t, store: &fakeStore{}, session: &fakeSession{}, exercise: newFakeExercise()}
	deps := Deps{Course: testCourse(), Store: b.store, Lang: lang, Now: fixedTime, Dark: true, Version: "v0.1.0",
		Open: func(context.Context, string, StageFunc) (Session, error) {
			b.opened++
			return b.session, nil
		},
		Exercise: func(*lessons.Lesson, lessons.Cluster) Exercise { return b.exercise },
		Shell: func(_ []string, w, h int) (Shell, error) {
			s := newFakeShell(w, h)
			b.shells = append(b.shells, s)
			return s, nil
		},
	}
	c := newCrew(t.Context())
	t.Cleanup(c.end)
	b.app = newApp(deps, c)
	b.send(tea.WindowSizeMsg{Width: w, Height: h})
	b.send(savedMsg{progress: b.store.Progress()})
	return b
}

// send gives the App a message; commands are not run.
func (b *bench) send(msg tea.Msg) tea.Cmd {
	_, cmd := b.app.Update(msg)
	return cmd
}

// keys presses keys by the names Bubble Tea gives them.
func (b *bench) keys(names ...string) {
	for _, n := range names {
		b.send(keyPress(n))
	}
}

// inExercise goes to the exercise of the lesson on Services, with a session open
// and a shell running.
func (b *bench) inExercise() {
	b.app.act(goExercise{lesson: "services"}, nil)
	b.send(openedMsg{opening: b.app.openings, session: b.session, info: b.session.Info()})
}

func (b *bench) report(r lessons.Report) {
	e := b.app.exercise
	if b.nasty {
		namespace := r.Workspace.Namespace // is where the objects are: they would not be shown
		r = poisoned(r)
		r.Workspace.Namespace = namespace
	}
	b.send(reportMsg{run: e.run.id, report: r})
	if e.terminal.pending {
		s := newFakeShell(e.terminal.w, e.terminal.h)
		b.shells = append(b.shells, s)
		b.send(shellMsg{shell: e.terminal.id, pane: s})
	}
}

// keyPress makes the message of a key from its name.
func keyPress(name string) tea.KeyPressMsg {
	special := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
		"backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f6": tea.KeyF6}
	var k tea.KeyPressMsg
	base := name
	for {
		if rest, ok := strings.CutPrefix(base, "ctrl+"); ok {
			k.Mod, base = k.Mod|tea.ModCtrl, rest
		} else if rest, ok := strings.CutPrefix(base, "shift+"); ok {
			k.Mod, base = k.Mod|tea.ModShift, rest
		} else if rest, ok := strings.CutPrefix(base, "alt+"); ok {
			k.Mod, base = k.Mod|tea.ModAlt, rest
		} else {
			break
		}
	}
	if code, ok := special[base]; ok {
		k.Code = code
		return k
	}
	if base == "space" {
		k.Code, k.Text = tea.KeySpace, " "
		return k
	}
	k.Code = []rune(base)[0]
	if k.Mod&^tea.ModShift == 0 {
		k.Text = base
		if k.Mod == tea.ModShift {
			k.Text = strings.ToUpper(base)
		}
	}
	if k.String() != name && !(k.Mod == tea.ModShift && k.Text != "") {
		panic(fmt.Sprintf("key %q is named %q", name, k.String()))
	}
	return k
}
