package sandbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clientset "k8s.io/client-go/kubernetes"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/record"
	"k8s.io/klog/v2"
	kubeletapp "k8s.io/kubernetes/cmd/kubelet/app"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/kubelet"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/server"
	kubeletutil "k8s.io/kubernetes/pkg/kubelet/util"
	"k8s.io/kubernetes/pkg/util/oom"

	"github.com/k8stutor/k8stutor/sandbox/pocket"
	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

const clusterDNS = "10.96.0.10"

// nodeCertificates is what a kubelet's server needs.
type nodeCertificates struct {
	ca     string  // file of the authority that signs its clients
	server keyPair // its own
}

// node is a real kubelet over the pocket runtime.
type node struct {
	name   string
	dir    string // the kubelet's folder
	root   string // the path it knows it by
	disk   *files.Disk
	close  func()
	bootID string // new at every start: to Kubernetes the node was rebooted
	port   int    // of the kubelet, on loopback
	config *rest.Config
}

func newNode(spec nodeSpec, config *rest.Config) (*node, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	n := &node{name: spec.Name, dir: filepath.Join(spec.Dir, "kubelet"), bootID: uuid.NewString(), port: port, config: config}
	if err := os.MkdirAll(n.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the kubelet's folder: %w", err)
	}
	if n.root, n.close, err = shortPath(n.dir, maxKubeletRoot); err != nil {
		return nil, err
	}
	if n.disk, err = newNodeDisk(spec, n.dir, n.root); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

// start starts the kubelet. It has no way to be stopped but the end of the
// process, and it ends the process when its server fails.
// Its probes connect with dial.
func (n *node) start(ctx context.Context, rt *pocket.Runtime, dial dialFunc, certs nodeCertificates) error {
	client, err := clientset.NewForConfig(n.config)
	if err != nil {
		return err
	}
	heartbeat := rest.CopyConfig(n.config)
	heartbeat.Timeout = 10 * time.Second
	heartbeats, err := clientset.NewForConfig(heartbeat)
	if err != nil {
		return err
	}
	flags, config, err := n.configuration(certs)
	if err != nil {
		return err
	}
	auth, reloadCA, err := kubeletapp.BuildAuth(types.NodeName(n.name), client, *config)
	if err != nil {
		return err
	}
	reloadCA(ctx.Done())

	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedv1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	recorder := broadcaster.NewRecorder(legacyscheme.Scheme, v1.EventSource{Component: "kubelet", Host: n.name})

	latency := kubeletutil.NewPodStartupLatencyTracker()
	var unreachable error
	deps := &kubelet.Dependencies{
		Options:                   []kubelet.Option{throughNetwork(dial, &unreachable)},
		Auth:                      auth,
		KubeClient:                client,
		HeartbeatClient:           heartbeats,
		EventClient:               client.CoreV1(),
		RemoteRuntimeService:      rt,
		RemoteImageService:        rt.Images(),
		CAdvisorInterface:         machine{node: n.name, bootID: n.bootID, usage: newNodeUsage(rt.Used)},
		ContainerManager:          newResources(),
		OSInterface:               kubeletOS{},
		Mounter:                   mounter{n.disk},
		HostUtil:                  newHostUtil(n.disk),
		Subpather:                 subPaths{n.disk},
		OOMAdjuster:               oom.NewFakeOOMAdjuster(),
		VolumePlugins:             volumePlugins(n.disk),
		PodStartupLatencyTracker:  latency,
		NodeStartupLatencyTracker: kubeletutil.NewNodeStartupLatencyTracker(klog.FromContext(ctx)),
		PodConfig:                 podSource(ctx, client, n.name, n.bootID, recorder, latency),
		TLSOptions:                &server.TLSOptions{CertFile: certs.server.certFile, KeyFile: certs.server.keyFile, ClientCAFile: certs.ca},
	}
	withoutKernelLog(deps, recorder)
	if err := kubeletapp.RunKubelet(ctx, &options.KubeletServer{KubeletFlags: *flags, KubeletConfiguration: *config}, deps); err != nil {
		return err
	}
	return unreachable
}

// withoutKernelLog keeps the kubelet from watching the machine's kernel log
// for processes that ran out of memory: they are none of the cluster's, and an
// ordinary user may not read it. The kubelet skips the watch when its recorder
// is the one for tests, looks at the recorder first of all, and asks for its
// tracer right after; that is where the real recorder takes its place.
func withoutKernelLog(deps *kubelet.Dependencies, recorder record.EventRecorderLogger) {
	deps.Recorder = &record.FakeRecorder{}
	deps.TracerProvider = tracerHook{TracerProvider: noop.NewTracerProvider(), asked: func() { deps.Recorder = recorder }}
}

type tracerHook struct {
	trace.TracerProvider
	asked func()
}

func (h tracerHook) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	h.asked()
	return h.TracerProvider.Tracer(name, opts...)
}

// configuration is the kubelet's own, where it differs from the default.
func (n *node) configuration(certs nodeCertificates) (*options.KubeletFlags, *kubeletconfig.KubeletConfiguration, error) {
	f := options.NewKubeletFlags()
	f.RootDirectory = n.root
	f.CertDirectory = filepath.Join(n.root, "pki")
	f.HostnameOverride = n.name
	f.CloudProvider = "external" // addresses are given by register, not looked for on this machine
	f.MinimumGCAge = metav1.Duration{Duration: time.Minute}
	f.MaxPerPodContainerCount = 2
	f.MaxContainerCount = 500

	c, err := options.NewKubeletConfiguration()
	if err != nil {
		return nil, nil, err
	}
	c.Address = "127.0.0.1"
	c.Port = int32(n.port)
	c.ReadOnlyPort = 0
	c.EnableServer = true
	c.EnableSystemLogHandler = false // it would show this machine's /var/log
	c.PodLogsDir = filepath.Join(n.dir, "logs")
	c.Authentication.Anonymous.Enabled = false
	c.Authentication.Webhook.Enabled = true
	c.Authentication.X509.ClientCAFile = certs.ca
	c.Authorization.Mode = kubeletconfig.KubeletAuthorizationModeWebhook
	c.RegisterNode = true
	c.NodeLeaseDurationSeconds = int32(nodeLease / time.Second)
	c.ProviderID = providerID(n.name)
	c.ClusterDomain = "cluster.local"
	c.ClusterDNS = []string{clusterDNS}
	// Pods learn nothing of this machine's name servers. As on minikube a node
	// asks its gateway, where in the sandbox nobody answers.
	c.ResolverConfig = filepath.Join(n.root, "resolv.conf")
	if err := writeFile(c.ResolverConfig, []byte("nameserver "+controlPlaneIP+"\n")); err != nil {
		return nil, nil, fmt.Errorf("write the node's resolv.conf: %w", err)
	}
	c.CgroupsPerQOS = false
	c.EnforceNodeAllocatable = nil
	c.EnableControllerAttachDetach = false
	c.FailSwapOn = false
	c.MakeIPTablesUtilChains = false
	c.ProtectKernelDefaults = false
	c.SerializeImagePulls = false
	c.RegistryPullQPS = 0 // a hundred Pods of an image with the tag latest ask a hundred times
	c.MaxOpenFiles = 1 << 16
	// A container that floods its log holds on to 15 MB of the learner's disk,
	// and what it writes between two looks at it.
	c.ContainerLogMaxSize = "5Mi"
	c.ContainerLogMaxFiles = 3
	// The machine's disk is not the node's: it never comes under pressure.
	c.EvictionHard = map[string]string{}
	c.ImageGCHighThresholdPercent = 100
	c.ImageGCLowThresholdPercent = 99
	c.VolumeStatsAggPeriod.Duration = 30 * time.Second // so much later an emptyDir over its limit is noticed
	return f, c, nil
}
