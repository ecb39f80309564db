package shop_test

import (
	"net/url"
	"strings"
	"testing"

	"mostrador/config"
	"mostrador/models"
)

// paylink makes a payment link of 25 that is good for one order.
func (r *rig) paylink(slug, back string) {
	r.t.Helper()
	amount, once := int64(2500), int64(1)
	err := r.store.InTx(r.t.Context(), func(tx *models.Tx) error {
		return tx.CreateLink(r.t.Context(), &models.Link{Slug: slug, Title: "Deposit", Amount: &amount, MaxUses: &once, ReturnURL: back, Active: true})
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// byLink orders by a payment link and gives the order page's address.
func (r *rig) byLink(slug, attempt string) string {
	r.t.Helper()
	p := r.get("/pay/" + slug).must(200).has("Deposit")
	return r.placed(url.Values{"source": {"link"}, "link": {slug}, "route": {p.routeOf("BTC")}, "email": {"maria@example.com"}, "agreement": {"1"}, "attempt": {attempt}})
}

func TestAUsedUpLinkKnowsWhoPaidByIt(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		r.paylink("once", "")
		order := r.byLink("once", ids(1))
		for range 2 { // before and after it is paid
			if to := r.get("/pay/once").must(303).header.Get("Location"); to != order {
				t.Errorf("the payer is led to %q, want %s", to, order)
			}
			r.pays("full")
			r.shows(order, "Paid. Thank you")
		}
		other := newBrowser(t, r.url)
		p := other.get("/pay/once").must(409).has("This payment link is closed", "used as often as it may be", "Have you paid by it?", "history")
		if strings.Contains(p.body, order) {
			t.Error("a stranger is shown the payer's order")
		}
		forged := newBrowser(t, r.url)
		forged.header.Set("Cookie", "link=once."+strings.Repeat("a", 26))
		forged.get("/pay/once").must(409)
		other.get("/pay/none").must(404)
	})
}

func TestAClosedOrderOfALinkThatIsOverDoesNotLeadInCircles(t *testing.T) {
	r := lite(t, func(c *config.Config) { c.Mail.URL = "smtp://127.0.0.1:1" })
	r.paylink("once", "")
	order := r.byLink("once", ids(1))
	r.post(order+"/cancel", nil).must(303)
	r.get("/pay/once").must(200) // nothing was paid by it: it is good again
	l, err := r.store.LinkBySlug(t.Context(), "once")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.store.InTx(t.Context(), func(tx *models.Tx) error { return tx.SwitchLink(t.Context(), l.ID, false) }); err != nil {
		t.Fatal(err)
	}
	p := r.follow(r.post(order+"/again", nil).must(303)).must(409).has("over or switched off", "mail you its address")
	if to := p.link("Find my order"); to != "/orders/find" {
		t.Errorf("who has paid is led to %s", to)
	}
}

func TestAPaidOrderLeadsBackToWhereItsLinkSays(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		r.paylink("back", "https://www.courses.example/thanks?of=1")
		order := r.byLink("back", ids(1))
		if p := r.get(order).must(200); strings.Contains(p.body, "courses.example") {
			t.Error("it leads back before it is paid")
		}
		r.pays("full")
		p := r.shows(order, "Paid. Thank you").has("Back to courses.example")
		if to := p.link("Back to courses.example"); to != "https://www.courses.example/thanks?of=1" {
			t.Errorf("leads to %q", to)
		}
	})
}
