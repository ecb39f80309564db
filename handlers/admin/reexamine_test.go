package admin_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"mostrador/checkout"
	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/staff"
)

// ordered is an order at the exchanger.
func (d *desk) ordered() (*models.Order, *models.Payment) {
	d.t.Helper()
	offers, err := d.svc.Offers(ctx, 2500)
	if err != nil {
		d.t.Fatal(err)
	}
	for i := range offers {
		if offers[i].Problem != nil || len(checkout.AskedFields(&offers[i])) > 0 {
			continue
		}
		placed, err := d.svc.Place(ctx, checkout.Placement{Source: checkout.SourceAPI, Amount: "25", Route: offers[i].Key, Lang: "en"})
		if err != nil {
			d.t.Fatal(err)
		}
		list, err := d.store.Payments(ctx, placed.Order.ID)
		if err != nil || len(list) != 1 || list[0].UID == "" {
			d.t.Fatalf("%+v, %v", list, err)
		}
		if err := d.svc.CheckNow(ctx, placed.Order.ID, "test"); err != nil { // the pull tells the orderId
			d.t.Fatal(err)
		}
		p, err := d.store.PaymentByID(ctx, list[0].ID)
		if err != nil {
			d.t.Fatal(err)
		}
		return placed.Order, p
	}
	d.t.Fatal("no route without fields")
	return nil, nil
}

// notice is a notification that says that the customer's money was seen, signed with a secret.
func (d *desk) notice(p *models.Payment, secret string) checkout.Received {
	n := exchanger.Notification{
		OrderID: p.ExchangeID, NewStatus: exchanger.StatusInProgress, InAmount: checkout.InAmount(p), OutAmount: p.OrderedOut.Decimal.String(),
		XMLFrom: p.FromXML, XMLTo: p.ToXML, Timestamp: strconv.FormatInt(p.PullStamp+1000, 10), // after what the exchanger itself said
	}
	form := url.Values{
		"orderId": {n.OrderID}, "newStatus": {string(n.NewStatus)}, "inAmount": {n.InAmount}, "outAmount": {n.OutAmount}, "xml_from": {n.XMLFrom}, "xml_to": {n.XMLTo},
		"timestamp": {n.Timestamp}, "hash": {exchanger.Sign(n, secret)},
	}
	return checkout.Received{ContentType: "application/x-www-form-urlencoded", Header: http.Header{}, Body: []byte(form.Encode())}
}

func TestARefusedNotificationIsVerifiedAgain(t *testing.T) {
	_, with := rehearsal(t)
	each(t, func(t *testing.T, d *desk) {
		d.person("m@x.example", staff.Manager)
		d.person("v@x.example", staff.Viewer)
		b := d.in("m@x.example")
		o, p := d.ordered()
		if p.ExchangeID == "" {
			t.Fatal("the exchanger's orderId is not known")
		}
		secret, err := d.store.Vault().IPNSecretOf(p)
		if err != nil {
			t.Fatal(err)
		}
		token, err := d.store.OrderToken(o) // no payment has this address
		if err != nil {
			t.Fatal(err)
		}
		number := strconv.FormatInt(o.Number, 10)
		// A forged one stays refused, whoever looks.
		if answer, err := d.svc.ReceiveNotification(ctx, token, d.notice(p, "not the secret")); answer != http.StatusNotFound || err != nil {
			t.Fatal(answer, err)
		}
		b.get("/admin/notifications/1").want(t, http.StatusOK, "Unknown payment", "Verify again")
		b.post("/admin/notifications/1/verify").want(t, http.StatusOK, "still not proven", "Unknown payment")

		// A true one that came to a wrong address finds its payment by its orderId, and is proven by its secret.
		if answer, err := d.svc.ReceiveNotification(ctx, token, d.notice(p, secret)); answer != http.StatusNotFound || err != nil {
			t.Fatal(answer, err)
		}
		d.in("v@x.example").post("/admin/notifications/2/verify").want(t, http.StatusForbidden)
		b.post("/admin/notifications/2/verify").want(t, http.StatusOK, "applied to order "+number, "Applied")
		if o, err = d.store.OrderByID(ctx, o.ID); err != nil || o.Status != checkout.Pending {
			t.Errorf("the order is %s, %v", o.Status, err)
		}
		b.post("/admin/notifications/2/verify").want(t, http.StatusConflict, "judged already")
		b.post("/admin/notifications/99/verify").want(t, http.StatusNotFound)
		if !d.did("m@x.example", "notification.verify") {
			t.Error("the log does not say who")
		}
		events, err := d.store.Events(ctx, p.ID)
		if err != nil || events[len(events)-1].Who != "m@x.example" {
			t.Errorf("the timeline does not say who: %+v, %v", events[len(events)-1], err)
		}
	}, with)
}

func TestARouteHasItsHistoryAndItsPlace(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.site(routeDoc)
		d.person("m@x.example", staff.Manager)
		b := d.in("m@x.example")
		at := pathOf(t, b.get("/admin/routes").want(t, http.StatusOK).find(t, `href="(/admin/routes/\d+)"`))
		b.get(at).want(t, http.StatusOK, "Bitcoin → Tether TRC20", "1 BTC = 100 USDT", "Rates seen", "In the last week 1 BTC brought between 100 and 100 USDT", "The numbers by day", `class="rate-dot"`, "Payout", "Wallet")
		b.post(at+"/place", "place", "first").want(t, http.StatusUnprocessableEntity, "whole number", `value="first"`)
		b.post(at+"/place", "place", "1").want(t, http.StatusOK, "Saved.", `value="1"`)
		b.get("/admin/routes").want(t, http.StatusOK, "place 1")
		if !d.did("m@x.example", "route.place") {
			t.Error("the log does not say who")
		}
		b.get("/admin/routes/99").want(t, http.StatusNotFound)
	})
}
