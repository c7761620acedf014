package sandbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// TestHarm has containers do their worst, all at once. Each is stopped in the way
// a real node does it, its neighbours go on, and the machine keeps its disk.
func TestHarm(t *testing.T) {
	d := startDaemon(t, t.TempDir())
	d.lease("")
	runWorkloads(t, d, map[string]func(workloads){
		"a flooded log is rotated and bounded":          testFloodedLog,
		"forks without end leave the others well":       testForks,
		"memory without end is OOMKilled":               testHoarder,
		"files without end find no space, or are ended": testFiles,
		"a neighbour answers all the time":              testNeighbour,
	})
}

// maxLog bounds the folder of a container's log, in bytes: what is kept, and
// what can be written between two looks of the kubelet.
// (10 s) at the rate of 1 MiB a second, which the runtime allows.
const maxLog = 3*(5<<20) + 11<<20

func testFloodedLog(w workloads) {
	w.pod("flood", script("c", "yes 0123456789012345678901234567890123456789 | head -c 8000000; echo; echo the last line; sleep 3600"))
	p := w.untilPod("flood", "ready", ready)
	dir := filepath.Join(w.dir, "kubelet", "logs", w.ns+"_flood_"+string(p.UID), "c")
	var files int
	var size int64
	look := func() {
		files, size = 0, 0
		err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			if os.IsNotExist(err) { // rotated away at this moment
				return nil
			}
			files++
			size += info.Size()
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			w.t.Fatal(err)
		}
		if size > maxLog {
			w.t.Fatalf("the log takes %d bytes, want at most %d", size, maxLog)
		}
	}
	rotated := false
	w.until(patience, "everything was written", func() (bool, string) {
		look()
		rotated = rotated || files > 1
		out, _ := w.ctl("", "logs", "flood", "--tail=1")
		return out == "the last line\n", out
	})
	if !rotated {
		w.t.Errorf("8 MB were written and never rotated: %d file, %d bytes", files, size)
	}
}

func testForks(w workloads) {
	spec := script("c", ":(){ :|:& };:; sleep 3600")
	spec.Containers[0].Resources.Limits = amounts("500m", "64Mi")
	w.pod("forks", spec)
	w.untilPod("forks", "has started", func(p *v1.Pod) bool {
		return len(p.Status.ContainerStatuses) == 1 && (p.Status.ContainerStatuses[0].State.Running != nil || p.Status.ContainerStatuses[0].RestartCount > 0)
	})
	// It can be deleted like any other.
	if out, code := w.ctl("", "delete", "pod", "forks", "--grace-period=1", "--timeout=60s"); code != 0 {
		w.t.Errorf("delete it: %d, %s", code, out)
	}
}

func testHoarder(w workloads) {
	spec := script("c", "a=xxxxxxxxxxxxxxxx; while true; do a=$a$a; done")
	spec.Containers[0].Resources.Limits = amounts("", "32Mi")
	spec.RestartPolicy = v1.RestartPolicyNever
	w.pod("hoarder", spec)
	p := w.untilPod("hoarder", "has ended", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodFailed })
	if end := p.Status.ContainerStatuses[0].State.Terminated; end == nil || end.Reason != "OOMKilled" {
		w.t.Errorf("it ended with %+v, want OOMKilled", end)
	}
}

func testFiles(w workloads) {
	spec := script("c", "i=0; while head -c 1000000 /dev/zero > /data/$i; do i=$((i+1)); done; echo stopped at $i; sleep 3600")
	spec.Containers[0].VolumeMounts = []v1.VolumeMount{{Name: "data", MountPath: "/data"}}
	spec.Volumes = []v1.Volume{{Name: "data", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{
		Medium: v1.StorageMediumMemory, SizeLimit: new(resource.MustParse("8Mi"))}}}}
	w.pod("files", spec)
	w.untilPod("files", "ready", ready)
	w.until(patience, "it finds no space", func() (bool, string) {
		out, _ := w.ctl("", "logs", "files")
		return strings.Contains(out, "No space left on device") && strings.Contains(out, "stopped at 8\n"), out
	})
}

// testNeighbour serves and answers for as long as the others do their worst.
func testNeighbour(w workloads) {
	w.pod("web", v1.PodSpec{Containers: []v1.Container{{Name: "c", Image: "nginx"}}})
	w.untilPod("web", "ready", ready)
	for began := time.Now(); time.Since(began) < 20*time.Second; {
		if out, err := w.inShell("web", "curl -s --max-time 5 http://localhost/"); err != nil || !strings.Contains(out, "Welcome to nginx!") {
			w.t.Fatalf("after %s: %q, %v", time.Since(began), out, err)
		}
	}
	p := w.untilPod("web", "ready", ready)
	if n := p.Status.ContainerStatuses[0].RestartCount; n != 0 {
		w.t.Errorf("it was started again %d times", n)
	}
}
