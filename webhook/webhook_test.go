package webhook_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"mostrador/webhook"
)

func TestTheStandardsOwnLibraryTakesTheSignature(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body, id := []byte(rapid.String().Draw(t, "body")), rapid.StringMatching(`msg_[a-z0-9]{1,30}`).Draw(t, "id")
		now, old := webhook.NewSecret(), webhook.NewSecret()
		h := http.Header{}
		if err := webhook.SignHeader(h, []string{now, old}, id, time.Now(), body); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{now, old} {
			w, err := standard.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Verify(body, h); err != nil {
				t.Errorf("not taken: %v", err)
			}
			if w.Verify(append(body, 'x'), h) == nil {
				t.Error("another body is taken")
			}
		}
		other, err := standard.NewWebhook(webhook.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		if other.Verify(body, h) == nil {
			t.Error("another secret is taken")
		}
	})
}

func TestTheStandardsExample(t *testing.T) {
	got, err := webhook.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestASecretThatIsNoneSignsNothingAndIsNotRepeated(t *testing.T) {
	for _, secret := range []string{"", "whsec_", "whsec_short", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!"} {
		_, err := webhook.Sign(secret, "id", time.Now(), nil)
		if err == nil || len(secret) > 6 && strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", secret, err)
		}
	}
}

func TestWhichAddressesAreTaken(t *testing.T) {
	for _, tt := range []struct {
		url    string
		public error // with webhooks.allow_private: false
		loose  error // with true
	}{
		{"https://shop.example/hooks?a=b", nil, nil},
		{"http://shop.example:8080/", nil, nil},
		{"https://93.184.216.34/", nil, nil},
		{"http://localhost:8080/", webhook.ErrPrivate, nil},
		{"http://LOCALHOST./", webhook.ErrPrivate, nil},
		{"http://a.localhost/", webhook.ErrPrivate, nil},
		{"http://127.0.0.1/", webhook.ErrPrivate, nil},
		{"http://[::1]/", webhook.ErrPrivate, nil},
		{"http://[::ffff:127.0.0.1]/", webhook.ErrPrivate, nil},
		{"http://10.1.2.3/", webhook.ErrPrivate, nil},
		{"http://192.168.1.1/", webhook.ErrPrivate, nil},
		{"http://169.254.169.254/latest/meta-data", webhook.ErrPrivate, nil},
		{"http://0.0.0.0/", webhook.ErrPrivate, nil},
		{"ftp://shop.example/", webhook.ErrURL, webhook.ErrURL},
		{"shop.example/hooks", webhook.ErrURL, webhook.ErrURL},
		{"https:///hooks", webhook.ErrURL, webhook.ErrURL},
		{"https://u:p@shop.example/", webhook.ErrURL, webhook.ErrURL},
		{"https://shop.example/#top", webhook.ErrURL, webhook.ErrURL},
		{"https://shop.example/a b", webhook.ErrURL, webhook.ErrURL},
		{"https://shop.example/" + strings.Repeat("x", 2000), webhook.ErrURL, webhook.ErrURL},
		{"", webhook.ErrURL, webhook.ErrURL},
	} {
		if err := webhook.CheckURL(tt.url, false); !errors.Is(err, tt.public) || (err == nil) != (tt.public == nil) {
			t.Errorf("%s: got %v, want %v", tt.url, err, tt.public)
		}
		if err := webhook.CheckURL(tt.url, true); !errors.Is(err, tt.loose) || (err == nil) != (tt.loose == nil) {
			t.Errorf("%s with private ones allowed: got %v, want %v", tt.url, err, tt.loose)
		}
	}
}

func send(t *testing.T, opt webhook.SenderOptions, address string) webhook.Result {
	t.Helper()
	s := webhook.NewSender(opt)
	t.Cleanup(s.Close)
	return s.Deliver(context.Background(), webhook.Message{ID: "msg_1", URL: address, Body: []byte(`{}`), Secrets: []string{webhook.NewSecret()}})
}

func TestHowADeliveryGoes(t *testing.T) {
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer away.Close()
	hang := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			body, _ := io.ReadAll(r.Body)
			if r.Method != http.MethodPost || string(body) != "{}" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("webhook-id") != "msg_1" {
				t.Errorf("%s %q %v", r.Method, body, r.Header)
			}
			w.WriteHeader(http.StatusNoContent)
		case "/moved":
			http.Redirect(w, r, away.URL, http.StatusFound)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/broken":
			http.Error(w, "no\x00 \x1b[31mway\n"+strings.Repeat("x", 10000), http.StatusInternalServerError)
		case "/reset":
			panic(http.ErrAbortHandler)
		case "/hang":
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}
	}))
	defer srv.Close()
	defer close(hang)
	open := webhook.SenderOptions{AllowPrivate: true, Timeout: 300 * time.Millisecond}
	for _, tt := range []struct {
		path, reason    string
		status          int
		delivered, gone bool
	}{
		{"/ok", "", 204, true, false},
		{"/moved", "redirects are not followed", 302, false, false},
		{"/gone", "answered 410", 410, false, true},
		{"/broken", "answered 500 no [31mway xxx", 500, false, false},
		{"/reset", "EOF", 0, false, false},
		{"/hang", "no answer within 300ms", 0, false, false},
	} {
		r := send(t, open, srv.URL+tt.path)
		if r.Status != tt.status || r.Delivered() != tt.delivered || r.Gone() != tt.gone || !strings.Contains(r.Error, tt.reason) || tt.delivered && r.Error != "" || len(r.Error) > 260 {
			t.Errorf("%s: %+v", tt.path, r)
		}
	}
	r := send(t, webhook.SenderOptions{}, srv.URL+"/ok")
	if r.Delivered() || !strings.Contains(r.Error, "private or loopback") {
		t.Errorf("loopback was reached: %+v", r)
	}
}

func TestANameThatLeadsToAPrivateAddressIsRefusedWhenItIsDialled(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ip6-localhost", "localhost.localdomain"} {
		if ips, err := net.LookupHost(name); err != nil || len(ips) == 0 {
			continue // this machine does not know the name
		}
		if r := send(t, webhook.SenderOptions{}, "http://"+name+":"+u.Port()+"/"); r.Delivered() || !strings.Contains(r.Error, "not allowed") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, s := range []string{"https://shop.example/", "http://127.0.0.1/", "http://[::1%25eth0]/", "http://%31/", "//x", "http://0x7f.1/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if webhook.CheckURL(s, false) == nil && webhook.CheckURL(s, true) != nil {
			t.Errorf("%q is stricter with private addresses allowed", s)
		}
	})
}
