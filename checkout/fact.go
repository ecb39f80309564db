package checkout

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/exchanger"
	"mostrador/models"
)

// Where something was learnt from.
const (
	FromForm         = "form"
	FromNotification = "notification"
	FromPull         = "pull"
	FromReturn       = "return"
	FromTimer        = "timer"
	FromPerson       = "person"
)

// Sources lists all of them.
var Sources = []string{FromForm, FromNotification, FromPull, FromReturn, FromTimer, FromPerson}

// What kinds of facts there are about a payment.
const (
	FactIntent     = "intent"     // we are about to ask the exchanger for an order
	FactCreated    = "created"    // the exchanger made it
	FactRefused    = "refused"    // the exchanger certainly did not make it
	FactUnclear    = "unclear"    // the answer was lost: it may have been made
	FactNotified   = "notified"   // a notification came
	FactPulled     = "pulled"     // order/get answered
	FactCameBack   = "came_back"  // the customer came back from the exchanger
	FactSuperseded = "superseded" // another attempt takes its place
	FactCancelSent = "cancel_sent"
	FactToldPaid   = "told_paid"   // the customer says that it is paid, and the exchanger is about to be told
	FactRowChanged = "row_changed" // the row was not what the log adds up to
	FactNoted      = "noted"       // something that changes nothing, kept for the timeline
)

// Fact is one thing that was learnt about a payment. Only the members that its kind speaks of are set.
type Fact struct {
	Source string
	Kind   string
	Who    string // the person, when one did it
	Note   string // in words of the program: an error, what was asked

	Proof   exchanger.Proof
	Status  exchanger.Status
	In, Out decimal.NullDecimal // units of from and to
	FromXML string
	ToXML   string
	Stamp   int64 // ms since 1970: a notification's timestamp, or the exchanger's clock at a pull

	OrderID       string // 24 hex digits
	UID           string
	ValuesChanged bool // a pull showed other toValues than were sent

	Site    int64 // of an intent: where it is asked for, and which route
	Route   string
	Promise *promise

	RequestID string
	Raw       []byte // body as received
}

// Outcomes of a fact.
const (
	Applied = "applied" // it changed what we know, or confirmed it
	Kept    = "kept"    // recorded, not applied
	Refused = "refused" // not believed
)

// said is what a fact said, for the log. Raw bodies are kept apart, sealed.
type said struct {
	Note    string         `json:"note,omitempty"`
	Status  string         `json:"status,omitempty"`
	In      *string        `json:"in,omitempty"`
	Out     *string        `json:"out,omitempty"`
	FromXML string         `json:"from,omitempty"`
	ToXML   string         `json:"to,omitempty"`
	Stamp   int64          `json:"stamp,omitempty"`
	OrderID string         `json:"order_id,omitempty"`
	Site    int64          `json:"site,omitempty"`
	Route   string         `json:"route,omitempty"`
	Promise *promise       `json:"promise,omitempty"`
	Proof   string         `json:"proof,omitempty"`
	Changes map[string]any `json:"changes,omitempty"`
}

// promise is what an intent says of the price and of how amounts are reckoned: the row keeps it for ever, and the log can give it back.
type promise struct {
	Price        int64           `json:"price"`
	PriceOut     decimal.Decimal `json:"price_out"`
	Rate         decimal.Decimal `json:"rate"`
	FromDecimals int32           `json:"from_decimals"`
	ToDecimals   int32           `json:"to_decimals"`
}

func promiseOf(p *models.Payment) *promise {
	return &promise{Price: p.Price, PriceOut: p.PriceOut, Rate: p.PayoutRate, FromDecimals: p.FromDecimals, ToDecimals: p.ToDecimals}
}

func (f Fact) said(changes map[string]any) string {
	s := said{Note: f.Note, Status: string(f.Status), FromXML: f.FromXML, ToXML: f.ToXML, Stamp: f.Stamp, OrderID: f.OrderID, Site: f.Site, Route: f.Route, Promise: f.Promise, Changes: changes}
	if f.Kind == FactNotified {
		s.Proof = f.Proof.String()
	}
	if f.In.Valid {
		v := f.In.Decimal.String()
		s.In = &v
	}
	if f.Out.Valid {
		v := f.Out.Decimal.String()
		s.Out = &v
	}
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return string(raw)
}

// millis is t as notifications count time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
