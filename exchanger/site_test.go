package exchanger

import (
	"fmt"
	"strings"
	"testing"
)

func TestPagesAreBuiltFromCheckedPartsOnly(t *testing.T) {
	s := Site{BaseURL: "https://www.coinsbar.net/"}
	got, err := s.PaymentPage("es", testUID, testSecret)
	if want := "https://www.coinsbar.net/en/payment/1409/dGqwF2M2eBPaSN1G5ljMS1cb"; err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
	if got, _ := s.OrderPage("ru-RU", testUID, testSecret); got != "https://www.coinsbar.net/ru/order/1409/"+testSecret {
		t.Error(got)
	}
	if got, err := s.PaymentPage("en", testUID, "-Qx_9dGqwF2M2eBPaSN1G5lj"); err != nil || got != "https://www.coinsbar.net/en/payment/1409/-Qx_9dGqwF2M2eBPaSN1G5lj" {
		t.Errorf("a secret of the other safe alphabet: %s %v", got, err)
	}
	if s.Origin() != "https://www.coinsbar.net" || (Site{BaseURL: "http://127.0.0.1:8090/x"}).Origin() != "http://127.0.0.1:8090" {
		t.Error(s.Origin())
	}
	for _, bad := range [][2]string{{"", testSecret}, {"1409/..", testSecret}, {"12345678901234567890", testSecret}, {"１４０９", testSecret}, {testUID, ""},
		{testUID, "../../evil/aaaaaaaaaaaa"}, {testUID, testSecret + "?x"}, {testUID, testSecret + "\n"}, {testUID, strings.Repeat("a", 129)}} {
		if got, err := s.PaymentPage("en", bad[0], bad[1]); err == nil || got != "" || strings.Contains(err.Error(), testSecret) {
			t.Errorf("%q: %s %v", bad, got, err)
		}
	}
}

func TestOnlyWholeAddressesMakeASite(t *testing.T) {
	for _, tt := range []struct {
		name, base, path string
		ok               bool
	}{
		{"https", "https://www.coinsbar.net", "", true},
		{"a path", "https://x.example/exchange/", "/api/", true},
		{"loopback", "http://127.0.0.1:8090", "service/api/v1", true},
		{"no scheme", "www.coinsbar.net", "", false},
		{"another scheme", "ftp://x.example", "", false},
		{"no host", "https:///x", "", false},
		{"only a port", "https://:80", "", false},
		{"a query", "https://x.example/?a=1", "", false},
		{"an empty query", "https://x.example/?", "", false},
		{"a fragment", "https://x.example/#", "", false},
		{"a user", "https://u:p@x.example", "", false},
		{"nothing", "", "", false},
		{"a path that climbs", "https://x.example", "/a/../b", false},
		{"a path with a query", "https://x.example", "/a?b", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := New(Site{Name: "x", BaseURL: tt.base, APIPath: tt.path}, Options{})
			if (err == nil) != tt.ok {
				t.Fatalf("%v", err)
			}
			if err != nil && strings.Contains(err.Error(), "u:p") {
				t.Errorf("tells the password: %v", err)
			}
			if c != nil {
				c.Close()
			}
		})
	}
	for _, h := range []map[string]string{{"X Y": "1"}, {"": "1"}, {"X": "a\r\nHost: evil"}} {
		if _, err := New(Site{BaseURL: "https://x.example", Headers: h}, Options{}); err == nil {
			t.Errorf("%q was accepted", h)
		}
	}
}

func TestASiteInALogTellsNoHeaders(t *testing.T) {
	s := Site{Name: "x", BaseURL: "https://x.example", Headers: map[string]string{"Authorization": "hush"}}
	if got := fmt.Sprintf("%v %+v %s %s", s, s, s, s.LogValue()); strings.Contains(got, "hush") {
		t.Error(got)
	}
}

func TestTenStatusesAreKnown(t *testing.T) {
	if len(Statuses) != 10 {
		t.Fatal(len(Statuses))
	}
	for _, s := range Statuses {
		if !s.Known() {
			t.Error(s)
		}
	}
	if Status("Done").Known() || Status("").Known() {
		t.Error("the exchanger's words are taken to the letter")
	}
}
