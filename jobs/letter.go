package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views"
	"mostrador/views/mail"
)

const nbsp = "\u00a0"

// write makes the finished mail. The error is errStale when what it would say is no longer so.
func (w *Mails) write(ctx context.Context, m *models.Mail) (Post, error) {
	settings, err := w.store.ShopSettings(ctx)
	if err != nil {
		return Post{}, err
	}
	p := messages.For(m.Lang)
	l := mail.Letter{Shop: or(settings.Name, w.cfg.Shop.Name), ShopURL: w.cfg.Server.PublicURL + "/"}
	if l.Colour, err = views.AccentOf(settings.Accent); err != nil {
		w.log.WarnContext(ctx, "shop's colour not used", "error", err)
	}
	post := Post{ID: messageID(m), To: m.Recipient, Date: w.store.Now()}
	var look *checkout.Look
	if m.OrderID != nil {
		o, err := w.store.OrderByID(ctx, *m.OrderID)
		if err != nil {
			return Post{}, err
		}
		if look, err = w.svc.Look(ctx, o); err != nil {
			return Post{}, err
		}
	}
	switch m.Kind {
	case checkout.MailMerchant:
		err = w.toMerchant(&l, p, m)
	case checkout.MailDigest:
		err = w.toDigest(ctx, &l, p, m)
	default:
		post.ReplyTo = or(settings.SupportEmail, w.cfg.Shop.SupportEmail)
		if settings.MailOff(m.Kind) {
			return Post{}, fmt.Errorf("%w: this kind of mail is switched off", errStale)
		}
		err = w.toCustomer(ctx, &l, p, m, look)
		if footer := settings.MailFooter.In(m.Lang); footer != "" {
			l.Foot = append(l.Foot, footer)
		}
	}
	if err != nil {
		return Post{}, err
	}
	post.Subject, post.Text = l.Subject, l.Text()
	post.HTML, err = l.HTML(ctx)
	return post, err
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// kindOf is the letter that a mail asks for, by how the order stands now.
func kindOf(kind string, o *models.Order) (mail.Kind, error) {
	switch kind {
	case checkout.MailPlaced:
		return mail.Placed, nil
	case checkout.MailPaid, checkout.MailReceipt:
		if slices.Contains(o.FlagList(), checkout.FlagLate) {
			return mail.Late, nil
		}
		return mail.Paid, nil
	case checkout.MailAttention:
		switch o.Status {
		case checkout.Underpaid:
			return mail.Underpaid, nil
		case checkout.Review:
			return mail.Review, nil
		}
		return "", fmt.Errorf("%w: the order is %s", errStale, o.Status)
	case checkout.MailRest:
		if o.Status != checkout.Underpaid {
			return "", fmt.Errorf("%w: the order is %s", errStale, o.Status)
		}
		return mail.Rest, nil
	case checkout.MailReturned:
		return mail.Returned, nil
	case checkout.MailExpired:
		if o.Status != checkout.Expired {
			return "", fmt.Errorf("%w: the order is %s", errStale, o.Status)
		}
		return mail.Expired, nil
	case checkout.MailRefunded:
		return mail.Refunded, nil
	case checkout.MailRefused:
		return mail.Refused, nil
	case checkout.MailFind:
		return mail.Find, nil
	}
	return "", fmt.Errorf("no letter for a mail of kind %q", kind)
}

func (w *Mails) toCustomer(ctx context.Context, l *mail.Letter, p messages.Printer, m *models.Mail, look *checkout.Look) error {
	if look == nil {
		return fmt.Errorf("a mail of kind %q without an order", m.Kind)
	}
	o := look.Order
	kind, err := kindOf(m.Kind, o)
	if err != nil {
		return err
	}
	l.Button.URL = w.cfg.Server.PublicURL + "/orders/" + look.Token
	if kind == mail.Paid || kind == mail.Late {
		l.Button.URL += "/receipt"
	}
	args, err := w.marks(ctx, p, look)
	if err != nil {
		return err
	}
	if kind == mail.Refused {
		answer, err := w.answerTo(ctx, m, o)
		if err != nil {
			return err
		}
		args = append(args, "answer", answer)
	}
	if kind == mail.Underpaid || kind == mail.Rest {
		l.DueWhat, l.Due = p.Text("order.part_missing"), money.FromMinor(checkout.Missing(o), o.Currency).Text(p.Lang())
	}
	l.Write(p, kind, args...)
	w.lines(l, p, look)
	switch kind {
	case mail.Paid, mail.Late:
		w.receipt(l, p, look)
	case mail.Placed:
		w.awaited(l, p, look.Current)
	}
	return nil
}

// marks are what a customer's letter fills in.
func (w *Mails) marks(ctx context.Context, p messages.Printer, look *checkout.Look) ([]any, error) {
	o := look.Order
	text := func(minor int64) string { return money.FromMinor(minor, o.Currency).Text(p.Lang()) }
	until := o.ExpiresAt
	if soonest := w.store.Now().Add(w.cfg.Checkout.OrderExpiry); o.Status == checkout.Underpaid && until.Before(soonest) {
		until = soonest // it takes the rest at any time
	}
	if o.Status == checkout.Expired && o.ClosedAt != nil {
		until = o.ClosedAt.Add(w.cfg.Checkout.WatchAfterClose) // up to when a late payment is looked for
	}
	site := p.Text("explain.site")
	if look.Site != nil {
		site = checkout.Host(look.Site.BaseURL)
	}
	amount := text(o.Total)
	if sent := sentBy(look, p); len(sent) > 0 {
		amount = sent[0]
	}
	if several := checkout.SentIn(p, look.Payments); several != "" {
		amount = several
	}
	price := o.Total
	if o.PaidAt != nil && o.Received > 0 {
		price = o.Received
	}
	refund, reference, err := w.lastRefund(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return []any{"number", o.Number, "price", text(price), "amount", amount, "missing", text(checkout.Missing(o)), "until", w.moment(p, until), "site", site,
		"refund", refund, "reference", reference}, nil
}

// sentBy gives what the customer paid, one text for each settled payment; of an order that a person accepted, what was asked.
func sentBy(look *checkout.Look, p messages.Printer) []string {
	var out []string
	for i := range look.Payments {
		pay := &look.Payments[i]
		if pay.SettledAt == nil {
			continue
		}
		digits := checkout.InAmount(pay)
		if pay.SettledIn.Valid {
			digits = money.Exact(pay.SettledIn.Decimal, min(2, pay.FromDecimals))
		}
		out = append(out, coins(p, digits, pay.FromSymbol))
	}
	if len(out) == 0 && look.Current != nil && look.Current.SeenAt != nil {
		out = append(out, coins(p, checkout.InAmount(look.Current), look.Current.FromSymbol))
	}
	return out
}

func coins(p messages.Printer, digits, symbol string) string {
	return money.Number(digits, p.Lang()) + nbsp + symbol
}

func (w *Mails) lastRefund(ctx context.Context, p messages.Printer, o *models.Order) (amount, reference string, err error) {
	list, err := w.store.Refunds(ctx, o.ID)
	if err != nil {
		return "", "", err
	}
	for i := len(list) - 1; i >= 0; i-- {
		if r := list[i]; r.State == "sent" && r.Amount.Valid {
			return coins(p, plain(r.Amount.Decimal), r.Currency), r.Reference, nil
		}
	}
	return "—", "—", nil
}

// answerTo is why the refund that a mail names was refused.
func (w *Mails) answerTo(ctx context.Context, m *models.Mail, o *models.Order) (string, error) {
	var of struct {
		Refund string `json:"refund"`
	}
	if err := json.Unmarshal([]byte(m.Data), &of); err != nil {
		return "", fmt.Errorf("read what mail %d is about: %w", m.ID, err)
	}
	list, err := w.store.Refunds(ctx, o.ID)
	if err != nil {
		return "", err
	}
	for i := range list {
		if list[i].PublicID == of.Refund {
			return list[i].Answer, nil
		}
	}
	return "", fmt.Errorf("%w: no refund %q", errStale, of.Refund)
}

func plain(d decimal.Decimal) string { return money.Exact(d, 0) }

// lines lists what was bought.
func (w *Mails) lines(l *mail.Letter, p messages.Printer, look *checkout.Look) {
	o := look.Order
	text := func(minor int64) string { return money.FromMinor(minor, o.Currency).Text(p.Lang()) }
	for _, row := range look.Lines {
		l.Lines = append(l.Lines, mail.Line{Title: row.Title, Detail: strconv.FormatInt(row.Quantity, 10) + " × " + text(row.UnitPrice), Sum: text(row.Total)})
	}
	if len(look.Lines) == 0 && o.Description != "" {
		l.Lines = []mail.Line{{Title: o.Description, Sum: text(o.Total)}}
	}
	l.Total = mail.Fact{Label: p.Text("receipt.total"), Value: text(o.Total)}
	l.Facts = append(l.Facts, mail.Fact{Label: p.Text("order.order"), Value: strconv.FormatInt(o.Number, 10)})
}

// awaited says what is to be sent, while nothing was: who closed the page reads it in the mail.
func (w *Mails) awaited(l *mail.Letter, p messages.Printer, pay *models.Payment) {
	if pay == nil || !checkout.Pullable(pay) || pay.SeenAt != nil {
		return
	}
	l.Facts = append(l.Facts, mail.Fact{Label: p.Text("checkout.to_pay"), Value: coins(p, checkout.InAmount(pay), pay.FromSymbol)})
	w.network(l, p, pay)
}

func (w *Mails) network(l *mail.Letter, p messages.Printer, pay *models.Payment) {
	if net := checkout.NetworkOf(pay.FromXML); net != "" {
		l.Facts = append(l.Facts, mail.Fact{Label: p.Text("network.label"), Value: net})
	}
}

// receipt adds what a receipt has besides.
func (w *Mails) receipt(l *mail.Letter, p messages.Printer, look *checkout.Look) {
	if look.Order.PaidAt != nil {
		l.Facts = append(l.Facts, mail.Fact{Label: p.Text("receipt.paid_at"), Value: w.moment(p, *look.Order.PaidAt)})
	}
	for _, s := range sentBy(look, p) {
		l.Facts = append(l.Facts, mail.Fact{Label: p.Text("receipt.sent"), Value: s})
	}
	if look.Current != nil && look.Current.SeenAt != nil {
		w.network(l, p, look.Current)
	}
	if look.Site != nil && look.Current != nil && look.Current.UID != "" {
		l.Facts = append(l.Facts, mail.Fact{Label: p.Text("receipt.exchanged_by"), Value: checkout.Host(look.Site.BaseURL)},
			mail.Fact{Label: p.Text("receipt.its_order"), Value: look.Current.UID})
	}
}

// moment writes a time in the shop's time zone: alone on the same day, else with its day.
func (w *Mails) moment(p messages.Printer, t time.Time) string {
	loc := w.cfg.Shop.Location()
	t = t.In(loc)
	clock := t.Format("15:04") + nbsp + t.Format("MST")
	if now := w.store.Now().In(loc); t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return clock
	}
	return p.Text("time.day", "day", t.Day(), "month", p.Text("time.month."+strconv.Itoa(int(t.Month())))) + ", " + clock
}

// toMerchant writes what somebody of the desk should know at once, with the way to it.
func (w *Mails) toMerchant(l *mail.Letter, p messages.Printer, m *models.Mail) error {
	var d checkout.LetterData
	if err := json.Unmarshal([]byte(m.Data), &d); err != nil {
		return fmt.Errorf("read mail %d: %w", m.ID, err)
	}
	path, err := d.OpenLink(w.store.Vault(), m.Once)
	if err != nil {
		return fmt.Errorf("read mail %d: %w", m.ID, err)
	}
	args := []any{"shop", l.Shop}
	for name, value := range d.Args {
		args = append(args, name, value)
	}
	key := "merchant." + d.Kind + "."
	if !messages.Has(key + "subject") {
		key = "merchant.other."
	}
	l.Lang = p.Lang()
	l.Subject, l.Title = p.Text(key+"subject", args...), p.Text(key+"title", args...)
	l.Lead = []string{p.Text(key+"lead", args...)}
	l.Button = mail.Link{Label: p.Text(key+"button", args...), URL: w.cfg.Server.PublicURL + or(path, "/admin/payouts")}
	foot := "merchant.foot"
	if messages.Has(key + "foot") {
		foot = key + "foot"
	}
	l.Foot = []string{p.Text(foot, args...)}
	return nil
}
