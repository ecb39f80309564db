package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/riverqueue/river"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views/mail"
)

// digestMost is how many things one digest names; the desk shows the rest.
const digestMost = 20

// Digest writes what a person (staff, 0: the address of notify.email) is to be told into one mail. A second run finds nothing to do.
func (w *Mails) Digest(ctx context.Context, person int64) error {
	var wait time.Duration
	err := w.store.InTx(ctx, func(tx *models.Tx) (err error) {
		wait, err = w.gather(ctx, tx, person)
		return err
	})
	if err != nil {
		return fmt.Errorf("write digest: %w", err)
	}
	if wait > 0 {
		return river.JobSnooze(wait)
	}
	return nil
}

func (w *Mails) gather(ctx context.Context, tx *models.Tx, person int64) (wait time.Duration, err error) {
	d, err := tx.LockDigest(ctx, person)
	if err != nil || d.DueAt == nil {
		return 0, err
	}
	if wait := d.DueAt.Sub(tx.Now()); wait > 0 {
		return wait, nil
	}
	list, err := tx.WaitingNotices(ctx, person)
	if err != nil {
		return 0, err
	}
	d.DueAt = nil
	to, lang, err := w.reader(ctx, tx, person)
	if err != nil {
		return 0, err
	}
	if to == "" || len(list) == 0 {
		if err := tx.DropNotices(ctx, person); err != nil {
			return 0, err
		}
		return 0, tx.SaveDigest(ctx, d)
	}
	last := list[len(list)-1].ID
	m := models.Mail{Once: fmt.Sprintf("digest/%d/%d", person, last), Kind: checkout.MailDigest, Recipient: to, Lang: lang, Data: "{}"}
	if _, err := tx.InsertMail(ctx, &m); err != nil {
		return 0, err
	}
	if err := tx.TellNotices(ctx, person, last, m.ID); err != nil {
		return 0, err
	}
	if err := tx.Enqueue(ctx, checkout.MailArgs{MailID: m.ID}, nil); err != nil {
		return 0, err
	}
	now := tx.Now()
	d.LastAt = &now
	return 0, tx.SaveDigest(ctx, d)
}

// reader gives address and language of a person; "" when nothing is to be sent to them any more.
func (w *Mails) reader(ctx context.Context, tx *models.Tx, person int64) (to, lang string, err error) {
	first := messages.Languages[0]
	if len(w.cfg.Shop.Languages) > 0 {
		first = w.cfg.Shop.Languages[0]
	}
	if person == 0 {
		return w.cfg.Notify.Email, first, nil
	}
	p, err := tx.LockStaff(ctx, person)
	if errors.Is(err, models.ErrNotFound) || err == nil && !p.Active() {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return p.Email, cmp.Or(p.Lang, first), nil
}

// told is one thing of a digest, with the order that it is about, if any.
type told struct {
	mail.Item
	key    string // texts: KEY.subject, .title, .lead, .button
	button string
	args   []any
	look   *checkout.Look
}

// toDigest writes what needs a person and still does. The error is errStale when nothing of it does any more.
func (w *Mails) toDigest(ctx context.Context, l *mail.Letter, p messages.Printer, m *models.Mail) error {
	notices, err := w.store.NoticesOf(ctx, m.ID)
	if err != nil {
		return err
	}
	l.Lang = p.Lang()
	var list []told
	for i := range notices {
		t, err := w.told(ctx, p, &notices[i])
		if err != nil {
			return err
		}
		// What happened twice to one thing is one thing to do.
		if t != nil && !slices.ContainsFunc(list, func(u told) bool { return u.key == t.key && u.URL == t.URL && u.Title == t.Title }) {
			list = append(list, *t)
		}
	}
	switch len(list) {
	case 0:
		return fmt.Errorf("%w: nothing needs a person any more", errStale)
	case 1:
		w.toldAlone(l, p, list[0])
	default:
		l.Subject, l.Title = p.Count("merchant.digest.subject", len(list), "shop", l.Shop), p.Count("merchant.digest.title", len(list))
		for _, t := range list[:min(len(list), digestMost)] {
			l.Items = append(l.Items, t.Item)
		}
		if more := len(list) - digestMost; more > 0 {
			l.Lead = []string{p.Count("merchant.digest.more", more)}
		}
		l.Button = mail.Link{Label: p.Text("merchant.other.button"), URL: w.cfg.Server.PublicURL + "/admin"}
	}
	l.Foot = []string{p.Text("merchant.foot", "shop", l.Shop)}
	if notices[0].Person != 0 {
		l.Foot = append(l.Foot, p.Text("merchant.foot_digest", "url", w.cfg.Server.PublicURL+"/admin/account#h-notify"))
	}
	return nil
}

// toldAlone writes a letter about one thing.
func (w *Mails) toldAlone(l *mail.Letter, p messages.Printer, t told) {
	args := append(t.args, "shop", l.Shop)
	l.Subject, l.Title, l.Lead = p.Text(t.key+"subject", args...), t.Title, []string{t.Text}
	if t.look != nil {
		l.Lead = append(l.Lead, t.look.Why.Sentence(p, true, w.cfg.Shop.Location()))
		w.lines(l, p, t.look)
	}
	l.Button = mail.Link{Label: t.button, URL: t.URL}
}

// told makes an item of a notice; nil when it is no longer so.
func (w *Mails) told(ctx context.Context, p messages.Printer, n *models.Notice) (*told, error) {
	words := map[string]string{}
	if err := json.Unmarshal([]byte(n.Data), &words); err != nil {
		return nil, fmt.Errorf("read notice %d: %w", n.ID, err)
	}
	t := &told{key: "merchant." + n.Kind + "."}
	if !messages.Has(t.key + "subject") {
		t.key = "merchant.other."
	}
	path := "/admin"
	switch n.Kind {
	case models.NoticeWebhook:
		path = "/admin/webhooks/" + words["endpoint"]
	case models.NoticeExchanger, models.NoticeBackup:
		path = "/admin/health"
	}
	if n.OrderID != nil {
		o, err := w.store.OrderByID(ctx, *n.OrderID)
		if err != nil {
			return nil, err
		}
		if t.look, err = w.svc.Look(ctx, o); err != nil {
			return nil, err
		}
		if !stillSo(n.Kind, t.look) {
			return nil, nil
		}
		number := strconv.FormatInt(o.Number, 10)
		path = "/admin/orders/" + number
		text := func(minor int64) string { return money.FromMinor(minor, o.Currency).Text(p.Lang()) }
		t.args = append(t.args, "number", number, "price", text(o.Total), "received", text(o.Received))
		if t.look.Site != nil {
			words["site"] = checkout.Host(t.look.Site.BaseURL)
		}
	}
	if n.Kind == models.NoticeBackup {
		var err error
		if words["when"], err = w.lastBackup(ctx, p, n.At); err != nil || words["when"] == "" {
			return nil, err
		}
	}
	for _, name := range []string{"site", "host", "when"} {
		t.args = append(t.args, name, words[name])
	}
	t.Title, t.Text, t.button = p.Text(t.key+"title", t.args...), p.Text(t.key+"lead", t.args...), p.Text(t.key+"button", t.args...)
	t.URL = w.cfg.Server.PublicURL + path
	return t, nil
}

// stillSo tells whether what was told of an order still needs a person.
func stillSo(kind string, look *checkout.Look) bool {
	switch kind {
	case checkout.Review, checkout.Underpaid:
		return look.Order.Status == kind
	case models.NoticeStuck:
		return slices.ContainsFunc(look.Payments, func(p models.Payment) bool { return p.Status == "errorPayout" || p.Status == "hold" })
	}
	return true
}

// lastBackup says when the last backup was made; "" when there is a newer one than at the time of the notice.
func (w *Mails) lastBackup(ctx context.Context, p messages.Printer, told time.Time) (string, error) {
	last, ok, err := w.store.LastBackup(ctx)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return p.Text("merchant.backup_missing.never"), nil
	case last.At.After(told):
		return "", nil
	}
	return w.moment(p, last.At), nil
}
