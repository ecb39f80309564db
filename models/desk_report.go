package models

import (
	"time"

	"github.com/shopspring/decimal"
)

// Settlement is one line of the report of settlements: an order that was paid with one of its settled payments, or money that settled for
// an order that is not paid. Amounts are decimals as stored.
type Settlement struct {
	OrderID     int64
	Number      int64
	Status      string
	Flags       string
	Currency    string
	Total       int64 // minor units of Currency
	Received    int64 // of the order, in minor units of Currency, as is Refunded
	Refunded    int64
	Sold        bool // the order is paid: Total counts, once for each order
	PaidAt      *time.Time
	SettledAt   *time.Time // of the payment; nil: a person accepted the order without a settled payment
	PaymentSeq  int64
	UID         string
	Site        string
	FromSymbol  string
	FromXML     string
	ToSymbol    string
	ToXML       string
	SettledIn   decimal.NullDecimal
	SettledOut  decimal.NullDecimal
	PayoutRate  decimal.NullDecimal // units of to for one unit of Currency
	RouteFee    decimal.NullDecimal // the route's flat fee, units of to; not known for payments of before
	PaymentFlag string
	Unreadable  bool // the payment's row is damaged: not all of it is told
}

// SoldLine is one line of a paid order. An order without lines (a free amount, a link, the API) has one, of its description.
type SoldLine struct {
	Number    int64
	Status    string
	Currency  string
	PaidAt    time.Time
	Source    string
	Title     string
	Quantity  int64
	UnitPrice int64 // minor units of Currency
	Total     int64 // minor units of Currency
	Received  int64 // of the whole order, minor units of Currency, as is Refunded
	Refunded  int64
}
