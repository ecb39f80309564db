package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/staff"
)

func mailOn(c *config.Config) {
	c.Mail.URL, c.Mail.From = "smtp://127.0.0.1:1", "Shop <shop@shop.example>"
}

func TestTickedOrdersAreCancelledAndExportedTogether(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		d.person("viewer@shop.example", staff.Viewer)
		m, v := d.in("manager@shop.example"), d.in("viewer@shop.example")
		paid := d.clock.now()
		open := d.placed(models.Order{Status: checkout.Open, Total: 1000, Email: "a@mail.example", ExpiresAt: paid.AddDate(0, 0, 1)})
		done := d.placed(models.Order{Status: checkout.Paid, Total: 1000, Received: 1000, Email: "b@mail.example", PaidAt: &paid})
		other := d.placed(models.Order{Status: checkout.Open, Total: 1000, Email: "c@mail.example", ExpiresAt: paid.AddDate(0, 0, 1)})
		both := []string{"back", "/admin/orders?sort=-total", "order", id(open.Number), "order", id(done.Number)}

		v.post("/admin/orders/cancel", both...).want(t, http.StatusForbidden)
		v.post("/admin/orders/rest", both...).want(t, http.StatusForbidden)
		m.post("/admin/orders/cancel").want(t, http.StatusUnprocessableEntity, "Choose 1 to 100 orders first")
		m.post("/admin/orders/cancel", both...).want(t, 200, "Cancel the unpaid ones of 2 chosen orders?", `name="sure"`)
		if o, err := d.store.OrderByID(t.Context(), open.ID); err != nil || o.Status != checkout.Open {
			t.Fatalf("cancelled without an answer: %+v %v", o, err)
		}
		m.post("/admin/orders/cancel", append(both, "sure", "1")...).want(t, 200, "1 order is cancelled. 1 was left as it is")
		for id, want := range map[int64]string{open.ID: checkout.Cancelled, done.ID: checkout.Paid, other.ID: checkout.Open} {
			if o, err := d.store.OrderByID(t.Context(), id); err != nil || o.Status != want {
				t.Fatalf("order %d is %s, want %s: %v", id, o.Status, want, err)
			}
		}
		log := m.get("/admin/log").want(t, 200, fmt.Sprintf("order %d", open.Number))
		if strings.Contains(log.body, fmt.Sprintf("order %d", done.Number)) {
			t.Error("the log says that something was done with an order that was left alone")
		}

		file := m.get(fmt.Sprintf("/admin/orders.csv?back=x&order=%d&order=%d", open.Number, done.Number)).want(t, 200)
		if lines := strings.Count(file.body, "\n"); lines != 3 || strings.Contains(file.body, "c@mail.example") {
			t.Errorf("%d lines: %s", lines, file.body)
		}
		v.get("/admin/orders.csv?order=x").want(t, http.StatusUnprocessableEntity)
	})
}

func TestAPileOffersWhatCanBeDoneWithAllOfIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		m := d.in("manager@shop.example")
		var list []*models.Order
		for i := range 5 {
			list = append(list, d.placed(models.Order{Status: checkout.Underpaid, Total: 1000, Received: 900, Email: fmt.Sprintf("u%d@mail.example", i)}))
			d.placed(models.Order{Status: checkout.Review, ReviewReason: checkout.WhyDouble, Total: 1000, Received: 1000, Email: fmt.Sprintf("r%d@mail.example", i)})
		}
		// Money of two of them goes back: the rest is not taken any more, nor can they be accepted.
		for i, state := range []string{checkout.RefundAsked, checkout.RefundSent} {
			r := &models.Refund{PublicID: models.PublicID("rf"), OrderID: list[i].ID, State: state, Currency: "BTC", CreatedBy: checkout.ByCustomer}
			if err := d.store.InTx(t.Context(), func(tx *models.Tx) error { return tx.InsertRefund(t.Context(), r, "") }); err != nil {
				t.Fatal(err)
			}
		}
		p := m.get("/admin").want(t, 200, "5 orders are underpaid.", "Ask 3 for the rest", "Look at the oldest", "answer that first", "nothing more is taken for it")
		for i, o := range list {
			for _, action := range []string{"rest", "accept"} {
				if offered := strings.Contains(p.body, fmt.Sprintf(`"/admin/orders/%d/%s"`, o.Number, action)); offered != (i > 1) {
					t.Errorf("order %d of the pile, %s: offered is %v", i, action, offered)
				}
			}
		}
		m.post("/admin/orders/rest", "back", "/admin", "order", id(list[0].Number), "order", id(list[3].Number), "order", id(list[4].Number)).want(t, 200, "2 customers get a mail with the link. 1 was left as it is")
	}, mailOn)
}

func TestNothingPromisesMailThatCannotGoOut(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		m := d.in("manager@shop.example")
		paid := d.clock.now()
		under := d.placed(models.Order{Status: checkout.Underpaid, Total: 1000, Received: 900, Email: "u@mail.example"})
		double := d.placed(models.Order{Status: checkout.Review, ReviewReason: checkout.WhyDouble, Total: 1000, Received: 1000, Email: "r@mail.example"})
		done := d.placed(models.Order{Status: checkout.Paid, Total: 1000, Received: 1000, Email: "b@mail.example", PaidAt: &paid})
		d.brought(done)
		for _, path := range []string{"/admin", orderAt(under), orderAt(double), orderAt(done)} {
			p := m.get(path).want(t, 200)
			for _, promise := range []string{"receipt is mailed", "mails the receipt", "Mails the customer", "Mail the customer", "Mails it", "waits until mail"} {
				if strings.Contains(p.body, promise) {
					t.Errorf("%s says %q though mail is off", path, promise)
				}
			}
		}
		m.post(orderAt(done)+"/receipt").want(t, 200, "No mail could go out")
	})
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		under := d.placed(models.Order{Status: checkout.Underpaid, Total: 1000, Received: 900, Email: "u@mail.example"})
		d.in("manager@shop.example").get(orderAt(under)).want(t, 200, "The receipt is mailed.", "Mails the customer a link")
	}, mailOn)
}

func orderAt(o *models.Order) string { return "/admin/orders/" + id(o.Number) }
