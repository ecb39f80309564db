package staff

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"mostrador/models"
)

// ErrPasskey says that a passkey is not known, does not fit, or took too long.
var ErrPasskey = errors.New("the passkey does not fit")

const ceremonyLife = 5 * time.Minute

// ceremony is what has to be remembered between the two halves of a passkey's use. It travels sealed through the browser, so that a
// stranger who begins one leaves no row behind; each can be finished once.
type ceremony struct {
	Session webauthn.SessionData `json:"s"`
	StaffID int64                `json:"p,omitempty"` // 0: signing in, nobody yet
	Until   time.Time            `json:"u"`
}

const ceremonyPlace = "staff.passkey ceremony"

// newWebAuthn sets passkeys up for the shop's public address; nil where browsers allow none, such as a bare IP address.
func newWebAuthn(publicURL, name string) *webauthn.WebAuthn {
	u, err := url.Parse(publicURL)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
	})
	if err != nil {
		return nil
	}
	return w
}

// HasPasskeys tells whether passkeys can be used at the shop's address.
func (s *Service) HasPasskeys() bool { return s.web != nil }

// keyUser is a person as the library sees them.
type keyUser struct {
	p     *models.Staff
	id    []byte
	creds []webauthn.Credential
}

func (u keyUser) WebAuthnID() []byte                         { return u.id }
func (u keyUser) WebAuthnName() string                       { return u.p.Email }
func (u keyUser) WebAuthnDisplayName() string                { return u.p.Email }
func (u keyUser) WebAuthnCredentials() []webauthn.Credential { return u.creds }

func (s *Service) keyUser(ctx context.Context, p *models.Staff) (keyUser, error) {
	id, err := s.store.Vault().Derive("passkey user "+strconv.FormatInt(p.ID, 10), 32)
	if err != nil {
		return keyUser{}, err
	}
	list, err := s.store.Passkeys(ctx, p.ID)
	if err != nil {
		return keyUser{}, err
	}
	u := keyUser{p: p, id: id}
	for _, k := range list {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(k.Doc), &c); err != nil {
			return keyUser{}, fmt.Errorf("read passkey %d: %w", k.ID, err)
		}
		u.creds = append(u.creds, c)
	}
	return u, nil
}

func credentialName(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// seal makes the text that carries a ceremony through the browser.
func (s *Service) sealCeremony(session *webauthn.SessionData, staffID int64) (string, error) {
	raw, err := json.Marshal(ceremony{Session: *session, StaffID: staffID, Until: s.now().Add(ceremonyLife)})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.store.Vault().Seal(ceremonyPlace, raw)), nil
}

// openCeremony reads it back, for the same person, in time, and once.
func (s *Service) openCeremony(ctx context.Context, token string, staffID int64) (*webauthn.SessionData, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, ErrPasskey
	}
	raw, err := s.store.Vault().Open(ceremonyPlace, sealed)
	if err != nil {
		return nil, ErrPasskey
	}
	var c ceremony
	if err := json.Unmarshal(raw, &c); err != nil || c.StaffID != staffID || !s.now().Before(c.Until) {
		return nil, ErrPasskey
	}
	first, _, err := s.store.Allow(ctx, "passkey:"+models.Digest(token), 2*ceremonyLife, 1)
	if err != nil {
		return nil, err
	}
	if !first {
		return nil, ErrPasskey
	}
	return &c.Session, nil
}

// BeginPasskey gives what the browser needs to make a passkey for the person, and the token to finish with.
func (s *Service) BeginPasskey(ctx context.Context, p *models.Staff) (options any, token string, err error) {
	if s.web == nil {
		return nil, "", ErrPasskey
	}
	u, err := s.keyUser(ctx, p)
	if err != nil {
		return nil, "", err
	}
	var known []protocol.CredentialDescriptor
	for _, c := range u.creds {
		known = append(known, c.Descriptor())
	}
	creation, session, err := s.web.BeginRegistration(u, webauthn.WithExclusions(known))
	if err != nil {
		return nil, "", fmt.Errorf("begin passkey: %w", err)
	}
	token, err = s.sealCeremony(session, p.ID)
	return creation, token, err
}

// AddPasskey keeps the passkey that the browser made (its answer as JSON). The error is ErrPasskey or ErrName.
func (s *Service) AddPasskey(ctx context.Context, who Who, p *models.Staff, token, name string, answer []byte) error {
	if s.web == nil {
		return ErrPasskey
	}
	if name = strings.Join(strings.Fields(name), " "); len(name) < 1 || len(name) > 80 {
		return ErrName
	}
	session, err := s.openCeremony(ctx, token, p.ID)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return ErrPasskey
	}
	u, err := s.keyUser(ctx, p)
	if err != nil {
		return err
	}
	cred, err := s.web.CreateCredential(u, *session, parsed)
	if err != nil {
		s.log.InfoContext(ctx, "passkey refused", "error", err)
		return ErrPasskey
	}
	doc, err := json.Marshal(cred)
	if err != nil {
		return fmt.Errorf("write passkey: %w", err)
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.InsertPasskey(ctx, &models.Passkey{StaffID: p.ID, CredentialID: credentialName(cred.ID), Name: name, Doc: string(doc)}); err != nil {
			return err
		}
		return Record(ctx, tx, who, "passkey.add", p.Email, map[string]any{"name": name})
	})
	if errors.Is(err, models.ErrConflict) {
		return ErrPasskey
	}
	return err
}

// DropPasskey forgets a passkey of the person. The error is models.ErrNotFound.
func (s *Service) DropPasskey(ctx context.Context, who Who, id int64) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		name, err := tx.DropPasskey(ctx, who.ID, id)
		if err != nil {
			return err
		}
		return Record(ctx, tx, who, "passkey.drop", who.Name, map[string]any{"name": name})
	})
}

// BeginPasskeySignIn gives what the browser needs to sign somebody in, whoever it is, and the token to finish with.
func (s *Service) BeginPasskeySignIn() (options any, token string, err error) {
	if s.web == nil {
		return nil, "", ErrPasskey
	}
	assertion, session, err := s.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fmt.Errorf("begin sign-in with a passkey: %w", err)
	}
	token, err = s.sealCeremony(session, 0)
	return assertion, token, err
}

// PasskeySignIn finds who the browser's answer is from. A passkey stands for both factors: the device has checked its person. The
// error is ErrPasskey or *TooSoon.
func (s *Service) PasskeySignIn(ctx context.Context, token string, answer []byte, remote string) (*models.Staff, error) {
	if s.web == nil {
		return nil, ErrPasskey
	}
	err := s.store.InTx(ctx, func(tx *models.Tx) error { return perNetwork.count(ctx, tx, "passkey:"+networkOf(remote)) })
	if err != nil {
		return nil, err
	}
	session, err := s.openCeremony(ctx, token, 0)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, ErrPasskey
	}
	var found keyUser
	var row *models.Passkey
	cred, err := s.web.ValidateDiscoverableLogin(func(raw, _ []byte) (webauthn.User, error) {
		var err error
		if row, err = s.store.PasskeyByCredential(ctx, credentialName(raw)); err != nil {
			return nil, err
		}
		p, err := s.store.StaffByID(ctx, row.StaffID)
		if err != nil {
			return nil, err
		}
		found, err = s.keyUser(ctx, p)
		return found, err
	}, *session, parsed)
	if err != nil || row == nil || !found.p.Active() || cred.Authenticator.CloneWarning {
		s.log.InfoContext(ctx, "passkey refused", "error", err)
		return nil, ErrPasskey
	}
	doc, err := json.Marshal(cred)
	if err != nil {
		return nil, fmt.Errorf("write passkey: %w", err)
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.UsedPasskey(ctx, row.ID, string(doc)); err != nil {
			return err
		}
		return perNetwork.back(ctx, tx, "passkey:"+networkOf(remote))
	})
	return found.p, err
}
