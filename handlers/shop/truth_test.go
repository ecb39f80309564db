package shop_test

import (
	"net/url"
	"testing"

	"mostrador/config"
	"mostrador/models"
)

// moves has the exchanger put its newest order into a status, and tell of it.
func (r *rig) moves(status string) {
	r.t.Helper()
	newest := int64(0)
	for _, o := range r.sand.Orders() {
		newest = max(newest, o.UID)
	}
	if err := r.sand.Move(newest, status, true); err != nil {
		r.t.Fatal(err)
	}
}

func TestMoneyThatComesAfterClosingIsSaidToCome(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		order := r.placed(r.pay25(ids(1)))
		r.post(order+"/cancel", nil).must(303)
		r.get(order).must(200).has("This order is cancelled", "No payment has reached us")
		r.moves("inProgress")
		p := r.shows(order, "Your payment is on its way, although the order had closed.")
		p.has("you need not send it again").hasNot("No payment has reached us", "Order again")
	})
}

func TestTheRestOfAnUnderpaidOrderIsSeenOnItsWay(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		order := r.placed(r.pay25(ids(1)))
		r.pays("less")
		choose := r.get(r.shows(order, "of it is missing").link("Pay the rest in another currency")).must(200)
		form := choose.form(order + "/pay")
		form.Set("route", choose.routeOf("BTC"))
		form.Set("agreement", "1")
		form.Del("quoted")
		r.post(order+"/pay", form).must(303)
		r.get(order).must(200).has("of it is missing")
		r.moves("inProgress")
		r.shows(order, "The rest of your payment has been seen").hasNot("of it is missing", "Pay the missing")
	})
}

func TestWhoPaidTooMuchIsLedToTheRequest(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		order := r.placed(r.pay25(ids(1)))
		r.pays("more")
		p := r.shows(order, "more than was needed")
		p.has("If you want the surplus back, ask for it below").hasNot("write to us about it")
		if to := p.link("Ask for the money back"); to != order+"/refund" {
			t.Errorf("leads to %s", to)
		}
	})
}

func TestWithoutAnAddressNobodyIsAskedToWrite(t *testing.T) {
	r := lite(t, func(cfg *config.Config) { cfg.Shop.SupportEmail = "" })
	order := r.placed(r.pay25(ids(1)))
	r.get(order).must(200).has("The number for every question is 1001")
	r.pays("fail")
	r.shows(order, "could not take this payment").has("keep its number").hasNot("write to us", "Write to us")
}

func TestWhatIsTakenFromSaleIsSaidInTheCart(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		r.post("/cart", url.Values{"product": {"mug"}, "quantity": {"1"}}).must(303)
		pr, err := r.store.ProductBySlug(t.Context(), "mug")
		if err != nil {
			t.Fatal(err)
		}
		pr.Hidden = true
		if err := r.store.InTx(t.Context(), func(tx *models.Tx) error { return tx.UpdateProduct(t.Context(), pr) }); err != nil {
			t.Fatal(err)
		}
		r.get("/cart").must(200).has("is no longer for sale", "Your cart is empty")
		r.get("/cart").must(200).hasNot("no longer for sale")
	})
}
