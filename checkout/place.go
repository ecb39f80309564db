package checkout

import (
	"context"
	"crypto/rand"
	"errors"
	"sort"
	"strings"
	"time"

	"mostrador/models"
)

// Where an order comes from.
const (
	SourceCart   = "cart"
	SourceAmount = "amount"
	SourceLink   = "link"
	SourceAPI    = "api"
	SourceTest   = models.SourceTest // a rehearsal of the first start: placed as by the API, and no sale
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
	By        int64  // API only: the key that asks. Attempts of two keys are not the same
	Lang      string
	Shown     string // what the page said is to be paid, as SealShown made it

	Description string // API only, as all below
	Metadata    string // JSON object
	ReturnURL   string
	ExpiresIn   time.Duration
}

// byProgram tells whether no customer fills in a form: what a form must have may be missing.
func (p *Placement) byProgram() bool { return p.Source == SourceAPI || p.Source == SourceTest }

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
		if pr.Kind != Invalid || basket == nil && p.Source != SourceAmount && !p.byProgram() {
			return nil, pr
		}
		note(pr)
	} else if err != nil {
		return nil, err
	}
	email, pr := checkEmail(p.Email, !p.byProgram())
	note(pr)
	var offer *Offer
	var values chosenValues
	if p.Route != "" || !p.byProgram() {
		price := int64(0)
		if basket != nil {
			price = basket.Total
		}
		offer, values, pr, err = s.checkChoice(ctx, p.Route, price, p.Fields, p.Agreement || p.byProgram(), p.Shown)
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
	if basket.Link != nil && o.ReturnURL == "" {
		o.ReturnURL = basket.Link.ReturnURL
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
