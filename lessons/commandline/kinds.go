package commandline

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// kindsText lists the kinds of a Kubernetes cluster by the names that kubectl
// takes for them, as `kubectl api-resources` gives them: plural, singular, short
// names.
const kindsText = `
bindings binding
componentstatuses componentstatus cs
configmaps configmap cm
endpoints endpoint ep
events event ev
limitranges limitrange limits
namespaces namespace ns
nodes node no
persistentvolumeclaims persistentvolumeclaim pvc
persistentvolumes persistentvolume pv
pods pod po
podtemplates podtemplate
replicationcontrollers replicationcontroller rc
resourcequotas resourcequota quota
secrets secret
serviceaccounts serviceaccount sa
services service svc
mutatingwebhookconfigurations mutatingwebhookconfiguration
validatingadmissionpolicies validatingadmissionpolicy
validatingadmissionpolicybindings validatingadmissionpolicybinding
validatingwebhookconfigurations validatingwebhookconfiguration
customresourcedefinitions customresourcedefinition crd crds
apiservices apiservice
controllerrevisions controllerrevision
daemonsets daemonset ds
deployments deployment deploy
replicasets replicaset rs
statefulsets statefulset sts
horizontalpodautoscalers horizontalpodautoscaler hpa
cronjobs cronjob cj
jobs job
certificatesigningrequests certificatesigningrequest csr
leases lease
endpointslices endpointslice
flowschemas flowschema
prioritylevelconfigurations prioritylevelconfiguration
ingressclasses ingressclass
ingresses ingress ing
ipaddresses ipaddress ip
networkpolicies networkpolicy netpol
servicecidrs servicecidr
runtimeclasses runtimeclass
poddisruptionbudgets poddisruptionbudget pdb
clusterrolebindings clusterrolebinding
clusterroles clusterrole
rolebindings rolebinding
roles role
priorityclasses priorityclass pc
csidrivers csidriver
csinodes csinode
csistoragecapacities csistoragecapacity
storageclasses storageclass sc
volumeattachments volumeattachment
resourceclaims resourceclaim
resourceclaimtemplates resourceclaimtemplate
resourceslices resourceslice
deviceclasses deviceclass
`

// kinds maps each name by which kubectl takes a kind to its plural.
var kinds = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(kindsText) {
		words := strings.Fields(line)
		for _, w := range words {
			names[w] = words[0]
		}
	}
	return names
})

// pluralOf returns the plural of a kind by any of its names; s itself, in lower
// case, when it is none that is known.
func pluralOf(s string) string {
	s = strings.ToLower(s)
	if plural, ok := kinds()[s]; ok {
		return plural
	}
	if first, _, ok := strings.Cut(s, "."); ok { // deployments.apps
		if plural, ok := kinds()[first]; ok {
			return plural
		}
	}
	return s
}

// isKind reports whether a word is a name of a kind.
func isKind(s string) bool {
	_, ok := kinds()[pluralOf(s)]
	return ok
}

// kindNames lists the names that kinds go by.
func kindNames() []string { return slices.Sorted(maps.Keys(kinds())) }
