package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// field is one thing that a route asks for. Its pattern is what the API shows; check is how this sandbox judges a value,
// needed where the pattern is of a dialect that Go does not speak.
type field struct {
	OID      string // the API's _id: the key under which a value is sent
	ID, Name string
	Pattern  string
	Required bool
	check    func(string) bool
}

func (f field) valid(value string) bool { return f.check == nil || f.check(value) }

type discount struct{ MoreThan, Percent decimal.Decimal }

// payKind is how the exchanger tells the customer to pay [client].
type payKind int

const (
	payMerchant payKind = iota // an automatic payment system: template and data
	payText                    // manualPaymentText with placeholders
	paySteps                   // linkPS, account, comment, "I have paid"
)

// currency is one that the exchanger takes or gives. Prices are made up for November 2026.
type currency struct {
	OID                string
	Code, Name, Symbol string
	Icon               string // file in static/icons
	Price              decimal.Decimal
	Wobble             int // in hundredths of a percent, either way
	Decimals           int // -1: the API does not tell, and 2 holds [client]
	Min, Max           decimal.Decimal
	Reserve            decimal.Decimal // of this currency, when paid out
	Fee                decimal.Decimal // flat, in this currency, when paid out
	Position           int
	FromFields         []field
	ToFields           []field
	Discounts          []discount
	Pay                payKind
	PayText            string // payText: HTML with placeholders
	PayLink            string // paySteps: the payment system's site
	Comment            string // paySteps: commentTemplate
	ShowComment        bool
	account            func() string // makes an account to pay to
	tag                func() string // makes a memo or destination tag; nil: the currency has none
	TagName            string        // its name in merchant data
	AbsoluteImage      bool          // the API shows a whole address in place of a path
	Hidden, Dry        bool          // routes from it are not shown, or have no reserve
	VerifyAbove        decimal.Decimal
	Verify             bool
	RouteFields        []field
	Instructions       []instruction
}

func (c *currency) places() int32 {
	if c.Decimals < 0 {
		return 2
	}
	return int32(c.Decimals)
}

// amount is money as people read it: cents in full, coins without zeros at the end.
func (c *currency) amount(d decimal.Decimal) string {
	if c.places() == 2 && d.Exponent() >= -2 {
		return d.StringFixed(2) + " " + c.Symbol
	}
	return d.String() + " " + c.Symbol
}

// instruction is HTML of the exchanger in several languages, each behind its mark.
type instruction struct{ Step, Content string }

type route struct {
	ID       string
	From, To *currency
	Friendly string
	index    int
}

type catalogue struct {
	from, to []*currency
	routes   []*route
	byID     map[string]*route
}

// oid makes an ObjectID of a name: the same on every start, so that a shop's stored routes stay good.
func oid(name string) string {
	sum := sha256.Sum256([]byte("sandbox:" + name))
	return hex.EncodeToString(sum[:12])
}

func newCatalogue() *catalogue {
	c := &catalogue{byID: map[string]*route{}}
	for i, cur := range currencies() {
		cur.OID, cur.Position = oid("currency:"+cur.Code), 10*(i+1)
		for _, list := range [][]field{cur.FromFields, cur.ToFields, cur.RouteFields} {
			for j := range list {
				list[j].OID = oid("field:" + cur.Code + ":" + list[j].ID)
			}
		}
		if cur.Price.IsPositive() && cur.account != nil {
			c.from = append(c.from, cur)
		}
		if len(cur.ToFields) > 0 {
			c.to = append(c.to, cur)
		}
	}
	for _, from := range c.from {
		for _, to := range c.to {
			if from == to {
				continue
			}
			r := &route{
				ID: oid("route:" + from.Code + ">" + to.Code), From: from, To: to, index: len(c.routes),
				Friendly: strings.ToLower(from.Code + "-to-" + to.Code),
			}
			c.routes = append(c.routes, r)
			c.byID[r.ID] = r
		}
	}
	return c
}

func (c *catalogue) byXML(from, to string) *route {
	i := slices.IndexFunc(c.routes, func(r *route) bool { return r.From.Code == from && r.To.Code == to })
	if i < 0 {
		return nil
	}
	return c.routes[i]
}

func (c *catalogue) byFriendly(name string) *route {
	i := slices.IndexFunc(c.routes, func(r *route) bool { return r.Friendly == name })
	if i < 0 {
		return nil
	}
	return c.routes[i]
}

func (c *catalogue) currency(code string) *currency {
	for _, list := range [][]*currency{c.from, c.to} {
		for _, cur := range list {
			if cur.Code == code {
				return cur
			}
		}
	}
	return nil
}

// pattern makes a field that is judged by the pattern which it shows.
func pattern(id, name, expr string, required bool) field {
	f := field{ID: id, Name: name, Pattern: expr, Required: required}
	if expr != "" {
		f.check = regexp.MustCompile(expr).MatchString
	}
	return f
}

// foreignPattern makes a field whose shown pattern is of another dialect than the one that judges it.
func foreignPattern(id, name, shown, expr string, required bool) field {
	return field{ID: id, Name: name, Pattern: shown, Required: required, check: regexp.MustCompile(expr).MatchString}
}
