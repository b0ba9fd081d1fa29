package pgwire

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// Codes in place of a protocol version, and version numbers.
const (
	codeCancel       = 80877102
	codeSSL          = 80877103
	codeGSS          = 80877104
	protocolMajor    = 3
	newestMinor      = 2
	version30        = protocolMajor << 16
	maxStartupBytes  = 10_000
	minStartupBytes  = 8
	tlsHandshakeByte = 0x16
	alpnProtocol     = "postgresql"
	// Secrets of cancel requests: exactly four bytes in 3.0, more from 3.2 on.
	secretBytes30 = 4
	secretBytes32 = 32
	maxSecret     = 256
)

// startup is what a client asked for when it connected.
type startup struct {
	cancel *cancelRequest // instead of a session
	minor  uint32         // protocol version 3.minor, at most newestMinor
	// negotiate says that the client has to be told what is not supported.
	negotiate      bool
	unknownOptions []string // _pq_. names
	user, database string
	settings       map[string]string // lower-case names
}

type cancelRequest struct {
	pid    int32
	secret []byte
}

// errDisconnected ends a connection without a word: the client left, or sent nothing that deserves an answer.
var errDisconnected = errors.New("disconnected")

// negotiator reads the start-up packets of a connection, which it may wrap in TLS.
type negotiator struct {
	conn net.Conn
	tls  *tls.Config // nil: not offered
}

// run reads packets until there is one that starts a session or cancels. It reads exactly the bytes of each packet, so
// that nothing sent in clear text can be taken for what comes after a TLS handshake.
func (n *negotiator) run(ctx context.Context) (*startup, error) {
	sslAsked, gssAsked := false, false
	for first := true; ; first = false {
		code, body, err := n.packet(ctx, first)
		if err != nil {
			return nil, err
		}
		switch code {
		case codeSSL:
			if sslAsked {
				return nil, fatal(errs.ProtocolViolation, "a second SSLRequest")
			}
			sslAsked = true
			if err := n.answerSSL(ctx); err != nil {
				return nil, err
			}
		case codeGSS:
			if gssAsked {
				return nil, fatal(errs.ProtocolViolation, "a second GSSENCRequest")
			}
			gssAsked = true
			if _, err := n.conn.Write([]byte{'N'}); err != nil {
				return nil, fmt.Errorf("answer GSSENCRequest: %w", err)
			}
		case codeCancel:
			if len(body) < 4+4 || len(body) > 4+maxSecret {
				return nil, errDisconnected
			}
			return &startup{cancel: &cancelRequest{int32(binary.BigEndian.Uint32(body)), body[4:]}}, nil
		default:
			return parseStartup(code, body)
		}
	}
}

func (n *negotiator) answerSSL(ctx context.Context) error {
	answer := byte('N')
	if _, already := n.conn.(*tls.Conn); n.tls != nil && !already {
		answer = 'S'
	}
	if _, err := n.conn.Write([]byte{answer}); err != nil {
		return fmt.Errorf("answer SSLRequest: %w", err)
	}
	if answer == 'N' {
		return nil
	}
	return n.handshake(ctx, n.conn, false)
}

// handshake wraps the connection in TLS. Connections that begin with TLS have to name the protocol (ALPN).
func (n *negotiator) handshake(ctx context.Context, under net.Conn, direct bool) error {
	config := n.tls.Clone()
	config.NextProtos = []string{alpnProtocol}
	secured := tls.Server(under, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("TLS handshake: %w", err)
	}
	if direct && secured.ConnectionState().NegotiatedProtocol != alpnProtocol {
		return fmt.Errorf("TLS handshake: a direct connection has to offer ALPN %q", alpnProtocol)
	}
	n.conn = secured
	return nil
}

// packet reads one start-up packet: its code, and what follows the code.
func (n *negotiator) packet(ctx context.Context, first bool) (code uint32, body []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(n.conn, head[:4]); err != nil {
		return 0, nil, errDisconnected
	}
	if first && head[0] == tlsHandshakeByte && n.tls != nil {
		under := &prefixed{Conn: n.conn, prefix: append([]byte(nil), head[:4]...)}
		if err := n.handshake(ctx, under, true); err != nil {
			return 0, nil, err
		}
		return n.packet(ctx, false)
	}
	size := binary.BigEndian.Uint32(head[:4])
	if size < minStartupBytes || size > maxStartupBytes {
		return 0, nil, fatal(errs.ProtocolViolation, "invalid length of startup packet")
	}
	if _, err := io.ReadFull(n.conn, head[4:]); err != nil {
		return 0, nil, errDisconnected
	}
	body = make([]byte, size-minStartupBytes)
	if _, err := io.ReadFull(n.conn, body); err != nil {
		return 0, nil, errDisconnected
	}
	return binary.BigEndian.Uint32(head[4:]), body, nil
}

// prefixed is a connection whose first bytes were already read.
type prefixed struct {
	net.Conn
	prefix []byte
}

// Read implements net.Conn.
func (p *prefixed) Read(b []byte) (int, error) {
	if len(p.prefix) > 0 {
		n := copy(b, p.prefix)
		p.prefix = p.prefix[n:]
		return n, nil
	}
	return p.Conn.Read(b)
}

func parseStartup(version uint32, body []byte) (*startup, error) {
	if major := version >> 16; major != protocolMajor {
		return nil, fatal(errs.FeatureNotSupported, "unsupported frontend protocol %d.%d: server supports 3.0 to 3.%d",
			major, version&0xffff, newestMinor)
	}
	s := &startup{minor: version & 0xffff, settings: map[string]string{}}
	if s.minor > newestMinor {
		s.minor, s.negotiate = newestMinor, true
	}
	options := ""
	for len(body) > 0 && body[0] != 0 {
		var name, value string
		var ok1, ok2 bool
		name, body, ok1 = cutString(body)
		value, body, ok2 = cutString(body)
		if !ok1 || !ok2 {
			return nil, fatal(errs.ProtocolViolation, "invalid startup packet layout: expected terminator as last byte")
		}
		switch lower := strings.ToLower(name); {
		case strings.HasPrefix(lower, "_pq_."):
			s.unknownOptions = append(s.unknownOptions, name)
			s.negotiate = true
		case lower == "user":
			s.user = value
		case lower == "database":
			s.database = value
		case lower == "options":
			options = value
		case lower == "replication":
			if on := strings.ToLower(value); on != "" && on != "false" && on != "off" && on != "no" && on != "0" {
				return nil, fatal(errs.FeatureNotSupported, "replication connections are not supported")
			}
		default:
			s.settings[lower] = value
		}
	}
	if len(body) != 1 {
		return nil, fatal(errs.ProtocolViolation, "invalid startup packet layout: expected terminator as last byte")
	}
	if s.user == "" {
		return nil, fatal(errs.InvalidAuthorization, "no PostgreSQL user name specified in startup packet")
	}
	if s.database == "" {
		s.database = s.user
	}
	// The packet's own parameters are stronger than those inside options.
	for name, value := range commandLineSettings(options) {
		if _, stated := s.settings[name]; !stated {
			s.settings[name] = value
		}
	}
	return s, nil
}

func cutString(b []byte) (s string, rest []byte, ok bool) {
	end := bytes.IndexByte(b, 0)
	if end < 0 {
		return "", nil, false
	}
	return string(b[:end]), b[end+1:], true
}

// commandLineSettings reads `-c name=value -cname=value --name=value`, with backslashes before spaces. What has no such
// form is left out.
func commandLineSettings(options string) map[string]string {
	settings := map[string]string{}
	words := splitOptions(options)
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "-c" && i+1 < len(words):
			i++
			w = words[i]
		case strings.HasPrefix(w, "--"):
			w = w[2:]
		case strings.HasPrefix(w, "-c"):
			w = w[2:]
		default:
			continue
		}
		if name, value, ok := strings.Cut(w, "="); ok {
			settings[strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name), "-", "_"))] = value
		}
	}
	return settings
}

func splitOptions(s string) []string {
	var words []string
	var word []byte
	inWord := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			word, inWord = append(word, s[i]), true
		case c == ' ' || c == '\t' || c == '\n':
			if inWord {
				words = append(words, string(word))
			}
			word, inWord = word[:0], false
		default:
			word, inWord = append(word, c), true
		}
	}
	if inWord {
		words = append(words, string(word))
	}
	return words
}
