package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"mostrador/config"
	"mostrador/exchanger"
	"mostrador/models"
)

// Options are the parts of the configuration that the domain works by.
type Options struct {
	Sites           []config.Site // the active ones, in order of preference
	Choose          string
	Timeout         time.Duration
	CallsPerSecond  float64
	RoutesTTL       time.Duration
	Poll            config.Poll
	HashNames       []string
	PublicURL       string // of the shop, without a slash at the end
	Currency        string
	Languages       []string
	Payouts         []config.Payout
	PaymentPage     string
	HideOutData     bool
	Rules           Rules
	OrderExpiry     time.Duration
	WatchAfterClose time.Duration
	MailOn          bool
	NotifyEmail     string
	NotifyOn        []string
	Live            bool              // real money moves
	Transport       http.RoundTripper // nil: the client's own
}

// OptionsOf takes the domain's part out of a configuration.
func OptionsOf(c config.Config) Options {
	return Options{
		Sites: c.ActiveSites(), Choose: c.Exchanger.Choose, Timeout: c.Exchanger.Timeout, CallsPerSecond: c.Exchanger.CallsPerSecond, RoutesTTL: c.Exchanger.RoutesTTL,
		Poll: c.Exchanger.Poll, HashNames: c.Exchanger.IPNHashNames, PublicURL: c.Server.PublicURL, Currency: c.Shop.Currency,
		Languages: c.Shop.Languages, Payouts: c.Payouts, PaymentPage: c.Checkout.PaymentPage, HideOutData: c.Checkout.HideOutData,
		Rules:       Rules{SettleOn: exchanger.Status(c.Checkout.SettleOn), Underpaid: c.Checkout.UnderpaymentTolerance, Price: c.Checkout.PriceTolerance},
		OrderExpiry: c.Checkout.OrderExpiry, WatchAfterClose: c.Checkout.WatchAfterClose,
		MailOn: c.Mail.URL != "", NotifyEmail: c.Notify.Email, NotifyOn: c.Notify.On, Live: c.Live(),
	}
}

// Service is the domain at work: the rules of this package, a database and the exchangers. It is safe for concurrent use.
type Service struct {
	store *models.Store
	opt   Options
	log   *slog.Logger

	mu       sync.Mutex
	clients  map[int64]*exchanger.Client // by the site's row
	active   []int64                     // rows of the active sites, in order of preference
	names    map[string]int64            // active sites by name
	origins  []string
	saved    map[int64]string // health as last written
	seals    Seals
	shownKey []byte
	refresh  singleflight.Group
	behind   sync.WaitGroup          // what nobody waits for
	asked    map[int64]*rate.Limiter // by the payment's row: how often who has its page makes us ask
	negative map[int64]time.Time     // by the site's row: when one that does not understand negative amounts is asked again
	paces    sync.Map                // *rate.Limiter by the site's row: how often it is asked when nobody waits
	icons    sync.Map                // when the icon of an address was last tried
}

// New makes the service and writes the configured sites to the database.
func New(ctx context.Context, store *models.Store, opt Options, log *slog.Logger) (*Service, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Service{store: store, opt: opt, log: log, clients: map[int64]*exchanger.Client{}, names: map[string]int64{}, saved: map[int64]string{}, asked: map[int64]*rate.Limiter{}, negative: map[int64]time.Time{}}
	var err error
	if s.shownKey, err = store.Vault().Derive("amounts as shown v1", 32); err != nil {
		return nil, err
	}
	if s.seals, err = NewSeals(store.Vault()); err != nil {
		return nil, err
	}
	for _, site := range opt.Sites {
		path := site.APIPath
		if path == "" {
			path = exchanger.DefaultAPIPath
		}
		row := models.Site{Name: site.Name, BaseURL: strings.TrimRight(site.BaseURL, "/"), APIPath: path, Partner: site.Partner}
		var put *models.Site
		err := store.InTx(ctx, func(tx *models.Tx) (err error) {
			put, err = tx.PutSite(ctx, row, site.Headers)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("set up site %s: %w", site.Name, err)
		}
		s.active = append(s.active, put.ID)
		s.names[site.Name] = put.ID
	}
	if err := store.InTx(ctx, func(tx *models.Tx) error { return tx.RetireSites(ctx, s.active) }); err != nil {
		return nil, err
	}
	rows, err := store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	for i := range rows { // also the retired ones: their payments are still followed
		if _, err := s.clientOf(&rows[i]); err != nil {
			return nil, fmt.Errorf("set up site %s: %w", rows[i].Name, err)
		}
	}
	return s, nil
}

// Close gives the exchangers' connections back and waits for what was begun in the background: the caller closes the store next.
func (s *Service) Close() {
	s.mu.Lock()
	for _, c := range s.clients {
		c.Close() // no further calls, so that the wait is short
	}
	s.mu.Unlock()
	s.behind.Wait()
}

// Store is the database that the service works on.
func (s *Service) Store() *models.Store { return s.store }

// Rules are what decisions depend on.
func (s *Service) Rules() Rules { return s.opt.Rules }

// Options are what the service was made with.
func (s *Service) Options() Options { return s.opt }

// Origins are the exchangers' origins, for form-action in the content security policy.
func (s *Service) Origins() []string { return s.origins }

func (s *Service) clientOf(row *models.Site) (*exchanger.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[row.ID]; c != nil {
		return c, nil
	}
	headers, err := s.store.Vault().HeadersOf(row)
	if err != nil {
		return nil, err
	}
	site := exchanger.Site{Name: row.Name, BaseURL: row.BaseURL, APIPath: row.APIPath, Headers: headers, Partner: row.Partner}
	c, err := exchanger.New(site, exchanger.Options{Timeout: s.opt.Timeout, Log: s.log, Now: s.store.Now, Transport: s.opt.Transport, UserAgent: "Mostrador"})
	if err != nil {
		return nil, err
	}
	s.clients[row.ID] = c
	s.origins = append(s.origins, site.Origin())
	return c, nil
}

// client gives the client of a site's row, made on first use.
func (s *Service) client(ctx context.Context, siteID int64) (*exchanger.Client, error) {
	s.mu.Lock()
	c := s.clients[siteID]
	s.mu.Unlock()
	if c != nil {
		return c, nil
	}
	row, err := s.store.SiteByID(ctx, siteID)
	if err != nil {
		return nil, err
	}
	return s.clientOf(row)
}

// SiteHealth is how a site does, as this process has seen it.
func (s *Service) SiteHealth(siteID int64) (exchanger.Health, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[siteID]
	if c == nil {
		return exchanger.Health{}, false
	}
	return c.Health(), true
}

// ActiveSites are the rows of the configured sites, in order of preference.
func (s *Service) ActiveSites() []int64 { return s.active }

// keepHealth writes a site's health when it changed, so that other processes and the desk see it too.
func (s *Service) keepHealth(ctx context.Context, siteID int64) {
	h, ok := s.SiteHealth(siteID)
	if !ok {
		return
	}
	key := fmt.Sprint(h.State, h.FailingSince.Unix(), h.ClockDiff.Round(5*time.Second), h.LastSuccess.Unix()/60)
	s.mu.Lock()
	same := s.saved[siteID] == key
	wasDown := strings.HasPrefix(s.saved[siteID], string(exchanger.Open))
	s.saved[siteID] = key
	s.mu.Unlock()
	if same {
		return
	}
	row := models.Site{ID: siteID, Circuit: string(h.State), FailingSince: ptr(h.FailingSince), LastOkAt: ptr(h.LastSuccess),
		RetryAt: ptr(h.PausedUntil), ClockDiffMs: h.ClockDiff.Milliseconds()}
	if !h.FailingSince.IsZero() {
		row.LastError = h.LastError
	}
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.SaveSiteHealth(ctx, &row); err != nil {
			return err
		}
		if h.State != exchanger.Open || wasDown {
			return nil
		}
		site, err := s.store.SiteByID(ctx, siteID)
		if err != nil {
			return err
		}
		return s.NotifyMerchant(ctx, tx, models.NoticeExchanger, nil, fmt.Sprintf("down/%d/%d", siteID, h.FailingSince.Unix()), map[string]string{"site": Host(site.BaseURL)})
	})
	if err != nil {
		s.log.Warn("health of a site not written", "site", siteID, "error", err)
	}
}

func ptr(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC().Truncate(time.Microsecond)
	return &u
}

// Payouts are what the merchant receives, in order of preference: what the desk keeps, else the configuration. Where real money moves, the
// wallets of the demo are left out: what a rehearsal kept must not be paid to nobody.
func (s *Service) Payouts(ctx context.Context) ([]config.Payout, error) {
	raw, err := s.store.EffectivePayouts(ctx)
	if err != nil || raw == nil {
		return s.opt.Payouts, err
	}
	var list []config.Payout
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("read payouts: %w", err)
	}
	if s.opt.Live {
		list = slices.DeleteFunc(list, DemoWallet)
	}
	return list, nil
}

func one() decimal.Decimal { return decimal.NewFromInt(1) }
