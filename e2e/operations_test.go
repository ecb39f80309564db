package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"mostrador/models/modelstest"
)

func TestItStartsAndStopsGracefully(t *testing.T) {
	for name, extra := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, extra...)
			p := s.serve()
			if p.shop == "" || p.sandbox == "" || !strings.Contains(p.setup, "/admin/setup?ticket=") {
				t.Fatalf("the terminal says:\n%s", p.out)
			}
			for _, url := range []string{p.shop + "/", p.shop + "/healthz", p.sandbox + "/control", p.setup, p.shop + "/api/openapi.json"} {
				if got := status(url); got != http.StatusOK {
					t.Errorf("%s answers %d", url, got)
				}
			}
			for _, line := range strings.Split(strings.TrimSpace(p.err.String()), "\n") {
				if !json.Valid([]byte(line)) {
					t.Errorf("no JSON in the log: %s", line)
				}
				if strings.Contains(line, strings.Split(p.setup, "=")[1]) {
					t.Errorf("the log holds the set-up ticket: %s", line)
				}
			}
			if code := p.stop(); code != 0 {
				t.Errorf("exit %d\n%s", code, p.err)
			}
			if got := s.serve().stop(); got != 0 { // the same database again
				t.Errorf("exit %d after the second start", got)
			}
		})
	}
}

// databases are both kinds, as what newSite takes.
func databases(t *testing.T) map[string][]string {
	return map[string][]string{"sqlite": nil, "postgres": {"DATABASE__URL", modelstest.EmptyPostgres(t)}}
}

func TestMistakesOfTheCommandLineAndTheConfigurationExitWithTwo(t *testing.T) {
	s := newSite(t)
	for _, args := range [][]string{{"shop"}, {"--nonsense"}, {"serve", "--nonsense"}, {"serve", "now"}, {"migrate"}, {"migrate", "sideways"}, {"admin", "create"}, {"admin", "delete", "--email", "a@b.example"},
		{"admin", "create", "--email", "a@b.example", "--role", "king"}, {"apikey", "create"}, {"explain"}, {"explain", "x"}, {"backup"}, {"restore"}, {"--config"}, {"version", "7"}} {
		if r := s.run("", args...); r.code != 2 || !strings.Contains(r.stderr, "Usage: mostrador") || r.stdout != "" {
			t.Errorf("%v: exit %d, %q, %.80q", args, r.code, r.stdout, r.stderr)
		}
	}
	s.set("SHOP__CURENCY", "USD", "EXCHANGER__POLL__FIRST", "15")
	for _, args := range [][]string{nil, {"serve"}, {"doctor"}, {"migrate", "status"}} {
		r := s.run("", args...).must(t, 2)
		if l := r.lines(); len(l) != 2 || !strings.Contains(r.stderr, "exchanger.poll.first") || !strings.Contains(r.stderr, "shop.curency") {
			t.Errorf("%v says %q", args, r.stderr)
		}
	}
	s = newSite(t)
	s.run("", "serve", "--config", "nowhere.yaml").must(t, 2)
	if r := s.run("", "version").must(t, 0); !strings.HasPrefix(r.stdout, "mostrador ") {
		t.Error(r.stdout)
	}
	if _, err := os.Stat(s.path("data")); err == nil {
		t.Error("a refused command made a database")
	}
}

// refused starts serve, which must end with 1 and one line.
func refused(t *testing.T, s *site, want string) {
	t.Helper()
	r := s.run("", "serve").must(t, 1)
	if l := r.lines(); len(l) != 1 || !strings.Contains(l[0], want) {
		t.Errorf("says %q, want one line about %s", r.stderr, want)
	}
}

func TestASecondInstanceOnOneFileIsRefused(t *testing.T) {
	s := newSite(t)
	p := s.serve()
	other := *s
	other.env = map[string]string{}
	for k, v := range s.env {
		other.env[k] = v
	}
	other.set("SERVER__LISTEN", "127.0.0.1:0", "SANDBOX__LISTEN", "127.0.0.1:0")
	refused(t, &other, "another instance")
	if status(p.shop+"/readyz") != http.StatusOK {
		t.Error("the first instance is disturbed")
	}
}

func TestAnotherKeyIsRefused(t *testing.T) {
	for name, extra := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, extra...)
			s.serve().stop()
			key, err := os.ReadFile(s.path("data/secret.key"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s.path("data/secret.key"), bytes.Repeat([]byte("ab"), 32), 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, s, "key_file")
			if err := os.Remove(s.path("data/secret.key")); err != nil {
				t.Fatal(err)
			}
			refused(t, s, "key_file")
			if _, err := os.Stat(s.path("data/secret.key")); err == nil {
				t.Fatal("a new key was made for a database that has one")
			}
			if err := os.WriteFile(s.path("data/secret.key"), key, 0o600); err != nil {
				t.Fatal(err)
			}
			s.serve()
		})
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	for name, extra := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, extra...)
			s.serve().stop()
			if _, err := s.raw().ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"); err != nil {
				t.Fatal(err)
			}
			refused(t, s, "newer")
		})
	}
}

func TestADatabaseThatCannotBeWrittenIsRefused(t *testing.T) {
	s := newSite(t)
	if err := os.WriteFile(s.path("wall"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.set("DATABASE__URL", "sqlite:"+s.path("wall/shop.db"))
	refused(t, s, "database")

	s = newSite(t, "DATABASE__URL", modelstest.EmptyPostgres(t))
	s.serve().stop()
	s.set("DATABASE__URL", s.env["DATABASE__URL"]+"&default_transaction_read_only=on")
	refused(t, s, "read-only")

	s = newSite(t, "DATABASE__URL", "postgres://shop:very-secret-word@"+freePort(t)+"/shop?sslmode=disable")
	refused(t, s, "database")
	if r := s.run("", "serve"); strings.Contains(r.stderr, "very-secret-word") {
		t.Error("the password of the database is printed")
	}
}

func TestALockedDatabaseIsNotAcknowledged(t *testing.T) {
	s := newSite(t)
	e := newExchanger(t, s)
	p := s.serve()
	b := newPurchase("box/" + e.route("LTC", "USDTTRC20"))
	if ok, err := b.send(p.shop); !ok || err != nil {
		t.Fatal(ok, err)
	}
	orders, _ := e.orders()
	conn, err := s.raw().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	if code := tell(t, &orders[0], "inProgress", time.Now()); code != http.StatusServiceUnavailable {
		t.Errorf("a notification that cannot be stored is answered %d", code)
	}
	if ok, err := newPurchase(b.form.Get("route")).send(p.shop); ok || err != nil {
		t.Errorf("an order that cannot be stored is answered: %v %v", ok, err)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if now, _ := e.orders(); len(now) != 1 {
		t.Errorf("the exchanger was asked for %d orders while nothing could be stored", len(now)-1)
	}
	until(t, "orders are taken again", func() bool { ok, _ := newPurchase(b.form.Get("route")).send(p.shop); return ok })
}

func TestAGracefulStopCutsNoRequest(t *testing.T) {
	s := newSite(t)
	e := newExchanger(t, s)
	p := s.serve()
	route := "box/" + e.route("LTC", "USDTTRC20")
	if ok, err := newPurchase(route).send(p.shop); !ok || err != nil { // rates are known from now on
		t.Fatal(ok, err)
	}
	e.control("faults", url.Values{"slow": {"1500ms"}, "only": {"order/create"}})
	done := make(chan *purchase, 3)
	for range 3 {
		go func() {
			b := newPurchase(route)
			b.send(p.shop) //nolint:errcheck // b.next tells
			done <- b
		}()
	}
	stream, err := http.Get(p.shop + "/healthz") // a connection that is idle when the stop comes
	if err != nil {
		t.Fatal(err)
	}
	stream.Body.Close()
	store := s.open()
	until(t, "three orders are being created", func() bool {
		n := 0
		for _, p := range allPayments(t, store) {
			if p.Phase == "creating" {
				n++
			}
		}
		return n == 3
	})
	began := time.Now()
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d\n%s", code, p.err)
	}
	for range 3 {
		if b := <-done; b.uid == "" {
			t.Errorf("a request under way was cut: sent to %q", b.next)
		}
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

func TestAStreamEndsWithTheShop(t *testing.T) {
	s := newSite(t)
	e := newExchanger(t, s)
	p := s.serve()
	b := newPurchase("box/" + e.route("LTC", "USDTTRC20"))
	if ok, err := b.send(p.shop); !ok || err != nil {
		t.Fatal(ok, err)
	}
	store := s.open()
	o, err := store.OrderByNumber(t.Context(), 1001)
	if err != nil {
		t.Fatal(err)
	}
	token, err := store.OrderToken(o)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.shop+"/orders/"+token+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := (&http.Client{}).Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	defer resp.Body.Close()
	began := time.Now()
	if code := p.stop(); code != 0 || time.Since(began) > 10*time.Second {
		t.Errorf("exit %d after %s\n%s", code, time.Since(began), p.err)
	}
}
