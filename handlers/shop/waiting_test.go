package shop_test

import (
	"testing"
	"time"

	"mostrador/config"
	"mostrador/sandbox"
)

// Who leaves the exchanger's page finds the order again from where people look: the cart and "find my order".
func TestAnOrderThatWaitsIsFoundFromTheCart(t *testing.T) {
	r := lite(t, nil)
	r.sand.SetFaults(sandbox.Faults{LoseNotifications: true})
	for _, at := range []string{"/cart", "/orders/find"} {
		r.get(at).must(200).hasNot("waits for your payment")
	}
	order := r.placed(r.pay25(ids(1)))
	for _, at := range []string{"/cart", "/orders/find"} {
		p := r.get(at).must(200).has("Order 1001 waits for your payment")
		if to := p.link("Back to order 1001"); to != order {
			t.Errorf("%s leads to %s, not to %s", at, to, order)
		}
		newBrowser(t, r.url).get(at).must(200).hasNot("waits for your payment")
	}
	r.post(order+"/cancel", nil).must(303)
	r.get("/cart").must(200).hasNot("waits for your payment")
}

// A rest that no currency takes is no dead end.
func TestARestTooSmallToBePaidLeadsBackToTheOrder(t *testing.T) {
	r := lite(t, func(c *config.Config) { c.Exchanger.RoutesTTL = time.Nanosecond })
	form := r.pay25(ids(1))
	form.Set("amount", "8")
	order := r.placed(form)
	r.pays("less")
	r.shows(order, "of it is missing")
	p := r.get(order + "?choose=1").must(200).has("alone is too little to be paid").hasNot("your cart is kept")
	if to := p.link("Back to the order"); to != order {
		t.Errorf("it leads to %s", to)
	}
}

// After the end of its time a page asks nobody to pay the old amount, says what is true, and offers a new payment.
func TestAfterItsTimeAnOrderAsksForNoOldAmount(t *testing.T) {
	r := lite(t, func(c *config.Config) { c.Checkout.OrderExpiry = time.Millisecond })
	r.sand.SetFaults(sandbox.Faults{LoseNotifications: true})
	order := r.placed(r.pay25(ids(1)))
	p := r.get(order).must(200).has("The time to pay this order ran out.", "do not send it again", "I have sent nothing").hasNot("Send exactly", "Pay now at", "data-until")
	if len(p.elements("form", "action", order+"/pay")) != 1 {
		t.Error("no new payment is offered")
	}
	if n, err := r.svc.ExpireDue(t.Context()); err != nil || n != 1 {
		t.Fatalf("closed %d: %v", n, err)
	}
	r.get(order).must(200).has("so we closed this order", "Order again")
}
