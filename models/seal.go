package models

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrWrongKey says that the key file is not the one that the database was made with, or that a sealed value was moved or altered.
var ErrWrongKey = errors.New("the key file does not belong to this database")

// Vault encrypts secrets at rest. A sealed value opens only at the place (table, column and row) that it was sealed for.
type Vault struct {
	aead   cipher.AEAD
	master []byte
}

// NewVault makes a vault of a master key of 32 bytes or more.
func NewVault(master []byte) (*Vault, error) {
	if len(master) < 32 {
		return nil, fmt.Errorf("key: got %d bytes, want at least 32", len(master))
	}
	v := &Vault{master: master}
	key, err := v.Derive("mostrador secrets at rest v1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	if v.aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return v, nil
}

// OpenKeyFile reads the key file, and makes it with mode 0600 when it is not there and create is true.
func OpenKeyFile(path string, create bool) (*Vault, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && create {
		raw, err = makeKeyFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read security.key_file: %w", err)
	}
	master, err := hex.DecodeString(string(trimSpace(raw)))
	if err != nil {
		return nil, fmt.Errorf("read security.key_file %s: want one line of hex digits", path)
	}
	v, err := NewVault(master)
	if err != nil {
		return nil, fmt.Errorf("read security.key_file %s: %w", path, err)
	}
	return v, nil
}

func makeKeyFile(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails since Go 1.24
	raw := []byte(hex.EncodeToString(key) + "\n")
	// O_EXCL: of two processes that start at once, one makes the key and the other reads it.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := f.Write(raw); err != nil {
		return nil, err
	}
	return raw, f.Sync()
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r' || b[len(b)-1] == ' ') {
		b = b[:len(b)-1]
	}
	return b
}

// Derive makes a key of n bytes for one purpose out of the master key.
func (v *Vault) Derive(purpose string, n int) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, v.master, nil, purpose, n)
	if err != nil {
		return nil, fmt.Errorf("derive key for %s: %w", purpose, err)
	}
	return key, nil
}

// Seal encrypts plain for one place, such as "payments.secret:TOKENHASH".
func (v *Vault) Seal(place string, plain []byte) []byte {
	return v.aead.Seal(nil, nil, plain, []byte(place))
}

// Open decrypts what Seal made for the same place. The error is ErrWrongKey.
func (v *Vault) Open(place string, sealed []byte) ([]byte, error) {
	plain, err := v.aead.Open(nil, nil, sealed, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", placeKind(place), ErrWrongKey)
	}
	return plain, nil
}

// placeKind cuts the row off a place: it may hold what need not be in a log.
func placeKind(place string) string {
	for i := range place {
		if place[i] == ':' {
			return place[:i]
		}
	}
	return place
}

// Digest is the hex SHA-256 under which tokens and keys are looked up.
func Digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
