package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"mostrador/config"
	"mostrador/sandbox"
)

// exchangerStage is the rehearsal exchanger with its own origin.
type exchangerStage struct {
	*endpoint
	play *sandbox.Sandbox
	url  string
}

// startSandbox opens the sandbox's state beside the key file and answers on its listener. Failures of the listener go to failed.
func startSandbox(ctx context.Context, cfg config.Config, log *slog.Logger, failed chan<- error) (*exchangerStage, error) {
	e, err := listen(ctx, "sandbox", cfg.Sandbox.Listen)
	if err != nil {
		return nil, err
	}
	s := &exchangerStage{endpoint: e, url: e.public(cfg.Sandbox.PublicURL, cfg.Sandbox.Listen)}
	s.play, err = sandbox.New(sandbox.Config{
		PublicURL: s.url, StateFile: filepath.Join(filepath.Dir(cfg.Security.KeyFile), "sandbox.journal"),
		Log: log.With("component", "sandbox"), Seed: uint64(time.Now().UnixNano()),
	})
	if err != nil {
		return nil, errors.Join(err, e.ln.Close())
	}
	e.serve(s.play.Handler(), log, failed)
	return s, nil
}

// stop ends the sandbox's own streams first, or its server would wait for them.
func (s *exchangerStage) stop(ctx context.Context) error {
	return errors.Join(s.play.Close(), s.shutdown(ctx))
}

// sandboxAlone is the command: the rehearsal exchanger without a shop.
func sandboxAlone(ctx context.Context, p *program) error {
	failed := make(chan error, 1)
	log := logger(p.stderr)
	s, err := startSandbox(ctx, p.cfg, log, failed)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Sandbox      %s/control\nListening on %s\n", s.url, s.address())
	return await(ctx, log, failed, s.stop)
}
