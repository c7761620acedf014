package lessons

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons/commandline"
)

func TestCommandsAreJudgedByTheirMeaning(t *testing.T) {
	t.Parallel()
	same := map[string][]string{
		"kubectl get endpointslices -l kubernetes.io/service-name=nginx -n shop -o wide": {
			"kubectl get endpointslices -l kubernetes.io/service-name=nginx -n shop -o wide",
			"kubectl get endpointslice --selector=kubernetes.io/service-name=nginx --namespace shop --output=wide",
			"k get -owide --namespace=shop EndpointSlices -l 'kubernetes.io/service-name==nginx'",
			"$ kubectl -n shop get endpointslices.discovery.k8s.io -o=wide -lkubernetes.io/service-name=nginx",
			"k8stutor kubectl get endpointslices -l \"kubernetes.io/service-name=nginx\" -nshop -o wide  ",
		},
		"kubectl get pods -A":                               {"kubectl get po --all-namespaces", "kubectl get pod -A=true", "kubectl --all-namespaces=true get pods"},
		"kubectl get deployment web":                        {"kubectl get deploy/web", "k get deployments web", "kubectl get deployments.apps web"},
		"kubectl get pods web-1 web-2":                      {"kubectl get pods web-2 web-1", "kubectl get pod/web-1 po/web-2"},
		"kubectl get deployments,services":                  {"kubectl get svc,deploy"},
		"kubectl get pods -l app=web,tier=front":            {"kubectl get pods -l tier=front,app=web", "kubectl get pods -l 'tier = front, app = web'"},
		"kubectl delete svc web":                            {"kubectl delete service/web"},
		"kubectl describe po web":                           {"kubectl describe pod/web"},
		"kubectl set image deployment/web nginx=nginx:1.27": {"kubectl set image deploy web nginx=nginx:1.27"},
		"kubectl rollout status deployment web":             {"kubectl rollout status deploy/web"},
		"kubectl rollout undo deploy/web --to-revision=1":   {"kubectl rollout undo --to-revision 1 deployment web"},
		"kubectl scale deployment web --replicas=3":         {"kubectl scale --replicas 3 deploy/web"},
		"kubectl label pod web app=x tier-":                 {"kubectl label pods/web app=x tier-"},
		"kubectl create deployment web --image=nginx:1.27 --replicas=3": {
			"kubectl create deploy web --replicas 3 --image nginx:1.27", "kubectl create deployment web -r 3 --image=nginx:1.27",
			"kubectl create deployment --image=nginx:1.27 --replicas=3 web"},
		"kubectl create configmap c --from-literal=a=1 --from-literal=b=2": {"kubectl create cm c --from-literal b=2 --from-literal a=1"},
		"kubectl logs web -c nginx -f":                                     {"kubectl logs -f pod/web nginx", "kubectl logs po/web --container=nginx --follow"},
		"kubectl logs web --previous":                                      {"kubectl logs -p web"},
		"kubectl exec -it web -- sh -c 'ls -l'":                            {"kubectl exec web -i -t -- sh -c \"ls -l\"", "kubectl exec --stdin --tty pod/web -- sh -c ls\\ -l"},
		"kubectl apply -f shop.yaml":                                       {"kubectl apply --filename=shop.yaml"},
		"kubectl run web --image=nginx -l app=web":                         {"kubectl run web --labels=app=web --image nginx"},
		"kubectl explain pod.spec":                                         {"kubectl explain pods.spec", "kubectl explain po.spec"},
		"kubectl top pods":                                                 {"kubectl top pod"},
		"kubectl get pods":                                                 {"kubectl get pods --watch=false", "kubectl  get\tpods"},
		"kubectl wait --for=condition=Ready pod/web":                       {"kubectl wait pod web --for condition=Ready"},
		"minikube addons enable ingress":                                   {"minikube  addons enable 'ingress'"},
	}
	for right, lines := range same {
		q := &Question{Kind: Command, Accept: []string{"kubectl version", right}}
		for _, line := range append(lines, right) {
			m := q.Mark(Response{Text: line})
			if !m.Right || m.Want != right || m.Note != nil {
				t.Errorf("%q should do as %q; got %+v", line, right, m)
			}
		}
	}
}

func TestAWrongCommandSaysWhatDiffersFirst(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ right, line, note, zh string }{
		{"kubectl create deployment web --image=nginx", "kubectl create deployment web --image-nginx",
			"`--image-nginx` is one word; the flag is `--image=nginx`.", "`--image-nginx` 是一个词；这个参数写作 `--image=nginx`。"},
		{"kubectl create deployment web --image=nginx", "kubectl create deployment web -image=nginx",
			"A long flag begins with two dashes: `--image=nginx`, not `-image=nginx`.", "长参数以两个短横线开头：是 `--image=nginx`，而不是 `-image=nginx`。"},
		{"kubectl create deployment web --image=nginx", "kubectl create deployment web —image=nginx",
			"`—image=nginx` begins with a dash that is not the `-` of the keyboard.", "`—image=nginx` 开头的短横线不是键盘上的 `-`。"},
		{"kubectl create deployment web --image=nginx", "kubectl create deployment web --imgae=nginx",
			"There is no flag `--imgae=nginx` here; the flag is `--image=nginx`.", "这里没有参数 `--imgae=nginx`；应当写作 `--image=nginx`。"},
		{"kubectl create deployment web --image=nginx", "kubectl create deployment web", "`--image=nginx` is missing.", "缺少 `--image=nginx`。"},
		{"kubectl create deployment web --image=nginx", "kubectl create pod web --image=nginx",
			"The verb is `create deployment`, not `create pod`.", "动词应当是 `create deployment`，而不是 `create pod`。"},
		{"kubectl create deployment web --image=nginx", "kubectl create deployment wbe --image=nginx",
			"`web` is expected where `wbe` stands.", "应当写 `web` 的地方写成了 `wbe`。"},
		{"kubectl create deployment web --image=nginx", "kubectl create deployment --image=nginx", "`web` is missing.", "缺少 `web`。"},
		{"kubectl get pods", "get pods", "The command begins with `kubectl`.", "命令以 `kubectl` 开头。"},
		{"kubectl get pods", "kubectl", "The verb is missing: `get`.", "缺少动词 `get`。"},
		{"kubectl get pods", "kubectl describe pods", "The verb is `get`, not `describe`.", "动词应当是 `get`，而不是 `describe`。"},
		{"kubectl get pods", "kubectl get svc", "This is about `pods`, not `services`.", "这里要的是 `pods`，而不是 `services`。"},
		{"kubectl get pods", "kubectl get pods web", "All of them are asked for, not only `web`.", "要的是全部，而不只是 `web`。"},
		{"kubectl get pods", "kubectl get pods -o wide", "`-o` is not asked for.", "没有要求 `-o`。"},
		{"kubectl get pod web", "kubectl get pods", "The name is missing: `web`.", "缺少名字 `web`。"},
		{"kubectl get pod web", "kubectl get pod wbe", "The name is `web`, not `wbe`.", "名字应当是 `web`，而不是 `wbe`。"},
		{"kubectl get pod web -n shop", "kubectl get pod web -n shp", "It is `--namespace=shop`, not `--namespace=shp`.", "应当是 `--namespace=shop`，而不是 `--namespace=shp`。"},
		{"kubectl get pods -A", "kubectl get pods", "`--all-namespaces` is missing.", "缺少 `--all-namespaces`。"},
		{"kubectl exec web -- ls", "kubectl exec web -- pwd", "What runs in the container, behind `--`, is different.", "`--` 之后在容器里运行的命令不同。"},
		{"kubectl get pods", "kubectl get 'pods", "This is no complete command: the quote ' is not closed.", "这不是一条完整的命令：引号 ' 没有闭合。"},
		{"kubectl get pods", "", "The command begins with `kubectl`.", "命令以 `kubectl` 开头。"},
		{"kubectl api-resources", "kubectl api-resources x", "`x` is too much.", "`x` 是多余的。"},
	} {
		m := (&Question{Kind: Command, Accept: []string{"kubectl rollout undo deployment/other --to-revision=7", tc.right}}).Mark(Response{Text: tc.line})
		if diff := cmp.Diff(Text{English: tc.note, Chinese: tc.zh}, m.Note); m.Right || diff != "" {
			t.Errorf("%q for %q (-want +got):\n%s", tc.line, tc.right, diff)
		}
	}
}

func TestChoicesAreMarkedEachWithItsReason(t *testing.T) {
	t.Parallel()
	l := mustLoad(t)
	question := func(id string) *Question {
		q, ok := l.Question(id)
		if !ok {
			t.Fatalf("no question %s", id)
		}
		return q
	}
	for _, tc := range []struct {
		question, answer string
		choices          []int
		right            bool
		want             string
	}{
		{"ready-only", "a", []int{0}, true, "a"},
		{"ready-only", " B. ", []int{1}, false, "a"},
		{"ready-only", "2", []int{1}, false, "a"},
		{"which-two", "a,c", []int{0, 2}, true, "a,c"},
		{"which-two", "CA", []int{2, 0}, true, "a,c"},
		{"which-two", "1、3", []int{0, 2}, true, "a,c"},
		{"which-two", "a", []int{0}, false, "a,c"},
		{"which-two", "a b c", []int{0, 1, 2}, false, "a,c"},
		{"is-it", "true", []int{0}, false, "false"},
		{"is-it", "F", []int{1}, true, "false"},
		{"is-it", "错", []int{1}, true, "false"},
		{"is-it", "b", []int{1}, true, "false"},
	} {
		q := question(tc.question)
		r, err := ParseResponse(q, tc.answer)
		if diff := cmp.Diff(tc.choices, r.Choices); err != nil || diff != "" {
			t.Errorf("%s: ParseResponse(%q): %v (-want +got):\n%s", tc.question, tc.answer, err, diff)
			continue
		}
		m := q.Mark(r)
		if m.Right != tc.right || m.Want != tc.want || len(m.Options) != len(q.Options) {
			t.Errorf("%s: Mark(%q) = %+v; want right %v, %q wanted", tc.question, tc.answer, m, tc.right, tc.want)
		}
		for i, o := range m.Options {
			chosen := slices.Contains(tc.choices, i)
			if o.Index != i || o.Chosen != chosen || o.Right != (chosen == q.Options[i].Right) || o.Reason.In(Chinese) == "" {
				t.Errorf("%s: Mark(%q) says of option %d: %+v", tc.question, tc.answer, i, o)
			}
		}
	}
	if m := question("which-two").Mark(Response{Choices: []int{-1, 0, 2, 99}}); !m.Right || len(m.Options) != 3 {
		t.Errorf("choices that do not exist should be passed over: %+v", m)
	}
	if m := question("which-two").Mark(Response{Choices: []int{0}}); m.Why.In(English) != "Because." {
		t.Errorf("why = %q", m.Why)
	}
}

func TestAnOrderIsShownShuffledAndReadAsShown(t *testing.T) {
	t.Parallel()
	q, _ := mustLoad(t).Question("in-order")
	shown := q.Presented()
	if slices.IsSorted(shown) || !cmp.Equal(shown, q.Presented()) {
		t.Errorf("shown as %v, then as %v; want the same shuffle", shown, q.Presented())
	}
	m := q.Mark(Response{Choices: []int{0, 1, 2}})
	if !m.Right {
		t.Errorf("the right order is marked wrong: %+v", m)
	}
	r, err := ParseResponse(q, m.Want)
	if diff := cmp.Diff([]int{0, 1, 2}, r.Choices); err != nil || diff != "" {
		t.Errorf("ParseResponse(%q): %v (-want +got):\n%s", m.Want, err, diff)
	}
	if r, err = ParseResponse(q, strings.ReplaceAll(m.Want, " ", "")); err != nil || !q.Mark(r).Right {
		t.Errorf("without spaces: %v, %v", r, err)
	}
	m = q.Mark(Response{Choices: []int{1, 0, 2}})
	var right []bool
	for _, o := range m.Options {
		right = append(right, o.Right)
	}
	if diff := cmp.Diff([]bool{false, false, true}, right); m.Right || diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	for _, r := range [][]int{nil, {0, 1}, {0, 1, 2, 2}, {0, 1, 7}} {
		if q.Mark(Response{Choices: r}).Right {
			t.Errorf("%v is marked right", r)
		}
	}
}

func TestAnAnswerThatCannotBeReadSaysWhatIsExpected(t *testing.T) {
	t.Parallel()
	l := mustLoad(t)
	for _, tc := range []struct{ question, answer, want, zh string }{
		{"ready-only", "c", `"c" cannot be read as an answer; the answer is one letter from a to b`, "看不懂回答 \"c\"；请回答 a 到 b 中的一个字母"},
		{"ready-only", "a,b", `"a,b" cannot be read as an answer; the answer is one letter from a to b`, "看不懂回答 \"a,b\"；请回答 a 到 b 中的一个字母"},
		{"which-two", "", `there is no answer; the answer is one or more letters from a to c, such as: a,c`, "没有作答；请回答 a 到 c 中的一个或几个字母，例如：a,c"},
		{"which-two", ", ,", `", ," cannot be read as an answer; the answer is one or more letters from a to c, such as: a,c`, "看不懂回答 \", ,\"；请回答 a 到 c 中的一个或几个字母，例如：a,c"},
		{"is-it", "maybe", `"maybe" cannot be read as an answer; the answer is true or false`, "看不懂回答 \"maybe\"；请回答 true（对）或 false（错）"},
		{"in-order", "1 1 2", `"1 1 2" cannot be read as an answer; the answer is every number from 1 to 3 once, such as: 3 2 1`, "看不懂回答 \"1 1 2\"；请把 1 到 3 每个数字各写一次，例如：3 2 1"},
		{"list-slices", " ", `there is no answer; the answer is a command line, such as: kubectl get pods`, "没有作答；请输入一条命令，例如：kubectl get pods"},
	} {
		q, _ := l.Question(tc.question)
		_, err := ParseResponse(q, tc.answer)
		var re *ResponseError
		if !errors.As(err, &re) {
			t.Errorf("%s: ParseResponse(%q) = %v; want a *ResponseError", tc.question, tc.answer, err)
			continue
		}
		if diff := cmp.Diff(Text{English: tc.want, Chinese: tc.zh}, re.Notice); diff != "" {
			t.Errorf("%s: ParseResponse(%q) (-want +got):\n%s", tc.question, tc.answer, diff)
		}
	}
}

// FuzzMark promises that nothing a learner types brings the program down, and
// that a line is always as right as itself.
func FuzzMark(f *testing.F) {
	for _, line := range []string{"kubectl get pods -A", "k -n", "- -- ---", "kubectl label pod x a=b c-", "kubectl create", "kubectl set image", "$ $", "--a=='\"", "kubectl exec -it x -- y", "kubectl explain ."} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if _, err := commandline.Words(line); err != nil {
			return
		}
		if m := (&Question{Kind: Command, Accept: []string{line}}).Mark(Response{Text: line}); !m.Right {
			t.Errorf("%q differs from itself: %v", line, m.Note)
		}
		_ = (&Question{Kind: Command, Accept: []string{"kubectl get pods -n x"}}).Mark(Response{Text: line})
	})
}
