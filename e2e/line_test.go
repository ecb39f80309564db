package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// secured is an exchanger behind https, whose certificate the shop trusts until it is changed.
type secured struct {
	*httptest.Server
	wrong atomic.Bool // the certificate is somebody else's
}

func newSecured(t *testing.T, shop *site, e *exchanger) *secured {
	t.Helper()
	to, err := url.Parse(e.url)
	if err != nil {
		t.Fatal(err)
	}
	s, quiet := &secured{}, log.New(io.Discard, "", 0)
	s.Server = httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ErrorLog: quiet})
	trusted, stranger := newCertificate(t), newCertificate(t)
	s.Config.ErrorLog = quiet
	s.TLS = &tls.Config{SessionTicketsDisabled: true, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		if s.wrong.Load() {
			return stranger, nil
		}
		return trusted, nil
	}}
	s.StartTLS()
	s.TLS.Certificates = nil // httptest adds one of its own, which would come first
	t.Cleanup(s.Close)
	file := shop.path("exchanger.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	shop.vars = append(shop.vars, "SSL_CERT_FILE="+file)
	shop.set("EXCHANGER__SITES", fmt.Sprintf(`[{"name":"box","base_url":%q,"headers":{"Authorization":"Bearer of-the-merchant"}}]`, s.URL))
	return s
}

// newCertificate makes a certificate for this machine, signed by itself.
func newCertificate(t *testing.T) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plan := x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	raw, err := x509.CreateCertificate(rand.Reader, &plan, &plan, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// settled waits until the payment of an exchange order is.
func (s *site) settled(uid string) {
	s.t.Helper()
	store := s.open()
	until(s.t, "exchange order "+uid+" is settled here", func() bool {
		for _, p := range allPayments(s.t, store) {
			if p.UID == uid && p.SettledAt != nil {
				return true
			}
		}
		return false
	})
}

// TestAWrongCertificateAndARedirectStopNothingForLong: while the line to the exchanger cannot be trusted nothing goes over it, and what was
// paid meanwhile is found afterwards.
func TestAWrongCertificateAndARedirectStopNothingForLong(t *testing.T) {
	s := newSite(t)
	e := newExchanger(t, s)
	line := newSecured(t, s, e)
	var strays atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strays.Add(1) }))
	defer elsewhere.Close()
	p := s.serve()
	route := "box/" + e.route("LTC", "USDTTRC20")
	buy := func() *purchase {
		t.Helper()
		var b *purchase
		until(t, "a customer is sent to pay", func() bool { // until the circuit is closed again the shop says that it cannot be
			b = newPurchase(route)
			ok, err := b.send(p.shop)
			if err != nil {
				t.Fatal(err)
			}
			return ok && b.uid != ""
		})
		return b
	}
	for name, trouble := range map[string]func(on bool){
		"a wrong certificate": func(on bool) { line.wrong.Store(on); line.CloseClientConnections() },
		"a redirect": func(on bool) {
			form := url.Values{}
			if on {
				form.Set("redirect", elsewhere.URL+"/service/api/v1/")
			}
			e.control("faults", form)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := buy()
			orders, _ := e.orders()
			trouble(true)
			e.control("faults?merge=1", url.Values{"lose": {"1"}})
			e.control("orders/"+b.uid+"/pay", url.Values{"how": {"full"}})
			for range 3 {
				other := newPurchase(route)
				if _, err := other.send(p.shop); err != nil {
					t.Fatal(err)
				}
				if other.uid != "" {
					t.Errorf("a customer is sent to pay %s", other.next)
				}
			}
			if now, _ := e.orders(); len(now) != len(orders) {
				t.Errorf("%d exchange orders were made over a line that cannot be trusted", len(now)-len(orders))
			}
			trouble(false)
			s.settled(b.uid)
		})
	}
	if n := strays.Load(); n > 0 {
		t.Errorf("%d calls followed the redirect", n)
	}
}
