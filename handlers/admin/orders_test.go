package admin_test

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/handlers/admin"
	"mostrador/models"
	"mostrador/staff"
)

// placed stores an order as if a customer had placed it.
func (d *desk) placed(o models.Order) *models.Order {
	d.t.Helper()
	o.Source, o.Currency, o.Lang, o.Metadata, o.Stock, o.ExpiresAt = "amount", "USD", "en", "{}", "none", d.clock.now().Add(time.Hour)
	err := d.store.InTx(d.t.Context(), func(tx *models.Tx) error {
		return tx.InsertOrder(d.t.Context(), &o, fmt.Sprintf("token-%s-%d-%s", o.Email, o.Total, o.Status), nil)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return &o
}

// brought gives an order a payment that settled all of it, with the log that says so.
func (d *desk) brought(o *models.Order) {
	d.t.Helper()
	at, amount := d.clock.now(), decimal.New(o.Total, -2)
	d.pays(o, models.Payment{Status: "done", SettledOut: decimal.NewNullDecimal(amount), SettledAt: &at}, fmt.Sprintf(`"settled_out":%q,"settled_at":%q`, amount, at.UTC().Format(time.RFC3339Nano)))
}

// pays gives an order a payment with the status and more of p, which the log says too.
func (d *desk) pays(o *models.Order, more models.Payment, changes string) {
	d.t.Helper()
	sites, err := d.store.Sites(d.t.Context())
	if err != nil || len(sites) == 0 {
		d.t.Fatalf("%v, %v", sites, err)
	}
	at, amount := d.clock.now(), decimal.New(o.Total, -2)
	p := &models.Payment{OrderID: o.ID, Seq: max(1, more.Seq), TokenHash: models.Digest(fmt.Sprint("brought", o.ID, more.Seq)), SiteID: sites[0].ID, RouteID: "r", Phase: checkout.PhaseLive, Status: more.Status, Flags: more.Flags, FromXML: "BTC", FromName: "Bitcoin", FromSymbol: "BTC", FromDecimals: 8,
		ToXML: "WMZ", ToName: "WebMoney", ToSymbol: "WMZ", ToDecimals: 2, PayoutRate: decimal.NewFromInt(1), Price: o.Total, PriceOut: amount, QuotedIn: amount, QuotedOut: amount, QuotedAt: at, SettledOut: more.SettledOut, SettledAt: more.SettledAt}
	said := fmt.Sprintf(`{"changes":{"phase":"live","status":%q,%s}}`, more.Status, changes)
	err = d.store.InTx(d.t.Context(), func(tx *models.Tx) error {
		tx.Vault().SealIPNSecret(p, "secret")
		if err := tx.InsertPayment(d.t.Context(), p); err != nil {
			return err
		}
		if err := tx.AppendEvent(d.t.Context(), p, &models.Event{Source: checkout.FromPull, Kind: checkout.FactPulled, Outcome: checkout.Applied, Status: more.Status, Data: said}, nil); err != nil {
			return err
		}
		return tx.SavePayment(d.t.Context(), p)
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) status(o *models.Order) string {
	d.t.Helper()
	now, err := d.store.OrderByID(d.t.Context(), o.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return now.Status
}

func TestOrdersAreFoundAndPagedWithEveryFilterKept(t *testing.T) {
	defer admin.SetOrdersPageSize(2)()
	each(t, func(t *testing.T, d *desk) {
		d.person("owner@shop.example", staff.Owner)
		b := d.in("owner@shop.example")
		b.get("/admin/orders").want(t, 200, "No orders yet.")
		paid := d.clock.now()
		for i := range 5 {
			d.placed(models.Order{Status: "open", Total: int64(1000 + i), Email: fmt.Sprintf("c%d@mail.example", i)})
		}
		d.placed(models.Order{Status: "paid", Total: 2500, Received: 2500, Email: "=cmd@evil.example", PaidAt: &paid, PayCurrency: "BTC"})

		seen := map[string]bool{}
		at := "/admin/orders?status=open&sort=total"
		for range 3 {
			p := b.get(at).want(t, 200)
			for _, n := range strings.Split(p.body, `id="order-`)[1:] {
				seen[n[:strings.IndexByte(n, '"')]] = true
			}
			if !strings.Contains(p.body, `rel="next"`) {
				break
			}
			at = p.find(t, `rel="next" href="([^"]+)"`)
			if u, err := url.Parse(at); err != nil || u.Query().Get("status") != "open" || u.Query().Get("sort") != "total" || u.Query().Get("after") == "" {
				t.Fatalf("next page %q loses a filter", at)
			}
		}
		if len(seen) != 5 {
			t.Fatalf("saw %d of 5 open orders: %v", len(seen), seen)
		}
		for _, q := range []string{"25.00", "=cmd@", "status=paid", "route=BTC"} {
			if !strings.Contains(q, "=") || strings.HasPrefix(q, "=") {
				q = "q=" + url.QueryEscape(q)
			}
			if p := b.get("/admin/orders?"+q).want(t, 200, "=cmd@evil.example"); strings.Count(p.body, `id="order-`) != 1 {
				t.Fatalf("%s: %d rows", q, strings.Count(p.body, `id="order-`))
			}
		}
		b.get("/admin/orders?q=nothing-like-it").want(t, 200, "No order fits this filter.")
		for _, bad := range []string{"from=yesterday", "status=happy", "sort=colour", "source=tv"} {
			b.get("/admin/orders?"+bad).want(t, 422)
			b.get("/admin/orders.csv?"+bad).want(t, 422)
		}

		rows, err := csv.NewReader(strings.NewReader(b.get("/admin/orders.csv").want(t, 200).body)).ReadAll()
		if err != nil || len(rows) != 7 || len(rows[0]) != 16 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		if rows[1][9] != "'=cmd@evil.example" || rows[1][7] != "25.00" {
			t.Fatalf("a formula or a wrong amount: %q", rows[1])
		}
		b.get("/admin").want(t, 200, "$25.00", "Conversion", "BTC")
	})
}

// TestAnOrderThatItsCustomerCallsPaidIsCancelledWithAConfirmationOfItsOwn: the button says what it does, and no other pending order has it.
func TestAnOrderThatItsCustomerCallsPaidIsCancelledWithAConfirmationOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		m := d.in("manager@shop.example")
		told := d.placed(models.Order{Status: "pending", Total: 1000, Email: "told@mail.example"})
		d.pays(told, models.Payment{Status: "inProgress", Flags: "told"}, `"flags":"told"`)
		seen := d.placed(models.Order{Status: "pending", Total: 1000, Email: "seen@mail.example"})
		d.pays(seen, models.Payment{Status: "inProgress"}, `"flags":""`)
		at := func(o *models.Order, what string) string { return fmt.Sprintf("/admin/orders/%d%s", o.Number, what) }
		m.get(at(told, "")).want(t, 200, "Cancel order although the customer says it is paid", "the payment stays watched")
		if p := m.get(at(seen, "")).want(t, 200); strings.Contains(p.body, "although_told") {
			t.Error("an order whose money was seen can be cancelled")
		}
		m.post(at(told, "/cancel")).want(t, 409)
		m.post(at(seen, "/cancel"), "although_told", "1").want(t, 409)
		m.post(at(told, "/cancel"), "although_told", "1").want(t, 200)
		if a, b := d.status(told), d.status(seen); a != "cancelled" || b != "pending" {
			t.Fatalf("they are %s and %s", a, b)
		}
		m.get("/admin/log").want(t, 200, "cancelled an order")
	})
}

func TestOrdersAreDecidedByRoleAndOnlyAsTheyWereSeen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		d.person("viewer@shop.example", staff.Viewer)
		m, v := d.in("manager@shop.example"), d.in("viewer@shop.example")
		under := d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 900, Email: "a@mail.example"})
		open := d.placed(models.Order{Status: "open", Total: 1000, Email: "b@mail.example"})
		at := func(o *models.Order, what string) string { return fmt.Sprintf("/admin/orders/%d%s", o.Number, what) }

		for _, what := range []string{"/check", "/accept", "/rest", "/cancel", "/note", "/refund", "/receipt", "/reveal", "/open", "/refunds/rf_x/answer"} {
			v.post(at(under, what)).want(t, 403)
		}
		if p := v.get(at(under, "")).want(t, 200, "Underpaid"); strings.Contains(p.body, at(under, "/accept")) {
			t.Fatal("a viewer sees a button that would be refused")
		}
		m.get(at(under, "")).want(t, 200, "Accept", "Ask for the rest", "Check now", "Timeline")
		m.get("/admin").want(t, 200, "$1.00 short")
		m.post(at(under, "/accept"), "version", "77").want(t, 409)
		m.post(at(open, "/rest")).want(t, 409)
		m.post(at(under, "/cancel")).want(t, 409)
		m.post(at(under, "/refund"), "amount", "none", "currency", "USD").want(t, 422)
		back := d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 900, Email: "c@mail.example"})
		m.post(at(back, "/refund"), "amount", "1.00", "currency", "USD", "reference", "tx1").want(t, 200, "that 1.00\u00a0USD were sent back", "The customer reads", `name="sure" value="1"`, `name="reference" value="tx1"`)
		if list, err := d.store.Refunds(t.Context(), back.ID); err != nil || len(list) != 0 {
			t.Fatalf("written down before it was asked: %v, %v", list, err)
		}
		m.post(at(back, "/refund"), "amount", "1.00", "currency", "USD", "reference", "tx1", "sure", "1").want(t, 200, "tx1", "money went back or is asked back")
		m.post(at(back, "/accept")).want(t, 409, "Money of this order was sent back")
		m.post(at(back, "/rest")).want(t, 409, "Money of this order was sent back")
		m.post(at(under, "/note"), "body", "").want(t, 422)
		m.post(at(under, "/note"), "body", "called them").want(t, 200, "called them")
		now, err := d.store.OrderByID(t.Context(), under.ID)
		if err != nil {
			t.Fatal(err)
		}
		m.post(at(under, "/accept"), "version", id(now.Version)).want(t, 200)
		m.post(at(open, "/cancel")).want(t, 200)
		if a, c := d.status(under), d.status(open); a != "paid" || c != "cancelled" {
			t.Fatalf("accepted is %s, cancelled is %s", a, c)
		}
		if p := m.get(at(under, "/bundle.txt")).want(t, 200, "status paid"); strings.Contains(p.body, "mail.example") {
			t.Fatal("the support bundle names the customer")
		}
		m.get("/admin/log").want(t, 200, "accepted an order", "cancelled an order", "wrote a note", "recorded a refund")
		m.get("/admin/orders/999999").want(t, 404)
		m.lang = "ru"
		m.get(at(under, "")).want(t, 200)
	})
}

func TestAnOrderWithTwoPaymentsShowsItsTotalsAndBoth(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		m := d.in("manager@shop.example")
		o := d.placed(models.Order{Status: "underpaid", Total: 5800, Received: 5000, Email: "a@mail.example"})
		d.brought(o)
		d.pays(o, models.Payment{Seq: 2, Status: "waiting"}, `"seq":2`)
		p := m.get(fmt.Sprintf("/admin/orders/%d", o.Number)).want(t, 200, "Price $58.00", "Received $50.00", "Missing $8.00", "Payment 1", "Payment 2", "Asked for $58.00")
		if n := strings.Count(p.body, `class="amt"`); n != 2 {
			t.Fatalf("%d blocks of amounts", n)
		}
		if act := p.body[strings.Index(p.body, `id="h-act"`):]; strings.Index(act, "/receipt") < strings.Index(act, "/bundle.txt") {
			t.Fatal("what cannot be done stands above what can")
		}
		for _, lang := range []string{"es", "ru"} {
			m.lang = lang
			m.get(fmt.Sprintf("/admin/orders/%d", o.Number)).want(t, 200)
		}
		if p := m.get("/admin/orders"); strings.Contains(p.body, `class="orderfilters" open`) {
			t.Fatal("filters are unfolded though none is set")
		}
		m.get("/admin/orders?status=paid").want(t, 200, `class="orderfilters" open`)
	})
}

func TestTheDeskCallsProductsAsTheMerchantDoes(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		m := d.in("manager@shop.example")
		clock := &models.Product{Slug: "desk-clock", Title: `{"en":"Desk clock","ru":"Настольные часы"}`, Summary: "{}", Description: "{}", Price: 1000}
		paid := d.clock.now()
		o := &models.Order{Status: "paid", Source: "cart", Currency: "USD", Lang: "ru", Metadata: "{}", Stock: "none", Total: 1500, Received: 1500, Email: "a@mail.example", ExpiresAt: paid.Add(time.Hour), PaidAt: &paid}
		err := d.store.InTx(t.Context(), func(tx *models.Tx) error {
			if err := tx.InsertProduct(t.Context(), clock); err != nil {
				return err
			}
			return tx.InsertOrder(t.Context(), o, "token-clock", []models.OrderLine{
				{Position: 1, ProductID: &clock.ID, Title: "Настольные часы", Quantity: 1, UnitPrice: 1000, Total: 1000}, {Position: 2, Title: "Кружка", Quantity: 1, UnitPrice: 500, Total: 500}})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/admin/orders", fmt.Sprintf("/admin/orders/%d", o.Number), "/admin/orders?q=clock", "/admin/reports/lines.csv?days=30"} {
			if p := m.get(path).want(t, 200, "Desk clock"); strings.Contains(p.body, "часы") {
				t.Errorf("%s calls a product in the customer's language", path)
			}
		}
		m.get(fmt.Sprintf("/admin/orders/%d", o.Number)).want(t, 200, "Кружка") // of no product that is left: as it was bought
		m.get("/admin/reports/lines.csv?days=30").want(t, 200, "Кружка")
	})
}
