package e2e

import (
	"context"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"mostrador/models/modelstest"
)

// paidOrder buys and pays one order and waits until the shop has it.
func paidOrder(t *testing.T, s *site, e *exchanger, p *process) {
	t.Helper()
	b := newPurchase("box/" + e.route("LTC", "USDTTRC20"))
	if ok, err := b.send(p.shop); !ok || err != nil || b.uid == "" {
		t.Fatal(ok, err, b.next)
	}
	e.control("orders/"+b.uid+"/pay", url.Values{"how": {"full"}})
	store := s.open()
	until(t, "the order is paid", func() bool {
		for _, p := range allPayments(t, store) {
			if p.UID == b.uid && p.SettledAt != nil {
				return true
			}
		}
		return false
	})
}

func TestDoctorFindsAStatusChangedBehindItsBack(t *testing.T) {
	for name, extra := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, extra...)
			e := newExchanger(t, s)
			p := s.serve()
			paidOrder(t, s, e, p)
			if r := s.run("", "doctor").must(t, 0); strings.Contains(r.stdout, "FAIL") || !strings.Contains(r.stdout, "API answers") || !strings.Contains(r.stdout, "payout USDTTRC20") {
				t.Errorf("doctor says:\n%s", r.stdout)
			}
			p.kill() // a pull would put the truth back
			if r := s.run("", "doctor").must(t, 1); strings.Count(r.stdout, "FAIL") != 1 || !strings.Contains(r.stdout, "FAIL  public address") {
				t.Errorf("of a live shop that does not answer doctor says:\n%s", r.stdout)
			}
			var uid string
			if err := s.raw().QueryRowContext(t.Context(), "UPDATE payments SET status = 'returned' RETURNING uid").Scan(&uid); err != nil {
				t.Fatal(err)
			}
			r := s.run("", "doctor").must(t, 1)
			for _, want := range []string{"FAIL", "order 1001", "uid " + uid, "column status", `"returned"`, `"done"`} {
				if !strings.Contains(r.stdout, want) {
					t.Errorf("doctor does not name %q:\n%s", want, r.stdout)
				}
			}
		})
	}
}

func TestDoctorOfASandboxShopThatDoesNotRun(t *testing.T) {
	s := newSite(t)
	if r := s.run("", "doctor").must(t, 1); !strings.Contains(r.stdout, "no database yet") {
		t.Error(r.stdout)
	}
	s.serve().stop()
	if r := s.run("", "doctor").must(t, 0); !strings.Contains(r.stdout, "not running") {
		t.Error(r.stdout)
	}
}

func TestExplainSaysWhyInTheLanguageOfTheTerminal(t *testing.T) {
	s := newSite(t)
	e := newExchanger(t, s)
	p := s.serve()
	paidOrder(t, s, e, p)
	if r := s.run("", "explain", "1001").must(t, 0); !strings.Contains(r.stdout, "paid") || !strings.Contains(r.stdout, "Evidence") || !strings.Contains(r.stdout, "127.0.0.1 answered: done") && !strings.Contains(r.stdout, "notified, signed: done") {
		t.Errorf("explain says:\n%s", r.stdout)
	}
	for lang, want := range map[string]string{"es_ES.UTF-8": "Pruebas", "ru_RU.UTF-8": "Основания", "C": "Evidence", "de_DE.UTF-8": "Evidence"} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		cmd := s.command(ctx, "explain", "1001")
		cmd.Env = append(cmd.Env, "LANG="+lang)
		out, err := cmd.Output()
		cancel()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v\n%s", lang, err, out)
		}
	}
	if r := s.run("", "explain", "99").must(t, 1); len(r.lines()) != 1 {
		t.Error(r.stderr)
	}
}

func TestABackupMadeWhileRunningRestores(t *testing.T) {
	s := newSite(t)
	e := newExchanger(t, s)
	p := s.serve()
	paidOrder(t, s, e, p)
	stop, w := make(chan struct{}), &till{t: t, shop: s, exch: e, route: "box/" + e.route("LTC", "USDTTRC20")}
	wg := w.load(p.shop, stop)
	r := s.run("", "backup", "copy.db").must(t, 0)
	close(stop)
	wg.Wait()
	if !strings.Contains(r.stdout, "key file") {
		t.Errorf("backup does not speak of the key file: %s", r.stdout)
	}
	info, err := os.Stat(s.path("copy.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the copy is %v, %v", info.Mode(), err)
	}
	before, err := os.ReadFile(s.path("copy.db"))
	if err != nil {
		t.Fatal(err)
	}
	s.run("", "backup", "copy.db").must(t, 1)
	s.run("", "restore", "copy.db").must(t, 1) // the shop runs
	paidOrder(t, s, e, p)
	p.stop()
	s.run("", "restore", "copy.db").must(t, 0)
	if after, err := os.ReadFile(s.path("copy.db")); err != nil || string(after) != string(before) {
		t.Error("restoring changed the backup")
	}
	if _, err := os.Stat(s.path("data/mostrador.db.before-restore")); err != nil {
		t.Error("the database before is not kept")
	}
	p = s.serve()
	s.run("", "doctor").must(t, 0)
	paidOrder(t, s, e, p)
}

func TestRestoreLooksBeforeItTouches(t *testing.T) {
	s := newSite(t)
	s.serve().stop()
	s.run("", "backup", "good.db").must(t, 0)
	good, err := os.ReadFile(s.path("good.db"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := append([]byte(nil), good...)
	for i := len(damaged) / 3; i < len(damaged)*2/3; i++ {
		damaged[i] ^= 0x5a
	}
	other := newSite(t)
	other.serve().stop()
	other.run("", "backup", s.path("other.db")).must(t, 0)
	newer := newSite(t)
	newer.serve().stop()
	if _, err := newer.raw().ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	raw := newer.raw()
	if _, err := raw.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(newer.path("data/mostrador.db"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"damaged.db": damaged, "text.db": []byte("no database"), "empty.db": nil, "cut.db": good[:len(good)/2], "newer.db": copied} {
		if err := os.WriteFile(s.path(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	was, err := os.ReadFile(s.path("data/mostrador.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"damaged.db", "text.db", "empty.db", "cut.db", "newer.db", "other.db", "missing.db", "data"} {
		if r := s.run("", "restore", name).must(t, 1); len(r.lines()) != 1 {
			t.Errorf("%s: %q", name, r.stderr)
		}
		if now, err := os.ReadFile(s.path("data/mostrador.db")); err != nil || string(now) != string(was) {
			t.Fatalf("%s changed the database", name)
		}
	}
	left, err := fs.Glob(os.DirFS(s.path("data")), "*restoring*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	s.run("", "restore", "good.db").must(t, 0)
}

func TestPostgreSQLHasItsOwnTools(t *testing.T) {
	s := newSite(t, "DATABASE__URL", modelstest.Postgres(t))
	for _, args := range [][]string{{"backup", "x.db"}, {"restore", "x.db"}} {
		if r := s.run("", args...).must(t, 1); !strings.Contains(r.stderr, "pg_dump") {
			t.Error(r.stderr)
		}
	}
}

func TestPeopleAndKeysAreMadeAtTheTerminal(t *testing.T) {
	s := newSite(t)
	s.run("a long password\n", "admin", "create", "--email", "Owner@Shop.example").must(t, 0)
	s.run("a long password\n", "admin", "create", "--email", "owner@shop.example").must(t, 1)
	s.run("short\n", "admin", "create", "--email", "b@shop.example").must(t, 1)
	s.run("", "admin", "create", "--email", "b@shop.example").must(t, 1)
	s.run("another password", "admin", "reset", "--email", "owner@shop.example").must(t, 0)
	s.run("another password", "admin", "reset", "--email", "nobody@shop.example").must(t, 1)
	r := s.run("", "apikey", "create", "--name", "till", "--scopes", "orders:read").must(t, 0)
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	if key := lines[len(lines)-1]; !strings.HasPrefix(key, "msk_") || strings.ContainsAny(key, " \t") {
		t.Errorf("the last line is %q", key)
	}
	s.run("", "apikey", "create", "--name", "till", "--scopes", "everything").must(t, 1)
	p := s.serve()
	if p.setup != "" {
		t.Error("a set-up address although there is an owner")
	}
}

func TestMigrations(t *testing.T) {
	for name, extra := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, extra...)
			if r := s.run("", "migrate", "status").must(t, 0); strings.Contains("\n"+r.stdout, "\napplied") || !strings.HasPrefix(r.stdout, "pending") {
				t.Errorf("status of a new database:\n%s", r.stdout)
			}
			if r := s.run("", "migrate", "up").must(t, 0); strings.Contains("\n"+r.stdout, "\npending") || !strings.HasPrefix(r.stdout, "applied") {
				t.Errorf("after up:\n%s", r.stdout)
			}
			s.run("", "migrate", "up").must(t, 0)
			if r := s.run("", "migrate", "down").must(t, 0); strings.Count("\n"+r.stdout, "\npending") == 0 { // the last step
				t.Errorf("after down:\n%s", r.stdout)
			}
			s.serve()
		})
	}
}

// BenchmarkStart measures from the start of the process to ready, with an existing database; under half a second is the aim.
func BenchmarkStart(b *testing.B) {
	s := newSite(b)
	s.serve().stop()
	for b.Loop() {
		began := time.Now()
		p := s.serve()
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-to-ready")
		b.StopTimer()
		if code := p.stop(); code != 0 {
			b.Fatal("exit " + strconv.Itoa(code))
		}
		b.StartTimer()
	}
}
