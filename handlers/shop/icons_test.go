package shop_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// TestIconsOfTheExchangerComeToAnEnd: one that is a week old is fetched anew, and what was drawn anew takes its place; what was not fetched for a month, because
// no route names it any more, goes.
func TestIconsOfTheExchangerComeToAnEnd(t *testing.T) {
	for name, address := range map[string]string{"sqlite": modelstest.SQLite(t), "postgres": modelstest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			r := start(t, modelstest.Open(t, address, nil), nil)
			ctx := t.Context()
			if err := r.svc.RefreshRoutes(ctx, 0); err != nil {
				t.Fatal(err)
			}
			refresh := func() map[string]models.Fetched {
				t.Helper()
				if err := r.svc.RefreshIcons(ctx); err != nil {
					t.Fatal(err)
				}
				have, err := r.store.FetchedPictures(ctx)
				if err != nil {
					t.Fatal(err)
				}
				return have
			}
			first := refresh()
			sources := slices.Sorted(maps.Keys(first))
			if len(sources) < 15 {
				t.Fatalf("%d icons", len(sources))
			}
			days := func(n int) string {
				return "'" + time.Now().UTC().AddDate(0, 0, -n).Format("2006-01-02 15:04:05+00:00") + "'"
			}
			old := strings.Repeat("a", 40) + ".svg"
			modelstest.Behind(t, address, "UPDATE pictures SET name = '"+old+"', created_at = "+days(8)+" WHERE source = '"+sources[0]+"'") // has another drawing by now
			modelstest.Behind(t, address, "UPDATE pictures SET created_at = "+days(8)+" WHERE source = '"+sources[1]+"'")
			for n, days := range map[string]string{"b": days(20), "c": days(31)} {
				modelstest.Behind(t, address, "INSERT INTO pictures (name, content_type, body, source, created_at) SELECT '"+strings.Repeat(n, 40)+".svg', content_type, body, 'https://gone.example/"+n+".svg', "+days+" FROM pictures WHERE source = '"+sources[2]+"'")
			}
			second := refresh()
			if got := second[sources[0]]; got.Name != first[sources[0]].Name {
				t.Errorf("the old drawing %s stays", got.Name)
			}
			if got := second[sources[1]]; got.Name != first[sources[1]].Name || time.Since(got.CreatedAt) > time.Hour {
				t.Errorf("it was not fetched anew: %+v", got)
			}
			if got := second[sources[2]]; got != first[sources[2]] {
				t.Errorf("a fresh one became %+v", got)
			}
			if second["https://gone.example/b.svg"].Name == "" || second["https://gone.example/c.svg"].Name != "" {
				t.Error("what is left of those that no route names is not right")
			}
			modelstest.Behind(t, address, "UPDATE pictures SET created_at = "+days(31)+" WHERE name = '"+old+"'")
			refresh()
			if ok, err := r.store.HasPicture(ctx, old); ok || err != nil {
				t.Errorf("the old drawing is kept for ever: %v, %v", ok, err)
			}
		})
	}
}

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
