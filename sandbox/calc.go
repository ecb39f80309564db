package sandbox

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"time"

	"github.com/shopspring/decimal"
)

// terms is what a route costs at one moment, in the API's own words [client].
type terms struct {
	In, Out   decimal.Decimal // In units of from buy Out units of to
	Fee       decimal.Decimal // flat, in to
	Reserve   decimal.Decimal // of to
	Min, Max  decimal.Decimal // of from; Max 0: no limit
	FromPlace int32
	ToPlace   int32
	Discounts []discount // by rising bound
}

var errNothing = errors.New("nothing would be paid out")

var hundred = decimal.NewFromInt(100)

// discounted is rate.in lowered for amounts above a bound.
func (t terms) discounted(percent decimal.Decimal) decimal.Decimal {
	return t.In.Mul(hundred.Sub(percent)).Div(hundred)
}

// percentFor is the discount for an amount that the customer pays.
func (t terms) percentFor(in decimal.Decimal) decimal.Decimal {
	best := decimal.Zero
	for _, d := range t.Discounts {
		if in.GreaterThan(d.MoreThan) {
			best = d.Percent
		}
	}
	return best
}

// pays computes what is paid out for in: in × coef − fee, rounded half up at to's decimals.
func (t terms) pays(in decimal.Decimal) (decimal.Decimal, error) {
	rate := t.discounted(t.percentFor(in))
	out := in.Mul(t.Out).DivRound(rate, 30).Sub(t.Fee).Round(t.ToPlace)
	if !out.IsPositive() {
		return decimal.Zero, errNothing
	}
	return out, nil
}

// costs computes what must be paid so that out arrives: (out + fee) / coef, rounded half up at from's decimals. Of the
// discounts the highest is taken whose bound the resulting amount passes.
func (t terms) costs(out decimal.Decimal) decimal.Decimal {
	at := func(percent decimal.Decimal) decimal.Decimal {
		return out.Add(t.Fee).Mul(t.discounted(percent)).DivRound(t.Out, 30)
	}
	for i := len(t.Discounts) - 1; i >= 0; i-- {
		if in := at(t.Discounts[i].Percent); in.GreaterThan(t.Discounts[i].MoreThan) {
			return in.Round(t.FromPlace)
		}
	}
	return at(decimal.Zero).Round(t.FromPlace)
}

const (
	wobbleEvery = 20 * time.Second
	margin      = "0.985" // what the exchanger keeps
)

// price is a currency's price in dollars at a moment: the same for the same seed and time.
func (s *Sandbox) price(c *currency, now time.Time, f Faults) decimal.Decimal {
	if f.RatesStill || c.Wobble == 0 {
		return c.Price
	}
	h := fnv.New64a()
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.cfg.Seed)
	binary.BigEndian.PutUint64(b[8:], uint64(now.Unix()/int64(wobbleEvery/time.Second)))
	h.Write(b[:])
	h.Write([]byte(c.Code))
	x := h.Sum64()
	x ^= x >> 29 // fnv alone mixes its last byte badly
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 32
	span := int64(2*c.Wobble + 1)
	move := int64(x%uint64(span)) - int64(c.Wobble) // in 1/10000
	return c.Price.Mul(decimal.New(10000+move, -4))
}

// terms computes a route's present terms. Call with the lock held.
func (s *Sandbox) terms(r *route, f Faults) terms {
	now := s.clock()
	// One unit of from is worth this much of to, after the exchanger's margin and whatever a fault adds.
	worth := s.price(r.From, now, f).Mul(dec(margin)).DivRound(s.price(r.To, now, f), 30)
	worse := decimal.Max(decimal.Min(f.MoveRates, dec("90")), dec("-90"))
	worth = worth.Mul(hundred.Sub(worse)).Div(hundred)
	t := terms{
		In: decimal.NewFromInt(1), Out: decimal.NewFromInt(1), Fee: r.To.Fee, Reserve: r.To.Reserve,
		Min: r.From.Min, Max: r.From.Max, FromPlace: r.From.places(), ToPlace: r.To.places(), Discounts: r.From.Discounts,
	}
	if worth.GreaterThanOrEqual(decimal.NewFromInt(1)) {
		t.Out = significant(worth, 8)
	} else {
		t.In = significant(decimal.NewFromInt(1).DivRound(worth, 30), 8)
	}
	if r.From.Dry {
		t.Reserve = decimal.Zero
	}
	return t
}

// significant rounds to n digits that count.
func significant(d decimal.Decimal, n int) decimal.Decimal {
	whole := int32(d.NumDigits()) + d.Exponent()
	return d.Round(int32(n) - whole)
}
