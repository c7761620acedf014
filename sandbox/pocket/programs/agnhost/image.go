package agnhost

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"image"
	"image/jpeg"
	"io/fs"
	"math/big"
	"net"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// Image is the content of the image agnhost beside its programs: a certificate of
// localhost for the subcommand porter, a folder for uploads, and a user with a
// group of his own for tests of groups.
func Image() map[string]files.Entry {
	cert, key := localhost()
	return map[string]files.Entry{
		"/agnhost-2":     {Link: "agnhost"},
		"/localhost.crt": {Content: cert},
		"/localhost.key": {Content: key, Mode: 0o600},
		"/uploads":       {Mode: fs.ModeDir | 0o755},
		"/home/user-defined-in-image": {
			Mode: fs.ModeDir | 0o755, UID: 1000, GID: 1000,
		},
		"/etc/passwd": {Content: `root:x:0:0:root:/root:/bin/sh
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh
`},
		"/etc/group": {Content: `root:x:0:root
bin:x:1:root,bin,daemon
daemon:x:2:root,bin,daemon
nogroup:x:65533:
nobody:x:65534:
user-defined-in-image:x:1000:
group-defined-in-image:x:50000:user-defined-in-image
`},
	}
}

// localhost makes a certificate for this machine and its key, both in PEM. The
// real image has one for ever; this one is new in each process.
func localhost() (cert, key string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", ""
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Acme Co"}},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2084, 1, 29, 16, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true,
		DNSNames: []string{"example.com"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return "", ""
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", ""
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// Picture is a small picture in JPEG, in place of the photographs of the images
// nautilus and kitten.
func Picture() string {
	canvas := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range canvas.Pix {
		canvas.Pix[i] = uint8(i)
	}
	var out bytes.Buffer
	if jpeg.Encode(&out, canvas, nil) != nil {
		return ""
	}
	return out.String()
}
