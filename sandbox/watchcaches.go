package sandbox

import "strings"

// withoutWatchCache lists the kinds that hardly anybody here makes or watches,
// as kube-apiserver takes them. Each watch cache wakes up once a second, whether
// anything happens or not; without one, a list or watch goes to etcd, which is in
// this process.
func withoutWatchCache() []string {
	return []string{
		"certificatesigningrequests.certificates.k8s.io",
		"clustertrustbundles.certificates.k8s.io",
		"podcertificaterequests.certificates.k8s.io",
		"csidrivers.storage.k8s.io",
		"csistoragecapacities.storage.k8s.io",
		"volumeattachments.storage.k8s.io",
		"volumeattributesclasses.storage.k8s.io",
		"storageversionmigrations.storagemigration.k8s.io",
		"deviceclasses.resource.k8s.io",
		"devicetaintrules.resource.k8s.io",
		"resourceclaims.resource.k8s.io",
		"resourceclaimtemplates.resource.k8s.io",
		"resourceslices.resource.k8s.io",
		"flowschemas.flowcontrol.apiserver.k8s.io",
		"prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
		"ipaddresses.networking.k8s.io",
		"servicecidrs.networking.k8s.io",
		"mutatingadmissionpolicies.admissionregistration.k8s.io",
		"mutatingadmissionpolicybindings.admissionregistration.k8s.io",
		"mutatingwebhookconfigurations.admissionregistration.k8s.io",
		"validatingadmissionpolicies.admissionregistration.k8s.io",
		"validatingadmissionpolicybindings.admissionregistration.k8s.io",
		"validatingwebhookconfigurations.admissionregistration.k8s.io",
		"podtemplates",
		"replicationcontrollers",
		"runtimeclasses.node.k8s.io",
	}
}

// watchCacheSizes is the value of kube-apiserver's --watch-cache-sizes.
func watchCacheSizes() string { return strings.Join(withoutWatchCache(), "#0,") + "#0" }
