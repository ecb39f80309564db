package checkout

import (
	"context"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"mostrador/exchanger"
	"mostrador/models"
)

// The states of a refund.
const (
	RefundAsked   = "asked"   // the customer asks, a person decides
	RefundSent    = "sent"    // it went
	RefundRefused = "refused" // it will not
)

// ByCustomer is who did what the customer did.
const ByCustomer = "customer"

// MayAskRefund tells whether a customer may ask for money back: the exchanger proved that some came, and it is more than the order keeps, too little
// for it, too late, or under review. One request at a time; who was refused may ask again, and who was sent money when more has come since.
func MayAskRefund(o *models.Order, payments []models.Payment, refunds []models.Refund) bool {
	newest := RefundPayment(payments)
	if newest == nil {
		return false
	}
	if n := len(refunds); n > 0 && refunds[n-1].State == RefundAsked {
		return false
	}
	for i := range refunds {
		if r := &refunds[i]; r.State == RefundSent && !cameAt(newest).After(r.UpdatedAt) {
			return false
		}
	}
	switch o.Status {
	case Underpaid, Review, Returned, Expired, Cancelled:
		return true
	case Paid:
		return hasFlag(o.Flags, FlagOver) || hasFlag(o.Flags, FlagDouble)
	}
	return false
}

// RefundPayment is the payment whose money would go back: of those that brought some the newest; nil when none did.
func RefundPayment(payments []models.Payment) *models.Payment {
	var newest *models.Payment
	for i := range payments {
		if p := &payments[i]; proven(p) && (newest == nil || cameAt(p).After(cameAt(newest))) {
			newest = p
		}
	}
	return newest
}

// RefundAsk is what a customer says of where the money should go.
type RefundAsk struct{ Address, Network, Reason string }

// Limits of what a customer writes, in characters.
const (
	maxRefundAddress = 200
	maxRefundNetwork = 60
	maxRefundReason  = 500

	maxRefundReference = 200 // of what the shop writes
)

// AskRefund keeps a customer's request; a person decides. The error is a *Problem when the customer can put it right, of kind Conflict when there is
// nothing to ask back. Asked twice it is one request.
func (s *Service) AskRefund(ctx context.Context, orderID int64, ask RefundAsk) error {
	ask.Address, ask.Network, ask.Reason = strings.TrimSpace(ask.Address), strings.TrimSpace(ask.Network), strings.TrimSpace(ask.Reason)
	list, err := s.store.Payments(ctx, orderID)
	if err != nil {
		return err
	}
	if p := RefundPayment(list); p != nil {
		problem, err := s.checkRefund(ctx, p, ask)
		if err != nil {
			return err
		}
		if problem != nil {
			return problem
		}
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		o, err := tx.LockOrder(ctx, orderID)
		if err != nil {
			return err
		}
		payments, err := tx.Payments(ctx, orderID)
		if err != nil {
			return err
		}
		before, err := tx.Refunds(ctx, orderID)
		if err != nil {
			return err
		}
		if n := len(before); n > 0 && before[n-1].State == RefundAsked {
			return nil // pressed twice
		}
		p := RefundPayment(payments)
		if p == nil || !MayAskRefund(o, payments, before) {
			return conflict("refund_not_due")
		}
		row := &models.Refund{PublicID: models.PublicID("rf"), OrderID: orderID, State: RefundAsked, Currency: p.FromXML, Reason: ask.Reason, Network: ask.Network, CreatedBy: ByCustomer, Unpaid: unpaid(o)}
		if err := tx.InsertRefund(ctx, row, ask.Address); err != nil {
			return err
		}
		if _, err := s.noteTx(ctx, tx, orderID, "refund_asked", ByCustomer, p.FromSymbol); err != nil {
			return err
		}
		if err := s.NotifyMerchant(ctx, tx, models.NoticeRefund, o, "refund_asked/"+row.PublicID, nil); err != nil {
			return err
		}
		return tx.SaveOrder(ctx, o)
	})
}

// base58 are the letters of addresses that leave out what is easily taken for another.
const base58 = `[1-9A-HJ-NP-Za-km-z]`

// networkPatterns are what addresses of a network look like, by its name in lower case. They are wide: they find what is no address there at all, and
// leave the rest to the person who sends.
var networkPatterns = func() map[string]*regexp.Regexp {
	out := map[string]*regexp.Regexp{}
	for pattern, names := range map[string][]string{
		`bc1[02-9ac-hj-np-zA-HJ-NP-Z]{8,87}|BC1[02-9AC-HJ-NP-Z]{8,87}|[13]` + base58 + `{25,34}`: {"Bitcoin"},
		`ltc1[02-9ac-hj-np-z]{8,87}|[LM3]` + base58 + `{25,34}`:                                  {"Litecoin"},
		`(bitcoincash:)?[qp][02-9ac-hj-np-z]{41}|[13]` + base58 + `{25,34}`:                      {"Bitcoin Cash"},
		`[DA9]` + base58 + `{25,34}`:                                                             {"Dogecoin"},
		`[X7]` + base58 + `{25,34}`:                                                              {"Dash"},
		`t[13]` + base58 + `{33}|(zs|u)1[02-9ac-hj-np-z]{20,}`:                                   {"Zcash"},
		`[48]` + base58 + `{94}(` + base58 + `{11})?`:                                            {"Monero"},
		`0x[0-9a-fA-F]{40}`:                                               {"Ethereum", "Ethereum (ERC-20)", "Ethereum Classic", "BNB Smart Chain (BEP-20)", "Polygon", "Arbitrum One", "OP Mainnet", "Avalanche C-Chain", "Base", "VeChain"},
		`bnb1[02-9ac-hj-np-z]{38}`:                                        {"BNB Beacon Chain (BEP-2)"},
		`T` + base58 + `{33}`:                                             {"TRON", "TRON (TRC-20)"},
		base58 + `{32,44}`:                                                {"Solana"},
		`(r` + base58 + `{24,34}|X` + base58 + `{46})`:                    {"XRP Ledger"},
		`G[A-Z2-7]{55}|M[A-Z2-7]{68}|[^\s*]+\*[^\s*]+\.[^\s*]+`:           {"Stellar"},
		`[-_+/A-Za-z0-9]{48}|-?[0-9]:[0-9a-fA-F]{64}`:                     {"TON"},
		`addr1[02-9ac-hj-np-z]{50,110}|(Ae2|DdzFF)` + base58 + `{50,110}`: {"Cardano"},
		base58 + `{46,48}`:                                                {"Polkadot"},
		`[A-Z2-7]{58}`:                                                    {"Algorand"},
		`(tz[1-4]|KT1)` + base58 + `{33}`:                                 {"Tezos"},
		`[a-z1-5.]{1,13}`:                                                 {"EOS"},
		`cosmos1[02-9ac-hj-np-z]{38,58}`:                                  {"Cosmos Hub"},
		`[0-9a-f]{64}|[a-z0-9][-_.a-z0-9]*\.(near|tg)|0x[0-9a-f]{40}`:     {"NEAR"},
	} {
		re := regexp.MustCompile(`^(` + pattern + `)$`)
		for _, n := range names {
			out[strings.ToLower(n)] = re
		}
	}
	return out
}()

var whereMoneyGoes = regexp.MustCompile(`(?i)refund|wallet|address|purse|account|card|кошел|адрес|счет|счёт|карт`)

// checkRefund looks at what a customer wrote. An address is held against the pattern of its network and of the route's own field, where there is one.
func (s *Service) checkRefund(ctx context.Context, p *models.Payment, ask RefundAsk) (*Problem, error) {
	var problems []*Problem
	add := func(field, code string) { problems = append(problems, invalid(field, code)) }
	n := utf8.RuneCountInString(ask.Address)
	switch {
	case n == 0:
		add("address", "refund_address_missing")
	case !Storable(ask.Address):
		add("address", "text_invalid")
	case n < 4 || n > maxRefundAddress || strings.ContainsFunc(ask.Address, unicode.IsControl) || OnChain(p.FromXML) && strings.ContainsFunc(ask.Address, unicode.IsSpace):
		add("address", "refund_address_invalid")
	default:
		ok, err := s.fitsNetwork(ctx, p, ask)
		if err != nil {
			return nil, err
		}
		if !ok {
			add("address", "refund_address_invalid")
		}
	}
	if !Storable(ask.Network) {
		add("network", "text_invalid")
	} else if OnChain(p.FromXML) && ask.Network == "" {
		add("network", "refund_network_missing")
	} else if utf8.RuneCountInString(ask.Network) > maxRefundNetwork || strings.ContainsFunc(ask.Network, unicode.IsControl) {
		add("network", "refund_too_long")
	}
	if p := textProblem("reason", ask.Reason, maxRefundReason, "refund_too_long"); p != nil {
		problems = append(problems, p)
	}
	return join(problems), nil
}

// fitsNetwork holds an address against what addresses of its network look like, or else against the route's field. How the customer spells the network
// makes no difference: where the words name no other one that is known, the payment's own rules.
func (s *Service) fitsNetwork(ctx context.Context, p *models.Payment, ask RefundAsk) (bool, error) {
	own := NetworkOf(p.FromXML)
	name := networkNamed(ask.Network)
	if name == "" {
		name = own
	}
	if re := networkPatterns[strings.ToLower(name)]; re != nil {
		return re.MatchString(ask.Address), nil
	}
	if name != own {
		return true, nil // the route knows nothing of another network
	}
	row, err := s.store.RouteOf(ctx, p.SiteID, p.RouteID)
	if err != nil {
		return false, err
	}
	d, ok := stored(row)
	if !ok {
		return true, nil
	}
	for _, f := range d.route.From.Fields {
		if whereMoneyGoes.MatchString(f.Name+" "+f.Label) && (exchanger.Field{Regexp: f.Regexp}).Check(ask.Address) != nil {
			return false, nil
		}
	}
	return true, nil
}
