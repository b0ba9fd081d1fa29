package kafka

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/vfs"
)

// TestTLS checks the three ways of trust: a known root with the right name, with a wrong name, and with the name not
// asked for; and that an unknown root is refused also then.
func TestTLS(t *testing.T) {
	certPEM, keyPEM := certificate(t)
	other, _ := certificate(t)
	pair, err := tls.X509KeyPair([]byte(certPEM), []byte(keyPEM))
	if err != nil {
		t.Fatal(err)
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.TLS(&tls.Config{Certificates: []tls.Certificate{pair}}), kfake.SeedTopics(1, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	describe := func(roots string, extra ...string) error {
		props := map[string]string{"security.protocol": "SSL", "ssl.truststore.certificates": roots}
		for i := 0; i < len(extra); i += 2 {
			props[extra[i]] = extra[i+1]
		}
		s, err := Open(&catalog.Table{Stream: catalog.Stream{Topic: "orders", Brokers: c.ListenAddrs(), Props: props}},
			Options{FS: vfs.OS(), Clock: clock.Real{}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			return err
		}
		defer s.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
		defer cancel()
		_, err = s.Describe(ctx)
		return err
	}
	const verify = "ssl.endpoint.identification.algorithm"
	if err := describe(certPEM, verify, ""); err != nil {
		t.Errorf("known root, name not asked for: %v", err)
	}
	if err := describe(certPEM); err == nil {
		t.Error("the certificate is for another host and was accepted")
	}
	if err := describe(other, verify, ""); err == nil {
		t.Error("a certificate of an unknown root was accepted")
	}
}
