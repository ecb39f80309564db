package jobs

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"mostrador/config"
)

// selfMade is a certificate that nobody signed, and the pool that trusts it all the same.
func selfMade(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shape := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	raw, err := x509.CreateCertificate(rand.Reader, shape, shape, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pool
}

func TestMailGoesInsideTLS(t *testing.T) {
	cert, pool := selfMade(t)
	served := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	for _, scheme := range []string{"smtp", "smtps"} {
		t.Run(scheme, func(t *testing.T) {
			s := newSMTP(t)
			if scheme == "smtps" {
				s.wrap(served)
			} else {
				s.startTLS(served)
			}
			mailer, err := NewMailer(config.Mail{URL: scheme + "://shop:hunter2@" + s.ln.Addr().String(), From: "Almendra <shop@example.com>"})
			if err != nil {
				t.Fatal(err)
			}
			post := Post{ID: "1", To: "maria@example.com", Subject: "Hello", Text: "Hello", HTML: "<p>Hello</p>", Date: time.Now()}

			// A certificate that nobody vouches for gets neither the mail nor the password.
			if _, err := mailer.Send(t.Context(), post); err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Fatalf("sent to a stranger: %v", err)
			}
			if len(s.mails()) != 0 || len(s.signIns()) != 0 {
				t.Fatalf("a stranger got %d mails and %v", len(s.mails()), s.signIns())
			}
			mailer.options = append(mailer.options, mail.WithTLSConfig(&tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}))
			if _, err := mailer.Send(t.Context(), post); err != nil {
				t.Fatal(err)
			}
			got := s.mails()
			if len(got) != 1 || !got[0].tls || len(s.signIns()) != 1 {
				t.Errorf("%+v, signed in with %v", got, s.signIns())
			}
		})
	}
}

// wrap makes every connection begin with TLS, as smtps does.
func (s *smtpServer) wrap(c *tls.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inside = c
}

// startTLS offers STARTTLS.
func (s *smtpServer) startTLS(c *tls.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offered = c
}

func (s *smtpServer) signIns() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.auth...)
}

// upgrade goes on inside TLS on a connection that began in clear.
func upgrade(conn net.Conn, c *tls.Config) (*bufio.Reader, func(string), error) {
	inside := tls.Server(conn, c)
	if err := inside.Handshake(); err != nil {
		return nil, nil, err
	}
	return bufio.NewReader(inside), func(line string) { _, _ = io.WriteString(inside, line+"\r\n") }, nil
}
