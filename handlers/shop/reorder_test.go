package shop_test

import (
	"net/url"
	"strings"
	"testing"

	"mostrador/models"
)

func TestAClosedOrderIsOrderedAgain(t *testing.T) {
	each(t, nil, func(t *testing.T, r *rig) {
		r.post("/cart", url.Values{"product": {"mug"}, "quantity": {"2"}}).must(303)
		r.post("/cart", url.Values{"product": {"lamp"}, "quantity": {"2"}}).must(303)
		list := r.get("/checkout").must(200)
		form := url.Values{"source": {"cart"}, "route": {list.routeOf("BTC")}, "email": {"maria@example.com"}, "agreement": {"1"}, "attempt": {ids(1)}}
		order := r.placed(form)
		r.post(order+"/cancel", nil).must(303)
		take := func(n int64) { // somebody else buys lamps meanwhile
			t.Helper()
			lamp, err := r.store.ProductBySlug(t.Context(), "lamp")
			if err != nil {
				t.Fatal(err)
			}
			err = r.store.InTx(t.Context(), func(tx *models.Tx) error {
				_, err := tx.TakeStock(t.Context(), lamp.ID, n, false)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		again := func(want ...string) *page {
			t.Helper()
			closed := r.get(order).must(200).has("Order again")
			to := r.post(order+"/again", closed.form(order+"/again")).must(303)
			return r.follow(to).must(200).has(want...)
		}
		again("Ribera mug", "Lamp").hasNot("Not everything is there")
		take(2)
		again("Ribera mug", "Not everything is there any more", "Lamp: only 1 is left.")
		take(1)
		p := again("Ribera mug", "Lamp: not available any more.")
		if strings.Contains(p.body, `href="/checkout"`) {
			t.Error("what is gone can be checked out")
		}
	})
}

func TestOrderingAgainTakesNothingOutOfTheCart(t *testing.T) {
	r := lite(t, nil)
	r.post("/cart", url.Values{"product": {"mug"}, "quantity": {"1"}}).must(303)
	list := r.get("/checkout").must(200)
	order := r.placed(url.Values{"source": {"cart"}, "route": {list.routeOf("BTC")}, "email": {"maria@example.com"}, "agreement": {"1"}, "attempt": {ids(1)}})
	r.post(order+"/cancel", nil).must(303)
	r.post("/cart/mug", url.Values{"quantity": {"5"}}).must(303)
	closed := r.get(order).must(200)
	r.follow(r.post(order+"/again", closed.form(order+"/again")).must(303)).must(200).has(`value="5"`)
}

func TestALinkOrAnAmountIsOpenedAgain(t *testing.T) {
	r := lite(t, nil)
	order := r.placed(r.pay25(ids(1)))
	r.post(order+"/cancel", nil).must(303)
	p := r.follow(r.post(order+"/again", nil).must(303)).must(200).has("$25.00")
	if p.url.Path != "/pay" {
		t.Errorf("led to %s", p.url)
	}
}
