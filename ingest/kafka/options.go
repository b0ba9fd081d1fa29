package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vfs"
)

// maxPEMBytes bounds a certificate or key file.
const maxPEMBytes = 1 << 20

func badProp(key, value, want string) error {
	return errs.User(errs.InvalidParameterValue, "streamConfigs: %s is %q, want %s", key, value, want)
}

// security gives the client options for a stream's security.protocol, sasl.* and ssl.* properties.
func security(fsys vfs.FS, props map[string]string) ([]kgo.Opt, error) {
	protocol := strings.ToUpper(strings.TrimSpace(props["security.protocol"]))
	var useTLS, useSASL bool
	switch protocol {
	case "", "PLAINTEXT":
	case "SSL":
		useTLS = true
	case "SASL_PLAINTEXT":
		useSASL = true
	case "SASL_SSL":
		useTLS, useSASL = true, true
	default:
		return nil, badProp("security.protocol", protocol, "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
	}
	var opts []kgo.Opt
	if useTLS {
		cfg, err := tlsConfig(fsys, props)
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(cfg))
	}
	if useSASL {
		m, err := saslMechanism(props)
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.SASL(m))
	}
	return opts, nil
}

// saslMechanism reads sasl.mechanism and the credentials of sasl.jaas.config, or sasl.username and sasl.password.
func saslMechanism(props map[string]string) (sasl.Mechanism, error) {
	user, password := props["sasl.username"], props["sasl.password"]
	if jaas := strings.TrimSpace(props["sasl.jaas.config"]); jaas != "" {
		values, err := parseJAAS(jaas)
		if err != nil {
			return nil, err
		}
		user, password = values["username"], values["password"]
	}
	mechanism := strings.ToUpper(strings.TrimSpace(props["sasl.mechanism"]))
	if mechanism != "" && user == "" {
		return nil, errs.User(errs.InvalidParameterValue, "streamConfigs: sasl.mechanism is %s and there is no username in sasl.jaas.config or sasl.username", mechanism)
	}
	switch mechanism {
	case "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return scram.Auth{User: user, Pass: password}.AsSha512Mechanism(), nil
	default:
		return nil, badProp("sasl.mechanism", mechanism, "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
	}
}

// parseJAAS reads a login configuration: a module class, a flag, and key="value" pairs, closed by a semicolon. The text
// holds a password: no error quotes it.
func parseJAAS(text string) (map[string]string, error) {
	bad := func(what string) error {
		return errs.User(errs.InvalidParameterValue,
			`streamConfigs: cannot read sasl.jaas.config: %s; want a form such as org.apache...PlainLoginModule required username="..." password="...";`, what)
	}
	rest := strings.TrimSpace(text)
	if !strings.HasSuffix(rest, ";") {
		return nil, bad("it does not end with a semicolon")
	}
	rest = strings.TrimSpace(rest[:len(rest)-1])
	for _, what := range []string{"login module", "flag"} {
		word, tail, _ := strings.Cut(rest, " ")
		if word == "" || strings.ContainsAny(word, `="`) {
			return nil, bad("there is no " + what)
		}
		rest = strings.TrimSpace(tail)
	}
	values := map[string]string{}
	for rest != "" {
		key, tail, found := strings.Cut(rest, "=")
		if key = strings.TrimSpace(key); !found || key == "" || strings.ContainsAny(key, `" `) {
			return nil, bad("an option is not of the form key=value")
		}
		value, after, ok := jaasValue(strings.TrimLeft(tail, " \t\r\n"))
		if !ok {
			return nil, bad("the value of " + key + " is not closed")
		}
		values[key], rest = value, strings.TrimSpace(after)
	}
	return values, nil
}

// jaasValue reads a value, quoted with either quote and backslash escapes, or bare up to white space.
func jaasValue(s string) (value, rest string, ok bool) {
	if s == "" {
		return "", "", false
	}
	quote := s[0]
	if quote != '"' && quote != '\'' {
		end := strings.IndexAny(s, " \t\r\n")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == quote:
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

// tlsConfig reads the ssl.* properties: PEM only, from files or inline, named as Kafka's Java client or librdkafka do.
func tlsConfig(fsys vfs.FS, props map[string]string) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	for _, key := range []string{"ssl.truststore.type", "ssl.keystore.type"} {
		if kind := props[key]; kind != "" && !strings.EqualFold(kind, "PEM") {
			return nil, badProp(key, kind, "PEM: convert the store, for example with keytool and openssl")
		}
	}
	roots, from, err := pemOf(fsys, props, "ssl.truststore.certificates", "ssl.truststore.location", "ssl.ca.pem", "ssl.ca.location")
	if err != nil {
		return nil, err
	}
	if roots != nil {
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(roots) {
			return nil, errs.User(errs.InvalidParameterValue, "streamConfigs: %s has no certificate in PEM form", from)
		}
	}
	cert, certFrom, err := pemOf(fsys, props, "ssl.keystore.certificate.chain", "ssl.certificate.pem", "ssl.keystore.location", "ssl.certificate.location")
	if err != nil {
		return nil, err
	}
	key, keyFrom, err := pemOf(fsys, props, "ssl.keystore.key", "ssl.key.pem", "ssl.key.location")
	if err != nil {
		return nil, err
	}
	if cert != nil {
		if key == nil { // one file with both, as a PEM key store is
			key, keyFrom = cert, certFrom
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return nil, errs.User(errs.InvalidParameterValue, "streamConfigs: cannot use the certificate of %s with the key of %s", certFrom, keyFrom).Wrap(err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	if v, ok := props["ssl.endpoint.identification.algorithm"]; ok && strings.TrimSpace(v) == "" {
		skipHostname(cfg)
	}
	return cfg, nil
}

// skipHostname keeps the verification of the certificate chain and leaves out that of the host name, which is what an
// empty ssl.endpoint.identification.algorithm asks for.
func skipHostname(cfg *tls.Config) {
	cfg.InsecureSkipVerify = true // replaced by the function below
	cfg.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "broker sent no certificate")
		}
		opts := x509.VerifyOptions{Roots: cfg.RootCAs, Intermediates: x509.NewCertPool()}
		for _, c := range s.PeerCertificates[1:] {
			opts.Intermediates.AddCert(c)
		}
		_, err := s.PeerCertificates[0].Verify(opts)
		return err
	}
}

// pemOf gives the first property that is set: the text itself, or for names that end in location the file's.
func pemOf(fsys vfs.FS, props map[string]string, keys ...string) (pem []byte, from string, err error) {
	for _, key := range keys {
		value := strings.TrimSpace(props[key])
		if value == "" {
			continue
		}
		if !strings.HasSuffix(key, ".location") {
			return []byte(value), key, nil
		}
		b, err := vfs.ReadFile(fsys, value, maxPEMBytes)
		if err != nil {
			return nil, key, errs.User(errs.InvalidParameterValue, "streamConfigs: cannot read %s %q", key, value).Wrap(err)
		}
		if !strings.Contains(string(b), "-----BEGIN") {
			return nil, key, badProp(key, value, "a file in PEM form")
		}
		return b, fmt.Sprintf("%s %q", key, value), nil
	}
	return nil, "", nil
}
