package agnhost

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

var (
	podResource       = metav1.GroupVersionResource{Version: "v1", Resource: "pods"}
	configMapResource = metav1.GroupVersionResource{Version: "v1", Resource: "configmaps"}
)

// unwanted is the label or key that the webhook looks for.
const unwanted = "webhook-e2e-test"

func (h *webhook) allowLater(r *http.Request, _ *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "alwaysallow.go:28", "always-allow-with-delay sleeping for 5 seconds")
	proc.Sleep(r.Context(), 5*time.Second)
	h.log.verbose(2, "alwaysallow.go:30", "calling always-allow")
	response := allowed()
	response.Result = &metav1.Status{Message: "this webhook allows all requests"}
	return response
}

func (h *webhook) deny(*http.Request, *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "alwaysdeny.go:27", "calling always-deny")
	return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: "this webhook denies all requests"}}
}

func (h *webhook) addLabel(_ *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "addlabel.go:41", "calling add-label")
	var object metav1.PartialObjectMetadata
	if err := json.Unmarshal(request.Object.Raw, &object); err != nil {
		return h.refused(err)
	}
	value, has := object.Labels["added-label"]
	switch {
	case len(object.Labels) == 0:
		return patched(`[{"op":"add","path":"/metadata/labels","value":{"added-label":"yes"}}]`)
	case !has:
		return patched(`[{"op":"add","path":"/metadata/labels/added-label","value":"yes"}]`)
	case value != "yes":
		return patched(`[{"op":"replace","path":"/metadata/labels/added-label","value":"yes"}]`)
	}
	return allowed()
}

// decode reads an object of the resource that a path is for.
func decode(request *admissionv1.AdmissionRequest, want metav1.GroupVersionResource, raw []byte, into any) error {
	if request.Resource != want {
		return fmt.Errorf("expect resource to be %s", want)
	}
	return json.Unmarshal(raw, into)
}

func (h *webhook) pods(r *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "pods.go:40", "admitting pods")
	var pod corev1.Pod
	if err := decode(request, podResource, request.Object.Raw, &pod); err != nil {
		return h.refused(err)
	}
	var reasons []string
	switch pod.Labels[unwanted] {
	case "webhook-disallow":
		reasons = append(reasons, "the pod contains unwanted label;")
	case "wait-forever":
		<-r.Context().Done() // nobody gets an answer
		return nil
	}
	for _, c := range pod.Spec.Containers {
		if strings.Contains(c.Name, "webhook-disallow") {
			reasons = append(reasons, "the pod contains unwanted container name;")
		}
	}
	if len(reasons) > 0 {
		return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: strings.Join(reasons, " ")}}
	}
	return allowed()
}

func has(containers []corev1.Container, name string) bool {
	return slices.ContainsFunc(containers, func(c corev1.Container) bool { return c.Name == name })
}

func (h *webhook) mutatePods(_ *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	return h.patchPod(request, `[{"op":"add","path":"/spec/initContainers","value":[{"image":"webhook-added-image","name":"webhook-added-init-container","resources":{}}]}]`, func(pod *corev1.Pod) bool {
		return pod.Name == "webhook-to-be-mutated" && !has(pod.Spec.InitContainers, "webhook-added-init-container")
	})
}

func (h *webhook) addSidecar(_ *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	if h.sidecarImage == "" {
		return &admissionv1.AdmissionResponse{Result: &metav1.Status{Status: metav1.StatusFailure, Message: "No image specified by the sidecar-image parameter", Code: http.StatusInternalServerError}}
	}
	patch := fmt.Sprintf(`[{"op":"add","path":"/spec/containers/-","value":{"image":%q,"name":"webhook-added-sidecar","resources":{}}}]`, h.sidecarImage)
	return h.patchPod(request, patch, func(pod *corev1.Pod) bool { return !has(pod.Spec.Containers, "webhook-added-sidecar") })
}

func (h *webhook) patchPod(request *admissionv1.AdmissionRequest, patch string, wanted func(*corev1.Pod) bool) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "pods.go:118", "mutating pods")
	var pod corev1.Pod
	if err := decode(request, podResource, request.Object.Raw, &pod); err != nil {
		return h.refused(err)
	}
	if !wanted(&pod) {
		return allowed()
	}
	return patched(patch)
}

func (h *webhook) attach(_ *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "pods.go:146", "handling attaching pods")
	if request.Name != "to-be-attached-pod" {
		return allowed()
	}
	if request.Resource != podResource {
		return h.refused(fmt.Errorf("expect resource to be %s, got %s", podResource, request.Resource))
	}
	if request.SubResource != "attach" {
		return h.refused(fmt.Errorf("expect subresource to be attach, got %s", request.SubResource))
	}
	var options corev1.PodAttachOptions
	if err := json.Unmarshal(request.Object.Raw, &options); err != nil {
		return h.refused(err)
	}
	if !options.Stdin || options.Container != "container1" {
		return allowed()
	}
	return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: "attaching to pod 'to-be-attached-pod' is not allowed"}}
}

func (h *webhook) configMaps(_ *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "configmap.go:37", "admitting configmaps")
	var cm corev1.ConfigMap
	if err := decode(request, configMapResource, judged(request), &cm); err != nil {
		return h.refused(err)
	}
	return judgeData(request, cm.Data, "configmap", "key and value")
}

// judgeData refuses data that is unwanted, or that must not be deleted.
func judgeData(request *admissionv1.AdmissionRequest, data map[string]string, what, unwantedWhat string) *admissionv1.AdmissionResponse {
	reason := ""
	switch {
	case data[unwanted] == "webhook-disallow" && (request.Operation == admissionv1.Create || request.Operation == admissionv1.Update):
		reason = "the " + what + " contains unwanted " + unwantedWhat
	case data[unwanted] == "webhook-nondeletable" && request.Operation == admissionv1.Delete:
		reason = "the " + what + " cannot be deleted because it contains unwanted key and value"
	}
	if reason == "" {
		return allowed()
	}
	return &admissionv1.AdmissionResponse{Result: &metav1.Status{Reason: metav1.StatusReason(reason)}}
}

func (h *webhook) mutateConfigMaps(_ *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "configmap.go:79", "mutating configmaps")
	var cm corev1.ConfigMap
	if err := decode(request, configMapResource, request.Object.Raw, &cm); err != nil {
		return h.refused(err)
	}
	return patched(nextStage(cm.Data))
}

// nextStage adds the first stage to data that asks for it, and the second to data
// that has the first.
func nextStage(data map[string]string) string {
	stage := 0
	if data["mutation-start"] == "yes" {
		stage = 1
	}
	if data["mutation-stage-1"] == "yes" {
		stage = 2
	}
	if stage == 0 {
		return ""
	}
	return fmt.Sprintf(`[{"op":"add","path":"/data/mutation-stage-%d","value":"yes"}]`, stage)
}

// customObject is a custom resource with data like a ConfigMap's.
type customObject struct {
	Data map[string]string `json:"data"`
}

func (h *webhook) customResource(_ *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "customresource.go:69", "admitting custom resource")
	var object customObject
	if err := json.Unmarshal(judged(request), &object); err != nil {
		return h.refused(err)
	}
	return judgeData(request, object.Data, "custom resource", "data")
}

func (h *webhook) mutateCustomResource(_ *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "customresource.go:37", "mutating custom resource")
	var object customObject
	if err := json.Unmarshal(request.Object.Raw, &object); err != nil {
		return h.refused(err)
	}
	return patched(nextStage(object.Data))
}

func (h *webhook) definition(_ *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	h.log.verbose(2, "crd.go:32", "admitting crd")
	v1 := metav1.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	v1beta1 := v1
	v1beta1.Version = "v1beta1"
	if request.Resource != v1 && request.Resource != v1beta1 {
		return h.refused(fmt.Errorf("expect resource to be one of [%v, %v] but got %v", v1beta1, v1, request.Resource))
	}
	var object metav1.PartialObjectMetadata
	if err := json.Unmarshal(request.Object.Raw, &object); err != nil {
		return h.refused(err)
	}
	if object.Labels[unwanted] == "webhook-disallow" {
		return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: "the crd contains unwanted label"}}
	}
	return allowed()
}
