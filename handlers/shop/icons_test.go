package shop_test

import (
	"strings"
	"testing"
)

// The icons of the exchanger are shown, from the shop's own address.
func TestTheExchangersIconsComeFromTheShop(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		if err := r.svc.RefreshRoutes(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing to do
			if err := r.svc.RefreshIcons(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		p := r.get("/pay?amount=25").must(200)
		shown := 0
		for _, img := range p.elements("img") {
			src, _ := attr(img, "src")
			if !strings.HasPrefix(src, "/") {
				t.Errorf("a picture from %s", src)
			}
			if !strings.HasPrefix(src, "/pictures/") {
				continue
			}
			shown++
			icon := r.get(src).must(200)
			if icon.header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(icon.header.Get("Content-Security-Policy"), "default-src 'none'") || !strings.HasPrefix(icon.body, "<svg xmlns") {
				t.Errorf("%s: %v %.60s", src, icon.header, icon.body)
			}
		}
		if shown < 15 {
			t.Errorf("%d icons are the exchanger's", shown)
		}
	})
}
