package agnhost

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/pflag"
	admissionv1 "k8s.io/api/admission/v1"
	admissionv1beta1 "k8s.io/api/admission/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// admit judges an admission request; nil is no answer at all.
type admit func(r *http.Request, request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse

// webhook is an admission webhook with a path for each kind of judgement.
func (a *app) webhook() subcommand {
	w := &webhook{app: a}
	var certFile, keyFile string
	var listen int
	return subcommand{
		use: "webhook", short: "Starts a HTTP server, useful for testing MutatingAdmissionWebhook and ValidatingAdmissionWebhook",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&certFile, "tls-cert-file", "", "File containing the default x509 Certificate for HTTPS. (CA cert, if any, concatenated after server cert).")
			f.StringVar(&keyFile, "tls-private-key-file", "", "File containing the default x509 private key matching --tls-cert-file.")
			f.IntVar(&listen, "port", 443, "Secure port that the webhook listens on")
			f.StringVar(&w.sidecarImage, "sidecar-image", "", "Image to be used as the injected sidecar")
		},
		run: func([]string) int {
			mux := http.NewServeMux()
			for path, judge := range map[string]admit{
				"/always-allow-delay-5s":    w.allowLater,
				"/always-deny":              w.deny,
				"/add-label":                w.addLabel,
				"/pods":                     w.pods,
				"/pods/attach":              w.attach,
				"/mutating-pods":            w.mutatePods,
				"/mutating-pods-sidecar":    w.addSidecar,
				"/configmaps":               w.configMaps,
				"/mutating-configmaps":      w.mutateConfigMaps,
				"/custom-resource":          w.customResource,
				"/mutating-custom-resource": w.mutateCustomResource,
				"/crd":                      w.definition,
			} {
				mux.HandleFunc(path, w.review(judge))
			}
			return a.serveWebhook(mux, listen, certFile, keyFile)
		},
	}
}

type webhook struct {
	*app
	sidecarImage string
}

// serveWebhook serves HTTPS with the container's certificate, and /readyz.
func (a *app) serveWebhook(mux *http.ServeMux, listen int, certFile, keyFile string) int {
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	if _, err := a.keyPair(certFile, keyFile); err != nil {
		a.log.write('F', "config.go:34", err.Error())
		return 255
	}
	err := a.serveTLS(a.server(mux), port(listen), certFile, keyFile)
	if a.ctx.Err() != nil {
		return a.forever()
	}
	return a.panicked("%v", err)
}

// review speaks the AdmissionReview of the API server, v1 or v1beta1. They differ
// in nothing but their name.
func (h *webhook) review(judge admit) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			body = nil // as the real one: what cannot be read cannot be decoded
		}
		if t := r.Header.Get("Content-Type"); t != "application/json" {
			h.log.write('E', "main.go:97", fmt.Sprintf("contentType=%s, expect application/json", t))
			return
		}
		h.log.verbose(2, "main.go:101", "handling request: %s", body)
		refuse := func(message string) {
			h.log.write('E', "main.go:107", message)
			http.Error(w, message, http.StatusBadRequest)
		}
		var review admissionv1.AdmissionReview
		if err := json.Unmarshal(body, &review); err != nil {
			refuse(fmt.Sprintf("Request could not be decoded: %v", err))
			return
		}
		switch review.GroupVersionKind() {
		case admissionv1.SchemeGroupVersion.WithKind("AdmissionReview"), admissionv1beta1.SchemeGroupVersion.WithKind("AdmissionReview"):
		default:
			refuse(fmt.Sprintf("Unsupported group version kind: %v", review.GroupVersionKind()))
			return
		}
		if review.Request == nil {
			refuse("Request could not be decoded: it has no request")
			return
		}
		answered := admissionv1.AdmissionReview{TypeMeta: review.TypeMeta, Response: judge(r, review.Request)}
		if answered.Response == nil {
			panic(http.ErrAbortHandler) // the real one fails here and closes the connection
		}
		answered.Response.UID = review.Request.UID
		data, err := json.Marshal(&answered)
		if err != nil {
			h.log.write('E', "main.go:148", err.Error())
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h.log.verbose(2, "main.go:144", "sending response: %s", data)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(data)
	}
}

func allowed() *admissionv1.AdmissionResponse { return &admissionv1.AdmissionResponse{Allowed: true} }

// refused answers with an error.
func (h *webhook) refused(err error) *admissionv1.AdmissionResponse {
	h.log.write('E', "convert.go:27", err.Error())
	return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: err.Error()}}
}

// patched allows with a JSON patch; without one it only allows.
func patched(patch string) *admissionv1.AdmissionResponse {
	response := allowed()
	if patch != "" {
		kind := admissionv1.PatchTypeJSONPatch
		response.Patch, response.PatchType = []byte(patch), &kind
	}
	return response
}

// judged is what a webhook looks at: the new object, or the old one when it is
// deleted.
func judged(request *admissionv1.AdmissionRequest) []byte {
	if request.Operation == admissionv1.Delete {
		return request.OldObject.Raw
	}
	return request.Object.Raw
}
