package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/exchanger"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/views/admin"
)

// decide does something with an order, logs it, and comes back to the order with a sentence. A refusal of the domain is the order's page
// with the reason and the status that the refusal has; a change that came in between is 409 with both versions.
func (d *desk) decide(c echo.Context, action string, said func(*models.Order) string, f func(o *models.Order) error) error {
	o, err := d.orderOf(c)
	if err != nil {
		return err
	}
	if seen := c.FormValue("version"); seen != "" && seen != "0" && seen != id(o.Version) {
		return d.orderConflict(c, o, action)
	}
	if err := f(o); err != nil {
		return d.refused(c, o, err, action)
	}
	if err := d.did(c, action, o, nil); err != nil {
		return err
	}
	return d.done(c, backTo(c, orderPath(o.Number)), text(c, said(o), "number", o.Number))
}

// always is the sentence that follows whatever the order is like.
func always(said string) func(*models.Order) string {
	return func(*models.Order) string { return said }
}

// refused shows the order as it stands now with what was refused.
func (d *desk) refused(c echo.Context, o *models.Order, err error, action string) error {
	say, problem := problemOf(c, err)
	if problem == nil {
		return err
	}
	now, rerr := d.Store.OrderByID(c.Request().Context(), o.ID)
	if rerr != nil {
		return rerr
	}
	if problem.Code == "order_changed" {
		return d.orderConflict(c, now, action)
	}
	return d.orderPage(c, handlers.StatusOf(err), now, orderForm{problem: say})
}

// decisionWords are what a person wanted, as the button said it.
var decisionWords = map[string]string{"order.accept": "desk.order.accept", "order.ask_rest": "desk.order.rest", "order.cancel": "desk.order.cancel", "order.receipt": "desk.order.act_receipt", "order.check": "desk.order.check"}

// reviewAt is the reason of the review that a page of an older version of the order showed; "" when it was in none, or nothing tells.
func (d *desk) reviewAt(c echo.Context, o *models.Order, version string) string {
	seen, err := strconv.ParseInt(version, 10, 64)
	if err != nil {
		return ""
	}
	events, err := d.Store.EventsOfOrder(c.Request().Context(), o.ID)
	if err != nil {
		return "" // the conflict is shown without it
	}
	reason := ""
	for _, e := range events {
		var then checkout.OrderDocument
		if e.Version <= seen && json.Unmarshal([]byte(e.Data), &then) == nil {
			reason = then.ReviewReason
		}
	}
	return reason
}

func (d *desk) reviewWords(c echo.Context, reason string) string {
	if reason == "" {
		return "—"
	}
	return text(c, "desk.overview.review."+reason)
}

// orderConflict shows what a person saw, and wanted to do, beside what stands there now.
func (d *desk) orderConflict(c echo.Context, now *models.Order, action string) error {
	lang := messages.From(c.Request().Context()).Lang()
	status, received := "—", "—"
	if s := c.FormValue("saw_status"); slices.Contains(checkout.OrderStatuses, s) {
		status = text(c, "desk.status."+s)
	}
	if n, err := strconv.ParseInt(c.FormValue("saw_received"), 10, 64); err == nil {
		received = minor(n, now.Currency, lang).Text()
	}
	title := text(c, "desk.order.conflict", "number", now.Number)
	v := admin.ConflictView{Title: title, Text: text(c, "desk.order.conflict_text"), Leave: admin.Link{Label: text(c, "desk.order.conflict_leave"), Href: orderPath(now.Number)}}
	row := func(key, theirs, yours string) {
		v.Rows = append(v.Rows, admin.ConflictRow{Label: text(c, "desk.order."+key), Theirs: theirs, Yours: yours, Differs: yours != "—" && theirs != "—" && theirs != yours})
	}
	row("conflict_do", text(c, "desk.status."+now.Status), status)
	if then, is := d.reviewAt(c, now, c.FormValue("version")), now.ReviewReason; then != "" || is != "" {
		row("conflict_review", d.reviewWords(c, is), d.reviewWords(c, then))
	}
	row("received", minor(now.Received, now.Currency, lang).Text(), received)
	row("conflict_want", "—", text(c, decisionWords[action]))
	row("version", id(now.Version), dashes(c.FormValue("version")))
	row("conflict_at", d.moment(now.UpdatedAt).Text, "—")
	return d.render(c, http.StatusConflict, page{nav: "orders", title: title}, admin.Conflict(v))
}

// acceptOrder takes an underpaid order, or one in review, as paid.
func (d *desk) acceptOrder(c echo.Context) error {
	version, err := strconv.ParseInt(c.FormValue("version"), 10, 64)
	if err != nil || version < 0 {
		version = 0 // a form without it accepts what stands there
	}
	return d.decide(c, "order.accept", always("desk.order.accepted_said"), func(o *models.Order) error {
		return d.Checkout.Accept(c.Request().Context(), o.ID, who(c).Name, version)
	})
}

// askForRest mails the customer of an underpaid order where to pay the rest.
func (d *desk) askForRest(c echo.Context) error {
	said := func(o *models.Order) string {
		if !d.mailsTo(o.Email) {
			return "desk.order.rest_said_off"
		}
		return "desk.order.rest_said"
	}
	return d.decide(c, "order.ask_rest", said, func(o *models.Order) error {
		return d.Checkout.AskForRest(c.Request().Context(), o.ID, who(c).Name)
	})
}

// cancelOrder closes an unpaid order. One whose customer says that it is paid takes a confirmation of its own.
func (d *desk) cancelOrder(c echo.Context) error {
	return d.decide(c, "order.cancel", always("desk.order.cancelled_said"), func(o *models.Order) error {
		if c.FormValue("although_told") != "" {
			return d.Checkout.CancelTold(c.Request().Context(), o.ID, who(c).Name)
		}
		return d.Checkout.Cancel(c.Request().Context(), o.ID, who(c).Name)
	})
}

// resendReceipt mails the receipt of a paid order again.
func (d *desk) resendReceipt(c echo.Context) error {
	said := func(o *models.Order) string {
		if !d.mailsTo(o.Email) {
			return "desk.order.receipt_said_off"
		}
		return "desk.order.receipt_said"
	}
	return d.decide(c, "order.receipt", said, func(o *models.Order) error {
		return d.Checkout.ResendReceipt(c.Request().Context(), o.ID, who(c).Name)
	})
}

// checkOrder asks the exchanger about all payments of an order and says what it answered.
func (d *desk) checkOrder(c echo.Context) error {
	o, err := d.orderOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	err = d.Checkout.CheckNow(ctx, o.ID, who(c).Name)
	var problem *checkout.Problem
	if errors.As(err, &problem) {
		return d.refused(c, o, err, "order.check")
	}
	detail := map[string]any{}
	if err != nil {
		if !fromExchanger(err) {
			return err
		}
		detail["answer"] = "none"
	}
	if lerr := d.did(c, "order.check", o, detail); lerr != nil {
		return lerr
	}
	if err != nil {
		d.Log.WarnContext(ctx, "check now", "order", o.Number, "error", err)
		return d.done(c, backTo(c, orderPath(o.Number)), text(c, "desk.order.check_silent"))
	}
	list, err := d.Store.Payments(ctx, o.ID)
	if err != nil {
		return err
	}
	word := "—"
	if p := checkout.Current(list); p != nil {
		word = checkout.PaymentWord(p)
	}
	return d.done(c, backTo(c, orderPath(o.Number)), text(c, "desk.order.check_said", "status", word))
}

// fromExchanger tells whether an error is the exchanger's and not ours.
func fromExchanger(err error) bool {
	var unavailable *exchanger.Unavailable
	var refusal *exchanger.Refused
	var unclear *exchanger.Unclear
	return errors.As(err, &unclear) || errors.As(err, &unavailable) || errors.As(err, &refusal) || errors.Is(err, context.DeadlineExceeded)
}

const maxNote = 4000 // characters of a note

// noteOrder writes a note down, for staff only.
func (d *desk) noteOrder(c echo.Context) error {
	o, err := d.orderOf(c)
	if err != nil {
		return err
	}
	body := strings.TrimSpace(c.FormValue("body"))
	mistake := ""
	switch {
	case body == "":
		mistake = text(c, "desk.order.note_empty")
	case utf8.RuneCountInString(body) > maxNote:
		mistake = text(c, "desk.mistake.long", "n", maxNote)
	}
	if mistake != "" {
		return d.orderPage(c, http.StatusUnprocessableEntity, o, orderForm{note: body, mistakes: map[string]string{"body": mistake}})
	}
	ctx, person := c.Request().Context(), who(c)
	err = d.Store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.InsertNote(ctx, o.ID, person.Name, body); err != nil {
			return err
		}
		return staff.Record(ctx, tx, person, "order.note", subjectOf(o), nil)
	})
	if err != nil {
		return err
	}
	return d.done(c, orderPath(o.Number)+"#notes", text(c, "desk.order.note_said"))
}

// refundOrder writes down what was sent back. No money moves. As the customer reads that it was sent, that is asked about once more.
func (d *desk) refundOrder(c echo.Context) error {
	o, err := d.orderOf(c)
	if err != nil {
		return err
	}
	get := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	in := checkout.RefundInput{Amount: get("amount"), Currency: get("currency"), Reference: get("reference"), Reason: get("reason"), Address: get("address"), Network: get("network"), State: get("state")}
	ask := c.FormValue("sure") == "" && (in.State == "" || in.State == checkout.RefundSent)
	if ask {
		err = d.Checkout.TryRefund(c.Request().Context(), o, in)
	} else {
		_, err = d.Checkout.Refund(c.Request().Context(), o.ID, in, who(c).Name)
	}
	if say, problem := problemOf(c, err); problem != nil {
		f := orderForm{refund: &in, mistakes: mistakesIn(c, problem)}
		if problem.Field == "" {
			f.problem = say
		}
		return d.orderPage(c, handlers.StatusOf(err), o, f)
	}
	if err != nil {
		return err
	}
	if ask {
		return d.askRefund(c, o, in)
	}
	if err := d.did(c, "order.refund", o, map[string]any{"amount": in.Amount, "currency": in.Currency, "state": in.State}); err != nil {
		return err
	}
	return d.done(c, orderPath(o.Number)+"#refunds", text(c, "desk.order.refund_said"))
}

// askRefund asks before a customer is told that money was sent.
func (d *desk) askRefund(c echo.Context, o *models.Order, in checkout.RefundInput) error {
	title := text(c, "desk.order.refund_ask", "amount", in.Amount+"\u00a0"+in.Currency, "number", o.Number)
	reads := "desk.order.refund_reads"
	if d.mailsTo(o.Email) {
		reads = "desk.order.refund_reads_mail"
	}
	v := admin.AskView{Title: title, Lines: []string{text(c, reads), text(c, "desk.order.refund_moves")}, Action: orderPath(o.Number) + "/refund", Yes: text(c, "desk.order.refund_record"), No: text(c, "desk.order.keep"), NoHref: orderPath(o.Number) + "#refunds"}
	for _, f := range [][2]string{{"sure", "1"}, {"amount", in.Amount}, {"currency", in.Currency}, {"reference", in.Reference}, {"reason", in.Reason}, {"address", in.Address}, {"network", in.Network}, {"state", in.State}} {
		v.Fields = append(v.Fields, admin.Hidden{Name: f[0], Value: f[1]})
	}
	return d.render(c, http.StatusOK, page{nav: "orders", title: title}, admin.Ask(v))
}

// openThere leads to the exchanger's own page of the order. Its address holds the secret, so it stands on no page, and the log keeps who went.
func (d *desk) openThere(c echo.Context) error {
	l, err := d.lookOf(c)
	if err != nil {
		return err
	}
	o := l.Order
	if l.PayURL == "" {
		return d.orderPage(c, http.StatusConflict, o, orderForm{problem: text(c, "desk.order.open_not")})
	}
	if err := d.did(c, "order.open_there", o, nil); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, l.PayURL)
}

// reveal shows uid and secret of the order's payments, once, to who has just proved who they are.
func (d *desk) reveal(c echo.Context) error {
	o, err := d.orderOf(c)
	if err != nil {
		return err
	}
	list, err := d.Store.Payments(c.Request().Context(), o.ID)
	if err != nil {
		return err
	}
	once := &admin.OnceView{Title: text(c, "desk.order.revealed"), Text: text(c, "desk.order.revealed_text")}
	for i := range list {
		secret, err := d.Store.Vault().SecretOf(&list[i])
		if err != nil { // damaged in the database
			secret = "—"
		}
		if list[i].UID != "" {
			once.Lines = append(once.Lines, "uid "+list[i].UID, "secret "+secret)
		}
	}
	if len(once.Lines) == 0 {
		return d.orderPage(c, http.StatusConflict, o, orderForm{problem: text(c, "desk.order.revealed_none")})
	}
	if err := d.did(c, "order.reveal", o, nil); err != nil {
		return err
	}
	return d.orderPage(c, http.StatusOK, o, orderForm{once: once})
}
