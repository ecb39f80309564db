package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// stopWithin is how long a graceful stop may take before what is left is cut.
const stopWithin = 20 * time.Second

// serve is the command: the shop, until a signal.
func serve(ctx context.Context, p *program) error {
	log := logger(p.stderr)
	shop, err := Start(ctx, p.cfg, log)
	if err != nil && ctx.Err() != nil {
		return nil // told to stop before it had begun: no failure
	}
	if err != nil {
		return err
	}
	shop.announce(p.stdout)
	return await(ctx, log, shop.failed, shop.Stop)
}

// announce tells the person at the terminal where to go.
func (s *Shop) announce(w io.Writer) {
	fmt.Fprintf(w, "Shop         %s\n", s.URL)
	if s.SandboxURL != "" {
		fmt.Fprintf(w, "Sandbox      %s/control   plays the exchanger: no real money moves\n", s.SandboxURL)
	}
	fmt.Fprintf(w, "Dashboard    %s/admin\n", s.URL)
	if s.SetupURL != "" {
		fmt.Fprintf(w, "Set up       %s   makes the first account, once, within a day\n", s.SetupURL)
	}
	fmt.Fprintf(w, "Listening on %s\n", s.Address)
}

// await blocks until ctx ends or something fails, and stops gracefully either way.
func await(ctx context.Context, log *slog.Logger, failed <-chan error, stop func(context.Context) error) error {
	var err error
	select {
	case <-ctx.Done():
		log.Info("stopping")
	case err = <-failed:
	}
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err = errors.Join(err, stop(bye))
	if err == nil {
		log.Info("stopped")
	}
	return err
}

// logger writes one JSON object a line.
func logger(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }
