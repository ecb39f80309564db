package staff

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"mostrador/models"
)

const shopURL = "https://shop.example"

// device is an authenticator in software: one key on P-256, and the person always checked.
type device struct {
	key    *ecdsa.PrivateKey
	id     []byte
	handle string
	count  uint32
	origin string
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{key: key, id: []byte(rand.Text()), origin: shopURL}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// options reads the challenge and the user's id out of what the browser is given.
func options(t *testing.T, v any) (challenge, user string) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	return o.PublicKey.Challenge, o.PublicKey.User.ID
}

func (d *device) client(kind, challenge string) []byte {
	raw, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return raw
}

// data is the authenticator data with the flags.
func (d *device) data(flags byte) []byte {
	d.count++
	rp := sha256.Sum256([]byte("shop.example"))
	return binary.BigEndian.AppendUint32(append(rp[:], flags), d.count)
}

// bytes is a CBOR byte string of up to 65535 bytes.
func cborBytes(b []byte) []byte {
	return append([]byte{0x59, byte(len(b) >> 8), byte(len(b))}, b...)
}

// create answers navigator.credentials.create.
func (d *device) create(t *testing.T, opts any) []byte {
	t.Helper()
	challenge, user := options(t, opts)
	d.handle = user
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	cose := slices.Concat([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}, cborBytes(point[1:33]), []byte{0x22}, cborBytes(point[33:]))
	auth := slices.Concat(d.data(0x45), make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(d.id))), d.id, cose)
	object := slices.Concat([]byte{0xa3, 0x63}, []byte("fmt"), []byte{0x64}, []byte("none"), []byte{0x67}, []byte("attStmt"), []byte{0xa0, 0x68}, []byte("authData"), cborBytes(auth))
	raw, _ := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key",
		"response": map[string]any{"clientDataJSON": b64(d.client("webauthn.create", challenge)), "attestationObject": b64(object)}})
	return raw
}

// get answers navigator.credentials.get.
func (d *device) get(t *testing.T, opts any) []byte {
	t.Helper()
	challenge, _ := options(t, opts)
	auth, client := d.data(0x05), d.client("webauthn.get", challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(slices.Clone(auth), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key",
		"response": map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(auth), "signature": b64(sig), "userHandle": d.handle}})
	return raw
}

func TestAPasskeySignsInAndNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, s *Service, move func(time.Duration)) {
		ctx := context.Background()
		s = New(s.store, Options{PublicURL: shopURL})
		ana, err := s.Create(ctx, Terminal, "ana@shop.example", Owner, good)
		if err != nil {
			t.Fatal(err)
		}
		eve, err := s.Create(ctx, Terminal, "eve@shop.example", Viewer, good)
		if err != nil {
			t.Fatal(err)
		}
		who := Who{ID: ana.ID, Name: ana.Email}
		phone := newDevice(t)
		add := func(d *device, p *models.Staff, as *models.Staff, wait time.Duration) error {
			opts, token, err := s.BeginPasskey(ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			move(wait)
			return s.AddPasskey(ctx, who, as, token, "phone", d.create(t, opts))
		}
		if err := add(newDevice(t), eve, ana, 0); !errors.Is(err, ErrPasskey) {
			t.Fatalf("begun by somebody else: %v", err)
		}
		if err := add(newDevice(t), ana, ana, 6*time.Minute); !errors.Is(err, ErrPasskey) {
			t.Fatalf("after six minutes: %v", err)
		}
		far := newDevice(t)
		far.origin = "https://shop.example.evil"
		if err := add(far, ana, ana, 0); !errors.Is(err, ErrPasskey) {
			t.Fatalf("from another site: %v", err)
		}
		if err := add(phone, ana, ana, 0); err != nil {
			t.Fatal(err)
		}
		twin := *phone
		if err := add(&twin, eve, eve, 0); !errors.Is(err, ErrPasskey) {
			t.Fatalf("the same key for somebody else: %v", err)
		}
		enter := func(d *device) (*models.Staff, string, []byte, error) {
			opts, token, err := s.BeginPasskeySignIn()
			if err != nil {
				t.Fatal(err)
			}
			answer := d.get(t, opts)
			p, err := s.PasskeySignIn(ctx, token, answer, "192.0.2.1")
			return p, token, answer, err
		}
		p, token, answer, err := enter(phone)
		if err != nil || p.ID != ana.ID {
			t.Fatalf("%+v, %v", p, err)
		}
		if _, err := s.PasskeySignIn(ctx, token, answer, "192.0.2.1"); !errors.Is(err, ErrPasskey) {
			t.Fatalf("the same answer twice: %v", err)
		}
		if _, _, _, err := enter(newDevice(t)); !errors.Is(err, ErrPasskey) {
			t.Fatalf("an unknown key: %v", err)
		}
		thief := *newDevice(t)
		thief.id, thief.handle = phone.id, phone.handle
		if _, _, _, err := enter(&thief); !errors.Is(err, ErrPasskey) {
			t.Fatalf("another key under the same name: %v", err)
		}
		for _, junk := range []string{"", "{}", `{"id":"x"}`} {
			if _, err := s.PasskeySignIn(ctx, junk, []byte(junk), "192.0.2.1"); !errors.Is(err, ErrPasskey) {
				t.Fatalf("%s: %v", junk, err)
			}
		}
		if _, err := s.Disable(ctx, Terminal, eve.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reset(ctx, Terminal, "ana@shop.example", good); err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := enter(phone); !errors.Is(err, ErrPasskey) {
			t.Fatalf("after a reset: %v", err)
		}
	})
}

func TestAtABareAddressThereAreNoPasskeys(t *testing.T) {
	for address, want := range map[string]bool{"https://shop.example": true, "http://localhost:8080": true, "http://127.0.0.1:8080": false, "https://[::1]": false, "": false} {
		if got := newWebAuthn(address, "Shop") != nil; got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
