package shop_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mostrador/models"
	"mostrador/models/modelstest"
)

// TestIconsOfTheExchangerComeToAnEnd: one that is a week old is fetched anew, and what was drawn anew takes its place; what was not fetched for a month, because
// its site is not traded with any more, goes.
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
				return fetched(t, r)
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
				t.Error("what is left of those of another site is not right")
			}
			modelstest.Behind(t, address, "UPDATE pictures SET created_at = "+days(31)+" WHERE name = '"+old+"'")
			refresh()
			if ok, err := r.store.HasPicture(ctx, old); ok || err != nil {
				t.Errorf("the old drawing is kept for ever: %v, %v", ok, err)
			}
		})
	}
}

func fetched(t *testing.T, r *rig) map[string]models.Fetched {
	t.Helper()
	rows, err := r.store.FetchedPictures(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]models.Fetched{}
	for _, f := range rows {
		have[f.Source] = f
	}
	return have
}

// TestIconsWithEverNewNamesFillNothing: an exchanger that names other images in each of its lists has a bounded number of them kept, and those that it
// names no more go.
func TestIconsWithEverNewNamesFillNothing(t *testing.T) {
	for name, address := range map[string]string{"sqlite": modelstest.SQLite(t), "postgres": modelstest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			r := start(t, modelstest.Open(t, address, nil), nil)
			if err := r.svc.RefreshRoutes(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			modelstest.Behind(t, address, "UPDATE routes SET from_image = '/favicon.svg' WHERE from_image = ''")
			refresh := func() int {
				t.Helper()
				if err := r.svc.RefreshIcons(t.Context()); err != nil {
					t.Fatal(err)
				}
				return len(fetched(t, r))
			}
			named := refresh()
			base := r.sandURL() + "/img/old?"
			modelstest.Behind(t, address, "INSERT INTO pictures (name, content_type, body, source, created_at) SELECT 'n' || CAST(n.i AS TEXT) || '.svg', p.content_type, p.body, '"+base+"' || CAST(n.i AS TEXT), p.created_at FROM (SELECT * FROM pictures ORDER BY id LIMIT 1) p, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 290 - "+strconv.Itoa(named)+") SELECT i FROM n) n")
			for i := range 2 { // each list names others
				modelstest.Behind(t, address, "UPDATE routes SET from_image = from_image || '?"+strconv.Itoa(i)+"'")
				if n := refresh(); n != 300 {
					t.Errorf("%d icons are kept", n)
				}
			}
			now := fetched(t, r)
			modelstest.Behind(t, address, "UPDATE pictures SET created_at = '"+time.Now().UTC().AddDate(0, 0, -3).Format("2006-01-02 15:04:05+00:00")+"'")
			refresh()
			if n := refresh(); n != named {
				t.Errorf("%d icons are left of %d, and %d are named", n, len(now), named)
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
