package checkout

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"mostrador/config"
	"mostrador/exchanger"
	"mostrador/models"
)

// payment holds the secrets of a payment between its two transactions; the database has only what it needs later.
type payment struct{ ipnToken, ipnSecret string }

// insertPayment stores the intent: a payment with its own notification token and secret, before the exchanger hears of it (rule 2).
func (s *Service) insertPayment(ctx context.Context, tx *models.Tx, o *models.Order, offer *Offer, v chosenValues, price int64) (*models.Payment, payment, error) {
	earlier, err := tx.Payments(ctx, o.ID)
	if err != nil {
		return nil, payment{}, err
	}
	sec := payment{ipnToken: newToken(), ipnSecret: rand.Text() + rand.Text()}
	r := offer.Route
	lease := tx.Now().Add(2*s.opt.Timeout + 30*time.Second) // past it nobody is creating any more
	p := &models.Payment{OrderID: o.ID, Seq: int64(len(earlier) + 1), TokenHash: models.Digest(sec.ipnToken), SiteID: offer.SiteID, RouteID: r.ID,
		Phase: PhaseCreating, FromXML: r.From.XML, FromName: r.From.Name, FromSymbol: r.From.Symbol, FromDecimals: r.From.Decimals,
		ToXML: r.To.XML, ToName: r.To.Name, ToSymbol: r.To.Symbol, ToDecimals: r.To.Decimals, PayoutRate: offer.Payout.Rate,
		Price: price, PriceOut: Want(price, o.Currency, offer.Payout.Rate, r.To.Decimals), QuotedIn: offer.shown(), QuotedOut: offer.Want, QuotedAt: offer.At, RouteFee: decimal.NewNullDecimal(r.Rate.OutFeeAmount), NextPullAt: &lease}
	vault := tx.Vault()
	vault.SealIPNSecret(p, sec.ipnSecret)
	sent, err := json.Marshal(v.to)
	if err != nil {
		return nil, sec, err
	}
	vault.SealPayoutValues(p, sent)
	p.PayoutDigest = models.Digest(string(sent))
	if err := tx.InsertPayment(ctx, p); err != nil {
		return nil, sec, err
	}
	f := Fact{Source: FromForm, Kind: FactIntent, In: decimal.NewNullDecimal(offer.shown()), Out: decimal.NewNullDecimal(offer.Want), FromXML: p.FromXML, ToXML: p.ToXML, Site: p.SiteID, Route: p.RouteID, Promise: promiseOf(p)}
	if err := tx.AppendEvent(ctx, p, &models.Event{Source: f.Source, Kind: f.Kind, Outcome: Applied, Data: f.said(nil)}, nil); err != nil {
		return nil, sec, err
	}
	if err := s.savePayment(ctx, tx, p); err != nil {
		return nil, sec, err
	}
	o.PayCurrency, o.SiteID = p.FromXML, &p.SiteID
	return p, sec, tx.SaveOrder(ctx, o)
}

// create asks the exchanger for the order of a stored intent and stores the answer, whatever it is. It goes on when the customer's
// connection is gone: half an answer helps nobody.
func (s *Service) create(ctx context.Context, o *models.Order, p *models.Payment, offer *Offer, v chosenValues, sec payment) {
	ctx = context.WithoutCancel(ctx)
	token, err := s.store.OrderToken(o)
	if err != nil {
		s.log.Error("token of an order cannot be opened", "order", o.Number, "error", err)
		return
	}
	req := exchanger.CreateRequest{RouteID: p.RouteID, FromValues: v.from, ToValues: v.to, RouteValues: v.route, Lang: o.Lang, Agreement: true,
		HideOutData: s.opt.HideOutData, ClientCallbackURL: s.opt.PublicURL + "/orders/" + token + "/return", IPNURL: s.opt.PublicURL + "/ipn/" + sec.ipnToken,
		IPNSecret: sec.ipnSecret, Email: o.Email}
	fact, misread := s.callCreate(ctx, p, offer, req)
	if err := s.learnCreated(ctx, o.ID, p.ID, p.SiteID, &fact); err != nil {
		s.log.Error("answer of the exchanger not stored", "order", o.Number, "error", err)
		return
	}
	if misread && fact.Kind == FactCreated {
		s.createAgain(ctx, o, p, offer, v)
		return
	}
	if newer := s.requote(ctx, p, offer, fact.Fact); newer != nil {
		s.createAgain(ctx, o, p, newer, v)
		return
	}
	if fact.Kind == FactCreated && s.opt.PaymentPage == config.PageOnsite {
		s.pullOnce(ctx, p.ID) // the page that comes next shows where to pay
	}
}

type created struct {
	Fact
	secret string
	calls  []exchanger.Call
}

// callCreate asks with the negative amount (what must arrive) where the site understands it, else with the computed one. misread tells
// that the site made an order but took the negative amount for something else.
func (s *Service) callCreate(ctx context.Context, p *models.Payment, offer *Offer, req exchanger.CreateRequest) (out created, misread bool) {
	out.Source, out.Kind = FromForm, FactUnclear
	c, err := s.client(ctx, p.SiteID)
	site, siteErr := s.store.SiteByID(ctx, p.SiteID)
	if err != nil || siteErr != nil {
		out.Kind, out.Note = FactRefused, "site not known"
		return out, false
	}
	ctx = exchanger.WithRecorder(ctx, func(call exchanger.Call) { out.calls = append(out.calls, call) })
	negative := site.Negative != "no" || s.negativeDue(p.SiteID)
	req.Amount = offer.Due
	if negative {
		req.Amount = p.PriceOut.Neg()
	}
	answer, err := c.Create(ctx, req)
	var refused *exchanger.Refused
	if negative && errors.As(err, &refused) && aboutAmount(refused) { // certainly nothing was made: asking otherwise is safe
		req.Amount = offer.Due
		if answer, err = c.Create(ctx, req); err == nil {
			s.rememberNegative(ctx, site, "no")
			negative = false
		}
	}
	s.keepHealth(ctx, p.SiteID)
	out.fill(answer, err)
	if err != nil || !negative || !answer.AmountsKnown {
		return out, false
	}
	misread = answer.OutAmount.Sub(p.PriceOut).Abs().GreaterThan(p.PriceOut.Mul(decimal.New(5, -2)))
	if known := map[bool]string{true: "no", false: "yes"}[misread]; known != site.Negative || misread {
		s.rememberNegative(ctx, site, known)
	}
	return out, misread
}

// aboutAmount tells whether a refusal may be about the amount, rather than about a field or the customer.
func aboutAmount(r *exchanger.Refused) bool {
	if errors.Is(r, exchanger.ErrNeedsVerification) || errors.Is(r, exchanger.ErrNeedsCaptcha) {
		return false
	}
	return r.Field == "" && r.ParamType == "" || r.Field == "amount" || r.ParamType == "amount" || r.ParamType == "inAmount" || r.ParamType == "outAmount"
}

// rememberNegative keeps whether a site understands negative amounts, with which the merchant gets the price to the last digit. One that did and
// answers oddly is asked again soon, one that never did after a day: it may have learnt it.
func (s *Service) rememberNegative(ctx context.Context, site *models.Site, known string) {
	again := 24 * time.Hour
	if site.Negative == "yes" {
		again = 10 * time.Minute
	}
	s.mu.Lock()
	s.negative[site.ID] = s.store.Now().Add(again)
	s.mu.Unlock()
	if known == site.Negative {
		return
	}
	if err := s.store.InTx(ctx, func(tx *models.Tx) error { return tx.SetNegative(ctx, site.ID, known) }); err != nil {
		s.log.Warn("site not written", "error", err)
	}
}

// negativeDue tells whether a site that did not understand a negative amount is to be asked with one again.
func (s *Service) negativeDue(siteID int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.store.Now()
	at, known := s.negative[siteID]
	due := known && !now.Before(at)
	switch {
	case !known: // from an earlier process
		s.negative[siteID] = now.Add(10 * time.Minute)
	case due: // one order asks, not all at once
		s.negative[siteID] = now.Add(24 * time.Hour)
	}
	return due
}

// fill makes the fact out of an answer or an error of create.
func (c *created) fill(a exchanger.Created, err error) {
	var refused *exchanger.Refused
	var unavailable *exchanger.Unavailable
	var unclear *exchanger.Unclear
	switch {
	case err == nil:
		c.Kind, c.UID, c.OrderID, c.secret, c.RequestID, c.Note = FactCreated, a.UID, a.OrderID, a.Secret, a.RequestID, ""
		if a.AmountsKnown {
			c.In, c.Out = decimal.NewNullDecimal(a.InAmount), decimal.NewNullDecimal(a.OutAmount)
		}
	case errors.Is(err, exchanger.ErrNeedsVerification):
		errors.As(err, &refused)
		c.Kind, c.Note, c.RequestID = FactRefused, "needs_verification", refused.RequestID
	case errors.Is(err, exchanger.ErrNeedsCaptcha):
		errors.As(err, &refused)
		c.Kind, c.Note, c.RequestID = FactRefused, "needs_captcha", refused.RequestID
	case errors.As(err, &refused):
		c.Kind, c.Note, c.RequestID = FactRefused, "refused: "+refused.Message, refused.RequestID
		if refused.FieldName != "" {
			c.Note = fieldRefused + refused.FieldName
		}
	case errors.As(err, &unavailable):
		c.Kind, c.Note = FactRefused, "unavailable"
	case errors.As(err, &unclear):
		c.Kind, c.Note, c.RequestID = FactUnclear, unclear.Error(), unclear.RequestID
	default:
		c.Kind, c.Note = FactUnclear, err.Error()
	}
}

// learnCreated stores the answer of create.
func (s *Service) learnCreated(ctx context.Context, orderID, paymentID, siteID int64, c *created) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		if c.Kind == FactCreated { // one exchange order pays one payment
			taken, err := tx.OtherPaymentOf(ctx, siteID, c.UID, paymentID)
			if err != nil {
				return err
			}
			if taken {
				c.Fact = Fact{Source: FromForm, Kind: FactUnclear, Note: "the answer is about the exchange order of another payment, uid " + c.UID, RequestID: c.RequestID}
			}
		}
		_, err := s.applyTx(ctx, tx, orderID, paymentID, c.Fact, func(p *models.Payment) {
			if c.Kind == FactCreated && c.UID == p.UID && len(p.Secret) == 0 {
				tx.Vault().SealSecret(p, c.secret)
			}
		})
		if err != nil {
			return err
		}
		return tx.InsertCalls(ctx, callRows(c.calls, siteID, paymentID))
	})
}

func callRows(calls []exchanger.Call, siteID, paymentID int64) []models.Call {
	rows := make([]models.Call, 0, len(calls))
	for _, c := range calls {
		rows = append(rows, models.Call{SiteID: siteID, PaymentID: &paymentID, At: c.At, Method: c.Method, Path: c.Path, Status: c.Status,
			RequestID: c.RequestID, TookMs: c.Took.Milliseconds(), Request: string(c.Request), Response: string(c.Response), Error: c.Err})
	}
	return rows
}

// requote reads the rate anew for an exchange order that promises the merchant less than the price: the amount was computed with a rate that
// had moved by then. The offer asks for enough and remembers what the customer was shown, so that the customer is asked again (rule 14).
// nil when there is nothing to put right; it is tried once.
func (s *Service) requote(ctx context.Context, p *models.Payment, offer *Offer, f Fact) *Offer {
	promised := *p
	promised.OrderedOut = f.Out
	if f.Kind != FactCreated || offer.requoted || !PaysShort(&promised, s.opt.Rules) {
		return nil
	}
	r, err := s.store.RouteOf(ctx, offer.SiteID, offer.Route.ID)
	if err != nil {
		return nil
	}
	d, err := s.readRoute(ctx, r)
	if err != nil {
		return nil
	}
	if err := s.keepDocs(ctx, map[*models.Route]doc{r: d}, nil); err != nil {
		s.log.Warn("route not written", "error", err)
	}
	newer := *offer
	newer.requoted = true
	newer.Route, newer.At, newer.Until, newer.Shown = d.route, d.at, d.at.Add(s.opt.RoutesTTL), offer.shown()
	if newer.Due, err = d.route.Due(p.PriceOut); err != nil || !newer.Due.GreaterThan(offer.Due) {
		return nil
	}
	return &newer
}

// createAgain replaces an exchange order that was made over the wrong amount, or at a rate that had moved. Nobody has seen its address, so no money can be on its way;
// it is cancelled there and stays watched all the same.
func (s *Service) createAgain(ctx context.Context, o *models.Order, wrong *models.Payment, offer *Offer, v chosenValues) {
	why := "amount misread"
	if offer.requoted {
		why = "rate moved"
	}
	s.supersede(ctx, o.ID, wrong.ID, why)
	var p *models.Payment
	var sec payment
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		locked, err := tx.LockOrder(ctx, o.ID)
		if err != nil {
			return err
		}
		p, sec, err = s.insertPayment(ctx, tx, locked, offer, v, wrong.Price)
		return err
	})
	if err != nil {
		s.log.Error("second intent not stored", "order", o.Number, "error", err)
		return
	}
	s.create(ctx, o, p, offer, v, sec)
}
