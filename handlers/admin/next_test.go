package admin

import (
	"net/url"
	"strings"
	"testing"
)

func FuzzSafeNext(f *testing.F) {
	for _, s := range []string{"/admin", "/admin/orders?q=1", "//x", `/\x`, "/admin/../x", "https://x/admin", "/admin//x", "/admin/%2e%2e/x", "javascript:x", "/admin\n/x", "/admin/login"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, to string) {
		got := safeNext(to)
		u, err := url.Parse(got)
		if err != nil || u.Host != "" || u.Scheme != "" || strings.Contains(u.Path, "..") || got != "/admin" && !strings.HasPrefix(got, "/admin/") && !strings.HasPrefix(got, "/admin?") || strings.ContainsAny(got, "\\\r\n") {
			t.Fatalf("%q leads to %q", to, got)
		}
	})
}
