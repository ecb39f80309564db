package admin_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
)

// sold stores an order that was paid at a moment, with as many settled payments as it had.
func (d *desk) sold(site int64, at time.Time, total int64, payments int) {
	d.t.Helper()
	o := models.Order{Source: "amount", Status: "paid", Currency: "USD", Total: total, Received: total - 1, Refunded: total / 7, Lang: "en", Email: "=1+1@mail.example", Description: "@SUM(A1)", Metadata: "{}", Stock: "none", ExpiresAt: at, PaidAt: &at, PayCurrency: "BTC"}
	amount := decimal.New(total, -2)
	err := d.store.InTx(d.t.Context(), func(tx *models.Tx) error {
		if err := tx.InsertOrder(d.t.Context(), &o, fmt.Sprint("token-", at.UnixNano(), total), nil); err != nil {
			return err
		}
		for i := range payments {
			p := &models.Payment{OrderID: o.ID, Seq: int64(i + 1), TokenHash: models.Digest(fmt.Sprint(o.ID, i)), SiteID: site, RouteID: "r", Phase: "live", Status: "done", UID: fmt.Sprint("u", o.ID, i), FromXML: "BTC", FromName: "Bitcoin", FromSymbol: "BTC", FromDecimals: 8,
				ToXML: "WMZ", ToName: "WebMoney", ToSymbol: "WMZ", ToDecimals: 2, PayoutRate: decimal.NewFromInt(1), Price: total, PriceOut: amount, QuotedIn: amount, QuotedOut: amount, QuotedAt: at, RouteFee: decimal.NewNullDecimal(decimal.New(25, -2)),
				SettledIn: decimal.NewNullDecimal(amount.Div(decimal.NewFromInt(60000)).Round(8)), SettledOut: decimal.NewNullDecimal(amount), SettledAt: &at}
			tx.Vault().SealIPNSecret(p, "secret")
			if err := tx.InsertPayment(d.t.Context(), p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// sum adds up a column of a CSV file.
func sum(t *testing.T, file, column string) (total decimal.Decimal, rows [][]string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	at := -1
	for i, name := range rows[0] {
		if name == column {
			at = i
		}
	}
	if at < 0 {
		t.Fatalf("no column %s in %v", column, rows[0])
	}
	for _, r := range rows[1:] {
		if r[at] == "" {
			continue
		}
		v, err := decimal.NewFromString(r[at])
		if err != nil {
			t.Fatal(err)
		}
		total = total.Add(v)
	}
	return total, rows
}

func TestTheReportsAddUpToTheOverviewToTheCent(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("v@x.example", staff.Viewer)
		b := d.in("v@x.example")
		sites, err := d.store.Sites(t.Context())
		if err != nil || len(sites) == 0 {
			t.Fatalf("%v, %v", sites, err)
		}
		zone, _ := time.LoadLocation("Asia/Tokyo")
		now := d.clock.now().In(zone)
		first := time.Date(now.Year(), now.Month(), now.Day()-29, 0, 0, 0, 0, zone)
		want, received, refunded := int64(0), int64(0), int64(0)
		sold := func(at time.Time, total int64, payments int) {
			d.sold(sites[0].ID, at, total, payments)
			want, received, refunded = want+total, received+total-1, refunded+total/7
		}
		for i := range 40 {
			sold(now.Add(-time.Duration(i)*17*time.Hour), int64(101+337*i), i%3)
		}
		sold(first, 777, 2) // the first moment of the first day
		test := d.placed(models.Order{Status: "open", Total: 2500, Email: "test@mail.example"})
		paid := d.clock.now()
		err = d.store.InTx(t.Context(), func(tx *models.Tx) error { // a rehearsal of the first start, paid: no sale
			o, err := tx.LockOrder(t.Context(), test.ID)
			if err != nil {
				return err
			}
			o.Source, o.Status, o.PaidAt, o.Received = checkout.SourceTest, checkout.Paid, &paid, 2500
			return tx.SaveOrder(t.Context(), o)
		})
		if err != nil {
			t.Fatal(err)
		}
		d.sold(sites[0].ID, first.Add(-time.Microsecond), 99999, 1) // the last moment of the day before

		overview := b.get("/admin").want(t, http.StatusOK)
		text := money.FromMinor(want, "USD").Text("en")
		cells := strings.Split(overview.body, `<span class="now">`)
		if !strings.HasPrefix(cells[3], text) {
			t.Fatalf("the overview says %.20q, want %s", cells[3], text)
		}
		path := "/admin/reports?from=" + first.Format(time.DateOnly) + "&to=" + now.Format(time.DateOnly)
		if !strings.Contains(overview.body, strings.ReplaceAll(path, "&", "&amp;")) {
			t.Fatalf("the overview does not lead to %s", path)
		}
		text2 := func(n int64) string { return money.FromMinor(n, "USD").Text("en") }
		overview.want(t, http.StatusOK, text2(received), text2(refunded))
		page := b.get(path).want(t, http.StatusOK, text, "41", text2(received), text2(refunded), "before: $999.99")
		own := b.get("/admin?from="+first.Format(time.DateOnly)+"&to="+first.Format(time.DateOnly)).want(t, http.StatusOK, "Your days", "$7.77", "before: $999.99")
		if !strings.Contains(own.body, strings.ReplaceAll("/admin/reports?from="+first.Format(time.DateOnly)+"&to="+first.Format(time.DateOnly), "&", "&amp;")) {
			t.Error("the chosen days do not lead to their report")
		}
		b.get("/admin?from=2026-13-40&to=x").want(t, http.StatusUnprocessableEntity, "2026-13-40")
		b.get("/admin?from=2026-11-02&to=2026-11-01").want(t, http.StatusUnprocessableEntity)
		if list := b.get("/admin/orders?source=test").want(t, http.StatusOK, "test@mail.example"); !strings.Contains(list.body, `<span class="flag">test</span>`) {
			t.Error("a rehearsal is not marked")
		}
		for name, column := range map[string]string{"settlements": "price", "lines": "total"} {
			got, rows := sum(t, b.get(page.find(t, `href="(/admin/reports/`+name+`\.csv[^"]+)"`)).want(t, http.StatusOK).body, column)
			if !got.Equal(decimal.New(want, -2)) {
				t.Errorf("%s.csv adds up to %s, the overview says %s", name, got, text)
			}
			for column, want := range map[string]int64{"order_received": received, "order_refunded": refunded} {
				if got, _ := sum(t, b.get(page.find(t, `href="(/admin/reports/`+name+`\.csv[^"]+)"`)).body, column); !got.Equal(decimal.New(want, -2)) {
					t.Errorf("%s of %s.csv adds up to %s, want %d", column, name, got, want)
				}
			}
			for _, r := range rows[1:] {
				for _, cell := range r {
					if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
						t.Errorf("%s.csv holds a formula: %q", name, cell)
					}
				}
			}
		}
		file := b.get(strings.Replace(path, "/reports", "/reports/settlements.csv", 1)).body
		if _, rows := sum(t, file, "fee"); rows[0][3] != "paid_at_shop" || rows[0][5] != "settled_at_shop" || rows[1][2] != first.UTC().Format("2006-01-02T15:04:05Z") || rows[1][3] != first.Format("2006-01-02 15:04:05") || rows[1][6] != "7.77" || rows[2][6] != "" || rows[1][13] != "0.25" {
			t.Errorf("the first rows: %v", rows[:3])
		}
		// One direction in both files: units of the shop currency for one unit of what was paid.
		for name, address := range map[string]string{"settlements": strings.Replace(path, "/reports", "/reports/settlements.csv", 1), "orders": "/admin/orders.csv"} {
			rows, err := csv.NewReader(strings.NewReader(b.get(address).want(t, http.StatusOK).body)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			at, rates := slices.Index(rows[0], "rate"), 0
			for _, r := range rows[1:] {
				if r[at] == "" {
					continue
				}
				rates++
				if v, err := decimal.NewFromString(r[at]); err != nil || v.Sub(decimal.NewFromInt(60000)).Abs().GreaterThan(decimal.NewFromInt(300)) {
					t.Errorf("%s.csv: the rate is %s, %v", name, r[at], err)
				}
			}
			if rates == 0 {
				t.Errorf("%s.csv has no rate", name)
			}
		}
	}, func(c *config.Config) { c.Shop.Timezone = "Asia/Tokyo" })
}

func TestTheReportSaysWhatArrivedOnOrdersThatAreNotPaid(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("v@x.example", staff.Viewer)
		b := d.in("v@x.example")
		if p := b.get("/admin/reports").want(t, http.StatusOK); strings.Contains(p.text(), "Arrived on orders not paid") {
			t.Fatal("nothing arrived, and it is said")
		}
		d.placed(models.Order{Status: "underpaid", Total: 5800, Received: 2900, Email: "a@mail.example"})
		d.placed(models.Order{Status: "review", Total: 1000, Received: 1000, Email: "b@mail.example"})
		d.placed(models.Order{Status: "paid", Total: 700, Received: 700, Email: "c@mail.example"})
		for _, lang := range []string{"es", "ru", "en"} {
			b.lang = lang
			b.get("/admin/reports").want(t, http.StatusOK, "39")
		}
		b.get("/admin/reports").want(t, http.StatusOK, "Arrived on orders not paid $39.00, on orders of these days")
	})
}
