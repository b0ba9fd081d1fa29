package kafka

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vfs"
)

func TestParseJAAS(t *testing.T) {
	good := map[string]map[string]string{
		`a.b.PlainLoginModule required username="u" password="p";`:           {"username": "u", "password": "p"},
		"  X required\n  username='u 1'\n  password=\"a\\\"b\\\\c\" ; ":      {"username": "u 1", "password": `a"b\c`},
		`X required username=u password=p;`:                                  {"username": "u", "password": "p"},
		`X required username="" password="=;";`:                              {"username": "", "password": "=;"},
		`X required;`:                                                        {},
		`X required username="u" password="p" tokenauth="true" extra = "1";`: {"username": "u", "password": "p", "tokenauth": "true", "extra": "1"},
	}
	for text, want := range good {
		got, err := parseJAAS(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for _, text := range []string{``, `;`, `X required username="u"`, `X;`, `username="u";`, `X required username;`, `X required username="u;`, `X required ="u";`, `X required username=;`} {
		if got, err := parseJAAS(text); err == nil || errs.ClassOf(err) != errs.ClassUser {
			t.Errorf("%q gave %v, %v", text, got, err)
		}
	}
}

func FuzzParseJAAS(f *testing.F) {
	f.Add(`a.PlainLoginModule required username="u" password="p\"";`)
	f.Add(`X required a='b' c=d;`)
	f.Fuzz(func(t *testing.T, text string) {
		values, err := parseJAAS(text)
		if err != nil {
			if values != nil {
				t.Fatal("values and an error")
			}
			return
		}
		for k := range values {
			if k == "" || !strings.Contains(text, k) {
				t.Fatalf("key %q does not come from %q", k, text)
			}
		}
	})
}

func TestSecurityProperties(t *testing.T) {
	certPEM, keyPEM := certificate(t)
	fsys := vfs.OS()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := dir + "/" + name
		if err := vfs.WriteAtomic(fsys, path, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca, both, junk := file("ca.pem", certPEM), file("both.pem", certPEM+keyPEM), file("store.jks", "\xfe\xed\xfe\xed")
	cases := []struct {
		name  string
		props map[string]string
		opts  int
		bad   string
	}{
		{"nothing", nil, 0, ""},
		{"plaintext", map[string]string{"security.protocol": "plaintext"}, 0, ""},
		{"tls", map[string]string{"security.protocol": "SSL"}, 1, ""},
		{"tls with roots", map[string]string{"security.protocol": "SSL", "ssl.truststore.location": ca, "ssl.truststore.type": "PEM"}, 1, ""},
		{"inline roots", map[string]string{"security.protocol": "SSL", "ssl.truststore.certificates": certPEM}, 1, ""},
		{"client certificate", map[string]string{"security.protocol": "SSL", "ssl.keystore.location": both}, 1, ""},
		{"inline key", map[string]string{"security.protocol": "SSL", "ssl.keystore.certificate.chain": certPEM, "ssl.keystore.key": keyPEM}, 1, ""},
		{"both", map[string]string{"security.protocol": "SASL_SSL", "sasl.mechanism": "scram-sha-512", "sasl.username": "u", "sasl.password": "p"}, 2, ""},
		{"unknown protocol", map[string]string{"security.protocol": "KERBEROS"}, 0, `security.protocol is "KERBEROS", want PLAINTEXT`},
		{"unknown mechanism", map[string]string{"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", "sasl.username": "u"}, 0, `sasl.mechanism is "GSSAPI", want PLAIN`},
		{"no mechanism", map[string]string{"security.protocol": "SASL_SSL"}, 0, `sasl.mechanism is ""`},
		{"no user", map[string]string{"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}, 0, "no username"},
		{"java key store", map[string]string{"security.protocol": "SSL", "ssl.truststore.type": "JKS", "ssl.truststore.location": junk}, 0, `ssl.truststore.type is "JKS", want PEM`},
		{"not PEM", map[string]string{"security.protocol": "SSL", "ssl.truststore.location": junk}, 0, "want a file in PEM form"},
		{"no such file", map[string]string{"security.protocol": "SSL", "ssl.ca.location": dir + "/none"}, 0, "cannot read ssl.ca.location"},
		{"certificate without key", map[string]string{"security.protocol": "SSL", "ssl.certificate.location": ca}, 0, "cannot use the certificate"},
		{"roots without certificate", map[string]string{"security.protocol": "SSL", "ssl.truststore.certificates": "-----BEGIN NOTHING"}, 0, "no certificate in PEM form"},
	}
	for _, c := range cases {
		opts, err := security(fsys, c.props)
		if c.bad == "" && (err != nil || len(opts) != c.opts) {
			t.Errorf("%s: %d options, %v", c.name, len(opts), err)
		}
		if c.bad != "" && (err == nil || !strings.Contains(err.Error(), c.bad) || errs.ClassOf(err) != errs.ClassUser) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.bad)
		}
	}
}

func certificate(t *testing.T) (certPEM, keyPEM string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		IsCA: true, BasicConstraintsValid: true, DNSNames: []string{"broker.example"}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))
}
