package lessons

import "strings"

func claimFinders() []finder { return []finder{claimClass, claimUnused} }

// claimClass finds a claim that nobody provisions because of its class.
func claimClass(e *evidence, claim thing) *Cause {
	if text(claim.Object, "status", "phase") == "Bound" || !e.certain("StorageClass") || text(claim.Object, "spec", "volumeName") != "" {
		return nil
	}
	var have []string
	for _, t := range e.live("StorageClass") {
		have = append(have, t.name())
	}
	names := brief(strings.Join(have, ", "), messageMost)
	want, given := field(claim.Object, "spec", "storageClassName").(string)
	c := &Cause{Object: e.ref(claim), Path: "spec.storageClassName", Expected: names, Found: brief(want, nameMost), Stuck: true}
	switch {
	case given && want == "":
		return nil // waits for a PersistentVolume without a class: that is meant
	case !given:
		c.ID, c.Found = causeNoClass, none
		c.Text = say("The PersistentVolumeClaim %[1]s names no StorageClass, and the cluster has no default one, so nobody makes a volume for it. There is %[2]s.",
			"PersistentVolumeClaim %[1]s 没有写 StorageClass，集群也没有默认的，所以没人为它创建卷。现有的 StorageClass：%[2]s。", quote(claim.name()), quote(names))
		return c
	}
	if _, ok := e.named("StorageClass", want); ok {
		return nil
	}
	if e.statically(want) {
		return nil
	}
	c.ID = causeUnknownClass
	c.Text = say("The PersistentVolumeClaim %[1]s asks for the StorageClass %[2]s, which does not exist, and no PersistentVolume has that class. There is %[3]s.",
		"PersistentVolumeClaim %[1]s 要用 StorageClass %[2]s，但它不存在，也没有这个类别的 PersistentVolume。现有的 StorageClass：%[3]s。", quote(claim.name()), quote(want), quote(names))
	return c
}

// statically reports whether a PersistentVolume of that class exists, or may:
// a class need not be an object to be matched by.
func (e *evidence) statically(class string) bool {
	for _, pv := range e.live("PersistentVolume") {
		if text(pv.Object, "spec", "storageClassName") == class {
			return true
		}
	}
	return false
}

// claimUnused finds a claim whose class waits for a Pod that uses it.
func claimUnused(e *evidence, claim thing) *Cause {
	if text(claim.Object, "status", "phase") != "Pending" {
		return nil
	}
	class, ok := e.named("StorageClass", text(claim.Object, "spec", "storageClassName"))
	if !ok || text(class.Object, "volumeBindingMode") != "WaitForFirstConsumer" || !e.certain("Pod") {
		return nil
	}
	for _, pod := range e.live("Pod") {
		for _, v := range list(pod.Object, "spec", "volumes") {
			if text(v, "persistentVolumeClaim", "claimName") == claim.name() {
				return nil
			}
		}
	}
	return &Cause{ID: causeUnusedClaim, Object: e.ref(claim), Path: "spec.storageClassName", Found: "WaitForFirstConsumer", Stuck: true,
		Text: say("The StorageClass %[2]s makes a volume only when a Pod uses the claim (WaitForFirstConsumer), and no Pod uses %[1]s yet.",
			"StorageClass %[2]s 要等有 Pod 使用才创建卷（WaitForFirstConsumer），而现在还没有 Pod 使用 %[1]s。", quote(claim.name()), quote(class.name()))}
}
