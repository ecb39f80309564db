package staff

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/sessions"

	"mostrador/models"
)

const (
	pendingLife = 10 * time.Minute // from the password to the second factor
	seenStep    = time.Minute      // how exact "last seen" is: a page does not cost a write

	valueStaff   = "staff"   // of the person who is in
	valuePending = "pending" // of the person who still owes the second factor
	valueFlash   = "flash"   // what the next page says
)

type remoteKey struct{}

// WithRemote puts the address that a request comes from into its context: behind a proxy only the server knows it.
func WithRemote(ctx context.Context, remote string) context.Context {
	return context.WithValue(ctx, remoteKey{}, remote)
}

func remoteOf(ctx context.Context) string {
	s, _ := ctx.Value(remoteKey{}).(string)
	return s
}

// Session is a browser of the desk: signed in, on its way, or a stranger.
type Session struct {
	id     string
	row    models.Session
	person *models.Staff
	g      *sessions.Session
}

// Person is who is in; nil for nobody.
func (x *Session) Person() *models.Staff { return x.person }

// Who is the person as the log names them.
func (x *Session) Who(remote string) Who {
	if x.person == nil {
		return Who{Remote: remote}
	}
	return Who{ID: x.person.ID, Name: x.person.Email, Remote: remote}
}

// Hash names the session in lists; the cookie's value cannot be got from it.
func (x *Session) Hash() string { return x.row.IDHash }

// Pending is the person who gave their password and still owes the second factor; 0 for nobody.
func (x *Session) Pending() int64 {
	id, _ := x.pending()
	return id
}

// pending tells besides by which password they came.
func (x *Session) pending() (id int64, password string) {
	s, _ := x.g.Values[valuePending].(string)
	s, password, _ = strings.Cut(s, ":")
	id, _ = strconv.ParseInt(s, 10, 64) // "" is nobody
	return id, password
}

// passwordMark tells one password of a person from the next, without saying anything of either.
func passwordMark(p *models.Staff) string { return models.Digest(p.Password)[:16] }

// Session reads the request's session and the person behind it as they are now: a role or a disabling takes effect at once. It notes that the
// session is in use.
func (s *Service) Session(r *http.Request) (*Session, error) {
	x, err := s.Glance(r)
	if err != nil || x.person == nil {
		return x, err
	}
	if now := s.now(); now.Sub(x.row.SeenAt) >= seenStep {
		until := now.Add(s.opt.SessionIdle)
		if end := x.row.CreatedAt.Add(s.opt.SessionMax); until.After(end) {
			until = end
		}
		ctx := r.Context()
		if err := s.store.InTx(ctx, func(tx *models.Tx) error { return tx.SeeSession(ctx, x.id, until) }); err != nil {
			s.log.Warn("session's use not noted", "error", err) // the page is good without it
		}
	}
	return x, nil
}

// Glance is Session for a page that comes again by itself: nobody need be there, so it keeps no session alive.
func (s *Service) Glance(r *http.Request) (*Session, error) {
	g, err := s.Sessions().Get(r, s.CookieName())
	if err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	x := &Session{id: g.ID, g: g}
	row, ok := g.Values[rowKey{}].(*models.Session)
	if !ok {
		return x, nil
	}
	x.row = *row
	if row.StaffID == nil {
		return x, nil
	}
	ctx := r.Context()
	p, err := s.store.StaffByID(ctx, *row.StaffID)
	if errors.Is(err, models.ErrNotFound) || err == nil && !p.Active() {
		return x, nil
	}
	if err != nil {
		return nil, err
	}
	x.person = p
	return x, nil
}

// begin replaces the request's session by a new one: a value that was known before sign-in is worth nothing after it.
func (s *Service) begin(w http.ResponseWriter, r *http.Request, values map[string]string) error {
	g, err := s.Sessions().Get(r, s.CookieName())
	if err != nil {
		return err
	}
	if old := g.ID; old != "" {
		if err := s.store.InTx(r.Context(), func(tx *models.Tx) error { return tx.EndSession(r.Context(), old) }); err != nil {
			return err
		}
	}
	g.ID, g.IsNew, g.Values = "", true, map[any]any{}
	for k, v := range values {
		g.Values[k] = v
	}
	return g.Save(r, w)
}

// Enter signs a person in who proved to be it.
func (s *Service) Enter(w http.ResponseWriter, r *http.Request, p *models.Staff) error {
	ctx := r.Context()
	if err := s.begin(w, r, map[string]string{valueStaff: strconv.FormatInt(p.ID, 10)}); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		q, err := tx.LockStaff(ctx, p.ID)
		if err != nil {
			return err
		}
		now := tx.Now()
		q.LastSigninAt = &now
		if err := tx.SaveStaff(ctx, q); err != nil {
			return err
		}
		return Record(ctx, tx, Who{ID: p.ID, Name: p.Email, Remote: remoteOf(ctx)}, "signin", p.Email, nil)
	})
}

// Pend keeps for ten minutes that a person gave their password and still owes the second factor.
func (s *Service) Pend(w http.ResponseWriter, r *http.Request, p *models.Staff) error {
	if err := s.begin(w, r, map[string]string{valuePending: strconv.FormatInt(p.ID, 10) + ":" + passwordMark(p)}); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// Leave signs out and takes the cookie back.
func (s *Service) Leave(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Session(r)
	if err != nil {
		return err
	}
	if x.id == "" {
		return nil
	}
	if x.person != nil {
		if err := s.Log(r.Context(), x.Who(remoteOf(r.Context())), "signout", x.person.Email, nil); err != nil {
			return err
		}
	}
	x.g.Options.MaxAge = -1
	return x.g.Save(r, w)
}

// Fresh tells whether the person proved a short while ago who they are: asked before secrets are shown, people or payouts changed.
func (s *Service) Fresh(x *Session) bool {
	return x.row.FreshAt != nil && s.now().Sub(*x.row.FreshAt) < s.opt.Fresh
}

// Flash keeps a sentence for the next page of this browser.
func (s *Service) Flash(w http.ResponseWriter, r *http.Request, x *Session, text string) error {
	x.g.Values[valueFlash] = text
	return x.g.Save(r, w)
}

// TakeFlash gives the sentence that Flash kept and forgets it; "" when there is none.
func (s *Service) TakeFlash(w http.ResponseWriter, r *http.Request, x *Session) (string, error) {
	text, _ := x.g.Values[valueFlash].(string)
	if text == "" {
		return "", nil
	}
	delete(x.g.Values, valueFlash)
	return text, x.g.Save(r, w)
}

// SessionList is where a person is signed in, the last seen first.
func (s *Service) SessionList(ctx context.Context, staffID int64) ([]models.Session, error) {
	return s.store.SessionsOf(ctx, staffID, s.now())
}

// EndSession ends one session of the person. The error is models.ErrNotFound.
func (s *Service) EndSession(ctx context.Context, who Who, hash string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.EndSessionOf(ctx, who.ID, hash); err != nil {
			return err
		}
		return Record(ctx, tx, who, "session.end", who.Name, nil)
	})
}

// EndOthers ends all sessions of the person but this one and says how many there were.
func (s *Service) EndOthers(ctx context.Context, who Who, x *Session) (n int64, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		var err error
		if n, err = tx.EndSessions(ctx, who.ID, x.id); err != nil {
			return err
		}
		return Record(ctx, tx, who, "session.end_others", who.Name, map[string]any{"ended": n})
	})
	return n, err
}
