package checkout

import (
	"log/slog"

	"mostrador/exchanger"
	"mostrador/models"
)

// Reader makes a service for those who only look (the commands explain and doctor): unlike New it writes nothing to the database, so it
// may stand beside a running shop, and a shop of another configuration. Health of sites is what a running shop wrote.
func Reader(store *models.Store, opt Options) *Service {
	return &Service{store: store, opt: opt, log: slog.New(slog.DiscardHandler), clients: map[int64]*exchanger.Client{}, names: map[string]int64{}, saved: map[int64]string{}}
}
