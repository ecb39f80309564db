package admin_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/staff"
)

var ctx = context.Background()

// site is an exchanger with one route, read, at an address where nobody listens.
func (d *desk) site(doc string) *models.Site {
	d.t.Helper()
	var site *models.Site
	err := d.store.InTx(ctx, func(tx *models.Tx) (err error) {
		if site, err = tx.PutSite(ctx, models.Site{Name: "alpha", BaseURL: "http://127.0.0.1:1", APIPath: "/service/api/v1"}, nil); err != nil {
			return err
		}
		err = tx.PutRouteList(ctx, site.ID, []models.Route{{RouteID: "0123456789abcdef01234567", FromXML: "BTC", FromName: "Bitcoin", FromSymbol: "BTC", ToXML: "USDTTRC20", ToName: "Tether TRC20", ToSymbol: "USDT", Shown: true}})
		if err != nil || doc == "" {
			return err
		}
		return tx.PutRouteDoc(ctx, site.ID, "0123456789abcdef01234567", doc, "", decimal.NewFromInt(1), decimal.NewFromInt(100), decimal.NewFromInt(5000))
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return site
}

const routeDoc = `{"ID":"0123456789abcdef01234567","From":{"Name":"Bitcoin","Symbol":"BTC","XML":"BTC","Min":"0.0001","Max":"2"},
	"To":{"Name":"Tether TRC20","Symbol":"USDT","XML":"USDTTRC20","Fields":[{"Key":"f1","Name":"wallet","Label":"Wallet","Regexp":"^T[0-9A-Za-z]{33}$","Required":true}]},"Rate":{"In":"1","Out":"100","Amount":"5000","AmountKnown":true}}`

const goodWallet = "TXYZabcdefghijkmnopqrstuvwxyz12345"

// did tells whether the log says that who did action.
func (d *desk) did(who, action string) bool {
	d.t.Helper()
	list, err := d.store.Log(ctx, models.LogFilter{Action: action, Limit: 1})
	if err != nil {
		d.t.Fatal(err)
	}
	return len(list) == 1 && list[0].Who == who
}

func TestEveryPageOfTheDailyWorkOpensForEveryRoleInEveryLanguage(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.site(routeDoc)
		for _, r := range staff.Roles {
			d.person(string(r)+"@x.example", r)
			b := d.in(string(r) + "@x.example")
			for _, b.lang = range []string{"en", "es", "ru"} {
				for _, path := range []string{"products", "links", "routes", "webhooks", "notifications", "health", "payouts", "reports"} {
					b.get("/admin/"+path).want(t, http.StatusOK)
				}
			}
		}
	})
}

// A person who may change nothing still looks: the page of a product says that it is read only.
func TestARowOfTheListOfProductsOpensTheProduct(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		if err := d.store.InTx(ctx, func(tx *models.Tx) error {
			return tx.InsertProduct(ctx, &models.Product{Slug: "cup", Title: `{"en":"Cup"}`, Summary: "{}", Description: "{}", Price: 1300})
		}); err != nil {
			t.Fatal(err)
		}
		for _, r := range staff.Roles {
			d.person(string(r)+"@x.example", r)
			b := d.in(string(r) + "@x.example")
			to := b.get("/admin/products").want(t, http.StatusOK).find(t, `class="rowlink" href="(/admin/products/cup)"`)
			b.get(to).want(t, http.StatusOK, "Cup")
		}
	})
}

func TestAViewerChangesNothingAndAManagerNoPayout(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("v@x.example", staff.Viewer)
		d.person("m@x.example", staff.Manager)
		v, m := d.in("v@x.example"), d.in("m@x.example")
		for _, path := range []string{"products", "products/x", "links", "links/1/off", "routes/1/off", "webhooks", "webhooks/we_x/test", "webhooks/deliveries/x/redeliver", "payouts", "payouts/remove", "payouts/1/cancel"} {
			v.post("/admin/"+path, "title", "X").want(t, http.StatusForbidden)
		}
		m.post("/admin/payouts", "currency", "USDTTRC20", "current", goodPassword).want(t, http.StatusForbidden)
	})
}

func TestAProductIsMadeChangedAndNotOverwritten(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("m@x.example", staff.Manager)
		b := d.in("m@x.example")
		b.post("/admin/products", "title", "Mug <b>", "price", "twelve", "stock", "-1").want(t, http.StatusUnprocessableEntity, `value="twelve"`, "Mug &lt;b&gt;", "2 mistakes")
		b.post("/admin/products", "title", "Café ñandú", "price", "12.50", "stock", "3", "title_ru", "Кружка").want(t, http.StatusOK)
		p, err := d.store.ProductBySlug(ctx, "cafe-nandu")
		if err != nil || p.Price != 1250 || p.Stock == nil || *p.Stock != 3 || models.ParseTexts(p.Title)["ru"] != "Кружка" || !d.did("m@x.example", "product.create") {
			t.Fatalf("got %+v, %v", p, err)
		}
		b.post("/admin/products", "title", "Other", "price", "1", "slug", "cafe-nandu").want(t, http.StatusUnprocessableEntity, "taken")
		b.post("/admin/products/cafe-nandu", "title", "Cup", "price", "13", "stock", "", "hidden", "1", "version", "1").want(t, http.StatusOK)
		if p, _ = d.store.ProductBySlug(ctx, "cafe-nandu"); !p.Hidden || p.Stock != nil || p.Price != 1300 || p.Version != 2 {
			t.Fatalf("got %+v", p)
		}
		b.post("/admin/products/cafe-nandu", "title", "Mine", "price", "14", "version", "1").want(t, http.StatusConflict, "Mine", "13.00", "14.00")
		if p, _ = d.store.ProductBySlug(ctx, "cafe-nandu"); p.Price != 1300 {
			t.Fatal("a stale form was stored")
		}
		b.get("/admin/products/nothing").want(t, http.StatusNotFound)
	})
}

// sendPicture posts a product with a file.
func (b *browser) sendPicture(path, name string, raw []byte, pairs ...string) answer {
	b.d.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		w.WriteField(pairs[i], pairs[i+1])
	}
	f, err := w.CreateFormFile("picture", name)
	if err != nil {
		b.d.t.Fatal(err)
	}
	f.Write(raw)
	w.Close()
	res, err := b.client.Post(b.d.url+path, w.FormDataContentType(), &body)
	if err != nil {
		b.d.t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		b.d.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Request.URL.Path, res.Header, string(out)}
}

func TestUploadedPicturesAreMadeAnewOrRefused(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("m@x.example", staff.Manager)
		b := d.in("m@x.example")
		img := image.NewNRGBA(image.Rect(0, 0, 3200, 800))
		img.Set(1, 1, color.NRGBA{200, 10, 10, 255})
		var good bytes.Buffer
		if err := png.Encode(&good, img); err != nil {
			t.Fatal(err)
		}
		bomb := append([]byte{}, good.Bytes()...)
		copy(bomb[16:24], []byte{0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0})            // 100 000 × 100 000
		binary.BigEndian.PutUint32(bomb[29:33], crc32.ChecksumIEEE(bomb[12:29])) // a true head: only its size is a lie
		line := append([]byte{}, good.Bytes()...)
		copy(line[16:24], []byte{0, 0, 0, 1, 0, 0x98, 0x96, 0x80}) // 1 × 10 000 000: few pixels, and gigabytes to make it smaller
		binary.BigEndian.PutUint32(line[29:33], crc32.ChecksumIEEE(line[12:29]))
		svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
		for _, bad := range []struct {
			name string
			raw  []byte
			why  string
		}{
			{"x.svg", svg, "neither a PNG nor a JPEG"}, {"svg-that-says-png.png", svg, "neither a PNG nor a JPEG"}, {"x.png", []byte("no picture"), "neither a PNG nor a JPEG"}, {"x.gif", []byte("GIF89a\x01\x00\x01\x00"), "neither a PNG nor a JPEG"},
			{"cut.png", good.Bytes()[:60], "neither a PNG nor a JPEG"}, {"large.png", append(good.Bytes(), make([]byte, 6<<20)...), "5 MiB"}, {"huge.png", make([]byte, 50<<20), "5 MiB"}, {"bomb.png", bomb, "40 million"}, {"line.png", line, "a side of more than"},
		} {
			b.sendPicture("/admin/products", bad.name, bad.raw, "title", "Kept words", "title_ru", "Слова остались", "price", "5", "stock", "7").
				want(t, http.StatusUnprocessableEntity, bad.why, "Kept words", "Слова остались", `value="7"`)
		}
		if _, err := d.store.ProductBySlug(ctx, "kept-words"); err == nil {
			t.Fatal("a product with a refused picture was stored")
		}
		b.sendPicture("/admin/products", "x.png", good.Bytes(), "title", "Pot", "price", "5").want(t, http.StatusOK)
		p, err := d.store.ProductBySlug(ctx, "pot")
		if err != nil || !strings.HasPrefix(p.Picture, "/pictures/") {
			t.Fatalf("got %+v, %v", p, err)
		}
		kept, err := d.store.PictureByName(ctx, strings.TrimPrefix(p.Picture, "/pictures/"))
		if err != nil {
			t.Fatal(err)
		}
		size, _, err := image.DecodeConfig(bytes.NewReader(kept.Body))
		if err != nil || size.Width != 1600 || size.Height != 400 {
			t.Fatalf("stored %+v, %v", size, err)
		}
	})
}

func TestAPaymentLinkIsMadeAndSwitchedOff(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("m@x.example", staff.Manager)
		b := d.in("m@x.example")
		b.post("/admin/links", "title", "", "amount", "x", "max_uses", "0", "expires_at", "2020-01-01", "return_url", "javascript:alert(1)").want(t, http.StatusUnprocessableEntity, "5 fields", "whole http or https address", `value="2020-01-01"`)
		b.post("/admin/links", "title", "Deposit", "amount", "20", "max_uses", "1", "expires_at", "2026-12-31", "return_url", "https://courses.example/thanks").want(t, http.StatusOK, "<h1", "The link Deposit is made.", `role="img"`, "/pay/", "0 / 1")
		list, err := d.store.LinksPage(ctx, 0, 10)
		if err != nil || len(list) != 1 || *list[0].Amount != 2000 || !list[0].ExpiresAt.Equal(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Fatalf("got %+v, %v", list, err)
		}
		at := "/admin/links/" + id(list[0].ID)
		b.get(at).want(t, http.StatusOK, list[0].Slug, "https://courses.example/thanks", `role="img"`)
		for _, path := range []string{at, "/admin/links"} {
			b.get(path).want(t, http.StatusOK, at+"/poster")
		}
		b.post(at+"/off").want(t, http.StatusOK, "Switch on")
		if l, _ := d.store.LinkByID(ctx, list[0].ID); l.Active || !d.did("m@x.example", "link.off") {
			t.Fatal("the link is on")
		}
	})
}

func TestThePosterOfAPaymentLinkSpeaksToWhoPays(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		fixed := int64(2000)
		links := []models.Link{{Slug: "deposit00001", Title: "Deposit", Amount: &fixed, Active: true}, {Slug: "jar000000001", Title: "A jar", Description: "For the crew", Active: true}}
		for i := range links {
			if err := d.store.InTx(ctx, func(tx *models.Tx) error { return tx.CreateLink(ctx, &links[i]) }); err != nil {
				t.Fatal(err)
			}
		}
		d.person("v@x.example", staff.Viewer)
		b := d.in("v@x.example")
		at := func(i int) string { return "/admin/links/" + id(links[i].ID) + "/poster" }
		p := b.get(at(0)).want(t, http.StatusOK, "Deposit", "$20.00", `role="img" aria-label="Code of the payment link Deposit"`, "/pay/deposit00001<",
			"Scan to pay", "Escanea para pagar", "Отсканируйте, чтобы оплатить", `data-theme="light"`, "data-print")
		for _, not := range []string{"You choose the amount", `class="rail"`, "<style", "onclick"} {
			if strings.Contains(p.body, not) {
				t.Errorf("the poster has %s", not)
			}
		}
		b.get(at(1)).want(t, http.StatusOK, "For the crew", "You choose the amount", "Tú eliges el importe", "Сумму выбираете вы")
		b.get("/admin/links/99/poster").want(t, http.StatusNotFound)
		b.get("/admin/links/x/poster").want(t, http.StatusNotFound)
		err := d.store.InTx(ctx, func(tx *models.Tx) error {
			return tx.PutShopSettings(ctx, models.ShopSettings{Name: "La tienda", Languages: []string{"es"}}, "v@x.example")
		})
		if err != nil {
			t.Fatal(err)
		}
		p = b.get(at(0)).want(t, http.StatusOK, `<html lang="es"`, "La tienda", "Escanea para pagar")
		if strings.Contains(p.body, "Scan to pay") {
			t.Error("the poster speaks a language that the shop does not")
		}
	})
}

func TestARouteIsSwitchedOff(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.site(routeDoc)
		d.person("m@x.example", staff.Manager)
		b := d.in("m@x.example")
		b.get("/admin/routes?q=bitc&site=alpha").want(t, http.StatusOK, "Bitcoin → Tether TRC20", "1 BTC = 100 USDT", "5,000 USDT")
		b.get("/admin/routes?q=nothing%25").want(t, http.StatusOK, "No route here")
		routes, err := d.store.RoutesPage(ctx, models.RouteQuery{Limit: 10})
		if err != nil || len(routes) != 1 {
			t.Fatal(routes, err)
		}
		b.post("/admin/routes/"+id(routes[0].ID)+"/off").want(t, http.StatusOK, "Switch on", "Switched off")
		if r, _ := d.store.RouteByID(ctx, routes[0].ID); !r.SwitchedOff || !d.did("m@x.example", "route.off") {
			t.Fatal("the route is on")
		}
	})
}

func TestAnEndpointIsMadeTestedAndDisabled(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("m@x.example", staff.Manager)
		b := d.in("m@x.example")
		b.post("/admin/webhooks", "url", "http://127.0.0.1/x").want(t, http.StatusUnprocessableEntity, "private address", "http://127.0.0.1/x")
		b.post("/admin/webhooks", "url", "https://shop.example/hooks", "events", "order.paid").want(t, http.StatusCreated, "whsec_")
		page := b.get("/admin/webhooks").want(t, http.StatusOK, "Send a test", "Disable", "order.paid")
		if strings.Contains(page.body, "whsec_") {
			t.Fatal("the secret is shown twice")
		}
		list, err := d.store.Endpoints(ctx, 0, 10)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		at := "/admin/webhooks/" + list[0].PublicID
		b.post(at+"/test").want(t, http.StatusOK, "Redeliver", "webhook.test")
		sent, err := d.store.DeliveriesOfAll(ctx, 10)
		if err != nil || len(sent) != 1 {
			t.Fatal(sent, err)
		}
		b.post("/admin/webhooks/deliveries/"+sent[0].PublicID+"/redeliver").want(t, http.StatusOK)
		b.post(at+"/rotate").want(t, http.StatusOK, "whsec_")
		b.post(at+"/disable").want(t, http.StatusOK, "Disabled")
		if e, _ := d.store.EndpointByPublicID(ctx, list[0].PublicID); e.DisabledAt == nil || !d.did("m@x.example", "webhook.disable") || !d.did("m@x.example", "webhook.redeliver") {
			t.Fatal("not disabled, or not logged")
		}
		b.post(at+"/test").want(t, http.StatusOK, "Enable it first")
		b.post("/admin/webhooks/we_nothing/test").want(t, http.StatusNotFound)
	})
}

func TestNotificationsAreListedAlsoRefusedOnes(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		err := d.store.InTx(ctx, func(tx *models.Tx) error {
			for range 60 {
				n := models.Notification{Answer: 401, Outcome: "refused", Reason: "wrong_hash", Remote: "192.0.2.1"}
				if err := tx.InsertNotification(ctx, &n, []byte(`{"x":"<script>"}`)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		d.person("v@x.example", staff.Viewer)
		d.person("m@x.example", staff.Manager)
		b := d.in("m@x.example")
		page := b.get("/admin/notifications?outcome=refused").want(t, http.StatusOK, "The hash does not fit", "401")
		next := page.find(t, `rel="next" href="([^"]+)"`)
		if !strings.Contains(next, "outcome=refused") {
			t.Fatalf("the filter is lost: %s", next)
		}
		b.get(next).want(t, http.StatusOK, "Newest")
		one := page.find(t, `href="(/admin/notifications/\d+)"`)
		b.get(one).want(t, http.StatusOK, `{"x":"<script>"}`, "&lt;script&gt;")
		d.in("v@x.example").get(one).want(t, http.StatusForbidden)
	})
}

func TestAPayoutNeedsTheProofFitsThePatternAndIsLogged(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.site(routeDoc)
		d.person("o@x.example", staff.Owner)
		b := d.in("o@x.example")
		b.get("/admin/payouts?currency=USDTTRC20").want(t, http.StatusOK, "values[wallet]", "config.yaml rules")
		set := func(pairs ...string) answer {
			return b.post("/admin/payouts", append([]string{"currency", "USDTTRC20", "rate", "1", "values[wallet]", goodWallet}, pairs...)...)
		}
		set().want(t, http.StatusUnprocessableEntity, "Give your password", goodWallet)
		set("current", "something else entirely").want(t, http.StatusUnprocessableEntity, "not your password")
		b.post("/admin/payouts", "currency", "USDTTRC20", "values[wallet]", "0xnotthat", "current", goodPassword).want(t, http.StatusUnprocessableEntity, "does not fit", "0xnotthat")
		set("current", goodPassword).want(t, http.StatusOK, goodWallet, "This page rules")
		raw, err := d.store.EffectivePayouts(ctx)
		if err != nil || !strings.Contains(string(raw), goodWallet) || !d.did("o@x.example", "payout.change") {
			t.Fatalf("got %s, %v", raw, err)
		}
		list, err := d.store.Log(ctx, models.LogFilter{Action: "payout.change", Limit: 1})
		if err != nil || strings.Contains(list[0].Detail, goodWallet) {
			t.Fatal("the wallet stands in the log", err)
		}
	})
}

func TestReportsHoldTheirTotalsAndNoFormula(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		err := d.store.InTx(ctx, func(tx *models.Tx) error {
			paid := tx.Now()
			for i, total := range []int64{1250, 4999} {
				o := models.Order{Source: "amount", Status: "paid", Currency: "USD", Total: total, Lang: "en", Description: "=HYPERLINK(1)", Metadata: "{}", Stock: "none", ExpiresAt: paid, PaidAt: &paid}
				if err := tx.InsertOrder(ctx, &o, "token-"+id(int64(i)), nil); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		d.person("v@x.example", staff.Viewer)
		b := d.in("v@x.example")
		b.get("/admin/reports?month=2026-11").want(t, http.StatusOK, "$62.49")
		for _, name := range []string{"settlements", "lines"} {
			a := b.get("/admin/reports/"+name+".csv?from=2026-11-24&to=2026-11-24").want(t, http.StatusOK)
			rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
			if err != nil || len(rows) != 3 {
				t.Fatalf("%s: %v, %v", name, rows, err)
			}
			if strings.Contains(a.body, ",=") {
				t.Fatalf("%s holds a formula", name)
			}
		}
		b.get("/admin/reports/lines.csv?from=2026-11-25&to=2026-11-24").want(t, http.StatusUnprocessableEntity)
		b.get("/admin/reports?month=13").want(t, http.StatusUnprocessableEntity)
	})
}
