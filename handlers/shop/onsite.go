package shop

import (
	"github.com/a-h/templ"

	"mostrador/checkout"
	"mostrador/views"
	"mostrador/views/shop"
)

// onSite lets the customer pay on the order page itself, where the shop is set up so and the exchanger has said what is needed.
func (b *orderBuilder) onSite(v *shop.OrderView) {
	waiting := b.state == shop.StateWaiting || b.state == shop.StateMoved || b.state == shop.StateTold
	if b.Config.Checkout.PaymentPage != "onsite" || !waiting || b.l.Current == nil {
		return
	}
	d := checkout.PayDataOf(b.l.Current)
	page := v.Main
	v.Main, v.Beneath = nil, ""
	if d.NeedsExchanger || d.Account == "" && len(d.Manual) == 0 {
		b.elsewhere(v, page, d)
		return
	}
	o := b.details(v, d)
	if b.state != shop.StateTold && d.PaidButton {
		o.Paid = b.post(b.p.Text("onsite.paid"), "paid", b.p.Text("onsite.paid_busy", "site", b.site))
		o.PaidWhy = b.p.Text("onsite.paid_why")
	}
	if d.Link != "" && o.WalletURI == "" {
		if link := templ.URL(d.Link); link != templ.FailedSanitizationURL {
			b.others(v, &shop.Action{Label: b.p.Text("onsite.system", "site", hostOf(d.Link)), URL: link, Icon: "arrow-up-right"})
		}
	}
	v.OnSite = o
}

// elsewhere leads to the exchanger's own page and says why only that can go on.
func (b *orderBuilder) elsewhere(v *shop.OrderView, page *shop.Action, d checkout.PayData) {
	to := b.there("onsite.elsewhere")
	if to == nil {
		v.Main = page
		return
	}
	key := "onsite.elsewhere_system"
	switch d.Why {
	case "verification":
		key = "onsite.elsewhere_verify"
	case "files":
		key = "onsite.elsewhere_files"
	}
	v.OnSite = &shop.OnSite{Elsewhere: to, ElsewhereWhy: b.p.Text(key, "site", b.site)}
	if b.state == shop.StateTold {
		v.OnSite = nil
	}
}

// details is everything that a wallet needs.
func (b *orderBuilder) details(v *shop.OrderView, d checkout.PayData) *shop.OnSite {
	cur, amount := b.l.Current, b.amount()
	digits := plainDigits(amount, cur.FromDecimals)
	o := &shop.OnSite{Amount: digits, Network: b.network(), NetworkDisc: views.DiscOf(cur.FromXML, cur.FromSymbol), Address: d.Account, AddressLabel: b.p.Text("onsite.address"), Tag: d.Tag,
		TagLabel: b.p.Text("onsite.tag"), Instructions: append(append([]string{}, d.Manual...), d.Instructions...)}
	if v.Due.Empty() {
		o.AmountText = b.coin(amount)
	}
	if d.TagIsMemo || cur.FromXML == "TON" {
		o.TagLabel = b.p.Text("onsite.memo")
	}
	if !checkout.OnChain(cur.FromXML) {
		o.AddressLabel, o.Network = b.p.Text("onsite.account"), ""
	}
	if d.Comment != "" && o.Tag == "" {
		o.Tag, o.TagLabel = d.Comment, b.p.Text("onsite.comment")
	}
	if len(o.Instructions) > 0 {
		o.InstructionsTitle = b.p.Text("onsite.instructions", "site", b.site)
	}
	if checkout.OnChain(cur.FromXML) && d.Account != "" {
		b.code(o, d, digits)
	}
	return o
}

// code draws the QR code: a payment address where wallets agree on one, the plain address otherwise.
func (b *orderBuilder) code(o *shop.OnSite, d checkout.PayData, digits string) {
	cur := b.l.Current
	uri, exact := paymentURI(payment{xml: cur.FromXML, address: d.Account, tag: d.Tag, amount: b.amount()})
	name := b.p.Text("onsite.qr_address", "address", d.Account)
	holds := b.p.Text("onsite.qr_holds_address")
	if exact {
		name, holds = b.p.Text("onsite.qr", "amount", b.coin(b.amount()), "address", d.Account), b.p.Text("onsite.qr_holds")
		if d.Tag != "" {
			name, holds = b.p.Text("onsite.qr_tag", "amount", b.coin(b.amount()), "address", d.Account, "label", o.TagLabel, "tag", d.Tag), b.p.Text("onsite.qr_holds_tag")
		}
		o.WalletURI = templ.SafeURL(uri)
	} else {
		uri = d.Account
	}
	if qr, err := views.NewQR(uri, name); err == nil {
		o.QR, o.QRHolds = qr, holds
	}
}
