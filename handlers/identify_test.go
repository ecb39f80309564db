package handlers

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestWhoAsks(t *testing.T) {
	trusted := trust{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, tt := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"directly", "203.0.113.7:1234", nil, "203.0.113.7"},
		{"a stranger's header is not believed", "203.0.113.7:1234", []string{"198.51.100.1"}, "203.0.113.7"},
		{"through our proxy", "10.0.0.1:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		{"what stands before the first stranger is made up", "10.0.0.1:1", []string{"1.1.1.1, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"several headers are one list", "10.0.0.1:1", []string{"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},
		{"rubbish ends it", "10.0.0.1:1", []string{"rubbish"}, "10.0.0.1"},
		{"only proxies", "10.0.0.1:1", []string{"10.0.0.3"}, "10.0.0.3"},
		{"the old form of a new address", "[::ffff:203.0.113.7]:1", nil, "203.0.113.7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tt.remote
			for _, f := range tt.forwarded {
				r.Header.Add("X-Forwarded-For", f)
			}
			if got := trusted.remote(r); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
