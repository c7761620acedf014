package agnhost

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// issuerDiscovery checks a service account's token the way a stranger would: by
// the documents that its issuer publishes.
func (a *app) issuerDiscovery() subcommand {
	var tokenPath, audience string
	return subcommand{
		use: "test-service-account-issuer-discovery", short: "Tests the ServiceAccountIssuerDiscovery feature",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&tokenPath, "token-path", "", "Path to read service account token from.")
			f.StringVar(&audience, "audience", "", "Audience to check on received token.")
		},
		run: func([]string) int {
			raw, err := a.readFile(tokenPath)
			if err != nil {
				return a.fatalf("%v", err)
			}
			a.log.printf("OK: Got token")
			a.log.printf("validating with in-cluster discovery")
			server, err := a.inCluster()
			if err != nil {
				return a.fatalf("%v", err)
			}
			err = a.validate(string(raw), audience, server.get)
			if err == nil {
				return 0
			}
			a.log.printf("failed to validate with in-cluster discovery: %v", err)
			a.log.printf("falling back to validating with external discovery")
			err = a.validate(string(raw), audience, func(url string) (int, []byte, error) {
				status, body, err := a.get(30*time.Second, url)
				return status, []byte(body), err
			})
			if err != nil {
				return a.fatalf("%v", err)
			}
			return 0
		},
	}
}

// fetch gets a document.
type fetch func(url string) (status int, body []byte, err error)

// claims are what a token says.
type claims struct {
	Issuer     string          `json:"iss"`
	Subject    string          `json:"sub"`
	Audience   json.RawMessage `json:"aud"`
	Expiry     float64         `json:"exp"`
	NotBefore  float64         `json:"nbf"`
	Kubernetes struct {
		Namespace      string   `json:"namespace"`
		ServiceAccount kubeName `json:"serviceaccount"`
	} `json:"kubernetes.io"`
}

type kubeName struct {
	Name string `json:"name"`
	UID  string `json:"uid"`
}

// audiences reads a list or a single name.
func (c claims) audiences() (list []string) {
	if json.Unmarshal(c.Audience, &list) != nil {
		var one string
		if json.Unmarshal(c.Audience, &one) == nil {
			list = []string{one}
		}
	}
	return list
}

// validate checks issuer, signature, audience and time of a token.
func (a *app) validate(raw, audience string, get fetch) error {
	t, err := parseToken(raw)
	if err != nil {
		return err
	}
	a.log.printf("OK: got issuer %s", t.Issuer)
	a.log.printf("Full, not-validated claims: \n%+v", t.claims)
	var discovery struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := document(get, strings.TrimSuffix(t.Issuer, "/")+"/.well-known/openid-configuration", &discovery); err != nil {
		return err
	}
	if discovery.Issuer != t.Issuer {
		return fmt.Errorf("oidc: issuer did not match the issuer returned by provider, expected %q got %q", t.Issuer, discovery.Issuer)
	}
	a.log.printf("OK: Constructed OIDC provider for issuer %v", t.Issuer)
	now := float64(time.Now().Unix())
	switch {
	case !slices.Contains(t.audiences(), audience):
		return fmt.Errorf("oidc: expected audience %q got %q", audience, t.audiences())
	case t.Expiry < now:
		return errors.New("oidc: token is expired")
	case t.NotBefore > now+60:
		return errors.New("oidc: current time before the nbf (not before) time")
	}
	var set struct {
		Keys []jsonWebKey `json:"keys"`
	}
	if err := document(get, discovery.Keys, &set); err != nil {
		return err
	}
	if !slices.ContainsFunc(set.Keys, func(k jsonWebKey) bool { return (t.header.Key == "" || k.ID == t.header.Key) && k.verifies(t) }) {
		return errors.New("failed to verify signature: failed to verify id token signature")
	}
	a.log.printf("OK: Validated signature on JWT")
	a.log.printf("OK: Got valid claims from token!")
	a.log.printf("Full, validated claims: \n%+v", t.claims)
	return nil
}

func document(get fetch, url string, into any) error {
	status, body, err := get(url)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%d %s: %s", status, http.StatusText(status), body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("oidc: failed to decode provider discovery object: %w", err)
	}
	return nil
}

// token is a JSON Web Token in its parts.
type token struct {
	header struct {
		Algorithm string `json:"alg"`
		Key       string `json:"kid"`
	}
	claims
	signed    string
	signature []byte
}

func parseToken(raw string) (*token, error) {
	parts := strings.Split(strings.TrimSpace(raw), ".")
	if len(parts) != 3 {
		return nil, errors.New("square/go-jose: compact JWS format must have three parts")
	}
	t := &token{signed: parts[0] + "." + parts[1]}
	for i, into := range []any{&t.header, &t.claims} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, into); err != nil {
			return nil, err
		}
	}
	var err error
	t.signature, err = base64.RawURLEncoding.DecodeString(parts[2])
	return t, err
}

// jsonWebKey is a public key as an issuer publishes it.
type jsonWebKey struct {
	ID    string `json:"kid"`
	Kind  string `json:"kty"`
	Curve string `json:"crv"`
	N     string `json:"n"`
	E     string `json:"e"`
	X     string `json:"x"`
	Y     string `json:"y"`
}

func number(text string) *big.Int {
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return new(big.Int)
	}
	return new(big.Int).SetBytes(data)
}

// algorithms are the ways of signing that Kubernetes uses.
func algorithm(name string) (h crypto.Hash, curve elliptic.Curve, ok bool) {
	switch name {
	case "RS256":
		return crypto.SHA256, nil, true
	case "ES256":
		return crypto.SHA256, elliptic.P256(), true
	case "ES384":
		return crypto.SHA384, elliptic.P384(), true
	case "ES512":
		return crypto.SHA512, elliptic.P521(), true
	}
	return 0, nil, false
}

// verifies reports whether the key made the signature of a token.
func (k jsonWebKey) verifies(t *token) bool {
	sum, curve, ok := algorithm(t.header.Algorithm)
	if !ok {
		return false
	}
	var digest hash.Hash = sum.New()
	digest.Write([]byte(t.signed))
	switch {
	case k.Kind == "RSA" && curve == nil:
		exponent := number(k.E)
		if !exponent.IsInt64() {
			return false
		}
		return rsa.VerifyPKCS1v15(&rsa.PublicKey{N: number(k.N), E: int(exponent.Int64())}, sum, digest.Sum(nil), t.signature) == nil
	case k.Kind == "EC" && curve != nil && k.Curve == curve.Params().Name && len(t.signature)%2 == 0:
		half := len(t.signature) / 2
		r, s := new(big.Int).SetBytes(t.signature[:half]), new(big.Int).SetBytes(t.signature[half:])
		public, err := k.point(curve)
		return err == nil && ecdsa.Verify(public, digest.Sum(nil), r, s)
	}
	return false
}

// point is the key on its curve.
func (k jsonWebKey) point(curve elliptic.Curve) (*ecdsa.PublicKey, error) {
	size := (curve.Params().BitSize + 7) / 8
	data := make([]byte, 1, 1+2*size)
	data[0] = 4 // not compressed
	for _, coordinate := range []string{k.X, k.Y} {
		n := number(coordinate)
		if n.BitLen() > 8*size {
			return nil, errors.New("a coordinate is too long for its curve")
		}
		data = append(data, n.FillBytes(make([]byte, size))...)
	}
	return ecdsa.ParseUncompressedPublicKey(curve, data)
}
