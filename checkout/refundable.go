package checkout

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/money"
)

// proven tells whether the exchanger says that a payment's money came and is still there. inProgress does not: the customer's own "I have paid" makes it
// just the same. What it sent back is with the customer already.
func proven(p *models.Payment) bool {
	switch exchanger.Status(p.Status) {
	case exchanger.StatusInProgressPayout, exchanger.StatusErrorPayout, exchanger.StatusDone:
		return true
	case exchanger.StatusReturned, exchanger.StatusInProgress, exchanger.StatusErrorPayment:
		return false
	}
	return p.SettledAt != nil
}

// cameAt is since when a proven payment's money is known of.
func cameAt(p *models.Payment) time.Time {
	switch {
	case p.SettledAt != nil:
		return *p.SettledAt
	case p.SeenAt != nil:
		return *p.SeenAt
	}
	return p.CreatedAt
}

// came is the money that the exchanger proved of an order. Refunds in whatever currency are shares of it, so that no two currencies give it back twice.
type came struct {
	o     *models.Order
	list  []models.Payment
	parts []part
	total decimal.Decimal // minor units
}

// part is what one payment brought: units of from and to, and minor units. All are zero where nothing proven came.
type part struct{ in, out, worth decimal.Decimal }

func cameOf(o *models.Order, list []models.Payment) came {
	c := came{o: o, list: list, parts: make([]part, len(list))}
	for i := range list {
		p := &list[i]
		if !proven(p) {
			continue
		}
		in, out := p.CurrentIn, p.CurrentOut
		if p.SettledAt != nil {
			in, out = p.SettledIn, p.SettledOut
		}
		c.parts[i] = part{in.Decimal, out.Decimal, worth(p, out.Decimal, o.Currency)}
		c.total = c.total.Add(c.parts[i].worth)
	}
	if len(list) == 0 {
		c.total = decimal.NewFromInt(o.Received)
	}
	return c
}

// in is all that came, in units of a currency by its code or symbol; ok is false for one that the order does not know.
func (c came) in(currency string) (all Units, ok bool) {
	is := func(names ...string) bool {
		for _, n := range names {
			if n != "" && strings.EqualFold(n, currency) {
				return true
			}
		}
		return false
	}
	if is(c.o.Currency) {
		places := money.Decimals(c.o.Currency)
		return Units{Value: c.total.Shift(-places), Symbol: c.o.Currency, Decimals: places}, true
	}
	all.Symbol = currency
	var units, worth decimal.Decimal
	for i := range c.list {
		p, x := &c.list[i], c.parts[i]
		switch {
		case is(p.FromXML, p.FromSymbol):
			units, all.Decimals = units.Add(x.in), p.FromDecimals
		case is(p.ToXML, p.ToSymbol):
			units, all.Decimals = units.Add(x.out), p.ToDecimals
		default:
			continue
		}
		ok, worth = true, worth.Add(x.worth)
	}
	if worth.Sign() > 0 {
		all.Value = units.Mul(c.total).DivRound(worth, 30)
	}
	return all, ok
}

// left is the share of what came that was not sent back. Of a refund in a currency that the order does not know nobody can tell its share: nothing is left.
func (c came) left(given []models.Refund) decimal.Decimal {
	left := decimal.NewFromInt(1)
	for i := range given {
		r := &given[i]
		if r.State != RefundSent || !r.Amount.Valid {
			continue
		}
		all, ok := c.in(r.Currency)
		if !ok || all.Value.Sign() <= 0 {
			return decimal.Zero
		}
		left = left.Sub(r.Amount.Decimal.DivRound(all.Value, 30))
	}
	return decimal.Max(left, decimal.Zero)
}

// refunded is what of the money that came was sent back, in minor units of the order's currency, rounded.
func refunded(o *models.Order, list []models.Payment, given []models.Refund) int64 {
	c := cameOf(o, list)
	return c.total.Sub(c.total.Mul(c.left(given))).Round(0).IntPart()
}

// GivenBack tells whether an underpaid order is to be completed no more: money of it was sent back, or the customer asks for it and nobody answered.
func GivenBack(o *models.Order, refunds []models.Refund) bool {
	return o.Status == Underpaid && slices.ContainsFunc(refunds, func(r models.Refund) bool { return r.State != RefundRefused })
}

// WhollyBack tells whether all the money that came of an order was sent back, as far as is written down: less than its smallest unit is left.
func WhollyBack(o *models.Order, list []models.Payment, given []models.Refund) bool {
	c := cameOf(o, list)
	for i := range given {
		if r := &given[i]; r.State == RefundSent {
			if _, ok := c.in(r.Currency); !ok || !r.Amount.Valid {
				return false
			}
		}
	}
	return c.total.Sign() > 0 && c.total.Mul(c.left(given)).LessThan(decimal.NewFromInt(1))
}

// unpaid tells whether what is written down about money going back from now on is about an order that was not paid.
func unpaid(o *models.Order) bool { return o.PaidAt == nil || o.Status == Underpaid }

// heldBack keeps an order that was not paid when money of it went back, or was asked back, from being completed by what comes later: a person decides.
// before is the order as it was before it would be paid.
func heldBack(before, o models.Order, refunds []models.Refund) models.Order {
	back := slices.ContainsFunc(refunds, func(r models.Refund) bool { return r.Unpaid && r.State != RefundRefused })
	if o.Status == Paid && back && !accepted(&o, WhyPaidAfterRefund) {
		o.Status, o.ReviewReason, o.PaidAt = Review, WhyPaidAfterRefund, before.PaidAt
	}
	return o
}

// whole refuses to complete an order of which money goes back.
func (s *Service) whole(ctx context.Context, tx *models.Tx, o *models.Order) error {
	refunds, err := tx.Refunds(ctx, o.ID)
	if err != nil {
		return err
	}
	if GivenBack(o, refunds) {
		return conflict("order_given_back")
	}
	return nil
}

// roundingShare is the share of what came by which shares may be off: divisions are rounded.
var roundingShare = decimal.New(1, -9)

// refundable refuses a refund of more than came in, less what was given back before in any currency.
func refundable(o *models.Order, list []models.Payment, given []models.Refund, amount decimal.Decimal, currency string) *Problem {
	c := cameOf(o, list)
	all, ok := c.in(currency)
	if !ok {
		return invalid("currency", "refund_currency", "currency", currency)
	}
	left := c.left(given)
	if all.Value.Sign() > 0 && left.GreaterThan(roundingShare) && amount.DivRound(all.Value, 30).LessThanOrEqual(left.Add(roundingShare)) {
		return nil
	}
	return invalid("amount", "refund_too_much", "max", share(all, left))
}

// share is so much of all as is left, at its currency's own decimals. What only the rounding of a division left is nothing.
func share(all Units, left decimal.Decimal) Units {
	if left.LessThanOrEqual(roundingShare) {
		left = decimal.Zero
	}
	all.Value = all.Value.Mul(left).Round(20).RoundFloor(all.Decimals)
	return all
}

// RefundProposal is what a refund that is about to be written down would most likely be. Amount is 0 where nothing is left to send back, or nothing that came is known.
type RefundProposal struct {
	Amount           Units
	Currency         string // its code, as a refund names it
	Address, Network string // where the customer wants it; "" when they did not say
}

// ProposeRefund is the money that came and did not go back, in the currency that the customer paid with, and where they asked for it to be sent. Of an
// order that is paid it is what came beyond the price, while that has not gone back.
func (s *Service) ProposeRefund(o *models.Order, list []models.Payment, given []models.Refund) (RefundProposal, error) {
	out := RefundProposal{Currency: o.Currency}
	if p := RefundPayment(list); p != nil {
		out.Currency = p.FromXML
	}
	for i := len(given) - 1; i >= 0; i-- {
		r := &given[i]
		if r.CreatedBy != ByCustomer {
			continue
		}
		out.Currency, out.Network = r.Currency, r.Network
		address, err := s.store.Vault().RefundAddress(r)
		if err != nil {
			return out, err
		}
		out.Address = address
		break
	}
	c := cameOf(o, list)
	all, ok := c.in(out.Currency)
	if !ok {
		return out, nil
	}
	left := c.left(given)
	if over := decimal.NewFromInt(Surplus(o)); o.Status == Paid && over.Sign() > 0 && c.total.Sign() > 0 {
		gone := decimal.NewFromInt(1).Sub(left)
		if rest := over.DivRound(c.total, 30).Sub(gone); rest.GreaterThan(roundingShare) {
			left = decimal.Min(left, rest)
		}
	}
	out.Amount = share(all, left)
	return out, nil
}
