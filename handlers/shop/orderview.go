package shop

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/shopspring/decimal"

	"mostrador/checkout"
	"mostrador/handlers"
	"mostrador/messages"
	"mostrador/models"
	"mostrador/money"
	"mostrador/views"
	"mostrador/views/shop"
)

// orderBuilder makes the page of an order out of what the domain knows.
type orderBuilder struct {
	*side
	p           messages.Printer
	l           *checkout.Look
	page        views.Page
	site        string // host of the exchanger of the payment that the page speaks of
	now         time.Time
	support     templ.SafeURL
	supportText string
	state       shop.State
}

func (b *orderBuilder) self() string { return "/orders/" + b.l.Token }

// view is the whole page. back is how the customer came back from the exchanger.
func (b *orderBuilder) view(back string) shop.OrderView {
	o := b.l.Order
	b.state = b.stateOf()
	v := shop.OrderView{Page: b.page, Self: b.self(), Events: b.self() + "/events", Status: b.self() + "/status", Number: strconv.FormatInt(o.Number, 10), Placed: b.full(o.CreatedAt),
		SupportMail: b.support, Support: b.supportText}
	v.Say(b.p, b.state, b.Config.Mail.URL != "" && o.Email != "", b.marks()...)
	if b.state == shop.StateWaiting && b.network() == "" {
		v.Lead = b.p.Text("order.waiting_for", "price", b.price(b.due(), b.p))
	}
	if b.state == shop.StateGivenBack {
		b.goesBack(&v)
	}
	if b.state == shop.StatePaid && o.Received <= 0 { // taken as paid by a person
		v.Lead = b.p.Text("order.taken")
	}
	if closed := o.ClosedAt; (b.state == shop.StateExpired || b.state == shop.StateCancelled) && closed != nil && b.now.After(closed.Add(b.Config.Checkout.WatchAfterClose)) {
		for i := range v.Notes { // nobody watches for it any more
			v.Notes[i].Text = b.p.Text("order.watched_no_more"+b.nowrite(), "number", o.Number)
		}
	}
	times := b.times()
	if b.state == shop.StateRefunded {
		times.Ended = b.moment(b.sentBack())
	}
	v.Steps = shop.StepsOf(b.p, b.state, times)
	b.goods(&v)
	b.since(&v)
	b.actions(&v)
	b.onSite(&v)
	b.notes(&v)
	b.moneyBack(&v)
	b.came(&v, back)
	v.Explain = b.explain()
	v.Version = version(v)
	return v
}

// nowrite ends the key of what is said in place of a text that asks to write to the shop, where the shop has no address.
func (b *orderBuilder) nowrite() string {
	if b.support == "" {
		return "_nowrite"
	}
	return ""
}

// goesBack says how far the way back of the money is: asked for, or sent.
func (b *orderBuilder) goesBack(v *shop.OrderView) {
	for i := range b.l.Refunds {
		switch r := &b.l.Refunds[i]; r.State {
		case checkout.RefundAsked: // the last word is an open question
			v.Chip.Word, v.Title, v.Lead = b.p.Text("order.back_asked_chip"), b.p.Text("order.back_asked_title"), b.p.Text("order.back_asked_lead", "when", b.short(r.CreatedAt))
			return
		case checkout.RefundSent:
			v.Chip.Word, v.Title, v.Lead = b.p.Text("order.back_sent_chip"), b.p.Text("order.back_sent_title"), b.p.Text("order.back_sent_lead", "when", b.short(b.sentBack()))
		}
	}
}

// sentBack is when money was sent back last; zero when none was.
func (b *orderBuilder) sentBack() (at time.Time) {
	for i := range b.l.Refunds {
		if r := &b.l.Refunds[i]; r.State == checkout.RefundSent {
			if at = r.CreatedAt; r.AnsweredAt != nil {
				at = *r.AnsweredAt
			}
		}
	}
	return at
}

// stateOf chooses what the page says.
func (b *orderBuilder) stateOf() shop.State {
	o, p := b.l.Order, b.l.Current
	situation := shop.Situation{Order: o.Status, Flags: o.FlagList(), Reason: o.ReviewReason, Silent: b.l.Down, Moved: b.l.Moved, Back: checkout.GivenBack(o, b.l.Refunds), Gone: checkout.WhollyBack(o, b.l.Payments, b.l.Refunds), Over: !o.ExpiresAt.After(b.now)}
	switch b.l.Why.Cause {
	case checkout.CauseRestUnderWay, checkout.CauseLateSeen:
		situation.Moving = true
	}
	if p != nil {
		situation.Phase, situation.Payment, situation.Told = p.Phase, p.Status, b.told()
		situation.Unseen = p.SeenAt == nil && o.Received == 0
		if p.Status == "" && p.Phase == checkout.PhaseLive {
			situation.Payment = "new"
		}
		// A payment that only notifications tell of has no page to pay on: for the customer it is as if no answer had come.
		if p.Phase == checkout.PhaseLive && b.l.PayURL == "" && (situation.Payment == "new" || situation.Payment == "waitPayment") {
			situation.Phase = checkout.PhaseUnclear
		}
	}
	// "I have paid" moves the exchange order to inProgress: that is what the customer says, and not yet money that was seen.
	if situation.Told && o.Status == checkout.Pending && p.Status == "inProgress" && !situation.Silent {
		return shop.StateTold
	}
	return shop.StateOf(situation)
}

// told tells whether the customer said "I have paid" of the current payment.
func (b *orderBuilder) told() bool {
	for i := range b.l.Events {
		e := &b.l.Events[i]
		if e.PaymentID == b.l.Current.ID && e.Source == checkout.FromForm && (e.Kind == checkout.FactToldPaid || e.Kind == checkout.FactNoted && strings.Contains(e.Data, "customer says paid")) {
			return true
		}
	}
	return false
}

// due is what is to be paid or was, in minor units: the price of the payment that the page speaks of.
func (b *orderBuilder) due() int64 {
	if b.l.Current != nil {
		return b.l.Current.Price
	}
	return b.svc.Due(b.l.Order)
}

// coin writes an amount of what the customer pays with.
func (b *orderBuilder) coin(d decimal.Decimal) string {
	p := b.l.Current
	return handlers.UnitsText(checkout.Units{Value: d, Symbol: p.FromSymbol, Decimals: p.FromDecimals}, b.p.Lang())
}

// amount is what is to be paid, or what was: settled, then current, then ordered, then quoted.
func (b *orderBuilder) amount() decimal.Decimal {
	p := b.l.Current
	for _, d := range []decimal.NullDecimal{p.SettledIn, p.CurrentIn, p.OrderedIn} {
		if d.Valid && d.Decimal.Sign() > 0 {
			return d.Decimal
		}
	}
	return p.QuotedIn
}

func (b *orderBuilder) network() string {
	if b.l.Current == nil {
		return ""
	}
	return checkout.NetworkOf(b.l.Current.FromXML)
}

// marks are the values in the sentences of a state.
func (b *orderBuilder) marks() []any {
	o := b.l.Order
	args := []any{"price", b.price(b.due(), b.p), "site", b.site, "network", b.network(), "email", o.Email, "missing", b.price(checkout.Missing(o), b.p),
		"over", b.price(max(0, o.Received-o.Total), b.p), "until", b.until(), "since", b.short(b.l.Since)}
	if b.state == shop.StatePaid || b.state == shop.StatePaidLate {
		args[1] = b.price(o.Received, b.p)
	}
	if b.state == shop.StateRefunded {
		args[len(args)-1] = b.short(b.sentBack())
	}
	p := b.l.Current
	if p == nil {
		return append(args, "amount", b.price(o.Total, b.p), "more", "", "worth", "")
	}
	more, worth := decimal.Zero, money.FromMinor(0, o.Currency)
	if asked := b.amount(); asked.GreaterThan(p.QuotedIn) && p.QuotedIn.Sign() > 0 {
		more = asked.Sub(p.QuotedIn)
		worth.Value = money.FromMinor(p.Price, o.Currency).Value.Mul(more).DivRound(p.QuotedIn, worth.Decimals)
	}
	amount := b.coin(b.amount())
	if several := checkout.SentIn(b.p, b.l.Payments); several != "" && o.PaidAt != nil {
		amount = several
	}
	return append(args, "amount", amount, "more", b.coin(more), "worth", worth.Text(b.p.Lang()))
}

// until is when an open order closes, or up to when a closed one is watched.
func (b *orderBuilder) until() string {
	o := b.l.Order
	if o.ClosedAt != nil {
		return handlers.Date(b.p, o.ClosedAt.Add(b.Config.Checkout.WatchAfterClose).In(b.zone))
	}
	return b.short(o.ExpiresAt)
}

func (b *orderBuilder) short(t time.Time) string {
	if t.IsZero() {
		t = b.now
	}
	return handlers.Short(b.p, t.In(b.zone), b.now)
}

func (b *orderBuilder) moment(t time.Time) shop.Moment {
	return shop.Moment{Text: b.short(t), ISO: t.UTC().Format(time.RFC3339)}
}

func (b *orderBuilder) full(t time.Time) shop.Moment {
	return shop.Moment{Text: handlers.Full(b.p, t.In(b.zone)), ISO: t.UTC().Format(time.RFC3339)}
}

// times are the moments of the steps.
func (b *orderBuilder) times() shop.Times {
	o, p := b.l.Order, b.l.Current
	t := shop.Times{Ordered: b.moment(o.CreatedAt)}
	if o.PaidAt != nil {
		t.Paid = b.moment(*o.PaidAt)
	}
	if p == nil {
		return t
	}
	if p.SeenAt != nil {
		t.Seen = b.moment(*p.SeenAt)
	}
	for i := range b.l.Events {
		e := &b.l.Events[i]
		if e.PaymentID != p.ID || e.Outcome != checkout.Applied {
			continue
		}
		if t.Exchanged.Text == "" && (e.Status == "inProgressPayout" || e.Status == "done") {
			t.Exchanged = b.moment(e.At)
		}
		if e.Status == p.Status && t.Ended.Text == "" {
			t.Ended = b.moment(e.At)
		}
	}
	if o.ClosedAt != nil {
		t.Ended = b.moment(*o.ClosedAt)
	}
	return t
}

// goods is what was ordered.
func (b *orderBuilder) goods(v *shop.OrderView) {
	o := b.l.Order
	for _, l := range b.l.Lines {
		v.Lines = append(v.Lines, b.line(b.p, l))
	}
	if len(v.Lines) == 0 {
		title := o.Description
		if title == "" {
			title = b.p.Text("order.payment_to", "shop", b.page.Shop.Name)
		}
		v.Lines = []shop.Line{{Title: title, Sum: b.price(o.Total, b.p)}}
	}
	v.Total = b.price(o.Total, b.p)
}

// explain answers why the order is where it is.
func (b *orderBuilder) explain() *shop.Explain {
	w := b.l.Why
	if w.Cause == "" {
		return nil
	}
	e := &shop.Explain{Question: b.p.Text("order.why_unpaid"), Sentence: w.Sentence(b.p, false, b.zone), Who: w.WhoText(b.p, false)}
	if b.l.Order.PaidAt != nil || b.l.Order.Status == checkout.Paid {
		e.Question = b.p.Text("order.how_known")
	}
	if b.state == shop.StateRefunded {
		e.Sentence = b.p.Text("order.refunded_known")
	}
	for _, v := range w.Evidence {
		v.Args = b.impersonal(v.Args)
		e.Evidence = append(e.Evidence, shop.Evidence{When: b.moment(v.At), Text: w.EvidenceText(v, b.p, b.zone)})
	}
	if !w.Next.IsZero() {
		e.Next = w.Moment(w.Next, b.p, b.zone)
	}
	return e
}

// impersonal names the shop where the log names one of its people: customers need not know who of them it was.
func (b *orderBuilder) impersonal(args []any) []any {
	out := slices.Clone(args)
	for i := 0; i+1 < len(out); i += 2 {
		if out[i] == "who" {
			out[i+1] = b.page.Shop.Name
		}
	}
	return out
}

// version changes when anything on the page does, the time that runs left aside: an open page is drawn again only then.
func version(v shop.OrderView) string {
	if v.Left != nil {
		left := *v.Left
		left.Text, left.ISO, left.Now, left.Part = "", "", "", 0
		v.Left = &left
	}
	if v.Explain != nil {
		e := *v.Explain
		e.Next = ""
		v.Explain = &e
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "" // plain structs: it cannot be
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// attemptOf is the attempt of another payment: the same for everybody who looks at the same state, so that pressing twice pays once.
func attemptOf(l *checkout.Look) string {
	last := int64(0)
	for i := range l.Payments {
		last = max(last, l.Payments[i].Seq)
	}
	sum := sha256.Sum256([]byte("again:" + l.Token + ":" + strconv.FormatInt(last, 10)))
	return hex.EncodeToString(sum[:16])
}

// routeOf is the route of a payment as forms name it.
func routeOf(site *models.Site, p *models.Payment) string { return site.Name + "/" + p.RouteID }
