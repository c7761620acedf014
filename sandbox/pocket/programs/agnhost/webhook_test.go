package agnhost_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// certify puts a certificate and its key into a container.
func certify(t *testing.T, p *pod, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "e2e"}, NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	p.Files.Put(certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	p.Files.Put(keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// startWebhook runs a subcommand that serves HTTPS on port 8444 of 10.244.0.3.
func startWebhook(t *testing.T, subcommand string, flags ...string) *http.Client {
	t.Helper()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.3", "webhook")
	certify(t, p, "/tls.crt", "/tls.key")
	p.start(nil, append([]string{subcommand, "--tls-cert-file=/tls.crt", "--tls-private-key-file=/tls.key", "-v=4", "--port=8444"}, flags...)...)
	c := client(n)
	transport, ok := c.Transport.(*http.Transport)
	if !ok {
		t.Fatal("not a transport")
	}
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	until(t, "ready", func() bool {
		r, err := c.Get("https://10.244.0.3:8444/readyz")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return c
}

// post sends JSON and decodes the answer.
func post(t *testing.T, c *http.Client, path, body string) map[string]any {
	t.Helper()
	r, err := c.Post("https://10.244.0.3:8444"+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var answer map[string]any
	var text bytes.Buffer
	if _, err := text.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text.Bytes(), &answer); err != nil {
		t.Fatalf("status %d: %s", r.StatusCode, text.String())
	}
	return answer
}

func review(version, resource, operation, object string) string {
	field := "object"
	if operation == "DELETE" {
		field = "oldObject"
	}
	return `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/` + version + `","request":{"uid":"42","kind":{},"resource":` + resource +
		`,"name":"x","operation":"` + operation + `","userInfo":{},"` + field + `":` + object + `}}`
}

func TestWebhookJudges(t *testing.T) {
	t.Parallel()
	c := startWebhook(t, "webhook", "--sidecar-image=side:1")
	const (
		pods       = `{"group":"","version":"v1","resource":"pods"}`
		configMaps = `{"group":"","version":"v1","resource":"configmaps"}`
		crds       = `{"group":"apiextensions.k8s.io","version":"v1","resource":"customresourcedefinitions"}`
	)
	patch := "JSONPatch"
	type response struct {
		Allowed   bool
		Status    struct{ Message, Reason string }
		PatchType *string
		Patch     []byte
	}
	refused := func(message, reason string) (r response) {
		r.Status.Message, r.Status.Reason = message, reason
		return r
	}
	for name, tc := range map[string]struct {
		path, body string
		want       response
	}{
		"everything is denied":        {"/always-deny", review("v1", pods, "CREATE", `{}`), refused("this webhook denies all requests", "")},
		"v1beta1 is spoken too":       {"/always-deny", review("v1beta1", pods, "CREATE", `{}`), refused("this webhook denies all requests", "")},
		"a Pod":                       {"/pods", review("v1", pods, "CREATE", `{"spec":{"containers":[{"name":"a"}]}}`), response{Allowed: true}},
		"a Pod with label and name":   {"/pods", review("v1", pods, "CREATE", `{"metadata":{"labels":{"webhook-e2e-test":"webhook-disallow"}},"spec":{"containers":[{"name":"webhook-disallow"}]}}`), refused("the pod contains unwanted label; the pod contains unwanted container name;", "")},
		"not a Pod":                   {"/pods", review("v1", configMaps, "CREATE", `{}`), refused("expect resource to be { v1 pods}", "")},
		"a ConfigMap":                 {"/configmaps", review("v1", configMaps, "CREATE", `{"data":{"a":"b"}}`), response{Allowed: true}},
		"an unwanted ConfigMap":       {"/configmaps", review("v1", configMaps, "UPDATE", `{"data":{"webhook-e2e-test":"webhook-disallow"}}`), refused("", "the configmap contains unwanted key and value")},
		"an unwanted one is deleted":  {"/configmaps", review("v1", configMaps, "DELETE", `{"data":{"webhook-e2e-test":"webhook-disallow"}}`), response{Allowed: true}},
		"one that must stay":          {"/configmaps", review("v1", configMaps, "DELETE", `{"data":{"webhook-e2e-test":"webhook-nondeletable"}}`), refused("", "the configmap cannot be deleted because it contains unwanted key and value")},
		"the first stage":             {"/mutating-configmaps", review("v1", configMaps, "CREATE", `{"data":{"mutation-start":"yes"}}`), response{Allowed: true, PatchType: &patch, Patch: []byte(`[{"op":"add","path":"/data/mutation-stage-1","value":"yes"}]`)}},
		"the second stage":            {"/mutating-custom-resource", review("v1", configMaps, "CREATE", `{"data":{"mutation-start":"yes","mutation-stage-1":"yes"}}`), response{Allowed: true, PatchType: &patch, Patch: []byte(`[{"op":"add","path":"/data/mutation-stage-2","value":"yes"}]`)}},
		"no stage":                    {"/mutating-configmaps", review("v1", configMaps, "CREATE", `{"data":{}}`), response{Allowed: true}},
		"an unwanted custom resource": {"/custom-resource", review("v1", configMaps, "CREATE", `{"data":{"webhook-e2e-test":"webhook-disallow"}}`), refused("", "the custom resource contains unwanted data")},
		"an unwanted definition":      {"/crd", review("v1", crds, "CREATE", `{"metadata":{"labels":{"webhook-e2e-test":"webhook-disallow"}}}`), refused("the crd contains unwanted label", "")},
		"a sidecar is added":          {"/mutating-pods-sidecar", review("v1", pods, "CREATE", `{"spec":{"containers":[{"name":"a"}]}}`), response{Allowed: true, PatchType: &patch, Patch: []byte(`[{"op":"add","path":"/spec/containers/-","value":{"image":"side:1","name":"webhook-added-sidecar","resources":{}}}]`)}},
		"only one sidecar":            {"/mutating-pods-sidecar", review("v1", pods, "CREATE", `{"spec":{"containers":[{"name":"webhook-added-sidecar"}]}}`), response{Allowed: true}},
		"attaching to another":        {"/pods/attach", review("v1", pods, "CONNECT", `{"stdin":true}`), response{Allowed: true}},
		"a label is added":            {"/add-label", review("v1", pods, "CREATE", `{"metadata":{"labels":{"a":"b"}}}`), response{Allowed: true, PatchType: &patch, Patch: []byte(`[{"op":"add","path":"/metadata/labels/added-label","value":"yes"}]`)}},
	} {
		t.Run(name, func(t *testing.T) {
			answer := post(t, c, tc.path, tc.body)
			data, err := json.Marshal(answer["response"])
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				response
				UID string
			}
			if err := json.Unmarshal(data, &got); err != nil {
				t.Fatal(err)
			}
			if got.UID != "42" {
				t.Errorf("UID %q", got.UID)
			}
			if diff := cmp.Diff(tc.want, got.response); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConversionWebhookConvertsBothWays(t *testing.T) {
	t.Parallel()
	c := startWebhook(t, "crd-conversion-webhook")
	ask := func(to, object string) map[string]any {
		answer := post(t, c, "/crdconvert", `{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":{"uid":"7","desiredAPIVersion":"`+to+`","objects":[`+object+`]}}`)
		response, _ := answer["response"].(map[string]any)
		return response
	}
	got := ask("stable.example.com/v2", `{"apiVersion":"stable.example.com/v1","kind":"E","hostPort":"localhost:8080"}`)
	want := map[string]any{
		"uid":              "7",
		"convertedObjects": []any{map[string]any{"apiVersion": "stable.example.com/v2", "kind": "E", "host": "localhost", "port": "8080"}},
		"result":           map[string]any{"metadata": map[string]any{}, "status": "Success"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = ask("stable.example.com/v1", `{"apiVersion":"stable.example.com/v2","host":"h","port":"1"}`)
	if diff := cmp.Diff([]any{map[string]any{"apiVersion": "stable.example.com/v1", "hostPort": "h:1"}}, got["convertedObjects"]); diff != "" {
		t.Error(diff)
	}
	got = ask("stable.example.com/v3", `{"apiVersion":"stable.example.com/v2"}`)
	result, _ := got["result"].(map[string]any)
	if result["status"] != "Failure" || result["message"] != `unexpected conversion version "stable.example.com/v3"` {
		t.Errorf("result %v", result)
	}
}
