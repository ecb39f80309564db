package shop_test

import (
	"mostrador/messages"
	"mostrador/views"
	"mostrador/views/shop"

	"github.com/a-h/templ"
)

func newKit(lang string) kit { return kit{lang: lang, p: messages.For(lang)} }

func at(text string) shop.Moment { return shop.Moment{Text: text, ISO: "2026-11-24T" + text + ":00Z"} }

// order is the page of order 1042 in a state, as the handler would fill it.
func (k kit) order(s shop.State) shop.OrderView {
	btc := k.coin("0.00040012", "BTC")
	v := shop.OrderView{
		Page: k.page("", views.WidthOrder, "/orders/made-up"), Self: "/orders/made-up", Events: "/orders/made-up/events", Status: "/orders/made-up/status", Version: string(s),
		Number: "1042", Placed: shop.Moment{Text: "24.11.2026, 14:45", ISO: "2026-11-24T14:45:00Z"}, Lines: k.lines(), Total: k.usd("42.50"),
		SupportMail: "mailto:help@almendra.example?subject=1042", Support: "help@almendra.example",
	}
	v.Say(k.p, s, true, "amount", btc, "price", k.usd("42.50"), "site", "coinsbar.net", "until", "16:45", "since", "15:02", "network", "Bitcoin", "missing", k.usd("10.63"), "over", k.usd("3.20"), "more", k.coin("0.00000566", "BTC"), "worth", k.usd("0.60"), "email", "maria@example.com")
	v.Steps = shop.StepsOf(k.p, s, shop.Times{Ordered: at("14:45"), Seen: at("14:52"), Exchanged: at("15:03"), Paid: at("15:04"), Ended: at("15:10")})
	v.Explain = &shop.Explain{Question: k.p.Text("order.why_unpaid"), Sentence: v.Title + " " + v.Lead, Evidence: []shop.Evidence{{When: at("14:45"), Text: "coinsbar.net: waitPayment"}, {When: at("14:52"), Text: "coinsbar.net: inProgress"}}, Who: "coinsbar.net", Next: "15:03"}
	cancel := &shop.Action{Label: k.p.Text("order.cancel"), URL: "/orders/made-up/cancel", Post: true, Busy: k.p.Text("order.cancel_busy")}
	left := &shop.Countdown{Text: "1:42:10", ISO: "PT1H42M10S", Until: "2026-11-24T16:45:00Z", Now: "2026-11-24T15:02:50Z", Label: k.p.Text("order.left", "until", "16:45"), Part: 85}
	there := func(key string) *shop.Action {
		return &shop.Action{Label: k.p.Text(key, "site", "coinsbar.net", "amount", btc), URL: "https://coinsbar.net/en/payment/x/y", Icon: "arrow-up-right"}
	}
	another := &shop.Link{Label: k.p.Text("order.another"), URL: "/orders/made-up?choose=1"}
	again := &shop.Again{Action: "/orders/made-up/pay", Hidden: []shop.Hidden{{Name: "route", Value: "coinsbar/btc"}, {Name: "attempt", Value: "x"}, {Name: "agreement", Value: "1"}}, Button: k.p.Text("order.again", "symbol", "BTC"), Busy: k.p.Text("order.again_busy"), Another: &shop.Link{Label: k.p.Text("order.another_short"), URL: another.URL}}
	switch s {
	case shop.StateWaiting, shop.StateTold:
		v.Left, v.Main, v.Another, v.Cancel = left, there("order.pay_now"), another, cancel
		if s == shop.StateWaiting {
			v.Due = views.MoneyOf(btc)
		} else {
			v.Main = nil
			v.Others = []shop.Action{*there("order.see_there")}
		}
	case shop.StateMoved:
		v.Due, v.Left, v.Main, v.Cancel = views.MoneyOf(k.coin("0.00040578", "BTC")), left, there("order.pay_amount"), cancel
		v.Others = []shop.Action{{Label: k.p.Text("order.another_short"), URL: another.URL}}
	case shop.StateFailed, shop.StateClosedThere, shop.StateUnclear, shop.StateClosing:
		again.NothingSent = k.nothingSent("")
		v.Again, v.Cancel = again, cancel
	case shop.StateRefused:
		v.Again, v.Cancel = again, cancel
	case shop.StateExchanging, shop.StatePayout, shop.StateHold, shop.StateSilent, shop.StateSilentSeen, shop.StateStuck:
		v.Others = []shop.Action{*there("order.see_there")}
	case shop.StateChoose:
		v.Main = &shop.Action{Label: k.p.Text("order.choose"), URL: another.URL}
	case shop.StateUnderpaid:
		v.Since = &shop.Moment{Text: k.p.Text("order.held_until", "until", "25.11., 15:04"), ISO: "2026-11-25T15:04:00Z"}
		v.Parts = &shop.Parts{Share: 75, Rows: []shop.PartRow{{Label: k.p.Text("order.part_ordered"), Amount: btc, Worth: k.usd("42.50")}, {Label: k.p.Text("order.part_arrived", "time", "14:52"), Amount: k.coin("0.00030000", "BTC"), Worth: k.usd("31.87")}, {Label: k.p.Text("order.part_missing"), Amount: k.coin("0.00010012", "BTC"), Worth: k.usd("10.63"), Total: true}}}
		v.Main = &shop.Action{Label: k.p.Text("order.pay_rest", "amount", k.coin("0.00010012", "BTC")), URL: "/orders/made-up/pay", Post: true, Busy: k.p.Text("order.again_busy")}
		v.Others = []shop.Action{{Label: k.p.Text("order.pay_rest_other"), URL: another.URL}}
	case shop.StateExpired, shop.StateCancelled, shop.StateReturned:
		v.Main = &shop.Action{Label: k.p.Text("order.order_again"), URL: "/"}
	case shop.StatePaid, shop.StatePaidLate, shop.StatePaidOver, shop.StateRefunded:
		v.Events, v.Explain.Question = "", k.p.Text("order.how_known")
		v.Since = &shop.Moment{Text: "15:04", ISO: "2026-11-24T15:04:00Z"}
		v.Main = &shop.Action{Label: k.p.Text("order.receipt"), URL: "/orders/made-up/receipt", Icon: "receipt-text"}
		v.Others = []shop.Action{{Label: k.p.Text("order.to_shop"), URL: "/"}}
	case shop.StateGivenBack, shop.StateReview, shop.StateReviewDouble, shop.StateReviewLate, shop.StateReviewStock, shop.StateReviewReturned, shop.StateReviewUnpaid:
		v.Since = &shop.Moment{Text: k.p.Text("order.since", "since", "15:10"), ISO: "2026-11-24T15:10:00Z"}
		v.Others = []shop.Action{{Label: k.p.Text("order.write_about", "number", "1042"), URL: v.SupportMail, Icon: "mail"}}
	}
	return v
}

func (k kit) cameBack() shop.OrderView {
	v := k.order(shop.StateWaiting)
	v.Came = &shop.Note{Tone: shop.Attention, Icon: "info", Title: k.p.Text("order.return_error_title"), Text: k.p.Text("order.return_error", "site", "coinsbar.net")}
	return v
}

func (k kit) longAmount() shop.OrderView {
	v := k.order(shop.StateWaiting)
	v.Due = views.MoneyOf(k.coin("0.012345678901234567", "ETH"))
	return v
}

func (k kit) onsite() shop.OrderView {
	v := k.order(shop.StateWaiting)
	amount := k.coin("17.482100", "XRP")
	v.Due, v.Main, v.Beneath = views.MoneyOf(amount), nil, ""
	qr, err := views.NewQR("xrpl:rMq7vKx4ZtHn9sWcD2yUbJ6LpEa8GfRkT3?amount=17.482100&dt=104287553", k.p.Text("onsite.qr_tag", "amount", amount, "address", "rMq7vKx4ZtHn9sWcD2yUbJ6LpEa8GfRkT3", "label", k.p.Text("onsite.tag"), "tag", "104287553"))
	if err != nil {
		panic(err)
	}
	v.OnSite = &shop.OnSite{
		Amount: "17.482100", QR: qr, QRHolds: k.p.Text("onsite.qr_holds_tag"), WalletURI: "xrpl:rMq7vKx4ZtHn9sWcD2yUbJ6LpEa8GfRkT3", Network: "XRP Ledger", NetworkDisc: views.DiscOf("XRP", "XRP"),
		Address: "rMq7vKx4ZtHn9sWcD2yUbJ6LpEa8GfRkT3", AddressLabel: k.p.Text("onsite.address"), Tag: "104287553", TagLabel: k.p.Text("onsite.tag"),
		Paid: &shop.Action{Label: k.p.Text("onsite.paid"), URL: "/orders/made-up/paid", Post: true, Busy: k.p.Text("onsite.paid_busy", "site", "coinsbar.net")}, PaidWhy: k.p.Text("onsite.paid_why"),
	}
	return v
}

func (k kit) onsiteTold() shop.OrderView {
	v := k.onsite()
	told := k.order(shop.StateTold)
	told.OnSite, told.Main, told.Others = v.OnSite, nil, nil
	told.OnSite.AmountText = v.Due.Text()
	told.OnSite.Paid, told.OnSite.PaidWhy = nil, ""
	return told
}

func (k kit) onsitePlain() shop.OrderView {
	v := k.onsite()
	v.Due = views.MoneyOf(k.coin("43.78", "WMZ"))
	v.OnSite = &shop.OnSite{Amount: "43.78", Address: "Z123456789012", AddressLabel: k.p.Text("onsite.account"), QR: views.QR{}, InstructionsTitle: k.p.Text("onsite.instructions", "site", "coinsbar.net"), Instructions: []string{"Transfer the amount to the purse shown above.", "Write nothing into the note."}, Paid: v.OnSite.Paid, PaidWhy: v.OnSite.PaidWhy}
	return v
}

func (k kit) onsiteElsewhere() shop.OrderView {
	v := k.onsite()
	v.OnSite = &shop.OnSite{Elsewhere: &shop.Action{Label: k.p.Text("onsite.elsewhere", "site", "coinsbar.net"), URL: templ.SafeURL("https://coinsbar.net/en/payment/x/y"), Icon: "arrow-up-right"}, ElsewhereWhy: k.p.Text("onsite.elsewhere_files", "site", "coinsbar.net")}
	return v
}
