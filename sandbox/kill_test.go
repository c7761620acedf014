package sandbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientset "k8s.io/client-go/kubernetes"
)

// killRounds is how often TestNothingAcknowledgedIsLost kills the sandbox.
const killRounds = "SANDBOX_TEST_KILLS"

// TestNothingAcknowledgedIsLost kills the sandbox at any moment, over and over:
// while it starts, while it is used, while it is written to. After each start
// everything is there that was ever acknowledged, and nothing that was deleted.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	rounds := 3
	if n, err := strconv.Atoi(os.Getenv(killRounds)); err == nil {
		rounds = n
	}
	dir := t.TempDir()
	book := &notebook{t: t, want: map[string]string{}}
	var slowest time.Duration
	for round := range rounds {
		// Some are killed before they are ready, where the next has to cope.
		for range rand.N(3) {
			d := launchDaemon(t, dir)
			select {
			case <-time.After(rand.N(4 * time.Second)):
			case <-d.exited:
				t.Fatalf("round %d: it ended by itself: %v\n%s", round, d.err, d.output.Bytes())
			}
			d.kill()
		}
		began := time.Now()
		d := startDaemon(t, dir)
		d.lease("")
		slowest = max(slowest, time.Since(began))
		if s := d.status(); s.Error != "" {
			t.Fatalf("round %d: %s", round, s.Error)
		}
		client := d.client()
		book.check(client, round)
		ctx, cancel := context.WithCancel(t.Context())
		var writers sync.WaitGroup
		for w := range 4 {
			writers.Go(func() { book.write(ctx, client, fmt.Sprintf("r%d-w%d", round, w)) })
		}
		<-time.After(rand.N(2 * time.Second))
		_ = d.cmd.Process.Kill()
		cancel()
		writers.Wait()
		d.waitExit()
		d.endLeases()
		t.Logf("round %d: %d objects", round, len(book.want))
	}
	d := startDaemon(t, dir)
	d.lease("")
	book.check(d.client(), rounds)
	t.Logf("%d rounds, %d objects; the slowest start took %s", rounds, len(book.want), slowest)
}

// notebook is what the API server acknowledged.
type notebook struct {
	t *testing.T

	mu     sync.Mutex
	want   map[string]string // name to content; "" for deleted
	unsure map[string]bool   // requests that got no answer: either is right
}

func (b *notebook) note(name, content string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.want[name] = content
		return
	}
	if b.unsure == nil {
		b.unsure = map[string]bool{}
	}
	b.unsure[name] = true
}

// write makes, changes and deletes objects until the sandbox is gone.
func (b *notebook) write(ctx context.Context, client clientset.Interface, prefix string) {
	maps := client.CoreV1().ConfigMaps(metav1.NamespaceDefault)
	for i := 0; ; i++ {
		name := fmt.Sprintf("%s-%d", prefix, i)
		object := &v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"book": "kept"}}, Data: map[string]string{"is": "new"}}
		_, err := maps.Create(ctx, object, metav1.CreateOptions{})
		b.note(name, "new", err)
		if err == nil && i%2 == 0 {
			object.Data["is"] = "changed"
			_, err = maps.Update(ctx, object, metav1.UpdateOptions{})
			b.note(name, "changed", err)
		}
		if err == nil && i%5 == 0 {
			err = maps.Delete(ctx, name, metav1.DeleteOptions{})
			b.note(name, "", err)
		}
		if err != nil {
			return
		}
	}
}

func (b *notebook) check(client clientset.Interface, round int) {
	b.t.Helper()
	list, err := client.CoreV1().ConfigMaps(metav1.NamespaceDefault).List(b.t.Context(), metav1.ListOptions{LabelSelector: "book=kept"})
	if err != nil {
		b.t.Fatalf("round %d: %v", round, err)
	}
	found := map[string]string{}
	for _, m := range list.Items {
		found[m.Name] = m.Data["is"]
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, want := range b.want {
		if got := found[name]; got != want && !b.unsure[name] {
			b.t.Fatalf("round %d: %s is %q, want %q", round, name, got, want)
		}
	}
	for name := range b.unsure { // now it is known which
		if content, ok := found[name]; ok {
			b.want[name] = content
		} else {
			b.want[name] = ""
		}
	}
	b.unsure = nil
}

// TestASleepingLaptop stops the sandbox's processes for longer than leases
// last, and lets them go on: everything is well again without help.
func TestASleepingLaptop(t *testing.T) {
	d := startDaemon(t, t.TempDir())
	d.lease("?keep=true")
	d.orderNode("POST", "/nodes", 200)
	client := d.client()
	w := workloads{d, client, metav1.NamespaceDefault}
	w.deployment("web", 4, script("c", "sleep 3600"))
	before := map[string]bool{}
	w.untilPlaced("app=web", "all are ready", func(c map[string]int) bool { return len(c) == 2 && c[NodeName]+c[second] == 4 })
	list, err := client.CoreV1().Pods(w.ns).List(t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.Items {
		before[p.Name] = true
	}
	d.sleep(nodeMonitorGrace + 10*time.Second)
	w.untilNode(NodeName, "is ready", nodeReady)
	w.untilNode(second, "is ready", nodeReady)
	w.untilPlaced("app=web", "all are ready", func(c map[string]int) bool { return c[NodeName]+c[second] == 4 })
	list, err = client.CoreV1().Pods(w.ns).List(t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	for _, p := range list.Items {
		if !before[p.Name] {
			t.Errorf("the Pod %s was made during a short sleep", p.Name)
		}
	}
	for _, c := range d.components() {
		if !c.Healthy && c.Name != "coredns" {
			t.Errorf("%s is not well: %s", c.Name, c.Message)
		}
	}
}
