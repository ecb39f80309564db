package shop

import (
	"time"

	"github.com/a-h/templ"
	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/money"
	"mostrador/views"
	"mostrador/views/shop"
)

// post is a button that sends a form of its own.
func (b *orderBuilder) post(label, what, busy string) *shop.Action {
	return &shop.Action{Label: label, URL: templ.SafeURL(b.self() + "/" + what), Post: true, Busy: busy}
}

// there leads to the exchanger's page; nil while there is none.
func (b *orderBuilder) there(key string) *shop.Action {
	if b.l.PayURL == "" {
		return nil
	}
	return &shop.Action{Label: b.p.Text(key, "site", b.site, "amount", b.coin(b.amount())), URL: templ.SafeURL(b.l.PayURL), Icon: "arrow-up-right"}
}

func (b *orderBuilder) others(v *shop.OrderView, list ...*shop.Action) {
	for _, a := range list {
		if a != nil {
			v.Others = append(v.Others, *a)
		}
	}
}

// actions are what can be done in the state: one filled button, the rest beside it.
func (b *orderBuilder) actions(v *shop.OrderView) {
	o := b.l.Order
	another := &shop.Link{Label: b.p.Text("order.another"), URL: templ.SafeURL(b.self() + "?choose=1")}
	write := func() {
		if b.support != "" {
			b.others(v, &shop.Action{Label: b.p.Text("order.write_about", "number", o.Number), URL: b.support, Icon: "mail"})
		}
	}
	switch b.state {
	case shop.StateChoose:
		v.Main = &shop.Action{Label: b.p.Text("order.choose"), URL: another.URL}
	case shop.StateWaiting:
		v.Due, v.Main, v.Another = views.MoneyOf(b.coin(b.amount())), b.there("order.pay_now"), another
		if v.Main == nil {
			v.Beneath = ""
		}
	case shop.StateTold:
		v.Another = another
		b.others(v, b.there("order.see_there"))
	case shop.StateMoved:
		v.Due, v.Main = views.MoneyOf(b.coin(b.amount())), b.there("order.pay_amount")
		b.others(v, &shop.Action{Label: b.p.Text("order.another_short"), URL: another.URL})
	case shop.StateFailed, shop.StateClosedThere, shop.StateUnclear, shop.StateRefused, shop.StateClosing:
		v.Again = b.again()
	case shop.StateExchanging, shop.StatePayout, shop.StateHold, shop.StateSilent, shop.StateSilentSeen, shop.StateStuck, shop.StateRestSeen, shop.StateLateSeen:
		b.others(v, b.there("order.see_there"))
	case shop.StateUnderpaid:
		b.underpaid(v, another)
	case shop.StateExpired, shop.StateCancelled, shop.StateReturned:
		v.Main = b.orderAgain()
	case shop.StatePaid, shop.StatePaidLate, shop.StatePaidOver, shop.StateRefunded:
		b.paid(v)
	default:
		write()
	}
	if o.Status == checkout.Open {
		v.Cancel = b.post(b.p.Text("order.cancel"), "cancel", b.p.Text("order.cancel_busy"))
	}
	if receipt := templ.SafeURL(b.self() + "/receipt"); o.PaidAt != nil && (v.Main == nil || v.Main.URL != receipt) {
		v.Receipt = &shop.Link{Label: b.p.Text("order.receipt"), URL: receipt}
	}
}

// paid is the end of the way: the receipt, and for an order of another site the way back there.
func (b *orderBuilder) paid(v *shop.OrderView) {
	v.Main = &shop.Action{Label: b.p.Text("order.receipt"), URL: templ.SafeURL(b.self() + "/receipt"), Icon: "receipt-text"}
	if b.l.Order.ReturnURL != "" {
		b.others(v, &shop.Action{Label: b.p.Text("order.back_to", "shop", hostOf(b.l.Order.ReturnURL)), URL: templ.URL(b.l.Order.ReturnURL)})
	} else {
		b.others(v, &shop.Action{Label: b.p.Text("order.to_shop"), URL: "/"})
	}
	v.Events = "" // nothing more is awaited
}

// again is the form for another attempt with the same currency.
func (b *orderBuilder) again() *shop.Again {
	p := b.l.Current
	out := &shop.Again{Action: templ.SafeURL(b.self() + "/pay"), Button: b.p.Text("order.again", "symbol", p.FromSymbol), Busy: b.p.Text("order.again_busy"),
		Another: &shop.Link{Label: b.p.Text("order.another_short"), URL: templ.SafeURL(b.self() + "?choose=1")},
		Hidden:  []shop.Hidden{{Name: "route", Value: routeOf(b.l.Site, p)}, {Name: "agreement", Value: "1"}, {Name: "attempt", Value: attemptOf(b.l)}}}
	if checkout.MayBeUnderWay(b.l.Payments) {
		out.NothingSent = nothingSent(b.p, false)
		if b.state == shop.StateUnclear && len(b.l.Payments) == 1 { // nobody was shown where to send to
			out.NothingSent.Text, out.NothingSent.More = []views.Span{{Text: b.p.Text("checkout.nothing_sent_sure")}}, ""
		}
	}
	return out
}

// underpaid shows what came and what is missing, and takes the rest.
func (b *orderBuilder) underpaid(v *shop.OrderView, another *shop.Link) {
	o, p := b.l.Order, b.l.Current
	missing := checkout.Missing(o)
	if o.Total > 0 {
		v.Parts = &shop.Parts{Share: int(min(99, max(0, o.Received*100/o.Total)))}
	}
	if p == nil || v.Parts == nil {
		return
	}
	arrived := o.UpdatedAt
	for i := range b.l.Payments {
		if at := b.l.Payments[i].SettledAt; at != nil {
			arrived = *at
		}
	}
	v.Parts.Rows = []shop.PartRow{
		{Label: b.p.Text("order.part_ordered"), Amount: b.price(o.Total, b.p)},
		{Label: b.p.Text("order.part_arrived", "time", b.short(arrived)), Amount: b.price(o.Received, b.p)},
		{Label: b.p.Text("order.part_missing"), Amount: b.price(missing, b.p), Total: true},
	}
	if p.SettledAt == nil && b.l.PayURL != "" { // the rest was begun already and waits for the customer
		v.Main = b.there("order.pay_amount")
	} else {
		v.Main = b.post(b.p.Text("order.pay_rest", "amount", b.price(missing, b.p)), "pay", "")
		v.Main.Hidden = []shop.Hidden{{Name: "route", Value: routeOf(b.l.Site, p)}, {Name: "attempt", Value: attemptOf(b.l)}, {Name: "step", Value: "choose"}}
	}
	b.others(v, &shop.Action{Label: b.p.Text("order.pay_rest_other"), URL: another.URL})
}

// since is the time in the head of the page: what is left to pay, or since when it is so.
func (b *orderBuilder) since(v *shop.OrderView) {
	o := b.l.Order
	switch b.state {
	case shop.StateWaiting, shop.StateMoved, shop.StateTold, shop.StateChoose:
		if o.Status != checkout.Open {
			return
		}
		left := o.ExpiresAt.Sub(b.now)
		if left <= 0 {
			return
		}
		text, iso := handlers.Left(left)
		whole := max(o.ExpiresAt.Sub(o.CreatedAt), time.Second)
		v.Left = &shop.Countdown{Text: text, ISO: iso, Until: o.ExpiresAt.UTC().Format(time.RFC3339), Now: b.now.UTC().Format(time.RFC3339),
			Label: b.p.Text("order.left", "until", b.short(o.ExpiresAt)), Part: int(min(100, 100*left/whole))}
	case shop.StateRefunded:
		m := b.moment(b.sentBack())
		v.Since = &m
	case shop.StatePaid, shop.StatePaidLate, shop.StatePaidOver:
		if o.PaidAt != nil {
			m := b.moment(*o.PaidAt)
			v.Since = &m
		}
	case shop.StateExpired, shop.StateCancelled, shop.StateReturned:
		if o.ClosedAt != nil {
			v.Since = &shop.Moment{Text: b.p.Text("order.closed_at", "since", b.short(*o.ClosedAt)), ISO: o.ClosedAt.UTC().Format(time.RFC3339)}
		}
	case shop.StateFailed, shop.StateRefused, shop.StateClosedThere, shop.StateUnclear:
		if o.ExpiresAt.After(b.now) {
			v.Since = &shop.Moment{Text: b.p.Text("order.open_until", "until", b.short(o.ExpiresAt)), ISO: o.ExpiresAt.UTC().Format(time.RFC3339)}
		}
	case shop.StateReview, shop.StateReviewDouble, shop.StateReviewLate, shop.StateReviewStock, shop.StateReviewReturned, shop.StateReviewUnpaid, shop.StateUnderpaid, shop.StateGivenBack:
		began := b.began()
		v.Since = &shop.Moment{Text: b.p.Text("order.since", "since", b.short(began)), ISO: began.UTC().Format(time.RFC3339)}
	}
}

// began is when an order became what it is. An underpaid one is so since the first of its payments was settled, whatever was written to it since.
func (b *orderBuilder) began() time.Time {
	at := b.l.Order.UpdatedAt
	if b.state != shop.StateUnderpaid && b.state != shop.StateGivenBack {
		return at
	}
	for i := range b.l.Payments {
		if settled := b.l.Payments[i].SettledAt; settled != nil && settled.Before(at) {
			at = *settled
		}
	}
	return at
}

// notes are what stands below the sheet besides the state's own.
func (b *orderBuilder) notes(v *shop.OrderView) {
	if b.l.Order.Source == checkout.SourceTest {
		v.Notes = append([]shop.Note{{Tone: shop.Plain, Icon: "info", Text: b.p.Text("order.test"), Links: []shop.Link{{Label: b.p.Text("order.test_back"), URL: "/admin/setup/test"}}}}, v.Notes...)
	}
	p := b.l.Current
	if p == nil {
		return
	}
	drift := p.OrderedIn.Valid && p.CurrentIn.Valid && !p.OrderedIn.Decimal.Equal(p.CurrentIn.Decimal)
	if drift && (b.state == shop.StateWaiting || b.state == shop.StateTold) {
		v.Notes = append([]shop.Note{{Tone: shop.Attention, Icon: "triangle-alert", Title: b.p.Text("order.drift_title", "site", b.site),
			Text: b.p.Text("order.drift"+b.nowrite(), "site", b.site, "amount", b.coin(p.CurrentIn.Decimal), "before", b.coin(p.OrderedIn.Decimal))}}, v.Notes...)
	}
	if (b.state == shop.StateSilent || b.state == shop.StateSilentSeen) && p.PulledAt != nil {
		v.Beneath = b.p.Text("order.last_answer", "site", b.site, "since", b.short(*p.PulledAt))
	}
}

// came greets who has just come back from the exchanger. What the exchanger said there proves nothing.
func (b *orderBuilder) came(v *shop.OrderView, back string) {
	open := b.state == shop.StateWaiting || b.state == shop.StateMoved || b.state == shop.StateTold
	switch {
	case back == "error" && open:
		v.Came = &shop.Note{Tone: shop.Attention, Icon: "info", Title: b.p.Text("order.return_error_title"), Text: b.p.Text("order.return_error", "site", b.site)}
	case back == "success" && open:
		v.Came = &shop.Note{Tone: shop.Waiting, Icon: "eye", Title: b.p.Text("order.return_success_title"), Text: b.p.Text("order.return_success", "site", b.site)}
	}
}

// rate is the price of one unit of what was paid, as the receipt says it.
func (b *orderBuilder) rate(price int64, in decimal.Decimal, symbol string) string {
	return money.Number("1", b.p.Lang()) + "\u00a0" + symbol + " = " + b.rateText(b.p, price, in)
}
