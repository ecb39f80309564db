package shop

import (
	"context"
	"sync"
	"time"

	"mostrador/checkout"
	"mostrador/exchanger"
	"mostrador/handlers"
	"mostrador/views"
)

// iconMemo keeps which icons were fetched; there are new ones only when the exchanger lists new currencies.
type iconMemo struct {
	mu   sync.Mutex
	at   time.Time
	name map[string]string // of the picture, by its address at the exchanger
}

const iconsFresh = 30 * time.Second

func (s *side) icons(ctx context.Context) map[string]string {
	s.iconMemo.mu.Lock()
	defer s.iconMemo.mu.Unlock()
	if s.iconMemo.name != nil && time.Since(s.iconMemo.at) < iconsFresh {
		return s.iconMemo.name
	}
	list, err := s.svc.Icons(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "icons not read", "error", err)
		return s.iconMemo.name // the shop's own drawings do as well
	}
	s.iconMemo.at, s.iconMemo.name = time.Now(), list
	return list
}

// disc is the picture of a currency: the exchanger's own where it was fetched, the shop's otherwise.
func (s *side) disc(ctx context.Context, siteBase, image, xml, symbol string) views.Disc {
	if name := s.icons(ctx)[exchanger.IconAddress(siteBase, image)]; name != "" {
		return views.Disc{Picture: handlers.PicturePrefix + name, Foreign: true}
	}
	return views.DiscOf(xml, symbol)
}

func (s *side) offerDisc(ctx context.Context, o *checkout.Offer) views.Disc {
	base := ""
	for _, site := range s.svc.Options().Sites {
		if site.Name == o.SiteName {
			base = site.BaseURL
		}
	}
	return s.disc(ctx, base, o.Route.From.Image, o.Route.From.XML, o.Route.From.Symbol)
}
