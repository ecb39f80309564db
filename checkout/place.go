package checkout

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"sort"
	"strings"
	"time"

	"mostrador/exchanger"
	"mostrador/models"
	"mostrador/money"
)

// Where an order comes from.
const (
	SourceCart   = "cart"
	SourceAmount = "amount"
	SourceLink   = "link"
	SourceAPI    = "api"
)

// MaxQuantity is how many pieces of one product one order takes.
const MaxQuantity = 999

// Placement is what somebody asks for: a form or a call of the API.
type Placement struct {
	Source    string
	Cart      string // token of the cart
	Link      string // slug
	Amount    string // in the shop currency, as typed
	Currency  string // must be the shop's when given
	Route     string // site/routeId; "" only with the API: the customer chooses later
	Email     string
	Fields    map[string]string // by the field's _id
	Agreement bool
	Attempt   string // "": this request stands alone
	Lang      string
	Shown     string // what the page said is to be paid, as SealShown made it

	Description string // API only, as all below
	Metadata    string // JSON object
	ReturnURL   string
	ExpiresIn   time.Duration
}

// Placed is the order that a placement made, or made before.
type Placed struct {
	Order *models.Order
	Token string // of the order's address
	Next  string // where the customer goes now
	Again bool   // the same attempt had made it before
	Input string // digest of what the first use of the attempt asked for
}

// Basket is what is to be bought: lines and what they cost together.
type Basket struct {
	Source string
	Title  string // of a link
	Lines  []models.OrderLine
	Total  int64 // minor units
	Link   *models.Link
	counts map[int64]int64
}

// Basket looks up what a placement would buy. The error is a *Problem when there is nothing to buy or the amount is not one.
func (s *Service) Basket(ctx context.Context, p Placement) (*Basket, error) {
	switch p.Source {
	case SourceCart:
		return s.cartBasket(ctx, p)
	case SourceAmount, SourceAPI:
		total, problem := s.amount(p.Amount, p.Currency)
		if problem != nil {
			return nil, problem
		}
		return &Basket{Source: p.Source, Total: total}, nil
	case SourceLink:
		return s.linkBasket(ctx, p)
	}
	return nil, invalid("source", "source_unknown")
}

func (s *Service) amount(typed, currency string) (int64, *Problem) {
	if currency != "" && currency != s.opt.Currency {
		return 0, invalid("amount", "amount_currency", "currency", s.opt.Currency)
	}
	if strings.TrimSpace(typed) == "" {
		return 0, invalid("amount", "amount_missing")
	}
	total, err := money.Parse(typed, s.opt.Currency)
	switch {
	case errors.Is(err, money.ErrDecimals):
		return 0, invalid("amount", "amount_decimals", "decimals", money.Decimals(s.opt.Currency), "currency", s.opt.Currency)
	case errors.Is(err, money.ErrNegative):
		return 0, invalid("amount", "amount_not_positive")
	case errors.Is(err, money.ErrTooLarge):
		return 0, invalid("amount", "amount_too_large", "max", money.FromMinor(money.MaxMinor, s.opt.Currency))
	case err != nil:
		return 0, invalid("amount", "amount_not_number")
	}
	return total, nil
}

func (s *Service) cartBasket(ctx context.Context, p Placement) (*Basket, error) {
	lines, err := s.store.CartLines(ctx, p.Cart)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, invalid("source", "cart_empty")
	}
	b := &Basket{Source: SourceCart, counts: map[int64]int64{}}
	for _, l := range lines {
		if left := l.Product.Left(); left >= 0 && left < l.Quantity {
			return b, invalid("source", "cart_short", "title", models.ParseTexts(l.Product.Title).In(p.Lang), "left", left)
		}
		id := l.ProductID
		b.Lines = append(b.Lines, models.OrderLine{ProductID: &id, Title: models.ParseTexts(l.Product.Title).In(p.Lang), Picture: l.Product.Picture,
			Quantity: l.Quantity, UnitPrice: l.Product.Price, Total: l.Quantity * l.Product.Price})
		b.Total += l.Quantity * l.Product.Price
		b.counts[id] = l.Quantity
	}
	if b.Total <= 0 || b.Total > money.MaxMinor {
		return b, invalid("source", "amount_too_large", "max", money.FromMinor(money.MaxMinor, s.opt.Currency))
	}
	return b, nil
}

func (s *Service) linkBasket(ctx context.Context, p Placement) (*Basket, error) {
	l, err := s.store.LinkBySlug(ctx, p.Link)
	if errors.Is(err, models.ErrNotFound) {
		return nil, notFound("link_unknown")
	}
	if err != nil {
		return nil, err
	}
	b := &Basket{Source: SourceLink, Title: l.Title, Link: l}
	switch {
	case !l.Active, l.ExpiresAt != nil && !l.ExpiresAt.After(s.store.Now()):
		return b, conflict("link_over")
	case l.MaxUses != nil && l.Uses >= *l.MaxUses:
		return b, conflict("link_used_up")
	}
	if l.Amount != nil {
		b.Total = *l.Amount
	} else {
		total, problem := s.amount(p.Amount, p.Currency)
		if problem != nil {
			return b, problem
		}
		b.Total = total
	}
	return b, nil
}

// Place makes an order and, with a route, its first payment: the intent is committed before the exchanger is called and the answer after
// it (rule 2). The same attempt gives the same order (rule 3). The error is a *Problem when the customer can put it right.
func (s *Service) Place(ctx context.Context, p Placement) (*Placed, error) {
	if p.Attempt != "" {
		if placed, err := s.placedBefore(ctx, p); placed != nil || err != nil {
			return placed, err
		}
	}
	var problems []*Problem
	note := func(pr *Problem) {
		if pr != nil {
			problems = append(problems, pr)
		}
	}
	basket, err := s.Basket(ctx, p)
	if pr, ok := AsProblem(err); ok {
		if pr.Kind != Invalid || basket == nil && p.Source != SourceAmount && p.Source != SourceAPI {
			return nil, pr
		}
		note(pr)
	} else if err != nil {
		return nil, err
	}
	email, pr := checkEmail(p.Email, p.Source != SourceAPI)
	note(pr)
	var offer *Offer
	var values chosenValues
	if p.Route != "" || p.Source != SourceAPI {
		price := int64(0)
		if basket != nil {
			price = basket.Total
		}
		offer, values, pr, err = s.checkChoice(ctx, p.Route, price, p.Fields, p.Agreement || p.Source == SourceAPI, p.Shown)
		if err != nil {
			return nil, err
		}
		note(pr)
	}
	if joined := join(flatten(problems)); joined != nil {
		return nil, joined
	}
	o := &models.Order{Source: basket.Source, Status: Open, Currency: s.opt.Currency, Total: basket.Total, Email: email, Lang: p.Lang,
		Description: p.Description, Metadata: orEmpty(p.Metadata), ReturnURL: p.ReturnURL, Stock: StockNone}
	if basket.Title != "" && o.Description == "" {
		o.Description = basket.Title
	}
	token := newToken()
	var pay *models.Payment
	var secrets payment
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		o.ExpiresAt = tx.Now().Add(s.lifetime(p.ExpiresIn))
		var err error
		if err = s.insertOrder(ctx, tx, o, token, basket, p); err != nil {
			return err
		}
		if offer != nil {
			if pay, secrets, err = s.insertPayment(ctx, tx, o, offer, values, o.Total); err != nil {
				return err
			}
		}
		if p.Attempt != "" {
			return tx.InsertAttempt(ctx, attemptKey(p), inputOf(p), o.ID, nil)
		}
		return nil
	})
	if errors.Is(err, models.ErrConflict) && p.Attempt != "" { // somebody was faster with the same attempt
		return s.placedBefore(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	if pay != nil {
		s.create(ctx, o, pay, offer, values, secrets)
	}
	return s.placed(ctx, o.ID, token, false)
}

func flatten(list []*Problem) []*Problem {
	var out []*Problem
	for _, p := range list {
		out = append(out, p.All()...)
	}
	return out
}

func (s *Service) lifetime(asked time.Duration) time.Duration {
	if asked > 0 {
		return asked
	}
	return s.opt.OrderExpiry
}

func orEmpty(jsonText string) string {
	if jsonText == "" {
		return "{}"
	}
	return jsonText
}

func newToken() string { return strings.ToLower(rand.Text()) }

func attemptKey(p Placement) string {
	if p.Source == SourceAPI {
		return "api:" + p.Attempt
	}
	return "form:" + p.Attempt
}

// inputOf is what an attempt asked for, for telling a repetition from another request under the same key.
func inputOf(p Placement) string {
	keys := make([]string, 0, len(p.Fields))
	for k := range p.Fields {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%q=%q;", k, p.Fields[k])
	}
	return fmt.Sprintf("%q", []string{p.Source, p.Link, p.Amount, p.Currency, p.Route, p.Email, b.String(), p.Description, p.Metadata, p.ReturnURL, p.ExpiresIn.String()})
}

// insertOrder stores the order with its lines, holds its stock and counts its link's use.
func (s *Service) insertOrder(ctx context.Context, tx *models.Tx, o *models.Order, token string, b *Basket, p Placement) error {
	ids := make([]int64, 0, len(b.counts))
	for id := range b.counts {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] }) // everybody locks products in one order
	for _, id := range ids {
		ok, err := tx.HoldStock(ctx, id, b.counts[id])
		if err != nil {
			return err
		}
		if !ok {
			for _, l := range b.Lines {
				if *l.ProductID == id {
					return invalid("source", "cart_short", "title", l.Title, "left", int64(0))
				}
			}
		}
		o.Stock = StockHeld
	}
	if b.Link != nil {
		o.LinkID = &b.Link.ID
		ok, err := tx.UseLink(ctx, b.Link.ID)
		if err != nil {
			return err
		}
		if !ok {
			return conflict("link_used_up")
		}
	}
	lines := append([]models.OrderLine{}, b.Lines...)
	if err := tx.InsertOrder(ctx, o, token, lines); err != nil {
		return err
	}
	if b.Source == SourceCart {
		if err := tx.EmptyCart(ctx, p.Cart); err != nil {
			return err
		}
	}
	return s.emit(ctx, tx, o, nil, "created")
}

// checkEmail wants one plain address; a missing one is a mistake only where it is needed.
func checkEmail(s string, needed bool) (string, *Problem) {
	t := strings.TrimSpace(s)
	if t == "" {
		if needed {
			return "", invalid("email", "email_missing")
		}
		return "", nil
	}
	a, err := mail.ParseAddress(t)
	if err != nil || len(t) > 254 || a.Address != t || strings.ContainsAny(s, "\r\n[]") || !strings.Contains(t[strings.LastIndexByte(t, '@')+1:], ".") && !strings.HasSuffix(t, "@localhost") {
		return "", invalid("email", "email_invalid")
	}
	return t, nil
}

// CheckEmail says whether s is one plain e-mail address.
func CheckEmail(s string) *Problem {
	_, p := checkEmail(s, true)
	return p
}

// chosenValues are the values that go with an exchange order.
type chosenValues struct{ from, to, route []exchanger.Value }

// checkChoice prices the chosen route and checks the fields that it asks for and the agreement. The *Problem is what the customer can
// put right.
func (s *Service) checkChoice(ctx context.Context, key string, price int64, fields map[string]string, agreed bool, shown string) (*Offer, chosenValues, *Problem, error) {
	var list []*Problem
	var v chosenValues
	var offer *Offer
	if price > 0 || key == "" {
		var err error
		offer, err = s.Quote(ctx, key, price)
		if p, ok := AsProblem(err); ok {
			if p.Kind == Unavailable {
				return nil, v, nil, p
			}
			list = append(list, p)
		} else if err != nil {
			return nil, v, nil, err
		}
	}
	if offer != nil {
		offer.Shown = s.shown(shown, key, price)
		var more []*Problem
		v, more = collect(offer, fields)
		list = append(list, more...)
	}
	if !agreed {
		list = append(list, invalid("agreement", "agreement_missing"))
	}
	return offer, v, join(list), nil
}

// collect checks the customer's fields against the route and sorts them to where they are sent.
func collect(o *Offer, fields map[string]string) (chosenValues, []*Problem) {
	var v chosenValues
	var list []*Problem
	own := map[string]bool{}
	for _, f := range o.Route.From.Fields {
		own[f.Key] = true
	}
	for _, f := range AskedFields(o) {
		value := strings.TrimSpace(fields[f.Key])
		var wrong *exchanger.FieldError
		if err := f.Check(value); errors.As(err, &wrong) {
			list = append(list, invalid("fields["+f.Key+"]", "field_"+wrong.Kind, "name", f.Label))
			continue
		}
		if value == "" {
			continue
		}
		if own[f.Key] {
			v.from = append(v.from, exchanger.Value{Key: f.Key, Value: value})
		} else {
			v.route = append(v.route, exchanger.Value{Key: f.Key, Value: value})
		}
	}
	v.to, _ = valuesFor(o.Route.To.Fields, o.Payout.Values, nil)
	merchant, _ := valuesFor(o.Route.Fields, o.Payout.RouteValues, nil)
	if len(o.Payout.RouteValues) > 0 {
		v.route = append(v.route, merchant...)
	}
	return v, list
}

// placedBefore gives what an earlier use of the attempt made; nil when there was none. It waits for one that is still under way.
func (s *Service) placedBefore(ctx context.Context, p Placement) (*Placed, error) {
	a, ok, err := s.store.Attempt(ctx, attemptKey(p))
	if err != nil || !ok {
		return nil, err
	}
	if p.Source == SourceAPI && a.InputHash != models.Digest(inputOf(p)) {
		return nil, conflict("attempt_reused")
	}
	o, err := s.store.OrderByID(ctx, a.OrderID)
	if err != nil {
		return nil, err
	}
	token, err := s.store.OrderToken(o)
	if err != nil {
		return nil, err
	}
	s.waitCreated(ctx, o.ID)
	return s.placed(ctx, o.ID, token, true)
}

// waitCreated waits until no payment of the order is being created, at most as long as that can take.
func (s *Service) waitCreated(ctx context.Context, orderID int64) {
	changed, stop := s.store.WatchOrder(orderID)
	defer stop()
	deadline := time.NewTimer(2*s.opt.Timeout + time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(200 * time.Millisecond) // another process may be the one that creates
	defer tick.Stop()
	for {
		list, err := s.store.Payments(ctx, orderID)
		if err != nil {
			return
		}
		creating := false
		for _, p := range list {
			creating = creating || p.Phase == PhaseCreating
		}
		if !creating {
			return
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-deadline.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (s *Service) placed(ctx context.Context, orderID int64, token string, again bool) (*Placed, error) {
	ctx = context.WithoutCancel(ctx)
	o, err := s.store.OrderByID(ctx, orderID)
	if err != nil {
		return nil, err
	}
	next, err := s.nextAddress(ctx, o, token)
	return &Placed{Order: o, Token: token, Next: next, Again: again}, err
}

// nextAddress is where a customer goes after an attempt: to the exchanger, unless the order page has something to say first.
func (s *Service) nextAddress(ctx context.Context, o *models.Order, token string) (string, error) {
	own := "/orders/" + token
	list, err := s.store.Payments(ctx, o.ID)
	if err != nil {
		return own, err
	}
	p := Current(list)
	if p == nil || s.opt.PaymentPage == "onsite" || PriceMoved(p, s.opt.Rules) || o.Status != Open && o.Status != Underpaid {
		return own, nil
	}
	page, err := s.PayURL(ctx, p, o.Lang)
	if err != nil || page == "" {
		return own, err
	}
	return page, nil
}

// PayURL is the exchanger's page for a payment, in a language; "" while there is none.
func (s *Service) PayURL(ctx context.Context, p *models.Payment, lang string) (string, error) {
	return s.exchangerPage(ctx, p, lang, s.opt.PaymentPage == "order")
}

// ExchangerPages are both of the exchanger's pages of a payment, for the desk; "" while there are none.
func (s *Service) ExchangerPages(ctx context.Context, p *models.Payment, lang string) (pay, order string, err error) {
	if pay, err = s.exchangerPage(ctx, p, lang, false); err != nil {
		return "", "", err
	}
	order, err = s.exchangerPage(ctx, p, lang, true)
	return pay, order, err
}

func (s *Service) exchangerPage(ctx context.Context, p *models.Payment, lang string, order bool) (string, error) {
	if !Pullable(p) {
		return "", nil
	}
	row, err := s.store.SiteByID(ctx, p.SiteID)
	if err != nil {
		return "", err
	}
	secret, err := s.store.Vault().SecretOf(p)
	if err != nil {
		return "", err
	}
	site := exchanger.Site{Name: row.Name, BaseURL: row.BaseURL, APIPath: row.APIPath}
	if order {
		return site.OrderPage(lang, p.UID, secret)
	}
	return site.PaymentPage(lang, p.UID, secret)
}

// CheckMetadata wants a JSON object of at most 50 texts, 4 KiB together.
func CheckMetadata(m map[string]string) (string, *Problem) {
	if len(m) == 0 {
		return "{}", nil
	}
	raw, err := json.Marshal(m)
	if err != nil || len(m) > 50 || len(raw) > 4096 {
		return "", invalid("metadata", "metadata_invalid")
	}
	return string(raw), nil
}

// CheckReturnURL wants an absolute https address, or http on loopback.
func CheckReturnURL(s string) *Problem {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || len(s) > 2000 || u.Scheme != "https" && u.Scheme != "http" {
		return invalid("return_url", "return_url_invalid")
	}
	return nil
}
