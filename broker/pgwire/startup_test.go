package pgwire

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/freshetdb/freshet/internal/errs"
)

func TestStartup(t *testing.T) {
	b := newFakeBackend()
	addr, _ := startServer(t, b, nil)
	const ok = "R S(server_version) S(client_encoding) S(standard_conforming_strings) "
	for _, c := range []struct {
		name    string
		version uint32
		params  []string
		want    string
	}{
		{"3.0", version30, []string{"user", "u"}, ok + "K4 ZI"},
		{"3.2 has a long secret", version30 + 2, []string{"user", "u"}, ok + "K32 ZI"},
		{"grease", version30 + 9999, []string{"user", "u", "_pq_.test_protocol_negotiation", ""},
			"v(30002 [_pq_.test_protocol_negotiation]) " + ok + "K32 ZI"},
		{"unknown option of 3.0", version30, []string{"user", "u", "_pq_.x", "1"}, "v(30000 [_pq_.x]) " + ok + "K4 ZI"},
		{"major 4", 4 << 16, []string{"user", "u"}, "E(FATAL 0A000 unsupported frontend protocol 4.0: server supports 3.0 to 3.2) EOF"},
		{"no user", version30, []string{"database", "d"}, "E(FATAL 28000 no PostgreSQL user name specified in startup packet) EOF"},
		{"replication", version30, []string{"user", "u", "replication", "database"}, "E(FATAL 0A000 replication connections are not supported) EOF"},
		{"odd strings", version30, []string{"user", "u", "alone"},
			"E(FATAL 08P01 invalid startup packet layout: expected terminator as last byte) EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := dial(t, addr)
			cl.startup(c.version, c.params...)
			if got := cl.untilReady(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	b.refuse = errs.User(errs.InvalidCatalogName, "database \"x\" does not exist")
	cl := dial(t, addr)
	cl.startup(version30, "user", "u")
	if got, want := cl.untilReady(), "E(FATAL 3D000 database \"x\" does not exist) EOF"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseStartup(t *testing.T) {
	body := "user\x00Ann\x00DateStyle\x00ISO\x00options\x00-c statement_timeout=90s -csearch_path=a\\ b --jit-x=off -c DateStyle=SQL -q\x00\x00"
	got, err := parseStartup(version30, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	want := &startup{user: "Ann", database: "Ann", settings: map[string]string{"datestyle": "ISO", "statement_timeout": "90s",
		"search_path": "a b", "jit_x": "off"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(startup{}, cancelRequest{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func packet(code uint32, body ...byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	return append(binary.BigEndian.AppendUint32(out, code), body...)
}

func readByte(t *testing.T, c net.Conn) byte {
	t.Helper()
	var b [1]byte
	if _, err := c.Read(b[:]); err != nil {
		t.Fatal(err)
	}
	return b[0]
}

func TestEncryptionRefused(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	c := dial(t, addr)
	c.raw(packet(codeGSS))
	if b := readByte(t, c); b != 'N' {
		t.Fatalf("GSSENCRequest: %c", b)
	}
	c.raw(packet(codeSSL))
	if b := readByte(t, c); b != 'N' {
		t.Fatalf("SSLRequest: %c", b)
	}
	c.raw(packet(codeSSL))
	if got := c.untilReady(); got != "E(FATAL 08P01 a second SSLRequest) EOF" {
		t.Errorf("second SSLRequest: %s", got)
	}
}

func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTLS(t *testing.T) {
	config := &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	addr, _ := startServer(t, newFakeBackend(), func(c *Config) { c.TLS = config })
	session := func(t *testing.T, nc net.Conn) {
		c := &client{t: t, Conn: nc, front: pgproto3.NewFrontend(nc, nc)}
		c.startup(version30, "user", "u")
		if got := c.untilReady(); !strings.HasSuffix(got, "ZI") {
			t.Errorf("got %s", got)
		}
		c.send(&pgproto3.Query{String: "select 1"})
		if got := c.untilReady(); got != "T1 D C:SELECT 1 ZI" {
			t.Errorf("got %s", got)
		}
	}
	t.Run("asked for", func(t *testing.T) {
		c := dial(t, addr)
		c.raw(packet(codeSSL))
		if b := readByte(t, c); b != 'S' {
			t.Fatalf("SSLRequest: %c", b)
		}
		session(t, tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true}))
	})
	t.Run("direct", func(t *testing.T) {
		session(t, tls.Client(dial(t, addr).Conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"postgresql"}}))
	})
	t.Run("direct without ALPN", func(t *testing.T) {
		nc := tls.Client(dial(t, addr).Conn, &tls.Config{InsecureSkipVerify: true})
		c := &client{t: t, Conn: nc, front: pgproto3.NewFrontend(nc, nc)}
		if _, err := nc.Write(packet(version30, []byte("user\x00u\x00\x00")...)); err != nil {
			return
		}
		if got := c.untilReady(); got != "EOF" {
			t.Errorf("got %s, want the connection closed", got)
		}
	})
	t.Run("clear text after SSLRequest", func(t *testing.T) {
		c := dial(t, addr)
		c.raw(append(packet(codeSSL), packet(version30, []byte("user\x00u\x00\x00")...)...))
		if b := readByte(t, c); b != 'S' {
			t.Fatalf("SSLRequest: %c", b)
		}
		if got := c.untilReady(); strings.Contains(got, "Z") {
			t.Errorf("a session was opened from clear text: %s", got)
		}
	})
}

func TestCancelRequest(t *testing.T) {
	b := newFakeBackend()
	addr, _ := startServer(t, b, nil)
	c := connect(t, addr)
	c.send(&pgproto3.Query{String: "sleep"})
	<-b.started
	cancel := func(pid uint32, secret string) {
		t.Helper()
		k := dial(t, addr)
		k.raw(packet(codeCancel, append(binary.BigEndian.AppendUint32(nil, pid), secret...)...))
		if got := k.untilReady(); got != "EOF" {
			t.Errorf("cancel was answered: %s", got)
		}
	}
	cancel(1, "nope")
	cancel(99, "ssss")
	if b.CancelBackend(1, []byte("nope")) {
		t.Error("a wrong secret cancelled")
	}
	cancel(1, "ssss")
	if got := c.untilReady(); got != "T1 E(57014 canceling statement due to user request) ZI" {
		t.Errorf("got %s", got)
	}
	c.send(&pgproto3.Query{String: "select 1"})
	if got := c.untilReady(); got != "T1 D C:SELECT 1 ZI" {
		t.Errorf("the session is not usable: %s", got)
	}
}

func TestStartupTimeout(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), func(c *Config) { c.StartupTimeout = 50 * time.Millisecond })
	c := dial(t, addr)
	c.raw([]byte{0, 0})
	if got := c.untilReady(); got != "EOF" {
		t.Errorf("got %s, want the connection closed", got)
	}
}

// FuzzBytes sends raw bytes, before and after start-up. Whatever they are the connection ends, and no session stays.
func FuzzBytes(f *testing.F) {
	start := packet(version30, []byte("user\x00u\x00\x00")...)
	for _, seed := range [][]byte{
		{}, {0x16, 3, 1, 0, 5}, packet(codeSSL), packet(codeCancel, 1, 2, 3), start,
		bytes.Join([][]byte{start, {'Q', 0, 0, 0, 13}, []byte("select 1\x00")}, nil),
		bytes.Join([][]byte{start, {'P', 0, 0, 0, 8, 0, 0, 0, 0}, {'S', 0, 0, 0, 4}}, nil),
		bytes.Join([][]byte{start, {'B', 0, 0, 0, 12, 0, 0, 0xff, 0xff, 0, 0, 0, 0}}, nil),
		bytes.Join([][]byte{start, {'D', 0, 0, 0, 5, 'S'}, {'E', 0x7f, 0xff, 0xff, 0xff}}, nil),
	} {
		f.Add(seed)
	}
	b := newFakeBackend()
	b.started = make(chan struct{}, 1<<20)
	srv, err := New(Config{Backend: b, StartupTimeout: time.Second})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("sleep")) {
			return
		}
		ours, theirs := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			srv.serveConn(context.Background(), theirs)
		}()
		go func() { // take what the server says, so that it never waits for us
			var sink [4096]byte
			for {
				if _, err := ours.Read(sink[:]); err != nil {
					return
				}
			}
		}()
		if err := ours.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		ours.Write(data) // fails where the server hangs up first
		ours.Close()
		<-done
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.sessions) != 0 {
			t.Fatalf("%d sessions are left", len(b.sessions))
		}
		b.opened = nil
	})
}
