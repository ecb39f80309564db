package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/handlers"
	"mostrador/handlers/admin"
	"mostrador/handlers/api"
	"mostrador/handlers/shop"
	"mostrador/jobs"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/webhook"
)

// Shop is a running shop with everything behind it.
type Shop struct {
	URL        string // where customers go, without a slash at the end
	Address    string // host:port that it listens on
	SandboxURL string // "" in live mode
	SetupURL   string // one-time address of the first account; "" when there is somebody
	MetricsURL string // "" when off

	Store   *models.Store
	Service *checkout.Service

	cfg      config.Config
	log      *slog.Logger
	staff    *staff.Service
	metrics  *metrics
	queue    *jobs.Queue
	shutdown chan struct{}
	failed   chan error
	closers  []func(ctx context.Context) error // in the order in which things were made
}

// Start makes a shop of a configuration and answers requests when it returns. ctx bounds the start alone: Stop ends the shop. The error is
// one line that says what to do.
func Start(ctx context.Context, cfg config.Config, log *slog.Logger) (*Shop, error) {
	s := &Shop{cfg: cfg, log: log, shutdown: make(chan struct{}), failed: make(chan error, 3)}
	if err := s.start(ctx); err != nil {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		s.close(bye) // the first failure is the one that counts
		return nil, err
	}
	return s, nil
}

// start makes each thing once, in the order in which they need each other.
func (s *Shop) start(ctx context.Context) error {
	if err := s.openDatabase(ctx); err != nil {
		return err
	}
	front, err := listen(ctx, "shop", s.cfg.Server.Listen)
	if err != nil {
		return err
	}
	s.later(func(context.Context) error { front.abandon(); return nil })
	s.cfg.Server.PublicURL = front.public(s.cfg.Server.PublicURL, s.cfg.Server.Listen)
	s.URL, s.Address = s.cfg.Server.PublicURL, front.address()
	if !s.cfg.Live() {
		stage, err := startSandbox(ctx, s.cfg, s.log, s.failed)
		if err != nil {
			return err
		}
		s.later(stage.stop)
		s.cfg.Sandbox.PublicURL, s.SandboxURL = stage.url, stage.url
	}
	if s.Service, err = checkout.New(ctx, s.Store, checkout.OptionsOf(s.cfg), s.log); err != nil {
		return fmt.Errorf("set up exchangers: %w", err)
	}
	s.later(func(context.Context) error { s.Service.Close(); return nil })
	s.staff = staff.New(s.Store, staff.Options{Log: s.log, PublicURL: s.URL, Issuer: s.cfg.Shop.Name, Invited: s.invited})
	if err := s.setupAddress(ctx); err != nil {
		return err
	}
	if err := s.startMetrics(ctx); err != nil {
		return err
	}
	if err := s.startJobs(ctx); err != nil {
		return err
	}
	front.serve(s.web(), s.log, s.failed)
	s.later(func(ctx context.Context) error {
		close(s.shutdown) // streams end; what else is under way finishes
		return front.shutdown(ctx)
	})
	return nil
}

// openDatabase takes the lock, opens and migrates the database, and makes sure that it can be written.
func (s *Shop) openDatabase(ctx context.Context) error {
	release, err := lockDatabase(s.cfg)
	if err != nil {
		return err
	}
	s.later(func(context.Context) error { release(); return nil })
	if s.Store, err = openStore(ctx, s.cfg, s.log, opening{migrate: true}); err != nil {
		return err
	}
	s.later(func(context.Context) error { return s.Store.Close() })
	if err := s.Store.Writable(ctx); err != nil {
		return fmt.Errorf("the database cannot be written: %w", err)
	}
	if s.cfg.Shop.Demo {
		return seedDemo(ctx, s.Store, s.cfg.Shop.Currency)
	}
	return nil
}

// setupAddress makes the one-time address for a shop that has nobody.
func (s *Shop) setupAddress(ctx context.Context) error {
	ticket, err := s.staff.SetupTicket(ctx)
	if errors.Is(err, staff.ErrHaveStaff) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make set-up address: %w", err)
	}
	s.SetupURL = s.URL + "/admin/setup?ticket=" + url.QueryEscape(ticket)
	return nil
}

// invited writes to somebody who was invited to the desk.
func (s *Shop) invited(ctx context.Context, tx *models.Tx, by staff.Who, p *models.Staff, token string) error {
	return s.Service.MailInvitation(ctx, tx, p, by.Name, admin.InvitePath(token))
}

// web is everything that answers HTTP.
func (s *Shop) web() *echo.Echo {
	e := echo.New()
	if s.metrics != nil {
		e.Pre(s.metrics.count)
	}
	edge := handlers.Stack(e, handlers.Deps{Store: s.Store, Service: s.Service, Config: s.cfg, Log: s.log, Shutdown: s.shutdown, Ready: s.working})
	shop.Register(e, edge)
	edge.OnError("/api", api.ErrorHandler)
	api.Register(e, api.Deps{Service: s.Service, Staff: s.staff, Config: s.cfg, Log: s.log, Shutdown: s.shutdown})
	admin.Register(e, admin.Deps{Config: &s.cfg, Store: s.Store, Checkout: s.Service, Staff: s.staff, Log: s.log})
	return e
}

// working is what /readyz asks of the workers.
func (s *Shop) working(context.Context) error {
	if s.queue == nil || !s.queue.Running() {
		return errors.New("workers do not run")
	}
	return nil
}

func (s *Shop) startJobs(ctx context.Context) error {
	_, alone := sqliteFile(s.cfg) // the lock is ours
	deps := jobs.Deps{Store: s.Store, Service: s.Service, Config: &s.cfg, Log: s.log, Sweep: s.staff.Sweep, Alone: alone}
	sender := webhook.NewSender(webhook.SenderOptions{AllowPrivate: s.cfg.Webhooks.AllowPrivate})
	deps.Deliver = jobs.NewDeliveries(s.Service, sender, s.log).Try
	if s.cfg.Mail.URL != "" {
		mailer, err := jobs.NewMailer(s.cfg.Mail)
		if err != nil {
			return err
		}
		mails := jobs.NewMails(s.Service, mailer, &s.cfg, s.log)
		deps.Mail, deps.Digest = mails.Send, mails.Digest
	}
	var err error
	if s.queue, err = jobs.Start(ctx, deps); err != nil {
		return err
	}
	s.later(s.queue.Stop)
	return nil
}

func (s *Shop) startMetrics(ctx context.Context) error {
	if s.cfg.Server.MetricsListen == "" {
		return nil
	}
	e, err := listen(ctx, "metrics", s.cfg.Server.MetricsListen)
	if err != nil {
		return err
	}
	s.metrics = newMetrics(s.Store, s.Service, s.log)
	e.serve(s.metrics.handler(), s.log, s.failed)
	s.later(e.shutdown)
	s.MetricsURL = "http://" + e.address() + "/metrics"
	return nil
}

// later remembers how to close what was made.
func (s *Shop) later(f func(ctx context.Context) error) { s.closers = append(s.closers, f) }

// Stop takes no more requests, lets those under way and the jobs finish, and closes everything in the reverse order of its making. What
// is not done when ctx ends is cut.
func (s *Shop) Stop(ctx context.Context) error { return s.close(ctx) }

func (s *Shop) close(ctx context.Context) error {
	var errs []error
	for _, f := range slices.Backward(s.closers) {
		errs = append(errs, f(ctx))
	}
	s.closers = nil
	return errors.Join(errs...)
}
