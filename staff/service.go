package staff

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"runtime"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"golang.org/x/sync/semaphore"

	"mostrador/models"
)

// What callers tell apart.
var (
	ErrWrong      = errors.New("e-mail or password is wrong") // says nothing about which
	ErrWrongCode  = errors.New("the code is wrong or was used")
	ErrWeak       = errors.New("a password has at least 12 characters") // and at most 200
	ErrEmail      = errors.New("this is no e-mail address")
	ErrRole       = errors.New("a role is owner, manager or viewer")
	ErrTaken      = errors.New("somebody has this e-mail address")
	ErrUnknown    = errors.New("nobody has this e-mail address")
	ErrLastOwner  = errors.New("the last owner stays an owner")        // neither disabled nor made less
	ErrTicket     = errors.New("this address was used or has expired") // set-up or invitation
	ErrHaveStaff  = errors.New("there is somebody already")            // no set-up then
	ErrSame       = errors.New("the new password is the old one")
	ErrNoSecond   = errors.New("there is no second factor")
	ErrName       = errors.New("a name has 1 to 80 characters")
	ErrScope      = errors.New("a scope is not known, or none is given")
	ErrUnknownKey = errors.New("the key is unknown or revoked")
	ErrBusy       = errors.New("too many sign-ins at once") // the machine is protected; try again
)

// TooSoon says that an attempt was refused unseen because too many failed before it.
type TooSoon struct{ Wait time.Duration }

// Error says how long to wait.
func (e *TooSoon) Error() string { return fmt.Sprintf("too many attempts, wait %s", e.Wait) }

// Seconds is the wait in whole seconds, 1 or more.
func (e *TooSoon) Seconds() int { return max(1, int((e.Wait+time.Second-1)/time.Second)) }

// Options are what New needs beside the store.
type Options struct {
	Now         func() time.Time // nil: the store's
	Log         *slog.Logger     // nil: none
	SessionIdle time.Duration    // unused for so long, a session ends; 0: 12 h
	SessionMax  time.Duration    // a session ends after this whatever happens; 0: 14 days
	Fresh       time.Duration    // how long a proof of who one is holds; 0: 10 min
	PublicURL   string           // scheme://host[:port]; https makes the cookie Secure
	Issuer      string           // what the second factor's app calls the shop; "": Mostrador
	Hashes      int64            // passwords hashed at once, 19 MiB each; 0: twice the processors

	// Invited runs in the transaction that invites somebody, with the text of the address under which they choose a password: it may write
	// to them. nil: nothing.
	Invited func(ctx context.Context, tx *models.Tx, by Who, p *models.Staff, token string) error
}

// Service is everything that the desk asks of this package. It is safe for concurrent use.
type Service struct {
	store  *models.Store
	opt    Options
	log    *slog.Logger
	hashes *semaphore.Weighted
	web    *webauthn.WebAuthn // nil: no passkeys at this address
	dummy  string             // hash that unknown people are checked against
}

// New makes the service.
func New(store *models.Store, opt Options) *Service {
	if opt.Now == nil {
		opt.Now = store.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.SessionIdle == 0 {
		opt.SessionIdle = 12 * time.Hour
	}
	if opt.SessionMax == 0 {
		opt.SessionMax = 14 * 24 * time.Hour
	}
	if opt.Fresh == 0 {
		opt.Fresh = 10 * time.Minute
	}
	if opt.Issuer == "" {
		opt.Issuer = "Mostrador"
	}
	if opt.Invited == nil {
		opt.Invited = func(context.Context, *models.Tx, Who, *models.Staff, string) error { return nil }
	}
	if opt.Hashes == 0 {
		opt.Hashes = int64(2 * runtime.GOMAXPROCS(0))
	}
	return &Service{store: store, opt: opt, log: opt.Log, hashes: semaphore.NewWeighted(opt.Hashes), web: newWebAuthn(opt.PublicURL, opt.Issuer), dummy: hashPassword("nobody has this password")}
}

// now is the service's clock, as the database keeps it.
func (s *Service) now() time.Time { return s.opt.Now().UTC().Truncate(time.Microsecond) }

// secure tells whether cookies go over https only.
func (s *Service) secure() bool { return strings.HasPrefix(s.opt.PublicURL, "https://") }

// Sweep deletes ended sessions, old tickets and worn-out limits; to be called now and then.
func (s *Service) Sweep(ctx context.Context) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.SweepDesk(ctx) })
}

// cleanEmail checks an address and writes it as it is kept.
func cleanEmail(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > 254 {
		return "", ErrEmail
	}
	return email, nil
}
