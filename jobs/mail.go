package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
)

// mailRetry is how long a mail waits after its first, second, … failed try: about two days together.
var mailRetry = []time.Duration{
	15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// The states of a mail.
const (
	mailWaiting = "waiting"
	mailSent    = "sent"
	mailFailed  = "failed"
)

// errStale is why a mail is not sent that has become untrue while it waited.
var errStale = errors.New("not sent: no longer true")

// Mails writes and sends mails.
type Mails struct {
	svc    *checkout.Service
	store  *models.Store
	cfg    *config.Config
	mailer *Mailer
	log    *slog.Logger
}

// NewMails makes it. Its Send is Deps.Mail.
func NewMails(svc *checkout.Service, mailer *Mailer, cfg *config.Config, log *slog.Logger) *Mails {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Mails{svc: svc, store: svc.Store(), cfg: cfg, mailer: mailer, log: log}
}

// Send sends a mail that waits. The error may be a snooze: when the next try is due.
func (w *Mails) Send(ctx context.Context, mailID int64) error {
	m, err := w.store.MailByID(ctx, mailID)
	if err != nil {
		return err
	}
	if m.State != mailWaiting {
		return nil
	}
	post, err := w.write(ctx, m)
	if errors.Is(err, errStale) {
		return w.note(ctx, m, true, err)
	}
	if err != nil {
		return err
	}
	final, err := w.mailer.Send(ctx, post)
	if err != nil && ctx.Err() != nil { // the program stops: this was no try
		return fmt.Errorf("mail %d interrupted: %w", m.ID, context.Cause(ctx))
	}
	return w.note(context.WithoutCancel(ctx), m, final, err)
}

// note writes how sending went.
func (w *Mails) note(ctx context.Context, m *models.Mail, final bool, cause error) error {
	m.Tries++
	m.Error = ""
	var again time.Duration
	switch {
	case cause == nil:
	case errors.Is(cause, errStale):
		m.State, m.Error = mailFailed, cause.Error()
	case final || m.Tries > len(mailRetry):
		m.State, m.Error = mailFailed, hide(cause, m.Recipient)
	default:
		again = mailRetry[m.Tries-1]
		m.Error = hide(cause, m.Recipient)
	}
	err := w.store.InTx(ctx, func(tx *models.Tx) error {
		if cause == nil {
			now := tx.Now()
			m.State, m.SentAt = mailSent, &now
		}
		return tx.SaveMail(ctx, m)
	})
	if err != nil {
		return fmt.Errorf("note mail %d: %w", m.ID, err)
	}
	w.log.Info("mail", "mail", m.ID, "kind", m.Kind, "state", m.State, "tries", m.Tries, "error", m.Error)
	if again > 0 {
		return river.JobSnooze(again)
	}
	return nil
}

// hide takes the recipient out of a server's words, which repeat it, and bounds them.
func hide(err error, recipient string) string {
	s := strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), recipient, "…")), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "")
	}
	return s
}

// messageID stands before the @: the same for every try of a mail, and not the same for another database's mail of the same number.
func messageID(m *models.Mail) string {
	sum := sha256.Sum256([]byte(m.Once + "|" + m.CreatedAt.UTC().Format(time.RFC3339Nano)))
	return fmt.Sprintf("mail-%d.%s", m.ID, hex.EncodeToString(sum[:8]))
}
