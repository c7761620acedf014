package sandbox

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	authorityLife   = 10 * 365 * 24 * time.Hour
	certificateLife = 365 * 24 * time.Hour
	// renewBefore is how much life a kept certificate must have left.
	renewBefore = 90 * 24 * time.Hour
)

// keyPair is a certificate and its key, in memory and as PEM files.
type keyPair struct {
	cert     *x509.Certificate
	key      crypto.Signer
	certFile string
	keyFile  string
}

// pki is every credential of the cluster, kept in one directory.
type pki struct {
	ca         keyPair // signs everything of Kubernetes
	apiServer  keyPair
	kubelet    keyPair // the kubelet's server
	toKubelet  keyPair // kube-apiserver as a client of the kubelet
	frontCA    keyPair // signs frontProxy and nothing else
	frontProxy keyPair // kube-apiserver as a client of aggregated servers
	admin      keyPair
	controller keyPair
	scheduler  keyPair
	node       keyPair

	etcdCA     keyPair // of its own, so that no Kubernetes certificate opens etcd
	etcd       keyPair
	etcdClient keyPair

	serviceAccounts string // key file that signs ServiceAccount tokens
}

// frontProxyName is who kube-apiserver is to aggregated servers.
const frontProxyName = "front-proxy-client"

// loadPKI reads the credentials in dir and makes what is missing or soon to
// expire. The authorities and the ServiceAccount key stay the same for the
// life of the sandbox.
func loadPKI(dir string) (*pki, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of certificates: %w", err)
	}
	p := &pki{serviceAccounts: filepath.Join(dir, "service-accounts.key")}
	var err error
	if p.ca, err = loadAuthority(dir, "ca", "k8stutor-sandbox"); err != nil {
		return nil, err
	}
	if p.etcdCA, err = loadAuthority(dir, "etcd-ca", "k8stutor-sandbox-etcd"); err != nil {
		return nil, err
	}
	if p.frontCA, err = loadAuthority(dir, "front-proxy-ca", "front-proxy-ca"); err != nil {
		return nil, err
	}
	for _, leaf := range []struct {
		into  *keyPair
		ca    keyPair
		name  string
		user  string
		group string
		hosts []string
	}{
		{&p.apiServer, p.ca, "kube-apiserver", "kube-apiserver", "", []string{
			"127.0.0.1", "localhost", apiServiceIP, controlPlaneIP,
			"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		}},
		{&p.kubelet, p.ca, "kubelet", "system:node:" + NodeName, "system:nodes", []string{NodeName, nodeIP}},
		{&p.toKubelet, p.ca, "kube-apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters", nil},
		{&p.frontProxy, p.frontCA, "front-proxy-client", frontProxyName, "", nil},
		{&p.admin, p.ca, "admin", "k8stutor-sandbox", "system:masters", nil},
		// In the administrators' group, because giving each controller an
		// account of its own costs forty requests at every start.
		{&p.controller, p.ca, "kube-controller-manager", "system:kube-controller-manager", "system:masters", nil},
		{&p.scheduler, p.ca, "kube-scheduler", "system:kube-scheduler", "", nil},
		{&p.node, p.ca, "node", "system:node:" + NodeName, "system:nodes", nil},
		{&p.etcd, p.etcdCA, "etcd", "etcd", "", []string{"127.0.0.1", "localhost"}},
		{&p.etcdClient, p.etcdCA, "etcd-client", "kube-apiserver", "", nil},
	} {
		template := &x509.Certificate{Subject: pkix.Name{CommonName: leaf.user}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
		if leaf.group != "" {
			template.Subject.Organization = []string{leaf.group}
		}
		for _, h := range leaf.hosts {
			if ip := net.ParseIP(h); ip != nil {
				template.IPAddresses = append(template.IPAddresses, ip)
			} else {
				template.DNSNames = append(template.DNSNames, h)
			}
		}
		if len(leaf.hosts) > 0 {
			template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
		}
		if *leaf.into, err = loadLeaf(dir, leaf.name, leaf.ca, template); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(p.serviceAccounts); errors.Is(err, os.ErrNotExist) {
		key, err := newKey()
		if err == nil {
			err = writeKey(p.serviceAccounts, key)
		}
		if err != nil {
			return nil, fmt.Errorf("make the ServiceAccount key: %w", err)
		}
	}
	return p, nil
}

func loadAuthority(dir, name, commonName string) (keyPair, error) {
	pair, err := readPair(dir, name)
	if err == nil && time.Until(pair.cert.NotAfter) > renewBefore && time.Now().After(pair.cert.NotBefore) {
		return pair, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return keyPair{}, fmt.Errorf("read the certificate authority %s: %w; `sandbox down --purge` makes a new sandbox", name, err)
	}
	return issue(dir, name, keyPair{}, &x509.Certificate{
		Subject:               pkix.Name{CommonName: commonName},
		NotAfter:              time.Now().Add(authorityLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	})
}

func loadLeaf(dir, name string, ca keyPair, template *x509.Certificate) (keyPair, error) {
	pair, err := readPair(dir, name)
	if err == nil && pair.cert.CheckSignatureFrom(ca.cert) == nil &&
		time.Until(pair.cert.NotAfter) > renewBefore && pair.cert.NotBefore.Unix() == 0 && // earlier versions made them valid from their day on
		pair.cert.Subject.String() == template.Subject.String() &&
		slices.Equal(pair.cert.DNSNames, template.DNSNames) &&
		slices.EqualFunc(pair.cert.IPAddresses, template.IPAddresses, net.IP.Equal) {
		return pair, nil
	}
	template.NotAfter = time.Now().Add(certificateLife)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	return issue(dir, name, ca, template)
}

// issue makes a key and a certificate signed by ca, or by itself when ca is empty.
func issue(dir, name string, ca keyPair, template *x509.Certificate) (keyPair, error) {
	pair := pairFiles(dir, name)
	key, err := newKey()
	if err != nil {
		return keyPair{}, err
	}
	pair.key = key
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return keyPair{}, err
	}
	template.SerialNumber = serial
	// Valid since ever: a clock that is set back, or that was wrong when the
	// certificate was made, must not lock anybody out.
	template.NotBefore = time.Unix(0, 0)
	parent, signer := template, crypto.Signer(key)
	if ca.cert != nil {
		parent, signer = ca.cert, ca.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return keyPair{}, fmt.Errorf("sign the certificate %s: %w", name, err)
	}
	if pair.cert, err = x509.ParseCertificate(der); err != nil {
		return keyPair{}, err
	}
	if err := writeKey(pair.keyFile, key); err != nil {
		return keyPair{}, err
	}
	return pair, writeFile(pair.certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func pairFiles(dir, name string) keyPair {
	return keyPair{certFile: filepath.Join(dir, name+".crt"), keyFile: filepath.Join(dir, name+".key")}
}

func readPair(dir, name string) (keyPair, error) {
	pair := pairFiles(dir, name)
	cert, err := readPEM(pair.certFile)
	if err != nil {
		return keyPair{}, err
	}
	key, err := readPEM(pair.keyFile)
	if err != nil {
		return keyPair{}, err
	}
	if pair.cert, err = x509.ParseCertificate(cert); err != nil {
		return keyPair{}, err
	}
	ec, err := x509.ParseECPrivateKey(key)
	if err != nil {
		return keyPair{}, err
	}
	if !ec.PublicKey.Equal(pair.cert.PublicKey) {
		return keyPair{}, fmt.Errorf("%s does not belong to %s", pair.keyFile, pair.certFile)
	}
	pair.key = ec
	return pair, nil
}

func readPEM(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("%s is damaged", name)
	}
	return block.Bytes, nil
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func writeKey(name string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writeFile(name, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}
