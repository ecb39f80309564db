package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// The ten statuses of the platform [doc], and one that no document knows.
const (
	StatusNew              = "new"
	StatusWaitPayment      = "waitPayment"
	StatusErrorPayment     = "errorPayment"
	StatusInProgress       = "inProgress"
	StatusInProgressPayout = "inProgressPayout"
	StatusErrorPayout      = "errorPayout"
	StatusHold             = "hold"
	StatusDone             = "done"
	StatusReturned         = "returned"
	StatusDeleted          = "deleted"
	StatusUnknown          = "frozenByBank" // made up: what a client does with a status that it has never seen
)

// Statuses lists what /control offers, in the order of the good way first.
var Statuses = []string{
	StatusNew, StatusWaitPayment, StatusInProgress, StatusInProgressPayout, StatusDone,
	StatusErrorPayment, StatusErrorPayout, StatusHold, StatusReturned, StatusDeleted, StatusUnknown,
}

// Value is one filled-in field of an order. Key is the field's _id.
type Value struct {
	Key   string `json:"key"`
	ID    string `json:"id"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Change is one entry of an order's history: what it was from At on, and who made it so.
type Change struct {
	At     time.Time       `json:"at"`
	Status string          `json:"status"`
	By     string          `json:"by"`
	In     decimal.Decimal `json:"in_amount"`
	Out    decimal.Decimal `json:"out_amount"`
}

// Notice tells what became of one notification.
type Notice struct {
	At     time.Time `json:"at"`
	Status string    `json:"status"`
	Result string    `json:"result"` // "200 OK", an error in words, "lost by a fault"
}

// Step is a move that the order will make by itself.
type Step struct {
	At     time.Time        `json:"at"`
	Status string           `json:"status"`
	By     string           `json:"by"`
	In     *decimal.Decimal `json:"in_amount,omitempty"`
	Out    *decimal.Decimal `json:"out_amount,omitempty"`
}

// Order is one exchange order. Times are the sandbox's own clock, amounts in units of From and To.
type Order struct {
	UID         int64           `json:"uid"`
	ID          string          `json:"id"` // the orderId, 24 hex
	RID         string          `json:"rid"`
	Secret      string          `json:"secret"`
	Status      string          `json:"status"`
	RouteID     string          `json:"route_id"`
	From        string          `json:"from"` // xml codes
	To          string          `json:"to"`
	InAmount    decimal.Decimal `json:"in_amount"`
	OutAmount   decimal.Decimal `json:"out_amount"`
	FromValues  []Value         `json:"from_values"`
	ToValues    []Value         `json:"to_values"`
	RouteValues []Value         `json:"route_values"`
	Email       string          `json:"email"`
	Lang        string          `json:"lang"`
	Partner     string          `json:"partner"`
	HideOutData bool            `json:"hide_out_data"`
	CallbackURL string          `json:"callback_url"`
	IPNURL      string          `json:"ipn_url"`
	IPNSecret   string          `json:"ipn_secret"`
	Account     string          `json:"account"` // where the customer pays: an address, a card, a purse
	Tag         string          `json:"tag"`     // memo or destination tag, where the currency has one
	Created     time.Time       `json:"created_at"`
	Expires     time.Time       `json:"expires_at"`
	History     []Change        `json:"history"`
	Notices     []Notice        `json:"notices"`
	Plan        []Step          `json:"plan,omitempty"`
}

const keptEntries = 200 // of history and notices: a soak must not grow an order without end

func (o *Order) note(at time.Time, by string) {
	o.History = append(o.History, Change{At: at, Status: o.Status, By: by, In: o.InAmount, Out: o.OutAmount})
	if len(o.History) > keptEntries { // the first entry stays: it is the order as it was asked for
		o.History = slices.Delete(o.History, 1, len(o.History)-keptEntries+1)
	}
}

func (o *Order) clone() Order {
	c := *o
	c.FromValues, c.ToValues, c.RouteValues = slices.Clone(o.FromValues), slices.Clone(o.ToValues), slices.Clone(o.RouteValues)
	c.History, c.Notices, c.Plan = slices.Clone(o.History), slices.Clone(o.Notices), slices.Clone(o.Plan)
	return c
}

// asOf returns the order as it stood at a moment: what a cache would still answer.
func (o *Order) asOf(t time.Time) Order {
	c := o.clone()
	if len(c.History) == 0 {
		return c
	}
	h := c.History[0]
	for _, e := range c.History[1:] {
		if e.At.After(t) {
			break
		}
		h = e
	}
	c.Status, c.InAmount, c.OutAmount = h.Status, h.In, h.Out
	return c
}

func (o *Order) waiting() bool { return o.Status == StatusNew || o.Status == StatusWaitPayment }

// change moves an order and tells everybody. Call with the lock held.
func (s *Sandbox) change(o *Order, status, by string, notify bool) {
	o.Status = status
	o.note(s.clock(), by)
	if notify {
		s.notify(o)
	}
	s.save(o)
	s.touched()
}

// save records the order and keeps the list of those that time can move.
func (s *Sandbox) save(o *Order) {
	s.orders[o.UID] = o
	if o.waiting() || len(o.Plan) > 0 {
		s.live[o.UID] = o
	} else {
		delete(s.live, o.UID)
	}
	c := o.clone()
	s.record(entry{Kind: kindOrder, Order: &c})
	s.rouse()
}

// due moves an order as far as the clock says: first what it planned, then its own expiry.
func (s *Sandbox) due(o *Order) {
	now := s.clock()
	for len(o.Plan) > 0 && !o.Plan[0].At.After(now) {
		step := o.Plan[0]
		o.Plan = slices.Clone(o.Plan[1:])
		if step.In != nil {
			o.InAmount = *step.In
		}
		if step.Out != nil {
			o.OutAmount = *step.Out
		}
		s.change(o, step.Status, step.By, true)
	}
	if len(o.Plan) == 0 && o.waiting() && !now.Before(o.Expires) {
		s.change(o, StatusDeleted, "its time ran out", true)
	}
}

// tick moves every order that is due. Call with the lock held.
func (s *Sandbox) tick() {
	for _, o := range s.live {
		s.due(o)
	}
}

// clockwork moves orders as time passes, without being asked.
func (s *Sandbox) clockwork() {
	for {
		s.mu.Lock()
		s.tick()
		wait := s.untilNext()
		s.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-s.ctx.Done():
			timer.Stop()
			return
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// untilNext is how long the clockwork may sleep; a second at most while something waits, since the clock may be a test's.
func (s *Sandbox) untilNext() time.Duration {
	if len(s.live) == 0 {
		return time.Hour
	}
	now, wait := s.clock(), time.Second
	for _, o := range s.live {
		at := o.Expires
		if len(o.Plan) > 0 {
			at = o.Plan[0].At
		}
		wait = min(wait, at.Sub(now))
	}
	return max(wait, 5*time.Millisecond)
}

func (s *Sandbox) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// touched tells the pages that watch that something changed.
func (s *Sandbox) touched() {
	s.version++
	for w := range s.watchers {
		select {
		case w <- s.version:
		default: // it has not read the last one yet, and will look at everything when it does
		}
	}
}

// newest returns copies, the newest first; limit 0: all.
func (s *Sandbox) newest(limit int) []Order {
	list := make([]*Order, 0, len(s.orders))
	for _, o := range s.orders {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *Order) int { return int(b.UID - a.UID) })
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	out := make([]Order, len(list))
	for i, o := range list {
		out[i] = o.clone()
	}
	return out
}

func indexValue(values []Value, key string) int {
	return slices.IndexFunc(values, func(v Value) bool { return v.Key == key || v.ID == key })
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// randomText draws n characters of the alphabet, each as likely as the other.
func randomText(n int, alphabet string) string {
	out := make([]byte, 0, n)
	limit := 256 - 256%len(alphabet)
	var buf [64]byte
	for len(out) < n {
		rand.Read(buf[:]) // never fails since Go 1.24
		for _, b := range buf {
			if int(b) < limit && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}
