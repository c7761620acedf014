package commandline

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// ran is a line that was run in a shell against a cluster.
type ran struct {
	line, output string
	exit         int
}

// recorded reads what kubectl and a shell really said to lines with mistakes: the
// line behind ###, the output, and the exit code behind =>.
func recorded(t *testing.T) []ran {
	t.Helper()
	text, err := os.ReadFile("testdata/ran.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []ran
	for part := range strings.SplitSeq(string(text), "### ") {
		if part == "" {
			continue
		}
		line, rest, _ := strings.Cut(part, "\n")
		output, exit, _ := strings.Cut(rest, "=> ")
		code, err := strconv.Atoi(strings.TrimSpace(exit))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out = append(out, ran{line, output, code})
	}
	return out
}

// TestWhatIsSaidOfRecordedMistakes keeps what is said in testdata/said.txt, to be
// read by people: go test ./lessons/commandline -run Recorded -update.
func TestWhatIsSaidOfRecordedMistakes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, r := range recorded(t) {
		s, _ := Mistake(r.line, r.exit, r.output)
		fmt.Fprintf(&b, "%s\n    %s\n    %s\n", r.line, s.English, s.Chinese)
	}
	if *update {
		if err := os.WriteFile("testdata/said.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/said.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("what is said has changed (-said.txt +now):\n%s", diff)
	}
}

// TestAMistakeIsSeenWithoutTheOutput asks again about the mistakes that the line
// alone tells.
func TestAMistakeIsSeenWithoutTheOutput(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"kubectl create deployment web --image-nginx":                      "`--image-nginx` is one word; the flag is `--image=nginx`.",
		"kubectl creat deploy web":                                         "kubectl has no verb `creat`. It is spelled `create`.",
		"k get pod web -namespace x":                                       "A long flag begins with two dashes: `--namespace`, not `-namespace`.",
		"kubectl run web -image=nginx":                                     "A long flag begins with two dashes: `--image=nginx`, not `-image=nginx`.",
		"kubectl create deployment web －－image＝nginx":                      "`－－image＝nginx` holds characters that only look like those of a command: a Chinese input method or a word processor made them. Write `--image=nginx`.",
		"kubectl get　pods":                                                 "`get　pods` holds characters that only look like those of a command: a Chinese input method or a word processor made them. Write `get pods`.",
		"kubectl create deployment web —image=nginx":                       "`—image=nginx` holds characters that only look like those of a command: a Chinese input method or a word processor made them. Write `--image=nginx`.",
		"kubectl get pods，services":                                        "`pods，services` holds characters that only look like those of a command: a Chinese input method or a word processor made them. Write `pods,services`.",
		"kubectl create deployment web --image=“nginx”":                    "`--image=“nginx”` has curly quotes, which are no quotes to a shell. Write ' or \".",
		"kubectl apply web.yaml":                                           "A file is given by `-f`: `kubectl apply -f web.yaml`.",
		"kubectl expose deployment web port=80":                            "The dashes are missing: `--port=80`, not `port=80`.",
		"kubectl create deployment web -- image=nginx":                     "No space behind the dashes: `--image=nginx`.",
		"kubectl create deployment web --image = nginx":                    "No spaces beside the `=` of a flag: `--image=nginx`.",
		"kubectl create deployment web --image= nginx":                     "No spaces beside the `=` of a flag: `--image=nginx`.",
		"kubectl get pods 'app":                                            "The command is not complete: the quote ' is not closed.",
		"$ kubectl get pods":                                               "`$` is the prompt of a shell, not a part of the command. Type what stands behind it: `kubectl get pods`.",
		"kubectl describe pod <pod name>":                                  "`<pod name>` stands for a name of your own: write that name in its place, without brackets.",
		"kubectl describe pod POD_NAME":                                    "`POD_NAME` stands for a name of your own: write that name in its place, without brackets.",
		"sudo kubectl get pods":                                            "`sudo` runs kubectl as another user, who does not know your cluster. Leave it away: `kubectl get pods`.",
		"minikube kubectl get pods -A":                                     "`minikube kubectl` takes the flags for its own. Put `--` before what is meant for kubectl: `minikube kubectl -- get pods …`.",
		"kubectl run web --image=nginx --replicas=3":                       "`kubectl run` starts one Pod and no more. Several are kept by a Deployment: `kubectl create deployment NAME --image=IMAGE --replicas=3`.",
		"kubectl create pod web --image=nginx":                             "There is no `kubectl create pod`; one Pod is started by `kubectl run web --image=IMAGE`.",
		"kubectl get pods -a":                                              "Upper and lower case are different flags: `-A` (`--all-namespaces`), not `-a`.",
		"kubectl create deployment web --Image=nginx":                      "Flags are written in lower case: `--image`, not `--Image`.",
		"kubectl create deployment web --imgae=nginx":                      "`kubectl create deployment` has no flag `--imgae`; it is spelled `--image`.",
		"kubectl exec web ls":                                              "Before the command for the container stands `--`: `kubectl exec web -- ls`.",
		"kubectl logs deployment web":                                      "`kubectl logs` takes `deployment` for the name of a Pod. Kind and name are one word here: `kubectl logs deployment/web`.",
		"kubectl rollout web undo":                                         "What is to be done stands first: `kubectl rollout undo web`.",
		"kubectl pods":                                                     "The verb is missing: what is to be done with `pods`? To see it: `kubectl get pods`.",
		"cd /tmp && kubectl creat deploy web":                              "kubectl has no verb `creat`. It is spelled `create`.",
		"kubectl create deployment web --image=x --dry-run client -o yaml": "`--dry-run` takes its value behind =: `--dry-run=client`.",
	} {
		if s, ok := Mistake(line, 1, ""); !ok || s.English != want {
			t.Errorf("Mistake(%q) = %q; want %q", line, s.English, want)
		}
	}
	for line, want := range map[string]string{
		"kubctl get pods":       "There is no program `kubctl`. It is spelled `kubectl`.",
		"kubeclt get pods":      "There is no program `kubeclt`. It is spelled `kubectl`.",
		"kubectlget pods":       "A space is missing: `kubectl get`.",
		"get pods":              "The command begins with `kubectl`: `kubectl get pods`.",
		"k get pods":            "`k` is no name for kubectl in this shell. Write `kubectl`.",
		"$ kubectl get pods -A": "`$` is the prompt of a shell, not a part of the command. Type what stands behind it: `kubectl get pods -A`.",
	} {
		if s, ok := Mistake(line, 127, ""); !ok || s.English != want {
			t.Errorf("Mistake(%q) = %q; want %q", line, s.English, want)
		}
	}
	for line, want := range map[string]string{
		"# kubectl get pods":                       "`#` is the prompt of a shell, not a part of the command. Type what stands behind it: `kubectl get pods`.",
		"kubectl run deployment web --image=nginx": "`kubectl run` always makes a Pod, and `deployment` became its name. What was meant is perhaps `kubectl create deployment web`.",
	} {
		if s, ok := Mistake(line, 0, ""); !ok || s.English != want {
			t.Errorf("Mistake(%q) = %q; want %q", line, s.English, want)
		}
	}
}

// TestARightLineGetsNoHint keeps silent, however the line ended.
func TestARightLineGetsNoHint(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"kubectl get pods", "k get po -A -o wide", "kubectl -n shop get deploy/web", "kubectl --namespace shop get deploy web",
		"kubectl logs web -c nginx -f --tail=20", "kubectl logs deployment/web", "kubectl exec -it web -- sh -c 'echo “你好”，world'",
		"kubectl annotate pod web note='你好，世界' who=“me”吗", "kubectl label pod web app=web tier-", "kubectl set image deployment/web nginx=nginx:1.27",
		"kubectl set env deployment/web port=80 image=x", "kubectl get po,svc,deploy -w", "kubectl apply -f web.yaml -n shop", "kubectl apply -f - <<EOF",
		"kubectl create secret generic token --from-literal=port=80", "kubectl create cm c --from-literal=A=B", "kubectl delete pod web --now",
		"kubectl run -i --rm --tty probe --image=busybox --restart=Never -- wget -qO- http://web", "kubectl run web --image=nginx -l app=web --port 80",
		"kubectl create deployment web --image=nginx --dry-run=client -o yaml > web.yaml", "kubectl drain node1 --ignore-daemonsets",
		"kubectl get pods | grep web", "kubectl get pods 2>&1 | head -5", "kubectl get pods || true", "for p in $(kubectl get po -o name); do kubectl delete $p; done",
		"kubectl get pods -l 'app in (web, api)'", "kubectl get widgets.example.com", "kubectl explain pod.spec.containers", "kubectl krew install ctx",
		"kubectl config set-context --current --namespace=shop", "kubectl port-forward svc/web 8080:80", "kubectl cp web:/etc/hosts hosts.txt",
		"kubectl patch deploy web -p '{\"spec\":{\"replicas\":2}}'", "kubectl get events --sort-by=.lastTimestamp", "kubectl top pods",
		"kubectl auth can-i create pods", "kubectl get --raw /healthz", "kubectl wait --for=condition=Ready pod/web --timeout=60s", "kubectl version --client",
		"kubectl completion bash", "kubectl help get", "kubectl options", "ls -la", "vim web.yaml", "cat web.yaml | less", "git commit -m 'x'", "cd ..", "echo $KUBECONFIG",
		"grep -R image .", "curl http://127.0.0.1:8080/", "minikube kubectl -- get pods -A", "./kubectl get pods", "sudo ls", "# kubernetes is fun", "echo 你好，世界。",
		"kubectl rollout undo deploy/web --to-revision=2", "kubectl scale --replicas=3 deployment/web", "kubectl edit deploy web", "kubectl get cm my-config -o jsonpath='{.data}'",
		"kubectl debug -it web --image=busybox --target=web", "kubectl get deploy NAME -o name --ignore-not-found=false ; true",
	} {
		for _, exit := range []int{0, 1} {
			if s, ok := Mistake(line, exit, ""); ok && !(exit == 1 && strings.Contains(line, "NAME")) {
				t.Errorf("Mistake(%q, %d) = %q", line, exit, s.English)
			}
		}
		if s, ok := Mistake(line, 1, `Error from server (NotFound): pods "web" not found`); ok && !strings.Contains(line, "NAME") {
			t.Errorf("Mistake(%q) when there is no such Pod = %q", line, s.English)
		}
		if s, ok := Mistake(line, 130, ""); ok {
			t.Errorf("Mistake(%q) after Ctrl-C = %q", line, s.English)
		}
	}
}

// FuzzMistake promises that nothing typed and nothing printed brings the program
// down, that both languages are said, and that a sentence is one line.
func FuzzMistake(f *testing.F) {
	for _, r := range []ran{{"kubectl create deployment web --image-nginx", "error: unknown flag: --image-nginx", 1}, {"kubectl -", "", 1}, {"$ k", "", 127},
		{"kubectl get <a b> > x", "", 2}, {"－－", "", 1}, {"kubectl --=", "", 1}, {"kubectl run pod x -ns", `namespaces "s" not found`, 0}, {"a 'b", "", 1}, {"kubectl apply", "must specify one of", 1},
		{"kubectl \x1b[31m --\x00=", "flag needs an argument: ", 1}, {"2>", "", 1}, {"$(", "", 1}, {"`", "", 1}} {
		f.Add(r.line, r.exit, r.output)
	}
	f.Fuzz(func(t *testing.T, line string, exit int, output string) {
		s, ok := Mistake(line, exit, output)
		if ok != (s.English != "") || ok != (s.Chinese != "") {
			t.Errorf("Mistake(%q, %d, %q) = %v, %v", line, exit, output, s, ok)
		}
		if strings.IndexFunc(s.English+s.Chinese, unicode.IsControl) >= 0 {
			t.Errorf("Mistake(%q) says control characters: %q", line, s)
		}
		if _, diff, ok := Compare(line, []string{line}); ok && diff != nil && Check(line) == nil {
			t.Errorf("%q differs from itself: %v", line, diff)
		}
		_, _, _ = Compare(line, []string{"kubectl get pods -n x | head"})
	})
}
