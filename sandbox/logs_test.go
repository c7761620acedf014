package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/klog/v2"
)

func TestLinesGoToTheLogOfTheirComponent(t *testing.T) {
	dir := t.TempDir()
	l, err := openLogs(dir, sandboxLogs())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(klog.ClearLogger)
	l.component(logKubelet).Info("of the kubelet", "pod", "p")
	l.component(logScheduler).WithName("queue").WithValues("a", 1).V(1).Info("of the scheduler")
	l.component(logScheduler).V(4).Info("too detailed")
	klog.Infof("of %s", "nobody")
	klog.ErrorS(nil, "also of nobody")
	l.sandbox.Info("of the sandbox")
	l.runtime.Warn("of the runtime")
	l.etcd().Info("of etcd")
	l.close()
	for name, want := range map[string][]string{
		logKubelet:    {`"of the kubelet" pod="p"`, "logs_test.go:"},
		logScheduler:  {`"of the scheduler"`, "a=1"},
		logSandbox:    {"of nobody", "also of nobody", "of the sandbox", "logs_test.go:"},
		logRuntime:    {"of the runtime"},
		logEtcd:       {"of etcd"},
		logAPIServer:  nil,
		logController: nil,
	} {
		file := filepath.Join(dir, name+".log")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s lacks %q:\n%s", file, w, text)
			}
		}
		if want == nil && len(text) > 0 || strings.Contains(string(text), "too detailed") {
			t.Errorf("%s has\n%s", file, text)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", file, info.Mode())
		}
	}
}

func TestComponentsAreKnownByTheirFunctions(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]string{
		"k8s.io/kubernetes/pkg/kubelet.(*Kubelet).syncLoop":                         logKubelet,
		"k8s.io/kubernetes/pkg/kubelet/kuberuntime.(*manager).SyncPod":              logKubelet,
		"k8s.io/kubernetes/pkg/controller/deployment.(*DeploymentController).Run":   logController,
		"k8s.io/kubernetes/pkg/controlplane/instance.New":                           logAPIServer,
		"k8s.io/apiserver/pkg/server.(*GenericAPIServer).InstallAPIs":               logAPIServer,
		"k8s.io/kubernetes/pkg/scheduler/schedule_one.(*Scheduler).ScheduleOne":     logScheduler,
		"go.etcd.io/etcd/server/v3/etcdserver.NewServer":                            logEtcd,
		"k8s.io/client-go/tools/cache.(*Reflector).ListAndWatch":                    "",
		"github.com/k8stutor/k8stutor/sandbox.Run":                                  "",
		"k8s.io/kubernetes/cmd/kube-controller-manager/app.RunControllers":          logController,
		"k8s.io/kubernetes/cmd/kube-apiserver/app.CreateServerChain":                logAPIServer,
		"k8s.io/kubernetes/cmd/kube-scheduler/app.Run":                              logScheduler,
		"k8s.io/kubernetes/pkg/volume/util/operationexecutor.(*generator).Generate": logKubelet,
	} {
		if got := componentOf(function); got != want {
			t.Errorf("%s is of %q, want %q", function, got, want)
		}
	}
}
