package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"mostrador/models"
)

const (
	totpPeriod    = 30 // seconds
	totpSecret    = 20 // bytes, as RFC 4226 wants
	recoveryCodes = 10
)

// how a second factor was given.
type how int

const (
	byCode how = iota + 1
	byRecovery
)

// SecondSetup is what a person sees to set up a second factor.
type SecondSetup struct {
	Secret string // base 32, to be typed
	URI    string // otpauth://…, for the QR code
}

// BeginSecond gives the secret of a second factor that is not confirmed yet; asked again before that, it is the same.
func (s *Service) BeginSecond(ctx context.Context, id int64) (SecondSetup, error) {
	var secret, email string
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		p, err := tx.LockStaff(ctx, id)
		if err != nil {
			return err
		}
		email = p.Email
		if len(p.TOTPPending) > 0 {
			secret, err = tx.Vault().OpenTOTP(p, p.TOTPPending)
			return err
		}
		raw := make([]byte, totpSecret)
		rand.Read(raw)
		secret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
		p.TOTPPending = tx.Vault().SealTOTP(p, secret)
		return tx.SaveStaff(ctx, p)
	})
	if err != nil {
		return SecondSetup{}, fmt.Errorf("begin second factor: %w", err)
	}
	return SecondSetup{Secret: secret, URI: s.otpauth(email, secret)}, nil
}

func (s *Service) otpauth(email, secret string) string {
	q := url.Values{"secret": {secret}, "issuer": {s.opt.Issuer}, "period": {"30"}, "digits": {"6"}, "algorithm": {"SHA1"}}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + s.opt.Issuer + ":" + email, RawQuery: strings.ReplaceAll(q.Encode(), "+", "%20")}
	return u.String()
}

// ConfirmSecond turns the second factor on that BeginSecond began, ends the person's other sessions and returns recovery codes, which
// are kept only as digests. The error is ErrWrongCode or ErrNoSecond.
func (s *Service) ConfirmSecond(ctx context.Context, who Who, x *Session, code string) ([]string, error) {
	var codes []string
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		p, err := tx.LockStaff(ctx, who.ID)
		if err != nil {
			return err
		}
		if len(p.TOTPPending) == 0 {
			return ErrNoSecond
		}
		secret, err := tx.Vault().OpenTOTP(p, p.TOTPPending)
		if err != nil {
			return err
		}
		step, ok := stepOf(secret, code, tx.Now(), 0)
		if !ok {
			return ErrWrongCode
		}
		p.TOTP, p.TOTPPending, p.TOTPStep = p.TOTPPending, nil, step
		if codes, p.Recovery, err = newRecovery(); err != nil {
			return err
		}
		if err := tx.SaveStaff(ctx, p); err != nil {
			return err
		}
		if _, err := tx.EndSessions(ctx, p.ID, x.id); err != nil {
			return err
		}
		return Record(ctx, tx, who, "second.on", p.Email, nil)
	})
	return codes, err
}

// DropSecond turns the second factor off.
func (s *Service) DropSecond(ctx context.Context, who Who) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		p, err := tx.LockStaff(ctx, who.ID)
		if err != nil {
			return err
		}
		p.TOTP, p.TOTPPending, p.TOTPStep, p.Recovery = nil, nil, 0, "[]"
		if err := tx.SaveStaff(ctx, p); err != nil {
			return err
		}
		return Record(ctx, tx, who, "second.off", p.Email, nil)
	})
}

// NewRecovery replaces the recovery codes; the older ones no longer work. The error is ErrNoSecond.
func (s *Service) NewRecovery(ctx context.Context, who Who) ([]string, error) {
	var codes []string
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		p, err := tx.LockStaff(ctx, who.ID)
		if err != nil {
			return err
		}
		if !p.HasTOTP() {
			return ErrNoSecond
		}
		if codes, p.Recovery, err = newRecovery(); err != nil {
			return err
		}
		if err := tx.SaveStaff(ctx, p); err != nil {
			return err
		}
		return Record(ctx, tx, who, "second.recovery_new", p.Email, nil)
	})
	return codes, err
}

// RecoveryLeft is how many recovery codes a person has.
func RecoveryLeft(p *models.Staff) int { return len(recoveryOf(p)) }

func recoveryOf(p *models.Staff) []string {
	var digests []string
	_ = json.Unmarshal([]byte(p.Recovery), &digests) // unreadable: none
	return digests
}

// newRecovery makes codes of 10 signs (50 bits each) and what is kept of them.
func newRecovery() (codes []string, kept string, err error) {
	digests := make([]string, 0, recoveryCodes)
	for range recoveryCodes {
		text := strings.ToLower(rand.Text()[:10])
		codes = append(codes, text[:5]+"-"+text[5:])
		digests = append(digests, models.Digest("recovery "+text))
	}
	raw, err := json.Marshal(digests)
	return codes, string(raw), err
}

// useCode checks a code and uses it up in p; the caller saves p. The error is ErrWrongCode.
func useCode(tx *models.Tx, p *models.Staff, code string) (how, error) {
	secret, err := tx.Vault().OpenTOTP(p, p.TOTP)
	if err != nil {
		return 0, err
	}
	if step, ok := stepOf(secret, code, tx.Now(), p.TOTPStep); ok {
		p.TOTPStep = step
		return byCode, nil
	}
	digest := models.Digest("recovery " + plainCode(code))
	digests := recoveryOf(p)
	i := slices.Index(digests, digest) // digests of 50 random bits: the time it takes helps nobody
	if i < 0 {
		return 0, ErrWrongCode
	}
	raw, err := json.Marshal(slices.Delete(digests, i, i+1))
	if err != nil {
		return 0, err
	}
	p.Recovery = string(raw)
	return byRecovery, nil
}

// stepOf finds the time step of a code: now's, the one before or the one after, but none that is not later than used. A code works
// once, and not any more when a later one was used.
func stepOf(secret, code string, now time.Time, used int64) (int64, bool) {
	code = plainCode(code)
	current := now.Unix() / totpPeriod
	for _, step := range []int64{current, current - 1, current + 1} {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && step > used && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// plainCode takes away what people type between the signs of a code.
func plainCode(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "\t", "", "\u00a0", "").Replace(code))
}

// looksLikeCode tells a code from a password: six digits, or a recovery code.
func looksLikeCode(proof string) bool {
	c := plainCode(proof)
	if len(c) == 10 && !strings.ContainsAny(c, "0189") {
		return true
	}
	return len(c) == 6 && strings.Trim(c, "0123456789") == ""
}
