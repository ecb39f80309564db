package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views/admin"
)

// timeline has a row for every event, the newest first.
func (b *orderBuilder) timeline() error {
	loc := b.Config.Shop.Location()
	asked, _ := strconv.ParseInt(b.c.QueryParam("raw"), 10, 64) // no number: none was asked for
	if asked > 0 && !b.may {
		return echo.NewHTTPError(http.StatusForbidden)
	}
	for i := len(b.l.Events) - 1; i >= 0; i-- {
		e := &b.l.Events[i]
		local := e.At.In(loc)
		row := admin.TimelineRow{ID: "e" + id(e.ID), Time: admin.Moment{Text: local.Format("15:04:05"), ISO: local.Format(time.RFC3339)}, Source: e.Source,
			SourceText: b.t("source." + e.Source), Said: b.said(e), Outcome: e.Outcome, Reason: b.outcome(e)}
		row.RawLabel = b.t("raw_of", "time", row.Time.Text)
		if len(e.Raw) > 0 && b.may {
			row.RawHref = fmt.Sprintf("%s?raw=%d#e%d", b.v.Address, e.ID, e.ID)
			if e.ID == asked {
				body, err := b.Store.Vault().RawOf(e)
				if err != nil {
					return err
				}
				row.Raw = readable(body)
				if err := b.did(b.c, "order.raw", b.l.Order, map[string]any{"event": e.ID}); err != nil {
					return err
				}
			}
		}
		day := handlers.Date(b.p, local)
		if n := len(b.v.Timeline); n == 0 || b.v.Timeline[n-1].Day != day {
			b.v.Timeline = append(b.v.Timeline, admin.TimelineDay{Day: day})
		}
		n := len(b.v.Timeline) - 1
		b.v.Timeline[n].Rows = append(b.v.Timeline[n].Rows, row)
	}
	return nil
}

// readable indents JSON; what is none stands as it came.
func readable(body []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, body, "", "  ") == nil {
		return out.String()
	}
	return string(bytes.ToValidUTF8(body, []byte("�")))
}

// eventData is what an event's JSON says, as far as the timeline speaks of it.
type eventData struct {
	Note    string         `json:"note"`
	In      string         `json:"in"`
	Out     string         `json:"out"`
	Changes map[string]any `json:"changes"`
}

// said is what an event told: the sentence, the amounts, the words.
func (b *orderBuilder) said(e *models.Event) string {
	ev := checkout.EvidenceOf(e)
	s := b.l.Why.EvidenceText(ev, b.p, b.Config.Shop.Location())
	var data eventData
	if json.Unmarshal([]byte(e.Data), &data) != nil {
		return s
	}
	if p := b.paymentOf(e.PaymentID); p != nil && (data.In != "" || data.Out != "") {
		in, out := b.saidUnits(data.In, p.FromSymbol, p.FromDecimals), b.saidUnits(data.Out, p.ToSymbol, p.ToDecimals)
		s += b.t("amounts_said", "in", in, "out", out)
	}
	if data.Note != "" && data.Note != checkout.RefundRefused { // the sentence says that already
		s += ". " + data.Note
	}
	if e.RequestID != "" {
		s += " · requestId " + e.RequestID
	}
	if e.Who != "" {
		s += " (" + e.Who + ")"
	}
	if len(b.l.Payments) > 1 {
		if p := b.paymentOf(e.PaymentID); p != nil {
			s = b.t("payment_n", "n", p.Seq) + ": " + s
		}
	}
	return s
}

// saidUnits writes an amount as an event has it.
func (b *orderBuilder) saidUnits(digits, symbol string, decimals int32) string {
	if digits == "" {
		return "—"
	}
	v, err := decimal.NewFromString(digits)
	if err != nil {
		return digits + "\u00a0" + symbol
	}
	return b.units(v, symbol, decimals).Text()
}

func (b *orderBuilder) paymentOf(paymentID int64) *models.Payment {
	for i := range b.l.Payments {
		if b.l.Payments[i].ID == paymentID {
			return &b.l.Payments[i]
		}
	}
	return nil
}

// outcome is what became of an event, and why.
func (b *orderBuilder) outcome(e *models.Event) string {
	why := ""
	if e.Reason != "" {
		why = e.Reason
		if key := "desk.order.reason." + e.Reason; messages.Has(key) {
			why = b.p.Text(key)
		}
	}
	switch e.Outcome {
	case checkout.Applied:
		return b.t("applied")
	case checkout.Refused:
		return b.t("refused", "why", why)
	}
	if why == "" {
		why = b.p.Text("desk.order.reason.noted")
	}
	return b.t("kept", "why", why)
}

func (b *orderBuilder) written() error {
	list, err := b.Store.OrderNotes(b.c.Request().Context(), b.l.Order.ID)
	if err != nil {
		return err
	}
	for _, n := range list {
		b.v.Notes = append(b.v.Notes, admin.NoteRow{At: b.moment(n.At), Who: n.Who, Body: n.Body})
	}
	return nil
}

func (b *orderBuilder) refundRows(f orderForm) error {
	list := b.l.Refunds
	if b.may {
		var err error
		if b.back, err = b.Checkout.ProposeRefund(b.l.Order, b.l.Payments, list); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return nil
	}
	if err := b.asked(list, f); err != nil {
		return err
	}
	if sent := slices.ContainsFunc(list, func(r models.Refund) bool { return r.State == checkout.RefundSent }); sent && b.l.Why.Cause == checkout.CauseOver {
		b.v.Say, b.v.Who, b.v.Tone = b.t("over_given", "surplus", minor(checkout.Surplus(b.l.Order), b.l.Order.Currency, b.p.Lang()).Text()), b.p.Text("explain.who.nobody.desk"), admin.Good
	}
	if o := b.l.Order; b.l.Why.Cause == checkout.CauseGivenBack && o.Received > 0 && o.Refunded >= o.Received {
		b.v.Say, b.v.Who, b.v.Tone = b.t("given_back_all", "received", minor(o.Received, o.Currency, b.p.Lang()).Text(), "total", b.v.Total.Text()), b.p.Text("explain.who.nobody.desk"), admin.Plain
	}
	l := admin.ListView{Label: b.t("refunds"), Columns: []admin.Column{{Label: b.t("refund_amount"), Num: true}, {Label: b.t("refund_state")}, {Label: b.t("refund_reason")}, {Label: b.t("refund_reference")}, {Label: b.t("refund_when")}}}
	for i := range list {
		r := &list[i]
		if r.State == checkout.RefundAsked {
			continue // it stands above, with its answers
		}
		where := dashes(r.Reference)
		if b.may {
			address, err := b.Store.Vault().RefundAddress(r)
			if err != nil {
				return err
			}
			if address != "" {
				where += " " + address + " " + r.Network
			}
		}
		l.Rows = append(l.Rows, admin.Row{Cells: []admin.Cell{{Text: refundWords(r, b.p.Lang()), Title: true}, {Text: b.t("refund_" + r.State)},
			{Text: r.Reason, Sub: r.Answer, Class: "whitespace-normal"}, {Text: where, Class: "exact breaks"}, {Body: admin.When(b.moment(r.CreatedAt)), Sub: b.refundBy(r)}}})
	}
	if len(l.Rows) > 0 {
		b.v.Refunds = &l
	}
	return nil
}

// refundBy is who wrote a refund down, and who answered it.
func (b *orderBuilder) refundBy(r *models.Refund) string {
	by := r.CreatedBy
	if by == "customer" {
		by = b.t("by_customer")
	}
	if r.AnsweredBy != "" {
		by += " → " + r.AnsweredBy
	}
	return by
}

func (b *orderBuilder) mails() error {
	list, err := b.Store.MailsOf(b.c.Request().Context(), b.l.Order.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	l := admin.ListView{Label: b.t("mails"), Columns: []admin.Column{{Label: b.t("mail_kind")}, {Label: b.t("mail_to")}, {Label: b.t("mail_state")}, {Label: b.t("mail_when")}}}
	for _, m := range list {
		kind := m.Kind
		if key := "desk.order.mail." + m.Kind; messages.Has(key) {
			kind = b.p.Text(key)
		}
		l.Rows = append(l.Rows, admin.Row{Cells: []admin.Cell{{Text: kind, Title: true}, {Text: m.Recipient}, {Text: b.t("mail_" + m.State), Sub: m.Error}, {Body: admin.When(b.moment(m.CreatedAt))}}})
	}
	b.v.Mails = &l
	return nil
}

func (b *orderBuilder) hooks() error {
	list, err := b.Store.DeliveriesOf(b.c.Request().Context(), b.l.Order.ID, 20)
	if err != nil || len(list) == 0 {
		return err
	}
	l := admin.ListView{Label: b.t("hooks"), Columns: []admin.Column{{Label: b.t("hook_type")}, {Label: b.t("hook_state")}, {Label: b.t("hook_tries"), Num: true}, {Label: b.t("hook_when")}}}
	if b.may {
		l.Columns = append(l.Columns, admin.Column{Label: b.t("hook_do"), Hidden: true})
	}
	for i := range list {
		x := &list[i]
		sub := x.LastError
		if sub == "" && x.LastStatus != 0 {
			sub = strconv.Itoa(x.LastStatus)
		}
		row := admin.Row{Cells: []admin.Cell{{Text: x.Type, Title: true}, {Text: b.t("hook_" + x.State), Sub: sub}, {Text: strconv.Itoa(x.Tries)}, {Body: admin.When(b.moment(x.CreatedAt))}}}
		if b.may {
			row.Cells = append(row.Cells, admin.Cell{Body: admin.PostButton(admin.Button{Action: "/admin/webhooks/deliveries/" + x.PublicID + "/redeliver", Label: b.t("redeliver"), Aria: x.Type}), Over: true, End: true})
		}
		l.Rows = append(l.Rows, row)
	}
	b.v.Hooks = &l
	return nil
}

// calls are what was said to the exchanger, with the ids that its support asks for.
func (b *orderBuilder) calls() error {
	l := admin.ListView{Label: b.t("calls"), Columns: []admin.Column{{Label: b.t("call_what")}, {Label: b.t("call_status"), Num: true}, {Label: b.t("call_took"), Num: true}, {Label: b.t("call_id")}, {Label: b.t("call_when")}}}
	for i := len(b.l.Payments) - 1; i >= 0; i-- {
		list, err := b.Store.CallsOf(b.c.Request().Context(), b.l.Payments[i].ID, 20)
		if err != nil {
			return err
		}
		for _, x := range list {
			status := strconv.Itoa(x.Status)
			if x.Status == 0 {
				status = b.t("call_none")
			}
			l.Rows = append(l.Rows, admin.Row{Cells: []admin.Cell{{Text: x.Method + " " + x.Path, Sub: x.Error, Title: true, Class: "exact breaks"}, {Text: status}, {Text: strconv.FormatInt(x.TookMs, 10) + "\u00a0ms"},
				{Text: x.RequestID, Class: "exact breaks"}, {Body: admin.When(b.moment(x.At))}}})
		}
	}
	if len(l.Rows) > 0 {
		b.v.Calls = &l
	}
	return nil
}

// proposed is the amount that a refund would most likely have; "" where none is known to be left.
func (b *orderBuilder) proposed() string {
	if b.back.Amount.Value.Sign() <= 0 {
		return ""
	}
	return money.Exact(b.back.Amount.Value, 0)
}

// proposedHelp says where a proposed amount comes from.
func (b *orderBuilder) proposedHelp() string {
	switch {
	case b.back.Amount.Value.Sign() <= 0:
		return ""
	case b.l.Order.Status == checkout.Paid && checkout.Surplus(b.l.Order) > 0:
		return b.t("refund_amount_over")
	}
	return b.t("refund_amount_help")
}

func (b *orderBuilder) forms(f orderForm) {
	if f.answer.id != "" {
		f.mistakes = nil // they are those of an answer, which shows them itself
	}
	b.v.NoteText = admin.Field{Name: "body", ID: "note-body", Label: b.t("note_label"), Value: f.note, Rows: 3, Mistake: f.mistakes["body"], Focus: f.mistakes["body"] != ""}
	in := checkout.RefundInput{Amount: b.proposed(), Currency: b.back.Currency, Address: b.back.Address, Network: b.back.Network, State: checkout.RefundSent}
	if f.refund != nil {
		in = *f.refund
	}
	field := func(name, value, help string) admin.Field {
		return admin.Field{Name: name, ID: "refund-" + name, Label: b.t("refund_" + name), Value: value, Help: help, Mistake: f.mistakes[name]}
	}
	b.v.Refund = admin.RefundForm{Action: b.v.Address + "/refund", Open: f.refund != nil, Fields: []admin.Field{field("amount", in.Amount, b.proposedHelp()), field("currency", in.Currency, b.t("refund_currency_help")),
		field("reference", in.Reference, b.t("refund_reference_help")), field("reason", in.Reason, ""), field("address", in.Address, b.t("refund_address_help")), field("network", in.Network, "")},
		State: field("state", in.State, "")}
	b.v.Refund.Fields[0].Mode = "decimal"
	for _, s := range []string{checkout.RefundSent, checkout.RefundAsked, checkout.RefundRefused} {
		b.v.Refund.States = append(b.v.Refund.States, admin.Option{Value: s, Label: b.t("refund_" + s), On: in.State == s})
	}
	for _, x := range append([]admin.Field{b.v.NoteText, b.v.Refund.State}, b.v.Refund.Fields...) {
		if x.Mistake != "" {
			b.v.Mistakes = append(b.v.Mistakes, admin.Mistake{Field: x.ID, Text: x.Label + ": " + x.Mistake})
		}
	}
	if f.problem != "" {
		b.v.Note = &admin.NoteView{Tone: admin.Attention, Title: f.problem}
	}
}

// did logs what somebody did with an order.
func (d *desk) did(c echo.Context, action string, o *models.Order, detail map[string]any) error {
	return d.Staff.Log(c.Request().Context(), who(c), action, subjectOf(o), detail)
}

func subjectOf(o *models.Order) string { return fmt.Sprintf("order %d", o.Number) }
