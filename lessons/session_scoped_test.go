package lessons

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAPlantedVolumeIsSeenAndResetWithoutANamespace(t *testing.T) {
	t.Parallel()
	pv, _ := KindNamed("PersistentVolume")
	claim, _ := KindNamed("PersistentVolumeClaim")
	object := func(kind, namespace string) Object {
		return Object{"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"name": "archive", "namespace": namespace}}
	}
	planted := []Object{object("PersistentVolume", ""), object("PersistentVolumeClaim", "")}
	s := &session{Exercise: &Exercise{lesson: &Lesson{Steps: []*Step{{ID: "claim", Setup: planted}}}}, ws: Workspace{Namespace: "k8stutor-volumes"}}
	s.snap = Snapshot{Kinds: map[Kind]Listing{pv: {}, claim: {Objects: []Object{object("PersistentVolumeClaim", "default")}}}}
	for _, o := range planted {
		if s.sees(o) {
			t.Errorf("%s is seen, and is not there", text(o, "kind"))
		}
	}
	s.snap.Kinds = map[Kind]Listing{pv: {Objects: []Object{object("PersistentVolume", "")}}, claim: {Objects: []Object{object("PersistentVolumeClaim", "k8stutor-volumes")}}}
	for _, o := range planted {
		if !s.sees(o) {
			t.Errorf("%s is not seen", text(o, "kind"))
		}
	}
	want := []Ref{{pv, "", "archive"}, {claim, "k8stutor-volumes", "archive"}}
	if diff := cmp.Diff(want, s.madeFor(0)); diff != "" {
		t.Errorf("what a reset removes (-want +got):\n%s", diff)
	}
}
