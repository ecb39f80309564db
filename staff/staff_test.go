package staff

import (
	"context"
	"encoding/base32"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"

	"mostrador/models"
	"mostrador/models/modelstest"
)

const good = "correct horse battery"

// each runs f with a service on both databases, whose clock f may move.
func each(t *testing.T, f func(t *testing.T, s *Service, move func(time.Duration))) {
	t.Helper()
	run := func(name, address string) {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
			now := func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
			move := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); at = at.Add(d) }
			f(t, New(modelstest.Open(t, address, now), Options{}), move)
		})
	}
	run("sqlite", modelstest.SQLite(t))
	run("postgres", modelstest.Postgres(t))
}

func TestAPasswordMatchesItselfAlone(t *testing.T) {
	kept := hashPassword(good)
	if !strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("kept as %s", kept)
	}
	if strings.Contains(kept, good) || kept == hashPassword(good) {
		t.Error("the password can be read, or two hashes are the same")
	}
	for password, want := range map[string]bool{good: true, good + " ": false, "": false, strings.ToUpper(good): false} {
		if matches(kept, password) != want {
			t.Errorf("%q: want %v", password, want)
		}
	}
	for _, broken := range []string{"", "$", "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2i$v=19$m=1,t=1,p=1$YQ$YQ", "$argon2id$v=19$m=99999999,t=2,p=1$YQ$YQ", "plain"} {
		if matches(broken, good) || matches(broken, "") {
			t.Errorf("%q matches", broken)
		}
	}
}

func FuzzMatches(f *testing.F) {
	f.Add(hashPassword(good), good)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$YWFhYWFhYWE$YWFhYQ", "")
	f.Fuzz(func(t *testing.T, kept, password string) {
		if len(kept) > 0 && strings.Contains(kept, "m=1") { // keeps the fuzzer from spending its time on memory
			return
		}
		matches(kept, password)
	})
}

func TestAWaitOnlyGrowsAndHasAnEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]scale{perPlace, perNetwork, perAccount, perSecond}).Draw(t, "scale")
		n := rapid.IntRange(0, 10_000).Draw(t, "n")
		w, next := s.wait(n), s.wait(n+1)
		if w < 0 || next < w || next > s.most || (n <= s.free) != (w == 0) {
			t.Fatalf("after %d: %s, after %d: %s", n, w, n+1, next)
		}
	})
}

func TestNetworks(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.7": "203.0.113.0", "203.0.113.250": "203.0.113.0", "::ffff:203.0.113.7": "203.0.113.0", "127.0.0.1": "127.0.0.1", "127.0.0.2": "127.0.0.2", "::1": "::1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1::", "2001:db8:1:ff::1": "2001:db8:1::", "2001:db8:1:100::1": "2001:db8:1:100::", "fe80::1%eth0": "fe80::", "": "", "nonsense": "nonsense",
	} {
		if got := networkOf(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestAStepIsUsedOnceAndNeverAnEarlierOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "secret"))
		now := time.Unix(rapid.Int64Range(1_700_000_000, 2_000_000_000).Draw(t, "now"), 0)
		off := rapid.IntRange(-4, 4).Draw(t, "off")
		code, err := totp.GenerateCode(secret, now.Add(time.Duration(off)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		step, ok := stepOf(secret, code, now, 0)
		if near := off >= -1 && off <= 1; near && !ok {
			t.Fatalf("the code of %d steps away is refused", off)
		} else if !near && ok && step == now.Unix()/30+int64(off) {
			t.Fatalf("the code of %d steps away is taken", off)
		}
		if again, ok2 := stepOf(secret, code, now, step); ok && ok2 && again <= step {
			t.Fatal("a code is taken twice")
		}
	})
}

func TestAThousandGuessesAtOnceAreCountedBeforeTheyAreChecked(t *testing.T) {
	each(t, func(t *testing.T, s *Service, _ func(time.Duration)) {
		ctx := context.Background()
		if _, err := s.Create(ctx, Terminal, "ana@shop.example", Owner, good); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		checked := 0
		for range 30 {
			wg.Go(func() {
				_, err := s.SignIn(ctx, "ana@shop.example", "wrong wrong wrong", "203.0.113.9")
				if errors.Is(err, ErrWrong) {
					mu.Lock()
					checked++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if checked > perPlace.free+1 {
			t.Fatalf("%d guesses at once were checked", checked)
		}
		if _, err := s.SignIn(ctx, "ana@shop.example", good, "198.51.100.1"); err != nil {
			t.Fatalf("the person elsewhere: %v", err)
		}
	})
}

func TestStrangersEverywhereDoNotLockAPersonOut(t *testing.T) {
	each(t, func(t *testing.T, s *Service, move func(time.Duration)) {
		ctx := context.Background()
		if _, err := s.Create(ctx, Terminal, "ana@shop.example", Owner, good); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SignIn(ctx, "ana@shop.example", good, "198.51.100.1"); err != nil {
			t.Fatal(err)
		}
		for i := range 80 {
			if err := s.reserve(ctx, placeOf("ana@shop.example", "10."+string(rune('0'+i%10))+"."+string(rune('0'+i/10))+".1")); err != nil {
				move(2 * time.Second)
			}
		}
		if _, err := s.SignIn(ctx, "ana@shop.example", good, "198.51.100.200"); err != nil {
			t.Fatalf("from a network that is known: %v", err)
		}
		var soon *TooSoon
		if _, err := s.SignIn(ctx, "ana@shop.example", good, "192.0.2.77"); errors.As(err, &soon) {
			if soon.Wait > 2*time.Second {
				t.Fatalf("from anywhere the wait is %s", soon.Wait)
			}
			move(soon.Wait)
			_, err = s.SignIn(ctx, "ana@shop.example", good, "192.0.2.77")
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAResetLetsInAndTakesTheSecondFactorOff(t *testing.T) {
	each(t, func(t *testing.T, s *Service, _ func(time.Duration)) {
		ctx := context.Background()
		if _, err := s.Create(ctx, Terminal, "ana@shop.example", Owner, "short"); !errors.Is(err, ErrWeak) {
			t.Fatalf("a short password: %v", err)
		}
		if _, err := s.Create(ctx, Terminal, "ana@shop.example", "king", good); !errors.Is(err, ErrRole) {
			t.Fatalf("an unknown role: %v", err)
		}
		if _, err := s.Create(ctx, Terminal, "ana@shop.example", Owner, good); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Create(ctx, Terminal, "ANA@shop.example", Viewer, good); !errors.Is(err, ErrTaken) {
			t.Fatalf("the same address: %v", err)
		}
		if _, err := s.Reset(ctx, Terminal, "eve@shop.example", good); !errors.Is(err, ErrUnknown) {
			t.Fatalf("nobody: %v", err)
		}
		if _, err := s.Reset(ctx, Terminal, "Ana@shop.example", "another long password"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SignIn(ctx, "ana@shop.example", good, "192.0.2.1"); !errors.Is(err, ErrWrong) {
			t.Fatalf("the old password: %v", err)
		}
		if _, err := s.SignIn(ctx, "ana@shop.example", "another long password", "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		list, err := s.store.Log(ctx, models.LogFilter{Subject: "ana@shop.example", Limit: 10})
		if err != nil || len(list) != 3 || list[1].Action != "staff.reset" || list[1].Who != "terminal" {
			t.Fatalf("log %+v, %v", list, err)
		}
	})
}

func TestTheSetUpAddressMakesOneOwnerHoweverManyTryAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Service, move func(time.Duration)) {
		ctx := context.Background()
		over, err := s.SetupTicket(ctx)
		if err != nil {
			t.Fatal(err)
		}
		move(25 * time.Hour)
		if err := s.SetupOpen(ctx, over); !errors.Is(err, ErrTicket) {
			t.Fatalf("after a day: %v", err)
		}
		ticket, err := s.SetupTicket(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		made := 0
		for i := range 6 {
			wg.Go(func() {
				if _, err := s.Setup(ctx, ticket, "ana"+string(rune('0'+i))+"@shop.example", good, ""); err == nil {
					mu.Lock()
					made++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if list, err := s.store.StaffList(ctx); err != nil || made != 1 || len(list) != 1 || list[0].Role != "owner" {
			t.Fatalf("%d made, %+v, %v", made, list, err)
		}
	})
}

func TestOverHTTPSTheCookieIsTiedToItsHost(t *testing.T) {
	store := modelstest.Open(t, modelstest.SQLite(t), nil)
	for address, want := range map[string]string{"https://shop.example": "__Host-mostrador_desk", "http://localhost:8080": "mostrador_desk"} {
		s := New(store, Options{PublicURL: address})
		p, err := s.Create(context.Background(), Terminal, want+"@shop.example", Owner, good)
		if err != nil {
			t.Fatal(err)
		}
		w, r := httptest.NewRecorder(), httptest.NewRequest("POST", address+"/admin/login", nil)
		if err := s.Enter(w, r, p); err != nil {
			t.Fatal(err)
		}
		cookies := w.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%d cookies", len(cookies))
		}
		c := cookies[0]
		if c.Name != want || !c.HttpOnly || c.Secure != strings.HasPrefix(address, "https") || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || len(c.Value) < 26 {
			t.Errorf("%s: %+v", address, c)
		}
		if _, err := store.SessionByID(context.Background(), models.Digest(c.Value), time.Now()); err == nil {
			t.Error("the database holds the cookie's value itself")
		}
	}
}

func TestTheLogCannotBeChanged(t *testing.T) {
	each(t, func(t *testing.T, s *Service, _ func(time.Duration)) {
		ctx := context.Background()
		if err := s.Log(ctx, Who{Name: "key till"}, "order.accept", "1042", map[string]any{"amount": "63.01"}); err != nil {
			t.Fatal(err)
		}
		list, err := s.store.Log(ctx, models.LogFilter{Limit: 5})
		if err != nil || len(list) != 1 || list[0].DetailMap()["amount"] != "63.01" {
			t.Fatalf("%+v, %v", list, err)
		}
	})
}

func TestSweepLeavesWhatStillCounts(t *testing.T) {
	each(t, func(t *testing.T, s *Service, move func(time.Duration)) {
		ctx := context.Background()
		p, err := s.Create(ctx, Terminal, "ana@shop.example", Owner, good)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Enter(httptest.NewRecorder(), httptest.NewRequest("POST", "/admin/login", nil), p); err != nil {
				t.Fatal(err)
			}
			move(8 * time.Hour)
		}
		if err := s.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		list, err := s.SessionList(ctx, p.ID)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d sessions, %v", len(list), err)
		}
	})
}
