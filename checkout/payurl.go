package checkout

import (
	"context"

	"mostrador/exchanger"
	"mostrador/models"
)

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
	if err != nil || secret == "" {
		return "", nil // damaged: a page without this address is better than no page
	}
	site := exchanger.Site{Name: row.Name, BaseURL: row.BaseURL, APIPath: row.APIPath}
	if order {
		return site.OrderPage(lang, p.UID, secret)
	}
	return site.PaymentPage(lang, p.UID, secret)
}
