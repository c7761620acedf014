package sandbox

import (
	"context"
	"time"

	kcmapp "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kcmoptions "k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	schedulerapp "k8s.io/kubernetes/cmd/kube-scheduler/app"
	scheduleroptions "k8s.io/kubernetes/cmd/kube-scheduler/app/options"
	"k8s.io/kubernetes/pkg/controller/volume/attachdetach"
)

// startControllerManager starts kube-controller-manager; its end is sent to done.
func startControllerManager(ctx context.Context, kubeconfig string, p *pki, done chan<- error) error {
	known, off, aliases := kcmapp.KnownControllers(), kcmapp.ControllersDisabledByDefault(), kcmapp.ControllerAliases()
	o, err := kcmoptions.NewKubeControllerManagerOptions()
	if err != nil {
		return err
	}
	sets := o.Flags(known, off, aliases)
	o.ParsedFlags = &sets
	if err := parseFlags(sets, []string{
		"--kubeconfig=" + kubeconfig,
		"--controllers=*,-persistentvolume-binder-controller", // runs in runStorage, which says why
		"--kube-api-qps=200",
		"--kube-api-burst=400",
		"--leader-elect=false",
		"--secure-port=0",
		"--bind-address=127.0.0.1",
		"--use-service-account-credentials=false",
		"--service-account-private-key-file=" + p.serviceAccounts,
		"--root-ca-file=" + p.ca.certFile,
		"--cluster-signing-cert-file=" + p.ca.certFile,
		"--cluster-signing-key-file=" + p.ca.keyFile,
		"--allocate-node-cidrs=true",
		"--cluster-cidr=" + podCIDR,
		"--service-cluster-ip-range=" + serviceCIDR,
		"--node-monitor-period=" + nodeMonitorPeriod.String(),
		"--node-monitor-grace-period=" + nodeMonitorGrace.String(),
		"--profiling=false",
	}); err != nil {
		return err
	}
	config, err := o.Config(ctx, known, off, aliases)
	if err != nil {
		return err
	}
	// No volume of the sandbox is attached to a node, so nobody waits for this loop.
	attachdetach.DefaultTimerConfig.ReconcilerLoopPeriod = time.Second
	go func() { done <- kcmapp.Run(ctx, config.Complete()) }()
	return nil
}

// startScheduler starts kube-scheduler; its end is sent to done.
func startScheduler(ctx context.Context, kubeconfig string, done chan<- error) error {
	o := scheduleroptions.NewOptions()
	if err := parseFlags(*o.Flags, []string{
		"--kubeconfig=" + kubeconfig,
		"--kube-api-qps=200",
		"--kube-api-burst=400",
		"--leader-elect=false",
		"--secure-port=0",
		"--profiling=false",
	}); err != nil {
		return err
	}
	completed, scheduler, err := schedulerapp.Setup(ctx, o)
	if err != nil {
		return err
	}
	go func() { done <- schedulerapp.Run(ctx, completed, scheduler) }()
	return nil
}
