package ingress

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"
)

// fakeCertificate is what ingress-nginx shows for a host without one of its own.
func fakeCertificate(now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, fmt.Errorf("make a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Organization: []string{"Acme Co"}, CommonName: "Kubernetes Ingress Controller Fake Certificate"},
		NotBefore:    now, NotAfter: now.Add(365 * 24 * time.Hour),
		KeyUsage:    x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		DNSNames: []string{"ingress.local"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// certificate finds the certificate for the name that a client asks for.
func (c *Controller) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if s, _ := c.table.Load().find(hello.ServerName, "/"); s != nil && s.secret != "" {
		if own := c.secretCertificate(s.secret); own != nil && own.Leaf.VerifyHostname(hello.ServerName) == nil {
			return own, nil
		}
	}
	return c.fake()
}

// secretCertificate reads a certificate from a Secret; nil when it has none.
func (c *Controller) secretCertificate(key string) *tls.Certificate {
	secrets := c.secrets.Load()
	if secrets == nil {
		return nil
	}
	secret, err := (*secrets).Secrets(namespaceOf(key)).Get(nameOf(key))
	if err != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.parsed[key]; ok && kept.version == secret.ResourceVersion {
		return kept.certificate
	}
	pair, err := tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"])
	kept := parsedSecret{version: secret.ResourceVersion}
	if err == nil {
		kept.certificate = &pair
	} else {
		c.cfg.Logger.Warn("a Secret holds no certificate", "secret", key, "err", err)
	}
	c.parsed[key] = kept
	return kept.certificate
}

// parsedSecret is the certificate of a version of a Secret, nil when it is none.
type parsedSecret struct {
	version     string
	certificate *tls.Certificate
}
