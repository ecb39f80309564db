package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"mostrador/models"
	"mostrador/staff"
)

// asks stores a refund as if the customer had asked for it.
func (d *desk) asks(o *models.Order) *models.Refund {
	d.t.Helper()
	r := &models.Refund{PublicID: models.PublicID("rf"), OrderID: o.ID, State: "asked", Currency: "BTC", Reason: "The lamp <b> is broken", Network: "Bitcoin", CreatedBy: "customer"}
	err := d.store.InTx(d.t.Context(), func(tx *models.Tx) error { return tx.InsertRefund(d.t.Context(), r, "bc1qtheirs") })
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func TestACustomersRequestForMoneyBackIsAnsweredOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		d.person("viewer@shop.example", staff.Viewer)
		m, v := d.in("manager@shop.example"), d.in("viewer@shop.example")
		o := d.placed(models.Order{Status: "underpaid", Total: 1000, Received: 900, Email: "a@mail.example"})
		at := fmt.Sprintf("/admin/orders/%d", o.Number)
		first := d.asks(o)
		answer := at + "/refunds/" + first.PublicID + "/answer"

		m.get("/admin").want(t, 200, "the customer asks for the money back", "The lamp &lt;b&gt; is broken", at+"#refunds")
		m.get("/admin/orders?refund=asked").want(t, 200, "a@mail.example")
		m.get(at).want(t, 200, "The customer asks for the money back.", "bc1qtheirs", "Bitcoin")
		if p := v.get(at).want(t, 200, "The customer asks for the money back."); strings.Contains(p.body, "bc1qtheirs") || strings.Contains(p.body, answer) {
			t.Fatal("a viewer sees where the money goes, or a form")
		}
		v.post(answer, "state", "refused", "answer", "no").want(t, 403)
		m.post(answer, "state", "perhaps").want(t, 422)
		m.post(answer, "state", "refused", "answer", " ").want(t, 422, "Say why not")
		m.post(answer, "state", "sent", "amount", "0.001", "currency", "BTC", "answer", "Sorry!").want(t, 422, "Give the transaction id", `value="0.001"`, `value="Sorry!"`)
		m.get(at).want(t, 200, `value="bc1qtheirs"`, `value="Bitcoin"`)
		m.post(at+"/refund", "amount", "", "currency", "", "state", "sent", "reference", "tx70", "address", "bc1qother").want(t, 422, "A refund needs an amount", "Give the code of the currency", `value="tx70"`, `value="bc1qother"`, "2 fields")
		m.post(answer, "state", "sent", "amount", "-1", "currency", "B C", "answer", "Sorry!").want(t, 422, "A refund needs an amount", "Give the code of the currency", "Give the transaction id", `value="Sorry!"`, "3 fields")
		m.post(answer, "state", "sent", "amount", "much", "currency", "BTC", "reference", "tx").want(t, 422, "A refund needs an amount above 0", "one field needs you", `value="much"`)
		m.post(at+"/refunds/rf_other/answer", "state", "refused", "answer", "no").want(t, http.StatusNotFound)
		m.post(answer, "state", "refused", "answer", "It was used for a year.").want(t, 200, "refused", "It was used for a year.")
		m.post(answer, "state", "sent", "amount", "0.001", "currency", "BTC", "reference", "tx77").want(t, http.StatusConflict, "Somebody answered this request meanwhile", "It was used for a year.", "tx77", "manager@shop.example")

		second := d.asks(o)
		m.post(at+"/refunds/"+second.PublicID+"/answer", "state", "sent", "amount", "9.01", "currency", "USD", "reference", "tx78").want(t, 422, "at most")
		m.post(at+"/refunds/"+second.PublicID+"/answer", "state", "sent", "amount", "1", "currency", "EUR", "reference", "tx78").want(t, 422, "Currency: The order was not paid in EUR")
		m.post(at+"/refunds/"+second.PublicID+"/answer", "state", "sent", "amount", "9", "currency", "USD", "reference", "tx78", "answer", "With our apologies.").want(t, 200, "tx78", "With our apologies.")
		m.get(at).want(t, 200, "Nothing is left to decide", `<span class="flag">sent back</span>`)
		m.get("/admin/orders?status=underpaid").want(t, 200, `<span class="flag">sent back</span>`)
		m.get("/admin/orders?refund=sent").want(t, 200, "a@mail.example")
		list, err := d.store.Refunds(t.Context(), o.ID)
		if err != nil || len(list) != 2 || list[0].State != "refused" || list[1].State != "sent" || list[1].Amount.Decimal.String() != "9" || list[1].AnsweredBy != "manager@shop.example" || list[1].AnsweredAt == nil {
			t.Fatalf("%+v, %v", list, err)
		}
		if p := m.get("/admin").want(t, 200); strings.Contains(p.body, "the customer asks for the money back") {
			t.Fatal("an answered request is still in the inbox")
		}
		m.get("/admin/log").want(t, 200, "answered a refund: sent", "answered a refund: refused")
		for _, lang := range []string{"es", "ru"} {
			m.lang = lang
			m.get(at).want(t, 200)
		}
	})
}

func TestAStaleDecisionShowsWhatWasSeenAndWhatIs(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.person("manager@shop.example", staff.Manager)
		m := d.in("manager@shop.example")
		for _, what := range []string{"accept", "rest", "cancel"} {
			status := map[string]string{"accept": "underpaid", "rest": "underpaid", "cancel": "open"}[what]
			o := d.placed(models.Order{Status: status, Total: 1000, Received: 900, Email: what + "@mail.example"})
			at := fmt.Sprintf("/admin/orders/%d/%s", o.Number, what)
			m.post(at, "version", "77", "saw_status", "pending", "saw_received", "450").want(t, http.StatusConflict, "Pending", map[string]string{"underpaid": "Underpaid", "open": "Open"}[status], "$4.50", "$9.00", "You wanted")
			if now := d.status(o); now != status {
				t.Fatalf("%s was applied: the order is %s", what, now)
			}
		}
	})
}
