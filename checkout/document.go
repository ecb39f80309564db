package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/models"
	"mostrador/money"
)

// OrderDocument is an order as the API and webhooks tell it. Amounts are texts, times RFC 3339.
type OrderDocument struct {
	ID           string            `json:"id"`
	Number       int64             `json:"number"`
	Status       string            `json:"status"`
	Flags        []string          `json:"flags"`
	ReviewReason string            `json:"review_reason"`
	Version      int64             `json:"version"`
	Amount       string            `json:"amount"`
	Received     string            `json:"received"`
	Currency     string            `json:"currency"`
	Description  string            `json:"description"`
	Email        string            `json:"email"`
	Metadata     map[string]string `json:"metadata"`
	CheckoutURL  string            `json:"checkout_url"`
	ReturnURL    string            `json:"return_url"`
	CreatedAt    time.Time         `json:"created_at"`
	ExpiresAt    time.Time         `json:"expires_at"`
	PaidAt       *time.Time        `json:"paid_at"`
	Payment      *PaymentDocument  `json:"payment"`
}

// PaymentDocument is the payment that an order speaks of.
type PaymentDocument struct {
	Status    string `json:"status"`
	UID       string `json:"uid"`
	URL       string `json:"url"`
	Site      string `json:"site"`
	From      string `json:"from"`
	To        string `json:"to"`
	InAmount  string `json:"in_amount"`
	OutAmount string `json:"out_amount"`
}

// OrderID is an order's id outside: ord_ and its number.
func OrderID(number int64) string { return fmt.Sprintf("ord_%d", number) }

// Document gives an order as the API tells it.
func (s *Service) Document(ctx context.Context, o *models.Order) (OrderDocument, error) {
	list, err := s.Payments(ctx, o)
	if err != nil {
		return OrderDocument{}, err
	}
	return s.document(ctx, o, list)
}

func (s *Service) document(ctx context.Context, o *models.Order, list []models.Payment) (OrderDocument, error) {
	token, err := s.store.OrderToken(o)
	if err != nil {
		return OrderDocument{}, err
	}
	d := OrderDocument{ID: OrderID(o.Number), Number: o.Number, Status: o.Status, Flags: append([]string{}, o.FlagList()...), ReviewReason: o.ReviewReason, Version: o.Version,
		Amount: money.FromMinor(o.Total, o.Currency).String(), Received: money.FromMinor(o.Received, o.Currency).String(), Currency: o.Currency,
		Description: o.Description, Email: o.Email, Metadata: map[string]string{}, CheckoutURL: s.opt.PublicURL + "/orders/" + token, ReturnURL: o.ReturnURL,
		CreatedAt: o.CreatedAt.UTC(), ExpiresAt: o.ExpiresAt.UTC()}
	if err := json.Unmarshal([]byte(orEmpty(o.Metadata)), &d.Metadata); err != nil {
		return d, fmt.Errorf("read metadata: %w", err)
	}
	if o.PaidAt != nil {
		t := o.PaidAt.UTC()
		d.PaidAt = &t
	}
	p := Current(list)
	if p == nil {
		return d, nil
	}
	d.Payment = &PaymentDocument{Status: PaymentWord(p), UID: p.UID, From: p.FromXML, To: p.ToXML, InAmount: InAmount(p), OutAmount: OutAmount(p)}
	s.mu.Lock()
	if c := s.clients[p.SiteID]; c != nil {
		d.Payment.Site = c.Site().Name
	}
	s.mu.Unlock()
	if d.Payment.Site != "" {
		if d.Payment.URL, err = s.payURLCached(p, o.Lang); d.Payment.URL != "" && PriceMoved(p, s.opt.Rules) {
			d.Payment.URL = d.CheckoutURL // the customer is shown the new amount first (rule 14)
		}
	}
	return d, err
}

// payURLCached is PayURL without reading the database: it is called inside transactions.
func (s *Service) payURLCached(p *models.Payment, lang string) (string, error) {
	if !Pullable(p) || len(p.Secret) == 0 {
		return "", nil
	}
	secret, err := s.store.Vault().SecretOf(p)
	if err != nil {
		return "", nil // damaged: an order without this address is better than no order
	}
	s.mu.Lock()
	c := s.clients[p.SiteID]
	s.mu.Unlock()
	if c == nil {
		return "", nil
	}
	if s.opt.PaymentPage == "order" {
		return c.Site().OrderPage(lang, p.UID, secret)
	}
	return c.Site().PaymentPage(lang, p.UID, secret)
}

// PaymentWord is a payment's status outside: the exchanger's word, or how far its creation came while there is none.
func PaymentWord(p *models.Payment) string {
	if p.Status != "" {
		return p.Status
	}
	return p.Phase
}

// InAmount is what a payment asks of the customer as last known, in units of from; before anything is known, what was quoted.
func InAmount(p *models.Payment) string {
	return latest(p.CurrentIn, p.OrderedIn, p.QuotedIn, p.FromDecimals)
}

// SentOf is what the customer sent with a payment as far as is known: settled, else current, ordered, quoted.
func SentOf(p *models.Payment) Units {
	in := p.QuotedIn
	for _, d := range []decimal.NullDecimal{p.SettledIn, p.CurrentIn, p.OrderedIn} {
		if d.Valid {
			in = d.Decimal
			break
		}
	}
	return Units{Value: in, Symbol: p.FromSymbol, Decimals: p.FromDecimals}
}

// OutAmount is what a payment brings as last known, in units of to.
func OutAmount(p *models.Payment) string {
	return latest(p.CurrentOut, p.OrderedOut, p.QuotedOut, p.ToDecimals)
}

func latest(current, ordered decimal.NullDecimal, quoted decimal.Decimal, decimals int32) string {
	switch {
	case current.Valid:
		return money.Exact(current.Decimal, decimals)
	case ordered.Valid:
		return money.Exact(ordered.Decimal, decimals)
	}
	return money.Exact(quoted, decimals)
}
