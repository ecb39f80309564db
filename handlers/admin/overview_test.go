package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/staff"
)

func TestTheInboxGroupsAndOffersWhatTheRoleMayDo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		d.person("viewer@shop.example", staff.Viewer)
		m, v := d.in("manager@shop.example"), d.in("viewer@shop.example")
		m.get("/admin").want(t, 200, "No mail is sent", "1 thing")
		for path, days := range map[string]int{"/admin": 30, "/admin?days=7": 7, "/admin?days=90": 90, "/admin?days=1000000": 30} {
			p := m.get(path).want(t, 200)
			if _, wide, _ := strings.Cut(p.body, `id="ch-wide-d"`); strings.Count(wide[:strings.Index(wide, "</svg>")], `class="hit"`) != days {
				t.Errorf("%s does not show %d days", path, days)
			}
		}
		for i := range 12 {
			d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 900, Email: fmt.Sprintf("u%d@mail.example", i)})
		}
		review := d.placed(models.Order{Status: "review", ReviewReason: "double", Total: 1000, Received: 1000, Email: "r@mail.example"})
		paid := d.clock.now()
		late := d.placed(models.Order{Status: "paid", Flags: "late", Total: 700, Received: 700, Email: "late@mail.example", PaidAt: &paid})

		p := m.get("/admin").want(t, 200, "12 orders are underpaid.", "$12.00 short together.", "Show 10 of them here", "All 12 of them", "has two settled payments", fmt.Sprintf("Order %d", late.Number), "was paid after it had closed")
		if n := strings.Count(p.body, "/rest"); n != 10 {
			t.Fatalf("%d buttons ask for a rest", n)
		}
		if q := v.get("/admin").want(t, 200, "12 orders are underpaid."); strings.Contains(q.body, "/rest") || strings.Contains(q.body, "/accept") || strings.Contains(q.body, "/admin/seen") {
			t.Fatal("a viewer sees buttons that would be refused")
		}
		over := d.placed(models.Order{Status: "paid", Flags: "over", Total: 700, Received: 900, Email: "over@mail.example", PaidAt: &paid})
		m.get("/admin").want(t, 200, fmt.Sprintf("Order %d", over.Number), "was paid with more than its price")
		m.post("/admin/seen", "subject", models.SeenFlags(over.ID, "over")).want(t, 200)
		if strings.Contains(m.get("/admin").want(t, 200).body, "was paid with more than its price") {
			t.Fatal("a surplus that was seen is still there")
		}
		v.post("/admin/seen", "subject", "refused").want(t, 403)
		m.post("/admin/seen").want(t, 422)
		m.post("/admin/seen", "subject", "anything").want(t, 422)
		m.post("/admin/seen", "subject", models.SeenFlags(late.ID, "late")).want(t, 200, "Put aside")
		if q := m.get("/admin").want(t, 200); strings.Contains(q.body, "was paid after it had closed") {
			t.Fatal("what was seen is still there")
		}
		a := m.post(fmt.Sprintf("/admin/orders/%d/accept", review.Number), "version", id(review.Version), "back", "/admin").want(t, 200)
		if a.path != "/admin" {
			t.Fatalf("deciding in the inbox leads to %s", a.path)
		}
		m.get("/admin/log").want(t, 200, "put something of the inbox aside")
		for _, lang := range []string{"es", "ru"} {
			m.lang = lang
			m.get("/admin").want(t, 200)
		}
	})
}

func TestTheOverviewRoundsAndSaysItsUnits(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		m := d.in("manager@shop.example")
		at := d.clock.now()
		d.placed(models.Order{Status: "paid", Total: 17000, Received: 17000, Email: "a@mail.example", PaidAt: &at})
		short := d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 679, Email: "b@mail.example"})
		asked := d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 900, Email: "c@mail.example"})
		d.asks(asked)
		m.get("/admin").want(t, 200, "average $5.67", "median < 1 s") // 170 / 30 is 5.67 and no 5.66
		m.lang = "es"
		m.get("/admin").want(t, 200, fmt.Sprintf("Al pedido %d le faltan", short.Number), fmt.Sprintf("El pedido %d era de", asked.Number))
		m.lang = "ru"
		m.get("/admin").want(t, 200, fmt.Sprintf("Заказу %d не хватает", short.Number), "По сравнению с прошлым периодом")
	})
}

func TestTheOverviewRenewsItselfAndKeepsNoSessionAlive(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		b := d.in("manager@shop.example")
		d.placed(models.Order{Status: "open", Total: 1000, Email: "a@mail.example"})
		p := b.get("/admin").want(t, 200, `http-equiv="refresh"`, "a@mail.example")
		live := p.find(t, `hx-get="([^"]+)"`)
		b.get(live).want(t, http.StatusNoContent)
		d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 10, Email: "news@mail.example"})
		now := b.get(live).want(t, 200, "news@mail.example", "is $9.90 short", `hx-swap-oob="true"`)
		if strings.Contains(now.body, "<html") {
			t.Fatal("a whole page came instead of a part")
		}
		b.get(now.find(t, `hx-get="([^"]+)"`)).want(t, http.StatusNoContent)

		for range 40 { // an open page alone does not keep somebody signed in
			d.clock.move(20 * time.Minute)
			b.get(live)
			b.get("/admin?unattended=1")
		}
		req, _ := http.NewRequest("GET", d.url+live, nil)
		req.Header.Set("HX-Request", "true")
		res, err := b.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusNoContent || res.Header.Get("HX-Refresh") != "true" {
			t.Fatalf("after the session's end: %d, HX-Refresh %q", res.StatusCode, res.Header.Get("HX-Refresh"))
		}
	})
}

func TestChosenOrdersAreCheckedAndFiltersAreKept(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		d.person("viewer@shop.example", staff.Viewer)
		m, v := d.in("manager@shop.example"), d.in("viewer@shop.example")
		a := d.placed(models.Order{Status: "open", Total: 1000, Email: "a@mail.example"})
		m.get("/admin/orders").want(t, 200, `name="order" value="`+id(a.Number)+`"`, "Check chosen now")
		if p := v.get("/admin/orders").want(t, 200); strings.Contains(p.body, `name="order"`) {
			t.Fatal("a viewer can tick orders")
		}
		v.post("/admin/orders/check", "order", id(a.Number)).want(t, 403)
		m.post("/admin/orders/check", "back", "/admin/orders?status=open").want(t, 422, "Choose 1 to 100 orders first", "a@mail.example")
		m.post("/admin/orders/check", "order", "x").want(t, 422)
		if p := m.post("/admin/orders/check", "order", id(a.Number), "back", "/admin/orders?status=open").want(t, 200, "None of them has a payment"); p.path != "/admin/orders" {
			t.Fatal(p.path)
		}

		m.post("/admin/account/filters", "query", "status=open", "name", " ").want(t, 422, "Give the filter a name")
		m.post("/admin/account/filters", "query", "after=1.1&evil=1", "name", "x").want(t, 422, "Choose a filter first", `value="x"`)
		m.post("/admin/account/filters", "query", "status=open&sort=-total&after=1.1", "name", "The open <b>").want(t, 200, "Kept as “The open <b>”", `aria-current="true"`, "Forget this filter")
		m.post("/admin/account/filters", "query", "status=paid&q=x", "name", "The open <b>").want(t, 422, "You keep another filter as")
		v.post("/admin/account/filters", "query", "status=paid&q=x", "name", "Mine").want(t, 200, "Mine")
		p := m.get("/admin/orders?sort=-total&status=open").want(t, 200, "The open &lt;b&gt;")
		if strings.Contains(p.body, "Mine") {
			t.Fatal("somebody else's filter is shown")
		}
		drop := p.find(t, `action="(/admin/account/filters/[0-9]+/drop)"`)
		v.post(drop).want(t, 404)
		m.post(drop).want(t, 200, "The filter is forgotten")
		m.post(drop).want(t, 404)
	})
}

// hangs stores an order whose payment stands in a status of the exchanger's.
func (d *desk) hangs(site int64, status string, total int64) *models.Order {
	d.t.Helper()
	o := d.placed(models.Order{Status: "pending", Total: total, Email: "h@mail.example"})
	next := d.clock.now().Add(time.Hour)
	amount := decimal.New(total, -2)
	p := &models.Payment{OrderID: o.ID, Seq: 1, TokenHash: models.Digest(fmt.Sprint(o.ID)), SiteID: site, RouteID: "r", Phase: "live", Status: status, UID: fmt.Sprint("u", o.ID), FromXML: "BTC", FromName: "Bitcoin", FromSymbol: "BTC", FromDecimals: 8,
		ToXML: "WMZ", ToName: "WebMoney", ToSymbol: "WMZ", ToDecimals: 2, PayoutRate: decimal.NewFromInt(1), Price: total, PriceOut: amount, QuotedIn: amount, QuotedOut: amount, QuotedAt: d.clock.now(), NextPullAt: &next}
	err := d.store.InTx(d.t.Context(), func(tx *models.Tx) error {
		tx.Vault().SealIPNSecret(p, "secret")
		if err := tx.InsertPayment(d.t.Context(), p); err != nil {
			return err
		}
		return tx.AppendEvent(d.t.Context(), p, &models.Event{Source: "pull", Kind: "pulled", Outcome: "applied", Status: status, Data: "{}"}, nil)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return o
}

func TestWhatWaitsAtAnExchangerThatDoesNotAnswerStandsWithIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		m := d.in("manager@shop.example")
		sites, err := d.store.Sites(t.Context())
		if err != nil || len(sites) == 0 {
			t.Fatalf("%v, %v", sites, err)
		}
		var numbers []string
		for i := range 5 {
			numbers = append(numbers, id(d.hangs(sites[0].ID, "hold", int64(1000+i)).Number))
		}
		d.hangs(sites[0].ID, "errorPayout", 2000)
		p := m.get("/admin").want(t, 200, "5 payments are frozen by their exchanger.", "Check all now", "could not pay you out")
		for _, n := range numbers {
			if !strings.Contains(p.body, `name="order" value="`+n+`"`) {
				t.Fatalf("the button for all leaves order %s out", n)
			}
		}
		m.post("/admin/orders/check", "back", "/admin", "order", numbers[0], "order", numbers[1]).want(t, 200, "2 payments are asked about")

		d.clock.move(3 * time.Hour) // pulls that bring nothing new do not make them younger
		m.post("/admin/orders/check", "back", "/admin", "order", numbers[0]).want(t, 200)
		if p := m.get("/admin"); strings.Count(p.text(), "3 h") < 6 {
			t.Fatalf("they have waited for 3 hours: %s", p.text())
		}
		since := d.clock.now().Add(-time.Hour)
		sites[0].Circuit, sites[0].FailingSince = "open", &since
		if err := d.store.InTx(t.Context(), func(tx *models.Tx) error { return tx.SaveSiteHealth(t.Context(), &sites[0]) }); err != nil {
			t.Fatal(err)
		}
		p = m.get("/admin").want(t, 200, "6 orders wait at "+sites[0].Name+", which does not answer.", "Show the 6 payments that stand still there")
		if strings.Contains(p.body, "5 payments are frozen") {
			t.Fatal("what waits at the exchanger stands twice")
		}
	})
}
