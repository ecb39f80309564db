package admin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views/admin"
)

// answering is an answer to a customer's request that was not taken: it comes back as it was typed.
type answering struct {
	id string // of the refund; "": none
	checkout.RefundAnswer
}

// refundWords is the amount of a refund, as far as one is known.
func refundWords(r *models.Refund, lang string) string {
	if !r.Amount.Valid {
		return r.Currency
	}
	return money.Number(money.Exact(r.Amount.Decimal, 0), lang) + "\u00a0" + r.Currency
}

// asked are the refunds that the customer asked for and nobody answered, each with both answers.
func (b *orderBuilder) asked(list []models.Refund, f orderForm) error {
	for i := range list {
		r := &list[i]
		if r.State != checkout.RefundAsked {
			continue
		}
		v := admin.AskedView{ID: r.PublicID, Action: b.v.Address + "/refunds/" + r.PublicID + "/answer", May: b.may}
		v.Facts = append(v.Facts, admin.Fact{Label: b.t("refund_when"), Text: b.moment(r.CreatedAt).Text}, admin.Fact{Label: b.t("refund_currency"), Text: r.Currency})
		if r.Reason != "" {
			v.Facts = append(v.Facts, admin.Fact{Label: b.t("refund_reason"), Text: r.Reason})
		}
		if b.may {
			address, err := b.Store.Vault().RefundAddress(r)
			if err != nil {
				return err
			}
			if address != "" {
				v.Facts = append(v.Facts, admin.Fact{Label: b.t("refund_address"), Text: address})
			}
		}
		if r.Network != "" {
			v.Facts = append(v.Facts, admin.Fact{Label: b.t("refund_network"), Text: r.Network})
		}
		b.answers(&v, r, f)
		b.v.Note = &admin.NoteView{Tone: admin.Attention, Icon: "undo-2", Title: b.t("refund_asks"), Text: r.Reason, Links: []admin.Link{{Label: b.p.Text("desk.inbox.answer"), Href: "#refunds"}}}
		if !b.may {
			b.v.Note.Links[0].Label = b.p.Text("desk.overview.look")
		}
		b.v.Asked = append(b.v.Asked, v)
	}
	return nil
}

// answers are the two forms below a request.
func (b *orderBuilder) answers(v *admin.AskedView, r *models.Refund, f orderForm) {
	a, mistakes := checkout.RefundAnswer{Sent: true, Currency: r.Currency, Amount: b.proposed()}, map[string]string{}
	if f.answer.id == r.PublicID {
		a, mistakes = f.answer.RefundAnswer, f.mistakes
		v.OpenSent, v.OpenRefuse = a.Sent, !a.Sent
	}
	field := func(form, name, label, value, help string, sent bool) admin.Field {
		x := admin.Field{Name: name, ID: form + "-" + name + "-" + r.PublicID, Label: b.t(label), Value: value, Help: help}
		if a.Sent == sent {
			x.Mistake = mistakes[name]
		} else if name == "amount" {
			x.Value = b.proposed()
		} else if name != "currency" {
			x.Value = ""
		}
		if x.Mistake != "" {
			b.v.Mistakes = append(b.v.Mistakes, admin.Mistake{Field: x.ID, Text: x.Label + ": " + x.Mistake})
		}
		return x
	}
	v.Sent = []admin.Field{field("sent", "amount", "refund_amount", a.Amount, b.proposedHelp(), true), field("sent", "currency", "refund_currency", a.Currency, "", true),
		field("sent", "reference", "refund_reference", a.Reference, b.t("refund_reference_customer"), true), field("sent", "answer", "refund_answer", a.Answer, b.t("refund_answer_help"), true)}
	v.Sent[0].Mode = "decimal"
	v.Sent[2].Exact = true
	v.Refuse = field("refuse", "answer", "refund_why_not", a.Answer, b.t("refund_why_help"), false)
	v.Refuse.Rows = 3
}

// answerRefund tells the customer what became of the money that they ask for. No money moves.
func (d *desk) answerRefund(c echo.Context) error {
	o, err := d.orderOf(c)
	if err != nil {
		return err
	}
	get := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	a := answering{c.Param("id"), checkout.RefundAnswer{Amount: get("amount"), Currency: get("currency"), Reference: get("reference"), Answer: get("answer")}}
	switch get("state") {
	case "sent":
		a.Sent = true
	case "refused":
	default:
		return echo.NewHTTPError(http.StatusUnprocessableEntity).SetInternal(errors.New("neither sent nor refused"))
	}
	err = d.Checkout.AnswerRefund(c.Request().Context(), o.ID, a.id, a.RefundAnswer, who(c).Name)
	_, problem := problemOf(c, err)
	switch {
	case problem == nil && err != nil:
		return err
	case problem == nil:
	case problem.Code == "refund_unknown":
		return models.ErrNotFound
	case problem.Code == "refund_answered":
		return d.refundConflict(c, o, a)
	default:
		return d.orderPage(c, handlers.StatusOf(err), o, orderForm{answer: a, mistakes: mistakesIn(c, problem)})
	}
	action, said := "order.refund_refused", "desk.order.refund_refused_said"
	if a.Sent {
		action, said = "order.refund_sent", "desk.order.refund_sent_said"
	}
	if err := d.did(c, action, o, map[string]any{"refund": a.id}); err != nil {
		return err
	}
	return d.done(c, orderPath(o.Number)+"#refunds", text(c, said))
}

// refundConflict shows what somebody answered before beside what was answered now.
func (d *desk) refundConflict(c echo.Context, o *models.Order, a answering) error {
	list, err := d.Store.Refunds(c.Request().Context(), o.ID)
	if err != nil {
		return err
	}
	title := text(c, "desk.order.refund_conflict")
	v := admin.ConflictView{Title: title, Text: text(c, "desk.order.refund_conflict_text"), Leave: admin.Link{Label: text(c, "desk.order.conflict_leave"), Href: orderPath(o.Number) + "#refunds"}}
	row := func(key, theirs, yours string) {
		v.Rows = append(v.Rows, admin.ConflictRow{Label: text(c, "desk.order."+key), Theirs: dashes(theirs), Yours: dashes(yours), Differs: theirs != yours})
	}
	for i := range list {
		r := &list[i]
		if r.PublicID != a.id {
			continue
		}
		state := "refund_refused"
		if a.Sent {
			state = "refund_sent"
		}
		row("refund_state", text(c, "desk.order.refund_"+r.State), text(c, "desk.order."+state))
		row("refund_amount", refundWords(r, messages.From(c.Request().Context()).Lang()), strings.TrimSpace(a.Amount+" "+a.Currency))
		row("refund_reference", r.Reference, a.Reference)
		row("refund_answer", r.Answer, a.Answer)
		row("conflict_who", r.AnsweredBy, who(c).Name)
	}
	return d.render(c, http.StatusConflict, page{nav: "orders", title: title}, admin.Conflict(v))
}

func dashes(s string) string {
	if s == "" {
		return "—"
	}
	return s
}
