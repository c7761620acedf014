package cli

import "testing"

func TestOnlyKubectlThatStaysInTheWorkspaceIsRun(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]struct{ ours, theirs bool }{
		"kubectl create deployment web --image=nginx:1.27 --replicas=3":                        {true, true},
		"kubectl scale deployment web --replicas=5":                                            {true, true},
		"kubectl set image deployment/web nginx=nginx:1.28":                                    {true, true},
		`kubectl patch deployment web -p '{"spec":{"replicas":2}}'`:                            {true, true},
		"kubectl get pods -o custom-columns=POD:.metadata.name":                                {true, true},
		"kubectl get pods -l app=web -o wide":                                                  {true, true},
		"kubectl get nodes":                                                                    {true, true},
		"kubectl logs web -c app -p":                                                           {true, true},
		"kubectl exec web -- cat -n -A /etc/passwd":                                            {true, true},
		"kubectl label node minikube disk=ssd":                                                 {true, false},
		"kubectl create clusterrolebinding x --clusterrole=cluster-admin --serviceaccount=a:b": {true, false},
		"kubectl delete pods,pv --all":                                                         {true, false},
		"kubectl delete nodes/minikube":                                                        {true, false},
		"kubectl create token default":                                                         {true, false},
		"kubectl delete namespace kube-system":                                                 {true, false},
		"":                                                                                     {},
		"ls":                                                                                   {},
		"kubectl":                                                                              {},
		"rm -rf ~":                                                                             {},
		"kubectl get pods; rm -rf ~":                                                           {},
		"kubectl get pods && rm -rf ~":                                                         {},
		"kubectl get pods & rm x":                                                              {},
		"kubectl get pods\nrm x":                                                               {},
		"kubectl get pods | sh":                                                                {},
		"kubectl get $(rm x)":                                                                  {},
		"kubectl get `rm x`":                                                                   {},
		"kubectl get pods > ~/.bashrc":                                                         {},
		"EDITOR=rm kubectl edit pod x":                                                         {},
		"kubectl edit deployment web":                                                          {},
		"kubectl evilplugin":                                                                   {},
		"kubectl proxy --address=0.0.0.0 --accept-hosts=.*":                                    {},
		"kubectl port-forward svc/web 80":                                                      {},
		"kubectl cp web:/x /home/me/.bashrc":                                                   {},
		"kubectl config use-context prod":                                                      {},
		"kubectl drain minikube":                                                               {},
		"kubectl debug node/minikube -it --image=busybox":                                      {},
		"kubectl apply -f https://example.com/x.yaml":                                          {},
		"kubectl apply --filename=x.yaml":                                                      {},
		"kubectl apply -k .":                                                                   {},
		"kubectl create secret generic s --from-file=/home/me/.ssh/id_rsa":                     {},
		"kubectl get pods -n kube-system":                                                      {},
		"kubectl get pods -nkube-system":                                                       {},
		"kubectl delete pods --all -A":                                                         {},
		"kubectl delete pods --all --all-namespaces=true":                                      {},
		"kubectl get pods --namespace=default":                                                 {},
		"kubectl get pods --kubeconfig /home/me/.kube/config":                                  {},
		"kubectl get pods --context=prod":                                                      {},
		"kubectl get pods -shttps://example.com":                                               {},
		"kubectl get pods --as=system:admin":                                                   {},
		"kubectl get pods --token=x":                                                           {},
		"kubectl get --raw /api":                                                               {},
		"kubectl get pods --profile=cpu --profile-output=/home/me/.bashrc":                     {},
		"kubectl get pods -o custom-columns-file=/etc/passwd":                                  {},
		"kubectl -n default get pods":                                                          {},
	} {
		for foreign, allowed := range map[bool]bool{false: want.ours, true: want.theirs} {
			words, err := plainKubectl(line, foreign)
			if (err == nil) != allowed {
				t.Errorf("plainKubectl(%q, foreign %v) = %q, %v; want allowed %v", line, foreign, words, err, allowed)
			}
		}
	}
}
