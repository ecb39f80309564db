package checkout

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/money"
)

// column is one column of a payment that its log adds up to.
type column struct {
	name string
	get  func(*models.Payment) any // JSON value: string, bool, float64-safe integer as text, or nil
	set  func(*models.Payment, any) error
}

func text(name string, at func(*models.Payment) *string) column {
	return column{name, func(p *models.Payment) any { return *at(p) }, func(p *models.Payment, v any) error {
		s, ok := v.(string)
		if !ok {
			return fmt.Errorf("%s: want text", name)
		}
		*at(p) = s
		return nil
	}}
}

func truth(name string, at func(*models.Payment) *bool) column {
	return column{name, func(p *models.Payment) any { return *at(p) }, func(p *models.Payment, v any) error {
		b, ok := v.(bool)
		if !ok {
			return fmt.Errorf("%s: want true or false", name)
		}
		*at(p) = b
		return nil
	}}
}

func number(name string, at func(*models.Payment) *int64) column {
	return column{name, func(p *models.Payment) any { return strconv.FormatInt(*at(p), 10) }, func(p *models.Payment, v any) error {
		s, _ := v.(string)
		_, err := fmt.Sscan(s, at(p))
		return err
	}}
}

func amount(name string, at func(*models.Payment) *decimal.NullDecimal) column {
	return column{name, func(p *models.Payment) any {
		if d := at(p); d.Valid {
			return d.Decimal.String()
		}
		return nil
	}, func(p *models.Payment, v any) error {
		s, ok := v.(string)
		if !ok {
			*at(p) = decimal.NullDecimal{}
			return nil
		}
		d, err := decimal.NewFromString(s)
		if err == nil && !money.Sound(d) { // an older version took it from an exchanger: whoever reads it finds none
			*at(p) = decimal.NullDecimal{}
			return nil
		}
		*at(p) = decimal.NewNullDecimal(d)
		return err
	}}
}

func moment(name string, at func(*models.Payment) **time.Time) column {
	return column{name, func(p *models.Payment) any {
		if t := *at(p); t != nil {
			return t.UTC().Format(time.RFC3339Nano)
		}
		return nil
	}, func(p *models.Payment, v any) error {
		s, ok := v.(string)
		if !ok {
			*at(p) = nil
			return nil
		}
		t, err := time.Parse(time.RFC3339Nano, s)
		*at(p) = &t
		return err
	}}
}

// columns are what the log adds up to: everything that facts decide. Left out is what is planned (next pull) and how pulling goes.
var columns = []column{
	text("phase", func(p *models.Payment) *string { return &p.Phase }),
	text("status", func(p *models.Payment) *string { return &p.Status }),
	text("uid", func(p *models.Payment) *string { return &p.UID }),
	text("exchange_id", func(p *models.Payment) *string { return &p.ExchangeID }),
	amount("ordered_in", func(p *models.Payment) *decimal.NullDecimal { return &p.OrderedIn }),
	amount("ordered_out", func(p *models.Payment) *decimal.NullDecimal { return &p.OrderedOut }),
	amount("current_in", func(p *models.Payment) *decimal.NullDecimal { return &p.CurrentIn }),
	amount("current_out", func(p *models.Payment) *decimal.NullDecimal { return &p.CurrentOut }),
	amount("settled_in", func(p *models.Payment) *decimal.NullDecimal { return &p.SettledIn }),
	amount("settled_out", func(p *models.Payment) *decimal.NullDecimal { return &p.SettledOut }),
	text("flags", func(p *models.Payment) *string { return &p.Flags }),
	text("contradiction", func(p *models.Payment) *string { return &p.Contradiction }),
	number("last_stamp", func(p *models.Payment) *int64 { return &p.LastStamp }),
	truth("superseded", func(p *models.Payment) *bool { return &p.Superseded }),
	truth("cancel_asked", func(p *models.Payment) *bool { return &p.CancelAsked }),
	number("hints", func(p *models.Payment) *int64 { return &p.Hints }),
	number("wrong_hashes", func(p *models.Payment) *int64 { return &p.WrongHashes }),
	number("proven", func(p *models.Payment) *int64 { return &p.Proven }),
	moment("seen_at", func(p *models.Payment) **time.Time { return &p.SeenAt }),
	moment("settled_at", func(p *models.Payment) **time.Time { return &p.SettledAt }),
}

// changes names the columns in which b differs from a, with b's values.
func changes(a, b models.Payment) map[string]any {
	out := map[string]any{}
	for _, c := range columns {
		if v := c.get(&b); v != c.get(&a) {
			out[c.name] = v
		}
	}
	return out
}

// Mismatch is a difference between a payment's row and its log.
type Mismatch struct {
	PaymentID int64
	EventSeq  int64  // 0: the row as a whole
	What      string // column, or digest, chain, count
	Row, Log  string
	Unread    bool // Row cannot be in such a column, and no event tells what stood there
}

// Verify replays a payment's log: each event's digest, the chain, and that the changes add up to the row (rule 7).
func Verify(p models.Payment, events []models.Event) []Mismatch {
	var out []Mismatch
	bad := func(seq int64, what, row, log string) {
		out = append(out, Mismatch{PaymentID: p.ID, EventSeq: seq, What: what, Row: row, Log: log})
	}
	sum, prev := models.Payment{Phase: PhaseCreating}, ""
	for i := range events {
		e := &events[i]
		if e.Seq != int64(i+1) {
			bad(e.Seq, "order", fmt.Sprint(e.Seq), fmt.Sprint(i+1))
		}
		if e.Prev != prev {
			bad(e.Seq, "chain", prev, e.Prev)
		}
		if got := e.Sum(); got != e.Digest {
			bad(e.Seq, "digest", e.Digest, got)
		}
		prev = e.Digest
		var s said
		if err := json.Unmarshal([]byte(e.Data), &s); err != nil {
			bad(e.Seq, "data", "", err.Error())
			continue
		}
		if e.Kind == FactIntent {
			promised(p, s, bad)
		}
		for _, c := range columns {
			if v, ok := s.Changes[c.name]; ok {
				if err := c.set(&sum, v); err != nil {
					bad(e.Seq, c.name, "", err.Error())
				}
			}
		}
	}
	if p.Events != int64(len(events)) {
		bad(0, "events", fmt.Sprint(p.Events), fmt.Sprint(len(events)))
	}
	if p.Head != prev {
		bad(0, "head", p.Head, prev)
	}
	for _, c := range columns {
		log := fmt.Sprint(c.get(&sum))
		if raw, ok := p.Unreadable[c.name]; ok {
			bad(0, c.name, raw, log)
		} else if row := fmt.Sprint(c.get(&p)); row != log {
			bad(0, c.name, row, log)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Unreadable)) {
		if !slices.ContainsFunc(out, func(m Mismatch) bool { return m.What == name }) {
			out = append(out, Mismatch{PaymentID: p.ID, What: name, Row: p.Unreadable[name], Unread: true})
		}
	}
	return out
}

// keepPromise makes what an intent said was going to be asked that of the row.
func keepPromise(p *models.Payment, s said) {
	number := func(into *decimal.Decimal, text *string) {
		if text == nil {
			return
		}
		if d, err := decimal.NewFromString(*text); err == nil && money.Sound(d) {
			*into = d
		}
	}
	number(&p.QuotedIn, s.In)
	number(&p.QuotedOut, s.Out)
	if s.Site != 0 { // older versions did not say it
		p.SiteID, p.RouteID = s.Site, s.Route
	}
	if s.FromXML != "" && s.ToXML != "" {
		p.FromXML, p.ToXML = s.FromXML, s.ToXML
	}
	if s.Promise != nil {
		p.Price, p.PriceOut, p.PayoutRate, p.FromDecimals, p.ToDecimals = s.Promise.Price, s.Promise.PriceOut, s.Promise.Rate, s.Promise.FromDecimals, s.Promise.ToDecimals
	}
}

// promised compares what the first event says was going to be asked with the row, which keeps it for ever.
func promised(p models.Payment, s said, bad func(seq int64, what, row, log string)) {
	for _, c := range []struct {
		what string
		row  decimal.Decimal
		log  *string
	}{{"quoted_in", p.QuotedIn, s.In}, {"quoted_out", p.QuotedOut, s.Out}} {
		if c.log == nil {
			continue
		}
		d, err := decimal.NewFromString(*c.log)
		if err == nil && !money.Sound(d) {
			continue // no row can hold it
		}
		if err != nil || !d.Equal(c.row) {
			bad(0, c.what, c.row.String(), *c.log)
		}
	}
	if s.Site != 0 && s.Site != p.SiteID { // older versions did not say it
		bad(0, "site_id", fmt.Sprint(p.SiteID), fmt.Sprint(s.Site))
	}
	if s.Site != 0 && s.Route != p.RouteID {
		bad(0, "route_id", p.RouteID, s.Route)
	}
	if s.Promise != nil {
		if q := promiseOf(&p); q.Price != s.Promise.Price || q.FromDecimals != s.Promise.FromDecimals || q.ToDecimals != s.Promise.ToDecimals {
			bad(0, "price", fmt.Sprint(q.Price, q.FromDecimals, q.ToDecimals), fmt.Sprint(s.Promise.Price, s.Promise.FromDecimals, s.Promise.ToDecimals))
		}
		if !p.PriceOut.Equal(s.Promise.PriceOut) {
			bad(0, "price_out", p.PriceOut.String(), s.Promise.PriceOut.String())
		}
		if !p.PayoutRate.Equal(s.Promise.Rate) {
			bad(0, "payout_rate", p.PayoutRate.String(), s.Promise.Rate.String())
		}
	}
	if s.FromXML != p.FromXML || s.ToXML != p.ToXML {
		bad(0, "currencies", p.FromXML+" → "+p.ToXML, s.FromXML+" → "+s.ToXML)
	}
}
