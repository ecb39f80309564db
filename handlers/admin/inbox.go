package admin

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/staff"
	"mostrador/views/admin"
)

const (
	inboxAlone = 3  // as many of one kind stand by themselves; more are one row that unfolds
	inboxEach  = 10 // rows that unfold
	inboxBulk  = 50 // rows of one kind that are read, and orders that one button checks
)

// pile is what waits for the same reason.
type pile struct {
	kind string           // of the row that stands for all
	say  string           // its sentence
	why  string           // what it comes to; ""
	rows []admin.InboxRow // the one that waits longest first
	n    int64            // how many there are: rows may be fewer
	all  string           // where all of them are listed; ""
	next string           // what the first of them is looked at for; "": not from here
	post []admin.Button   // what can be done about all of them
}

// inbox is what needs a person: money first, then machines. Much of one kind is one row, so that the page stays one glance.
func (b *overviewBuilder) inbox() error {
	for _, step := range []func() error{b.sites, b.hanging("errorPayout"), b.deciding(checkout.Review), b.refundsAsked, b.deciding(checkout.Underpaid), b.hanging("hold"), b.flagged, b.refused, b.webhooks, b.backup, b.mail} {
		if err := step(); err != nil {
			return err
		}
	}
	b.v.Inbox = append(b.v.Inbox, b.later...)
	return nil
}

func (b *overviewBuilder) many(key string, n int64, args ...any) string {
	return b.p.Count("desk.inbox."+key, int(n), args...)
}

// pile puts a few rows as they are, and one row for many.
func (b *overviewBuilder) pile(p pile) {
	b.v.InboxN += int(p.n)
	if p.n <= inboxAlone {
		b.v.Inbox = append(b.v.Inbox, p.rows...)
		return
	}
	shown := p.rows[:min(len(p.rows), inboxEach)]
	lead := admin.InboxRow{ID: "in-" + p.kind, Chip: p.rows[0].Chip, What: admin.Link{Label: p.say, Href: p.all}, Why: p.why, Age: p.rows[0].Age, Rows: shown, Unfold: b.many("unfold", int64(len(shown)))}
	if p.all != "" {
		lead.Links = []admin.Link{{Label: b.p.Text("desk.inbox.list"), Href: p.all}}
		if p.n > int64(len(shown)) {
			lead.More = &admin.Link{Label: b.many("all", p.n), Href: p.all}
		}
	}
	if p.next != "" {
		lead.First = &admin.Link{Label: p.next, Href: p.rows[0].What.Href}
	}
	if b.may {
		lead.Posts = p.post
	}
	b.v.Inbox = append(b.v.Inbox, lead)
}

// forAll is what can be done about several orders at once.
func (b *overviewBuilder) forAll(action, label string, numbers []int64) admin.Button {
	all := admin.Button{Action: action, Label: label, Class: "btn-plain btn-sm", Fields: []admin.Hidden{{Name: "back", Value: "/admin"}}}
	for _, n := range numbers {
		all.Fields = append(all.Fields, admin.Hidden{Name: "order", Value: id(n)})
	}
	return all
}

// order is the row of an order with what can be done about it.
func (b *overviewBuilder) order(w *models.Waiting, chip admin.ChipView, say, why string, posts ...admin.Button) admin.InboxRow {
	r := admin.InboxRow{Chip: chip, What: admin.Link{Label: b.p.Text("desk.inbox.order", "number", w.Number), Href: orderPath(w.Number)}, Say: say, Why: why, Age: b.age(w.Since)}
	if !b.may || len(posts) == 0 {
		r.Links = []admin.Link{{Label: b.t("look"), Href: r.What.Href}}
		return r
	}
	for _, p := range posts {
		p.Action, p.Aria = r.What.Href+p.Action, b.p.Text("desk.orders.one", "number", w.Number)
		p.Fields = append(p.Fields, admin.Hidden{Name: "back", Value: "/admin"})
		r.Posts = append(r.Posts, p)
	}
	return r
}

// short is the row of an underpaid order. Not every language has the order as the subject of what it lacks.
func (b *overviewBuilder) short(w *models.Waiting, why string, posts ...admin.Button) admin.InboxRow {
	r := b.order(w, statusChip(b.c, w.Status), b.t("say_underpaid", "missing", b.money(w.Total-w.Received).Text()), why, posts...)
	r.What.Label = b.p.Text("desk.inbox.order_lacks", "number", w.Number)
	return r
}

// accept takes the order as paid, as it stands now, after a question.
func (b *overviewBuilder) accept(w *models.Waiting) admin.Button {
	then := b.acceptText(b.p, w.Status, w.ReviewReason, w.Email, b.money(w.Received).Text())
	return admin.Button{Action: "/accept", Label: b.p.Text("desk.order.accept"), Class: "btn-sm btn-quiet", Ask: b.p.Text("desk.order.accept_ask", "number", w.Number), Then: then, Keep: b.p.Text("desk.order.keep"),
		Fields: []admin.Hidden{{Name: "version", Value: id(w.Version)}, {Name: "saw_status", Value: w.Status}, {Name: "saw_received", Value: id(w.Received)}}}
}

// deciding are the orders that only a person can decide.
func (b *overviewBuilder) deciding(status string) func() error {
	return func() error {
		list, n, err := b.Store.WaitingOrders(b.ctx, status, inboxBulk)
		if err != nil || n == 0 {
			return err
		}
		if err := b.Store.SinceWhen(b.ctx, list, false); err != nil {
			return err
		}
		var ids []int64
		for i := range list {
			ids = append(ids, list[i].OrderID)
		}
		asked, err := b.Store.RestAsked(b.ctx, ids)
		if err != nil {
			return err
		}
		given, err := b.Store.RefundsOfOrders(b.ctx, ids)
		if err != nil {
			return err
		}
		p := pile{kind: status, n: n, say: b.many("many_"+status, n), all: "/admin/orders?status=" + status}
		missing, rests := int64(0), []int64{}
		for i := range list {
			w := &list[i]
			missing += w.Total - w.Received
			if status == checkout.Review {
				say := b.t("say_review")
				if key := "desk.overview.review." + w.ReviewReason; messages.Has(key) {
					say = b.p.Text(key)
				}
				p.rows = append(p.rows, b.reviewed(b.order(w, statusChip(b.c, status), say, b.why(w), b.accept(w))))
				continue
			}
			why := b.t("why_underpaid", "received", b.money(w.Received).Text(), "total", b.money(w.Total).Text())
			if back := given[w.OrderID]; checkout.GivenBack(&models.Order{Status: w.Status}, back) {
				p.rows = append(p.rows, b.goesBack(b.short(w, why), back))
				continue
			}
			if at, ok := asked[w.OrderID]; ok {
				why += " " + b.p.Text("desk.inbox.asked", "ago", b.age(at).Text)
			}
			if _, ok := asked[w.OrderID]; !ok && b.mailsTo(w.Email) {
				rests = append(rests, w.Number)
			}
			rest := admin.Button{Action: "/rest", Label: b.p.Text("desk.order.rest"), Keep: b.p.Text("desk.order.keep")}
			rest.Ask, rest.Then = b.restText(b.p, w.Number, w.Email, b.money(w.Total-w.Received).Text())
			p.rows = append(p.rows, b.short(w, why, rest, b.accept(w)))
		}
		if status == checkout.Underpaid && n <= inboxBulk {
			p.why = b.p.Text("desk.inbox.short", "amount", b.money(missing).Text())
		}
		if status == checkout.Review {
			p.next = b.p.Text("desk.inbox.oldest")
		}
		if len(rests) > 0 {
			all := b.forAll("/admin/orders/rest", b.many("rest_all", int64(len(rests))), rests)
			all.Ask, all.Then, all.Keep = b.many("rest_all_ask", int64(len(rests))), b.p.Text("desk.inbox.rest_all_text"), b.p.Text("desk.order.keep")
			p.post = []admin.Button{all}
		}
		b.pile(p)
		return nil
	}
}

// goesBack is the row of an underpaid order of which money went back, or is asked back: neither the rest nor an acceptance would be taken.
func (b *overviewBuilder) goesBack(r admin.InboxRow, refunds []models.Refund) admin.InboxRow {
	open := slices.ContainsFunc(refunds, func(x models.Refund) bool { return x.State == checkout.RefundAsked })
	r.Links, r.First = nil, &admin.Link{Label: b.t("look"), Href: r.What.Href + "#refunds"}
	if !open {
		r.Why += " " + b.p.Text("desk.inbox.sent_back")
		return r
	}
	r.Why += " " + b.p.Text("desk.inbox.asks_back")
	if b.may {
		r.First.Label = b.p.Text("desk.inbox.answer")
	}
	return r
}

// why says what came for an order in review.
func (b *overviewBuilder) why(w *models.Waiting) string {
	return b.t("why_underpaid", "received", b.money(w.Received).Text(), "total", b.money(w.Total).Text())
}

// reviewed puts looking first: nobody accepts what they have not looked at.
func (b *overviewBuilder) reviewed(r admin.InboxRow) admin.InboxRow {
	r.First = &admin.Link{Label: b.t("look"), Href: r.What.Href}
	r.Links = nil
	return r
}

// hanging are payments that stand still at an exchanger. Those at one that does not answer stand with it.
func (b *overviewBuilder) hanging(status string) func() error {
	return func() error {
		list, n, err := b.stuck(status)
		if err != nil {
			return err
		}
		low := strings.ToLower(status)
		p, numbers := pile{kind: low, say: b.many("many_"+low, n), all: "/admin/orders?status=" + checkout.Pending}, []int64{}
		for i := range list {
			w := &list[i]
			if b.down[w.SiteName] {
				n--
				continue
			}
			p.rows, numbers = append(p.rows, b.hangs(w)), append(numbers, w.Number)
		}
		if p.n = n; len(p.rows) > 0 {
			p.say, p.post = b.many("many_"+low, n), []admin.Button{b.forAll("/admin/orders/check", b.p.Text("desk.inbox.check_all"), numbers)}
			b.pile(p)
		}
		return nil
	}
}

// stuck are the payments in a status of the exchanger's, the one that stands in it longest first.
func (b *overviewBuilder) stuck(status string) ([]models.Waiting, int64, error) {
	list, n, err := b.Store.WaitingPayments(b.ctx, status, inboxBulk)
	if err == nil {
		err = b.Store.SinceWhen(b.ctx, list, true)
	}
	slices.SortStableFunc(list, func(x, y models.Waiting) int { return x.Since.Compare(y.Since) })
	return list, n, err
}

func (b *overviewBuilder) hangs(w *models.Waiting) admin.InboxRow {
	tone := admin.Attention
	if w.PayStatus == "errorPayout" {
		tone = admin.Trouble
	}
	low := strings.ToLower(w.PayStatus)
	return b.order(w, admin.ChipView{Tone: tone, Word: w.PayStatus}, b.t("say_"+low, "site", w.SiteName), b.t("why_"+low), admin.Button{Action: "/check", Label: b.p.Text("desk.order.check")})
}

// flagged are orders that were paid late, twice or with too much: to be seen, no more.
func (b *overviewBuilder) flagged() error {
	list, err := b.Store.FlaggedOrders(b.ctx, b.now.AddDate(0, 0, -30), inboxBulk)
	if err != nil || len(list) == 0 {
		return err
	}
	slices.Reverse(list)
	n := int64(len(list))
	p := pile{kind: "late", n: n, say: b.many("many_late", n), all: "/admin/orders?flag=late"}
	all := b.seen("desk.inbox.seen_all")
	for i := range list {
		w := &list[i]
		flag := checkout.FlagLate
		switch given := strings.Fields(w.Flags); {
		case slices.Contains(given, checkout.FlagDouble):
			flag = checkout.FlagDouble
		case !slices.Contains(given, checkout.FlagLate):
			flag = checkout.FlagOver
		}
		subject := models.SeenFlags(w.OrderID, w.Flags)
		r := b.order(w, admin.ChipView{Tone: admin.Attention, Icon: "flag", Word: b.p.Text("desk.flag." + flag)}, b.t("say_"+flag), b.t("why_"+flag))
		if b.may {
			r.Posts = []admin.Button{b.seen("desk.inbox.seen", subject)}
			r.Posts[0].Aria = r.What.Label
		}
		p.rows = append(p.rows, r)
		all.Fields = append(all.Fields, admin.Hidden{Name: "subject", Value: subject})
	}
	p.post = []admin.Button{all}
	b.pile(p)
	return nil
}

func (b *overviewBuilder) seen(label string, subjects ...string) admin.Button {
	x := admin.Button{Action: "/admin/seen", Label: b.p.Text(label), Class: "btn-sm btn-plain"}
	for _, s := range subjects {
		x.Fields = append(x.Fields, admin.Hidden{Name: "subject", Value: s})
	}
	return x
}

// refundsAsked are customers who ask for their money back.
func (b *overviewBuilder) refundsAsked() error {
	list, n, err := b.Store.AskedRefunds(b.ctx, inboxBulk)
	if err != nil || n == 0 {
		return err
	}
	p := pile{kind: "refund", n: n, say: b.many("many_refund", n), all: "/admin/orders?refund=" + checkout.RefundAsked, next: b.p.Text("desk.inbox.oldest_answer")}
	if !b.may {
		p.next = b.p.Text("desk.inbox.oldest")
	}
	for i := range list {
		x := &list[i]
		to := orderPath(x.Number) + "#refunds"
		what := admin.Link{Label: b.p.Text("desk.inbox.order", "number", x.Number), Href: to}
		r := admin.InboxRow{Chip: admin.ChipView{Tone: admin.Attention, Icon: "undo-2", Word: b.p.Text("desk.inbox.kind_refund")}, What: what, Say: b.p.Text("desk.inbox.say_refund", "amount", money.FromMinor(x.Total, x.Currency).Text(b.p.Lang())),
			Why: x.Reason, Age: b.age(x.Since), First: &admin.Link{Label: b.p.Text("desk.inbox.answer"), Href: to}}
		if !b.may {
			r.First.Label = b.t("look")
		}
		p.rows = append(p.rows, r)
	}
	b.pile(p)
	return nil
}

// refused are notifications that nobody believes.
func (b *overviewBuilder) refused() error {
	since := b.now.Add(-24 * time.Hour)
	seen, err := b.Store.InboxSeen(b.ctx, models.SeenRefused)
	if err != nil {
		return err
	}
	if seen.After(since) {
		since = seen
	}
	n, number, last, err := b.Store.RefusedSince(b.ctx, since)
	if err != nil || n == 0 {
		return err
	}
	why := ""
	if number > 0 {
		why = b.t("why_refused", "number", number)
	}
	r := b.alarm(admin.Trouble, "shield-x", "refused", b.p.Count("desk.overview.refused_n", int(n)), "/admin/notifications?outcome=refused", b.t("say_refused"), why, last)
	if b.may {
		r.Posts = []admin.Button{b.seen("desk.inbox.seen", models.SeenRefused)}
	}
	b.v.Inbox = append(b.v.Inbox, r)
	return nil
}

func (b *overviewBuilder) webhooks() error {
	endpoints, waiting, err := b.Store.FailingEndpoints(b.ctx, b.now)
	if err != nil {
		return err
	}
	for i := range endpoints {
		e := &endpoints[i]
		since := e.UpdatedAt
		if e.FailingSince != nil {
			since = *e.FailingSince
		}
		b.v.Inbox = append(b.v.Inbox, b.alarm(admin.Trouble, "webhook", "webhook", e.URL, "/admin/webhooks/"+e.PublicID, b.t("say_webhook"), b.p.Count("desk.overview.waiting_n", int(waiting[e.ID])), since))
	}
	return nil
}

// sites are the exchangers. One that does not answer stands first when orders wait there: it is why they do.
func (b *overviewBuilder) sites() error {
	sites, err := b.Store.Sites(b.ctx)
	if err != nil {
		return err
	}
	b.down = map[string]bool{}
	for i := range sites {
		s := &sites[i]
		if !s.Active {
			continue
		}
		lamp := admin.Lamp{Good: s.Circuit == "" || s.Circuit == "closed", Text: b.t("lamp_site", "site", s.Name), Href: "/admin/health"}
		if !lamp.Good {
			lamp.Text, b.down[s.Name] = b.t("lamp_site_down", "site", s.Name), true
			if err := b.siteDown(s); err != nil {
				return err
			}
		}
		b.v.Lamps = append(b.v.Lamps, lamp)
	}
	return nil
}

func (b *overviewBuilder) siteDown(s *models.Site) error {
	since := s.UpdatedAt
	if s.FailingSince != nil {
		since = *s.FailingSince
	}
	n, err := b.Store.WaitingAt(b.ctx, s.ID)
	if err != nil {
		return err
	}
	r := b.alarm(admin.Trouble, "cloud-off", "site", s.Name, "/admin/health", b.t("say_site"), b.t("why_site"), since)
	if n == 0 {
		b.later = append(b.later, r)
		return nil
	}
	r.What.Label, r.Say, r.ID = b.many("many_site", n, "site", s.Name), "", "in-site-"+id(s.ID)
	for _, status := range []string{"errorPayout", "hold"} {
		list, _, err := b.stuck(status)
		if err != nil {
			return err
		}
		for i := range list {
			if list[i].SiteName == s.Name && len(r.Rows) < inboxEach {
				r.Rows = append(r.Rows, b.hangs(&list[i]))
			}
		}
	}
	r.Unfold = b.many("unfold_stuck", int64(len(r.Rows)))
	b.v.Inbox = append(b.v.Inbox, r)
	return nil
}

// backup says that none was made for too long.
func (b *overviewBuilder) backup() error {
	x, err := b.backups(b.ctx)
	if err != nil || !x.missing {
		return err
	}
	say, since := b.p.Text("desk.inbox.say_no_backup"), b.now
	if x.last != nil {
		say, since = b.p.Text("desk.inbox.say_backup"), x.last.At
	}
	r := b.alarm(admin.Trouble, "archive", "backup", b.p.Text("desk.inbox.backup"), "/admin/health", say, b.p.Text("desk.inbox.why_backup"), since)
	if x.last == nil {
		r.Age = admin.Moment{}
	}
	b.v.Inbox = append(b.v.Inbox, r)
	return nil
}

// mail that is off, at the end.
func (b *overviewBuilder) mail() error {
	on := b.Config.Mail.URL != ""
	b.v.Lamps = append(b.v.Lamps, admin.Lamp{Good: on, Text: b.t(map[bool]string{true: "lamp_mail", false: "lamp_mail_off"}[on]), Href: "/admin/settings"})
	if !on {
		r := b.alarm(admin.Attention, "mail", "mail", b.t("mail_off"), "/admin/settings", b.t("say_mail"), b.t("why_mail"), b.now)
		r.Age = admin.Moment{}
		b.later = append(b.later, r)
	}
	return nil
}

// alarm is the row of a machine.
func (b *overviewBuilder) alarm(tone admin.Tone, icon, kind, what, href, say, why string, since time.Time) admin.InboxRow {
	b.v.InboxN++
	return admin.InboxRow{Chip: admin.ChipView{Tone: tone, Icon: icon, Word: b.t("kind_" + kind)}, What: admin.Link{Label: what, Href: href}, Say: say, Why: why, Age: b.age(since), Links: []admin.Link{{Label: b.t("look"), Href: href}}}
}

// seeInbox puts aside what needs no more than that somebody saw it.
func (d *desk) seeInbox(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	subjects := form["subject"]
	if len(subjects) == 0 || len(subjects) > inboxBulk || slices.ContainsFunc(subjects, func(s string) bool { return !models.CanBeSeen(s) }) {
		return echo.NewHTTPError(http.StatusUnprocessableEntity).SetInternal(errors.New("nothing that can be put aside"))
	}
	ctx, person := c.Request().Context(), who(c)
	err = d.Store.InTx(ctx, func(tx *models.Tx) error {
		for _, s := range subjects {
			if err := tx.SeeInbox(ctx, s, person.Name); err != nil {
				return err
			}
			if err := staff.Record(ctx, tx, person, "inbox.seen", s, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.done(c, "/admin", text(c, "desk.inbox.seen_said"))
}
