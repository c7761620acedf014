package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestStorage proves volumes and claims on one sandbox.
func TestStorage(t *testing.T) {
	d := startDaemon(t, t.TempDir())
	d.lease("")
	runWorkloads(t, d, map[string]func(workloads){
		"a claim's data outlives its Pod, grows, and goes with the claim": testClaim,
		"a retained volume keeps its data":                                testRetain,
		"a claim can wait for its first Pod":                              testWaitForConsumer,
		"what is missing keeps a container from starting":                 testMissingConfig,
		"hostPath shows the node's files, not the machine's":              testHostPath,
		"users see volumes with their owners and permissions":             testOwners,
	})
}

// with adds a volume to a script's Pod and mounts it at /v.
func with(spec v1.PodSpec, source v1.VolumeSource) v1.PodSpec {
	spec.Volumes = append(spec.Volumes, v1.Volume{Name: "v", VolumeSource: source})
	spec.Containers[0].VolumeMounts = append(spec.Containers[0].VolumeMounts, v1.VolumeMount{Name: "v", MountPath: "/v"})
	spec.RestartPolicy = v1.RestartPolicyNever
	return spec
}

func fromClaim(name string) v1.VolumeSource {
	return v1.VolumeSource{PersistentVolumeClaim: &v1.PersistentVolumeClaimVolumeSource{ClaimName: name}}
}

// output runs a Pod to its end and returns what it printed.
func (w workloads) output(name string, spec v1.PodSpec) string {
	w.t.Helper()
	w.pod(name, spec)
	w.untilPod(name, "it has ended", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodSucceeded || p.Status.Phase == v1.PodFailed })
	return w.logs(name, v1.PodLogOptions{})
}

func (w workloads) claim(name, class, size string) {
	w.t.Helper()
	spec := v1.PersistentVolumeClaimSpec{
		AccessModes: []v1.PersistentVolumeAccessMode{v1.ReadWriteOnce},
		Resources:   v1.VolumeResourceRequirements{Requests: v1.ResourceList{v1.ResourceStorage: resource.MustParse(size)}},
	}
	if class != "" {
		spec.StorageClassName = &class
	}
	if _, err := w.client.CoreV1().PersistentVolumeClaims(w.ns).Create(w.t.Context(), &v1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

func (w workloads) untilClaim(name, goal string, ok func(*v1.PersistentVolumeClaim) bool) *v1.PersistentVolumeClaim {
	w.t.Helper()
	var claim *v1.PersistentVolumeClaim
	w.until(patience, goal, func() (bool, string) {
		var err error
		if claim, err = w.client.CoreV1().PersistentVolumeClaims(w.ns).Get(w.t.Context(), name, metav1.GetOptions{}); err != nil {
			return false, err.Error()
		}
		return ok(claim), fmt.Sprintf("%+v", claim.Status)
	})
	return claim
}

func bound(c *v1.PersistentVolumeClaim) bool { return c.Status.Phase == v1.ClaimBound }

// class makes a storage class of the sandbox's provisioner. Its name is free,
// because it has that of the test's namespace.
func (w workloads) class(change func(*storagev1.StorageClass)) string {
	w.t.Helper()
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: w.ns}, Provisioner: provisionerName}
	change(class)
	if _, err := w.client.StorageV1().StorageClasses().Create(w.t.Context(), class, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	return class.Name
}

func (w workloads) folder(claim *v1.PersistentVolumeClaim) string {
	return filepath.Join(w.dir, "volumes", w.ns, claim.Spec.VolumeName)
}

func testClaim(w workloads) {
	w.claim("data", "", "1Mi")
	w.output("writer", with(script("c", "echo kept > /v/file"), fromClaim("data")))
	got := w.output("reader", with(script("c", "cat /v/file; head -c 2000000 /dev/zero > /v/big || echo full"), fromClaim("data")))
	if !strings.Contains(got, "kept") || !strings.Contains(got, "No space left on device") {
		w.t.Errorf("the next Pod says %q", got)
	}
	claim := w.untilClaim("data", "it is bound", bound)
	claim.Spec.Resources.Requests[v1.ResourceStorage] = resource.MustParse("4Mi")
	if _, err := w.client.CoreV1().PersistentVolumeClaims(w.ns).Update(w.t.Context(), claim, metav1.UpdateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.untilClaim("data", "it has grown", func(c *v1.PersistentVolumeClaim) bool { return c.Status.Capacity.Storage().String() == "4Mi" })
	if got := w.output("again", with(script("c", "head -c 2000000 /dev/zero > /v/big && echo fits"), fromClaim("data"))); got != "fits\n" {
		w.t.Errorf("after it has grown: %q", got)
	}
	claim.Spec.Resources.Requests[v1.ResourceStorage] = resource.MustParse("2Mi")
	claim.ResourceVersion = ""
	if _, err := w.client.CoreV1().PersistentVolumeClaims(w.ns).Update(w.t.Context(), claim, metav1.UpdateOptions{}); err == nil {
		w.t.Error("a claim may shrink")
	}
	if _, err := os.Stat(w.folder(claim)); err != nil {
		w.t.Fatal(err)
	}
	for _, pod := range []string{"writer", "reader", "again"} {
		if err := w.client.CoreV1().Pods(w.ns).Delete(w.t.Context(), pod, metav1.DeleteOptions{}); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.client.CoreV1().PersistentVolumeClaims(w.ns).Delete(w.t.Context(), "data", metav1.DeleteOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "the data is gone", func() (bool, string) {
		_, err := os.Stat(w.folder(claim))
		return errors.Is(err, fs.ErrNotExist), fmt.Sprint(err)
	})
}

func testRetain(w workloads) {
	class := w.class(func(c *storagev1.StorageClass) { c.ReclaimPolicy = new(v1.PersistentVolumeReclaimRetain) })
	w.claim("data", class, "1Mi")
	w.output("writer", with(script("c", "echo kept > /v/file"), fromClaim("data")))
	claim := w.untilClaim("data", "it is bound", bound)
	if err := errors.Join(
		w.client.CoreV1().Pods(w.ns).Delete(w.t.Context(), "writer", metav1.DeleteOptions{}),
		w.client.CoreV1().PersistentVolumeClaims(w.ns).Delete(w.t.Context(), "data", metav1.DeleteOptions{}),
	); err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "the volume is released", func() (bool, string) {
		volume, err := w.client.CoreV1().PersistentVolumes().Get(w.t.Context(), claim.Spec.VolumeName, metav1.GetOptions{})
		if err != nil {
			w.t.Fatal(err)
		}
		return volume.Status.Phase == v1.VolumeReleased, string(volume.Status.Phase)
	})
	if text, err := os.ReadFile(filepath.Join(w.folder(claim), "file")); err != nil || string(text) != "kept\n" {
		w.t.Errorf("the released volume holds %q, %v", text, err)
	}
}

func testWaitForConsumer(w workloads) {
	class := w.class(func(c *storagev1.StorageClass) {
		c.VolumeBindingMode = new(storagev1.VolumeBindingWaitForFirstConsumer)
	})
	w.claim("data", class, "1Mi")
	w.until(patience, "the claim says what it waits for", func() (bool, string) {
		events, err := w.client.CoreV1().Events(w.ns).List(w.t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.name=data,reason=WaitForFirstConsumer"})
		return err == nil && len(events.Items) > 0, fmt.Sprint(err)
	})
	if got := w.output("user", with(script("c", "touch /v/x && echo ok"), fromClaim("data"))); got != "ok\n" {
		w.t.Errorf("its first Pod says %q", got)
	}
	w.untilClaim("data", "it is bound", bound)
}

func testMissingConfig(w workloads) {
	reference := func(key string) v1.PodSpec {
		spec := script("c", "echo $X")
		spec.Containers[0].Env = []v1.EnvVar{{Name: "X", ValueFrom: &v1.EnvVarSource{ConfigMapKeyRef: &v1.ConfigMapKeySelector{LocalObjectReference: v1.LocalObjectReference{Name: "later"}, Key: key}}}}
		spec.RestartPolicy = v1.RestartPolicyNever
		return spec
	}
	w.pod("no-map", reference("x"))
	w.untilPod("no-map", "the ConfigMap is missed", waiting("CreateContainerConfigError"))
	w.untilEvent("no-map", "Failed", `configmap "later" not found`)
	w.pod("no-volume", with(script("c", "cat /v/x"), v1.VolumeSource{ConfigMap: &v1.ConfigMapVolumeSource{LocalObjectReference: v1.LocalObjectReference{Name: "later"}}}))
	w.untilEvent("no-volume", "FailedMount", `configmap "later" not found`)
	if _, err := w.client.CoreV1().ConfigMaps(w.ns).Create(w.t.Context(), &v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "later"}, Data: map[string]string{"x": "here"}}, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.untilPod("no-map", "it ran", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodSucceeded })
	if got := w.logs("no-map", v1.PodLogOptions{}); got != "here\n" {
		w.t.Errorf("it printed %q", got)
	}
	w.pod("no-key", reference("other"))
	w.untilEvent("no-key", "Failed", "couldn't find key other in ConfigMap")
}

func testHostPath(w workloads) {
	name := "/k8stutor-" + w.ns
	hostPath := func(path string, kind v1.HostPathType) v1.VolumeSource {
		return v1.VolumeSource{HostPath: &v1.HostPathVolumeSource{Path: path, Type: &kind}}
	}
	w.output("writer", with(script("c", "echo kept > /v/file; ln -s /etc /v/link"), hostPath(name, v1.HostPathDirectoryOrCreate)))
	if got := w.output("reader", with(script("c", "cat /v/file; ls -la /v/link/ | grep -c shadow-; cat /v/../../etc/machine-id"), hostPath(name, v1.HostPathDirectory))); !strings.HasPrefix(got, "kept\n") {
		w.t.Errorf("the next Pod says %q", got)
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		w.t.Errorf("%s of this machine: %v", name, err)
	}
	if text, err := os.ReadFile(filepath.Join(w.dir, "host", name, "file")); err != nil || string(text) != "kept\n" {
		w.t.Errorf("the node's disk holds %q, %v", text, err)
	}
	w.pod("wrong", with(script("c", "true"), hostPath(name, v1.HostPathFile)))
	w.untilEvent("wrong", "FailedMount", "hostPath type check failed: "+name+" is not a file")
	if got := w.output("machine", with(script("c", "ls /v"), hostPath("/proc", v1.HostPathUnset))); got != "" {
		w.t.Errorf("/proc of the node holds %q", got)
	}
}

func testOwners(w workloads) {
	spec := with(script("c", "ls -ln /v | tail -n 1; touch /etc/x; cat /token/token | head -c 3; ls -ln /token/..data/token"), v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}})
	spec.Containers[0].Command[2] = "echo x > /v/file; " + spec.Containers[0].Command[2]
	spec.SecurityContext = &v1.PodSecurityContext{RunAsUser: new(int64(1000)), RunAsGroup: new(int64(3000)), FSGroup: new(int64(2000))}
	spec.Volumes = append(spec.Volumes, v1.Volume{Name: "token", VolumeSource: v1.VolumeSource{Projected: &v1.ProjectedVolumeSource{
		Sources: []v1.VolumeProjection{{ServiceAccountToken: &v1.ServiceAccountTokenProjection{Path: "token"}}},
	}}})
	spec.Containers[0].VolumeMounts = append(spec.Containers[0].VolumeMounts, v1.VolumeMount{Name: "token", MountPath: "/token"})
	lines := strings.Split(w.output("user", spec), "\n")
	text := strings.Join(lines, "\n")
	if fields := strings.Fields(lines[0]); len(fields) < 4 || fields[0] != "-rw-r--r--" || fields[2] != "1000" || fields[3] != "2000" {
		w.t.Errorf("the file it made is %q", lines[0])
	}
	if !strings.Contains(text, "Permission denied") || !strings.Contains(text, "eyJ-rw-------") {
		w.t.Errorf("it says %q", text)
	}
}
