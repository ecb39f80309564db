package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The cost of a password: 19 MiB, two passes, one thread (OWASP's second set); about 40 ms.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
)

// How long a password is, in characters. The upper end only keeps absurd work away.
const (
	MinPassword = 12
	maxPassword = 200
)

func checkPassword(password string) error {
	if n := utf8.RuneCountInString(password); n < MinPassword || n > maxPassword {
		return ErrWeak
	}
	return nil
}

// hashPassword makes the text that is kept, with its parameters and a salt of its own.
func hashPassword(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails since Go 1.24
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, b64(salt), b64(key))
}

// matches compares a password with what is kept, in time that depends on the parameters alone.
func matches(kept, password string) bool {
	var version, memory, passes, lanes int
	var salt64, key64 string
	if _, err := fmt.Sscanf(splitDollar(kept), "argon2id v=%d m=%d,t=%d,p=%d %s %s", &version, &memory, &passes, &lanes, &salt64, &key64); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(salt64)
	key, err2 := base64.RawStdEncoding.DecodeString(key64)
	if err1 != nil || err2 != nil || version != argon2.Version || len(key) == 0 || lanes < 1 || lanes > 16 || passes < 1 || passes > 10 || memory > 1<<20 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1
}

// splitDollar puts spaces where the fields of a kept hash meet, so that Sscanf can read them.
func splitDollar(kept string) string {
	b := []byte(kept)
	if len(b) > 0 && b[0] == '$' {
		b = b[1:]
	}
	for i := range b {
		if b[i] == '$' {
			b[i] = ' '
		}
	}
	return string(b)
}

// hash hashes a password when the machine has room for it; the error is ErrBusy.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	if err := s.room(ctx); err != nil {
		return "", err
	}
	defer s.hashes.Release(1)
	return hashPassword(password), nil
}

// check compares a password when the machine has room for it; an empty kept costs the same and is wrong.
func (s *Service) check(ctx context.Context, kept, password string) (bool, error) {
	if err := s.room(ctx); err != nil {
		return false, err
	}
	defer s.hashes.Release(1)
	known := kept != ""
	if !known {
		kept = s.dummy
	}
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // as much work as any other
	}
	return matches(kept, password) && known, nil
}

func (s *Service) room(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if s.hashes.Acquire(ctx, 1) != nil {
		return ErrBusy
	}
	return nil
}
