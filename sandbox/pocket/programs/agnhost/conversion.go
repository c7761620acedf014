package agnhost

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// conversionReview is apiextensions.k8s.io's ConversionReview, v1 and v1beta1.
type conversionReview struct {
	metav1.TypeMeta `json:",inline"`
	Request         *conversionRequest  `json:"request,omitempty"`
	Response        *conversionResponse `json:"response,omitempty"`
}

type conversionRequest struct {
	UID               types.UID        `json:"uid"`
	DesiredAPIVersion string           `json:"desiredAPIVersion"`
	Objects           []map[string]any `json:"objects"`
}

type conversionResponse struct {
	UID              types.UID        `json:"uid"`
	ConvertedObjects []map[string]any `json:"convertedObjects"`
	Result           metav1.Status    `json:"result"`
}

// conversionWebhook converts the objects of the group stable.example.com between
// v1, with a hostPort, and v2, with a host and a port.
func (a *app) conversionWebhook() subcommand {
	var certFile, keyFile string
	var listen int
	return subcommand{
		use: "crd-conversion-webhook", short: "Starts HTTP server on port 443 for testing CustomResourceConversionWebhook",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&certFile, "tls-cert-file", "", "File containing the default x509 Certificate for HTTPS. (CA cert, if any, concatenated after server cert.")
			f.StringVar(&keyFile, "tls-private-key-file", "", "File containing the default x509 private key matching --tls-cert-file.")
			f.IntVar(&listen, "port", 443, "Secure port that the webhook listens on")
		},
		run: func([]string) int {
			mux := http.NewServeMux()
			mux.HandleFunc("/crdconvert", a.serveConversion)
			return a.serveWebhook(mux, listen, certFile, keyFile)
		},
	}
}

func (a *app) serveConversion(w http.ResponseWriter, r *http.Request) {
	refuse := func(format string, args ...any) {
		message := fmt.Sprintf(format, args...)
		a.log.write('E', "framework.go:139", message)
		http.Error(w, message, http.StatusBadRequest)
	}
	if t := r.Header.Get("Content-Type"); t != "application/json" {
		refuse("invalid Content-Type header `%s`", t)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		refuse("failed to read the body: %v", err)
		return
	}
	a.log.verbose(2, "framework.go:143", "handling request: %s", body)
	var review conversionReview
	if err := json.Unmarshal(body, &review); err != nil {
		refuse("failed to deserialize body (%s) with error %v", body, err)
		return
	}
	switch review.APIVersion + " " + review.Kind {
	case "apiextensions.k8s.io/v1 ConversionReview", "apiextensions.k8s.io/v1beta1 ConversionReview":
	default:
		refuse("Unsupported group version kind: %v", review.GroupVersionKind())
		return
	}
	if review.Request == nil {
		refuse("failed to deserialize body (%s) with error it has no request", body)
		return
	}
	review.Response = a.convertAll(review.Request)
	review.Request = nil
	data, err := json.Marshal(review)
	if err != nil {
		a.log.write('E', "framework.go:201", err.Error())
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	a.log.verbose(2, "framework.go:205", "sending response: %s", data)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data)
}

func (a *app) convertAll(request *conversionRequest) *conversionResponse {
	response := &conversionResponse{UID: request.UID, ConvertedObjects: []map[string]any{}}
	for _, object := range request.Objects {
		a.log.verbose(2, "example_converter.go:29", "converting crd")
		if err := convert(object, request.DesiredAPIVersion); err != nil {
			a.log.write('E', "framework.go:107", err.Error())
			return &conversionResponse{UID: request.UID, ConvertedObjects: []map[string]any{}, Result: metav1.Status{Status: metav1.StatusFailure, Message: err.Error()}}
		}
		response.ConvertedObjects = append(response.ConvertedObjects, object)
	}
	response.Result.Status = metav1.StatusSuccess
	return response
}

// convert changes an object into another version.
func convert(object map[string]any, to string) error {
	const v1, v2 = "stable.example.com/v1", "stable.example.com/v2"
	from, _ := object["apiVersion"].(string)
	switch {
	case from == to:
		return fmt.Errorf("conversion from a version to itself should not call the webhook: %s", to)
	case from == v1 && to == v2:
		if hostPort, ok := object["hostPort"]; ok {
			delete(object, "hostPort")
			host, port, found := strings.Cut(fmt.Sprint(hostPort), ":")
			if !found || strings.Contains(port, ":") {
				return fmt.Errorf("invalid hostPort value `%v`", hostPort)
			}
			object["host"], object["port"] = host, port
		}
	case from == v2 && to == v1:
		host, hasHost := object["host"]
		port, hasPort := object["port"]
		if hasHost || hasPort {
			if !hasHost {
				host = ""
			}
			if !hasPort {
				port = ""
			}
			object["hostPort"] = fmt.Sprintf("%s:%s", host, port)
			delete(object, "host")
			delete(object, "port")
		}
	case from == v1 || from == v2:
		return fmt.Errorf("unexpected conversion version %q", to)
	default:
		return fmt.Errorf("unexpected conversion version %q", from)
	}
	object["apiVersion"] = to
	return nil
}
