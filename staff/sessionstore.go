package staff

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/sessions"

	"mostrador/models"
)

// rowKey is where a gorilla session carries its row; it is not stored.
type rowKey struct{}

// Sessions is the gorilla store of the desk: rows in the database under the digest of the cookie's value, values as sealed JSON.
type Sessions struct{ s *Service }

// Sessions gives the store.
func (s *Service) Sessions() *Sessions { return &Sessions{s} }

// CookieName is the cookie's: over https with the prefix that ties it to this host.
func (s *Service) CookieName() string {
	if s.secure() {
		return "__Host-mostrador_desk"
	}
	return "mostrador_desk"
}

// Get returns the request's session, a new one when it has none.
func (st *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(st, name)
}

// New reads the session of the request's cookie. A cookie that is unknown or over gives a new session without an error.
func (st *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	g := sessions.NewSession(st, name)
	g.IsNew = true
	g.Options = &sessions.Options{Path: "/", MaxAge: int(st.s.opt.SessionMax / time.Second), Secure: st.s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	c, err := r.Cookie(name)
	if err != nil || c.Value == "" {
		return g, nil
	}
	row, err := st.s.store.SessionByID(r.Context(), c.Value, st.s.now())
	if errors.Is(err, models.ErrNotFound) {
		return g, nil
	}
	if err != nil {
		return g, err
	}
	raw, err := st.s.store.Vault().SessionData(row)
	if err != nil {
		return g, err
	}
	values := map[string]string{}
	if err := json.Unmarshal(raw, &values); err != nil {
		return g, fmt.Errorf("read session: %w", err)
	}
	for k, v := range values {
		g.Values[k] = v
	}
	g.ID, g.IsNew, g.Values[rowKey{}] = c.Value, false, row
	return g, nil
}

// Save stores the session and sets its cookie; with MaxAge below 0 it ends it. A session without an ID gets a new one.
func (st *Sessions) Save(r *http.Request, w http.ResponseWriter, g *sessions.Session) error {
	values := map[string]string{}
	for k, v := range g.Values {
		name, ok1 := k.(string)
		text, ok2 := v.(string)
		if ok1 && ok2 {
			values[name] = text
		}
	}
	raw, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("write session: %w", err)
	}
	ctx := r.Context()
	err = st.s.store.InTx(ctx, func(tx *models.Tx) error {
		switch {
		case g.Options.MaxAge < 0:
			return tx.EndSession(ctx, g.ID)
		case g.ID != "" && !g.IsNew:
			return tx.SaveSessionData(ctx, g.ID, raw)
		}
		g.ID = rand.Text() // 128 random bits
		row := st.newRow(tx, r, values)
		g.Values[rowKey{}] = row
		return tx.InsertSession(ctx, g.ID, row, raw)
	})
	if err != nil {
		return err
	}
	g.IsNew = false
	http.SetCookie(w, sessions.NewCookie(g.Name(), g.ID, g.Options))
	return nil
}

func (st *Sessions) newRow(tx *models.Tx, r *http.Request, values map[string]string) *models.Session {
	row := &models.Session{Remote: remoteOf(r.Context()), Agent: cut(r.UserAgent(), 200), ExpiresAt: tx.Now().Add(pendingLife)}
	if id, err := strconv.ParseInt(values[valueStaff], 10, 64); err == nil {
		now := tx.Now()
		row.StaffID, row.FreshAt = &id, &now
		row.ExpiresAt = now.Add(min(st.s.opt.SessionIdle, st.s.opt.SessionMax))
	}
	return row
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
